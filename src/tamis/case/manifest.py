"""The manifest: which files are one generation of a case, and where custody ended then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.case.custody import START, Head
from tamis.case.layout import CUSTODY, MANIFEST, canonical, digest, is_sha256
from tamis.case.settings import Settings
from tamis.errors import CaseBrokenError, NotACaseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class TableFile:
    """One Parquet file of a table, by its path below the case folder."""

    path: str
    sha256: str
    row_count: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Which inputs a stage's result was made from, and by which run."""

    inputs_sha256: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation.

    `content()` is what makes a generation: its digest is noted in custody by every commit.
    The custody head and the number of decisions drained move without a new generation.
    """

    settings: Settings
    settings_sha256: str
    generation: int = 0
    created_at: str = field(default_factory=_now)
    tables: Mapping[str, tuple[TableFile, ...]] = field(default_factory=dict)
    stages: Mapping[str, Mark] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    head: Head = field(default_factory=lambda: Head(0, START))
    drained: int = 0

    def content(self) -> dict[str, Any]:
        """All that makes the generation, as JSON values."""
        return {
            "format": FORMAT,
            "generation": self.generation,
            "created_at": self.created_at,
            "settings": self.settings.to_json(),
            "settings_sha256": self.settings_sha256,
            "tables": {
                name: [_table_file(one) for one in files]
                for name, files in self.tables.items()
                if files
            },
            "stages": {
                name: {"inputs_sha256": mark.inputs_sha256, "run_id": mark.run_id}
                for name, mark in self.stages.items()
            },
            "pins": dict(self.pins),
        }

    def content_sha256(self) -> str:
        """The digest of `content()` that stands in custody."""
        return digest(canonical(self.content()))

    def is_same(self, other: Manifest) -> bool:
        """Whether both hold the same, whatever their number and time."""
        return self.numbered(0, "").content() == other.numbered(0, "").content()

    def numbered(self, generation: int, created_at: str | None = None) -> Manifest:
        """This manifest under another number, made now unless said otherwise."""
        at = _now() if created_at is None else created_at
        return replace(self, generation=generation, created_at=at)

    def to_json(self) -> dict[str, Any]:
        """Everything, with the hash over everything else."""
        values = self.content()
        values["custody"] = {
            "count": self.head.count,
            "hash": self.head.hash,
            "size_bytes": self.head.size_bytes,
        }
        values["decisions_drained"] = self.drained
        return {**values, "sha256": digest(canonical(values))}

    def render(self) -> bytes:
        """The bytes of manifest.json: one form only, so that every byte counts."""
        return render(self.to_json())


def render(values: Mapping[str, Any]) -> bytes:
    """JSON for people, in one form only."""
    return (json.dumps(values, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def _table_file(one: TableFile) -> dict[str, Any]:
    return {
        "path": one.path,
        "sha256": one.sha256,
        "row_count": one.row_count,
        "size_bytes": one.size_bytes,
    }


def from_json(values: Mapping[str, Any], place: str) -> Manifest:
    """The manifest that `to_json` gave, its own hash checked.

    Errors    CaseBrokenError naming `place`.
    """
    rest = dict(values)
    stated = rest.pop("sha256", None)
    found = digest(canonical(rest))
    if not is_sha256(stated) or stated != found:
        raise CaseBrokenError(f"{place}: expected sha256 {stated}, its content gives {found}")
    if rest.get("format") != FORMAT:
        raise CaseBrokenError(
            f"{place}: format {rest.get('format')}, this version of tamis reads {FORMAT}"
        )
    return Manifest(
        settings=Settings.from_json(rest["settings"]),
        settings_sha256=rest["settings_sha256"],
        generation=rest["generation"],
        created_at=rest["created_at"],
        tables={n: tuple(TableFile(**one) for one in f) for n, f in rest["tables"].items()},
        stages={name: Mark(**mark) for name, mark in rest["stages"].items()},
        pins=rest["pins"],
        head=Head(**rest["custody"]),
        drained=rest["decisions_drained"],
    )


def parse(data: bytes, place: str) -> Manifest:
    """The manifest in `data`, which must be byte for byte what tamis writes.

    Errors    CaseBrokenError naming `place`.
    """
    try:
        values = json.loads(data)
        is_exact = isinstance(values, dict) and render(values) == data
    except ValueError:
        is_exact = False
    if not is_exact:
        raise CaseBrokenError(
            f"{place}: not in the form that tamis writes: it was changed from outside; "
            "take the case folder from a backup"
        )
    return from_json(values, place)


def read(root: Path) -> Manifest:
    """The manifest of the newest generation.

    Errors    NotACaseError when the folder holds none; CaseBrokenError when it was changed.
    """
    path = root / MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if (root / CUSTODY).exists():
            raise CaseBrokenError(
                f"{path}: missing, though custody is there; bring it back from a backup"
            ) from None
        raise NotACaseError(
            f"{root}: no tamis case (it holds no {MANIFEST}); make one with: tamis new {root}"
        ) from None
    return parse(data, str(path))
