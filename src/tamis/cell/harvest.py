"""Taking a worker's files out of its reach, and refusing what is no plain, finished file."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from tamis import records
from tamis.cell.arrow import batches
from tamis.cell.frames import Answer, FrameError
from tamis.cell.output import MARK, MARK_BYTES
from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from tamis.cell.job import Job, Limits


def collect(
    answer: Answer, job: Job, folder: Path, target: Path, limits: Limits
) -> dict[str, Path]:
    """The files of an answer by name, moved from the worker's folder into a new one.

    Errors    FrameError when a file is absent, not plain, still open in a worker, larger than
              allowed together, or an Arrow file that is not what the job announced.
    """
    if not answer.files:
        return {}
    target.mkdir(mode=0o700)
    try:
        return _collect(answer, job, folder, target, limits)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _collect(
    answer: Answer, job: Job, folder: Path, target: Path, limits: Limits
) -> dict[str, Path]:
    left = limits.output_bytes
    files: dict[str, Path] = {}
    for name, is_arrow in answer.files:
        files[name] = place = target / name
        try:
            os.rename(folder / name, place)  # noqa: PTH104  one call, no stat before it
        except OSError as error:
            raise FrameError(f"it named the file {name}, which it did not write") from error
        left -= _settle(place, name)
        if left < 0:
            raise FrameError("it wrote more than it may")
        if is_arrow:
            _validate(place, name, job.tables)
    return files


def _settle(path: Path, name: str) -> int:
    """The size of a plain file that nobody can write to any more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FrameError(f"{name} is no plain file") from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
            raise FrameError(f"{name} is no plain file")
        if _is_open_for_writing(descriptor):
            raise FrameError(f"{name} was still open for writing")
        return facts.st_size
    finally:
        os.close(descriptor)


def _is_open_for_writing(descriptor: int) -> bool:
    # The kernel grants a read lease only on a file that nobody has open for writing. Some file
    # systems have no leases; there the answer is no. SIGURG: a broken lease must not kill us.
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _validate(path: Path, name: str, tables: Mapping[str, pa.Schema]) -> None:
    schema = tables.get(name)
    if schema is None and name in records.tables():
        schema = records.table(name).schema
    if schema is None:
        raise FrameError(f"it wrote a table {name} that was not asked for")
    try:
        for _ in batches(path, schema):
            pass
    except FormatError as error:
        raise FrameError(str(error)) from error


def mark(folder: Path) -> str:
    """What a worker has noted that it is at, or ""; its word, believed by nobody."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(folder / MARK, flags)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        told = os.read(descriptor, MARK_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return told if told.isalnum() and told.isascii() else ""


def sweep(folder: Path) -> None:
    """Leave nothing in a worker's folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)  # noqa: PTH108  an entry, not a Path
