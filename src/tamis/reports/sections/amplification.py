"""Was a post passed on unusually soon, who is first again, how posts went, who carried a thing."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

_TESTED = f"(SELECT * FROM amplification WHERE run_id = ({latest('amplification')}))"
_TREES = f"(SELECT * FROM cascade WHERE run_id = ({latest('cascade')}))"
_FIRST = f"(SELECT * FROM early_account WHERE run_id = ({latest('early_account')}))"
_GROWN = f"(SELECT * FROM growth WHERE run_id = ({latest('growth')}))"
_HANDLES = "(SELECT account_id, max(handle) AS handle FROM account GROUP BY account_id)"
_LEVEL = 0.05

CASCADES = Figure(
    "cascades", "Posts that others passed on", f"SELECT count(*) AS posts FROM {_TREES} AS rows_now"
)
STARS = Figure(
    "cascade_stars",
    "Of these, where nothing says from whom anybody had it",
    f"SELECT count(*) AS posts FROM {_TREES} AS rows_now WHERE grade = 'star'",
)
SOON = Figure(
    "amplified_posts",
    "Posts passed on sooner than their author's other posts explain",
    f"SELECT count(DISTINCT post_id) AS posts FROM {_TESTED} AS rows_now WHERE q_value <= $level",
    {"level": _LEVEL},
)
AGAIN = Figure(
    "early_accounts",
    "Accounts among the first ten more often than any order explains",
    f"SELECT count(*) AS accounts FROM {_FIRST} AS rows_now WHERE q_value <= $level",
    {"level": _LEVEL},
)


def soonest(limit: int) -> Figure:
    """The posts that were passed on most unlike their author's others."""
    return Figure(
        "amplified_list",
        "Posts by how unlike their author's others they were passed on",
        f"""
        SELECT tested.post_id AS post_id, tested.account_id AS account_id,
            handles.handle AS handle, tested.window_s AS window_s,
            tested.early_count AS early_count, tested.expected AS expected,
            tested.other_count AS other_count, tested.q_value AS q_value
        FROM {_TESTED} AS tested LEFT JOIN {_HANDLES} AS handles
            ON handles.account_id = tested.account_id
        WHERE tested.q_value <= $level
        ORDER BY tested.q_value, tested.early_count DESC, tested.post_id, tested.window_s
        LIMIT $row_limit
        """,
        {"level": _LEVEL, "row_limit": limit},
        Keeps.DIGEST,
    )


def largest(limit: int) -> Figure:
    """The largest cascades."""
    return Figure(
        "cascade_list",
        "Largest cascades",
        f"""
        SELECT tree.post_id AS post_id, tree.account_id AS account_id, handles.handle AS handle,
            tree.post_count AS post_count, tree.depth AS depth, tree.breadth AS breadth,
            tree.virality AS virality, tree.grade AS grade
        FROM {_TREES} AS tree LEFT JOIN {_HANDLES} AS handles
            ON handles.account_id = tree.account_id
        ORDER BY tree.post_count DESC, tree.post_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def carriers(objects: int) -> Figure:
    """Of the things with most posts, who was passed on most in each stretch of their growth."""
    return Figure(
        "growth_list",
        "Who was passed on most while a thing grew",
        f"""
        WITH chosen AS (
            SELECT object_id, max(to_count) AS post_count FROM {_GROWN} AS rows_now
            GROUP BY object_id ORDER BY post_count DESC, object_id LIMIT $objects
        ), named AS (
            SELECT object_id, min(kind) AS kind, min(display) AS display FROM object
            GROUP BY object_id
        )
        SELECT grown.object_id AS object_id, named.kind AS kind, named.display AS display,
            grown.from_count AS from_count, grown.to_count AS to_count,
            grown.from_at AS from_at, grown.place AS place, grown.account_id AS account_id,
            handles.handle AS handle, grown.received_count AS received_count,
            grown.repost_count AS repost_count
        FROM {_GROWN} AS grown JOIN chosen ON chosen.object_id = grown.object_id
            LEFT JOIN named ON named.object_id = grown.object_id
            LEFT JOIN {_HANDLES} AS handles ON handles.account_id = grown.account_id
        WHERE grown.place <= 3
        ORDER BY chosen.post_count DESC, grown.object_id, grown.from_count, grown.place
        """,
        {"objects": objects},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on amplification; nothing when nothing was passed on."""
    if not value_of(desk.ask(CASCADES)):
        return None
    return tag(
        "section",
        tag("h2", "How it was passed on"),
        tag(
            "p",
            desk.number(CASCADES),
            " posts were passed on by others. ",
            desk.number(SOON),
            " of them sooner than their author's other posts explain; ",
            desk.number(AGAIN),
            " accounts are among the first ten more often than any order of the carriers explains.",
        ),
        note(
            "Sooner than usual names no cause: news, an audience that is awake, notifications and "
            "programs all do it. The author's other posts are those of this collection. Platforms "
            "export reposts as a star around the first post: for ",
            desk.number(STARS),
            " of these posts nothing says from whom anybody had it, and depth and virality say "
            "nothing there.",
            kind="limit",
        ),
        _soon(desk),
        _grown(desk),
        _trees(desk),
        id="amplification",
    )


def _soon(desk: Desk) -> Markup | None:
    listed = soonest(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.post(row["post_id"]),
            desk.edition.account(row["account_id"], row["handle"]),
            f"{row['window_s']:g} s",
            shown(row["early_count"]),
            f"{row['expected']:.2f}",
            shown(row["other_count"]),
            f"{row['q_value']:.2g}",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Post", ""), ("By", "who"), ("Within", "n"), ("Accounts", "n"),
        ("Mean of its others", "n"), ("Other posts", "n"), ("q", "n"),
    )  # fmt: skip
    caption = join("Posts passed on sooner than their author's others", desk.mark(listed))
    return table(heads, rows, caption=caption) if rows else None


def _grown(desk: Desk) -> Markup | None:
    listed = carriers(desk.limits.objects_each)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.object(row["kind"] or "", row["display"] or "", row["object_id"], None),
            f"{row['from_count']:,} to {row['to_count']:,}",
            desk.clock.show(row["from_at"]),
            desk.edition.account(row["account_id"], row["handle"]),
            shown(row["received_count"]),
            shown(row["repost_count"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("What", "wide"), ("Posts", "n"), ("From", ""), ("Whose posts were passed on", "who"),
        ("Times", "n"), ("Of", "n"),
    )  # fmt: skip
    caption = join("Who was passed on most while it grew", desk.mark(listed))
    return table(heads, rows, caption=caption) if rows else None


def _trees(desk: Desk) -> Markup:
    listed = largest(desk.limits.amplifiers)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.post(row["post_id"]),
            desk.edition.account(row["account_id"], row["handle"]),
            shown(row["post_count"]),
            shown(row["depth"]),
            shown(row["breadth"]),
            f"{row['virality']:.2f}",
            row["grade"],
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Post", ""), ("By", "who"), ("Posts", "n"), ("Depth", "n"), ("Breadth", "n"),
        ("Virality", "n"), ("Parents", ""),
    )  # fmt: skip
    caption = join("Largest cascades", desk.mark(listed))
    return join(table(heads, rows, caption=caption), desk.showing(listed, CASCADES, "cascade"))
