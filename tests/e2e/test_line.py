from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from program import Line, succeed, tamis

from tamis import records
from tamis.case import Case
from tamis.run.audit import audit


def test_audit_of_the_finished_case_finds_nothing(line: Line) -> None:
    assert "0 problems" in succeed("audit", line.case)


def test_adding_and_running_again_changes_nothing(line: Line) -> None:
    before = (line.case / "manifest.json").read_bytes()
    succeed("add", line.case, line.incident / "leak")
    succeed("add", line.case, line.incident / "posts")
    assert (line.case / "manifest.json").read_bytes() == before
    assert "up to date" in succeed("run", line.case)


@pytest.mark.parametrize("table", ["item", "message", "signature", "verdict", "post", "co_action"])
def test_jsonl_carries_the_columns_of_the_table(line: Line, table: str) -> None:
    rows = [
        json.loads(row) for row in succeed("show", line.case, table, "--as", "jsonl").splitlines()
    ]
    assert rows
    assert list(rows[0]) == [column.name for column in records.table(table).columns]


def test_where_selects_and_refuses(line: Line) -> None:
    rows = succeed("show", line.case, "verdict", "--where", "verdict = 'verified'", "--as", "csv")
    found = list(csv.DictReader(io.StringIO(rows)))
    assert found
    assert {row["verdict"] for row in found} == {"verified"}
    for hostile in (
        "1=1; DROP TABLE verdict",
        "item_id IN (SELECT item_id FROM item)",
        "read_text('/etc/passwd') = ''",
        "verdict = ",
        "no_such_column = 1",
    ):
        refused = tamis("show", line.case, "verdict", "--where", hostile)
        assert refused.returncode == 2, hostile
        assert refused.stderr.startswith("tamis: ")
        assert "Traceback" not in refused.stderr


def test_a_copied_case_is_whole(line: Line, tmp_path: Path) -> None:
    shutil.copytree(line.case, tmp_path / "case")
    assert "0 problems" in succeed("audit", tmp_path / "case")


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("what", ["blob", "table", "manifest", "custody"])
def test_one_flipped_byte_is_named(line: Line, tmp_path: Path, what: str) -> None:
    case = tmp_path / "case"
    shutil.copytree(line.case, case)
    places = {
        "blob": sorted(p for p in (case / "blobs").rglob("*") if p.is_file() and p.stat().st_size),
        "table": sorted(case.rglob("*.parquet")),
        "manifest": [case / "manifest.json"],
        "custody": [case / "custody.jsonl"],
    }[what]
    for index, place in enumerate(places[:: max(1, len(places) // 3)]):
        original = place.read_bytes()
        flip(place, 7919 * (index + 1))
        result = audit(case)
        assert not result.ok, place
        assert place.name in " ".join(map(str, result.problems))
        place.write_bytes(original)
    assert audit(case).ok


def test_every_custody_line_counts(line: Line, tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(line.case, case)
    log = case / "custody.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    for number, text in enumerate(lines):
        broken = bytearray(text)
        broken[len(text) // 2] ^= 0x01
        log.write_bytes(b"".join([*lines[:number], bytes(broken), *lines[number + 1 :]]))
        result = audit(case)
        assert not result.ok, number
        assert "custody.jsonl" in " ".join(map(str, result.problems))
    log.write_bytes(b"".join(lines[:-1]))
    assert not audit(case).ok, "truncated"


def test_a_history_rewritten_as_a_whole_shows_with_the_head(line: Line, tmp_path: Path) -> None:
    head = succeed("audit", line.case).split("custody head ")[1].split()[0]
    other = tmp_path / "other"
    succeed("new", other)
    done = tamis("audit", other, "--head", head)
    assert done.returncode == 1
    assert "head" in done.stdout
    assert succeed("audit", line.case, "--head", head)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere"), "nowhere"),
        (("show", "nowhere", "item"), "nowhere"),
        (("audit", "nowhere"), "nowhere"),
        (("verify", "nowhere.eml"), "nowhere.eml"),
        (("coordinate", "nowhere.csv", "-o", "out"), "nowhere.csv"),
        (("add", "{case}", "nowhere.mbox"), "nowhere.mbox"),
        (("show", "{case}", "no_such_table"), "no_such_table"),
        (("show", "{case}", "item", "--as", "csv", "-o", "no/where.csv"), "no/where.csv"),
        (("new", "/proc/no/case"), "/proc/no"),
        (("verify", "{mail}", "--keys", "{mail}"), "no DKIM key"),
        (("verify", "{keys}"), "no message"),
        (("forget", "{case}", "0" * 64, "--why", "test"), "0" * 64),
    ],
)
def test_unusable_input_is_one_message_and_exit_2(
    line: Line, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    known = {
        "{case}": line.case,
        "{mail}": line.incident / "leak",
        "{keys}": line.incident / "keys",
    }
    filled = [str(known.get(argument, argument)) for argument in arguments]
    done = tamis(*filled, cwd=tmp_path)
    assert done.returncode == 2, done
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_needs_no_case(line: Line) -> None:
    keys = next((line.incident / "keys").glob("*.json"))
    printed = succeed("verify", line.incident / "leak", "--keys", keys, "--as", "jsonl")
    rows = [json.loads(row) for row in printed.splitlines()]
    assert {"path", "verdict", "signatures", "does_not_claim", "rule_id"} <= set(rows[0])
    in_case = succeed("show", line.case, "verdict", "--as", "jsonl").splitlines()
    expected = {row["item_id"]: row["verdict"] for row in map(json.loads, in_case)}
    assert {row["item_id"]: row["verdict"] for row in rows} == expected


def sole_sentence(rows: list[dict[str, str]], kept: bytes) -> tuple[dict[str, str], str]:
    """A message, and a line that stands in no other message and readably in the kept bytes."""
    texts = [row["body_text"] for row in rows]
    for row in rows:
        for sentence in row["body_text"].splitlines():
            is_sole = sum(sentence in text for text in texts) == 1
            if len(sentence) > 25 and is_sole and kept.count(sentence.encode()) == 1:
                return row, sentence
    raise AssertionError


def test_forgetting_an_item_removes_its_text_everywhere(line: Line, tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(line.case, case)
    printed = succeed("show", case, "message", "--where", "body_text IS NOT NULL", "--as", "jsonl")
    kept = b"".join(p.read_bytes() for p in (case / "blobs").rglob("*") if p.is_file())
    victim, sentence = sole_sentence([json.loads(row) for row in printed.splitlines()], kept)
    needle = sentence.encode()
    succeed("forget", case, victim["item_id"], "--why", "asked by the person")
    assert victim["item_id"] not in succeed("show", case, "message", "--as", "jsonl")
    assert "asked by the person" in succeed("show", case, "tombstone", "--as", "jsonl")
    assert [p for p in case.rglob("*") if p.is_file() and needle in p.read_bytes()] == []
    with Case.open(case).view() as view:
        assert sentence not in str(view.table("message", ["body_text"]).to_pylist())
    assert audit(case).ok
