"""MinHash marks in bands: sets that share a mark are worth a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 1)
SEED = 4217


def marks_of_sets(sets: Iterable[Iterable[str]], bands: int, rows: int) -> npt.NDArray[np.int64]:
    """One row a set of tokens, one column a band; equal marks say that `rows` minima agree.

    Input     sets of tokens, none of them empty; at most four rows a band
    Source    Broder 1997; bands of rows as in Leskovec, Rajaraman and Ullman, chapter 3
    """
    from rensa import RMinHash  # noqa: PLC0415  loads in the worker only

    return _folded(RMinHash.digest_matrix_from_token_sets(sets, bands * rows, SEED), bands, rows)


def marks_of_hashes(
    hashes: npt.NDArray[np.uint64], offsets: npt.NDArray[np.int64], bands: int, rows: int
) -> npt.NDArray[np.int64]:
    """The same for tokens that are hashed: set i is `hashes[offsets[i]:offsets[i + 1]]`.

    Source    as `marks_of_sets`
    """
    import numpy as np  # noqa: PLC0415  loads in the worker only
    from rensa import RMinHash  # noqa: PLC0415

    digest = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, offsets.astype(np.uint64), bands * rows, SEED
    )
    return _folded(digest, bands, rows)


def _folded(digest: Any, bands: int, rows: int) -> npt.NDArray[np.int64]:
    import numpy as np  # noqa: PLC0415

    matrix = np.array(digest.to_rows(), dtype=np.uint64).reshape(-1, bands, rows)
    factors = np.array(_FACTORS[:rows], np.uint64)
    marks: npt.NDArray[np.uint64] = (matrix * factors).sum(axis=2, dtype=np.uint64)
    return marks.view(np.int64)
