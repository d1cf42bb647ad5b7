"""The same bytes on both sides: one item, and every place says which side it was added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tamis.case import Case, audit
from tamis.errors import InputError
from tamis.run.intake import add
from tamis.run.intake_check import Holder, LieError, Span, _Places

if TYPE_CHECKING:
    from pathlib import Path

LETTER = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: s\r\nMessage-ID: <1@example.org>\r\n"
    b"Date: Mon, 1 May 2017 10:00:00 +0000\r\n\r\nhello\r\n"
)


def kinds(case: Case) -> set[tuple[str, str, str]]:
    with case.view() as view:
        places = view.table("place").to_pylist()
    return {(row["root"].rpartition("/")[2], row["path"], row["kind"]) for row in places}


@pytest.mark.parametrize("first", ["leak", "reference"])
def test_every_place_says_its_side_in_whatever_order_it_came(tmp_path: Path, first: str) -> None:
    case = Case.create(tmp_path / "case", title="t")
    for side in ("leak", "reference"):
        box = tmp_path / side
        box.mkdir()
        (box / "1.eml").write_bytes(LETTER)
        mbox = b"From x Mon May  1 10:00:00 2017\r\n" + LETTER + b"\r\n"
        (box / "all.mbox").write_bytes(mbox)
    order = (first, *({"leak", "reference"} - {first}))
    for side in order:
        add(case, [tmp_path / side], kind=side)
    wanted = {
        (side, path, side)
        for side in order
        for path in ("1.eml", "all.mbox")
    }  # fmt: skip
    assert wanted <= kinds(case)
    with case.view() as view:
        assert view.row_count("message") == 1, "one item, its rows once"
        inside = [row for row in view.table("place").to_pylist() if row["depth"]]
        assert {row["kind"] for row in inside} == {"leak", "reference"}
    for side in order:
        report = add(case, [tmp_path / side], kind=side)
        assert report.file_count == 0
        assert report.notes == []
    report = add(case, [tmp_path / "leak"], kind="reference")
    assert any("added before as leak" in note for note in report.notes)
    assert audit(case.path, None).ok


def test_a_worker_cannot_move_a_file_to_the_other_side(tmp_path: Path) -> None:
    from tamis import records

    path = tmp_path / "1.eml"
    path.write_bytes(LETTER)
    row = {
        "item_id": "a",
        "root": "/r",
        "path": "1.eml",
        "name": "1.eml",
        "position": 0,
        "depth": 0,
        "kind": "reference",
    }
    tops = {"a": Holder(Span(path, 0, len(LETTER)), {"1.eml": 0})}
    table = records.table("place").build([row])
    assert _Places(tops, {}, "/r", "reference").check(table) == {"a"}
    with pytest.raises(LieError, match="another kind"):
        _Places(tops, {}, "/r", "leak").check(table)


TABLE = b"user,timestamp,text\nann,2017-05-05T10:00:00Z,hello\n"
WARC = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
TOLD = b'[{"window": "2017", "count": 3}]'


@pytest.mark.parametrize(
    ("files", "side"),
    [
        ({"1.eml": LETTER, "old.warc": WARC}, "leak"),
        ({"1.eml": LETTER, "list.csv": TABLE}, "leak"),
        ({"old.warc": WARC}, "posts"),
        ({"old.warc": WARC, "list.csv": TABLE}, "posts"),
        ({"list.csv": TABLE}, "posts"),
        ({"notes.txt": b"notes"}, "leak"),
    ],
)
def test_a_folder_is_what_it_holds(tmp_path: Path, files: dict[str, bytes], side: str) -> None:
    box = tmp_path / "box"
    box.mkdir()
    for name, data in files.items():
        (box / name).write_bytes(data)
    case = Case.create(tmp_path / "case", title="t")
    add(case, [box])
    assert {kind for _, path, kind in kinds(case) if "/" not in path} == {side}


def test_a_folder_that_may_be_either_is_asked_about(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "list.csv").write_bytes(TABLE)
    (box / "told.json").write_bytes(TOLD)
    case = Case.create(tmp_path / "case", title="t")
    with pytest.raises(InputError, match=r"list\.csv.*told\.json.*--kind leak or --kind posts"):
        add(case, [box])
