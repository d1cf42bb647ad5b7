"""From coded rows of posts, carriers and ties to trees, tests of posts, and tests of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.significance.correction import false_discovery
from tamis.analyses.spread.cascades import early, parents, tree
from tamis.analyses.spread.cascades.schema import FOUND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.coordination.walk.text import Array
    from tamis.plan import Partition

_US = 1_000_000
_UNTIMED = -1


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carried which post when: places of posts and accounts; at in microseconds or -1."""

    thing: Array
    account: Array
    own: Array
    via: Array
    at: Array
    is_pass: Array


@dataclass(frozen=True, slots=True)
class Things:
    """The carried posts: author's place or -1, time in microseconds or -1."""

    author: Array
    at: Array


def cascades(table: pa.Table, params: Mapping[str, Any], _: Partition) -> pa.Table:
    """Rows of the kinds `tree`, `test` and `account`.

    Input     the columns of `schema.CODED`: rows of the parts carry, thing, tie and own
    Output    the columns of `schema.FOUND`
    """
    carry = _part(table, "carry")
    carriers = Carriers(
        thing=_whole(carry, "thing_no"),
        account=_whole(carry, "account_no"),
        own=_whole(carry, "own_no"),
        via=_whole(carry, "via_no"),
        at=_time(carry),
        is_pass=carry.column("is_pass").to_numpy(),
    )
    thing = _part(table, "thing").sort_by("thing_no")
    things = Things(author=_whole(thing, "account_no"), at=_time(thing))
    tie, own = _part(table, "tie"), _part(table, "own")
    named = (carriers.account, things.author, _whole(tie, "account_no"), _whole(tie, "own_no"))
    accounts = 1 + max((int(part.max()) for part in named if len(part)), default=0)
    posts = np.zeros(accounts, np.int64)
    posts[_whole(own, "account_no")] = _whole(own, "own_no")
    del table, carry, thing
    first = _first_passes(carriers, things)
    return pa.concat_tables(
        [
            _trees(carriers, things, _ties(tie, accounts)),
            *(_tests(first, things, posts, carriers, params)),
            _accounts(first, accounts, params),
        ]
    )


def _part(table: pa.Table, name: str) -> pa.Table:
    return table.filter(pc.equal(table.column("part"), name))


def _whole(table: pa.Table, name: str) -> Array:
    return np.asarray(pc.fill_null(table.column(name), -1).to_numpy())


def _time(table: pa.Table) -> Array:
    return np.asarray(pc.fill_null(table.column("at_time").cast(pa.int64()), _UNTIMED).to_numpy())


def _ties(tie: pa.Table, accounts: int) -> tuple[Array, Array, Array]:
    """For each account where its partners begin, the partners, and since when."""
    one, other, since = _whole(tie, "account_no"), _whole(tie, "own_no"), _time(tie)
    order = np.lexsort((other, one))
    start = np.zeros(accounts + 1, np.int64)
    np.cumsum(np.bincount(one, minlength=accounts), out=start[1:])
    return start, other[order], since[order]


def _trees(carriers: Carriers, things: Things, ties: tuple[Array, Array, Array]) -> pa.Table:
    """A row for each post that starts a cascade."""
    count, nodes = len(things.at), len(carriers.thing)
    up, basis = parents.named(carriers.own, carriers.via, carriers.thing, count)
    # What stands between is looked for among the carriers of the very same post.
    order = np.lexsort((carriers.account, carriers.at, carriers.thing))
    parents.infer(order, carriers.thing, carriers.account, carriers.at, ties, (up, basis))
    # Roots are nodes too, behind the carriers.
    parent = np.full(nodes + count, tree.ROOT, np.int64)
    parent[:nodes] = np.where(up >= 0, up, nodes + carriers.thing)
    parent = tree.without_cycles(parent)
    cut = np.flatnonzero(parent[:nodes] == tree.ROOT)
    parent[cut] = nodes + carriers.thing[cut]
    root, size, depth, breadth, virality = tree.shapes(parent)
    root = root[:nodes]
    chosen = np.flatnonzero(size[nodes:] > 1) + nodes
    tops = np.arange(nodes + count)

    def counted(which: Array) -> Array:
        return np.bincount(root[which], minlength=len(tops))[chosen]

    last = np.full(nodes + count, _UNTIMED, np.int64)
    np.maximum.at(last, root, carriers.at)
    pairs = np.unique(root * np.int64(len(ties[0])) + carriers.account + 1)
    pairs = pairs[pairs % len(ties[0]) > 0] // len(ties[0])
    return _rows(
        len(chosen),
        kind="tree",
        thing_no=chosen - nodes,
        size=size[chosen],
        account_count=np.bincount(pairs, minlength=len(tops))[chosen],
        depth=depth[chosen],
        breadth=breadth[chosen],
        virality=virality[chosen],
        via_count=counted(basis == parents.VIA),
        related_count=counted(basis == parents.RELATED),
        direct_count=counted(basis == parents.DIRECT),
        untimed_count=counted(carriers.at == _UNTIMED),
        last_at=pc.if_else(
            pa.array(last[chosen] >= 0), pa.array(last[chosen]), pa.scalar(None, pa.int64())
        ).cast(pa.timestamp("us", tz="UTC")),
    )


@dataclass(frozen=True, slots=True)
class Passes:
    """The first pass of each post by each account other than its author, by post, then time."""

    thing: Array
    account: Array
    lag: Array


def _first_passes(carriers: Carriers, things: Things) -> Passes:
    lag = carriers.at - things.at[carriers.thing]
    can = carriers.is_pass & (carriers.at != _UNTIMED) & (carriers.account >= 0)
    can &= (things.at[carriers.thing] != _UNTIMED) & (lag >= 0)
    can &= carriers.account != things.author[carriers.thing]
    thing, account, lag = carriers.thing[can], carriers.account[can], lag[can]
    order = np.lexsort((lag, account, thing))
    thing, account, lag = thing[order], account[order], lag[order]
    first = np.ones(len(thing), bool)
    first[1:] = (thing[1:] != thing[:-1]) | (account[1:] != account[:-1])
    thing, account, lag = thing[first], account[first], lag[first]
    order = np.lexsort((lag, thing))
    return Passes(thing[order], account[order], lag[order])


def _tests(
    first: Passes, things: Things, posts: Array, carriers: Carriers, params: Mapping[str, Any]
) -> list[pa.Table]:
    """For each window a row for each post that was passed on, and a p-value where there is one."""
    least = int(params["min_other_posts"])
    total = np.bincount(first.thing, minlength=len(things.at))
    end = carriers.at.max(initial=0)
    parts, chances, tests = [], [], 0
    for window_s in params["windows_s"]:
        window = round(float(window_s) * _US)
        count = np.bincount(first.thing[first.lag <= window], minlength=len(things.at))
        known = (things.author >= 0) & (things.at != _UNTIMED)
        author = np.where(known, things.author, 0)
        sums = np.bincount(author[known], count[known], minlength=len(posts))
        squares = np.bincount(author[known], count[known] ** 2.0, minlength=len(posts))
        can_be = posts > least
        pooled = early.pooled_dispersions(posts, sums, squares, least)
        tests += int(posts[can_be].sum())
        tested = known & can_be[author] & (things.at + window <= end) & (total > 0)
        chosen = np.flatnonzero(total > 0)
        chance, mean, used = (np.full(len(things.at), np.nan) for _ in range(3))
        told = early.post_chances(author[tested], count[tested], (posts, sums, squares), pooled)
        chance[tested], mean[tested], used[tested] = told
        chances.append(chance[chosen])
        parts.append(
            {
                "thing_no": chosen, "window_s": float(window_s), "early_count": count[chosen],
                "size": total[chosen],
                "other_count": np.where(known, posts[author] - 1, -1)[chosen],
                "expected": mean[chosen], "dispersion": used[chosen], "p_value": chance[chosen],
            }
        )  # fmt: skip
    return _corrected("test", parts, chances, tests)


def _corrected(
    kind: str, parts: list[dict[str, Any]], chances: list[Array], tests: int
) -> list[pa.Table]:
    """The parts as rows, with q-values over all of them; those not looked at have p = 1."""
    together = np.concatenate(chances) if chances else np.empty(0)
    is_tested = np.isfinite(together)
    q = np.full(len(together), np.nan)
    q[is_tested] = false_discovery(together[is_tested], tests)
    out, begin = [], 0
    for part, chance in zip(parts, chances, strict=True):
        end = begin + len(chance)
        out.append(_rows(len(chance), kind=kind, q_value=q[begin:end], test_count=tests, **part))
        begin = end
    return out


def _accounts(first: Passes, accounts: int, params: Mapping[str, Any]) -> pa.Table:
    """A row for each account that was among the first again and again, or often enough to test."""
    among, least = int(params["first_k"]), int(params["min_roots"])
    carried = np.bincount(first.thing) if len(first.thing) else np.empty(0, np.int64)
    eligible = carried[first.thing] > among
    thing, account, lag = first.thing[eligible], first.account[eligible], first.lag[eligible]
    # The place of an account counts all who are not later, also those of its own instant.
    start = np.searchsorted(thing, thing)
    place = np.arange(len(thing)) - start + 1
    same_as_next = np.zeros(len(thing), bool)
    same_as_next[:-1] = (thing[1:] == thing[:-1]) & (lag[1:] == lag[:-1])
    ends = np.flatnonzero(~same_as_next)
    place = place[ends[np.searchsorted(ends, np.arange(len(thing)))]]
    is_first = place <= among
    order = np.lexsort((thing, account))
    share = among / carried[thing[order]]
    begin = np.zeros(accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=accounts), out=begin[1:])
    hits = np.bincount(account, is_first, minlength=accounts).astype(np.int64)
    roots = np.diff(begin)
    hits[roots < least] = 0
    expected, chance = early.account_chances(begin, share, hits, 2)
    chosen = np.flatnonzero((hits >= 2) & (roots >= least))
    part = {
        "account_no": chosen, "size": roots[chosen], "early_count": hits[chosen],
        "expected": expected[chosen], "p_value": chance[chosen],
    }  # fmt: skip
    (rows,) = _corrected("account", [part], [chance[chosen]], int((roots >= least).sum()))
    return rows


def _rows(count: int, **known: Any) -> pa.Table:
    """Columns of `FOUND`: what is known, not-a-number and -1 as NULL, NULL elsewhere."""
    columns = []
    for field in FOUND:
        value = known.get(field.name)
        if isinstance(value, np.ndarray):
            is_missing = np.isnan(value) if value.dtype.kind == "f" else value < 0
            column = pa.array(value, mask=is_missing)
        elif isinstance(value, (pa.Array, pa.ChunkedArray)):
            column = value
        else:
            column = pa.repeat(pa.scalar(value, field.type), count)
        columns.append(column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=FOUND)
