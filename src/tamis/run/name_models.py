"""The models for names that a case names: where they are, their language, their hash."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from tamis.analyses.leak.names import PERSON
from tamis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_WITHOUT = "or empty name_models in case.toml: names are then not searched"
_MOST_META = 4 << 20


@dataclass(frozen=True, slots=True)
class NameModel:
    """One model: the folder, what it says of itself, and the hash of all its files."""

    folder: str
    language: str
    name: str
    sha256: str

    def told(self) -> dict[str, Any]:
        """The same for a task."""
        return asdict(self)


def name_models(folders: Iterable[str]) -> tuple[NameModel, ...]:
    """The models of some folders; nothing of them is loaded here.

    Errors    InputError when the extra is not installed, or a folder holds no pipeline that
              knows people.
    """
    wanted = tuple(folders)
    if wanted and find_spec("spacy") is None:
        raise InputError(f"name_models: expected the extra: pip install 'tamis[ner]', {_WITHOUT}")
    return tuple(_model(Path(one)) for one in wanted)


def _model(told: Path) -> NameModel:
    folder = _pipeline(told)
    try:
        data = (folder / "meta.json").read_bytes()[:_MOST_META]
        meta = orjson.loads(data)
        labels, language = meta["labels"]["ner"], str(meta["lang"])
        name = f"{language}_{meta['name']} {meta['version']}"
    except (OSError, ValueError, KeyError, TypeError):
        raise _refused(told, "with a meta.json that names its language and labels") from None
    if not set(labels) & set(PERSON):
        raise _refused(told, f"that knows people ({' or '.join(PERSON)})")
    return NameModel(str(folder), language, name, _hash(folder))


def _pipeline(told: Path) -> Path:
    """The folder with config.cfg: the one named, or the only one below it, as in a wheel."""
    found = [told] if (told / "config.cfg").is_file() else sorted(told.glob("*/config.cfg"))
    if len(found) != 1:
        raise _refused(told, "with a config.cfg in it or in one folder below")
    return (found[0] if found[0] == told else found[0].parent).resolve()


def _refused(told: Path, what: str) -> InputError:
    return InputError(f"name_models: {told}: expected a spaCy pipeline {what}; {_WITHOUT}")


def _hash(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()
