"""A perceptual hash: images that look alike get hashes that differ in few bits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 32
_LOW = 8
_FLAT = 1e-3


def phash(grey: NDArray[np.float64]) -> str | None:
    """64 bits as 16 hex digits, of a picture brought to 32 by 32 grey values before.

    The two-dimensional cosine transform (DCT-II) of the values; of it the 8 by 8 lowest
    frequencies, row by row, the constant one included; a bit is 1 where the coefficient is
    greater than the median of the 64. Compare two by the number of bits that differ.
    Missing   None for a picture of one colour, which looks like every other such picture
    Source    C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
              2010, §3.2; the form with the constant included is the one in widest use.
    Limits    Turned, mirrored and strongly cut pictures get other hashes. A small distance is a
              reason to look, not proof of a common origin.
    """
    if grey.shape != (SIDE, SIDE):
        raise ValueError(f"expected {SIDE} by {SIDE} values, got {grey.shape}")
    basis = _basis()
    low = (basis @ grey @ basis.T)[:_LOW, :_LOW]
    others = np.abs(low).ravel()[1:]
    if not others.max() > _FLAT:
        return None
    # Equal to nine places is equal: what differs beyond is the machine's arithmetic.
    flat = np.round(low, 9).ravel()
    bits = flat > np.median(flat)
    return f"{int.from_bytes(np.packbits(bits).tobytes()):016x}"


@cache
def _basis() -> NDArray[np.float64]:
    rank = np.arange(SIDE)[:, None]
    place = np.arange(SIDE)[None, :]
    return np.asarray(np.cos(np.pi * rank * (2 * place + 1) / (2 * SIDE)), dtype=np.float64)
