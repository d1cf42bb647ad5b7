"""Locks between processes: one long writer lock, one short commit lock, leases of readers.

All are flock(2) on open files, so a killed process gives them back by itself.

Limits    on network file systems flock may not hold between machines: one machine writes a case.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tamis.case.layout import LOCKS
from tamis.errors import CaseError, CaseLockedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


def _open(path: Path) -> int:
    path.parent.mkdir(exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


@contextmanager
def commit_lock(root: Path) -> Iterator[None]:
    """Nothing; while it is held, custody, manifest, leases and collection belong to this process.

    Limits    where the folder cannot be written, nobody commits here: nothing is held.
    """
    try:
        descriptor = _open(root / LOCKS / "commit")
    except OSError as problem:
        if problem.errno not in READ_ONLY:
            raise
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class WriterLock:
    """The long lock of the one process that writes tables and blobs."""

    def __init__(self, root: Path) -> None:
        """Take it, or say at once who has it.

        Errors    CaseLockedError naming the process that writes; CaseError in a folder that
                  cannot be written.
        """
        path = root / LOCKS / "writer"
        try:
            self._descriptor = _open(path)
        except OSError as problem:
            raise CaseError(
                f"{root}: cannot be written to ({problem.strerror}); work on a copy of the folder"
            ) from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            who = f"process {holder}" if holder else "another process"
            raise CaseLockedError(
                f"{root}: {who} is writing to this case; wait until it ends, or end it"
            ) from None
        with ExitStack() as stack:
            stack.callback(os.close, self._descriptor)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
            stack.pop_all()

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            try:
                os.ftruncate(descriptor, 0)
            finally:
                os.close(descriptor)


def hold_new(path: Path, content: bytes) -> int:
    """The descriptor of a new file with `content`, locked for as long as it stays open."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, content)
    return descriptor


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock on `path`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # another person's lease: nobody may take files from under it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
