"""The members of a JSON object one after the other, those whose name comes twice as well."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"[ \t\n\r]*")
_LONGEST_INT = 19


class Pairs(tuple[tuple[str, Any], ...]):
    """The members of an object in which a name comes more than once."""

    __slots__ = ()


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Pairs:
    """A dict, or the pairs as they stand where a dict would lose one."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else Pairs(pairs)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_INT else float(text)


DECODER = json.JSONDecoder(
    object_pairs_hook=object_of, parse_constant=_constant, parse_int=_integer
)


def members(text: str) -> Iterator[tuple[str, Any]]:
    """Name and value of each member of the object that `text` is; one value is held at a time.

    Errors    FormatError where the text is no JSON object, or is nested too deeply to be read.
    Source    RFC 8259 section 4: names should be unique; where they are not, nothing may be lost.
    """
    try:
        place = _expect(text, _blank(text, 0), "{")
        if text.startswith("}", place):
            _end(text, place + 1)
            return
        while True:
            if not text.startswith('"', place):
                raise json.JSONDecodeError("a name in quotes is missing", text, place)
            name, place = DECODER.raw_decode(text, place)
            place = _expect(text, _blank(text, place), ":")
            value, place = DECODER.raw_decode(text, place)
            yield name, value
            place = _blank(text, place)
            if text.startswith("}", place):
                _end(text, place + 1)
                return
            place = _expect(text, place, ",")
    except RecursionError:
        raise FormatError("the JSON is nested too deeply") from None
    except ValueError as problem:
        raise FormatError(f"no JSON object of the form {{name: txt}} ({problem})") from None


def _blank(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return place if found is None else found.end()


def _expect(text: str, place: int, mark: str) -> int:
    if not text.startswith(mark, place):
        raise json.JSONDecodeError(f"{mark!r} is missing", text, place)
    return _blank(text, place + 1)


def _end(text: str, place: int) -> None:
    if (place := _blank(text, place)) != len(text):
        raise json.JSONDecodeError("more follows the object", text, place)
