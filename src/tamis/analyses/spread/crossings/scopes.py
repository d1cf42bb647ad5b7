"""First sights by scope: sightings in order of time in, one row per object and scope out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tamis.analyses.coordination.walk.compiled import compiled, inlined

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

UNKNOWN = np.iinfo(np.int64).min


class Sightings(NamedTuple):
    """Posts that carry an object themselves, by object, then by time; one row per both.

    `starts` has the first row of each object and the end; an end of an interval that nobody
    knows is `UNKNOWN`. `is_answer`: the post answers one that carries the object too.
    """

    starts: Ints
    post: Ints
    low: Ints
    high: Ints
    account: Ints
    root: Ints
    is_answer: NDArray[np.bool_]


class Found(NamedTuple):
    """One row per object and scope: the row of the first sight, and what was counted."""

    object: Ints
    scope: Ints
    place: Ints
    row: Ints
    rival_count: Ints
    post_count: Ints
    introduction_count: Ints


def introductions(seen: Sightings) -> NDArray[np.bool_]:
    """Which sightings are introductions: an account's first own post of the object, no answer.

    Missing   a post of no known account, or whose latest time is unknown, introduces nothing
    """
    size = int(seen.account.max(initial=-1)) + 1
    return np.asarray(_introductions(seen, np.full(size, -1, np.int64)))


@compiled
def _introductions(seen: Sightings, used: Ints) -> Any:
    out = np.zeros(len(seen.post), np.bool_)
    for number in range(len(seen.starts) - 1):
        for row in range(seen.starts[number], seen.starts[number + 1]):
            account = seen.account[row]
            if account < 0 or seen.high[row] == UNKNOWN or used[account] == number:
                continue
            used[account] = number
            out[row] = not seen.is_answer[row]
    return out


def first_sights(seen: Sightings, scope: Ints, introduced: NDArray[np.bool_], least: int) -> Found:
    """The first sight of every object that `least` accounts introduced, in every scope.

    Input     scope: of each sighting its scope from 0 up, -1 where it is unknown
    Output    by object, then by time; `place` counts the scopes of an object from 1
    Missing   no row for a scope whose posts have no latest time
    """
    count = int(scope.max(initial=-1)) + 1
    rows = _first_sights(seen, scope, introduced, least, np.full((4, count), -1, np.int64))
    return Found(*rows.T)


@inlined
def _count(
    seen: Sightings,
    scope: Ints,
    introduced: NDArray[np.bool_],
    rows: tuple[int, int],
    place_of: Ints,
    out: Any,
) -> None:
    """Count the posts of one object beside the first ones."""
    for row in range(rows[0], rows[1]):
        where = scope[row]
        if where < 0 or place_of[where] < 0:
            continue
        at = place_of[where]
        first = out[at, 3]
        out[at, 5] += 1
        out[at, 6] += introduced[row]
        is_later = seen.low[row] != UNKNOWN and seen.high[first] < seen.low[row]
        if row != first and seen.root[row] != seen.root[first] and not is_later:
            out[at, 4] += 1


@compiled
def _first_sights(
    seen: Sightings, scope: Ints, introduced: NDArray[np.bool_], least: int, held: Ints
) -> Any:
    """Rows of `Found`; `held` has by scope the row of the output, and is left as it was."""
    out = np.empty((1024, 7), np.int64)
    made = 0
    place_of = held[0]
    for number in range(len(seen.starts) - 1):
        start, end = seen.starts[number], seen.starts[number + 1]
        known = 0
        for row in range(start, end):
            known += introduced[row]
        if known < least:
            continue
        begun = made
        for row in range(start, end):
            where = scope[row]
            if where < 0 or seen.high[row] == UNKNOWN or place_of[where] >= 0:
                continue
            if made == len(out):
                wider = np.empty((2 * made, 7), np.int64)
                wider[:made] = out
                out = wider
            place_of[where] = made
            out[made, :] = 0
            out[made, 0], out[made, 1] = number, where
            out[made, 2], out[made, 3] = made - begun + 1, row
            made += 1
        _count(seen, scope, introduced, (start, end), place_of, out)
        for at in range(begun, made):
            place_of[out[at, 1]] = -1
    return out[:made]
