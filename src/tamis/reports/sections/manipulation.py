"""How traffic is made up: the coefficient with its interval, its base, and published values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

MEASURED = Figure(
    "manipulation_rows",
    "Windows of traffic that were measured or refused",
    "SELECT count(*) AS windows FROM manipulation",
)
CLOCKS = Figure(
    "activity_clocks",
    "Accounts with a clock of activity",
    "SELECT count(*) AS accounts FROM activity_clock",
)
BENCHMARKS = Figure(
    "manipulation_benchmarks",
    "Published and measured values of the coefficient",
    """
    SELECT case_name, post_count, account_count, posts_per_account, rest_ctm, ctm, note, source
    FROM manipulation_benchmark ORDER BY benchmark_id
    """,
    keeps=Keeps.DIGEST,
)


def windows(limit: int) -> Figure:
    """The windows printed: all posts first, then the objects with most posts."""
    return Figure(
        "manipulation_list",
        "C = R/10 + F + U of the objects that most posts carry",
        """
        SELECT object_id, platform, window_kind, window_rank, detail FROM manipulation
        WHERE window_kind IN ('all', 'first_6h') OR (window_rank = 0 AND base_count > 0)
        ORDER BY object_id <> '*', max(post_count) OVER (PARTITION BY object_id) DESC, object_id,
            platform, window_kind, window_rank LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def shares(limit: int) -> Figure:
    """Shares of clusters and repeated texts beside the whole collection."""
    return Figure(
        "crowd_share_list",
        "Posts by accounts of clusters, and repeated texts, beside all posts of the platform",
        """
        SELECT object_id, platform, measure, window_kind, post_count, hit_count, hit_share,
            base_share FROM crowd_share WHERE hit_count > 0
        ORDER BY object_id <> '*', hit_count DESC, object_id, platform, measure, window_kind
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def clocks(limit: int) -> Figure:
    """Activity clocks of the accounts with most posts."""
    return Figure(
        "activity_clock_list",
        "Activity clocks of the accounts with most posts",
        """
        SELECT account_id, post_count, detail FROM activity_clock
        ORDER BY post_count DESC, account_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on traffic; nothing where none was looked at."""
    if not value_of(desk.ask(MEASURED)):
        return None
    return tag(
        "section",
        tag("h2", "How the traffic is made up"),
        note(
            "Campaigns, fan communities, live events and programs reach high values alike; the "
            "figure names nobody. F counts ",
            tag("span", "50", class_="fixed"),
            " accounts however many there are, so only values of about the same N compare.",
            kind="limit",
        ),
        _panel(desk),
        _published(desk),
        _shares(desk),
        _clocks(desk),
        id="flow",
    )


def _panel(desk: Desk) -> Markup:
    listed = windows(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["object_id"], 80) if row["object_id"] != "*" else "all posts",
            row["platform"],
            row["window_kind"].replace("_", " "),
            row["detail"],
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Object", "wide"), ("Platform", "word"), ("Window", "word"), ("Finding", "wide"))
    return join(
        table(heads, rows, caption=join(listed.label, desk.mark(listed))),
        desk.showing(listed, MEASURED, "manipulation"),
    )


def _published(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            row["case_name"],
            shown(row["post_count"]),
            shown(row["posts_per_account"]),
            shown(row["rest_ctm"]),
            shown(row["ctm"]),
            join(row["note"], tag("span", row["source"], class_="meta")),
        )
        for row in desk.ask(BENCHMARKS).rows
    ]
    heads = (
        *(("Case", "wide"), ("N", "n"), ("U", "n"), ("R/10 + F", "n"), ("C", "n")),
        ("To heed, and source", "wide"),
    )
    return table(heads, rows, caption=join(BENCHMARKS.label, desk.mark(BENCHMARKS)))


def _shares(desk: Desk) -> Markup | None:
    listed = shares(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.text(row["object_id"], 80) if row["object_id"] != "*" else "all posts",
            f"{row['platform']}, {row['window_kind'].replace('_', ' ')}",
            row["measure"].replace("_", " "),
            f"{shown(row['hit_count'])} of {shown(row['post_count'])}",
            f"{row['hit_share']:.1%}",
            f"{row['base_share']:.1%}",
        )
        for row in desk.ask(listed).rows
    ]
    if not rows:
        return None
    heads = (
        *(("Object", "wide"), ("Where", "word"), ("What", "word"), ("Posts", "n"), ("Share", "n")),
        ("All posts", "n"),
    )
    return table(heads, rows, caption=join(listed.label, desk.mark(listed)))


def _clocks(desk: Desk) -> Markup | None:
    if not value_of(desk.ask(CLOCKS)):
        return None
    listed = clocks(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (desk.edition.account(row["account_id"], None), shown(row["post_count"]), row["detail"])
        for row in desk.ask(listed).rows
    ]
    heads = (("Account", ""), ("Posts", "n"), ("Hours", "wide"))
    return join(
        tag("h3", "Activity clocks"),
        note(
            "Sets of offsets from UTC, never a country: each offset crosses many, people work at "
            "night, and programs keep any hours.",
            kind="limit",
        ),
        table(heads, rows, caption=join(listed.label, desk.mark(listed))),
        desk.showing(listed, CLOCKS, "activity_clock"),
    )
