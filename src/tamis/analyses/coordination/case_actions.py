"""The actions of each layer, from the tables of a case: once each, with account and time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.layers import CASE_LAYERS, LEAST_CHARACTERS, LEAST_TAGS
from tamis.errors import PlanError
from tamis.plan import Kernel, Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Partition, Step

_OBJECT_KINDS: Mapping[str, tuple[str, ...]] = {
    "co_link": ("url",),
    "co_domain": ("domain",),
    "co_hashtag": ("hashtag",),
    "co_media": ("media", "image_hash", "file_sha256", "file_sha1", "file_md5"),
}
_ON_POSTS = frozenset({"co_text", "co_presence", "co_hashtag_sequence", "fast_repost"})
_ON_REPOSTS = frozenset({"co_repost", "fast_repost"})
_COLUMNS = "object_id, account_id, post_id, acted_at, source_item_id, byte_start"
_ORIGIN = "target_account_id, origin_at, origin_source_item_id, origin_byte_start"
# A longer sequence goes by its hash.
_LONGEST = 200


def case_actions(layers: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps that make `<layer>_action` for each layer, and `co_action_excluded`.

    Input     action, post, post_object, object
    Output    <layer>_action: one row per action of an account on an object (schema.ACTIONS; the
              layer fast_repost has the columns of the original besides)
              co_action_excluded: layer, reason `no_account`, `no_time` or `no_original`, row_count
    Missing   a repost without a post of its own stands under its action_id
    Errors    PlanError for a layer that a case has not
    Limits    a post counts with its first version and its stated time, however wide the
              interval that the time may lie in; the same action read from two files counts once
    """
    unknown = [layer for layer in layers if layer not in CASE_LAYERS]
    if unknown:
        raise PlanError(f"the case has no layer {unknown[0]!r}; it has {', '.join(CASE_LAYERS)}")
    wanted = set(layers)
    steps: list[Step] = []
    if wanted & {*_OBJECT_KINDS, *_ON_POSTS}:
        steps.append(Query("first_post", _FIRST_POST, portable=True))
    if wanted & _ON_REPOSTS:
        steps.append(Query("repost", _deeds(_PASSED_ON, "target_post_id"), portable=True))
    for layer in layers:
        steps += _candidates(layer)
        steps.append(usable(layer))
    return (*steps, _excluded(layers))


# One row per post: its first version, from the file that sorts first.
_FIRST_POST = (
    "SELECT post_id, version, account_id, posted_at, text_hash, text_length, thread_id, "
    "container_id, source_item_id, byte_start FROM ("
    "SELECT post_id, version, account_id, posted_at, text_hash, LENGTH(text) AS text_length, "
    "thread_id, container_id, source_item_id, byte_start, "
    "ROW_NUMBER() OVER (PARTITION BY post_id ORDER BY version, "
    "CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, "
    "CASE WHEN posted_at IS NULL THEN 1 ELSE 0 END, "
    "source_item_id, COALESCE(byte_start, 0)) AS place FROM post) AS numbered WHERE place = 1"
)
_PASSED_ON = "type IN ('repost', 'forward', 'crosspost')"


def _deeds(which: str, target: str) -> str:
    """One row per action of the table `action`, from the file that sorts first."""
    return (
        f"SELECT {target} AS object_id, account_id, COALESCE(post_id, action_id) AS post_id, "  # noqa: S608  # texts of this module
        "acted_at, source_item_id, byte_start, target_account_id, origin_at FROM ("
        "SELECT action_id, target_post_id, target_account_id, account_id, post_id, acted_at, "
        "origin_at, source_item_id, byte_start, "
        "ROW_NUMBER() OVER (PARTITION BY action_id ORDER BY "
        "CASE WHEN acted_at IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0)) "
        f"AS place FROM action WHERE {which} AND {target} IS NOT NULL) AS numbered "
        "WHERE place = 1"
    )


# Inherited objects are those of the reposted original: they are the business of co_repost.
def _objects(kinds: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "SELECT o.object_id, p.account_id, p.post_id, p.posted_at AS acted_at, "  # noqa: S608  # kinds are of a fixed list
        "p.source_item_id, p.byte_start FROM ("
        "SELECT DISTINCT post_id, object_id FROM post_object WHERE role <> 'inherited' "
        f"AND object_id IN (SELECT object_id FROM object WHERE kind IN ({listed}))) AS o "
        "JOIN first_post AS p ON o.post_id = p.post_id"
    )


# A cluster stands for its texts; a text that no cluster holds stands for itself.
_TEXTS = (
    "SELECT CASE WHEN c.cluster_id IS NULL THEN 'text:' || p.text_hash "
    "ELSE 'text_cluster:' || c.cluster_id END AS object_id, p.account_id, p.post_id, "
    "p.posted_at AS acted_at, p.source_item_id, p.byte_start FROM first_post AS p LEFT JOIN ("
    "SELECT text_hash, cluster_id FROM text_cluster_member WHERE kind = 'copypasta'"
    ") AS c ON c.text_hash = p.text_hash "
    "WHERE p.text_hash IS NOT NULL AND p.text_length >= $least_characters"
)
_PRESENT = (
    "SELECT CASE WHEN thread_id IS NULL THEN 'container:' || container_id "
    "ELSE 'thread:' || thread_id END AS object_id, account_id, post_id, posted_at AS acted_at, "
    "source_item_id, byte_start FROM first_post "
    "WHERE thread_id IS NOT NULL OR container_id IS NOT NULL"
)
# The original is a post of the case where it has it; else what the repost itself says of it.
FAST = (
    "SELECT r.object_id, r.account_id, r.post_id, r.acted_at, r.source_item_id, r.byte_start, "
    "COALESCE(p.account_id, r.target_account_id) AS target_account_id, "
    "COALESCE(p.posted_at, r.origin_at) AS origin_at, "
    "p.source_item_id AS origin_source_item_id, p.byte_start AS origin_byte_start "
    "FROM repost AS r LEFT JOIN first_post AS p ON p.post_id = r.object_id"
)
# Where each tag stands in its text; a tag that the platform wrote otherwise comes first.
_TAGS = (
    "SELECT p.post_id, t.tag, p.account_id, p.posted_at AS acted_at, p.source_item_id, "
    "p.byte_start, STRPOS(LOWER(w.text), '#' || t.tag) AS place FROM first_post AS p "
    "JOIN (SELECT post_id, version, MIN(text) AS text FROM post WHERE post_id IN ("
    "SELECT post_id FROM carried_tag GROUP BY post_id HAVING COUNT(*) >= $least_tags) "
    "GROUP BY post_id, version) AS w ON w.post_id = p.post_id AND w.version = p.version "
    "JOIN carried_tag AS t ON t.post_id = p.post_id"
)
_CARRIED = (
    "SELECT DISTINCT c.post_id, o.canonical AS tag FROM post_object AS c "
    "JOIN object AS o ON o.object_id = c.object_id "
    "WHERE o.kind = 'hashtag' AND c.role <> 'inherited'"
)
_TIME = pa.timestamp("us", tz="UTC")
_SEQUENCES = pa.schema(
    [
        ("object_id", pa.string()),
        ("account_id", pa.string()),
        ("post_id", pa.string()),
        ("acted_at", _TIME),
        ("source_item_id", pa.string()),
        ("byte_start", pa.int64()),
    ]
)


def sequences(table: pa.Table, _: Mapping[str, Any], __: Partition) -> pa.Table:
    """One row per post: its tags in their order as one object.

    Input     post_id, place, tag, and what the post is; a post's rows stand together, in order
    """
    same = ("account_id", "acted_at", "source_item_id", "byte_start")
    grouped = table.group_by("post_id", use_threads=False).aggregate(
        [("tag", "list"), *((name, "first") for name in same)]
    )
    joined = pc.binary_join(grouped.column("tag_list"), " #")
    names = [
        text if len(text) <= _LONGEST else f"hashtags:{hashlib.sha256(text.encode()).hexdigest()}"
        for text in pc.binary_join_element_wise("hashtags:#", joined, "").to_pylist()
    ]
    found = {name: grouped.column(f"{name}_first") for name in same}
    columns = {
        "object_id": pa.chunked_array([names], pa.string()),
        "post_id": grouped.column("post_id"),
        **found,
    }
    return pa.Table.from_arrays(
        [columns[field.name].cast(field.type) for field in _SEQUENCES], schema=_SEQUENCES
    )


def _candidates(layer: str) -> tuple[Step, ...]:
    name = f"{layer}_candidate"
    if layer in _OBJECT_KINDS:
        return (Query(name, _objects(_OBJECT_KINDS[layer]), portable=True),)
    if layer == "co_hashtag_sequence":
        kernel = Kernel(
            name, 1, sequences, "sequence_tag", _SEQUENCES, ("post_id",), ("place", "tag")
        )
        return (
            Query("carried_tag", _CARRIED, portable=True),
            Query("sequence_tag", _TAGS, {"least_tags": LEAST_TAGS}, portable=True),
            kernel,
        )
    texts = {
        "co_repost": f"SELECT {_COLUMNS} FROM repost",  # noqa: S608  # texts of this module
        "co_reply": _deeds("type = 'reply'", "target_post_id"),
        "co_mention": _deeds("type = 'mention'", "target_account_id"),
        "co_text": _TEXTS,
        "co_presence": _PRESENT,
        "fast_repost": FAST,
    }
    least = {"least_characters": LEAST_CHARACTERS} if layer == "co_text" else {}
    return (Query(name, texts[layer], least, portable=True),)


def usable(layer: str) -> Query:
    """The candidates that have all that an action of the layer needs."""
    more, extra = "", ""
    if layer == "fast_repost":
        more = f", {_ORIGIN}"
        extra = " AND target_account_id IS NOT NULL AND origin_at IS NOT NULL"
    return Query(
        f"{layer}_action",
        f"SELECT {_COLUMNS}{more} FROM {layer}_candidate "  # noqa: S608  # layers are of a fixed list
        f"WHERE account_id IS NOT NULL AND acted_at IS NOT NULL{extra}",
        portable=True,
    )


def _excluded(layers: tuple[str, ...]) -> Query:
    def rows(layer: str) -> str:
        is_fast = layer == "fast_repost"
        lacks = "account_id IS NULL OR acted_at IS NULL"
        if is_fast:
            lacks += " OR target_account_id IS NULL OR origin_at IS NULL"
        last = "WHEN acted_at IS NULL THEN 'no_time' ELSE 'no_original'"
        why = f"CASE WHEN account_id IS NULL THEN 'no_account' {last} END"
        return (
            f"SELECT '{layer}' AS layer, {why} AS reason, COUNT(*) AS row_count "  # noqa: S608  # layers are of a fixed list
            f"FROM {layer}_candidate WHERE {lacks} GROUP BY {why}"
        )

    return Query("co_action_excluded", " UNION ALL ".join(map(rows, layers)), portable=True)
