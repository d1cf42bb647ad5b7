"""Files by the messages that carry them: what is attached to a verified message is attested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.signature_verdict import STANDING
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
_CARRIED = """
    SELECT part.content_item_id AS content_item_id, part.item_id AS item_id, min(part.name) AS name,
        any_value(standing.verdict) AS carrier_verdict,
        coalesce(bool_or(standing.is_verified), false) AS is_attested,
        any_value(message.sent_at) AS sent_at
    FROM part JOIN message ON message.item_id = part.item_id
        LEFT JOIN standing ON standing.item_id = part.item_id
    WHERE part.content_item_id IS NOT NULL
    GROUP BY part.content_item_id, part.item_id
"""
_BY_FILE = """
    SELECT content_item_id, count(*) AS carrier_count,
        count(*) FILTER (WHERE is_attested) AS verified_carrier_count,
        first(item_id ORDER BY sent_at NULLS LAST, item_id) FILTER (WHERE is_attested)
            AS verified_carrier_id
    FROM carried GROUP BY content_item_id
"""
_ATTACHED_IN = """
    SELECT carried.content_item_id, carried.item_id, carried.name, carried.carrier_verdict,
        carried.is_attested, by_file.carrier_count, by_file.verified_carrier_count,
        by_file.verified_carrier_id,
        CASE WHEN carried.is_attested
            THEN 'The signature of this message covers the file as attached.'
            WHEN by_file.verified_carrier_count > 0
            THEN 'The same bytes are attached to a verified message: the file is attested there. '
                || 'The words of this message gain nothing from it.'
            ELSE 'No verified message carries the same bytes.' END
            || CASE WHEN by_file.carrier_count > 1
                THEN ' ' || by_file.carrier_count || ' messages carry it.' ELSE '' END AS detail,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM carried JOIN by_file ON by_file.content_item_id = carried.content_item_id
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `attached_in`.

    Input     part, message, verdicts by signature
    Output    attached_in: one row per file and message that carries it
    Source    design section 4: a `verified` message has its whole body covered, attachments and all
    Limits    that a file was attached says nothing of who made it or whether it is true. Bytes
              are compared, not content: a file saved again is another one
    """
    del params
    return (
        STANDING,
        Query("carried", _CARRIED),
        Query("by_file", _BY_FILE),
        Query("attached_in", _ATTACHED_IN),
    )


ANALYSIS = Analysis(
    name="attached_in",
    version=VERSION,
    question="leak",
    reads=("part", "message", VERDICTS),
    writes=("attached_in",),
    params={},
    build=build,
)
