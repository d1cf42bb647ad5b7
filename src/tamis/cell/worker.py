"""A worker's life: wall itself in, then call tasks until the cell hangs up."""

from __future__ import annotations

import errno
import importlib
import io
import os
import resource
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from tamis import registry
from tamis.cell import confine, frames
from tamis.cell.output import Output, OutputLimitError
from tamis.cell.span import stretch
from tamis.errors import FormatError, TamisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.cell.job import Limits

_MAX_REASON = 2000
_SPENT: dict[int | None, str] = {errno.EFBIG: "output", errno.ENOMEM: "memory"}


class _Unreadable(io.RawIOBase):
    """An input that could not be opened: reading it says why."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self._number = number

    def readable(self) -> bool:
        return True

    def _refuse(self, *_: object) -> Any:
        why = os.strerror(self._number) if self._number else "it is no plain file"
        raise FormatError(f"{self.name}: it could not be opened ({why})")

    read = readinto = seek = readall = tell = _refuse


def live(
    channel: socket.socket,
    folder: int,
    limits: Limits,
    walls: confine.Walls,
    allow: tuple[str, ...],
) -> None:
    """Nothing, once the cell has hung up; the calls are made on the way."""
    isolation = confine.enter(folder, limits, walls)
    try:
        confine.check_libraries()
    except OSError as error:
        channel.sendall(frames.pack({"refused": f"{error.filename}: {error.strerror}"}))
        return
    channel.sendall(frames.pack({"isolation": isolation}))
    while (received := _receive(channel)) is not None:
        call, inputs = received
        answer = _call(call, inputs, Output(folder, call["output_bytes"]), allow)
        channel.sendall(answer)


def _receive(channel: socket.socket) -> tuple[dict[str, Any], tuple[BinaryIO, ...]] | None:
    head, descriptors, _, _ = socket.recv_fds(channel, frames.HEAD.size, 253)
    if not head:
        return None
    (length,) = frames.HEAD.unpack(head)
    buffer = bytearray(head)
    while len(buffer) < frames.HEAD.size + length:
        buffer += channel.recv(1 << 20) or _gone()
    call = frames.unpack(buffer)
    if call is None:
        return None
    waiting = iter(descriptors)
    return call, tuple(_stream(place, waiting) for place in call["inputs"])


def _gone() -> bytes:
    sys.exit(0)


def _stream(place: list[Any], descriptors: Any) -> BinaryIO:
    name, offset, length, number = place
    if number is not None:
        return cast("BinaryIO", _Unreadable(name, number))
    return stretch(next(descriptors), offset, length, name)


def _call(
    call: dict[str, Any], inputs: tuple[BinaryIO, ...], out: Output, allow: tuple[str, ...]
) -> bytes:
    answer: dict[str, Any] = {
        "token": call["token"],
        "status": "failed",
        "kind": "error",
        "reason": "",
        "result": None,
        "files": [],
    }
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + call["cpu_s"]) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    try:
        result = resolve(call["task"], allow)(call["items"], inputs, call["args"], out)
        packed = frames.pack({**answer, "status": "done", "result": result, "files": out.close()})
    except MemoryError:
        answer["kind"] = "memory"
    except OutputLimitError:
        answer["kind"] = "output"
    except Exception as error:  # noqa: BLE001  whatever a parser raises is that item's failure
        answer["kind"], answer["reason"] = _explain(error)
    else:
        return packed
    finally:
        for stream in inputs:
            stream.close()
    with suppress(Exception):
        out.close()
    return frames.pack(answer)


def _explain(error: Exception) -> tuple[str, str]:
    """What kind of failure an exception is, and its words for people."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _SPENT:
        return _SPENT[number], ""
    if isinstance(error, TamisError):
        words = str(error)
    elif isinstance(error, RecursionError):
        words = "it is nested more deeply than the parser can follow"
    elif isinstance(error, frames.FrameError):
        words = f"the parser's result is too large: {error}"
    else:
        words = f"the parser met something it did not expect ({type(error).__name__}: {error})"
    return "error", words[:_MAX_REASON]


def resolve(task: str, allow: tuple[str, ...]) -> Callable[..., Any]:
    """The function of a task: inside tamis, or in a module a test has allowed by name.

    Errors    PlanError when it is neither, or absent.
    """
    module, _, name = task.partition(":")
    if module in allow:
        return cast("Callable[..., Any]", getattr(importlib.import_module(module), name))
    return registry.resolve(task)
