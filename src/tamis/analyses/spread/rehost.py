"""Where copies of the dump may lie: links on hosts of files that posts about it carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 2
PARAMS: Mapping[str, Any] = {"selectors": []}
# The last part of an address without what packers and trackers append.
_STEM = (
    "REGEXP_REPLACE(REGEXP_EXTRACT(LOWER({column}), '^https?://[^/]+/.*?([^/?#]+)/?([?#].*)?$', 1),"
    " '(\\.(zip|7z|rar|tar|gz|tgz|bz2|xz|torrent))+$', '')"
)
# A short or plain word such as `index` is a name that anybody gives.
_WANTED = (
    "SELECT DISTINCT stem FROM (SELECT " + _STEM.format(column="one") + " AS stem FROM "  # noqa: S608
    "(SELECT UNNEST($selectors) AS one) AS given) AS stems "
    "WHERE LENGTH(stem) >= 8 AND REGEXP_MATCHES(stem, '[0-9_-]')"
)
_NAMESAKE = (
    "SELECT DISTINCT o.object_id FROM object AS o JOIN wanted AS w ON "  # noqa: S608
    + _STEM.format(column="o.canonical")
    + " = w.stem WHERE o.kind = 'url' AND NOT list_contains($selectors, o.canonical) "
    "AND NOT list_contains($selectors, o.display)"
)
_HOSTED = (
    "SELECT o.object_id, COALESCE(MIN(CASE WHEN o.host_kind IN ('paste', 'file', 'archive', "
    "'torrent', 'leak') THEN o.host_kind END), 'unlisted') AS host_kind, "
    "COUNT(n.object_id) > 0 AS is_namesake FROM object AS o "
    "LEFT JOIN namesake AS n ON n.object_id = o.object_id WHERE o.kind = 'url' AND "
    "(o.host_kind IN ('paste', 'file', 'archive', 'torrent', 'leak') OR n.object_id IS NOT NULL) "
    "GROUP BY o.object_id"
)
_LINKED = (
    "SELECT DISTINCT o.object_id, o.post_id FROM post_object AS o "
    "JOIN hosted AS h ON o.object_id = h.object_id"
)
_JOINED = "SELECT DISTINCT post_id, item_id FROM post_item WHERE grade = 'strong'"
_TAG = (
    "SELECT DISTINCT o.object_id FROM post_object AS o JOIN joined_post AS j "
    "ON o.post_id = j.post_id JOIN object AS t ON o.object_id = t.object_id "
    "WHERE t.kind = 'hashtag'"
)
_TAGGED = (
    "SELECT DISTINCT o.post_id FROM post_object AS o JOIN dump_tag AS t "
    "ON o.object_id = t.object_id"
)
_TIE = (
    "SELECT l.object_id, COUNT(DISTINCT j.item_id) AS item_count, "
    "COUNT(DISTINCT t.post_id) AS tagged_count FROM linked AS l "
    "LEFT JOIN joined_post AS j ON l.post_id = j.post_id "
    "LEFT JOIN tagged AS t ON l.post_id = t.post_id GROUP BY l.object_id"
)
_REHOST = (
    "SELECT f.object_id, f.display, h.host_kind, CASE WHEN t.item_count > 0 THEN 'corpus' "
    "WHEN h.is_namesake THEN 'name' "
    "WHEN t.tagged_count > 0 THEN 'hashtag' ELSE 'host' END AS tie, t.item_count, f.post_id, "
    "f.account_id, f.first_low_at, f.first_high_at, f.is_certain, f.post_count, f.account_count, "
    "f.source_item_id, f.byte_start, f.byte_end, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM first_seen AS f "
    "JOIN hosted AS h ON f.object_id = h.object_id JOIN tie AS t ON f.object_id = t.object_id "
    "WHERE f.platform = '*'"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from links and their first sights to `rehost`.

    Input     object, post_object, post_item (strong joins only), first_seen; `selectors` are what
              was searched for: copies elsewhere often keep the name of the file
    Output    rehost: one row per link or magnet that a post carries itself and that lies on a host
              of pastes, files, archives, torrents or leaks, or ends in the name that a link which
              was searched for ends in; that link itself is left out
    Source    the list of hosts in `syntax.hosts`; a link beside an item of the dump in one post
    Limits    Nothing is fetched: a link says where something was said to lie. A link may lead to
              another file of the same host or of the same name; a copy under another name on a host
              on no list is not found. A hashtag
              ties loosely: it may be one that everybody uses.
    """
    asked = {"selectors": list({**PARAMS, **params}["selectors"])}
    first = (Query("wanted", _WANTED, asked), Query("namesake", _NAMESAKE, asked))
    steps = (
        *(("hosted", _HOSTED), ("linked", _LINKED), ("joined_post", _JOINED)),
        *(("dump_tag", _TAG), ("tagged", _TAGGED), ("tie", _TIE), ("rehost", _REHOST)),
    )
    return first + tuple(Query(name, sql, portable=True) for name, sql in steps)


ANALYSIS = Analysis(
    name="rehost",
    version=VERSION,
    question="spread",
    reads=("object", "post_object", "post_item", "first_seen"),
    writes=("rehost",),
    params=PARAMS,
    build=build,
)
