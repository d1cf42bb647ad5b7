from __future__ import annotations

import base64
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from case_rows import add_bytes, add_mbox, everything, put, sha

from tamis import records
from tamis.case import Case, audit
from tamis.errors import (
    CaseBrokenError,
    CaseError,
    CaseLockedError,
    InputError,
    NotACaseError,
    SettingsError,
)
from tamis.plan import Query


def test_a_new_case_has_its_settings_and_a_custody_line(tmp_path: Path) -> None:
    made = Case.create(
        tmp_path / "deep" / "c",
        title='Quote " and \\ and \x7f and é',
        election="fr-2017",
        polling_days=(date(2017, 4, 23), date(2017, 5, 7)),
        own_domains=("example.org",),
        display_zone="Europe/Paris",
    )
    opened = Case.open(tmp_path / "deep" / "c")
    assert opened.settings == made.settings
    assert opened.settings.polling_days[1] == date(2017, 5, 7)
    assert [line.event for line in opened.custody()] == ["created", "commit"]
    assert opened.head().count == 2
    assert audit(opened.path).ok
    assert not [path for path in (tmp_path / "deep").iterdir() if path.name != "c"]


@pytest.mark.parametrize(
    "options",
    [
        {"title": " "},
        {"title": "t", "display_zone": "Mars/Olympus"},
        {"title": "t", "own_domains": "example.org"},
        {"title": "t", "polling_days": ("2017-05-07",)},
    ],
)
def test_wrong_settings_make_no_folder(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Case.create(tmp_path / "c", **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_becomes_no_case(tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(b"x")
    with pytest.raises(CaseError, match="empty or absent"):
        Case.create(tmp_path, title="t")
    with pytest.raises(NotACaseError, match="tamis new"):
        Case.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.eml"]


def test_what_is_committed_is_seen_and_what_is_not_never_was(case: Case, tmp_path: Path) -> None:
    before = everything(case.path)
    with case.writer() as writer:
        spool = writer.spool()
        (spool / "half").write_bytes(b"half made")
        add_bytes(writer, tmp_path, b"bytes")
        writer.append("item", records.table("item").schema.empty_table())
        writer.note("nothing")
    assert everything(case.path) == before
    with case.writer() as writer:
        item_id = add_bytes(writer, tmp_path, b"bytes")
        assert writer.commit() == 1
        with writer.view() as view:
            assert view.read_item(item_id) == b"bytes"
    with Case.open(case.path).view() as view:
        assert view.generation == 1
        assert view.row_count("item") == 1
        assert view.table("blob").to_pylist()[0]["storage"] == "blob"
        assert view.query(Query("n", "SELECT count(*) AS n FROM place"))["n"][0].as_py() == 1
        assert view.table("post").num_rows == 0


def test_committing_nothing_and_the_same_again_changes_nothing(
    filled: Case, tmp_path: Path
) -> None:
    before = everything(filled.path)
    with filled.writer() as writer:
        assert writer.commit() == 2
        writer.store(next(tmp_path.glob("*.source")))
        assert writer.commit() == 2
        with writer.view() as view:
            writer.replace("item", view.table("item").sort_by([("item_id", "descending")]))
        generation = writer.commit()
    assert generation == 3, "two files became one"
    after = everything(filled.path)
    with filled.writer() as writer, writer.view() as view:
        writer.replace("item", view.table("item"))
        assert writer.commit() == 3
    assert everything(filled.path) == after
    assert before.keys() - after.keys() == {
        "tables/item/000001-0000.parquet",
        "tables/item/000002-0000.parquet",
    }


def test_a_note_alone_is_custody_without_a_generation(filled: Case) -> None:
    count = filled.head().count
    with filled.writer() as writer:
        writer.note("looked", by="me", path=b"caf\xe9".decode("utf-8", "surrogateescape"))
        assert writer.commit() == 2
    last = filled.custody()[-1]
    assert (last.event, filled.head().count) == ("looked", count + 1)
    assert audit(filled.path).ok


def test_a_second_writer_is_refused_at_once_and_names_the_first(filled: Case) -> None:
    code = f"from tamis.case import Case; Case.open({str(filled.path)!r}).writer()"
    with filled.writer():
        with pytest.raises(CaseLockedError, match="process"):
            filled.writer()
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, capture_output=True, text=True
        )
        assert "CaseLockedError" in done.stderr
        assert str(os.getpid()) in done.stderr
        with pytest.raises(CaseLockedError):
            filled.forget(sha(b"plain file"), "no")
    with filled.writer() as writer:
        assert writer.commit() == 2


def test_items_are_read_from_blob_reference_and_span(filled: Case, tmp_path: Path) -> None:
    encoded = b"head\n" + base64.encodebytes(b"attached" * 20) + b"tail\n"
    attached = sha(b"attached" * 20)
    with filled.writer() as writer:
        parent = add_bytes(writer, tmp_path, encoded)
        put(
            writer,
            "place",
            item_id=attached,
            parent_item_id=parent,
            byte_start=5,
            byte_end=len(encoded) - 5,
            transform="base64",
        )
        writer.commit()
    with filled.view() as view:
        for item_id in view.table("item", ["item_id"])["item_id"].to_pylist():
            assert sha(view.read_item(item_id)) == item_id
            with view.open_item(item_id) as stream:
                assert sha(stream.read()) == item_id
        path, offset, length = view.locate_item(attached)
        assert path.read_bytes()[offset : offset + length] == b"attached" * 20
        with pytest.raises(CaseError, match="no bytes"):
            view.read_item("0" * 64)
    (tmp_path / "outside.bin").write_bytes(b"changed outside")
    with filled.view() as view, pytest.raises(CaseBrokenError, match=r"outside\.bin"):
        view.read_item(sha(b"left where it was"))
    (tmp_path / "outside.bin").unlink()
    with filled.view() as view, pytest.raises(CaseBrokenError, match=r"outside\.bin"):
        view.open_item(sha(b"left where it was"))


def test_a_file_left_outside_can_be_copied_in_later(filled: Case, tmp_path: Path) -> None:
    with filled.writer() as writer:
        item_id, _ = writer.store(tmp_path / "outside.bin")
        writer.commit()
    (tmp_path / "outside.bin").unlink()
    with filled.view() as view:
        assert view.read_item(item_id) == b"left where it was"
        rows = [row for row in view.table("blob").to_pylist() if row["item_id"] == item_id]
    assert [row["storage"] for row in rows] == ["blob"]
    assert audit(filled.path).ok


def test_what_a_worker_left_is_checked_before_it_is_adopted(case: Case, tmp_path: Path) -> None:
    with case.writer() as writer:
        path = writer.spool() / "out"
        path.write_bytes(b"other")
        with pytest.raises(CaseBrokenError):
            writer.adopt(path, sha(b"claimed"))
        link = path.parent / "link"
        link.symlink_to("/etc/hostname")
        with pytest.raises(InputError):
            writer.adopt(link, sha(Path("/etc/hostname").read_bytes()))
        with pytest.raises(InputError):
            writer.adopt(path.parent, sha(b""))
        assert writer.adopt(path, sha(b"other")) == 5
        assert writer.blob(sha(b"other")).read_bytes() == b"other"
        writer.commit()
    with case.view() as view:
        assert view.read_item(sha(b"other")) == b"other"


def test_a_pipe_or_device_is_no_file_to_store(case: Case, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with case.writer() as writer:
        for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
            with pytest.raises(InputError):
                writer.store(path)
            with pytest.raises(InputError):
                writer.store(path, by_reference=True)


def test_rows_that_disagree_with_the_record_are_refused(case: Case, tmp_path: Path) -> None:
    item = records.table("item")
    wrong = pa.table({"item_id": ["x"]})
    null = pa.Table.from_pylist(
        [{}], schema=pa.schema([f.with_nullable(True) for f in item.schema])
    )
    with case.writer() as writer:
        with pytest.raises(ValueError, match="item"):
            writer.append("item", wrong)
        with pytest.raises(ValueError, match="item_id"):
            writer.append("item", null)
        path = writer.spool() / "rows.arrow"
        path.write_bytes(b"no arrow at all")
        with pytest.raises(ValueError, match=r"rows\.arrow"):
            writer.append_file("item", path)
        with pytest.raises(KeyError):
            writer.append("no_such_table", wrong)


@pytest.mark.parametrize("form", ["stream", "file"])
def test_rows_come_in_from_arrow_files(case: Case, form: str) -> None:
    rows = records.table("container").build(
        [{"container_id": f"x:{n}", "platform": "x", "kind": "page"} for n in (3, 1, 2)]
    )
    with case.writer() as writer:
        path = writer.spool() / "rows.arrow"
        new = pa.ipc.new_stream if form == "stream" else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as sink, new(sink, rows.schema) as out:
            out.write_table(rows, max_chunksize=1)
        writer.append_file("container", path)
        writer.append("container", rows.to_reader(max_chunksize=2))
        writer.commit()
    with case.view() as view:
        ids = view.table("container", ["container_id"])["container_id"].to_pylist()
        assert ids == ["x:1", "x:1", "x:2", "x:2", "x:3", "x:3"], "sorted by the paging key"
        assert sum(batch.num_rows for batch in view.batches("container")) == 6


def test_edited_settings_hold_from_the_next_writer_and_stand_in_custody(filled: Case) -> None:
    path = filled.path / "case.toml"
    path.write_text(path.read_text().replace("own_domains = []", 'own_domains = ["a.example"]'))
    assert filled.settings.own_domains == ()
    told = audit(filled.path)
    assert "own_domains" in str(told.problems[0])
    assert "case.toml" in told.problems[0].place
    with filled.writer() as writer:
        assert writer.settings.own_domains == ("a.example",)
    line = next(line for line in filled.custody() if line.event == "settings_changed")
    assert line.facts["changed"] == {"own_domains": [[], ["a.example"]]}
    assert audit(filled.path).ok
    path.write_text("title = [")
    with pytest.raises(SettingsError, match=r"case\.toml"):
        filled.writer()
    assert Case.open(filled.path).settings.own_domains == ("a.example",)
    path.write_text('title = "t"\npolling_day = 1')
    with pytest.raises(SettingsError, match="polling_day"):
        filled.writer()


def test_many_small_files_are_joined_and_stay_the_same_rows(case: Case, tmp_path: Path) -> None:
    for number in range(5):
        with case.writer() as writer:
            add_bytes(writer, tmp_path, b"file %d" % number, position=number)
            writer.commit()
    with case.view() as before:
        rows = before.table("place").sort_by("item_id")
        assert len(before.files("place")) == 5
        assert case.compact() == 6
        assert before.table("place").num_rows == 5, "a reader keeps its files"
    with case.view() as after:
        assert len(after.files("place")) == 1
        assert after.table("place").sort_by("item_id").equals(rows)
    assert case.compact() == 6
    assert audit(case.path).ok


def test_a_mailbox_is_one_blob(case: Case, tmp_path: Path) -> None:
    with case.writer() as writer:
        _, letters = add_mbox(writer, tmp_path)
        writer.commit()
    with case.view() as view:
        assert view.row_count("blob") == 1
        assert [view.read_item(one)[:5] for one in letters] == [b"From:"] * 3
