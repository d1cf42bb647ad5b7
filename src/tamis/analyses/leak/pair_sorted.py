"""Of what differs between two copies: what counts, and what transport does as well as a hand.

Shared by the copies (leaked beside leaked) and the reference stage (leaked beside original). In
both the first copy is `original_id`, whose word stands; only what counts is held against the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.pair_fields import JUDGED
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

# The addresses of the mailboxes that a copy lies in, or was delivered to.
OWN = Query(
    "own",
    """
    SELECT DISTINCT item_id, address FROM (
        SELECT item_id, address FROM delivered
        UNION ALL
        SELECT member.item_id, mailbox_profile.holder_address
        FROM member JOIN mailbox_profile ON mailbox_profile.mailbox_id = member.mailbox_id
            AND mailbox_profile.kind = member.kind
        WHERE mailbox_profile.holder_address IS NOT NULL)
    """,
)
IS_OWN = """EXISTS (SELECT 1 FROM own WHERE own.item_id = counted.item_id
    AND list_contains(list_concat(leak_receivers, leak_copied), own.address))"""
# SHA-256 of no bytes, as far as `files` shows it.
_EMPTY_FILE = "e3b0c44298fc1c14"
_SORTED = r"""
    SELECT *,
        -- Within a text a hand writes. Between a page and a plain text, after a store or a list,
        -- or where a body has several texts with an end each, only words for other words count.
        CASE WHEN from_store OR is_other_face OR is_split OR has_list THEN ['replaced']
            ELSE ['replaced', 'inserted', 'removed', 'link_replaced'] END AS counting,
        -- An empty file stands for one that was taken out.
        [one FOR one IN string_split(leak_files, ' ') IF one NOT IN ('', $empty_file)] AS files_b,
        [one FOR one IN string_split(original_files, ' ') IF one NOT IN ('', $empty_file)]
            AS files_a,
        NOT is_leak_received OR NOT is_original_received AS is_sent_copy,
        -- Addresses of a directory (X.500) and what stands for them: nobody outside can compare.
        [one FOR one IN list_concat(leak_receivers, leak_copied) IF one <> '']
            AS people_b,
        [one FOR one IN list_concat(original_receivers, original_copied) IF one <> '']
            AS people_a,
        [one FOR one IN people_b IF contains(one, '@') AND NOT starts_with(one, 'imceaex-')]
            AS public_b,
        [one FOR one IN people_a IF contains(one, '@') AND NOT starts_with(one, 'imceaex-')]
            AS public_a,
        split_part(leak_sender, '@', -1) AS domain_b,
        split_part(original_sender, '@', -1) AS domain_a,
        abs(date_diff('second', leak_sent_at, original_sent_at)) AS seconds_apart,
        regexp_replace(lower(leak_subject), '^((re|aw|sv|fw|fwd|tr|wg|rv|i) ?: ?)+', '') AS topic_b,
        regexp_replace(lower(original_subject), '^((re|aw|sv|fw|fwd|tr|wg|rv|i) ?: ?)+', '')
            AS topic_a
    FROM judged
"""
_TOLD = r"""
    SELECT *,
        CASE WHEN NOT list_contains(all_differing, 'text') THEN ''
            WHEN text_kinds IS NULL THEN 'undecided'
            WHEN len(text_kinds) = 0 THEN 'uncounted'
            WHEN list_has_any(text_kinds, counting) THEN 'differing' ELSE 'undecided' END
            AS on_text,
        CASE WHEN NOT list_has_any(all_differing, ['html', 'links']) THEN ''
            WHEN face_kinds IS NULL THEN 'undecided'
            WHEN list_contains(all_differing, 'links')
            THEN CASE WHEN list_contains(face_kinds, 'link_replaced') THEN 'differing'
                WHEN len(face_kinds) = 0 THEN 'uncounted' ELSE 'undecided' END
            WHEN len(face_kinds) = 0 THEN 'uncounted'
            WHEN list_has_any(face_kinds, counting) THEN 'differing' ELSE 'undecided' END
            AS on_page,
        CASE WHEN NOT list_contains(all_differing, 'from') THEN ''
            WHEN is_list OR leak_sender IS NULL OR original_sender IS NULL OR is_forwarder
                OR NOT contains(leak_sender, '@') OR NOT contains(original_sender, '@')
                OR (split_part(leak_sender, '@', 1) = split_part(original_sender, '@', 1)
                    AND (is_sent_copy OR from_store
                        -- Houses show one outer name for many inner ones.
                        OR ends_with(domain_a, '.' || domain_b)
                        OR ends_with(domain_b, '.' || domain_a)
                        OR regexp_matches(domain_a, $inner_name)
                        OR regexp_matches(domain_b, $inner_name)))
            THEN 'undecided' ELSE 'differing' END AS on_from,
        CASE WHEN NOT list_has_any(all_differing, ['to', 'cc']) THEN ''
            WHEN ((len(public_b) < len(people_b) OR len(public_a) < len(people_a))
                    AND len(people_a) = len(people_b)
                    AND (list_has_all(people_a, public_b) OR list_has_all(people_b, public_a)))
                OR (from_store AND (len(public_b) < len(people_b)
                    OR len(public_a) < len(people_a)))
                OR len(people_a) = 0 OR len(people_b) = 0
                OR ((is_sent_copy OR from_store) AND (is_to AND (leak_receivers = ['']
                    OR original_receivers = ['']) OR is_cc AND (leak_copied = ['']
                    OR original_copied = [''])))
                OR list_sort(list_distinct([split_part(one, '@', 1)
                    FOR one IN list_concat(leak_receivers, leak_copied)]))
                    = list_sort(list_distinct([split_part(one, '@', 1)
                    FOR one IN list_concat(original_receivers, original_copied)]))
            THEN 'undecided' ELSE 'differing' END AS on_people,
        CASE WHEN NOT list_contains(all_differing, 'subject') THEN ''
            WHEN replace(leak_subject, ' ', '') = replace(original_subject, ' ', '')
            THEN 'uncounted'
            WHEN topic_a = topic_b OR is_list
                OR regexp_replace(topic_b, '^([\[\(\{*<]+[^\]\)\}>*]{1,40}[\]\)\}>*]+:? ?)+', '')
                    = topic_a
                OR regexp_replace(topic_a, '^([\[\(\{*<]+[^\]\)\}>*]{1,40}[\]\)\}>*]+:? ?)+', '')
                    = topic_b
                OR (length(topic_a) >= 60 AND starts_with(topic_b, topic_a))
                OR (length(topic_b) >= 60 AND starts_with(topic_a, topic_b))
                OR (length(regexp_replace(topic_b, '[^a-z0-9]', '', 'g')) * 2 > length(topic_b)
                    AND regexp_replace(topic_a, '[^a-z0-9]', '', 'g')
                        = regexp_replace(topic_b, '[^a-z0-9]', '', 'g'))
            THEN 'undecided' ELSE 'differing' END AS on_subject,
        CASE WHEN NOT list_contains(all_differing, 'date') THEN ''
            WHEN is_list OR leak_sent_at IS NULL OR original_sent_at IS NULL
                OR ((is_sent_copy OR from_store) AND seconds_apart <= 300)
                OR (from_store AND seconds_apart <= 50400 AND seconds_apart % 900 <= 60)
            THEN 'undecided' ELSE 'differing' END AS on_date,
        CASE WHEN NOT list_contains(all_differing, 'attachments') THEN ''
            -- Sent folders, lists, gateways and people take attachments out, and leave a notice;
            -- lists and stores rebuild them; a message attached again loses fields.
            WHEN is_same_list OR is_list THEN 'undecided'
            WHEN file_kinds IS NOT NULL
            THEN CASE WHEN list_has_any(file_kinds, ['swapped', 'edited'])
                    -- What only this copy has was added here or, before the other one was signed
                    -- or handed in, taken out there.
                    OR (list_contains(file_kinds, 'added') AND is_leak_received
                        AND NOT is_original_given) THEN 'differing' ELSE 'undecided' END
            WHEN len(files_a) >= 20 OR len(files_b) >= 20
                OR len([one FOR one IN files_b IF NOT list_contains(files_a, one)]) = 0
                OR contains(original_files, $empty_file)
                OR len([one FOR one IN files_a IF NOT list_contains(files_b, one)]) = 0
                OR NOT (are_fixed AND len(files_a) = len(files_b))
            THEN 'undecided' ELSE 'differing' END AS on_files
    FROM sorted_pair
"""
_PUT = """
    SELECT *, ['display name of the sender', 'names of attached files',
            'words joined or parted'] AS open_kinds,
        [one FOR one IN all_differing IF (CASE one WHEN 'text' THEN on_text WHEN 'from' THEN on_from
            WHEN 'to' THEN on_people WHEN 'cc' THEN on_people WHEN 'subject' THEN on_subject
            WHEN 'date' THEN on_date WHEN 'attachments' THEN on_files ELSE on_page END)
            = 'differing'] AS put,
        [one FOR one IN all_differing IF (CASE one WHEN 'text' THEN on_text WHEN 'from' THEN on_from
            WHEN 'to' THEN on_people WHEN 'cc' THEN on_people WHEN 'subject' THEN on_subject
            WHEN 'date' THEN on_date WHEN 'attachments' THEN on_files ELSE on_page END)
            = 'undecided'] AS loose,
        [one || ', by spacing and signs alone' FOR one IN all_differing IF (CASE one
            WHEN 'text' THEN on_text WHEN 'subject' THEN on_subject WHEN 'html' THEN on_page
            WHEN 'links' THEN on_page ELSE '' END) = 'uncounted'] AS free
    FROM told_pair
"""
_LISTED = """
    SELECT *,
        is_partial OR is_original_partial OR is_draft AS is_unfit,
        CASE WHEN is_unfit THEN CAST([] AS VARCHAR[]) ELSE put END AS differing_b,
        (NOT is_same_signature AND (is_other_recipient OR (is_to AND NOT is_list
                AND is_own AND is_leak_received AND is_original_received)))
            OR len([one FOR one IN differing_b IF one IN ('date', 'subject', 'from')]) > 1
            OR (list_contains(differing_b, 'date')
                AND list_has_any(all_differing, ['text', 'html', 'attachments']))
            OR (list_contains(coalesce(text_kinds, CAST([] AS VARCHAR[])), 'unlike')
                AND list_has_any(differing_b, ['date', 'subject', 'from', 'to', 'cc']))
            AS is_other,
        list_sort(list_concat(loose, CASE WHEN is_unfit THEN put
            ELSE CAST([] AS VARCHAR[]) END, [one FOR one IN all_uncounted
            IF list_contains(open_kinds, one)])) AS undecided_b,
        list_sort(list_distinct(list_concat([one FOR one IN all_uncounted
            IF NOT list_contains(open_kinds, one)], free))) AS uncounted_b
    FROM put_pair
"""
SORTED_PARAMS: Mapping[str, Any] = {
    "empty_file": _EMPTY_FILE,
    # Names that no public zone holds.
    "inner_name": r"^[^.]*$|\.(local|localdomain|lan|intern|internal|intranet|intra|corp|private)$",
}
# From `chosen` and `compared` to `listed`: differing_b (it counts), undecided_b, uncounted_b, and
# is_other: another message, or another recipient's, under the same Message-ID.
SORTED = (
    ("judged", JUDGED),
    ("sorted_pair", _SORTED),
    ("told_pair", _TOLD),
    ("put_pair", _PUT),
    ("listed", _LISTED),
)
