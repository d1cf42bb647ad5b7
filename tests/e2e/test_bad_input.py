"""Bad input through `add` and `show`: kept as found, shown so that nothing acts or hides."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from program import succeed

from cfb_writer import attachment, compound_file, message
from tamis.cli import cli

ESCAPE = "\x1b[2Jcleared\x07\b\x9b31m"
OVERRIDE = "annexe\u202egnp.exe"
LONG = "n" * 64_990 + ".txt"
Show = Callable[..., str]


class Shown:
    """One case with a dump in it, asked through the command line."""

    def __init__(self, folder: Path, dump: Path) -> None:
        self.case = folder / "case"
        self.said = self.run("new", self.case, "--title", "bad") + self.run("add", self.case, dump)

    def run(self, *arguments: object) -> str:
        done = CliRunner().invoke(cli, [str(one) for one in arguments])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def rows(self, table: str) -> list[dict[str, Any]]:
        done = CliRunner().invoke(cli, ["show", str(self.case), table, "--as", "jsonl"])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def item(self, name: str) -> dict[str, Any]:
        (place,) = (row for row in self.rows("place") if row["name"] == name)
        (item,) = (row for row in self.rows("item") if row["item_id"] == place["item_id"])
        return item

    def message(self, subject: str) -> dict[str, Any]:
        (found,) = (row for row in self.rows("message") if row["subject"] == subject)
        return found


@pytest.fixture
def shown(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Shown]:
    def make(files: Mapping[str, bytes]) -> Shown:
        dump = tmp_path / "dump"
        dump.mkdir()
        for name, content in files.items():
            (dump / name).write_bytes(content)
        return Shown(tmp_path, dump)

    return make


def is_safe(text: str) -> bool:
    """Whether a terminal shows it as it is: no control, format or bidirectional character."""
    return all(
        one == "\n" or unicodedata.category(one) not in {"Cc", "Cf", "Zl", "Zp"} for one in text
    )


def mail(*fields: bytes, body: bytes = b"body\r\n") -> bytes:
    return b"\r\n".join([b"From: a@example.org", *fields, b"", body])


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for rank, name in enumerate(names):
            made.writestr(name, f"content {rank}")
    return out.getvalue()


def tarred(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        for rank, name in enumerate(names):
            info = tarfile.TarInfo(name)
            info.size = 9
            made.addfile(info, io.BytesIO(b"content %d" % rank))
    return out.getvalue()


def test_names_that_control_a_terminal_or_turn_the_text(shown: Any) -> None:
    found = shown(
        {
            f"{ESCAPE}.txt": b"one",
            f"{OVERRIDE}": b"two",
            "line\nfeed.txt": b"three",
            "a.zip": zipped(f"z{ESCAPE}.txt", f"z{OVERRIDE}"),
            "b.tar": tarred(f"t{ESCAPE}.txt", f"t{OVERRIDE}"),
            "c.eml": mail(
                b"Subject: attached",
                b"Content-Type: multipart/mixed; boundary=b",
                body=b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment;"
                b" filename*=utf-8''m%1B[2J%E2%80%AEgnp.exe\r\n\r\nx\r\n--b--\r\n",
            ),
        }
    )
    names = {row["name"] for row in found.rows("place")}
    kept = {f"{ESCAPE}.txt", OVERRIDE, "line\nfeed.txt", f"z{ESCAPE}.txt", f"z{OVERRIDE}"}
    kept |= {f"t{ESCAPE}.txt", f"t{OVERRIDE}", "m\x1b[2J\u202egnp.exe"}
    assert kept <= names
    for form in ("table", "jsonl"):
        assert is_safe(found.run("show", found.case, "place", "--as", form)), form
    assert "⟨U+202E⟩gnp.exe" in found.run("show", found.case, "part", "--as", "table")
    assert is_safe(found.said)
    found.run("run", found.case, "--only", "leak")
    hits = found.run("search", found.case, "content")
    assert "gnp.exe" in hits
    assert is_safe(hits)
    page = found.case.parent / "report.html"
    found.run("report", found.case, "-o", page)
    text = page.read_text(encoding="utf-8").replace("\t", " ")
    assert [one for one in set(text) - {"\n"} if not is_safe(one)] == []


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX alone")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    try:
        (dump / os.fsdecode(b"caf\xe9\xff.txt")).write_bytes(b"words")
    except OSError:
        pytest.skip("this file system takes no such name")
    found = Shown(tmp_path, dump)
    (place,) = found.rows("place")
    assert place["name"].startswith("caf")
    assert is_safe(found.said)
    assert found.rows("item")[0]["status"] == "read"


def test_a_name_of_65_000_characters(shown: Any) -> None:
    field = b'filename="' + LONG.encode() + b'"'
    found = shown(
        {
            "a.zip": zipped(LONG, "other.txt"),
            "b.tar": tarred("t" + LONG),
            "c.eml": mail(
                b"Subject: " + b"s" * 65_000,
                b"Content-Type: multipart/mixed; boundary=b",
                body=b"--b\r\nContent-Disposition: attachment; "
                + field.replace(b"nnn", b"mmm", 1)
                + b"\r\n\r\nx\r\n--b--\r\n",
            ),
            "d.msg": compound_file(
                message(
                    {0x0037001F: "M" * 65_000, 0x1000001F: "words"},
                    attachments=(attachment({0x3707001F: "o" + LONG, 0x37010102: b"inside"}),),
                )
            ),
        }
    )
    sizes = {row["name"][:4]: len(row["name"]) for row in found.rows("place")}
    assert sizes["nnnn"] == 64_994
    assert (sizes["tnnn"], sizes["mmmn"], sizes["onnn"]) == (64_995, 64_994, 64_995)
    assert {len(row["subject"]) for row in found.rows("message")} == {65_000}
    table = found.run("show", found.case, "place")
    assert "[64,994 characters]" in table
    assert max(map(len, table.splitlines())) < 2_000
    assert max(map(len, found.said.splitlines())) < 2_000
    assert all(row["status"] == "read" for row in found.rows("item"))


def test_a_header_line_of_a_megabyte(shown: Any) -> None:
    line = b"X-Long: " + b"a" * (1 << 20)
    found = shown(
        {
            "one.eml": mail(line, b"Subject: behind"),
            "two.eml": mail(b"To: " + b"b@example.org, " * 70_000, b"Subject: many"),
            "three.eml": mail(b"Subject: =?utf-8?q?" + b"=41" * 350_000 + b"?="),
        }
    )
    assert found.message("behind")["body_text"].strip() == "body"
    (field,) = (row for row in found.rows("header") if row["name"] == "X-Long")
    assert field["byte_end"] - field["byte_start"] >= len(line)
    assert len(found.message("many")["to_addresses"]) == 70_000
    assert {row["status"] for row in found.rows("item")} == {"read"}


@pytest.mark.parametrize("year", ["0000", "0", "9999", "10000", "-44", "99999999999999999999"])
def test_dates_outside_all_time(shown: Any, year: str) -> None:
    stamp = f"Fri, 5 May {year} 10:00:00 +0000"
    xml = f"<office><meta><creation-date>{year}-05-05T10:00:00</creation-date></meta></office>"
    found = shown(
        {
            "a.eml": mail(b"Subject: dated", b"Date: " + stamp.encode()),
            "b.mbox": b"From a@example.org " + stamp.encode() + b"\n" + mail(b"Subject: boxed"),
            "c.odt": zipped_parts(
                {"mimetype": "application/vnd.oasis.opendocument.text", "meta.xml": xml}
            ),
            "d.ics": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:%s0505T100000Z\r\nSUMMARY:x\r\n"
            b"END:VEVENT\r\nEND:VCALENDAR\r\n" % year.encode(),
        }
    )
    dated = found.message("dated")
    assert (dated["sent_raw"].strip(), dated["sent_at"]) == (stamp, None)
    assert year in found.run("show", found.case, "message", "--as", "table")
    assert found.message("boxed")
    assert {row["status"] for row in found.rows("item")} <= {"read", "partly"}


def zipped_parts(members: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def test_times_of_containers_at_their_bounds(shown: Any) -> None:
    zip_bytes = bytearray(zipped("odd.txt"))
    for place in (10, zip_bytes.index(b"PK\x01\x02") + 12):
        struct.pack_into("<HH", zip_bytes, place, 0xFFFF, 0xFFFF)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as made:
        for rank, moment in enumerate((-(10**12), 10**15, 253_402_300_799, -62_167_219_200)):
            info = tarfile.TarInfo(f"t{rank}.txt")
            info.mtime = moment
            made.addfile(info)
    packed = bytearray(gzip.compress(b"plain words\n", mtime=0))
    struct.pack_into("<I", packed, 4, 0xFFFFFFFF)
    found = shown({"a.zip": bytes(zip_bytes), "b.tar": tar.getvalue(), "c.txt.gz": bytes(packed)})
    places = {row["name"]: row for row in found.rows("place")}
    assert {"odd.txt", "t0.txt", "t1.txt", "t2.txt", "t3.txt", "c.txt"} <= set(places)
    assert places["t1.txt"]["container_modified_at"] is None
    found.run("show", found.case, "place", "--as", "table")


@pytest.mark.parametrize("name", ["x-none-such", "utf-\x00", "punycode", "../../etc", "é" * 300])
def test_charsets_that_do_not_exist(shown: Any, name: str) -> None:
    raw = "Élysée".encode()
    found = shown(
        {
            "a.eml": mail(
                b"Subject: =?" + name.encode() + b"?q?=C3=A9?= kept",
                f'Content-Type: text/plain; charset="{name}"'.encode(),
                body=raw + b"\r\n",
            ),
            "b.html": f'<html><meta charset="{name}"><body>'.encode() + raw + b"</body></html>",
        }
    )
    (row,) = found.rows("message")
    assert "kept" in row["subject"]
    assert "lys" in row["body_text"]
    assert is_safe(found.run("show", found.case, "message", "--as", "table"))
    assert {row["status"] for row in found.rows("item")} <= {"read", "partly"}


def test_zero_bytes_everywhere(shown: Any) -> None:
    found = shown(
        {
            "a.eml": mail(
                b"Subject: nul\0inside",
                b"To: \0b@example.org",
                b"X-\0: y",
                body=b"before\0after\r\n",
            ),
            "b.txt": b"left\0right\n",
            "c.csv": b"name,value\nfirst\0,1\nsecond,2\n",
            "d.html": b"<html><body>one\0two</body></html>",
            "e.zip": zipped("z\x01.txt"),
            "f.bin": bytes(1000),
        }
    )
    (row,) = found.rows("message")
    assert row["subject"] == "nul\0inside"
    assert "before" in row["body_text"]
    assert "after" in row["body_text"]
    assert "\0" not in found.run("show", found.case, "message", "--as", "table")
    assert is_safe(found.run("show", found.case, "document", "--as", "table"))
    assert len(found.rows("item")) == 7


@pytest.mark.shared_data
def test_archives_that_hold_themselves(tmp_path: Path, shared_data: Path) -> None:
    dump = tmp_path / "dump"
    dump.mkdir()
    for name in ("test-documents__quine.gz", "test-documents__droste.zip"):
        (dump / name).write_bytes((shared_data / "leak/docs/tika" / name).read_bytes())
    found = Shown(tmp_path, dump)
    assert found.item("test-documents__quine.gz")["status"] in {"read", "partly", "refused"}
    assert found.item("test-documents__droste.zip")["status"] in {"read", "partly", "refused"}
    notes = [row["note"] or "" for row in found.rows("ledger")]
    assert sum("a container that lies around them" in note for note in notes) == 2
    assert len(found.rows("place")) < 20


def test_folders_that_hold_themselves(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    (dump / "inner").mkdir(parents=True)
    (dump / "inner" / "a.txt").write_bytes(b"words")
    (dump / "inner" / "again").symlink_to(dump)
    found = Shown(tmp_path, dump)
    assert found.item("a.txt")["status"] == "read"
    assert "links are not followed" in (found.item("again")["reason"] or "")


def test_archives_in_archives_without_end(shown: Any) -> None:
    raw = b"the bottom"
    for _ in range(80):
        raw = gzip.compress(raw, mtime=0)
    found = shown({"deep.gz": raw})
    told = [row["reason"] or "" for row in found.rows("item")]
    assert any("containers deep and was not opened" in one for one in told)
    assert len(told) < 60


def test_a_case_that_is_named_from_where_one_stands(tmp_path: Path) -> None:
    """The workers of the cell stand elsewhere: a relative path must not reach them."""
    content = b"BT /F1 12 Tf 72 720 Td (Words on a page) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources 5 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
    ]
    raw = b"%PDF-1.4\n"
    places = []
    for rank, one in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj%s endobj\n" % (rank, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    raw += b"xref\n0 6\n0000000000 65535 f \n" + table
    raw += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % raw.index(b"xref\n")
    (tmp_path / "page.pdf").write_bytes(raw)
    succeed("new", "case", "--title", "relative", cwd=tmp_path)
    succeed("add", "case", "page.pdf", cwd=tmp_path)
    told = succeed("show", "case", "document", "--as", "jsonl", cwd=tmp_path)
    (row,) = map(json.loads, told.splitlines())
    assert "Words on a page" in (row["text"] or "")
