from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from case_rows import put, sha

from tamis.case import Case, audit, manifest, settings
from tamis.errors import CaseBrokenError, NotACaseError, SettingsError


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(bytes(data))


def test_a_sound_case_is_sound_and_stays_untouched(filled: Case) -> None:
    before = {path: path.stat().st_mtime_ns for path in filled.path.rglob("*.json*")}
    told = audit(filled.path)
    assert told.ok
    assert told.head == filled.head()
    assert told.checked["blobs"] == 2
    assert told.checked["files left outside"] == 1
    assert told.checked["decisions"] == 2
    assert told.checked["custody lines"] == filled.head().count
    assert told.checked["items"] == 6
    assert {path: path.stat().st_mtime_ns for path in filled.path.rglob("*.json*")} == before


@pytest.mark.parametrize(
    "pattern", ["blobs/*/*", "tables/*/*.parquet", "manifest.json", "custody.jsonl", "case.toml"]
)
def test_one_flipped_byte_in_any_file_is_found_and_named(filled: Case, pattern: str) -> None:
    for index, path in enumerate(sorted(filled.path.glob(pattern))):
        original = path.read_bytes()
        for position in (0, 7919 * (index + 1), len(original) - 1):
            flip(path, position)
            told = audit(filled.path)
            assert not told.ok, (path, position)
            assert path.name in " ".join(map(str, told.problems)), (path, position)
            path.write_bytes(original)
    assert audit(filled.path).ok


def test_every_byte_of_the_manifest_and_of_case_toml_counts(filled: Case) -> None:
    path = filled.path / "manifest.json"
    data = path.read_bytes()
    for position in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            broken = bytearray(data)
            broken[position] ^= bit
            with pytest.raises(CaseBrokenError, match=r"manifest\.json"):
                manifest.parse(bytes(broken), str(path))
    text = (filled.path / "case.toml").read_bytes()
    assert settings.parse(text, path) == filled.settings
    with pytest.raises(SettingsError):
        settings.parse(b"\xff" + text, path)


@pytest.mark.parametrize(
    "name", ["manifest.json", "custody.jsonl", "case.toml", "decisions.sqlite"]
)
def test_a_missing_file_is_named(filled: Case, name: str) -> None:
    (filled.path / name).unlink()
    told = audit(filled.path)
    assert not told.ok
    assert name in str(told.problems)


@pytest.mark.parametrize("pattern", ["blobs/*/*", "tables/*/*.parquet"])
def test_a_missing_blob_or_table_is_named(filled: Case, pattern: str) -> None:
    path = min(filled.path.glob(pattern))
    path.unlink()
    told = audit(filled.path)
    assert path.name in str(told.problems)


def test_a_changed_or_missing_file_outside_is_named(filled: Case, tmp_path: Path) -> None:
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"other")
    assert [problem.place for problem in audit(filled.path).problems] == [str(outside)]
    outside.unlink()
    told = audit(filled.path)
    assert [problem.place for problem in told.problems] == [str(outside)]
    assert "No such file" in told.problems[0].found


def test_a_manifest_rewritten_with_its_own_hash_disagrees_with_custody(filled: Case) -> None:
    held = manifest.read(filled.path)
    files = dict(held.tables)
    files["message"] = ()
    forged = replace(held, tables=files)
    (filled.path / "manifest.json").write_bytes(forged.render())
    assert Case.open(filled.path), "its own hash holds, and the head too"
    told = audit(filled.path)
    assert [Path(problem.place).name for problem in told.problems] == ["manifest.json"]


def test_an_older_manifest_brought_back_is_found(filled: Case) -> None:
    path = filled.path / "manifest.json"
    old = path.read_bytes()
    filled.decide("tag", ["x"], "v", "w", "me")
    path.write_bytes(old)
    assert not audit(filled.path).ok
    with pytest.raises(CaseBrokenError):
        Case.open(filled.path)


def test_a_rewritten_history_shows_with_a_head_noted_elsewhere(
    filled: Case, tmp_path: Path
) -> None:
    early = filled.head()
    filled.decide("tag", ["x"], "v", "w", "me")
    late = filled.head()
    other = Case.create(tmp_path / "other", title="Another history")
    for head in (early, late):
        for stated in (head.hash, str(head), head.hash.upper()):
            assert audit(filled.path, head=stated).ok
            told = audit(other.path, head=stated)
            assert [problem.expected[:7] for problem in told.problems] == ["the cus"]
            assert "custody.jsonl" in told.problems[0].place
    assert not audit(filled.path, head=f"{late.count + 1}:{late.hash}").ok
    assert not audit(filled.path, head="").ok


def test_decisions_changed_behind_custodys_back_are_found(filled: Case) -> None:
    path = filled.path / "decisions.sqlite"
    original = path.read_bytes()
    for statement in (
        "UPDATE decision SET value = 'other' WHERE decision_id = 1",
        "DELETE FROM decision WHERE decision_id = 1",
        "UPDATE subject SET subject_id = 'z' WHERE subject_id = 'c'",
        "DELETE FROM subject WHERE subject_id = 'c'",
        "INSERT INTO decision VALUES (3, 'tag', 'v', 'w', 'me', '2017')",
        "DELETE FROM decision",
    ):
        database = sqlite3.connect(path)
        with database:
            database.execute(statement)
        database.close()
        assert "decisions.sqlite" in str(audit(filled.path).problems), statement
        path.write_bytes(original)
    path.write_bytes(b"no database" * 100)
    assert "decisions.sqlite" in str(audit(filled.path).problems)
    path.write_bytes(original)
    assert audit(filled.path).ok


def test_an_item_without_bytes_is_named(filled: Case) -> None:
    lost = sha(b"lost")
    with filled.writer() as writer:
        put(writer, "item", item_id=lost, status="read")
        put(writer, "item", item_id=sha(b"refused"), status="refused", reason="too deep")
        writer.commit()
    told = audit(filled.path)
    assert len(told.problems) == 1
    assert lost in told.problems[0].place


def test_a_copied_case_is_the_same_case(filled: Case, tmp_path: Path) -> None:
    shutil.copytree(filled.path, tmp_path / "copy")
    assert audit(tmp_path / "copy", head=str(filled.head())).ok


def test_a_folder_that_is_no_case_is_no_finding(tmp_path: Path) -> None:
    with pytest.raises(NotACaseError):
        audit(tmp_path)
    with pytest.raises(NotACaseError):
        audit(tmp_path / "nowhere")
