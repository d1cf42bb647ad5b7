"""`tamis compare` on two invented incidents that share a fifth of their accounts."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.compare import compare

if TYPE_CHECKING:
    from pathlib import Path

POOL = [str(10**6 + number) for number in range(1_800)]
A, B = POOL[:1_000], POOL[800:]
# Six of the cell work in both incidents.
BOTH_CELLS = A[-14:-8]
CELL_A, CELL_B = [*A[-20:-8], *A[:4]], [*BOTH_CELLS, *B[-8:]]
SHARED = set(A) & set(B)
_EPOCH_MS = 1_288_834_974_657


@dataclass
class Incident:
    """One incident as X v2 lines: papers that many link to, and a cell that does so at once."""

    seed: int
    start: dt.datetime

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.lines: list[str] = []

    def post(self, account: str, after_s: float, text: str, url: str) -> None:
        at = self.start + dt.timedelta(seconds=after_s)
        ms = int(at.timestamp() * 1000)
        name = f"u{account}_{self.seed if account.endswith('7') else 0}"
        line = {
            "id": str((ms - _EPOCH_MS) << 22 | (self.seed << 18) + len(self.lines)),
            "author_id": account,
            "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z",
            "text": text,
            "author": {"id": account, "username": name, "name": "n"},
            "entities": {"urls": [{"start": 0, "end": 1, "url": url, "expanded_url": url}]},
        }
        self.lines.append(json.dumps(line))

    def write(self, path: Path, accounts: list[str], cell: list[str]) -> None:
        for account in accounts:
            self.post(account, self.dice.random() * 432_000, "talk", f"https://n.example/{account}")
        for paper in range(40):
            url = f"https://paper{paper}.example/{self.seed}"
            at_s = self.dice.random() * 432_000
            for account in self.dice.sample(accounts, 30):
                self.post(account, at_s + self.dice.expovariate(1 / 20_000), "read", url)
            for account in self.dice.sample(cell, len(cell) - 2):
                self.post(account, at_s + 3_000 + self.dice.random() * 8, "read", url)
        words = "the very same eight words stand in both places"
        self.post(accounts[0], 1, words, f"https://drop.example/{self.seed}")
        path.write_text("\n".join(self.lines) + "\n")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("compare")
    for name, seed, accounts, cell in (("a", 1, A, CELL_A), ("b", 2, B, CELL_B)):
        start = dt.datetime(2021, 4 * seed, 1, tzinfo=dt.UTC)
        Incident(seed, start).write(folder / f"{name}.jsonl", accounts, cell)
        for command in (
            ["new", str(folder / name), "--title", f"Incident {name}"],
            ["add", str(folder / name), str(folder / f"{name}.jsonl")],
            ["run", str(folder / name), "--only", "coordination"],
        ):
            assert CliRunner().invoke(cli, command, catch_exceptions=False).exit_code == 0
    return folder / "a", folder / "b"


@pytest.fixture(scope="module")
def rows(cases: tuple[Path, Path]) -> list[dict[str, object]]:
    command = ["compare", *map(str, cases), "--population", "x=1_000_000", "--as", "jsonl"]
    answer = CliRunner().invoke(cli, command, catch_exceptions=False)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_every_shared_account_is_found_and_no_other(rows: list[dict[str, object]]) -> None:
    found = {row["trait_id"] for row in rows if row["row"] == "shared" and row["kind"] == "account"}
    assert found == {f"x:{account}" for account in SHARED}


def test_chance_is_told_for_the_stated_population(rows: list[dict[str, object]]) -> None:
    (told,) = [row for row in rows if row["row"] == "chance" and row["what"] == "x accounts"]
    assert (told["observed"], told["expected"], told["population"]) == (200, 1.0, 1_000_000)
    assert told["p_value"] == 1e-6
    assert told["explaining_population"] == 5_000


def test_the_cells_are_named_as_sharing_more_than_chance(rows: list[dict[str, object]]) -> None:
    pairs = [
        r for r in rows if r["row"] == "chance" and "cluster" in r["what"] and "account_ids" in r
    ]
    assert pairs[0]["account_ids"] == sorted(f"x:{account}" for account in BOTH_CELLS)
    assert pairs[0]["expected"] < 2
    assert pairs[0]["p_value"] < 1e-3


def test_a_changed_name_shows_in_both_forms(rows: list[dict[str, object]]) -> None:
    for row in rows:
        if row["row"] == "shared" and row["kind"] == "account":
            native = str(row["trait_id"]).removeprefix("x:")
            changed = native.endswith("7")
            assert row["a_names"] == [f"u{native}_{1 if changed else 0}"]
            assert row["b_names"] == [f"u{native}_{2 if changed else 0}"]


def test_every_row_has_its_proof_in_both_files(
    rows: list[dict[str, object]], cases: tuple[Path, Path]
) -> None:
    shared = [row for row in rows if row["row"] == "shared"]
    assert {row["kind"] for row in shared} == {"account", "host", "text", "url"}
    for side, case in zip("ab", cases, strict=True):
        raw = case.with_suffix(".jsonl").read_bytes()
        for row in shared:
            line = json.loads(raw[row[f"{side}_byte_start"] : row[f"{side}_byte_end"]])
            assert row[f"{side}_post_id"] == f"x:{line['id']}"


def test_people_read_a_sentence_that_accuses_nobody(cases: tuple[Path, Path]) -> None:
    command = ["compare", *map(str, cases), "--limit", "200"]
    answer = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert "account: 200 in both, of 1,000 in A and 1,000 in B" in answer.stdout
    assert "no proof of common hands" in answer.stdout
    assert "x:1000807 (u1000807_1 then u1000807_2)" in answer.stdout
    assert "x:1000808 (u1000808_0)" in answer.stdout


def test_posts_in_both_cases_prove_nothing(cases: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("c", "d"):
        CliRunner().invoke(cli, ["new", str(tmp_path / name)])
        CliRunner().invoke(cli, ["add", str(tmp_path / name), str(cases[0].with_suffix(".jsonl"))])
    with Case.open(tmp_path / "c").view() as c, Case.open(tmp_path / "d").view() as d:
        found = compare(c, d, populations={}, progress=Silent())
    assert found.common_post_count > 1_000
    assert found.shared.num_rows == 0


def test_bad_words_are_refused_with_the_remedy(cases: tuple[Path, Path]) -> None:
    a, b = map(str, cases)
    for words, told in (
        ([a, a], "two cases"),
        ([a, b, "--population", "x=900"], "fewer than the 1,800 accounts"),
        ([a, b, "--population", "telegram=900"], "neither incident has such accounts"),
    ):
        answer = CliRunner().invoke(cli, ["compare", *words])
        assert isinstance(answer.exception, InputError)
        assert told in str(answer.exception)
    answer = CliRunner().invoke(cli, ["compare", a, b, "--population", "x=many"])
    assert answer.exit_code == 2
    assert "PLATFORM=N" in answer.output
