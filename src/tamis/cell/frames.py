"""Length-prefixed JSON between the cell and its workers; never pickle.

A frame is four bytes of length (little-endian) and so many bytes of JSON. The parent trusts
nothing of what comes back: `Answer.read` takes an answer apart and refuses whatever is not
exactly what was agreed.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson

HEAD = struct.Struct("<I")
MAX_FRAME = 16 << 20
MAX_FILES = 100_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}", re.ASCII)
_Status = Literal["done", "failed"]
_KINDS = {"error", "memory", "output"}


class FrameError(Exception):
    """What a worker sent is not what was agreed; it never leaves the cell."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A worker's answer about one call: its files as (name, is_arrow)."""

    status: _Status
    kind: str
    reason: str
    result: Any
    files: tuple[tuple[str, bool], ...]

    @classmethod
    def read(cls, frame: dict[str, Any], token: str) -> Answer:
        """The answer in a frame.

        Errors    FrameError for another call's token, unknown keys, wrong types or file names.
        """
        if frame.keys() != {"token", "status", "kind", "reason", "result", "files"}:
            raise FrameError("its answer has other fields than agreed")
        if frame["token"] != token:
            raise FrameError("it answered about a job it was not given")
        status, kind, reason = (_text(frame[name]) for name in ("status", "kind", "reason"))
        if status != "done" and (status != "failed" or kind not in _KINDS):
            raise FrameError("its answer is neither a result nor a failure")
        return cls(cast("_Status", status), kind, reason, frame["result"], _files(frame["files"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise FrameError("its answer is neither a result nor a failure")
    return value


def _files(value: object) -> tuple[tuple[str, bool], ...]:
    if not isinstance(value, list) or len(value) > MAX_FILES:
        raise FrameError("its list of files is no list of files")
    found: dict[str, bool] = {}
    for entry in value:
        if not isinstance(entry, list) or len(entry) != 2:
            raise FrameError("its list of files is no list of files")
        name, is_arrow = entry
        if not isinstance(name, str) or not isinstance(is_arrow, bool) or not is_name(name):
            raise FrameError("it named a file that it may not write")
        if name in found:
            raise FrameError("it named the same file twice")
        found[name] = is_arrow
    return tuple(found.items())


def is_name(name: str) -> bool:
    """Whether an output file may be called so: one plain path component."""
    return _NAME.fullmatch(name) is not None


def pack(value: object) -> bytes:
    """The frame of a JSON value.

    Errors    TypeError when it is no JSON value; FrameError when the frame would be too long.
    """
    body = orjson.dumps(value)
    if len(body) > MAX_FRAME:
        raise FrameError(f"a frame of {len(body)} bytes is longer than {MAX_FRAME}")
    return HEAD.pack(len(body)) + body


def unpack(buffer: bytearray) -> dict[str, Any] | None:
    """The first whole frame of `buffer`, which loses it; None while it is incomplete.

    Errors    FrameError when its length is impossible or it holds no JSON object.
    """
    if len(buffer) < HEAD.size:
        return None
    (length,) = HEAD.unpack_from(buffer)
    if length > MAX_FRAME:
        raise FrameError("its answer is longer than an answer may be")
    if len(buffer) < HEAD.size + length:
        return None
    body = bytes(memoryview(buffer)[HEAD.size : HEAD.size + length])
    del buffer[: HEAD.size + length]
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FrameError("its answer cannot be read") from error
    if not isinstance(value, dict):
        raise FrameError("its answer is no object")
    return value
