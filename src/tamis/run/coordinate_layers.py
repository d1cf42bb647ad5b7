"""Which columns of a table make which layer, and how their cells become objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.coordination.layers import LAYERS, LEAST_CHARACTERS, LEAST_TAGS
from tamis.run.coordinate_columns import Read, listed, objects
from tamis.sources.posts.table_cells import entries, plain_text
from tamis.sources.posts.table_columns import recognise
from tamis.syntax.text import hashtag, text_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# The layer that a kind of object belongs to, and that a column of one role makes.
LAYER_OF_KIND: Mapping[str, str] = {
    "url": "co_link",
    "hashtag": "co_hashtag",
    "domain": "co_domain",
    "image_hash": "co_media",
    "file_md5": "co_media",
    "phrase": "co_object",
}
LAYER_OF_ROLE: Mapping[str, str] = {
    "repost_of": "co_repost",
    "reply_to": "co_reply",
    "url": "co_link",
    "hashtags": "co_hashtag",
    "thread": "co_presence",
}
# Further columns, in lower case: what they are named in tables of networks.
LAYER_OF_NAME: Mapping[str, str] = {
    **dict.fromkeys(("text_cluster_id", "text_cluster", "cluster_id", "text_hash"), "co_text"),
    **dict.fromkeys(("mentions", "user_mentions", "mentioned_users", "mention_id"), "co_mention"),
    **dict.fromkeys(("media_id", "media_key", "media_keys", "image_id", "file_hash"), "co_media"),
    **dict.fromkeys(("sha256", "file_sha256", "image_phash", "video_hash"), "co_media"),
    **dict.fromkeys(("container_id", "group_id", "subreddit", "board"), "co_presence"),
}
# What people call a layer by: the thing that is shared.
LAYER_OF_THING: Mapping[str, str] = {
    **dict.fromkeys(("url", "link"), "co_link"),
    **{name: f"co_{name}" for name in ("domain", "hashtag", "media", "mention", "reply", "repost")},
    **dict.fromkeys(("image", "image_hash", "phash"), "co_media"),
    **dict.fromkeys(("text", "text_cluster"), "co_text"),
}
_LISTED = frozenset({"mentions", "user_mentions", "mentioned_users", "media_keys"})
_NOT_NAME = re.compile(r"[^a-z0-9]+")
# A table of the posts themselves, for layers that look the original up.
ORIGIN = "origin"
ON_POSTS = frozenset({"fast_repost", "co_repost", "co_reply"})
# Objects that a platform names: the same id on another platform is another thing.
NATIVE = ON_POSTS | {"co_mention", "co_presence"}
# Where each row of a text table stands, for the evidence.
SPAN = "row_span"
SPANS = pa.schema(
    [("source_item_id", pa.string()), ("byte_start", pa.int64()), ("byte_end", pa.int64())]
)
FILE_LAYERS: tuple[str, ...] = tuple(name for name in LAYERS if name != "fast_repost")


@dataclass(frozen=True, slots=True)
class Made:
    """One layer of one file: its column, and how a column of cells becomes objects."""

    column: str
    read: Callable[[Any], Read]


def offered(names: Sequence[str]) -> dict[str, dict[str, Made]]:
    """Every layer that the columns can make, each with its possible columns, the best first."""
    known = recognise(names)
    found: dict[str, dict[str, Made]] = {}

    def offer(layer: str, column: str, read: Callable[[Any], Read]) -> None:
        found.setdefault(layer, {}).setdefault(column, Made(column, read))

    for column, kind in known.objects.items():
        offer(LAYER_OF_KIND[kind], column, objects)
    for role, layer in LAYER_OF_ROLE.items():
        if role in known.roles:
            offer(layer, known.roles[role], listed if role in {"url", "hashtags"} else objects)
    taken = {*known.roles.values(), *known.objects}
    for name in names:
        plain = _NOT_NAME.sub("_", name.lower()).strip("_")
        if plain in LAYER_OF_NAME and name not in taken:
            offer(LAYER_OF_NAME[plain], name, listed if plain in _LISTED else objects)
    if "hashtags" in known.roles:
        offer("co_hashtag_sequence", known.roles["hashtags"], _sequences)
    if "text" in known.roles:
        offer("co_text", known.roles["text"], _texts)
    if {"repost_of", "id"} <= known.roles.keys():
        offer("fast_repost", known.roles["repost_of"], objects)
    return found


def chosen(names: Sequence[str], wanted: Sequence[str]) -> dict[str, Made]:
    """The layers asked for, by layer or by column; all that the columns can make where none is.

    A layer may also be called by the thing that is shared, such as url, where no column has that
    name. A column that is asked for and means nothing here is a layer co_object.
    """
    wanted = [one if one in names else LAYER_OF_THING.get(one.lower(), one) for one in wanted]
    found: dict[str, Made] = {}
    can = offered(names)
    for layer, columns in can.items():
        named = [made for column, made in columns.items() if column in wanted]
        if named and not (layer in {"co_hashtag_sequence", "fast_repost"} and layer not in wanted):
            found[layer] = named[0]
        elif not wanted or layer in wanted:
            found[layer] = next(iter(columns.values()))
    known = {column for columns in can.values() for column in columns}
    for column in wanted:
        if column in names and column not in known:
            found.setdefault("co_object", Made(column, objects))
    return found


def _sequences(column: Any) -> Read:
    """Rows with enough different hashtags: all of them in their order, as one object."""

    def one(cell: Any) -> str | None:
        tags = list(dict.fromkeys(hashtag(tag) for tag in entries(cell)))
        return "hashtags:#" + " #".join(tags) if len(tags) >= LEAST_TAGS else None

    return _each(column, one)


def _texts(column: Any) -> Read:
    """Texts that are long enough, by the hash of their normal form."""

    def one(cell: Any) -> str | None:
        text = plain_text(cell)
        if text is None or len(text) < LEAST_CHARACTERS:
            return None
        digest = text_hash(text)
        return None if digest is None else f"text:{digest}"

    return _each(column, one)


def _each(column: Any, one: Callable[[Any], str | None]) -> Read:
    given = column if isinstance(column, list) else column.to_pylist()
    return Read(pa.array([one(cell) for cell in given], pa.string()))
