"""The text of a document, by kreuzberg: pinned, without OCR, cache or clean-up of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARACTERS = 10_000_000
_SETTINGS: dict[str, Any] = {
    "use_cache": False,
    "disable_ocr": True,
    "enable_quality_processing": False,
}


@dataclass(frozen=True, slots=True)
class Extraction:
    """The text that came out, or why none did; `reader` names program and version."""

    text: str | None
    is_cut: bool = False
    reader: str | None = None
    problem: str | None = None

    @property
    def columns(self) -> Mapping[str, Any]:
        """The columns of `document` that it fills."""
        has_text = self.text is not None
        return {
            "text": self.text,
            "text_reader": self.reader if has_text else None,
            "text_is_cut": self.is_cut if has_text else None,
        }


def extract(content: bytes, media_type: str) -> Extraction:
    """The text of a document of this media type.

    Missing   text is None where the document shows none, or (with a `problem`) is not readable
    Limits    Packages must have been looked through before (zip_package): an entity bomb comes
              out of the extractor as no text and no error. What aborts the process is the
              cell's matter.
    """
    import kreuzberg  # noqa: PLC0415 (a heavy library, loaded when a document is read)

    config = kreuzberg.ExtractionConfig(**_SETTINGS)
    panic = _Panic()
    try:
        with panic:
            result = kreuzberg.extract_bytes_sync(content, media_type, config)
    except (kreuzberg.KreuzbergError, OSError, RuntimeError, ValueError) as problem:
        return Extraction(None, problem=f"its text could not be read ({_said(problem)})")
    if panic.reason is not None:
        why = f"its text could not be read (the extractor gave up: {panic.reason})"
        return Extraction(None, problem=why)
    return bounded(result.content, f"kreuzberg {kreuzberg.__version__}")


class _Panic:
    """A panic of the extractor, noted and stopped here.

    It is no Exception and stands in no module: the name of its class is all that tells it.
    """

    def __init__(self) -> None:
        self.reason: str | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, _: object
    ) -> bool:
        if kind is None or value is None or kind.__name__ != "PanicException":
            return False
        self.reason = _said(value)
        return True


def unpacked_in(folder: str | None) -> None:
    """Let the extractor find, in a worker of the cell, what was unpacked for it beforehand.

    It looks for its PDF library below the temporary folder, and there alone.
    """
    if folder is not None:
        os.environ["TMPDIR"] = folder


def bounded(text: str, reader: str) -> Extraction:
    """A text as it is kept: cut where it is too long, and None where nothing stands in it."""
    if not text.strip():
        return Extraction(None)
    return Extraction(text[:MAX_CHARACTERS], len(text) > MAX_CHARACTERS, reader)


def _said(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:200]
