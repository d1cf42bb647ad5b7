"""The cell's end of one worker: its channel, its folder, and what it is working on."""

from __future__ import annotations

import array
import errno
import os
import secrets
import socket
import stat
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.cell import frames
from tamis.cell.job import Job, Span
from tamis.errors import CellError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.cell.job import Limits

SEND_PATIENCE_S = 10
MAX_INPUTS = 200
_OWN_FILES = 32

# Name, offset, length, and why it could not be opened (0: it is no plain file).
_Input = tuple[str, int, int, int | None]


@dataclass(slots=True)
class Ticket:
    """One call to be made; `needs_fresh` asks for a worker that has read nothing else."""

    job: Job
    needs_fresh: bool = False
    input_bytes: int = 0


@dataclass(slots=True)
class Handle:
    """One worker process, as the cell sees it."""

    number: int
    pid: int
    channel: socket.socket
    folder: Path
    ticket: Ticket | None = None
    token: str = ""
    served: int = 0
    rested_ns: int = 0
    deadline: float = 0.0
    is_gone: bool = False
    buffer: bytearray = field(default_factory=bytearray)
    _followed: int = -1
    _begin: int = 0

    @property
    def current(self) -> Ticket:
        """The call it is working on."""
        if self.ticket is None:
            raise CellError("a worker that has no work was asked for it")
        return self.ticket

    @property
    def is_silent(self) -> bool:
        """Whether the worker lives and has said nothing while it had nothing to say."""
        try:
            self.is_gone = not self.channel.recv(1)
        except BlockingIOError:
            return not self.buffer
        except OSError:
            self.is_gone = True
        return False

    def give(self, ticket: Ticket, limits: Limits) -> None:
        """Hand a call over, with open descriptors of its inputs.

        Errors    CellError when the job itself cannot be sent; OSError when the worker is gone.
        """
        self.token = secrets.token_hex(8)
        self.ticket = ticket
        self.served += 1
        with ExitStack() as opened:
            inputs, descriptors = _open(ticket.job, opened, limits)
            ticket.input_bytes = sum(length for _, _, length, _ in inputs)
            call = {
                "token": self.token,
                "task": ticket.job.task,
                "items": [dict(item) for item in ticket.job.items],
                "args": dict(ticket.job.args),
                "inputs": inputs,
                "cpu_s": limits.seconds(ticket.input_bytes)[0],
                "output_bytes": limits.output_bytes,
            }
            try:
                packed = frames.pack(call)
            except (TypeError, frames.FrameError) as error:
                message = f"job {ticket.job.job_id}: items and args must be small JSON ({error})"
                raise CellError(message) from error
            # Python waits for a socket that has a timeout even where MSG_DONTWAIT is given.
            self.channel.settimeout(SEND_PATIENCE_S)
            rights = array.array("i", descriptors).tobytes()
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else []
            self._follow(inputs, descriptors)
            self.channel.sendmsg([packed[: frames.HEAD.size]], ancillary)
            self.channel.sendall(memoryview(packed)[frames.HEAD.size :])
            self.channel.setblocking(False)

    def _follow(self, inputs: list[_Input], descriptors: list[int]) -> None:
        """Keep the descriptor of a call's only input: the worker moves what both share."""
        self.unfollow()
        if len(descriptors) == 1 and len(inputs) == 1:
            self._followed, self._begin = os.dup(descriptors[0]), inputs[0][1]

    def unfollow(self) -> None:
        """Let go of the input of a call that has ended."""
        if self._followed >= 0:
            os.close(self._followed)
            self._followed = -1

    @property
    def read_bytes(self) -> int:
        """How far into its only input a worker has read; its word, held to the input's length."""
        if self._followed < 0 or self.ticket is None:
            return 0
        at = os.lseek(self._followed, 0, os.SEEK_CUR) - self._begin
        return max(0, min(at, self.ticket.input_bytes))

    def hear(self) -> dict[str, Any] | None:
        """The next whole frame, or None while there is none; sets `is_gone` at the end.

        Errors    FrameError when what was sent is no frame, or more than one answer.
        """
        try:
            received = self.channel.recv(1 << 18)
        except BlockingIOError:
            return None
        except OSError:
            received = b""
        if not received:
            self.is_gone = True
            return None
        self.buffer += received
        frame = frames.unpack(self.buffer)
        if frame is not None and self.buffer:
            raise frames.FrameError("it sent more than one answer")
        return frame

    def close(self) -> None:
        """Hang up."""
        self.unfollow()
        self.channel.close()


def _open(job: Job, opened: ExitStack, limits: Limits) -> tuple[list[_Input], list[int]]:
    most = min(MAX_INPUTS, limits.open_files - _OWN_FILES)
    if len(job.paths) > most:
        raise CellError(f"job {job.job_id} has more than {most} inputs; divide it")
    inputs: list[_Input] = []
    descriptors: list[int] = []
    for place in job.paths:
        span = place if isinstance(place, Span) else Span(place, 0, -1)
        try:
            descriptor = os.open(span.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            inputs.append((_plain(span.path.name), 0, 0, error.errno or errno.EIO))
            continue
        opened.callback(os.close, descriptor)
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            inputs.append((_plain(span.path.name), 0, 0, 0))
            continue
        left = max(0, facts.st_size - span.offset)
        length = left if span.length < 0 else min(span.length, left)
        inputs.append((_plain(span.path.name), span.offset, length, None))
        descriptors.append(descriptor)
    return inputs, descriptors


def _plain(name: str) -> str:
    """A file name as text that JSON can hold: bytes that are no UTF-8 become escapes."""
    return name.encode("utf-8", "backslashreplace").decode()
