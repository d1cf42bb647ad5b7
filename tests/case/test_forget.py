from __future__ import annotations

import base64
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from case_rows import LETTERS, WORD, add_bytes, add_letter, put, sha

from tamis import records
from tamis.case import Case, audit, erase
from tamis.case.redact import Gone
from tamis.errors import CaseError, InputError

SECOND = sha(LETTERS[1].encode())


def traces(root: Path, word: str = WORD) -> list[str]:
    """Files of the case in which the word still stands, decompressed too."""
    found = []
    for path in root.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            if path.suffix == ".parquet":
                text += str(pq.read_table(path).to_pylist()).encode()
            if word.encode() in text:
                found.append(str(path.relative_to(root)))
    return sorted(found)


def test_a_letter_in_a_mailbox_is_overwritten_in_place(filled: Case) -> None:
    assert traces(filled.path)
    mbox = next(path for path in (filled.path / "blobs").glob("*/*") if path.stat().st_size > 200)
    size = mbox.stat().st_size
    result = filled.forget(SECOND, "she asked us to", "me")
    assert result.item_ids == (SECOND,)
    assert result.redacted == (mbox.name,)
    assert traces(filled.path) == []
    assert mbox.stat().st_size == size
    assert b"\x00" * len(LETTERS[1].encode()) in mbox.read_bytes()
    with filled.view() as view:
        assert view.read_item(sha(LETTERS[0].encode())) == LETTERS[0].encode()
        assert view.read_item(sha(LETTERS[2].encode())) == LETTERS[2].encode()
        with pytest.raises(CaseError, match="she asked us to"):
            view.read_item(SECOND)
        with pytest.raises(CaseError, match="forgotten on purpose"):
            view.read_item(mbox.name)
        assert view.row_count("message") == 2
        assert view.row_count("header") == 2
        (tombstone,) = view.table("tombstone").to_pylist()
        assert tombstone["redacted_sha256"] == sha(mbox.read_bytes())
        item = {row["item_id"]: row for row in view.table("item").to_pylist()}[SECOND]
        assert (item["status"], item["size_bytes"]) == ("refused", len(LETTERS[1].encode()))
        place = {row["item_id"]: row for row in view.table("place").to_pylist()}[SECOND]
        assert (place["path"], place["name"]) == ("inbox.mbox/[forgotten]", "[forgotten]")
    assert filled.custody()[-2].event == "forget"
    assert filled.custody()[-2].facts["why"] == "she asked us to"
    assert audit(filled.path).ok
    assert filled.forget(SECOND, "again").lines() == (
        "nothing to do: the item was forgotten before",
    )


def test_two_letters_one_after_the_other(filled: Case) -> None:
    filled.forget(SECOND, "first")
    assert audit(filled.path).ok
    filled.forget(sha(LETTERS[0].encode()), "second")
    assert audit(filled.path).ok
    with filled.view() as view:
        assert view.read_item(sha(LETTERS[2].encode())) == LETTERS[2].encode()


def test_audit_accepts_what_the_tombstone_explains_and_nothing_else(filled: Case) -> None:
    filled.forget(SECOND, "why")
    mbox = next(path for path in (filled.path / "blobs").glob("*/*") if path.stat().st_size > 200)
    kept = mbox.read_bytes()
    mbox.chmod(0o644)
    mbox.write_bytes(kept[:-1] + b"?")
    assert [Path(problem.place).name for problem in audit(filled.path).problems] == [mbox.name]
    mbox.write_bytes(kept)
    back = filled.path / "blobs" / SECOND[:2] / SECOND
    back.parent.mkdir(exist_ok=True)
    back.write_bytes(LETTERS[1].encode())
    assert [Path(problem.place).name for problem in audit(filled.path).problems] == [SECOND]


def test_a_blob_of_its_own_goes_with_what_only_occurs_inside_it(case: Case, tmp_path: Path) -> None:
    attached, shared = b"only here", b"elsewhere too"
    with case.writer() as writer:
        parent = add_bytes(writer, tmp_path, f"letter {WORD}".encode())
        child = add_bytes(writer, tmp_path, attached, parent_item_id=parent, path="a.eml/x.doc")
        both = add_bytes(writer, tmp_path, shared, parent_item_id=parent, path="a.eml/y.doc")
        put(writer, "place", item_id=both, path="y.doc", name="y.doc")
        put(writer, "part", item_id=parent, content_item_id=child, name=f"{WORD}.doc")
        put(writer, "part", item_id=both, content_item_id=child, name=f"{WORD}.doc")
        put(writer, "rejected", source_item_id=parent, sample=WORD)
        writer.commit()
    result = case.forget(parent, "why")
    assert set(result.item_ids) == {parent, child}
    assert traces(case.path) == []
    with case.view() as view:
        assert view.read_item(both) == shared
        with pytest.raises(CaseError, match="forgotten"):
            view.read_item(child)
        assert view.row_count("blob") == 1
        assert view.table("part")["name"].to_pylist() == ["[forgotten]"]
    assert not (case.path / "blobs" / parent[:2] / parent).exists()
    assert audit(case.path).ok


def test_an_attachment_is_cut_out_of_the_letter_that_carries_it(case: Case, tmp_path: Path) -> None:
    attached = f"attached {WORD}".encode()
    encoded = base64.encodebytes(attached)
    letter = b"Subject: s\n\n" + encoded + b"end\n"
    with case.writer() as writer:
        parent = add_bytes(writer, tmp_path, b"From x\n" + letter, path="m.mbox")
        message = add_letter(
            writer, letter, parent_item_id=parent, byte_start=7, byte_end=7 + len(letter)
        )
        put(writer, "item", item_id=sha(attached), status="read")
        put(
            writer,
            "place",
            item_id=sha(attached),
            parent_item_id=message,
            byte_start=12,
            byte_end=12 + len(encoded),
            transform="base64",
        )
        writer.commit()
    result = case.forget(sha(attached), "why")
    assert result.redacted == (parent,)
    whole = (case.path / "blobs" / parent[:2] / parent).read_bytes()
    assert whole == b"From x\nSubject: s\n\n" + bytes(len(encoded)) + b"end\n"
    with case.view() as view, pytest.raises(CaseError, match="forgotten on purpose"):
        view.read_item(message)
    assert audit(case.path).ok


def test_what_lies_outside_or_packed_is_said_plainly(filled: Case, tmp_path: Path) -> None:
    with filled.writer() as writer:
        parent = add_bytes(writer, tmp_path, b"PK archive", path="a.zip")
        child = add_bytes(writer, tmp_path, b"member", parent_item_id=parent, path="a.zip/m")
        writer.commit()
    told = filled.forget(sha(b"left where it was"), "why").lines()
    assert any("NOT removed" in line and "outside.bin" in line for line in told)
    told = filled.forget(child, "why").lines()
    assert any("NOT removed" in line and parent in line for line in told)
    assert (tmp_path / "outside.bin").read_bytes() == b"left where it was"
    assert audit(filled.path).ok


def test_text_goes_from_pinned_generations_and_later_from_a_readers(filled: Case) -> None:
    with filled.writer() as writer:
        with writer.view() as view:
            writer.pin("report-1", view, figures=3)
        writer.commit()
        with writer.view() as view:
            writer.replace("message", view.table("message").slice(0, 0))
        writer.commit()
    assert traces(filled.path)
    reader = filled.view("report-1")
    assert reader.row_count("message") == 3
    result = filled.forget(SECOND, "why")
    assert result.reports == ("report-1",)
    assert "process" in result.waiting[0]
    assert reader.table("message").num_rows == 3, "a living reader keeps what it reads"
    reader.close()
    with filled.writer():
        pass
    assert traces(filled.path) == []
    with filled.view("report-1") as view:
        assert view.row_count("message") == 2
        assert view.report_facts("report-1") == {"figures": 3}
    assert audit(filled.path).ok


def test_what_was_forgotten_does_not_come_back(filled: Case, tmp_path: Path) -> None:
    plain = sha(b"plain file")
    filled.forget(plain, "why")
    with filled.writer() as writer:
        assert writer.is_forgotten(plain)
        assert add_bytes(writer, tmp_path, b"plain file") == plain
        put(writer, "post", post_id="x:1", source_item_id=plain, text=WORD)
        writer.adopt(_copy(writer.spool() / "a", b"plain file"), plain)
        writer.store(_copy(tmp_path / "again", b"plain file"), by_reference=True)
        generation = writer.commit()
    with filled.view() as view:
        assert view.generation == generation
        assert view.row_count("post") == 0
    assert not list((filled.path / "blobs").glob(f"*/{plain}"))
    assert audit(filled.path).ok


def _copy(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_file_of_posts_goes_with_what_only_it_told(case: Case, tmp_path: Path) -> None:
    with case.writer() as writer:
        one = add_bytes(writer, tmp_path, f"posts {WORD}".encode())
        two = add_bytes(writer, tmp_path, b"other posts")
        for source, post in ((one, "x:1"), (two, "x:2")):
            put(writer, "post", post_id=post, source_item_id=source, text=post, byte_start=0)
            put(writer, "post_object", post_id=post, object_id="url:both", source_item_id=source)
            put(writer, "account", account_id=f"x:{post}", source_item_id=source)
        put(writer, "post_object", post_id="x:1", object_id=f"url:{WORD}", source_item_id=one)
        put(writer, "object", object_id=f"url:{WORD}", display=WORD)
        put(writer, "object", object_id="url:both", display="both")
        put(writer, "amplifier", account_id="x:x:1", handle=WORD, run_id="r")
        put(writer, "amplifier", account_id="x:x:2", handle="other", run_id="r")
        writer.commit()
    case.forget(one, "why")
    assert traces(case.path) == []
    with case.view() as view:
        assert view.table("post")["post_id"].to_pylist() == ["x:2"]
        assert view.table("object")["display"].to_pylist() == ["both"]
        assert view.table("amplifier")["handle"].to_pylist() == ["other"]


def test_a_forgetting_that_was_killed_before_the_bytes_went_is_finished(
    filled: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(root: Path) -> None:
        if (root / "erase.json").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(erase, "carry_out", die)
    with pytest.raises(KeyboardInterrupt):
        filled.forget(SECOND, "why")
    monkeypatch.undo()
    assert traces(filled.path)
    Case.open(filled.path)
    assert traces(filled.path) == []
    assert audit(filled.path).ok
    assert not (filled.path / "erase.json").exists()


def test_unknown_items_and_missing_reasons_are_refused(filled: Case) -> None:
    with pytest.raises(InputError, match="0000"):
        filled.forget("0" * 64, "why")
    with pytest.raises(InputError, match="why"):
        filled.forget(SECOND, "  ")
    with pytest.raises(InputError):
        filled.forget("../../etc/passwd", "why")


def test_a_whole_mailbox_goes_with_its_letters(filled: Case) -> None:
    with filled.writer() as writer:
        with writer.view() as view:
            place = view.table("place").to_pylist()
        mbox = next(row["item_id"] for row in place if row["path"] == "inbox.mbox")
        put(writer, "mailbox", mailbox_id="box", holder=WORD)
        put(writer, "mailbox", mailbox_id="other", holder="other")
        put(writer, "place", item_id=mbox, mailbox_id="box", path="again", name="again")
        put(writer, "place", item_id=sha(b"plain file"), mailbox_id="other", path="p", name="p")
        put(writer, "ledger", container_item_id=mbox, note=WORD)
        put(writer, "figure", figure_id="f", report_id="r", value=f'["{mbox}", "{WORD}"]')
        writer.commit()
    result = filled.forget(mbox, "why")
    assert len(result.item_ids) == 4
    assert traces(filled.path) == []
    with filled.view() as view:
        assert view.row_count("message") == view.row_count("header") == 0
        assert view.row_count("figure") == 0
        assert view.table("mailbox")["mailbox_id"].to_pylist() == ["other"]
        assert view.row_count("item") == 6
        assert view.row_count("tombstone") == 4
    assert audit(filled.path).ok


def test_rows_that_speak_of_two_items_go_with_either() -> None:
    gone = Gone(frozenset({"a"}))
    named = {
        "copy_pair": {"item_a", "item_b"},
        "quote_match": {"item_id", "quoted_item_id"},
        "attached_in": {"content_item_id", "item_id", "verified_carrier_id"},
        "reference_match": {"item_id", "reference_item_id"},
    }
    for name, columns in named.items():
        assert set(gone.dropping(records.table(name))) == columns
