"""A process that dies between any two of its writes: the case opens, is sound, and goes on."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from case_rows import LETTERS, add_bytes, put, sha

from tamis.case import Case, audit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CALLS = ("fsync", "ftruncate", "pwrite", "replace", "unlink", "rename", "mkdir", "rmdir")


class DeadError(BaseException):
    """Nothing runs after a kill, so nothing may catch this."""


def die_at(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let the process do `count` writes; the one after is torn, and no other happens."""
    left = [count]

    def wrap(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            left[0] -= 1
            if left[0] == -1 and name == "pwrite":
                real(args[0], bytes(args[1])[: len(args[1]) // 2], args[2])
            if left[0] < 0:
                raise DeadError
            return real(*args, **options)

        return call

    for name in CALLS:
        monkeypatch.setattr(os, name, wrap(name, getattr(os, name)))


def commit(case: Case, sources: Path) -> None:
    writer = case.writer()
    try:
        if not writer.has_bytes(sha(b"new bytes")):
            add_bytes(writer, sources, b"new bytes")
            put(writer, "message", item_id=sha(b"new bytes"))
        writer.note("added")
        writer.mark("stage", "0" * 64, "run")
        with writer.view() as view:
            writer.pin("report", view, made=1)
            writer.replace("header", view.table("header").slice(0, 2))
        writer.commit()
        writer.close()
    finally:
        os.close(writer._lock._descriptor) if writer._lock._descriptor >= 0 else None


def decide(case: Case, sources: Path) -> None:
    if not any(one.value == "new" for one in case.decisions()):
        case.decide("tag", ["x", "y"], "new", "why", "me")


def forget(case: Case, sources: Path) -> None:
    case.forget(sha(LETTERS[1].encode()), "why")


def compact(case: Case, sources: Path) -> None:
    case.compact()


def edit(case: Case, sources: Path) -> None:
    path = case.path / "case.toml"
    path.write_text(path.read_text().replace('election = ""', 'election = "x"'))
    with case.writer():
        pass


def rows(case: Case) -> dict[str, list[object]]:
    with case.view() as view:
        told: dict[str, list[object]] = {
            name: sorted(map(str, view.table(name).drop_columns(_times(name)).to_pylist()))
            for name in ("item", "place", "message", "header", "blob", "tombstone")
        }
        told["reports"] = list(view.reports)
        told["election"] = [view.settings.election]
    told["decisions"] = [(one.value, one.subject_ids) for one in case.decisions()]
    told["custody"] = [line.event for line in case.custody() if line.event == "decision"]
    told["blobs"] = sorted(path.name for path in case.path.glob("blobs/*/*"))
    return told


def _times(name: str) -> list[str]:
    return ["forgotten_at"] if name == "tombstone" else []


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.kill)])
@pytest.mark.parametrize("work", [commit, decide, forget, compact, edit], ids=lambda w: w.__name__)
def test_dying_at_every_write_loses_nothing(
    filled: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[..., None],
    step: int,
) -> None:
    whole = Case(shutil.copytree(filled.path, tmp_path / "whole"))
    work(whole, tmp_path)
    expected = rows(whole)
    for count in range(0, 500, step):
        case = Case(shutil.copytree(filled.path, tmp_path / f"c{count}"))
        with monkeypatch.context() as patch:
            die_at(patch, count)
            try:
                work(case, tmp_path)
            except DeadError:
                is_done = False
            else:
                is_done = True
        opened = Case.open(case.path)
        told = audit(case.path)
        assert work is edit or told.ok, (count, told.problems)
        work(opened, tmp_path)
        assert rows(opened) == expected, count
        assert audit(case.path).ok, count
        with opened.writer():
            pass
        assert not list((case.path / "spool").iterdir())
        assert {path.name for path in case.path.iterdir()} >= {"manifest.json", "custody.jsonl"}
        assert not (case.path / "pending.json").exists()
        shutil.rmtree(case.path)
        if is_done:
            break
    assert is_done
    assert count >= 5, "the work must have had some writes to die at"


def test_dying_while_a_case_is_made_leaves_no_half_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in range(100):
        target = tmp_path / f"c{count}"
        with monkeypatch.context() as patch:
            die_at(patch, count)
            try:
                Case.create(target, title="t")
            except DeadError:
                is_done = False
            else:
                is_done = True
        if target.exists():
            assert audit(target).ok
        else:
            Case.create(target, title="t")
        if is_done:
            break
    assert is_done
    assert count >= 10
