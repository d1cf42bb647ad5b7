"""The one process that adds to a case: everything or nothing, at `commit`."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.case import custody, index_folder, journal, lease, manifest
from tamis.case.blob import BlobStore
from tamis.case.compact import crowded, join_small
from tamis.case.draft import Draft
from tamis.case.layout import CUSTODY, PENDING, SPOOL
from tamis.case.lock import WriterLock, commit_lock
from tamis.case.settled import adopt_settings, settle_all
from tamis.case.view import CaseView
from tamis.closing import Closing

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case.settings import Settings


class Writer(Draft, Closing):
    """The only writer of a case; a context manager that holds the writer lock.

    Whatever is stored, appended, replaced, marked or noted becomes visible at `commit`, all at
    once. Leaving without a commit leaves the case as it was. What can be appended, replaced,
    marked, noted and pinned: see `Draft`.
    """

    def __init__(self, root: Path) -> None:
        """Take the lock, finish what a killed process began, and clear what it left behind.

        Errors    CaseLockedError at once, naming the process, when another one writes;
                  CaseBrokenError when custody or manifest do not hold; SettingsError when
                  case.toml was edited into something unusable.
        """
        self._root = root
        self._spool: Path | None = None
        self._lock = WriterLock(root)
        with ExitStack() as stack:
            stack.callback(self._lock.release)
            settle_all(root)
            custody.verify(root / CUSTODY)
            self._base = adopt_settings(root)
            self._known = self._read_known()
            if left := lease.leftovers(root):
                # Blobs first: while a folder is left, the next writer knows of the crash.
                lease.drop_strangers(root, self._known)
                lease.remove(left)
            lease.collect(root)
            self._start()
            stack.pop_all()

    def _start(self) -> None:
        self._blobs = BlobStore(self._root, self._known, self._forgotten)
        super().__init__(self._root, self._base, self._forgotten)

    def _read_known(self) -> dict[str, str]:
        with CaseView(self._root) as view:
            columns = view.table("blob", ["item_id", "storage"]).to_pydict()
            gone = view.table("tombstone", ["item_id"]).to_pydict()["item_id"]
        self._forgotten = frozenset(gone)
        return dict(zip(columns["item_id"], columns["storage"], strict=True))

    @property
    def settings(self) -> Settings:
        """The settings that hold while this writer lives."""
        return self._base.settings

    def view(self) -> CaseView:
        """A view of what is committed."""
        return CaseView(self._root)

    def spool(self) -> Path:
        """A fresh folder inside the case for half-made files, removed when the writer leaves."""
        folder = self._own_spool() / secrets.token_hex(8)
        folder.mkdir()
        return folder

    def _own_spool(self) -> Path:
        if self._spool is None:
            name = f"writer-{os.getpid()}-{secrets.token_hex(4)}"
            self._spool = self._root / SPOOL / name
            self._spool.mkdir()
        return self._spool

    def store(self, path: Path, *, by_reference: bool = False) -> tuple[str, int]:
        """Item id (SHA-256) and size of a file taken in, copied unless `by_reference`.

        The bytes' row in table `blob` is written with the commit. Bytes that were forgotten
        are hashed, and not kept.
        Errors    InputError for what is no ordinary file; OSError when it cannot be read.
        """
        if by_reference:
            return self._blobs.refer(path)
        return self._blobs.store(path, self._own_spool())

    def adopt(self, path: Path, item_id: str) -> int:
        """The size of a spool file that became the bytes of `item_id`, once its hash is checked.

        Errors    CaseBrokenError when its bytes are others.
        """
        self._own_spool()
        return self._blobs.adopt(path, item_id)

    def adopt_index(self, folder: Path, inputs_sha256: str) -> None:
        """Nothing; a search index made in the spool waits for the commit of its stage's mark."""
        index_folder.place(self._root, folder, inputs_sha256)

    def blob(self, item_id: str) -> Path:
        """Where the bytes of an item stand that was stored or adopted, committed or not."""
        return self._blobs.path(item_id)

    def has_bytes(self, item_id: str) -> bool:
        """Whether bytes of their own are kept for an item, committed or not."""
        return item_id in self._known

    def is_forgotten(self, item_id: str) -> bool:
        """Whether an item was forgotten: its bytes and rows are not taken in again."""
        return item_id in self._forgotten

    def commit(self) -> int:
        """The generation that stands now; the same as before when nothing changed.

        A note alone becomes a line of custody without a new generation.
        """
        if rows := self._blobs.take_rows():
            self._add_blobs(records.table("blob").build(rows))
        self.flush()
        self._blobs.sync()
        self._swap()
        if names := crowded(self._base, self.touched):
            join_small(self._root, self._base, names, self)
            self.flush()
            self._swap()
        self._start()
        lease.collect(self._root)
        return self._base.generation

    def _swap(self) -> None:
        with commit_lock(self._root):
            self._base = journal.commit(self._root, self.change)
        # What is committed is no draft any more: leaving must not remove its files.
        touched = self.touched
        self._start()
        self.touched = touched

    def compact(self) -> None:
        """Join the small files of every table; every row stays."""
        join_small(self._root, self._base, tuple(self._base.tables), self)

    def _add_blobs(self, new: pa.Table) -> None:
        if not self._blobs.moved_in:
            self.append("blob", new)
            return
        with self.view() as view:
            kept = _without(view.table("blob"), self._blobs.moved_in)
        self.replace("blob", pa.concat_tables([kept, new]))

    def close(self) -> None:
        """Drop what was not committed, and give the lock back."""
        try:
            if _is_undecided(self._root, self._base.generation):
                self.drop()
                self._blobs.drop()
                if self._spool is not None:
                    shutil.rmtree(self._spool, ignore_errors=True)
        finally:
            self._lock.release()


def _is_undecided(root: Path, base: int) -> bool:
    """Whether files drafted on top of generation `base` are surely needed by nobody.

    After an interruption inside `commit` they may be: then the next writer removes what is not,
    and the spool that stays behind tells it to look.
    """
    return not (root / PENDING).exists() and manifest.read(root).generation == base


def _without(rows: pa.Table, moved_in: set[str]) -> pa.Table:
    """Rows of table `blob` but for files once left outside that were copied in since."""
    gone = pa.array(sorted(moved_in), pa.string())
    return rows.filter(pc.invert(pc.is_in(rows.column("item_id"), gone)))
