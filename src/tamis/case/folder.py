"""One case folder: made, opened, read, written, decided about."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.case import custody, decisions, journal, layout, manifest, settings
from tamis.case.custody import Event
from tamis.case.forget import Forgotten, forget
from tamis.case.lock import commit_lock
from tamis.case.manifest import Manifest
from tamis.case.settings import Settings
from tamis.case.settled import settle_all
from tamis.case.view import CaseView
from tamis.case.writer import Writer
from tamis.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.case.custody import Head
    from tamis.case.decisions import Decision


class Case:
    """A case folder. Readers take `view()`, the one writer takes `writer()`."""

    def __init__(self, path: Path) -> None:
        """Name the folder; use `create` or `open`."""
        self.path = path

    @classmethod
    def create(cls, path: Path | str, *, title: str, **options: Any) -> Case:
        """A new, empty case in `path`, which must be absent or an empty folder.

        Input     `options` are the other settings of case.toml: election, polling_days, ….
        Errors    CaseError when the folder holds something; SettingsError for a wrong setting.
        """
        target = Path(path)
        chosen = Settings(title=title, **options)
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CaseError(f"{target}: expected an empty or absent folder; choose another one")
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        # Made beside its place and moved there whole: a crash leaves no half case.
        making = target.absolute().parent / f".{target.name}.{secrets.token_hex(4)}.new"
        making.mkdir()
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, making, ignore_errors=True)
            _fill(making, chosen)
            try:
                making.replace(target)
            except OSError as problem:
                raise CaseError(
                    f"{target}: the case cannot be put there ({problem.strerror}); choose another "
                    "folder"
                ) from problem
            stack.pop_all()
        layout.sync_file(target.absolute().parent)
        return cls(target)

    @classmethod
    def open(cls, path: Path | str) -> Case:
        """The case in a folder, after finishing what a killed process had begun.

        Errors    NotACaseError when the folder is none; CaseBrokenError when custody, manifest
                  or decisions do not agree.
        """
        case = cls(Path(path))
        settle_all(case.path)
        return case

    @property
    def settings(self) -> Settings:
        """The settings that hold, as custody knows them.

        Limits    edits of case.toml hold from the next writer on, which notes them in custody.
        """
        return manifest.read(self.path).settings

    def head(self) -> Head:
        """Where custody ends: count of lines, and hash of the last."""
        return manifest.read(self.path).head

    def view(self, report_id: str | None = None) -> CaseView:
        """A view of the newest generation, or of the one that a report was made from."""
        settle_all(self.path)
        return CaseView(self.path, report_id)

    def writer(self) -> Writer:
        """The writer of the case.

        Errors    CaseLockedError at once, naming the process, when another one writes.
        """
        return Writer(self.path)

    def custody(self) -> tuple[custody.Line, ...]:
        """Every line of custody, the chain checked.

        Errors    CaseBrokenError at the first break.
        """
        return tuple(custody.read(self.path / layout.CUSTODY))

    def decide(
        self, kind: str, subject_ids: Iterable[str], value: str, why: str, author: str
    ) -> int:
        """The id of a decision, which stands in custody as one line; works while a run writes.

        Errors    InputError when it is about nothing, or nobody takes it.
        """
        number = decisions.add(self.path, kind, subject_ids, value, why, author)
        with commit_lock(self.path):
            decisions.drain(self.path)
        return number

    def forget(self, item_id: str, why: str, author: str = "") -> Forgotten:
        """What was forgotten, and what the case could not remove; see `Forgotten.lines`.

        Errors    InputError for an unknown item; CaseLockedError while another process writes.
        """
        return forget(self.path, item_id, why, author)

    def compact(self) -> int:
        """The generation after small files of each table were joined; the rows stay the same.

        Errors    CaseLockedError while another process writes.
        """
        with self.writer() as writer:
            writer.compact()
            return writer.commit()

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision, in the order they were taken."""
        return decisions.read(self.path)


def _fill(root: Path, chosen: Settings) -> None:
    for folder in layout.FOLDERS:
        (root / folder).mkdir()
    text = settings.render(chosen)
    layout.write_atomic(root / layout.SETTINGS, text)
    decisions.create(root)
    stated = layout.digest(text)
    event = Event("created", {"settings": chosen.to_json(), "settings_sha256": stated})
    journal.begin(root, Manifest(chosen, stated), [event])
    layout.sync_tree(root)
