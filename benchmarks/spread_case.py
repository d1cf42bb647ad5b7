"""A case of many generated posts, written as tables: what an intake would have left behind.

Reading millions of lines is measured elsewhere (`posts_17m.py`); here the rows go to the case's
writer in bulk, so that the analyses of spread can be timed alone. Everything follows from a
post's number: who posted, when, what it repeats and which objects it carries; a repost inherits
the objects of its original. Roots are popular as in real collections: most have a few reposts,
a few have tens of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[Any]

CHUNK = 500_000
BEGIN_US = 1_493_683_200_000_000  # 2 May 2017
SPAN_US = 5 * 86_400 * 1_000_000
FILE = "f" * 64
_LEVELS = 14
_WORDS = (
    *("salle", "archive", "budget", "meeting", "note", "mail", "vote", "press", "depute", "list"),
    *("dossier", "invoice", "speech", "affiche", "bridge", "market", "quai", "train", "ville"),
    *("reponse", "answer", "school", "cantine", "foret", "river", "plan", "page", "letter"),
)


def mixed(numbers: Numbers, salt: int) -> Numbers:
    """Numbers of 64 bits that look random (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        z = numbers.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % (1 << 64))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def unit(numbers: Numbers, salt: int) -> Numbers:
    """Numbers from 0 to 1 that depend on `numbers` alone."""
    return (mixed(numbers, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


class World:
    """So many posts, each known by its number alone."""

    def __init__(self, posts: int) -> None:
        self.posts = posts
        self.accounts = max(1_000, posts // 8)
        weights = 0.8 ** np.arange(_LEVELS)
        self._levels = np.cumsum(weights / weights.sum())

    def times(self, n: Numbers) -> Numbers:
        """When a post was made, in microseconds, whole seconds."""
        return BEGIN_US + (n * (SPAN_US / self.posts) / 1e6).astype(np.int64) * 1_000_000

    def is_board(self, n: Numbers) -> Numbers:
        """One post in 32, whose authors bear names for one thread only."""
        return n % 32 == 5

    def is_root(self, n: Numbers) -> Numbers:
        """Posts of the author's own: every 64th, which others repeat, and two in five others."""
        return np.asarray((n % 64 == 0) | self.is_board(n) | (unit(n, 1) < 0.4))

    def targets(self, n: Numbers) -> Numbers:
        """Which post a repost repeats: an earlier 64th, the rounder its number the oftener."""
        level = np.searchsorted(self._levels, unit(n, 2)).astype(np.int64)
        back = np.minimum(40.0 / (1.0 - unit(n, 3)), self.posts / 20)
        step = np.int64(64) << level
        return np.asarray(np.maximum(0, n - back.astype(np.int64)) // step * step)

    def authors(self, n: Numbers) -> Numbers:
        """Which account posted, the first ones oftenest."""
        return (self.accounts * unit(n, 4) ** 2).astype(np.int64)

    def tags(self, n: Numbers) -> Numbers:
        """The hashtag of an own post, -1 for none."""
        tag = (20_000 * unit(n, 5) ** 4).astype(np.int64)
        return np.where(unit(n, 6) < 0.6, tag, -1)

    def links(self, n: Numbers) -> Numbers:
        """The address in an own post, -1 for none."""
        link = (max(1_000, self.posts // 50) * unit(n, 7) ** 3).astype(np.int64)
        return np.where(unit(n, 8) < 0.25, link, -1)


def named(prefix: str, numbers: Numbers) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def post_ids(world: World, n: Numbers) -> pa.Array:
    board = pa.array(world.is_board(n))
    return pc.if_else(board, named("board:", n), named("x:", 860_000_000_000_000_000 + n))


def account_ids(world: World, n: Numbers) -> pa.Array:
    """Of a board, a name that means somebody within one thread only."""
    poster = n // 4_096 * 1_000 + n % 37
    board = pa.array(world.is_board(n))
    return pc.if_else(board, named("board:", poster), named("x:", 10_000 + world.authors(n)))


def _texts(n: Numbers) -> pa.Array:
    words = pa.array(_WORDS)
    parts = [words.take(pa.array(mixed(n, 20 + i) % np.uint64(len(_WORDS)))) for i in range(9)]
    return pc.binary_join_element_wise(*parts, pa.array(n % 9_973).cast(pa.string()), " ")


def _stamps(us: Numbers) -> pa.Array:
    return pa.array(us).cast(pa.timestamp("us", tz="UTC"))


def _table(name: str, count: int, columns: dict[str, Any]) -> pa.Table:
    """The columns in the table's schema; single values stand for a whole column."""
    out = []
    for field in records.table(name).schema:
        value = columns.get(field.name)
        if isinstance(value, (pa.Array, pa.ChunkedArray)):
            out.append(value.cast(field.type))
        else:
            out.append(pa.repeat(pa.scalar(value, field.type), count))
    return pa.Table.from_arrays(out, schema=records.table(name).schema)


def _source(n: Numbers) -> dict[str, Any]:
    return {
        "source_item_id": FILE,
        "byte_start": pa.array(n * 300),
        "byte_end": pa.array(n * 300 + 300),
    }


def _posts(world: World, n: Numbers) -> pa.Table:
    root = world.is_root(n)
    about = np.where(root, n, world.targets(n))
    at = world.times(n)
    authors = world.authors(n)
    lead = pa.array(np.where(root, "", "RT @invented: "))
    language = pa.array(np.where(authors % 5 < 2, "en", "fr"))
    return _table(
        "post",
        len(n),
        {
            "post_id": post_ids(world, n),
            "version": 1,
            "is_latest": True,
            "platform": pa.array(np.where(world.is_board(n), "board", "x")),
            "native_id": pa.array(n).cast(pa.string()),
            "account_id": account_ids(world, n),
            "posted_at": _stamps(at),
            "posted_low_at": _stamps(at),
            "posted_high_at": _stamps(at + 999_999),
            "clock": "platform",
            "precision_s": 1.0,
            "text": pc.binary_join_element_wise(lead, _texts(about), ""),
            "text_hash": named("h", mixed(about, 9) >> np.uint64(8)),
            "language_declared": pc.if_else(pa.array(world.is_board(n)), None, language),
            "sampling": "query",
            **_source(n),
        },
    )


def _actions(world: World, n: Numbers) -> pa.Table:
    """Reposts; of own posts one in eight quotes, and as many answer somebody."""
    root = world.is_root(n)
    kind = unit(n, 10)
    parts = []
    for name, chosen in (
        ("repost", ~root),
        ("quote", root & (kind < 0.12) & ~world.is_board(n)),
        ("reply", root & (kind > 0.88) & ~world.is_board(n)),
        ("mention", root & (kind > 0.88) & ~world.is_board(n)),
    ):
        own = n[chosen]
        target = world.targets(own)
        at = world.times(own)
        parts.append(
            _table(
                "action",
                len(own),
                {
                    "action_id": named(name, own),
                    "type": name,
                    "account_id": account_ids(world, own),
                    "post_id": post_ids(world, own),
                    "target_post_id": None if name == "mention" else post_ids(world, target),
                    "target_account_id": account_ids(world, target),
                    "acted_at": _stamps(at),
                    "acted_low_at": _stamps(at),
                    "acted_high_at": _stamps(at + 999_999),
                    "grade": "native",
                    "sampling": "query",
                    **_source(own),
                },
            )
        )
    return pa.concat_tables(parts)


def _marks(world: World, n: Numbers) -> pa.Table:
    root = world.is_root(n)
    about = np.where(root, n, world.targets(n))
    parts = []
    for kind, found in (
        ("hashtag:t", world.tags(about)),
        ("url:https://paper.example/", world.links(about)),
        ("domain:d", np.where(world.links(about) < 0, -1, world.links(about) % 997)),
    ):
        has = found >= 0
        parts.append(
            _table(
                "post_object",
                int(has.sum()),
                {
                    "post_id": post_ids(world, n[has]),
                    "object_id": named(kind, found[has]),
                    "role": pa.array(np.where(root[has], "in_text", "inherited")),
                    "method": "entity",
                    **_source(n[has]),
                },
            )
        )
    return pa.concat_tables(parts)


def _objects(world: World) -> pa.Table:
    parts = []
    links = max(1_000, world.posts // 50)
    for prefix, count in (
        ("hashtag:t", 20_000),
        ("url:https://paper.example/", links),
        ("domain:d", 997),
    ):
        ids = named(prefix, np.arange(count))
        kind, _, lead = prefix.partition(":")
        canonical = named(lead, np.arange(count))
        told = {"object_id": ids, "kind": kind, "canonical": canonical, "display": canonical}
        parts.append(_table("object", count, told))
    return pa.concat_tables(parts)


def _accounts(world: World) -> Iterator[pa.Table]:
    for first in range(0, world.accounts, CHUNK):
        n = np.arange(first, min(first + CHUNK, world.accounts)) + 10_000
        told = {
            "account_id": named("x:", n),
            "platform": "x",
            "native_id": pa.array(n).cast(pa.string()),
            "scope": "global",
            "handle": named("invented_", n),
            **_source(n),
        }
        yield _table("account", len(n), told)


def write(folder: Path, posts: int) -> Case:
    """A case of so many posts in a folder that must be absent."""
    world = World(posts)
    case = Case.create(folder, title="generated posts")
    with case.writer() as writer:
        for first in range(0, posts, CHUNK):
            n = np.arange(first, min(first + CHUNK, posts))
            writer.append("post", _posts(world, n))
            writer.append("action", _actions(world, n))
            writer.append("post_object", _marks(world, n))
        for accounts in _accounts(world):
            writer.append("account", accounts)
        writer.append("object", _objects(world))
        writer.commit()
    return case
