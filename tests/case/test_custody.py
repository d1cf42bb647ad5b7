from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tamis.case import Case, audit, custody
from tamis.case.custody import START, Event, Head
from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from pathlib import Path


def test_each_line_carries_the_hash_of_the_one_before(tmp_path: Path) -> None:
    lines, head = custody.extend(Head(0, START), [Event("a", {"é": 1}), Event("b", {})])
    more, end = custody.extend(head, [Event("c", {"path": "\udcff"})])
    path = tmp_path / "custody.jsonl"
    path.write_bytes(lines + more)
    read = list(custody.read(path))
    assert [line.event for line in read] == ["a", "b", "c"]
    assert [line.prev for line in read] == [START, read[0].hash, read[1].hash]
    assert custody.verify(path) == end
    assert (end.count, end.size_bytes) == (3, len(lines + more))


def test_every_flipped_byte_of_a_chain_is_found(tmp_path: Path) -> None:
    data, _ = custody.extend(Head(0, START), [Event("a", {"n": 1}), Event("b", {"m": "ü"})])
    path = tmp_path / "custody.jsonl"
    for position in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            broken = bytearray(data)
            broken[position] ^= bit
            path.write_bytes(bytes(broken))
            with pytest.raises(CaseBrokenError, match=r"custody\.jsonl line [123]"):
                custody.verify(path)


def test_lines_taken_out_or_swapped_break_the_chain(filled: Case) -> None:
    path = filled.path / "custody.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        path.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
        with pytest.raises(CaseBrokenError):
            Case.open(filled.path)
        assert "custody.jsonl" in str(audit(filled.path).problems)
    path.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert not audit(filled.path).ok
    with pytest.raises(CaseBrokenError, match="line 1"):
        filled.writer()
    path.write_bytes(b"".join(lines))
    assert audit(filled.path).ok


def test_a_torn_last_line_is_repaired_and_noted(filled: Case) -> None:
    path = filled.path / "custody.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq":99,"at":"20')
    opened = Case.open(filled.path)
    last = opened.custody()[-1]
    assert last.event == "custody_repaired"
    assert last.facts == {"dropped_bytes": 18, "dropped_text": '{"seq":99,"at":"20'}
    assert path.read_bytes().startswith(whole)
    assert audit(filled.path).ok


@pytest.mark.parametrize("cut", [1, 2, 50, 400])
def test_a_log_cut_short_is_no_torn_line(filled: Case, cut: int) -> None:
    path = filled.path / "custody.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(CaseBrokenError, match="truncated"):
        Case.open(filled.path)
    told = audit(filled.path)
    assert "custody.jsonl" in told.problems[0].found


def test_a_whole_line_after_the_head_is_a_break(filled: Case) -> None:
    path = filled.path / "custody.jsonl"
    head = filled.head()
    line, _ = custody.extend(head, [Event("forged", {})])
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(CaseBrokenError, match=f"line {head.count + 1}"):
        Case.open(filled.path)
    assert not audit(filled.path).ok


def test_a_last_line_longer_than_a_block_is_found(case: Case) -> None:
    with case.writer() as writer:
        writer.note("long", text="x" * 100_000)
        writer.commit()
    assert Case.open(case.path).custody()[-1].facts["text"] == "x" * 100_000


def test_facts_are_json_and_nothing_else(case: Case) -> None:
    before = case.head()
    with case.writer() as writer:
        writer.note("wrong", value=float("nan"))
        with pytest.raises(ValueError, match="JSON"):
            writer.commit()
    assert case.head() == before
    assert json.loads((case.path / "manifest.json").read_bytes())["custody"]["count"] == 2
