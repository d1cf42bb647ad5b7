"""Cells of exports as texts, counts and flags, however a tool wrote nothing or a number."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from tamis.sources.posts.table_cells import UnusableRowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "absent", "<na>"})
_YES = frozenset({"true", "yes", "1", "1.0", "t", "y"})
_MAX = 1 << 53


def text_of(given: Any) -> str | None:
    """A cell as text; None where it holds nothing."""
    if given is None or given == "":
        return None
    if type(given) is str:
        return given
    if isinstance(given, float) and not isfinite(given):
        return None
    return str(given)


def count_of(given: Any) -> int | None:
    """A cell as a whole number, also as `12.0` or `1,234`; None where it holds nothing.

    Errors    UnusableRowError for anything else
    """
    if given is None or isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given
    return _counted(given) if type(given) is str else _count(given)


@lru_cache(maxsize=1 << 14)
def _counted(text: str) -> int | None:
    """The same of a text: a column of counts holds few distinct ones."""
    return _count(text)


def _count(given: Any) -> int | None:
    text = str(given).strip().replace(",", "").replace("\u202f", "").replace("\u00a0", "")
    if text.lower() in _NOTHING:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise UnusableRowError(f"the count {text[:40]!r} is no number") from error
    if not isfinite(number) or number != int(number) or abs(number) >= _MAX:
        raise UnusableRowError(f"the count {text[:40]!r} is no whole number")
    return int(text) if text.isdecimal() else int(number)


def flag_of(given: Any) -> bool:
    """Whether a cell says yes."""
    if given is None:
        return False
    return given is True or str(given).strip().lower() in _YES


def first_count(get: Callable[[str], Any], names: Iterable[str]) -> int | None:
    """The count in the first of these columns that holds something."""
    for name in names:
        given = get(name)
        if given is not None and text_of(given):
            return count_of(given)
    return None
