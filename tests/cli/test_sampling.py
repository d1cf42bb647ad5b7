"""What only the collector knows: of which platform a table is, and how it was sampled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tamis.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


def invoke(*words: Any) -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    assert invoke("new", tmp_path / "case").exit_code == 0
    return tmp_path / "case"


def _table(path: Path, platform: str = "", count: int = 3) -> Path:
    head = "id,user,time,text" + (",platform" if platform else "")
    tail = f",{platform}" if platform else ""
    rows = [f"{n},u{n % 7},2031-05-03T18:{n % 60:02}:00Z,#leak {n}{tail}" for n in range(count)]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def _rows(case: Path, table: str) -> list[dict[str, Any]]:
    told = invoke("show", case, table, "--as", "jsonl")
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_the_collector_says_what_a_file_cannot(case: Path, tmp_path: Path) -> None:
    first = _table(tmp_path / "one.csv", count=1_200)
    told = ("--kind", "posts", "--sampling", "stream_sample", "--platform", "board")
    assert invoke("add", case, first, *told).exit_code == 0
    assert {(p["platform"], p["sampling"]) for p in _rows(case, "post")} == {
        ("board", "stream_sample")
    }
    assert invoke("run", case, "--only", "spread").exit_code == 0
    panel = [row for row in _rows(case, "manipulation") if row["object_id"] == "*"]
    assert [(row["outcome"], row["reason"]) for row in panel] == [("refused", "sampled")]
    answer = invoke("trace", case, "#leak").stdout
    assert "board: a sample of the stream: most posts, and probably the first, are not in it" in (
        answer
    )


def test_one_platform_has_one_name(case: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("X", " x ", "Twitter", "Truth Social", "a:b")):
        _table(tmp_path / f"{number}.csv", name)
    assert invoke("add", case, *tmp_path.glob("*.csv"), "--kind", "posts").exit_code == 0
    posts = {(p["platform"], p["account_id"]) for p in _rows(case, "post")}
    assert {platform for platform, _ in posts} == {"x", "truth social", "a_b"}
    assert all(account.split(":")[0] == platform for platform, account in posts)


@pytest.mark.parametrize(
    "words", [("--sampling", "some"), ("--platform", "a:b"), ("--platform", "")]
)
def test_what_cannot_be_meant_is_refused(
    case: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    answer = invoke("add", case, _table(tmp_path / "one.csv"), "--kind", "posts", *words)
    assert answer.exit_code != 0
    assert words[0] in str(answer.stderr) or words[0] in str(answer.exception)
