"""The one place that says how the walk's functions become machine code."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., object]")


def compiled(function: _F) -> _F:
    """`function` as machine code that lets other threads run.

    The code is kept between runs where numba finds a folder it may write (beside the source, or
    the user's cache); where there is none it is compiled at first use.
    """
    try:
        made = numba.njit(function, nogil=True, cache=True)
    except RuntimeError:  # numba: no folder to cache in
        return cast("_F", numba.njit(function, nogil=True))
    # numba drops kept code when the function's own file changes, but not when a file changes
    # whose functions it calls: so the stamp is that of all of them.
    made._cache._cache_file._source_stamp = _stamp(Path(__file__).parents[2])  # noqa: SLF001  # a test looks at its effect
    return cast("_F", made)


@cache
def _stamp(folder: Path) -> tuple[str, int]:
    """What changes whenever a source file in the folder does."""
    files = sorted(folder.rglob("*.py"))
    facts = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest(), len(files)


def inlined(function: _F) -> _F:
    """`function` as machine code for use inside `compiled` functions only."""
    return cast("_F", numba.njit(function, nogil=True, inline="never"))


@intrinsic  # type: ignore[untyped-decorator]
def word_at(_: Any, data: Any, place: Any) -> Any:  # noqa: ARG001  # its type is fixed below
    """The eight bytes of `data` from `place` on as one number; the caller stays in bounds."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(array.data, [arguments[1]])
        word = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        word.align = 1
        return word

    return types.uint64(data, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def fetch_soon(_: Any, array: Any, place: Any) -> Any:  # noqa: ARG001  # its type is fixed below
    """Nothing; the processor begins to bring `array.flat[place]` near, wherever that lies.

    A place outside the array does no harm: the hint is then ignored.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        pointer = builder.bitcast(builder.gep(values.data, [arguments[1]]), byte)
        to_read, keep, data = number(0), number(3), number(1)
        builder.call(hint, [pointer, to_read, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate
