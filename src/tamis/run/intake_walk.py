"""Every file below the paths an investigator names, in one fixed order, links never followed."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tamis.errors import InputError
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SPECIAL = (
    (stat.S_ISFIFO, "a pipe, not a file: nothing was read"),
    (stat.S_ISSOCK, "a socket, not a file: nothing was read"),
    (stat.S_ISBLK, "a device, not a file: nothing was read"),
    (stat.S_ISCHR, "a device, not a file: nothing was read"),
)
_MAILDIR = {"cur", "new", "tmp"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing found in a folder, or named itself.

    `named` is the path as the investigator gave it, made absolute; `root` is that folder, or the
    folder around a named file; `path` is the text below `root` that table `place` keeps.
    `trouble` says why there are no bytes to read, as (status, reason); else None.
    """

    root: str
    path: str
    place: Path
    size_bytes: int
    trouble: tuple[str, str] | None = None
    named: str = ""

    @property
    def absolute(self) -> str:
        """The one spelling of the place, however it was named."""
        return f"{self.root.rstrip('/')}/{self.path}"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> Path:
        """The folder that counts as a mailbox for single messages: of a Maildir, the whole."""
        parent = self.place.parent
        return parent.parent if parent.name in _MAILDIR else parent

    @property
    def mailbox_id(self) -> str:
        """The id of that folder as a mailbox."""
        return hashlib.sha256(os.fsencode(self.folder)).hexdigest()

    @property
    def mailbox_path(self) -> str:
        """That folder, written from the named folder on."""
        root = Path(self.root)
        shown = self.folder.relative_to(root.parent) if self.folder != root else root.name
        return storable(str(shown))

    @property
    def stand_in_id(self) -> str:
        """An item id for something without bytes: the hash of its place, never of content."""
        told = f"tamis: no bytes could be read at\0{self.absolute}"
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def walk(paths: Sequence[Path], own: Path) -> list[Entry]:
    """All entries below `paths`, each path in the order given, sorted by name inside.

    The case's own folder `own` is no evidence: below a named folder it is one refused entry.

    Errors    InputError when a named path does not exist, or lies inside the case.
    """
    case = own.resolve()
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; name what is to be added")
        if path.resolve().is_relative_to(case):
            raise InputError(f"{path}: it belongs to the case {own} itself; name other files")
    found: dict[str, Entry] = {}
    for path in paths:
        for entry in _below(Path(os.path.abspath(path)), case):  # noqa: PTH100 (links stay)
            found.setdefault(entry.absolute, entry)
    return list(found.values())


def _below(root: Path, case: Path) -> Iterator[Entry]:
    """`root` itself when it is a file, else what lies below it, without recursion."""
    text = storable(str(root))
    if not root.is_dir():
        around = storable(str(root.parent))
        yield replace(_entry(around, storable(root.name), root, is_named=True), named=text)
        return
    for entry in _inside(root, text, case):
        yield replace(entry, named=text)


def _inside(root: Path, text: str, case: Path) -> Iterator[Entry]:
    waiting: list[tuple[Path, str]] = [(root, "")]
    while waiting:
        place, path = waiting.pop()
        if path and not _is_folder(place):
            yield _entry(text, path, place)
            continue
        if place == case:
            why = "the folder of the case itself: it is no evidence, nothing in it was read"
            yield Entry(text, path or ".", place, 0, ("refused", why))
            continue
        try:
            names = sorted(os.listdir(place), key=os.fsencode, reverse=True)  # noqa: PTH208
        except OSError as problem:
            why = f"the folder could not be opened ({problem.strerror}): nothing below was read"
            yield Entry(text, path or ".", place, 0, ("failed", why))
            continue
        prefix = f"{path}/" if path else ""
        waiting.extend((place / name, prefix + storable(name)) for name in names)


def _is_folder(place: Path) -> bool:
    try:
        return stat.S_ISDIR(place.lstat().st_mode)
    except OSError:
        return False


def _entry(root: str, path: str, place: Path, *, is_named: bool = False) -> Entry:
    try:
        facts = place.stat() if is_named else place.lstat()
    except OSError as problem:
        why = f"it could not be read ({problem.strerror})"
        return Entry(root, path, place, 0, ("failed", why))
    if stat.S_ISLNK(facts.st_mode):
        target = storable(os.readlink(place))[:200]  # noqa: PTH115
        why = f"a link to {target!r}: links are not followed, add the target itself if it belongs"
        return Entry(root, path, place, 0, ("refused", why))
    for is_kind, why in _SPECIAL:
        if is_kind(facts.st_mode):
            return Entry(root, path, place, 0, ("refused", why))
    return Entry(root, path, place, facts.st_size)
