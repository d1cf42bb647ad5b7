"""Texts beside the sketches of sealed decoys: which share words that no background text has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax.sketch import SHINGLE_WORDS, run_hashes, shingles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

# Measured in benchmarks/decoys.py: chosen on some sets of invented texts, reported on others.
# Runs in all; the same where one at least stands in no other decoy; runs that do not overlap, as
# noise leaves them where a shared phrase never does.
MANY_SHARED, LEAST_SHARED, LEAST_APART = 10, 8, 4
NAME, VERSION = "leak.decoys", 2
READS = ("message", "document", "item", "decoy", "decoy_key", "time_root")
WRITES = ("decoy_match",)


@dataclass(frozen=True, slots=True)
class Shared:
    """One decoy whose words a text holds: its rank among the sketches, how many runs."""

    rank: int
    shared_count: int


class Sketches:
    """The sketches of one key, laid out to be compared with many texts."""

    def __init__(self, key: bytes, sketches: Sequence[Sequence[int]]) -> None:
        """Sort all hashes once; `sketches` are named by their rank."""
        import numpy as np  # noqa: PLC0415  loads in the worker only

        self.key = key
        # A decoy may be shown twice: what stands in both its sketches is in no other decoy.
        first: dict[tuple[int, ...], int] = {}
        same = [first.setdefault(tuple(sketch), rank) for rank, sketch in enumerate(sketches)]
        flat = np.array([one for sketch in sketches for one in sketch], np.uint64)
        ranks = np.repeat(np.arange(len(sketches)), [len(one) for one in sketches])
        order = np.argsort(flat, kind="stable")
        self.hashes: npt.NDArray[np.uint64] = flat[order]
        self.ranks: npt.NDArray[np.int64] = ranks[order].astype(np.int64)
        self.is_alone: npt.NDArray[np.bool_] = np.zeros(flat.size, bool)
        if flat.size:
            _, starts, counts = np.unique(self.hashes, return_index=True, return_counts=True)
            decoys = np.array(same)[self.ranks]
            alone = np.minimum.reduceat(decoys, starts) == np.maximum.reduceat(decoys, starts)
            self.is_alone = np.repeat(alone, counts)

    def without(self, background: Sequence[int]) -> Sketches:
        """The same without runs that the background has; ranks stay."""
        import numpy as np  # noqa: PLC0415

        kept = ~np.isin(self.hashes, np.array(list(background), np.uint64))
        fewer = Sketches(self.key, ())
        fewer.hashes, fewer.ranks = self.hashes[kept], self.ranks[kept]
        fewer.is_alone = self.is_alone[kept]
        return fewer

    def hits(self, text: str) -> npt.NDArray[np.uint64]:
        """The distinct hashes of a text that some sketch holds, in ascending order."""
        import numpy as np  # noqa: PLC0415

        return self._known(np.array(sorted(shingles(text, self.key)), np.uint64))[0]

    def _known(
        self, own: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
        """Those of some hashes that a sketch holds, and which they are."""
        import numpy as np  # noqa: PLC0415

        if not own.size or not self.hashes.size:
            return own[:0], np.zeros(own.size, bool)
        at = np.searchsorted(self.hashes, own).clip(max=self.hashes.size - 1)
        is_known: npt.NDArray[np.bool_] = self.hashes[at] == own
        return own[is_known], is_known

    def shared_with(self, text: str, least: int | None = None) -> Iterator[Shared]:
        """Each decoy that shares enough runs of five words with a text, or at least `least`.

        Enough are ten; or eight, of which one at least stands in no other decoy; or four that do
        not overlap in the text.

        Source    Broder 1997 (shingles); the numbers are measured on invented texts
        Limits    Says that words are shared, and not who had them first. A paraphrase, a
                  translation, or a piece shorter than twelve words is not recognised; what a
                  background text has too never counts, so that a piece of pure boilerplate
                  is not recognised either.
        """
        import numpy as np  # noqa: PLC0415

        own, places = np.unique(np.array(run_hashes(text, self.key), np.uint64), return_index=True)
        hits, is_known = self._known(own)
        if not hits.size:
            return
        low = np.searchsorted(self.hashes, hits, "left")
        spans = np.searchsorted(self.hashes, hits, "right") - low
        at = np.repeat(low - np.cumsum(spans) + spans, spans) + np.arange(spans.sum())
        ranks, where = self.ranks[at], np.repeat(places[is_known], spans)
        names, counts = np.unique(ranks, return_counts=True)
        for rank, count in zip(names.tolist(), counts.tolist(), strict=True):
            if least is not None:
                is_match = count >= least
            elif count >= MANY_SHARED or count < LEAST_APART:
                is_match = count >= MANY_SHARED
            else:
                mine = ranks == rank
                is_match = _is_enough(where[mine].tolist(), self.is_alone[at[mine]].tolist())
            if is_match:
                yield Shared(rank, count)


def _is_enough(places: Sequence[int], alone: Sequence[bool]) -> bool:
    """Whether a few shared runs, their places and whether one decoy alone has each, are a match."""
    if len(places) >= LEAST_SHARED and any(alone):
        return True
    apart, free = 0, 0
    for place in sorted(places):
        if place >= free:
            apart, free = apart + 1, place + SHINGLE_WORDS
    return apart >= LEAST_APART


def by_key(rows: Sequence[Mapping[str, Any]]) -> dict[bytes, list[int]]:
    """The places of rows that can be compared with texts, by the key of their sketch."""
    found: dict[bytes, list[int]] = {}
    for at, row in enumerate(rows):
        if row["sketch"] is not None and row["sketch_key"] is not None:
            found.setdefault(bytes.fromhex(row["sketch_key"]), []).append(at)
    return found
