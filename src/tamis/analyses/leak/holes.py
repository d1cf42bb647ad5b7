"""What the dump itself says should be there: messages, attachments, months, entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {"most_references": 100}

_SIDES = """
    SELECT item_id, bool_or(kind = 'leak') AS is_leak, bool_or(kind = 'reference') AS is_reference
    FROM (
        SELECT place.item_id AS item_id, coalesce(place.kind, item.kind) AS kind
        FROM place JOIN item ON item.item_id = place.item_id)
    GROUP BY item_id
"""
_POINTER = """
    SELECT item_id, missing_id, bool_or(is_direct) AS is_direct FROM (
        SELECT item_id, in_reply_to AS missing_id, true AS is_direct FROM message
        WHERE in_reply_to IS NOT NULL
        UNION ALL
        SELECT item_id, unnest(list_slice(reference_ids,
            greatest(len(reference_ids) - $most_references + 1, 1), len(reference_ids))), false
        FROM message)
    WHERE missing_id <> '' AND item_id IN (SELECT item_id FROM sides WHERE is_leak)
    GROUP BY item_id, missing_id
"""
_HELD = """
    SELECT message.message_id AS message_id, bool_or(sides.is_leak) AS is_leak,
        bool_or(sides.is_reference) AS is_reference
    FROM message JOIN sides ON sides.item_id = message.item_id
    WHERE message.message_id IS NOT NULL GROUP BY message.message_id
"""
_MISSING_MESSAGE = """
    SELECT 'message' AS kind, pointer.missing_id AS subject, CAST(NULL AS VARCHAR) AS mailbox_id,
        CAST(NULL AS VARCHAR) AS item_id, count(*) AS pointing_count,
        count(*) FILTER (WHERE pointer.is_direct) AS direct_count,
        list_slice(list(pointer.item_id ORDER BY pointer.item_id), 1, 10) AS evidence_ids,
        coalesce(bool_or(held.is_reference), false) AS is_in_reference,
        count(*) || ' messages of the dump point to it, '
            || count(*) FILTER (WHERE pointer.is_direct)
            || ' as direct replies; the dump does not hold it'
            || CASE WHEN bool_or(held.is_reference) THEN ', the reference does' ELSE '' END
            AS detail
    FROM pointer LEFT JOIN held ON held.message_id = pointer.missing_id
    WHERE NOT coalesce(held.is_leak, false)
    GROUP BY pointer.missing_id
"""
# Each reason is what a program wrote in the place of what it took out; words of people count not.
_LOST = r"""
    SELECT part.item_id AS item_id, part.position AS position,
        coalesce(part.name, part.media_type, 'part ' || part.position) AS name,
        CASE WHEN part.media_type = 'message/external-body'
                THEN 'its bytes lie elsewhere (message/external-body)'
            WHEN part.media_type = 'text/x-moz-deleted'
                THEN 'a mail program deleted it and left a note (text/x-moz-deleted)'
            WHEN regexp_matches(part.name, '^(Deleted: |DELETED\d*\.TXT$)')
                THEN 'the part is a note in the place of a deleted attachment'
            WHEN content.size_bytes = 0
                OR (part.byte_end = part.byte_start AND part.content_item_id IS NULL)
                THEN 'the part has no content' END AS reason
    FROM part LEFT JOIN item AS content ON content.item_id = part.content_item_id
    WHERE part.media_type IN ('message/external-body', 'text/x-moz-deleted')
        OR ((part.name IS NOT NULL OR part.disposition = 'attachment')
            AND (content.size_bytes = 0
                OR (part.byte_end = part.byte_start AND part.content_item_id IS NULL)
                OR regexp_matches(part.name, '^(Deleted: |DELETED\d*\.TXT$)')))
    UNION ALL
    SELECT item_id, -1, 'attachment', 'a mail program says it took an attachment out '
        || '(X-Mozilla-Altered)' FROM header
    WHERE lower(name) = 'x-mozilla-altered' AND contains(value, 'AttachmentDeleted')
    UNION ALL
    SELECT header.item_id, -2, 'attachment', 'the mail store says it has attachments, and no part '
        || 'holds one (X-MS-Has-Attach)'
    FROM header LEFT JOIN (
        SELECT DISTINCT item_id FROM part WHERE content_item_id IS NOT NULL OR name IS NOT NULL
    ) AS holding ON holding.item_id = header.item_id
    WHERE lower(header.name) = 'x-ms-has-attach' AND lower(trim(header.value)) = 'yes'
        AND holding.item_id IS NULL
    UNION ALL
    SELECT item_id, -3, 'attachment', 'a list program put a note in the place of an attachment '
        || '("was scrubbed...")' FROM message
    WHERE regexp_matches(body_text,
        '(?m)^-+ next part -+\r?$(?s:.{0,80}?)attachment was scrubbed\.\.\.')
"""
_MISSING_ATTACHMENT = """
    SELECT 'attachment' AS kind, lost.name AS subject, CAST(NULL AS VARCHAR) AS mailbox_id,
        lost.item_id AS item_id, CAST(NULL AS BIGINT) AS pointing_count,
        CAST(NULL AS BIGINT) AS direct_count, [lost.item_id] AS evidence_ids,
        CAST(NULL AS BOOLEAN) AS is_in_reference,
        lost.reason || CASE WHEN lost.position >= 0 THEN ', part ' || lost.position ELSE '' END
            AS detail
    FROM lost JOIN sides ON sides.item_id = lost.item_id AND sides.is_leak
"""
_MISSING_MONTH = """
    SELECT 'month' AS kind, unnest(gap_months) AS subject, mailbox_id,
        CAST(NULL AS VARCHAR) AS item_id, CAST(NULL AS BIGINT) AS pointing_count,
        CAST(NULL AS BIGINT) AS direct_count, CAST([] AS VARCHAR[]) AS evidence_ids,
        CAST(NULL AS BOOLEAN) AS is_in_reference,
        'no message of this month, between earlier and later ones, in ' || path AS detail
    FROM mailbox_profile WHERE kind = 'leak'
"""
_MISSING_ENTRY = """
    SELECT 'ledger' AS kind, ledger.container_item_id AS subject,
        CAST(NULL AS VARCHAR) AS mailbox_id, ledger.container_item_id AS item_id,
        ledger.expected_count - ledger.emitted_count - ledger.failed_count AS pointing_count,
        CAST(NULL AS BIGINT) AS direct_count, [ledger.container_item_id] AS evidence_ids,
        CAST(NULL AS BOOLEAN) AS is_in_reference,
        'it declares ' || ledger.expected_count || ' entries; ' || ledger.emitted_count
            || ' came out and ' || ledger.failed_count || ' failed (' || ledger.reader || ')'
            AS detail
    FROM ledger JOIN sides ON sides.item_id = ledger.container_item_id AND sides.is_leak
    WHERE ledger.expected_count <> ledger.emitted_count + ledger.failed_count
"""
_HOLE = """
    SELECT md5(concat_ws('|', kind, subject, mailbox_id, item_id, detail)) AS hole_id, *,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM (SELECT DISTINCT * FROM (
        SELECT * FROM missing_message UNION ALL SELECT * FROM missing_attachment
        UNION ALL SELECT * FROM missing_month UNION ALL SELECT * FROM missing_entry))
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `hole`.

    Input     place, item, message, header, part, ledger, mailbox_profile
    Output    hole: one row per missing message, attachment, month of a mailbox, or container that
              does not give what it declares
    Source    In-Reply-To and References (RFC 5322 section 3.6.4), message/external-body (RFC
              2046 section 5.2.3), the notes that Thunderbird, Symantec and Mailman leave in the
              place of what they take out, X-MS-Has-Attach of Exchange
    Limits    a message that nobody holds may never have been in the mailbox: replies go to mail
              received elsewhere, and ids can be invented. Only the last `most_references` ids
              of a References field are looked up. A file that a text promises is no hole.
    """
    del params
    steps = (
        ("sides", _SIDES),
        ("pointer", _POINTER),
        ("held", _HELD),
        ("missing_message", _MISSING_MESSAGE),
        ("lost", _LOST),
        ("missing_attachment", _MISSING_ATTACHMENT),
        ("missing_month", _MISSING_MONTH),
        ("missing_entry", _MISSING_ENTRY),
        ("hole", _HOLE),
    )
    return tuple(Query(name, sql) for name, sql in steps)


ANALYSIS = Analysis(
    name="holes",
    version=VERSION,
    question="leak",
    reads=("place", "item", "message", "header", "part", "ledger", "mailbox_profile"),
    writes=("hole",),
    params=PARAMS,
    build=build,
)
