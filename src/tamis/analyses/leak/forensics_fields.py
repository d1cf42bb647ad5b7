"""What the header fields of a message state, one row a message: clocks, grammars, habits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.leak.signature_verdict import TABLE
from tamis.plan import Kernel, Query
from tamis.syntax import domain
from tamis.syntax.mail import date, grammar, mailer, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tamis.plan import Partition, Step

_TIME = pa.timestamp("us", tz="UTC")
_WEEKDAY = re.compile(r"\s*(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\s{0,9},", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# The 40 relays nearest to the sender: longer chains are loops, or hostile.
_RELAY = r"""
    SELECT item_id, position, right(value, 300) AS stated,
        lower(regexp_extract(left(value, 2000), '(?i)\bby\s+([^\s;()<>,]{1,255})', 1)) AS by_host
    FROM header WHERE lower(name) = 'received'
    QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY position DESC) <= 40
"""
_FIELDED = r"""
    SELECT item_id,
        min_by(left(value, 2000), position) FILTER (WHERE called = 'content-type') AS content_type,
        min_by(left(value, 4000), position) FILTER (WHERE called = 'thread-index') AS thread_index,
        string_agg(CASE called WHEN 'from' THEN 'F' WHEN 'to' THEN 'T' WHEN 'subject' THEN 'S'
            WHEN 'date' THEN 'D' WHEN 'message-id' THEN 'I' WHEN 'mime-version' THEN 'M' ELSE 'C'
            END, '' ORDER BY position) FILTER (WHERE called <> 'thread-index') AS field_order
    FROM (
        SELECT item_id, lower(trim(name)) AS called, min(position) AS position,
            min_by(value, position) AS value
        FROM header
        WHERE lower(trim(name)) IN ('from', 'to', 'subject', 'date', 'message-id', 'mime-version',
            'content-type', 'thread-index')
        GROUP BY item_id, called
    ) GROUP BY item_id
"""
_STATED = r"""
    SELECT message.item_id AS item_id, message.message_id AS message_id,
        message.in_reply_to AS in_reply_to, message.from_address AS from_address,
        message.mailer AS mailer, message.sent_raw AS sent_raw, message.sent_at AS sent_at,
        message.sent_offset_s AS sent_offset_s, fielded.thread_index AS thread_index,
        nullif(regexp_extract(fielded.content_type,
            '(?i)\bboundary\s{0,9}=\s{0,9}"?([^";\s]{1,200})', 1), '') AS boundary
    FROM message LEFT JOIN fielded ON fielded.item_id = message.item_id
"""
_RELAY_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("passed_at", _TIME),
        pa.field("relay", pa.string()),
    ]
)
_AUTHOR_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("from_domain", pa.string()),
        pa.field("id_shape", pa.string()),
        pa.field("id_host", pa.string()),
        pa.field("id_at", _TIME),
        pa.field("reply_id_at", _TIME),
        pa.field("boundary_shape", pa.string()),
        pa.field("boundary_at", _TIME),
        pa.field("thread_at", _TIME),
        pa.field("is_thread_start", pa.bool_()),
        pa.field("mailer_family", pa.string(), nullable=False),
        pa.field("released_at", _TIME),
        pa.field("is_weekday_wrong", pa.bool_()),
    ]
)


def _passed(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    """When each relay says it took the message, and the organisational domain it names itself."""
    del params, part
    times = []
    for value in table.column("stated").to_pylist():
        found = date.parse(value.rpartition(";")[2].strip()) if ";" in value else None
        times.append(found[0] if found else None)
    relays = [_relay(host) for host in table.column("by_host").to_pylist()]
    columns = [
        table.column("item_id").combine_chunks(),
        table.column("position").combine_chunks().cast(pa.int64()),
        pa.array(times, _TIME),
        pa.array(relays, pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=_RELAY_SCHEMA)


def _relay(host: str) -> str | None:
    """The organisational domain of a relay; the name itself inside a house; None for addresses."""
    name = host.strip("[]").rstrip(".")
    if not name or ":" in name or name.replace(".", "").isdigit():
        return None
    return domain.organisational(name) or name[:80]


def _authored(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    """What the sender's program left in each message."""
    del params, part
    rows = [_author(row) for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=_AUTHOR_SCHEMA)


def _author(row: Mapping[str, Any]) -> dict[str, Any]:
    message_id = row["message_id"]
    left, _, right = (message_id or "").rpartition("@")
    sender = (row["from_address"] or "").rpartition("@")[2]
    thread = stamp.thread_time(row["thread_index"]) if row["thread_index"] else None
    return {
        "item_id": row["item_id"],
        "from_domain": (domain.organisational(sender) or sender.lower()[:80]) if sender else None,
        "id_shape": grammar.shape(left),
        "id_host": _id_host(right, sender),
        "id_at": stamp.id_time(message_id),
        "reply_id_at": stamp.id_time(row["in_reply_to"]),
        "boundary_shape": grammar.shape(row["boundary"]),
        "boundary_at": stamp.boundary_time(row["boundary"]),
        "thread_at": thread[0] if thread else None,
        "is_thread_start": thread[1] if thread else None,
        "mailer_family": mailer.family(row["mailer"]),
        "released_at": mailer.released_at(row["mailer"]),
        "is_weekday_wrong": _weekday_wrong(row["sent_raw"], row["sent_at"], row["sent_offset_s"]),
    }


def _id_host(right: str, sender: str) -> str | None:
    """How the right part of a Message-ID belongs to the sender: its domain, its house, another."""
    if not right:
        return None
    if right.lower() == sender.lower():
        return "sender"
    house = domain.organisational(right)
    if house is not None and house == domain.organisational(sender):
        return "house"
    return house or ("dotless" if "." not in right else "other")


def _weekday_wrong(raw: str | None, sent_at: datetime | None, offset_s: int | None) -> bool | None:
    """Whether Date names another day of the week than its own date has; None if it names none."""
    match = _WEEKDAY.match((raw or "")[:60])
    if match is None or sent_at is None:
        return None
    day = int((sent_at.timestamp() + (offset_s or 0)) // 86_400 + 3) % 7
    return _DAYS[day] != match[1].lower()


# Delays between relays that name a time, from the sender onwards (from the last field upwards).
_STEP = """
    SELECT item_id, position,
        date_diff('microsecond',
            lag(passed_at) OVER (PARTITION BY item_id ORDER BY position DESC), passed_at) / 1e6
            AS step_s
    FROM relay_time WHERE passed_at IS NOT NULL
"""
_WAY = """
    SELECT timed.item_id AS item_id, timed.first_at AS first_at, timed.route AS route,
        step.inversion_s AS inversion_s, step.delay_s AS delay_s,
        step.inversion_position AS inversion_position, step.delay_position AS delay_position
    FROM (
        SELECT item_id, max_by(passed_at, position) AS first_at,
            coalesce(string_agg(relay, ' > ' ORDER BY position DESC) FILTER (WHERE is_next), '?')
                AS route
        FROM (
            SELECT *, relay IS DISTINCT FROM lag(relay) OVER (PARTITION BY item_id
                ORDER BY relay IS NULL, position DESC) AND relay IS NOT NULL AS is_next
            FROM relay_time
        ) GROUP BY item_id
    ) AS timed LEFT JOIN (
        SELECT item_id, greatest(0, -min(step_s)) AS inversion_s,
            greatest(0, max(step_s)) AS delay_s, min_by(position, step_s) AS inversion_position,
            max_by(position, step_s) AS delay_position
        FROM step WHERE step_s IS NOT NULL GROUP BY item_id
    ) AS step ON step.item_id = timed.item_id
"""
_TEXT_PART = """
    SELECT item_id, min_by(lower(charset), position) AS charset,
        min_by(transfer_encoding, position) AS transfer_encoding
    FROM part WHERE media_type IN ('text/plain', 'text/html') AND name IS NULL GROUP BY item_id
"""
_SIGNER = """
    SELECT item_id, min(signed_at) AS signed_at FROM signature
    WHERE kind = 'dkim' AND signed_at IS NOT NULL GROUP BY item_id
"""
# A dump has at most one message of an id that can be what an answer answers.
_ANSWERED = """
    SELECT message_id, min(sent_at) AS sent_at FROM message
    WHERE message_id IS NOT NULL AND sent_at IS NOT NULL
    GROUP BY message_id HAVING count(DISTINCT sent_at) = 1
"""
# How much later a Date is than those of the two messages before and after it in a mailbox. A
# message that took its time lies among later ones; none lies among earlier ones by itself.
_NEIGHBOUR = """
    SELECT item_id, min(apart_s) AS apart_s FROM (
        SELECT item_id, greatest(0, sent_s - most_at) AS apart_s FROM (
            SELECT place.item_id AS item_id, epoch(message.sent_at) AS sent_s,
                max(epoch(message.sent_at)) OVER around AS most_at,
                count(*) OVER around AS around_count
            FROM place JOIN message ON message.item_id = place.item_id
            WHERE place.mailbox_id IS NOT NULL AND place.byte_start IS NOT NULL
                AND message.sent_at IS NOT NULL
            WINDOW around AS (PARTITION BY place.parent_item_id, place.mailbox_id
                ORDER BY place.position ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING
                EXCLUDE CURRENT ROW)
        ) WHERE around_count = 4
    ) GROUP BY item_id
"""
_PROFILE = """
    SELECT message.item_id AS item_id, lower(message.from_address) AS sender,
        message.message_id AS message_id, author.from_domain AS from_domain,
        coalesce(way.route, 'none') AS route, author.mailer_family AS mailer_family,
        CAST(year(message.sent_at) AS VARCHAR) AS period,
        coalesce(message_class.traffic = 'bulk', message.is_bulk) AS is_bulk,
        message.sent_at AS sent_at, message.sent_offset_s AS sent_offset_s,
        coalesce(word.verdict = 'verified', false) AS is_verified,
        coalesce(word.rule_id = 'store.rebuilt', false) AS is_rebuilt,
        way.first_at AS first_at, way.inversion_s AS inversion_s, way.delay_s AS delay_s,
        signer.signed_at AS signed_at, answered.sent_at AS answered_at,
        neighbour.apart_s AS apart_s, author.id_shape AS id_shape, author.id_host AS id_host,
        author.id_at AS id_at, author.reply_id_at AS reply_id_at,
        author.boundary_shape AS boundary_shape, author.boundary_at AS boundary_at,
        author.thread_at AS thread_at, author.is_thread_start AS is_thread_start,
        author.released_at AS released_at, author.is_weekday_wrong AS is_weekday_wrong,
        fielded.field_order AS field_order, text_part.charset AS charset,
        text_part.transfer_encoding AS transfer_encoding,
        nullif(text_language.language_detected, 'und') AS language
    FROM message JOIN author ON author.item_id = message.item_id
        LEFT JOIN fielded ON fielded.item_id = message.item_id
        LEFT JOIN way ON way.item_id = message.item_id
        LEFT JOIN signer ON signer.item_id = message.item_id
        LEFT JOIN answered ON answered.message_id = message.in_reply_to
        LEFT JOIN neighbour ON neighbour.item_id = message.item_id
        LEFT JOIN text_part ON text_part.item_id = message.item_id
        LEFT JOIN message_class ON message_class.item_id = message.item_id
        LEFT JOIN text_language ON text_language.item_id = message.item_id
        LEFT JOIN {verdicts} AS word ON word.item_id = message.item_id
"""


def steps() -> tuple[Step, ...]:
    """The steps to `profile`: one row a message with what its headers state.

    Input     message, header, part, place, signature, message_class and the verdicts by own bytes
    Missing   NULL where a field is absent, has no readable time, or is of no known grammar
    """
    return (
        Query("relay", _RELAY),
        Kernel("relay_time", 1, _passed, "relay", _RELAY_SCHEMA),
        Query("step", _STEP),
        Query("way", _WAY),
        Query("fielded", _FIELDED),
        Query("stated", _STATED),
        Kernel("author", 1, _authored, "stated", _AUTHOR_SCHEMA),
        Query("text_part", _TEXT_PART),
        Query("signer", _SIGNER),
        Query("answered", _ANSWERED),
        Query("neighbour", _NEIGHBOUR),
        Query("profile", _PROFILE.format(verdicts=TABLE)),
    )
