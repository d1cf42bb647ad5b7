from __future__ import annotations

import gzip
import hashlib
import json
import os
import resource
import socket
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case, Writer, audit
from tamis.errors import InputError
from tamis.run import intake_book, intake_files, intake_spans
from tamis.run.intake import Wishes, add
from tamis.run.intake_check import LieError, check

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case import CaseView

FROM = b"From a@example.org Fri May  5 10:00:00 2017\n"


def mail(number: int, body: str = "hello") -> bytes:
    return (
        f"From: a{number}@example.org\nTo: b@example.net\nSubject: s{number}\n"
        f"Date: Fri, {number % 28 + 1} May 2017 10:00:00 +0200\n"
        f"Message-ID: <{number}@x>\n\n{body}\n"
    ).encode()


def with_attachment(inner: bytes) -> bytes:
    return (
        b"From: a@b\nSubject: att\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nsee\n"
        b'--x\nContent-Type: application/pdf; name="../../a.pdf"\n'
        b"Content-Transfer-Encoding: base64\n\nJVBERi0xLjQ=\n"
        b"--x\nContent-Type: message/rfc822\n\n" + inner + b"\n--x--\n"
    )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case", title="t")


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    root = tmp_path / "dump"
    (root / "box" / "cur").mkdir(parents=True)
    (root / "box" / "cur" / "1.M1.host:2,S").write_bytes(mail(1))
    (root / "copy.eml").write_bytes(mail(1))
    (root / "two.eml").write_bytes(with_attachment(mail(2)))
    box = b"".join(FROM + mail(n) + b"\n" for n in range(10, 20))
    (root / "all.mbox").write_bytes(box)
    (root / "single.txt").write_bytes(FROM + mail(30))
    (root / "empty.eml").write_bytes(b"")
    (root / "broken.zip").write_bytes(b"PK\x03\x04broken")
    (root / "notes.txt").write_bytes(b"nothing but words\n")
    (root / "zero.bin").write_bytes(b"\0" * 1000)
    (root / "link").symlink_to(root / "two.eml")
    (root / "dangling").symlink_to("/nowhere/at/all")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe")
    bytes_name = os.fsencode(root) + b"/caf\xe9.eml"
    with open(bytes_name, "wb") as file:  # noqa: PTH123 (a name that is no text)
        file.write(mail(40))
    return root


def rows(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        found: list[dict[str, Any]] = view.table(table).to_pylist()
        return found


def check_everything(view: CaseView) -> dict[str, tuple[str, str | None]]:
    """Every place has an item, every item its bytes; the status and reason of each file."""
    items = {row["item_id"]: row for row in view.table("item").to_pylist()}
    places = view.table("place").to_pylist()
    assert {row["item_id"] for row in places} == set(items)
    for row in items.values():
        if "id stands for the place" in (row["reason"] or ""):
            continue
        data = view.read_item(row["item_id"])
        assert len(data) == row["size_bytes"]
        assert (row["reason"] is None) or row["status"] != "read"
    return {
        row["path"]: (items[row["item_id"]]["status"], items[row["item_id"]]["reason"])
        for row in places
        if row["depth"] == 0
    }


def test_every_entry_of_a_folder_has_one_status_and_a_reason(case: Case, dump: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()  # noqa: PTH109 (a socket's path must be short)
        os.chdir(dump)
        try:
            server.bind("sock")
        finally:
            os.chdir(here)
        report = add(case, [dump])
    with case.view() as view:
        told = check_everything(view)
    assert len(told) == report.found_count == report.file_count == 15
    assert {path: status for path, (status, _) in told.items()} == {
        "all.mbox": "read",
        "box/cur/1.M1.host:2,S": "read",
        "broken.zip": "failed",
        "caf\\udce9.eml": "read",
        "copy.eml": "read",
        "dangling": "refused",
        "empty.eml": "refused",
        "link": "refused",
        "loop": "refused",
        "notes.txt": "read",
        "pipe": "refused",
        "single.txt": "read",
        "sock": "refused",
        "two.eml": "read",
        "zero.bin": "refused",
    }
    for path, words in {
        "empty.eml": "empty",
        "broken.zip": "directory at its end is missing",
        "pipe": "a pipe",
        "sock": "a socket",
        "loop": "links are not followed",
        "zero.bin": "zero bytes",
    }.items():
        assert words in (told[path][1] or "")
    assert audit(case.path, None).ok


def test_messages_mailboxes_and_attachments(case: Case, dump: Path) -> None:
    add(case, [dump])
    assert len(rows(case, "message")) == 1 + 1 + 1 + 10 + 1 + 1
    boxes = {row["path"]: row["message_count"] for row in rows(case, "mailbox")}
    assert boxes == {"dump": 4, "dump/box": 1, "dump/all.mbox": 10}
    box = next(row for row in rows(case, "mailbox") if row["path"] == "dump/all.mbox")
    dates = [
        row["sent_at"]
        for row in rows(case, "message")
        if row["subject"][1:] in map(str, range(10, 20))
    ]
    assert (box["first_at"], box["last_at"]) == (min(dates), max(dates))
    places = {row["path"]: row for row in rows(case, "place")}
    pdf = places["two.eml/.._.._a.pdf"]
    assert pdf["name"] == "../../a.pdf"
    assert pdf["item_id"] == hashlib.sha256(b"%PDF-1.4").hexdigest()
    assert pdf["transform"] == "base64"
    inner = next(row for path, row in places.items() if path.startswith("two.eml/part-"))
    assert inner["item_id"] == hashlib.sha256(mail(2)).hexdigest()
    parts = [row["content_item_id"] for row in rows(case, "part") if row["content_item_id"]]
    assert set(parts) == {pdf["item_id"], inner["item_id"]}
    ledger = next(
        row
        for row in rows(case, "ledger")
        if row["reader"] == "mbox" and row["emitted_count"] == 10
    )
    assert (ledger["expected_count"], ledger["failed_count"]) == (None, 0)


def test_adding_the_same_again_changes_nothing_at_all(case: Case, dump: Path) -> None:
    add(case, [dump])
    before = {name: (case.path / name).read_bytes() for name in ("manifest.json", "custody.jsonl")}
    report = add(case, [dump])
    assert (report.file_count, report.known_count) == (0, report.found_count)
    assert report.generation == 1
    for name, data in before.items():
        assert (case.path / name).read_bytes() == data
    (dump / "new.eml").write_bytes(mail(1))
    report = add(case, [dump])
    assert report.file_count == 1
    items = Counter(row["item_id"] for row in rows(case, "item"))
    assert set(items.values()) == {1}
    same = hashlib.sha256(mail(1)).hexdigest()
    assert sum(row["item_id"] == same for row in rows(case, "place")) == 3
    assert {row["path"]: row["message_count"] for row in rows(case, "mailbox")}["dump"] == 5


@pytest.mark.parametrize("by_reference", [False, True])
def test_large_containers_give_the_same_rows_span_by_span(
    tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch, *, by_reference: bool
) -> None:
    small, large = (Case.create(tmp_path / name, title="t") for name in ("small", "large"))
    add(small, [dump], wishes=Wishes(by_reference=by_reference))
    monkeypatch.setattr(intake_files, "DEFER_BYTES", 500)
    monkeypatch.setattr(intake_spans, "JOB_SPANS", 3)
    add(large, [dump], wishes=Wishes(by_reference=by_reference))
    for table in ("item", "place", "message", "header", "part", "mailbox"):
        want = sorted(map(repr, rows(small, table)))
        assert sorted(map(repr, rows(large, table))) == want, table
    with large.view() as view:
        check_everything(view)
    assert audit(large.path, None).ok


def test_work_is_committed_in_stretches_of_whole_files(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(20):
        (root / f"{number}.eml").write_bytes(mail(number))
    monkeypatch.setattr(intake_files, "_JOB_FILES", 2)
    monkeypatch.setattr(intake_book, "_COMMIT_FILES", 4)
    report = add(case, [root])
    assert report.generation >= 4
    boxes = rows(case, "mailbox")
    assert [box["message_count"] for box in boxes] == [20]
    told = [json.loads(line) for line in (case.path / "custody.jsonl").read_text().splitlines()]
    added = [line["facts"] for line in told if line["event"] == "added"]
    assert sum(facts["file_count"] for facts in added) == 20
    assert audit(case.path, None).ok


def test_a_worker_that_lies_costs_one_item(
    case: Case, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubt(outcome: Any, *rest: Any) -> Any:
        if any(item["name"] == "copy.eml" for item in outcome.job.items):
            raise LieError("a span does not have the hash it should have")
        return check(outcome, *rest)

    monkeypatch.setattr(intake_files, "check", doubt)
    (dump / "box" / "cur" / "1.M1.host:2,S").unlink()
    report = add(case, [dump])
    with case.view() as view:
        told = check_everything(view)
    status, reason = told.pop("copy.eml")
    assert status == "failed"
    assert "refused" in (reason or "")
    assert report.formats["unknown"].statuses["failed"] == 1
    assert not [one for one in told.items() if "something unexpected" in (one[1][1] or "")]


def test_posts_and_mail_in_one_path_are_refused_with_the_remedy(case: Case, tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.mkdir()
    (both / "a.eml").write_bytes(mail(1))
    post = {
        "id": "1",
        "text": "x",
        "author_id": "2",
        "conversation_id": "1",
        "public_metrics": {},
        "created_at": "2017-05-05T10:00:00.000Z",
        "edit_history_tweet_ids": ["1"],
    }
    line = json.dumps({"data": [post], "includes": {}, "meta": {}}).encode() + b"\n"
    (both / "p.jsonl").write_bytes(line)
    before = (case.path / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="--kind"):
        add(case, [both])
    assert (case.path / "manifest.json").read_bytes() == before
    report = add(case, [both], kind="leak")
    assert report.file_count == 2
    assert {row["kind"] for row in rows(case, "item")} == {"leak"}


def test_posts_plain_and_packed_and_cut_off(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    lines = b""
    for number in range(300):
        post = {
            "id": str(number),
            "text": f"t{number}",
            "author_id": "2",
            "public_metrics": {},
            "conversation_id": "1",
            "created_at": "2017-05-05T10:00:00.000Z",
        }
        lines += json.dumps({"data": [post], "includes": {}, "meta": {}}).encode() + b"\n"
    (folder / "plain.jsonl").write_bytes(lines)
    packed = gzip.compress(lines + b"\n", mtime=0)
    (folder / "whole.jsonl.gz").write_bytes(packed)
    (folder / "torn.jsonl.gz").write_bytes(packed[: len(packed) * 2 // 3])
    report = add(case, [folder])
    told = {row["path"]: row["item_id"] for row in rows(case, "place")}
    items = {row["item_id"]: row for row in rows(case, "item")}
    assert {items[one]["kind"] for one in told.values()} == {"posts"}
    assert items[told["plain.jsonl"]]["status"] == items[told["whole.jsonl.gz"]]["status"] == "read"
    assert items[told["torn.jsonl.gz"]]["status"] == "partly"
    assert "cut off" in items[told["torn.jsonl.gz"]]["reason"]
    counts = {row["source_item_id"]: row for row in rows(case, "intake_count")}
    assert counts[told["plain.jsonl"]]["post_count"] == 300
    assert counts[told["whole.jsonl.gz"]]["post_count"] == 300
    assert 0 < counts[told["torn.jsonl.gz"]]["post_count"] < 300
    objects = Counter(row["object_id"] for row in rows(case, "object"))
    assert all(count == 1 for count in objects.values())
    assert report.head == case.head()
    assert add(case, [folder]).file_count == 0


def test_a_key_file_alone_is_keys_and_inside_a_dump_it_is_not(case: Case, tmp_path: Path) -> None:
    key_file = tmp_path / "keys.json"
    key_file.write_text(json.dumps({"s._domainkey.example.org": "v=DKIM1; p="}))
    add(case, [key_file])
    assert len(rows(case, "dkim_key")) == 1
    again = tmp_path / "more" / "keys.json"
    again.parent.mkdir()
    again.write_text(key_file.read_text() + "\n")
    (again.parent / "a.eml").write_bytes(mail(1))
    add(case, [again.parent])
    assert len(rows(case, "dkim_key")) == 1
    add(case, [again], kind="keys")
    assert len(rows(case, "dkim_key")) == 1, "the same statement of the same source"


def test_a_table_of_posts_alone_is_posts_and_among_documents_what_is_said(
    case: Case, tmp_path: Path
) -> None:
    table = b"post_id,account_id,text,posted_at\n1,2,hello,2017-05-05T10:00:00Z\n"
    for name, others in (("alone", ()), ("among", ("letter.txt",))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "t.csv").write_bytes(table + name.encode() + b",2,x,2017-05-05T10:00:00Z\n")
        for other in others:
            (folder / other).write_bytes(b"Dear all\n")
    add(case, [tmp_path / "alone"])
    with pytest.raises(InputError, match="say --kind leak or --kind posts"):
        add(case, [tmp_path / "among"])
    add(case, [tmp_path / "among"], kind="leak")
    kinds = {row["item_id"]: row["kind"] for row in rows(case, "item")}
    told = {(row["root"][-5:], row["path"]): kinds[row["item_id"]] for row in rows(case, "place")}
    assert told == {
        ("alone", "t.csv"): "posts",
        ("among", "t.csv"): "leak",
        ("among", "letter.txt"): "leak",
    }
    assert len(rows(case, "post")) == 2
    report = add(case, [tmp_path / "among"], kind="posts")
    assert report.file_count == 0
    assert any("added before as leak" in note for note in report.notes)


def test_a_path_that_is_not_there_and_a_format_that_is_not(case: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.mbox"):
        add(case, [tmp_path / "nowhere.mbox"])
    with pytest.raises(InputError, match="no format 'fax'"):
        add(case, [tmp_path], wishes=Wishes(format_name="fax"))
    with pytest.raises(InputError, match="telegrams"):
        add(case, [tmp_path], kind="telegrams")


def test_a_file_that_cannot_be_opened_is_a_row(
    case: Case, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Writer.store

    def store(self: Any, path: Path, *, by_reference: bool = False) -> tuple[str, int]:
        if path.name == "notes.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return real(self, path, by_reference=by_reference)

    monkeypatch.setattr("tamis.case.Writer.store", store)
    add(case, [dump])
    with case.view() as view:
        status, reason = check_everything(view)["notes.txt"]
    assert status == "failed"
    assert "Permission denied" in (reason or "")


@pytest.mark.shared_data
def test_the_whole_shared_leak_is_accounted_for(shared_data: Path, tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case", title="t")
    root = shared_data / "leak"
    report = add(case, [root], kind="leak")
    files = [path for path in root.rglob("*") if path.is_file()]
    with case.view() as view:
        told = check_everything(view)
    assert len(told) == report.found_count == len(files)
    assert sum(sum(one.statuses.values()) for one in report.formats.values()) == len(files)
    assert not [one for one in told.items() if "something unexpected" in (one[1][1] or "")]
    assert all(reason for status, reason in told.values() if status != "read")
    hostile = {path: one for path, one in told.items() if path.startswith("synthetic-hostile")}
    assert len(hostile) == 6
    assert hostile["synthetic-hostile/refs1MB.eml"] == ("read", None)
    assert "deeper than 100 levels" in (hostile["synthetic-hostile/deep3000.eml"][1] or "")
    references = max(len(row["reference_ids"]) for row in rows(case, "message"))
    assert references == 80_000
    for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        assert resource.getrusage(whose).ru_maxrss < 2 << 20, "kilobytes"
    assert audit(case.path, None).ok
