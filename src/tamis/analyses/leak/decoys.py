"""Texts beside the sketches of sealed decoys: which share words that no background text has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax.sketch import shingles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

# Measured in benchmarks/decoys.py: chosen on one half of the decoys, reported on the other.
LEAST_SHARED = 8
NAME, VERSION = "leak.decoys", 1
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
        flat = np.array([one for sketch in sketches for one in sketch], np.uint64)
        ranks = np.repeat(np.arange(len(sketches)), [len(one) for one in sketches])
        order = np.argsort(flat, kind="stable")
        self.hashes: npt.NDArray[np.uint64] = flat[order]
        self.ranks: npt.NDArray[np.int64] = ranks[order].astype(np.int64)

    def without(self, background: Sequence[int]) -> Sketches:
        """The same without runs that the background has; ranks stay."""
        import numpy as np  # noqa: PLC0415

        kept = ~np.isin(self.hashes, np.array(list(background), np.uint64))
        fewer = Sketches(self.key, ())
        fewer.hashes, fewer.ranks = self.hashes[kept], self.ranks[kept]
        return fewer

    def hits(self, text: str) -> npt.NDArray[np.uint64]:
        """The distinct hashes of a text that some sketch holds, in ascending order."""
        import numpy as np  # noqa: PLC0415

        own = np.array(sorted(shingles(text, self.key)), np.uint64)
        if not own.size or not self.hashes.size:
            return own[:0]
        at = np.searchsorted(self.hashes, own).clip(max=self.hashes.size - 1)
        found: npt.NDArray[np.uint64] = own[self.hashes[at] == own]
        return found

    def shared_with(self, text: str, least: int = LEAST_SHARED) -> Iterator[Shared]:
        """Each decoy that shares at least eight runs of five words with a text.

        Source    Broder 1997 (shingles); the least number of runs is measured on invented texts
        Limits    Says that words are shared, and not who had them first. A paraphrase, a
                  translation, or a piece shorter than twelve words is not recognised; what a
                  background text has too never counts, so that a piece of pure boilerplate
                  is not recognised either.
        """
        import numpy as np  # noqa: PLC0415

        hits = self.hits(text)
        if hits.size < least:
            return
        low = np.searchsorted(self.hashes, hits, "left")
        high = np.searchsorted(self.hashes, hits, "right")
        places = [self.ranks[a:b] for a, b in zip(low, high, strict=True)]
        ranks, counts = np.unique(np.concatenate(places), return_counts=True)
        for rank, count in zip(ranks.tolist(), counts.tolist(), strict=True):
            if count >= least:
                yield Shared(rank, count)


def by_key(rows: Sequence[Mapping[str, Any]]) -> dict[bytes, list[int]]:
    """The places of rows that can be compared with texts, by the key of their sketch."""
    found: dict[bytes, list[int]] = {}
    for at, row in enumerate(rows):
        if row["sketch"] is not None and row["sketch_key"] is not None:
            found.setdefault(bytes.fromhex(row["sketch_key"]), []).append(at)
    return found
