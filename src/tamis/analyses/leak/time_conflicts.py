"""Documents that state a time after the message that carries them had been sent and received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import EARLIEST, RECEIVED, TOP_RECEIVED
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
# Local times lie between 12 hours behind UTC and 14 ahead (tz database, no zone beyond).
PARAMS: Mapping[str, Any] = {"earliest": EARLIEST, "clock_s": 900, "most_depth": 16}
LIMITS = (
    "Clocks are often wrong, by hours or years, and times are easily set; a store, a gateway or an "
    "export can save an attachment anew. A time without a zone counts only where every zone "
    "would conflict. It does not say that the content was changed, nor by whom."
)

_CARRIED = """
    WITH RECURSIVE up(item_id, around_id, depth) AS (
        SELECT DISTINCT document.item_id, place.parent_item_id, 1
        FROM document JOIN place ON place.item_id = document.item_id
        WHERE place.parent_item_id IS NOT NULL AND coalesce(place.kind, 'leak') = 'leak'
        UNION
        SELECT up.item_id, place.parent_item_id, up.depth + 1
        FROM up JOIN place ON place.item_id = up.around_id
        WHERE place.parent_item_id IS NOT NULL AND up.depth < $most_depth
            AND up.around_id NOT IN (SELECT item_id FROM message)
    )
    SELECT DISTINCT up.item_id AS item_id, message.item_id AS carrier_item_id
    FROM up JOIN message ON message.item_id = up.around_id
    UNION
    SELECT DISTINCT document.item_id, part.item_id
    FROM part JOIN document ON document.item_id = part.content_item_id
        JOIN message ON message.item_id = part.item_id
"""
_TIME = r"""
    SELECT item_id, source, position, value AS stated, noted_at IS NOT NULL AS is_zoned,
        coalesce(noted_at, local_at - INTERVAL 14 HOUR) AS document_low_at,
        coalesce(noted_at, local_at + INTERVAL 12 HOUR) AS document_high_at
    FROM (
        SELECT item_id, position, namespace || ' ' || name AS source, value, noted_at,
            coalesce(TRY_CAST(regexp_extract(value,
                    '(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?)(\.\d+)?$', 1) AS TIMESTAMP),
                try_strptime(regexp_extract(value, '^(?:D:)?(\d{14})', 1), '%Y%m%d%H%M%S'))
                AT TIME ZONE 'UTC' AS local_at
        FROM property
        WHERE (namespace IN ('core', 'summary', 'info')
                AND name IN ('created', 'modified', 'printed'))
            OR (namespace = 'docinfo' AND name IN ('CreationDate', 'ModDate'))
            OR (namespace = 'xmp'
                AND name IN ('xmp:CreateDate', 'xmp:ModifyDate', 'xmp:MetadataDate'))
            OR (namespace = 'dop' AND ends_with(name, '_local'))
            OR (namespace IN ('zip', 'ole') AND name IN ('created', 'modified'))
            OR (namespace IN ('revision', 'comment', 'signature') AND noted_at IS NOT NULL))
    WHERE noted_at IS NOT NULL OR local_at IS NOT NULL
"""
# A Date of unknown zone is an interval too; one with -0000 states UTC.
_SENT = """
    SELECT message.item_id AS item_id, message.sent_at AS sent_at,
        received.received_at AS received_at,
        greatest(
            CASE WHEN message.sent_offset_s IS NULL AND NOT contains(
                    coalesce(message.sent_raw, ''), '-0000')
                THEN message.sent_at + INTERVAL 12 HOUR ELSE message.sent_at END,
            coalesce(received.received_at, message.sent_at)) AS bound_at
    FROM message LEFT JOIN received_time AS received ON received.item_id = message.item_id
    WHERE message.sent_at >= CAST($earliest AS TIMESTAMPTZ)
        AND message.sent_at < CAST($run_at AS TIMESTAMPTZ) + INTERVAL 1 DAY
"""
_LAG = """
    CASE WHEN lag_s < 7200 THEN CAST(floor(lag_s / 60) AS BIGINT) || ' minutes'
        WHEN lag_s < 172800 THEN CAST(floor(lag_s / 3600) AS BIGINT) || ' hours'
        ELSE CAST(floor(lag_s / 86400) AS BIGINT) || ' days' END
"""
_CONFLICT = f"""
    SELECT md5(concat_ws('|', item_id, carrier_item_id, source)) AS conflict_id, *,
        'It states ' || left(stated, 80) || ' (' || source || '), at least ' || {_LAG}
            || ' after the message that carries it was sent'
            || CASE WHEN received_at IS NULL THEN '' ELSE ' and received' END || ', by '
            || strftime(bound_at, '%Y-%m-%d %H:%M:%S') || ' UTC'
            || CASE WHEN is_zoned THEN '.' ELSE ', whatever its zone is.' END AS detail,
        '{LIMITS}' AS limits, $run_id AS run_id, $analysis_version AS analysis_version
    FROM (
        SELECT carried.item_id AS item_id, carried.carrier_item_id AS carrier_item_id,
            told.source AS source, told.stated AS stated, told.is_zoned AS is_zoned,
            told.document_low_at AS document_low_at, told.document_high_at AS document_high_at,
            sent.sent_at AS sent_at, sent.received_at AS received_at, sent.bound_at AS bound_at,
            CAST(epoch(told.document_low_at) - epoch(sent.bound_at) AS DOUBLE) AS lag_s
        FROM carried JOIN sent ON sent.item_id = carried.carrier_item_id
            JOIN told ON told.item_id = carried.item_id
        WHERE epoch(told.document_low_at) > epoch(sent.bound_at) + $clock_s
            AND told.document_low_at < CAST($run_at AS TIMESTAMPTZ) + INTERVAL 1 DAY
        QUALIFY row_number() OVER (
            PARTITION BY carried.item_id, carried.carrier_item_id, told.source
            ORDER BY told.document_low_at DESC, told.position) = 1)
"""  # noqa: S608 - constants


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `document_time_conflict`.

    Input     document, property, place, part, message, header
    Output    document_time_conflict: one row per document, message that carries it (also inside
              archives) and source of a time; the latest time of each source
    Missing   times that cannot be read, and those in the future of the run, take no part
    Source    A time without a zone means any moment from 14 hours before to 12 hours after the
              same reading in UTC (tz database). It conflicts when all of that lies more than
              `clock_s` after the Date of the message and after its topmost Received field.
    Limits    Clocks and zones: see the rows. A message whose Date and Received fields are both
              wrong conflicts with honest documents. Word writes local times of tracked changes
              with a Z; only those in its UTC field are used.
    """
    del params
    steps = (("carried", _CARRIED), ("told", _TIME), ("sent", _SENT))
    return (
        *(TOP_RECEIVED, RECEIVED),
        *(Query(name, sql) for name, sql in steps),
        Query("document_time_conflict", _CONFLICT),
    )


ANALYSIS = Analysis(
    name="time_conflicts",
    version=VERSION,
    question="leak",
    reads=("document", "property", "place", "part", "message", "header"),
    writes=("document_time_conflict",),
    params=PARAMS,
    build=build,
)
