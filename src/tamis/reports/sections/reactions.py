"""Calls to act and what followed, bursts, and who led to whom: each with what it does not show."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tamis.reports.desk import Desk

_CALLS = f"(SELECT * FROM mobilisation WHERE run_id = ({latest('mobilisation')}))"
_PAIRS = f"(SELECT * FROM influence WHERE run_id = ({latest('influence')}))"
_BURSTS = f"(SELECT * FROM burst WHERE run_id = ({latest('burst')}))"

CALLS = Figure(
    "calls_to_act",
    "Posts that call to act",
    f"SELECT count(DISTINCT post_id) AS posts FROM {_CALLS} AS rows_now",
)
BURSTING = Figure(
    "objects_in_bursts",
    "Things that were posted in bursts",
    f"SELECT count(DISTINCT object_id) AS objects FROM {_BURSTS} AS rows_now WHERE platform = '*'",
)
SUDDEN = Figure(
    "objects_in_sudden_minutes",
    "Things with minutes that their own hours of the day do not explain",
    f"SELECT count(DISTINCT object_id) AS objects FROM {_BURSTS} AS rows_now "
    "WHERE platform = '*' AND method = 'minutes' AND p_value IS NOT NULL",
)
STUDIED = Figure(
    "influence_sets",
    "Things whose spread between groups was looked at",
    f"SELECT count(DISTINCT object_id) AS objects FROM {_PAIRS} AS rows_now",
)


def answered(limit: int) -> Figure:
    """The calls after which most rose, by the chance of such a rise."""
    return Figure(
        "calls_answered",
        "Calls by what followed elsewhere",
        f"""
        SELECT post_id, account_id, object_id, call_kind, language, platform, called_at,
            before_count, after_count, burst_lag_s, q_value, reading
        FROM {_CALLS} AS rows_now WHERE after_count IS NOT NULL
        ORDER BY q_value NULLS LAST, after_count DESC, post_id, object_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def led(limit: int) -> Figure:
    """What is said of the pairs of groups, influence first."""
    return Figure(
        "influence_list",
        "What is said of groups that may have led others",
        f"""
        SELECT pair.object_id AS object_id, seen.display AS display,
            seen.account_count AS account_count, grouping, source_group, target_group, status,
            is_influence, reading
        FROM {_PAIRS} AS pair LEFT JOIN (
            SELECT object_id, display, account_count FROM first_seen AS first_now
            WHERE first_now.run_id = ({latest("first_seen")}) AND platform = '*'
        ) AS seen ON seen.object_id = pair.object_id
        WHERE source_group IS NULL OR source_group <> target_group
        ORDER BY is_influence DESC, status, pair.object_id, grouping, source_group, target_group
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section; nothing where no burst, call or pair was looked at."""
    if not (value_of(desk.ask(CALLS)) or value_of(desk.ask(BURSTING))):
        return None
    return tag(
        "section",
        tag("h2", "Bursts, calls and what followed"),
        tag(
            "p",
            desk.number(BURSTING),
            " things were posted in bursts (",
            desk.whole("burst"),
            "), ",
            desk.number(SUDDEN),
            " of them in minutes that their own hours of the day do not explain; the other bursts "
            "may be the lively part of an ordinary day. ",
            desk.number(CALLS),
            " posts call to act by the patterns of this program.",
        ),
        note(
            "What comes after a call in this collection is not thereby caused by it: both may "
            "follow one event. None of this shows who planned. Patterns miss most calls in free "
            "words, so that a call not listed was not thereby absent.",
            kind="limit",
        ),
        _calls(desk),
        _pairs(desk),
        id="reactions",
    )


def _calls(desk: Desk) -> Markup | None:
    listed = answered(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.account(row["account_id"], None),
            join(desk.edition.post(row["post_id"]), f" {row['call_kind']} ({row['language']})"),
            shown(row["before_count"]),
            shown(row["after_count"]),
            duration(row["burst_lag_s"]),
            shown(row["q_value"]),
        )
        for row in desk.ask(listed).rows
    ]
    if not rows:
        return None
    heads = (
        *(("Account", ""), ("Call", "wide"), ("Elsewhere, hour before", "n")),
        *(("Hour after", "n"), ("To the next burst", "n"), ("q", "n")),
    )
    return join(
        table(heads, rows, caption=join("Calls by what followed", desk.mark(listed))),
        tag("p", "All rows: ", desk.whole("mobilisation"), class_="showing"),
    )


def _pairs(desk: Desk) -> Markup | None:
    if not value_of(desk.ask(STUDIED)):
        return None
    listed = led(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            _named(desk, row),
            desk.edition.remark(_groups(row), 90),
            row["status"].replace("_", " "),
            desk.edition.remark(row["reading"], 400),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Of", "wide"), ("Between", ""), ("Status", ""), ("What may be said", "wide"))
    return join(
        table(heads, rows, caption=join("Who may have led to whom", desk.mark(listed))),
        note(
            "A place that is not in this collection can drive two groups so that one seems to lead "
            "to the other. Where both follow each other about alike, nothing is called; a place "
            "that reaches one of them later than the other can still pass for influence.",
            kind="limit",
        ),
        tag("p", "All rows: ", desk.whole("influence"), class_="showing"),
    )


def _named(desk: Desk, row: Mapping[str, Any]) -> Content:
    if row["display"] is None:
        return "no thing that could be looked at" if row["object_id"] is None else "a thing"
    kind = row["object_id"].partition(":")[0]
    name = desk.edition.object(kind, row["display"], row["object_id"], row["account_count"])
    return tag("span", name, class_="object")


def _groups(row: Mapping[str, Any]) -> str:
    if row["source_group"] is None:
        return str(row["grouping"])
    return f"{row['grouping']}: {row['source_group']} → {row['target_group']}"
