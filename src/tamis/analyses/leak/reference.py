"""Leaked messages beside reference originals: which are there, which differ, which are missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import DATED, DELIVERED, EARLIEST, MEMBER, NAMED
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.plan import Step

VERSION = 1
NAME = "leak.reference"
READS = ("place", "item", "message", "header", "part", "mailbox_profile")
WRITES = ("reference_match", "reference_coverage")
PARAMS: Mapping[str, Any] = {
    "earliest": EARLIEST,
    "reference_spans": (),
    "gap_days": 14,
    "least_messages": 2,
    "most_candidates": 20,
    "footer_chars": 1500,
    "gateway_tag": r"^(\[|\*+|<)? ?(ext|external( sender)?|externe?r?|spam\??) ?(\]|\*+|>|:) ?",
}

_SIDES = """
    SELECT item_id, bool_or(kind = 'leak') AS is_leak, bool_or(kind = 'reference') AS is_reference
    FROM (
        SELECT place.item_id AS item_id, coalesce(place.kind, item.kind) AS kind
        FROM place JOIN item ON item.item_id = place.item_id)
    GROUP BY item_id
"""
_ATTACHED = """
    SELECT item_id,
        md5(array_to_string(list(content_item_id ORDER BY content_item_id), ' ')) AS files_hash,
        array_to_string(list_slice(list(left(content_item_id, 16) ORDER BY content_item_id), 1, 20),
            ' ') AS files
    FROM part
    WHERE content_item_id IS NOT NULL AND NOT starts_with(coalesce(media_type, ''), 'message/')
    GROUP BY item_id
"""
_INNER = """
    SELECT item_id, count(*) AS inner_count FROM part
    WHERE content_item_id IS NOT NULL AND starts_with(coalesce(media_type, ''), 'message/')
    GROUP BY item_id
"""
# Where plain text is all a reader shows, the decoded text says everything: no bytes are needed.
_FACED = """
    SELECT item_id, bool_or(coalesce(media_type, 'text/plain') <> 'text/plain')
            OR count(*) > 1 AS has_faces
    FROM part
    WHERE content_item_id IS NULL
        AND (starts_with(coalesce(media_type, 'text/plain'), 'text/'))
    GROUP BY item_id
"""
# A copy that is encrypted or packed cannot be held against one that is not.
_SEALED = """
    SELECT DISTINCT item_id FROM part
    WHERE media_type IN ('application/pkcs7-mime', 'application/x-pkcs7-mime',
        'multipart/encrypted', 'application/pgp-encrypted', 'application/ms-tnef',
        'application/vnd.ms-tnef') OR lower(name) IN ('winmail.dat', 'smime.p7m')
"""
_PLAIN = r"""
    SELECT message.item_id AS item_id, sides.is_leak, sides.is_reference, message.message_id,
        lower(message.from_address) AS sender, coalesce(message.from_raw, '') AS from_raw,
        list_sort(list_distinct(string_split(
            lower(array_to_string(message.to_addresses, chr(10))), chr(10)))) AS receivers,
        list_sort(list_distinct(string_split(
            lower(array_to_string(message.cc_addresses, chr(10))), chr(10)))) AS copied,
        trim(regexp_replace(nfc_normalize(coalesce(message.subject, '')), '\s+', ' ', 'g'))
            AS subject,
        date_trunc('second', message.sent_at) AS sent_at,
        trim(regexp_replace(regexp_replace(nfc_normalize(coalesce(message.body_text, '')),
            '[\x{200b}-\x{200d}\x{2060}\x{feff}]', '', 'g'),
            '[\s\x{a0}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{3000}]+', ' ', 'g')) AS words,
        coalesce(attached.files_hash, '') AS files_hash, coalesce(attached.files, '') AS files,
        coalesce(inner_message.inner_count, 0) AS inner_count,
        item.reader IS DISTINCT FROM 'eml' AS is_rebuilt,
        coalesce(faced.has_faces, false) AS has_faces,
        message.received_count > 0 AS is_received, sealed.item_id IS NOT NULL AS is_sealed,
        item.status <> 'read' AS is_partial, message.list_id, message.is_bulk
    FROM message
        JOIN sides ON sides.item_id = message.item_id AND (is_leak OR is_reference)
        JOIN item ON item.item_id = message.item_id
        LEFT JOIN attached ON attached.item_id = message.item_id
        LEFT JOIN inner_message ON inner_message.item_id = message.item_id
        LEFT JOIN faced ON faced.item_id = message.item_id
        LEFT JOIN sealed ON sealed.item_id = message.item_id
"""
_PRINTED = """
    SELECT *, md5(words) AS words_hash, md5(replace(words, ' ', '')) AS letters_hash,
        md5(concat_ws(chr(0), coalesce(sender, ''), array_to_string(receivers, ' '),
            array_to_string(copied, ' '), subject, coalesce(CAST(epoch_us(sent_at) AS VARCHAR), ''),
            md5(words), files_hash, CAST(inner_count AS VARCHAR))) AS content_hash
    FROM plain
"""
_ORIGINAL = "SELECT * FROM printed WHERE is_reference"
_LEAKED = "SELECT * FROM printed WHERE is_leak AND NOT is_reference"
# Of originals with one Message-ID and one content three are enough, and twenty different ones.
_CHOICE = """
    SELECT message_id, item_id FROM (
        SELECT message_id, item_id, dense_rank() OVER (
                PARTITION BY message_id ORDER BY content_hash) AS content_rank,
            row_number() OVER (
                PARTITION BY message_id, content_hash ORDER BY item_id) AS copy_rank
        FROM original WHERE message_id IS NOT NULL)
    WHERE content_rank <= $most_candidates AND copy_rank <= 3
"""
_TWIN = """
    SELECT item_id, original_id, basis FROM (
        SELECT leaked.item_id AS item_id, choice.item_id AS original_id,
            'same_message_id' AS basis, 0 AS place
        FROM leaked JOIN choice ON choice.message_id = leaked.message_id
        UNION ALL
        SELECT leaked.item_id, original.item_id, 'same_message_id', 0
        FROM leaked JOIN (
            SELECT message_id, content_hash, min(item_id) AS item_id FROM original
            WHERE message_id IS NOT NULL GROUP BY message_id, content_hash
        ) AS original ON original.message_id = leaked.message_id
            AND original.content_hash = leaked.content_hash
        UNION ALL
        SELECT leaked.item_id, original.item_id, 'same_fields', 1
        FROM leaked JOIN (
            SELECT content_hash, min(item_id) AS item_id, min(message_id) AS message_id
            FROM original GROUP BY content_hash
        ) AS original ON original.content_hash = leaked.content_hash
            AND original.message_id IS DISTINCT FROM leaked.message_id
        WHERE leaked.sender IS NOT NULL AND leaked.sent_at IS NOT NULL
            AND (leaked.words <> '' OR leaked.files_hash <> ''))
    QUALIFY row_number() OVER (PARTITION BY item_id, original_id ORDER BY place) = 1
"""
_PAIR = r"""
    SELECT twin.item_id AS item_id, twin.original_id AS original_id, twin.basis AS basis,
        a.is_rebuilt OR b.is_rebuilt AS from_store, a.is_partial AS is_partial,
        a.has_faces OR b.has_faces AS has_faces,
        a.inner_count > 0 OR b.inner_count > 0 AS has_inner,
        a.is_sealed <> b.is_sealed AS is_sealed,
        a.list_id IS DISTINCT FROM b.list_id AS is_list,
        is_list OR a.is_received <> b.is_received AS is_passed,
        a.sender IS DISTINCT FROM b.sender AND NOT (from_store
            AND (NOT coalesce(contains(a.sender, '@'), false)
                OR NOT coalesce(contains(b.sender, '@'), false))) AS is_from,
        a.sender AS leak_sender, b.sender AS original_sender,
        is_list AND contains(lower(concat(a.from_raw, ' ', b.from_raw)), ' via ') AS is_munged,
        a.receivers <> b.receivers
            AND NOT (from_store AND (a.receivers = [''] OR b.receivers = [''])) AS is_to,
        a.receivers AS leak_receivers, b.receivers AS original_receivers,
        a.copied <> b.copied
            AND NOT (from_store AND (a.copied = [''] OR b.copied = [''])) AS is_cc,
        a.copied AS leak_copied, b.copied AS original_copied,
        a.subject <> b.subject AS is_subject,
        a.subject AS leak_subject, b.subject AS original_subject,
        is_list AND trim(regexp_replace(a.subject, '\[[^\]]{1,60}\] ?', ''))
            = trim(regexp_replace(b.subject, '\[[^\]]{1,60}\] ?', ''))
            OR (is_passed AND regexp_replace(lower(a.subject), $gateway_tag, '')
                = regexp_replace(lower(b.subject), $gateway_tag, '')) AS is_tagged,
        a.sent_at IS DISTINCT FROM b.sent_at AS is_date,
        a.sent_at AS leak_sent_at, b.sent_at AS original_sent_at,
        a.words_hash <> b.words_hash AS is_text, a.letters_hash = b.letters_hash AS is_spacing,
        CASE WHEN from_store AND a.words_hash <> b.words_hash
            THEN regexp_replace(a.words, '[^\p{L}\p{N}]', '', 'g')
                = regexp_replace(b.words, '[^\p{L}\p{N}]', '', 'g') ELSE false END AS is_signs,
        is_passed AND (
            (starts_with(a.words, b.words) AND length(a.words) <= length(b.words) + $footer_chars
                AND regexp_matches(substr(a.words, length(b.words) + 1, 20),
                    '^ ?(_{5}|-{2}|={5}|~{5})'))
            OR (starts_with(b.words, a.words) AND length(b.words) <= length(a.words) + $footer_chars
                AND regexp_matches(substr(b.words, length(a.words) + 1, 20),
                    '^ ?(_{5}|-{2}|={5}|~{5})'))) AS is_footer,
        a.files_hash <> b.files_hash OR (a.inner_count <> b.inner_count AND NOT from_store)
            AS is_files, a.files AS leak_files, b.files AS original_files,
        a.is_bulk AND b.is_bulk AS is_bulk
    FROM twin JOIN leaked AS a ON a.item_id = twin.item_id
        JOIN original AS b ON b.item_id = twin.original_id
"""
# Another recipient's copy of a mailing is no twin: mailers give all copies one Message-ID.
_COUNTED = """
    SELECT *, list_sort(list_distinct([
            CASE WHEN is_from AND NOT is_munged THEN 'from' END,
            CASE WHEN is_to AND NOT is_list THEN 'to' END,
            CASE WHEN is_cc AND NOT is_list THEN 'cc' END,
            CASE WHEN is_subject AND NOT is_tagged THEN 'subject' END,
            CASE WHEN is_date THEN 'date' END,
            CASE WHEN is_text AND NOT is_spacing AND NOT is_footer AND NOT is_signs
                THEN 'text' END,
            CASE WHEN is_files THEN 'attachments' END])) AS differing,
        list_sort(list_distinct([
            CASE WHEN is_from AND is_munged THEN 'from, as lists rewrite it' END,
            CASE WHEN (is_to OR is_cc) AND is_list THEN 'recipients, as lists rewrite them' END,
            CASE WHEN is_subject AND is_tagged THEN 'subject tag of a list or gateway' END,
            CASE WHEN is_text AND is_spacing THEN 'spacing' END,
            CASE WHEN is_text AND NOT is_spacing AND is_footer
                THEN 'footer of a list or gateway' END,
            CASE WHEN is_signs AND NOT is_spacing THEN 'punctuation, as a store rebuilt it' END,
            CASE WHEN from_store THEN 'rebuilt from a mail store: its markup is not compared' END,
            CASE WHEN basis = 'same_fields' THEN 'Message-ID' END])) AS uncounted
    FROM pair WHERE NOT (is_bulk AND is_to AND NOT is_list)
"""
_CHOSEN = """
    SELECT *, is_text OR needs_faces AS needs_bytes
    FROM (SELECT *, NOT from_store AND (has_faces OR is_files OR has_inner) AS needs_faces
        FROM counted)
    QUALIFY row_number() OVER (
        PARTITION BY item_id ORDER BY basis = 'same_fields', len(differing), len(uncounted),
            original_id) <= 3
"""
_REF_TIME = """
    SELECT DISTINCT mailbox_profile.holder_address AS address,
        CASE WHEN lower(message.from_address) = mailbox_profile.holder_address THEN 'sent'
            ELSE 'received' END AS direction,
        member.item_id AS item_id, dated.sent_at AS sent_at
    FROM mailbox_profile
        JOIN member ON member.mailbox_id = mailbox_profile.mailbox_id
            AND member.kind = mailbox_profile.kind
        JOIN message ON message.item_id = member.item_id
        JOIN dated ON dated.item_id = member.item_id
    WHERE mailbox_profile.kind = 'reference' AND mailbox_profile.holder_address IS NOT NULL
"""
_ISLAND = """
    SELECT address, direction, island, min(sent_at) AS first_at, max(sent_at) AS last_at,
        count(*) AS message_count
    FROM (
        SELECT address, direction, sent_at, sum(is_new) OVER (
            PARTITION BY address, direction ORDER BY sent_at, item_id
            ROWS UNBOUNDED PRECEDING) AS island
        FROM (
            SELECT address, direction, sent_at, item_id, CASE
                WHEN epoch_us(sent_at) - epoch_us(lag(sent_at) OVER (
                    PARTITION BY address, direction ORDER BY sent_at, item_id))
                    <= CAST($gap_days AS BIGINT) * 86400000000 THEN 0 ELSE 1 END AS is_new
            FROM ref_time))
    GROUP BY address, direction, island HAVING count(*) >= $least_messages
"""
_STATED = """
    SELECT unnest($span_text) AS told, unnest($span_address) AS address,
        CAST(unnest($span_first) AS TIMESTAMPTZ) AS first_at,
        CAST(unnest($span_end) AS TIMESTAMPTZ) AS end_at
"""
_NARROWED = """
    SELECT island.address, island.direction, island.island, island.message_count,
        greatest(island.first_at, stated.first_at) AS first_at,
        least(island.last_at, stated.end_at - INTERVAL 1 MICROSECOND) AS last_at,
        stated.told AS narrowed_by
    FROM island JOIN stated ON stated.address IN ('', island.address)
        AND stated.first_at <= island.last_at AND stated.end_at > island.first_at
    UNION ALL
    SELECT address, direction, island, message_count, first_at, last_at, NULL FROM island
    WHERE len($span_text) = 0
"""
_COVERAGE = """
    SELECT address || ' ' || direction || ' ' || row_number() OVER (
            PARTITION BY address, direction ORDER BY first_at, last_at, narrowed_by) AS coverage_id,
        address, direction, first_at, last_at, message_count, narrowed_by,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM narrowed
"""
_TOLD = "SELECT item_id, address FROM named UNION SELECT item_id, address FROM delivered"
# What came in shows it; a draft, or mail sent under another address, is neither sent nor received.
_WAY = """
    SELECT leaked.item_id AS item_id, mailbox_profile.holder_address AS address,
        CASE WHEN leaked.sender = mailbox_profile.holder_address THEN 'sent' ELSE 'received' END
            AS direction, 'mailbox' AS basis
    FROM leaked JOIN member ON member.item_id = leaked.item_id AND member.kind = 'leak'
        JOIN mailbox_profile ON mailbox_profile.mailbox_id = member.mailbox_id
            AND mailbox_profile.kind = 'leak' AND mailbox_profile.holder_address IS NOT NULL
    WHERE leaked.is_received OR (leaked.item_id, mailbox_profile.holder_address) IN (
        SELECT (item_id, address) FROM told)
    UNION
    SELECT leaked.item_id, told.address,
        CASE WHEN leaked.sender = told.address THEN 'sent' ELSE 'received' END, 'address'
    FROM leaked JOIN told ON told.item_id = leaked.item_id
    WHERE leaked.item_id IN (SELECT item_id FROM member WHERE kind = 'leak')
"""
_COVERED = """
    SELECT way.item_id AS item_id, way.basis AS basis, coverage.coverage_id AS coverage_id,
        coverage.address AS address, coverage.direction AS direction
    FROM way JOIN dated ON dated.item_id = way.item_id
        JOIN reference_coverage AS coverage ON coverage.address = way.address
            AND coverage.direction = way.direction
            AND dated.sent_at BETWEEN coverage.first_at AND coverage.last_at
    QUALIFY row_number() OVER (
        PARTITION BY way.item_id ORDER BY way.basis = 'address', coverage.coverage_id) = 1
"""


def pair_steps(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `chosen`, the pairs to compare, to `reference_coverage`, and to `covered`.

    Input     place, item, message, header, part, mailbox_profile
    Output    chosen: for each leaked message that is no reference item itself up to three
              originals, with what differs in their fields; reference_coverage; covered
    Source    design section 4, altered_copy: From, To, Subject, Date, decoded text and attachments
              count (and Cc); transport, list, Sent-folder and store differences never do.
              A stretch of coverage has no silence longer than `gap_days`, so that a month
              without a message is never covered.
    Limits    a holder who deleted a message before the export leaves one that is missing here;
              exports often leave out spam and trash. What lists, gateways and stores change
              honestly is not counted, so an edit dressed as such passes: text below a line of
              dashes, recipients or a sender 'via' a list; display names, names of attached files
              and spaces are not compared
    """
    steps = (
        *(("sides", _SIDES), ("attached", _ATTACHED), ("inner_message", _INNER)),
        *(("faced", _FACED), ("sealed", _SEALED), ("plain", _PLAIN), ("printed", _PRINTED)),
        *(("original", _ORIGINAL), ("leaked", _LEAKED), ("choice", _CHOICE), ("twin", _TWIN)),
        *(("pair", _PAIR), ("counted", _COUNTED), ("chosen", _CHOSEN)),
        *(("ref_time", _REF_TIME), ("island", _ISLAND)),
    )
    spans = stated_spans(params.get("reference_spans", ()))
    return (
        *(MEMBER, DATED, NAMED, DELIVERED),
        *(Query(name, sql) for name, sql in steps),
        Query("stated", _STATED, spans),
        Query("narrowed", _NARROWED, spans),
        *(
            Query("reference_coverage", _COVERAGE),
            Query("told", _TOLD),
            Query("way", _WAY),
            Query("covered", _COVERED),
        ),
    )


def stated_spans(lines: Iterable[str]) -> dict[str, list[str]]:
    """The setting `reference_spans` as parameters: text, address ("" for all), first, end.

    Input     lines such as "a@example.org 2016-01-01..2017-04-24"; both days belong to it, in UTC
    """
    spans: dict[str, list[str]] = {
        name: [] for name in ("span_text", "span_address", "span_first", "span_end")
    }
    for line in lines:
        *address, days = line.split()
        first, _, last = days.partition("..")
        end = date.fromisoformat(last) + timedelta(days=1)
        spans["span_text"].append(line)
        spans["span_address"].append(address[0].lower() if address else "")
        spans["span_first"].append(f"{first}T00:00:00+00:00")
        spans["span_end"].append(f"{end.isoformat()}T00:00:00+00:00")
    return spans
