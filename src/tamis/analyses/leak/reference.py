"""Leaked messages beside reference originals: which are there, which differ, which are missing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import DATED, DELIVERED, EARLIEST, MEMBER, NAMED
from tamis.analyses.leak.pair_fields import PAIRED, PRINTED
from tamis.analyses.leak.pair_sorted import IS_OWN, OWN
from tamis.analyses.leak.signature_verdict import STANDING
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house, owns_id
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.plan import Step

VERSION = 5
NAME = "leak.reference"
READS = ("place", "item", "message", "header", "part", "mailbox_profile", VERDICTS)
WRITES = ("reference_match", "reference_coverage")
PARAMS: Mapping[str, Any] = {
    "earliest": EARLIEST,
    "reference_spans": (),
    "own_domains": (),
    "gap_days": 14,
    "least_messages": 2,
    "most_candidates": 20,
    **WITNESS_PARAMS,
    "footer_chars": 1500,
    "gateway_tag": r"^(\[|\*+|<)? ?(ext|external( sender)?|externe?r?|spam\??) ?(\]|\*+|>|:) ?",
}

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
# Another recipient's copy of a mailing is no twin: mailers give all copies one Message-ID. Nor is
# the letter of a stranger who borrowed the id: anybody can send one to a holder of originals.
_CHOSEN = f"""
    SELECT *, is_text OR needs_faces AS needs_bytes, {IS_OWN} AS is_own,
        false AS is_same_signature, true AS is_original_given
    FROM (SELECT counted.*, NOT from_store AND (has_faces OR is_files OR has_inner) AS needs_faces
        FROM counted JOIN (SELECT item_id AS named_id, message_id AS own_id FROM leaked)
            ON named_id = counted.item_id
        WHERE NOT is_other_recipient AND NOT (is_from AND NOT is_list
            AND (is_text OR is_subject OR is_date)
            AND NOT {is_same_house("original_sender", "leak_sender")}
            AND NOT {owns_id("original_sender", "own_id")})) AS counted
    QUALIFY row_number() OVER (
        PARTITION BY item_id ORDER BY basis = 'same_fields', len(differing), len(uncounted),
            original_id) <= 3
"""  # noqa: S608 (names of columns of this program)
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
              dashes, recipients or a sender 'via' a list. Another display name of the sender,
              another name of an attached file, words joined or parted are named and shown, and
              not counted; display names of recipients and of a list are not compared
    """
    steps = (
        *(("original", _ORIGINAL), ("leaked", _LEAKED), ("choice", _CHOICE), ("twin", _TWIN)),
        *(*PAIRED, OWN),
        *(("chosen", _CHOSEN), ("ref_time", _REF_TIME), ("island", _ISLAND)),
    )
    spans = stated_spans(params.get("reference_spans", ()))
    return (
        *(MEMBER, DATED, NAMED, DELIVERED, STANDING),
        *PRINTED,
        *(one if isinstance(one, Query) else Query(*one) for one in steps),
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
