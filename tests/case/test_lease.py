from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from case_rows import add_bytes, put

from tamis.case import Case, audit, compact, journal, lease
from tamis.errors import CaseBrokenError, CaseError, InputError


def parquet(case: Case) -> set[str]:
    return {str(path.relative_to(case.path)) for path in case.path.rglob("*.parquet")}


def test_a_reader_keeps_its_files_until_it_ends(filled: Case, tmp_path: Path) -> None:
    view = filled.view()
    before = parquet(filled)
    with filled.writer() as writer:
        writer.replace("item", view.table("item"))
        add_bytes(writer, tmp_path, b"new")
        writer.commit()
    assert before <= parquet(filled), "leased files stay"
    assert view.table("item").num_rows == view.row_count("item") == 6
    with filled.view() as newer:
        assert newer.row_count("item") == 7
    view.close()
    with filled.writer():
        pass
    assert not before <= parquet(filled), "and go when nobody reads them"
    assert not list((filled.path / "leases").iterdir())
    assert not list((filled.path / "spool").iterdir())


def test_a_dead_reader_holds_nothing(filled: Case) -> None:
    code = (
        "import os, signal; from tamis.case import Case\n"
        f"view = Case.open({str(filled.path)!r}).view(); view.scratch()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert list((filled.path / "leases").iterdir())
    assert list((filled.path / "spool").iterdir())
    before = parquet(filled)
    with filled.writer() as writer, writer.view() as view:
        writer.replace("item", view.table("item"))
        writer.commit()
    with filled.writer():
        pass
    assert not before <= parquet(filled)
    assert not list((filled.path / "leases").iterdir())
    assert not list((filled.path / "spool").iterdir())


def test_a_reader_that_leaves_meanwhile_stops_no_writer(
    filled: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was seen holding its lease, and took it away before the lease was read."""
    view = filled.view()
    asked = lease.is_held

    def leaves(path: Path) -> bool:
        held = asked(path)
        view.close()
        return held

    monkeypatch.setattr(lease, "is_held", leaves)
    assert lease.leased(filled.path) == set()


def test_a_pinned_generation_stays_readable_until_pinned_anew(filled: Case) -> None:
    with filled.writer() as writer:
        with writer.view() as view:
            assert view.generation == 2
            writer.pin("r1", view, files={"report.html": "0" * 64})
        put(writer, "figure", figure_id="f", report_id="r1", value="6")
        writer.commit()
        with writer.view() as view:
            writer.replace("item", view.table("item").slice(0, 1))
        writer.commit()
    with filled.view() as view:
        assert view.reports == ("r1",)
        assert view.row_count("item") == 1
        assert view.report_facts("r1") == {"files": {"report.html": "0" * 64}}
    with filled.view("r1") as view:
        assert (view.generation, view.table("item").num_rows) == (2, 6)
    with pytest.raises(InputError, match="r1"):
        filled.view("r2")
    assert audit(filled.path).checked["report pins"] == 1
    before = parquet(filled)
    with filled.writer() as writer:
        with writer.view() as view:
            writer.pin("r1", view)
        writer.commit()
    assert len(parquet(filled)) < len(before)
    path = filled.path / "reports" / "r1.json"
    path.write_bytes(path.read_bytes().replace(b'"facts"', b'"Facts"'))
    assert [Path(problem.place).name for problem in audit(filled.path).problems] == ["r1.json"]
    with pytest.raises(CaseBrokenError, match=r"r1\.json"):
        filled.view("r1")


@pytest.mark.parametrize("wrong", ["", "../x", "a/b", "é", "."])
def test_a_report_id_names_a_file_in_reports(filled: Case, wrong: str) -> None:
    with filled.writer() as writer, writer.view() as view, pytest.raises(InputError):
        writer.pin(wrong, view)


def test_what_a_killed_writer_stored_is_removed_by_the_next(filled: Case, tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(b"never committed")
    code = (
        "import os, signal; from pathlib import Path; from tamis.case import Case\n"
        f"writer = Case.open({str(filled.path)!r}).writer()\n"
        f"writer.store(Path({str(source)!r}))\n"
        "with writer.view() as view: rows = view.table('item')\n"
        "writer.append('item', rows); writer.flush()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    blobs, tables = len(list(filled.path.glob("blobs/*/*"))), len(parquet(filled))
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(filled.path.glob("blobs/*/*"))) == blobs + 1
    assert len(parquet(filled)) == tables + 1
    assert audit(filled.path).ok
    with filled.writer():
        assert len(list(filled.path.glob("blobs/*/*"))) == blobs
        assert len(parquet(filled)) == tables
    assert not list((filled.path / "spool").iterdir())
    assert audit(filled.path).ok


def test_a_folder_nobody_may_write_to_is_read_without_a_lease(
    filled: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def read_only(path: object, flags: int, *more: int, **named: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and str(filled.path) in str(path):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    with Case.open(filled.path).view() as view:
        assert view.table("item").num_rows == 6
        assert filled.path not in view.scratch().parents
    assert audit(filled.path).ok
    with pytest.raises(CaseError, match="work on a copy"):
        filled.writer()


def test_an_interruption_right_after_the_commit_keeps_what_was_committed(
    filled: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(root: Path, change: object) -> object:
        real(root, change)
        raise KeyboardInterrupt

    real = journal.commit
    writer = filled.writer()
    item_id = add_bytes(writer, tmp_path, b"committed")
    monkeypatch.setattr(journal, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt), writer:
        writer.commit()
    monkeypatch.undo()
    assert audit(filled.path).ok
    with filled.writer(), filled.view() as view:
        assert view.read_item(item_id) == b"committed"
    assert audit(filled.path).ok


def test_a_crowd_of_small_files_is_joined_by_the_commit(case: Case) -> None:
    for number in range(40):
        with case.writer() as writer:
            put(writer, "container", container_id=f"x:{number}")
            writer.commit()
    with case.view() as view:
        assert len(view.files("container")) < 40
        assert view.table("container").num_rows == 40
    assert len(parquet(case)) < 40
    assert audit(case.path).ok


def test_small_files_are_joined_up_to_what_is_sorted_in_memory(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with case.writer() as writer:
        put(writer, "container", container_id="x:0")
        writer.commit()
    with case.view() as view:
        (first,) = view.files("container")
    monkeypatch.setattr(compact, "_JOINED_BYTES", 3 * first.stat().st_size + 100)
    for number in range(1, 33):
        with case.writer() as writer:
            put(writer, "container", container_id=f"x:{number}")
            writer.commit()
    with case.view() as view:
        assert len(view.files("container")) == 11
        assert view.table("container").num_rows == 33
    assert audit(case.path).ok
