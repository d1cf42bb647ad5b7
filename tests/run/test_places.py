"""What a second look at the same place, a case inside a folder, and a shared attachment do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tamis.case import Case
from tamis.errors import InputError
from tamis.run.audit import audit
from tamis.run.intake import add

ATTACHED = b"the guest list of the sixth of May, table by table"
MAIL = b"""From: a@x.example\r
To: b@y.example\r
Subject: list %d\r
Date: Fri, 05 May 2017 10:00:00 +0200\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=sep\r
\r
--sep\r
Content-Type: text/plain\r
\r
see the list, copy %d\r
--sep\r
Content-Type: application/octet-stream\r
Content-Disposition: attachment; filename=list.bin\r
\r
%s\r
--sep--\r
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    held = tmp_path / "mail"
    held.mkdir()
    for number in (1, 2):
        (held / f"{number}.eml").write_bytes(MAIL % (number, number, ATTACHED))
    return held


def test_the_same_file_by_name_through_its_folder_or_above_is_there_already(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case.create(tmp_path / "case", title="t")
    add(case, [folder])
    before = (case.path / "manifest.json").read_bytes()
    monkeypatch.chdir(tmp_path)
    for spelling in (folder / "1.eml", Path("mail"), Path("mail/"), Path("./mail/../mail/2.eml")):
        add(case, [spelling])
        assert (case.path / "manifest.json").read_bytes() == before, spelling


def test_a_case_takes_nothing_of_itself(folder: Path) -> None:
    case = Case.create(folder / "case", title="t")
    first = add(case, [folder])
    assert first.rows["message"] == 2
    before = (case.path / "manifest.json").read_bytes()
    add(case, [folder])
    assert (case.path / "manifest.json").read_bytes() == before
    with case.view() as view:
        reasons = [r for r in view.table("item", ["reason"])["reason"].to_pylist() if r]
    assert any("case itself" in reason for reason in reasons)
    with pytest.raises(InputError, match="the case"):
        add(case, [case.path / "blobs"])


def test_an_attachment_goes_with_the_last_message_that_held_it(
    folder: Path, tmp_path: Path
) -> None:
    case = Case.create(tmp_path / "case", title="t")
    add(case, [folder])
    with case.view() as view:
        messages = view.table("message", ["item_id"])["item_id"].to_pylist()

    def held() -> list[Path]:
        return [p for p in case.path.rglob("*") if p.is_file() and ATTACHED in p.read_bytes()]

    case.forget(messages[0], "asked for")
    assert held(), "the other message still holds it"
    case.forget(messages[1], "asked for")
    assert held() == []
    with case.view() as view:
        for name in ("place", "message", "part", "document"):
            assert "list.bin" not in str(view.table(name).to_pylist()), name
    assert audit(case.path).ok
