"""The names of everything in a case folder, and how files are made to survive a crash."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.errors import CaseBrokenError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = "case.toml"
MANIFEST = "manifest.json"
CUSTODY = "custody.jsonl"
DECISIONS = "decisions.sqlite"
PENDING = "pending.json"
ERASE = "erase.json"
BLOBS = "blobs"
TABLES = "tables"
INDEX = "index"
REPORTS = "reports"
LEASES = "leases"
LOCKS = "locks"
SPOOL = "spool"
FOLDERS = (BLOBS, TABLES, INDEX, REPORTS, LEASES, LOCKS, SPOOL)

CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: object) -> bool:
    """Whether `text` is 64 lower-case hex digits."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def blob_path(root: Path, item_id: str) -> Path:
    """Where the bytes of an item stand that has a blob of its own.

    Errors    CaseBrokenError for anything that is no SHA-256: an id never names a path.
    """
    if not is_sha256(item_id):
        raise CaseBrokenError(f"{item_id!r} is no item id: expected 64 hex digits")
    return root / BLOBS / item_id[:2] / item_id


def inside(root: Path, relative: str) -> Path:
    """The file that a manifest names by `relative`, once it is sure to lie in the case.

    Errors    CaseBrokenError for an absolute path or one that climbs out.
    """
    parts = Path(relative).parts
    if not parts or Path(relative).is_absolute() or ".." in parts:
        raise CaseBrokenError(f"{root / MANIFEST}: {relative!r} does not lie in the case folder")
    return root / relative


def canonical(value: Mapping[str, Any]) -> bytes:
    """`value` as JSON in the one form that is hashed: sorted keys, no blanks, UTF-8.

    Half surrogates (file names that are no UTF-8) are written as backslash escapes.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "backslashreplace")


def digest(data: bytes) -> str:
    """The SHA-256 of `data` as hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its length in bytes."""
    found = hashlib.sha256()
    size = 0
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
    return found.hexdigest(), size


def open_regular(path: Path) -> int:
    """A descriptor for reading an ordinary file.

    Errors    InputError for a pipe, device, socket or folder (opening a pipe would wait for ever).
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise InputError(f"{path}: expected an ordinary file; leave out pipes, devices and folders")


def sync_file(path: Path) -> None:
    """Nothing; the file's bytes are on the disk afterwards."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Nothing; everything written so far to the file system of `root` is on the disk.

    One call stands for tens of thousands of single ones when many small files were written.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "syncfs"):
        os.sync()
        return
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if library.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(root))
    finally:
        os.close(descriptor)


def write_atomic(path: Path, data: bytes) -> None:
    """Nothing; `path` holds `data` on the disk, or what it held before, at every moment.

    The caller holds the commit lock: the name of the new file is fixed, so that a crash leaves
    at most one of it and the next writing takes it over.
    """
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    sync_file(path.parent)


def remove_durably(path: Path) -> None:
    """Nothing; the file is gone, also after a crash."""
    path.unlink(missing_ok=True)
    sync_file(path.parent)
