"""A case named by a relative path is read as one named by an absolute path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tamis.case import Case
from tamis.run.intake import add

_STREAM = b"BT /F1 24 Tf 72 700 Td (Offshore account) Tj ET"
_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<%s>>>>"
    % b"/Font<</F1 5 0 R>>",
    b"<</Length %d>>stream\n%s\nendstream" % (len(_STREAM), _STREAM),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
)


def pdf() -> bytes:
    """One page with two words, and a cross-reference table that fits."""
    found, places = b"%PDF-1.4\n", []
    for rank, content in enumerate(_OBJECTS, start=1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (rank, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n"
    trailer = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(found)
    return found + head + table + trailer


@pytest.mark.parametrize("is_relative", [False, True])
def test_the_text_of_a_pdf_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pdf").write_bytes(pdf())
    place = Path("case") if is_relative else tmp_path / "case"
    case = Case.create(place, title="t")
    add(case, [Path("a.pdf")], kind="leak")
    with case.view() as view:
        (item,) = view.table("item").to_pylist()
        (document,) = view.table("document").to_pylist()
    assert (item["status"], item["reason"]) == ("read", None)
    assert "Offshore account" in document["text"]
