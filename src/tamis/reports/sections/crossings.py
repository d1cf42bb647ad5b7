"""How things passed from place to place, and where copies of the dump may lie."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration
from tamis.reports.sections.first_sights import where
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tamis.reports.desk import Desk

_ORDERS = f"(SELECT * FROM crossing_order WHERE run_id = ({latest('crossing_order')}))"
_STEPS = f"(SELECT * FROM crossing WHERE run_id = ({latest('crossing')}))"
_BRIDGES = f"(SELECT * FROM bridge_account WHERE run_id = ({latest('bridge_account')}))"
_COPIES = f"(SELECT * FROM rehost WHERE run_id = ({latest('rehost')}))"
_READINGS = {
    "a_first": "the first named leads: neither its share of the posts nor thinning explains it",
    "b_first": "the second named leads: neither its share of the posts nor thinning explains it",
    "unequal_sampling": "no order: what leads does so no longer when it is thinned",
    "clock_shift": "no order: lags pile up at whole quarter hours; check the zones of both clocks",
    "rates": "no order: the share of the posts explains who is first",
}

STEPS = Figure(
    "crossings",
    "First sights on a further platform, language or community",
    f"SELECT count(*) AS steps FROM crossing WHERE run_id = ({latest('crossing')})",
)
COPIES = Figure(
    "rehosts",
    "Links on hosts where copies of the dump may lie",
    f"SELECT count(*) AS links FROM {_COPIES} AS rows_now",
)


def orders(limit: int) -> Figure:
    """The pairs that were tested, platforms first, then those with most objects."""
    return Figure(
        "crossing_orders",
        "Which of two places had things first, beside what chance gives",
        f"""
        SELECT dimension, kind, scope_a, scope_b, tested_count, tested_a_first_count,
            tested_b_first_count, round(a_expected, 1) AS a_expected, median_lag_s,
            clock_shift_s, reading
        FROM {_ORDERS} AS rows_now WHERE reading <> 'too_few'
        ORDER BY dimension <> 'platform', tested_count DESC, dimension, kind, scope_a, scope_b
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def path(limit: int) -> Figure:
    """The steps from platform to platform of the things that most accounts carried."""
    return Figure(
        "crossing_path",
        "In which order the things that most accounts carried came up on further platforms",
        f"""
        SELECT step.object_id AS object_id, seen.display AS display,
            seen.account_count AS account_count, step.place AS place,
            step.from_scope AS from_scope, step.to_scope AS to_scope, step.lag_low_s AS lag_low_s,
            step.is_order_certain AS is_order_certain, step.account_id AS account_id,
            step.crossed_low_at AS crossed_low_at, step.crossed_high_at AS crossed_high_at,
            step.source_item_id AS source_item_id, step.byte_start AS byte_start
        FROM {_STEPS} AS step JOIN (
            SELECT object_id, display, account_count FROM first_seen AS first_now
            WHERE first_now.run_id = ({latest("first_seen")}) AND platform = '*'
              AND kind IN ('url', 'hashtag', 'magnet', 'file_sha256', 'leaked_item')
              AND object_id IN (SELECT object_id FROM {_STEPS} AS moved
                  WHERE moved.dimension = 'platform')
            ORDER BY account_count DESC, object_id LIMIT 3
        ) AS seen ON seen.object_id = step.object_id
        WHERE step.dimension = 'platform'
        ORDER BY seen.account_count DESC, step.object_id, step.place LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def bridges(limit: int) -> Figure:
    """Accounts first in a place more often than chance explains, the least likely first."""
    return Figure(
        "bridges",
        "Accounts that brought things into a place first more often than chance explains",
        f"""
        SELECT dimension, scope, account_id, crossing_count, object_count,
            round(expected, 1) AS expected, q_value
        FROM {_BRIDGES} AS rows_now WHERE q_value <= 0.05
        ORDER BY q_value, dimension, scope, account_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def copies(limit: int) -> Figure:
    """The links, those tied to the dump by a post first."""
    return Figure(
        "rehost_list",
        "Where copies of the dump may lie, and who said so first",
        f"""
        SELECT object_id, display, host_kind, tie, account_id, post_id, first_low_at, first_high_at,
            post_count, account_count, source_item_id, byte_start
        FROM {_COPIES} AS rows_now
        ORDER BY tie, first_high_at, object_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on crossings and copies; nothing when there is neither."""
    steps, links = value_of(desk.ask(STEPS)), value_of(desk.ask(COPIES))
    if not steps and not links:
        return None
    blocks = [
        _path_table(desk) if steps else None,
        _order_table(desk) if steps else None,
        _bridge_table(desk) if steps else None,
        _copy_table(desk) if links else None,
    ]
    return tag(
        "section",
        tag("h2", "From place to place"),
        tag(
            "p",
            desk.number(STEPS),
            " times a thing came up on a further platform, in a further language or community; "
            "all steps: ",
            desk.whole("crossing"),
        ),
        note(
            "First is not cause. A place that posts more, or was collected more fully, is first "
            "more often: so each order stands beside what permuted labels give.",
            kind="limit",
        ),
        *[block for block in blocks if block is not None],
        id="crossings",
    )


def _path_table(desk: Desk) -> Markup | None:
    listed = path(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            tag(
                "span",
                desk.edition.object(
                    row["object_id"].partition(":")[0],
                    row["display"],
                    row["object_id"],
                    row["account_count"],
                ),
                class_="object",
            ),
            f"{row['from_scope']} → {row['to_scope']}",
            duration(row["lag_low_s"]) if row["is_order_certain"] else "the order is not certain",
            tag(
                "span",
                desk.clock.interval(row["crossed_low_at"], row["crossed_high_at"]),
                " ",
                tag("span", where(row["source_item_id"], row["byte_start"]), class_="meta"),
            ),
            desk.edition.account(row["account_id"], None),
        )
        for row in desk.ask(listed).rows
    ]
    if not rows:
        return None
    heads = (
        ("What", "wide"),
        ("After, then on", ""),
        ("At least later", "n"),
        ("Earliest there in this collection", "wide"),
        ("By", "who"),
    )
    return table(
        heads, rows, caption=join("The way of what most accounts carried", desk.mark(listed))
    )


def _order_table(desk: Desk) -> Markup | None:
    listed = orders(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            f"{row['dimension']}, {row['kind']}",
            tag(
                "span",
                desk.edition.remark(row["scope_a"], 60),
                " / ",
                desk.edition.remark(row["scope_b"], 60),
            ),
            shown(row["tested_count"]),
            f"{row['tested_a_first_count']:,} / {row['tested_b_first_count']:,}",
            shown(row["a_expected"]),
            duration(row["median_lag_s"]),
            _READINGS.get(row["reading"], row["reading"]),
        )
        for row in desk.ask(listed).rows
    ]
    if not rows:
        told = "No two places share enough things (20 of one kind) for their order to be tested."
        return tag("p", told, class_="fixed")
    heads = (
        ("What", ""),
        ("Places", "wide"),
        ("Things", "n"),
        ("First / second earlier", "n"),
        ("First expected", "n"),
        ("Median lag", "n"),
        ("Reading", "wide"),
    )
    return table(heads, rows, caption=join("Who had things first", desk.mark(listed)))


def _bridge_table(desk: Desk) -> Markup:
    listed = bridges(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.account(row["account_id"], None),
            row["dimension"],
            desk.edition.remark(row["scope"], 60),
            f"{row['crossing_count']:,} of {row['object_count']:,}",
            shown(row["expected"]),
            f"{row['q_value']:.2g}",
        )
        for row in desk.ask(listed).rows
    ]
    if not rows:
        told = "No account was first in a place more often than chance explains (q 0.05)."
        return tag("p", told, desk.mark(listed), class_="fixed")
    heads = (
        ("Account", "who"),
        ("Into a", ""),
        ("Place", "wide"),
        ("Posts first of those it made", "n"),
        ("Expected", "n"),
        ("q", "n"),
    )
    caption = join("Bridges: what one post brings counts once", desk.mark(listed))
    return table(heads, rows, caption=caption)


def _copy_table(desk: Desk) -> Markup:
    listed = copies(desk.limits.amplifiers)
    rows = [_copy(desk, row) for row in desk.ask(listed).rows]
    heads = (
        ("Link", "wide"),
        ("Host", ""),
        ("Tied by", ""),
        ("Earliest in this collection", "wide"),
        ("By", "who"),
        ("Posts", "n"),
        ("Accounts", "n"),
    )
    caption = join("Where copies of the dump may lie", desk.mark(listed))
    return table(heads, rows, caption=caption)


def _copy(desk: Desk, row: Mapping[str, Any]) -> tuple[Content, ...]:
    name = desk.edition.object("url", row["display"], row["object_id"], row["account_count"])
    return (
        tag("span", name, class_="object"),
        row["host_kind"],
        row["tie"],
        tag(
            "span",
            desk.clock.interval(row["first_low_at"], row["first_high_at"]),
            " ",
            tag("span", where(row["source_item_id"], row["byte_start"]), class_="meta"),
        ),
        desk.edition.account(row["account_id"], None),
        shown(row["post_count"]),
        shown(row["account_count"]),
    )
