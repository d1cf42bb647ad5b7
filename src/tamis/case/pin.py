"""Report pins: the generation that a report was made from stays readable for its audit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.case import manifest
from tamis.case.layout import REPORTS, digest, inside
from tamis.errors import CaseBrokenError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tamis.case.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Pin:
    """One report: the manifest it was made from, and the facts that its maker kept."""

    report_id: str
    manifest: Manifest
    facts: Mapping[str, Any]

    def render(self) -> bytes:
        """The bytes of reports/<report_id>.json, in one form only."""
        return manifest.render(
            {
                "report_id": self.report_id,
                "manifest": self.manifest.to_json(),
                "facts": dict(self.facts),
            }
        )


def path_of(root: Path, report_id: str) -> Path:
    """Where the pin of a report stands.

    Errors    InputError for an id that could not be a file name.
    """
    if not report_id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in report_id):
        raise InputError(f"{report_id!r} cannot name a report: use letters, digits, - and _")
    return inside(root, f"{REPORTS}/{report_id}.json")


def read(root: Path, report_id: str, stated: str) -> Pin:
    """The pin of a report, once its bytes have the hash that the manifest states.

    Errors    CaseBrokenError naming the file.
    """
    path = path_of(root, report_id)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CaseBrokenError(f"{path}: the pin of a report is missing") from None
    if (found := digest(data)) != stated:
        raise CaseBrokenError(f"{path}: expected SHA-256 {stated}, found {found}")
    values = json.loads(data)
    return Pin(report_id, manifest.from_json(values["manifest"], str(path)), values["facts"])


def pinned(root: Path, held: Manifest) -> dict[str, Pin]:
    """Every pin that the manifest names, by report."""
    return {report: read(root, report, stated) for report, stated in sorted(held.pins.items())}
