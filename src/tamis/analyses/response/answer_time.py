"""From the first sight of the leak to the start of each silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import post_once
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

NAME = "response.answer_time"
READS = ("post", "post_item", "first_seen", "object", "silence_window")
WRITES = ("answer_time",)
VERSION = 1
# The settings of the case come in their place.
PARAMS: dict[str, Any] = {"selectors": (), "leak_at": ""}

_STATED = (
    "SELECT 'leak_at' AS sight, '*' AS object_id, 'as the case states' AS display, "
    "CAST($leak_at AS TIMESTAMP WITH TIME ZONE) AS low_at, "
    "CAST($leak_at AS TIMESTAMP WITH TIME ZONE) AS high_at WHERE $leak_at <> ''"
)
_SELECTED = (
    "SELECT 'selector' AS sight, f.object_id, f.display, f.first_low_at AS low_at, "
    "f.first_high_at AS high_at FROM first_seen AS f "
    "JOIN object AS o ON f.object_id = o.object_id WHERE f.platform = '*' "
    "AND f.kind IN ('url', 'domain', 'hashtag', 'phrase') AND EXISTS ("
    "SELECT 1 FROM (SELECT UNNEST($selectors) AS wanted) AS s "
    "WHERE LOWER(s.wanted) IN (LOWER(o.canonical), LOWER(o.display), '#' || LOWER(o.canonical)))"
)
# The earliest post that carries a file of the dump or names it beyond doubt. Words alone prove no
# sight: a newsletter of the dump was read by many before.
_CARRIED = (
    "SELECT 'leaked_item' AS sight, post_id AS object_id, 'a post with an item of the dump' "
    "AS display, low_at, high_at FROM (SELECT p.post_id, p.posted_low_at AS low_at, "
    "p.posted_high_at AS high_at, ROW_NUMBER() OVER (ORDER BY p.posted_high_at, p.post_id) "
    "AS place FROM post_item AS i JOIN post_once AS p ON i.post_id = p.post_id "
    "WHERE i.grade = 'strong' AND i.method <> 'same_words' AND p.posted_high_at IS NOT NULL"
    ") AS ordered WHERE place = 1"
)
_SIGHT = "SELECT * FROM stated UNION ALL SELECT * FROM selected UNION ALL SELECT * FROM carried"
_ANSWER_TIME = (
    "SELECT s.sight, s.object_id, s.display, w.jurisdiction, w.rule_id, w.kind, w.territory, "
    "w.vote_day, s.low_at AS first_low_at, s.high_at AS first_high_at, w.start_low_at, "
    "w.start_high_at, DATE_DIFF('second', s.high_at, w.start_low_at) AS answer_low_s, "
    "DATE_DIFF('second', s.low_at, w.start_high_at) AS answer_high_s, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM silence_window AS w CROSS JOIN sight AS s "
    "WHERE w.kind IN ('campaign', 'broadcast') AND w.start_low_at IS NOT NULL "
    "AND s.high_at IS NOT NULL AND (w.end_high_at IS NULL OR w.end_high_at > s.high_at)"
)


def steps(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `answer_time`.

    Input     first_seen, object, post, post_item, silence_window; the case's `selectors` and
              `leak_at`
    Output    answer_time: one row per first sight and window of the kinds campaign and broadcast
              that was not over by then
    Missing   answer_high_s is NULL where only the latest time of the first sight is known
    Source    none: the difference of two intervals
    Limits    The first sight in this collection, never the first: the accused may have known
              earlier, or later. How long an answer needs is not for tamis to say.
    """
    return (
        *post_once(),
        Query("stated", _STATED, {"leak_at": params["leak_at"]}),
        Query("selected", _SELECTED, {"selectors": list(params["selectors"])}),
        Query("carried", _CARRIED),
        Query("sight", _SIGHT),
        Query("answer_time", _ANSWER_TIME),
    )
