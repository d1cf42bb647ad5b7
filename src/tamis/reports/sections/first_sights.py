"""Where things were first seen: the earliest post of each object in this collection."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake import identity
from tamis.reports.sections.timeline import latest
from tamis.reports.words import CLOCKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_ROWS = f"(SELECT * FROM first_seen WHERE run_id = ({latest('first_seen')}))"
_CHOSEN = f"""
    SELECT object_id, rank_in_kind FROM (
        SELECT object_id, row_number() OVER (
            PARTITION BY kind ORDER BY account_count DESC, post_count DESC, object_id
        ) AS rank_in_kind
        FROM {_ROWS} AS rows_now WHERE platform = '*'
    ) AS ranked WHERE rank_in_kind <= $each
"""
_KINDS = {
    "url": "Links",
    "domain": "Sites",
    "hashtag": "Hashtags",
    "phrase": "Phrases",
    "text_cluster": "Texts",
    "file_sha256": "Files",
    "file_md5": "Files (MD5)",
    "image_hash": "Pictures",
    "email_message_id": "Message-IDs",
    "leaked_item": "Leaked items",
}

OBJECTS = Figure(
    "objects_seen",
    "Links, sites, hashtags and other things that posts share",
    f"SELECT count(*) AS objects FROM {_ROWS} AS rows_now WHERE platform = '*'",
)
CROSSED = Figure(
    "objects_on_platforms",
    "Of these, things seen on more than one platform",
    f"""
    SELECT count(*) AS objects FROM (
        SELECT object_id FROM {_ROWS} AS rows_now WHERE platform <> '*'
        GROUP BY object_id HAVING count(DISTINCT platform) > 1
    ) AS crossed
    """,
)


def sights(each: int) -> Figure:
    """The first sights printed: of each kind, the objects carried by most accounts."""
    return Figure(
        "first_sights",
        "Earliest post of the things that most accounts carried, by kind and platform",
        f"""
        WITH chosen AS ({_CHOSEN}), handles AS (
            SELECT account_id, max(handle) AS handle FROM account GROUP BY account_id
        )
        SELECT seen.object_id AS object_id, seen.kind AS kind, seen.display AS display,
            seen.platform AS platform, seen.post_id AS post_id, seen.account_id AS account_id,
            handles.handle AS handle, seen.first_low_at AS first_low_at,
            seen.first_high_at AS first_high_at, seen.clock AS clock,
            seen.is_certain AS is_certain, seen.rival_count AS rival_count,
            seen.role AS role, seen.post_count AS post_count,
            seen.inherited_count AS inherited_count, seen.account_count AS account_count,
            seen.last_at AS last_at, seen.source_item_id AS source_item_id,
            seen.byte_start AS byte_start, seen.byte_end AS byte_end
        FROM {_ROWS} AS seen JOIN chosen ON chosen.object_id = seen.object_id
            LEFT JOIN handles ON handles.account_id = seen.account_id
        ORDER BY seen.kind, chosen.rank_in_kind, seen.platform <> '*', seen.first_low_at,
            seen.platform, seen.post_id
        """,
        {"each": each},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on first sights; nothing when no object was seen."""
    if not value_of(desk.ask(OBJECTS)):
        return None
    listed = sights(desk.limits.objects_each)
    by_object: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in desk.ask(listed).rows:
        by_object.setdefault((row["kind"], row["object_id"]), []).append(row)
    by_kind: dict[str, list[list[Mapping[str, Any]]]] = {}
    for (kind, _), rows in by_object.items():
        by_kind.setdefault(kind, []).append(rows)
    order = {kind: rank for rank, kind in enumerate(_KINDS)}
    blocks = [
        _kind(desk, kind, by_kind[kind])
        for kind in sorted(by_kind, key=lambda name: (order.get(name, len(order)), name))
    ]
    intro = tag(
        "p",
        "Posts of this collection carry ",
        desk.number(OBJECTS),
        " distinct links, sites, hashtags and other things; ",
        desk.number(CROSSED),
        " of them on more than one platform. Printed: of each kind, those carried by most "
        "accounts; all rows: ",
        desk.whole("first_seen"),
    )
    limit = note(
        "“First” means the earliest in this collection. An earlier post may have been deleted, "
        "or never collected. Where clocks are coarse, a first sight is an interval; it is certain "
        "only if no other post of the same thing can be earlier.",
        kind="limit",
    )
    return tag(
        "section", tag("h2", "Where things were first seen"), intro, limit, *blocks, id="first"
    )


def _kind(desk: Desk, kind: str, objects: list[list[Mapping[str, Any]]]) -> Markup:
    rows = [_object(desk, kind, sightings) for sightings in objects]
    heads = (
        ("What", "wide"),
        ("Earliest in this collection", "wide"),
        ("By", "who"),
        ("Accounts", "n"),
        ("Posts", "n"),
        ("By repost", "n"),
    )
    listed = sights(desk.limits.objects_each)
    title = _KINDS.get(kind, kind)
    return table(heads, rows, caption=join(title, desk.mark(listed)), classes="sights")


def _object(desk: Desk, kind: str, sightings: list[Mapping[str, Any]]) -> tuple[Content, ...]:
    whole = next((row for row in sightings if row["platform"] == "*"), sightings[0])
    places = [row for row in sightings if row["platform"] != "*"]
    name = desk.edition.object(kind, whole["display"], whole["object_id"], whole["account_count"])
    more = None
    if len(places) > 1:
        entries = [_sighting(desk, row) for row in places]
        more = tag(
            "details", tag("summary", "on each platform"), tag("ol", *entries, class_="evidence")
        )
    return (
        join(tag("span", name, class_="object"), more),
        _moment(desk, whole),
        join(
            desk.edition.account(whole["account_id"], whole["handle"]),
            tag("span", " post ", desk.edition.post(whole["post_id"]), class_="meta"),
        ),
        shown(whole["account_count"]),
        shown(whole["post_count"]),
        shown(whole["inherited_count"]),
    )


def _moment(desk: Desk, row: Mapping[str, Any]) -> Markup:
    if row["is_certain"]:
        sure = tag("span", "certain within this collection", class_="sure")
    else:
        rivals = row["rival_count"]
        others = f"{rivals:,} other post{'s' if rivals != 1 else ''} may be as early"
        sure = tag("span", f"not certain: {others}", class_="unsure")
    clock = CLOCKS.get(row["clock"], "a clock of unknown kind")
    return join(
        desk.clock.interval(row["first_low_at"], row["first_high_at"]),
        tag(
            "span",
            sure,
            f"; {clock}; ",
            where(row["source_item_id"], row["byte_start"]),
            class_="meta",
        ),
    )


def _sighting(desk: Desk, row: Mapping[str, Any]) -> Markup:
    return tag(
        "li",
        tag("strong", desk.edition.remark(row["platform"], 40)),
        " ",
        desk.edition.account(row["account_id"], row["handle"]),
        ": ",
        _moment(desk, row),
    )


def where(item_id: str | None, byte_start: int | None) -> Markup:
    """Where a row stands: its file's hash and the byte it begins at."""
    if item_id is None:
        return Markup("no file")
    place = "no byte address" if byte_start is None else f"byte {byte_start:,}"
    return join("file ", identity(item_id), f" {place}")
