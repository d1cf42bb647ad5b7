"""The last steps to `copy_pair`: what counts, what transport may have done, and what it bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.leak.pair_fields import JUDGED
from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house, owns_id
from tamis.plan import Query

if TYPE_CHECKING:
    from tamis.plan import Step

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
            WHEN is_list OR leak_sender IS NULL OR original_sender IS NULL
                OR ((is_sent_copy OR from_store)
                    AND split_part(leak_sender, '@', 1) = split_part(original_sender, '@', 1))
            THEN 'undecided' ELSE 'differing' END AS on_from,
        CASE WHEN NOT list_has_any(all_differing, ['to', 'cc']) THEN ''
            WHEN (from_store AND len([one FOR one IN list_concat(leak_receivers,
                    original_receivers, leak_copied, original_copied)
                    IF NOT contains(one, '@')]) > 0)
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
            -- Sent folders, lists, gateways and people take attachments out; lists and stores
            -- rebuild them; a message attached again loses fields.
            WHEN is_same_list OR is_list OR len(files_a) >= 20 OR len(files_b) >= 20
                OR len([one FOR one IN files_b IF NOT list_contains(files_a, one)]) = 0
                OR contains(original_files, $empty_file) OR (NOT is_a_verified
                    AND len([one FOR one IN files_a IF NOT list_contains(files_b, one)]) = 0)
                OR (from_store AND NOT (are_fixed AND len(files_a) = len(files_b)))
            THEN 'undecided' ELSE 'differing' END AS on_files
    FROM sorted_pair
"""
_LISTED = """
    SELECT *,
        CASE WHEN is_partial OR is_original_partial THEN CAST([] AS VARCHAR[]) ELSE put END
            AS differing_b,
        list_sort(list_concat(loose, CASE WHEN is_partial OR is_original_partial THEN put
            ELSE CAST([] AS VARCHAR[]) END, [one FOR one IN all_uncounted
            IF list_contains(open_kinds, one)])) AS undecided_b,
        list_sort(list_distinct(list_concat([one FOR one IN all_uncounted
            IF NOT list_contains(open_kinds, one)], free))) AS uncounted_b
    FROM (SELECT *, ['display name of the sender', 'names of attached files',
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
        FROM told_pair)
"""
# One Message-ID for several messages is common: broken mailers, and mailings with a copy for each.
_OUTCOME = """
    SELECT *,
        CASE WHEN basis = 'near_copy' THEN 'undecided'
            WHEN (NOT is_same_signature AND (is_other_recipient OR (is_to AND NOT is_list
                    AND is_own AND is_leak_received AND is_original_received)))
                OR len([one FOR one IN differing_b IF one IN ('date', 'subject', 'from')]) > 1
                OR (list_contains(differing_b, 'date')
                    AND list_has_any(all_differing, ['text', 'html', 'attachments']))
                OR (list_contains(coalesce(text_kinds, CAST([] AS VARCHAR[])), 'unlike')
                    AND list_has_any(differing_b, ['date', 'subject', 'from', 'to', 'cc']))
            THEN 'other_message'
            WHEN len(differing_b) > 0 THEN 'differs'
            WHEN trouble IS NOT NULL THEN 'not_compared'
            WHEN len(undecided_b) > 0 THEN 'undecided'
            WHEN NOT is_a_verified AND (has_faces OR has_inner) THEN 'not_compared'
            ELSE 'agrees' END AS outcome
    FROM listed
"""
# Anybody can sign a message under another one's Message-ID: a copy with another sender is a witness
# only in the house that made the id, or in the sender's own.
_BORNE = f"""
    SELECT *, CASE WHEN NOT is_a_verified OR basis = 'near_copy' THEN 'none'
        WHEN outcome = 'agrees' AND NOT is_b_verified THEN 'supports'
        WHEN outcome = 'differs' AND NOT is_b_settled
            AND ({is_same_house("original_sender", "leak_sender")}
                OR {owns_id("original_sender", "message_id")})
            AND (basis = 'same_message_id'
            OR (is_unnamed AND NOT is_leak_received AND NOT is_bulk)) THEN 'contradicts'
        ELSE 'none' END AS bearing
    FROM outcome_pair
"""  # noqa: S608 (names of columns of this program)
_BEST = """
    SELECT * FROM borne WHERE basis <> 'near_copy' QUALIFY row_number() OVER (
        PARTITION BY item_id ORDER BY bearing = 'supports' DESC, basis = 'same_fields',
            NOT is_a_verified, bearing = 'contradicts', outcome = 'other_message',
            len(differing_b), len(undecided_b), len(uncounted_b), original_id) = 1
    UNION ALL BY NAME
    SELECT * FROM borne WHERE basis = 'near_copy'
        AND coalesce(similarity, CASE WHEN is_text THEN 0 ELSE 1 END) >= $near_similarity
"""
_DETAIL = """
    SELECT original_id AS item_a, item_id AS item_b, basis AS relation,
        CASE basis WHEN 'same_message_id' THEN 'both have the same Message-ID'
            WHEN 'same_fields' THEN 'one has no Message-ID; sender, date and subject agree'
            ELSE 'great parts of their texts agree' END AS basis,
        is_a_verified, is_b_verified, is_other_mailbox, outcome, bearing,
        differing_b AS differing, undecided_b AS undecided, uncounted_b AS uncounted, similarity,
        CASE WHEN len(differing_b) + len(undecided_b) > 0 THEN changes END AS changes, is_cut,
        CASE WHEN basis = 'near_copy'
            THEN 'Texts alike in great part are templates, mailings or forwards as often as '
                || 'copies: nothing follows from it.'
            WHEN outcome = 'other_message'
            THEN 'Another message under the same Message-ID, or another recipient''s copy of a '
                || 'mailing: it is not held against this one.'
            WHEN outcome = 'differs'
            THEN 'It differs from ' || CASE WHEN is_a_verified THEN 'a copy that its own signature '
                || 'verifies' ELSE 'another copy, and neither is verified' END || ' in: '
                || array_to_string(differing_b, ', ') || '. Who changed it, and why, is unknown.'
            WHEN outcome = 'not_compared'
            THEN 'What was compared agrees; the rest was not: '
                || coalesce(trouble, 'neither is verified, so pages and files were left out')
                || '.'
            WHEN outcome = 'undecided'
            THEN 'What differs may come from lists, gateways, Sent folders or mail stores as well '
                || 'as from a hand: ' || array_to_string(undecided_b, ', ') || '.'
            ELSE 'From, the addresses in To and Cc, Subject, Date, text and attachments agree'
                || CASE WHEN is_a_verified THEN ' with a copy that its own signature verifies'
                    ELSE '; neither copy is verified' END
                || CASE WHEN is_other_mailbox THEN ', in another mailbox.' ELSE '.' END
            END AS detail
    FROM best_pair
"""
_OVER = """
    SELECT brought.original_id, brought.item_id, brought.basis,
        'they share one Message-ID with too many others',
        coalesce(two.is_verified, false), coalesce(one.is_verified, false),
        CAST(NULL AS BOOLEAN), 'not_compared', 'none', CAST([] AS VARCHAR[]),
        CAST([] AS VARCHAR[]), CAST([] AS VARCHAR[]), CAST(NULL AS DOUBLE),
        CAST(NULL AS VARCHAR), false,
        'More than ' || $most_copies || ' messages share the Message-ID; this one was not compared.'
    FROM (SELECT * FROM brought WHERE is_over
        QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY original_id) = 1) AS brought
        JOIN graded AS one ON one.item_id = brought.item_id
        JOIN graded AS two ON two.item_id = brought.original_id
"""
_COPY_PAIR = """
    SELECT *, $run_id AS run_id, $analysis_version AS analysis_version
    FROM (SELECT * FROM detailed UNION ALL SELECT * FROM over_limit)
"""


def match_steps() -> tuple[Step, ...]:
    """The steps from the pairs and what the cell says of them (`compared`) to `copy_pair`.

    Output    copy_pair: one row for each copy beside the one that stands as original, and the
              near copies
    Limits    words added or cut at the ends of a text, attachments that one copy lacks, a subject
              tag, addresses as stores rewrite them, another To in a mailbox of that address:
              never said to differ, though a hand could do the same
    """
    return tuple(
        Query(name, sql, {"empty_file": _EMPTY_FILE, **WITNESS_PARAMS})
        for name, sql in (
            ("judged", JUDGED),
            ("sorted_pair", _SORTED),
            ("told_pair", _TOLD),
            ("listed", _LISTED),
            ("outcome_pair", _OUTCOME),
            ("borne", _BORNE),
            ("best_pair", _BEST),
            ("detailed", _DETAIL),
            ("over_limit", _OVER),
            ("copy_pair", _COPY_PAIR),
        )
    )
