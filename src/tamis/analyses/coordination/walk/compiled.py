"""The one place that says how the walk's functions become machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., object]")


def compiled(function: _F) -> _F:
    """`function` as machine code that lets other threads run.

    The code is kept between runs where numba finds a folder it may write (beside the source, or
    the user's cache); where there is none it is compiled at first use.
    """
    try:
        return cast("_F", numba.njit(function, nogil=True, cache=True))
    except RuntimeError:  # numba: no folder to cache in
        return cast("_F", numba.njit(function, nogil=True))


def inlined(function: _F) -> _F:
    """`function` as machine code for use inside `compiled` functions only."""
    return cast("_F", numba.njit(function, nogil=True, inline="never"))
