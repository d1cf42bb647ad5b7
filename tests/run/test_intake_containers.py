"""Containers taken in through the cell: large members, passwords, hostile archives."""

from __future__ import annotations

import base64
import gzip
import io
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import py7zr
import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.run.audit import audit
from tamis.run.intake import add

FROM = b"From a@example.org Fri May  5 10:00:00 2017\n"


def mail(number: int, size: int = 0) -> bytes:
    noise = base64.encodebytes(random.Random(number).randbytes(size))
    return (
        b"From: a@example.org\nTo: b@example.org\nSubject: number %d\n"
        b"Message-ID: <%d@example.org>\nDate: Fri, 5 May 2017 10:00:%02d +0200\n\n"
        % (number, number, number % 60)
    ) + noise


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case", title="containers")


def rows(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        found: list[dict[str, Any]] = view.table(table).to_pylist()
        return found


def check(case: Case) -> dict[str, dict[str, Any]]:
    """The items by path; every item with bytes has them, and every ledger adds up."""
    with case.view() as view:
        items = {row["item_id"]: row for row in view.table("item").to_pylist()}
        places = view.table("place").to_pylist()
        for row in items.values():
            if "id stands for the place" not in (row["reason"] or ""):
                assert len(view.read_item(row["item_id"])) == row["size_bytes"]
        for row in view.table("ledger").to_pylist():
            if row["expected_count"] is not None:
                assert row["expected_count"] == row["emitted_count"] + row["failed_count"]
    assert audit(case.path, None).ok
    return {row["path"]: items[row["item_id"]] for row in places}


def test_members_larger_than_one_piece_are_streamed(case: Case, tmp_path: Path) -> None:
    count = 260
    box = b"".join(FROM + mail(n, 100_000) + b"\n" for n in range(count))
    assert len(box) > 33 << 20
    dump = tmp_path / "dump"
    dump.mkdir()
    with zipfile.ZipFile(dump / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("boxes/all.mbox", box)
        made.writestr("one.eml", mail(1_000))
    with tarfile.open(dump / "b.tar", "w") as tar:
        for name, data in (("boxes/all.mbox", box), ("boxes/cur/1:2,S", mail(1_001))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    (dump / "c.mbox.gz").write_bytes(gzip.compress(box, compresslevel=1, mtime=0))
    add(case, [dump])
    found = check(case)
    messages = {row["message_id"] for row in rows(case, "message")}
    assert len(messages) == count + 2
    places = [path for path in found if path.rpartition("/")[2].startswith("message-")]
    assert len(places) == 3 * count
    assert "a.zip/boxes/all.mbox/message-7" in found
    assert "b.tar/boxes/all.mbox/message-7" in found
    assert "c.mbox.gz/c.mbox/message-7" in found
    boxes = {row["path"]: row["message_count"] for row in rows(case, "mailbox")}
    assert boxes["dump/b.tar/boxes"] == 1
    assert sorted(boxes.values())[-3:] == [count] * 3


def test_passwords_open_what_they_can(case: Case, tmp_path: Path) -> None:
    with py7zr.SevenZipFile(tmp_path / "x.7z", "w", password="p ä ss") as made:  # noqa: S106
        made.writestr(mail(1), "inner.eml")
    (tmp_path / "list.txt").write_bytes("\ufeffwrong\r\np ä ss\r\n".encode())
    run = CliRunner().invoke
    first = run(cli, ["add", str(case.path), str(tmp_path / "x.7z")])
    assert first.exit_code == 0, first.output
    assert check(case)["x.7z/inner.eml"]["status"] == "refused"
    other = Case.create(tmp_path / "other", title="other")
    listed = ["--passwords", str(tmp_path / "list.txt")]
    second = run(cli, ["add", str(other.path), str(tmp_path / "x.7z"), *listed])
    assert second.exit_code == 0, second.output
    assert check(other)["x.7z/inner.eml"]["status"] == "read"
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    third = run(
        cli, ["add", str(other.path), str(tmp_path), "--passwords", str(tmp_path / "bad.txt")]
    )
    assert isinstance(third.exception, InputError)


def test_no_entry_leads_outside_and_each_is_accounted_for(case: Case, tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    with zipfile.ZipFile(dump / "x.zip", "w") as made:
        made.writestr("../../climbs.txt", b"outside?")
        made.writestr("/absolute.txt", b"outside?!")
    before = sorted(path for path in tmp_path.rglob("*") if case.path not in path.parents)
    add(case, [dump])
    after = sorted(path for path in tmp_path.rglob("*") if case.path not in path.parents)
    assert after == before
    assert {"x.zip/_/_/climbs.txt", "x.zip/absolute.txt"} <= set(check(case))
    assert not list(case.path.rglob("climbs.txt"))
