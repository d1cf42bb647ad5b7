"""An item inside that kills its parser costs itself, not the mail or archive around it."""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cfb_writer import compound_file
from tamis.case import Case
from tamis.run import intake_files
from tamis.run.audit import audit
from tamis.run.intake import add

FROM = b"From a@example.org Fri May  5 10:00:00 2017\n"


def deadly(number: int = 0) -> bytes:
    """A workbook that says it has 800 million sectors: the extractor asks for them and aborts."""
    found = bytearray(compound_file({"Workbook": b"\x09\x08\x10\x00" + bytes([number]) * 5000}))
    found[0x40:0x44] = (0x302B6500).to_bytes(4, "little")
    return bytes(found)


def mail(number: int, attached: bytes | None = None) -> bytes:
    head = (
        b"From: a@b.example\nTo: c@d.example\nSubject: evidence %d\nMessage-ID: <%d@x>\n"
        b"Date: Fri, 5 May 2017 10:00:00 +0200\nMIME-Version: 1.0\n" % (number, number)
    )
    if attached is None:
        return head + b"\nthe text\n"
    return (
        head + b'Content-Type: multipart/mixed; boundary="q"\n\n--q\n\nthe text\n--q\n'
        b"Content-Type: application/vnd.ms-excel; name=a.xls\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(attached) + b"\n--q--\n"
    )


def tar(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return made.getvalue()


def taken_in(folder: Path, name: str, data: bytes) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Items by path, subjects and ledgers; items with bytes have them, and the audit is clean."""
    (folder / name).write_bytes(data)
    case = Case.create(folder / "case", title="t")
    add(case, [folder / name], kind="leak")
    with case.view() as view:
        items = {row["item_id"]: row for row in view.table("item").to_pylist()}
        for row in items.values():
            assert len(view.read_item(row["item_id"])) == row["size_bytes"]
        found = {row["path"]: items[row["item_id"]] for row in view.table("place").to_pylist()}
        subjects = sorted(view.table("message")["subject"].to_pylist())
        ledgers = view.table("ledger").to_pylist()
    assert audit(case.path).ok
    return found, subjects, ledgers


def died(row: dict[str, Any]) -> bool:
    return row["status"] == "failed" and row["reason"].startswith("the parser crashed (SIGABRT)")


def test_a_file_that_kills_its_parser_fails_alone(tmp_path: Path) -> None:
    found, _, _ = taken_in(tmp_path, "a.xls", deadly())
    assert died(found["a.xls"]), "the golden bytes do not kill any more: find others"


def test_a_mail_with_a_deadly_attachment_is_read(tmp_path: Path) -> None:
    found, subjects, _ = taken_in(tmp_path, "m.eml", mail(1, deadly()))
    assert subjects == ["evidence 1"]
    assert found["m.eml"]["status"] == "read"
    (inner,) = (row for path, row in found.items() if path != "m.eml")
    assert died(inner)


@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_with_deadly_entries_gives_the_others(tmp_path: Path, pack: Any) -> None:
    files = {"1.eml": mail(1), "2.xls": deadly(2), "3.eml": mail(3, deadly(3)), "4.eml": mail(4)}
    found, subjects, ledgers = taken_in(tmp_path, "a.bin", pack(files))
    assert subjects == ["evidence 1", "evidence 3", "evidence 4"]
    assert sum(map(died, found.values())) == 2
    assert died(found["a.bin/2.xls"])
    assert {row["status"] for row in found.values() if not died(row)} == {"read"}
    archive = next(row for row in ledgers if row["container_item_id"] == found["a.bin"]["item_id"])
    assert (archive["emitted_count"], archive["failed_count"]) == (4, 0)


def test_an_archive_in_an_archive_in_a_mailbox(tmp_path: Path) -> None:
    inner = zipped({"in.zip": zipped({"x.xls": deadly(), "y.eml": mail(9)})})
    box = FROM + mail(1) + b"\n" + FROM + mail(2, inner) + b"\n" + FROM + mail(3)
    found, subjects, _ = taken_in(tmp_path, "all.mbox", box)
    assert subjects == ["evidence 1", "evidence 2", "evidence 3", "evidence 9"]
    assert [path.rpartition("/")[2] for path, row in found.items() if died(row)] == ["x.xls"]


def test_too_many_deadly_entries_end_the_patience_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_files, "MAX_AVOIDED", 2)
    files = {f"{rank}.xls": deadly(rank) for rank in range(4)} | {"5.eml": mail(5)}
    found, _, ledgers = taken_in(tmp_path, "a.zip", zipped(files))
    assert found.keys() == {"a.zip", *(f"a.zip/{name}" for name in files)}
    inner = [row for path, row in found.items() if path != "a.zip"]
    assert {row["status"] for row in inner} == {"failed"}
    assert all("stopped its parser" in row["reason"] for row in inner if not died(row))
    assert [(row["expected_count"], row["emitted_count"]) for row in ledgers] == [(5, 5)]
