"""Bringing a case to rest: unfinished commits, decisions on their way, edited settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.case import decisions, journal, manifest, settings
from tamis.case.custody import Event
from tamis.case.journal import Change
from tamis.case.layout import SETTINGS, digest
from tamis.case.lock import commit_lock
from tamis.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case.manifest import Manifest


def settle_all(root: Path) -> Manifest:
    """The manifest that holds, once all that was begun is finished.

    Errors    CaseBrokenError when custody, manifest or decisions do not agree.
    """
    if not (journal.is_settled(root) and decisions.is_drained(root)):
        with commit_lock(root):
            journal.settle(root)
            decisions.drain(root)
    return manifest.read(root)


def adopt_settings(root: Path) -> Manifest:
    """The manifest with the settings that case.toml holds now.

    A person may edit case.toml; what changed becomes a custody line with old and new value
    before anything is computed with it. The caller holds the writer lock.
    Errors    SettingsError when the file is missing or unusable.
    """
    path = root / SETTINGS
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError(f"{path}: missing; bring it back from a backup") from None
    held = manifest.read(root)
    if digest(data) == held.settings_sha256:
        return held
    found = settings.parse(data, path)
    changed = settings.differences(held.settings, found)
    event = Event("settings_changed", {"changed": changed, "settings_sha256": digest(data)})
    with commit_lock(root):
        return journal.commit(
            root,
            lambda now: Change(replace(now, settings=found, settings_sha256=digest(data)), [event]),
        )
