"""Cells of a table as ids, texts and lists, whatever a spreadsheet or data frame made of them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import Any

import orjson

from tamis.syntax.clock import UnreadableTimeError, moment

_NOTHING = frozenset({"", "nan", "none", "null", "na", "n/a", "\\n"})
# One digit, then a signed exponent, as spreadsheets and data frames write large numbers; a board's
# poster may well be called 654756e2.
_EXPONENT = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d+")
_POINT_ZERO = re.compile(r"(\d{1,30})\.0+")
_LISTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^,\[\]\s'\"]+)")
_SHOWN = re.compile(r"\['[^'\"]*'(?:, '[^'\"]*')*\]")
_EXACT = 1 << 53


class UnusableRowError(ValueError):
    """A row that cannot be used; the text says why, for the `rejected` table."""


def native_id(given: Any, what: str) -> str | None:
    """An id as text; None for an empty cell.

    Errors    UnusableRowError where a spreadsheet or data frame turned it into a decimal number.
    """
    if given is None:
        return None
    if type(given) is str:  # nearly all; those of digits alone are what they are
        return given if given.isdigit() and given.isascii() else _id_text(given.strip(), what)
    if isinstance(given, bool) or is_empty(given):
        return None
    if isinstance(given, int) or (isinstance(given, Decimal) and given == int(given)):
        return str(int(given))
    if isinstance(given, float) and given == int(given) and abs(given) < _EXACT:
        return str(int(given))
    if isinstance(given, float):
        raise UnusableRowError(_lost(what, repr(given)))
    if isinstance(given, str):
        return _id_text(given.strip(), what)
    raise UnusableRowError(f"the {what} is neither text nor number")


def _id_text(text: str, what: str) -> str | None:
    if text.lower() in _NOTHING:
        return None
    zero = _POINT_ZERO.fullmatch(text)
    if _EXPONENT.fullmatch(text) or (zero is not None and int(zero[1]) >= _EXACT):
        raise UnusableRowError(_lost(what, text))
    return zero[1] if zero is not None else text


def _lost(what: str, text: str) -> str:
    return (
        f"the {what} {text[:40]} was stored as a decimal number, so its last digits are lost; "
        "export again with ids as text"
    )


def plain_text(given: Any) -> str | None:
    """A cell as text; None for an empty one, and for the NaN that data frames put there."""
    return None if is_empty(given) else str(given)


def is_empty(given: Any) -> bool:
    """Whether a cell holds nothing."""
    return given is None or given == "" or (isinstance(given, float) and isnan(given))


def entries(given: Any) -> list[str]:
    """The entries of a list written as JSON, as Python shows it, or with commas or blanks."""
    if given is None:
        return []
    if isinstance(given, (list, tuple)):
        return [str(one) for one in given if one is not None]
    text = str(given).strip()
    if text == "[]" or text.lower() in _NOTHING:
        return []
    if text.startswith("['"):
        # As Python shows texts without quotes or escapes in them; anything else below.
        found = _SHOWN.fullmatch(text)
        if found is not None:
            return [one for one in text[2:-2].split("', '") if one]
    if text.startswith("["):
        try:
            return [str(one) for one in orjson.loads(text) if one is not None]
        except orjson.JSONDecodeError:
            pass
    return [a or b or c for a, b, c in _LISTED.findall(text) if a or b or c]


def is_without_zone(given: Any) -> bool:
    """Whether a cell is a wall time that names no zone."""
    if isinstance(given, datetime):
        return given.tzinfo is None
    if not isinstance(given, str):
        return isinstance(given, date)
    try:
        moment(given)
    except UnreadableTimeError as error:
        return "names no zone" in str(error)
    return False
