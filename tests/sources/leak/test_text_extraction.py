from __future__ import annotations

import kreuzberg
import pytest
from office_building import docx

from tamis.sources.leak.documents import text_extraction
from tamis.sources.leak.documents.text_extraction import bounded, extract

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class PanicException(BaseException):
    pass


def test_text_comes_out_with_the_program_that_took_it() -> None:
    found = extract(docx("<w:p><w:r><w:t>Élysée</w:t></w:r></w:p>"), WORD)
    assert (found.text or "").strip() == "Élysée"
    assert found.columns["text_reader"] == f"kreuzberg {kreuzberg.__version__}"
    assert found.columns["text_is_cut"] is False


def test_no_text_is_missing_and_not_empty() -> None:
    found = extract(docx(""), WORD)
    assert found.problem is None
    assert found.columns == {"text": None, "text_reader": None, "text_is_cut": None}


def test_long_text_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_extraction, "MAX_CHARACTERS", 3)
    assert bounded("abcd", "r").columns == {"text": "abc", "text_reader": "r", "text_is_cut": True}
    assert bounded("abc", "r").is_cut is False


def test_what_cannot_be_read_is_a_reason() -> None:
    found = extract(b"no zip at all", WORD)
    assert found.text is None
    assert "could not be read" in (found.problem or "")


def test_a_panic_is_a_reason_and_an_interruption_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object) -> None:
        raise PanicException("index out of range")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kreuzberg, "extract_bytes_sync", panic)
    found = extract(b"", WORD)
    assert found.problem == "its text could not be read (the extractor gave up: index out of range)"
    monkeypatch.setattr(kreuzberg, "extract_bytes_sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        extract(b"", WORD)
