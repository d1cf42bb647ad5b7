"""The swing gauge: worked by hand, against chance, and on the polls of 2016 and 2017."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tamis.analyses.response.swing import errors, regions
from tamis.analyses.response.swing.averages import average, matchup, questions
from tamis.analyses.response.swing.gauge import EFFECTS, gauge, left_out
from tamis.analyses.response.swing.tails import TAILS, below, middles
from tamis.registry import Source
from tamis.sources.context.polls import READER

Rows = list[dict[str, Any]]
ROOT = Path(__file__).resolve().parents[3]


def polls(text: str | bytes) -> Rows:
    data = text if isinstance(text, bytes) else text.encode()
    read = READER.read(io.BytesIO(data), Source("f", "polls.csv", len(data)))
    return [row for part in read if "poll" in part for row in part["poll"].to_pylist()]


def table(*lines: str) -> Rows:
    return polls("pollster,state,population,field_end,red,blue\n" + "\n".join(lines) + "\n")


def settings(*days: str, where: str = "FR", leak_at: str = "") -> dict[str, Any]:
    return {"polling_days": days, "jurisdictions": (where,), "leak_at": leak_at}


def one_row(rows: Rows, **wanted: object) -> dict[str, Any]:
    (found,) = (row for row in rows if all(row[name] == value for name, value in wanted.items()))
    return found


def test_the_tails_by_their_densities() -> None:
    """Numerically integrated, not by the closed form."""
    grid = np.linspace(-400, 400, 8_000_001)
    density = 2 / (math.pi * math.sqrt(3)) / (1 + grid**2 / 3) ** 2
    summed = np.cumsum(density) * (grid[1] - grid[0])
    for value in (-3.0, -1.0, 0.0, 0.5, 2.583, 3.083):
        place = int(np.searchsorted(grid, value))
        assert below("t3", value) == pytest.approx(float(summed[place]), abs=1e-4)
    assert below("normal", 1.959964) == pytest.approx(0.975, abs=1e-7)
    for tail in TAILS:
        found = middles(tail, 101)
        assert found[50] == pytest.approx(0, abs=1e-12)
        assert np.all(np.diff(found) > 0)
        assert below(tail, float(found[0])) == pytest.approx(0.5 / 101)


def test_a_mean_of_the_last_poll_of_each_pollster() -> None:
    rows = table(
        "A,,,2030-05-05,52,40",
        "A,,,2030-05-04,40,52",
        "B,,,2030-05-03,50,44",
        "C,,,2030-05-03,51,46",
        "D,,,2030-05-01,20,80",
    )
    asked, pair = matchup(questions(rows), dt.date(2030, 5, 7), is_runoff=True)
    assert pair == ("blue", "red")
    mean = average(asked, pair, dt.date(2030, 5, 7))
    assert mean is not None
    assert mean.margin == pytest.approx(-(12 + 6 + 5) / 3)
    assert (mean.pollsters, mean.span_days) == (("A", "B", "C"), 3)
    before = average(asked, pair, dt.date(2030, 5, 3))
    assert before is not None
    # The last poll of A that ended by then is none; D makes three pollsters only within 3 days.
    assert before.pollsters == ("B", "C", "D")


def test_parts_of_the_population_are_left_out_and_voters_come_first() -> None:
    rows = table(
        "A,,Likely Voters - Democrat,2030-05-05,5,90",
        "A,,Registered Voters,2030-05-05,40,50",
        "A,,Likely Voters,2030-05-05,50,40",
    )
    (row, *_) = gauge(rows, settings("2030-05-07"))
    assert (row["leader"], row["margin_points"]) == ("red", pytest.approx(10))


def test_the_gauge_worked_by_hand() -> None:
    rows = gauge(
        table("A,,,2030-05-04,50,45", "B,,,2030-05-04,50,45", "C,,,2030-05-04,50,45"),
        settings("2030-05-07"),
    )
    assert {row["effect_points"] for row in rows} == set(EFFECTS)
    assert 0 in EFFECTS, "a range of effects holds none"
    row = one_row(rows, spread="wide", tail="normal", effect_points=0)
    assert row["kept_share"] == pytest.approx(0.5 * math.erfc(-5 / 8 / math.sqrt(2)))
    row = one_row(rows, spread="history", tail="normal", effect_points=1)
    assert (row["spread_points"], row["days_left"]) == (3.25, 3)
    assert row["kept_share"] == pytest.approx(0.5 * math.erfc(-4 / 3.25 / math.sqrt(2)))
    assert "by 5.0 points" in row["sentence"]
    assert "would not close it" in row["sentence"]


def test_the_second_place_decides_before_a_later_vote() -> None:
    text = (
        "pollster,field_end,red,blue,green\nA,2030-04-20,40,22,20\nB,2030-04-20,40,22,20\n"
        "C,2030-04-20,40,22,20\nA,2030-05-04,55,45,\nB,2030-05-04,55,45,\n"
    )
    days = ("2030-04-21", "2030-05-07")
    first = gauge(polls(text), settings(*days, leak_at="2030-04-19T12:00:00+00:00"))
    assert {(row["leader"], row["runner_up"]) for row in first} == {("blue", "green")}
    assert {row["moment"] for row in first} == {"last"}, "no poll ended before the leak"
    assert "for the second place" in first[0]["sentence"]
    last = gauge(polls(text), settings(*days))
    assert {(row["leader"], row["vote_day"]) for row in last} == {("red", "2030-05-07")}
    assert last[0]["margin_points"] == pytest.approx(10)


def test_no_polls_on_the_vote_give_no_row() -> None:
    rows = table("A,,,2029-01-01,50,45")
    assert gauge(rows, settings("2030-05-07")) == []
    assert gauge(rows, settings()) == []
    assert gauge([], settings("2030-05-07")) == []


def test_a_history_that_does_not_reach_so_far_is_not_used() -> None:
    rows = gauge(table("A,,,2030-04-16,50,45"), settings("2030-05-07"))
    assert {row["spread"] for row in rows} == {"history", "wide"}
    assert [one.name for one in errors.spreads(22)] == ["wide"]


def test_regions_against_chance() -> None:
    """The convolution beside 200,000 draws of the same errors."""
    margin = {"A": 4.0, "B": -1.0, "C": 1.0, "D": -6.0, "E": 0.5}
    electors = {"A": 10, "B": 7, "C": 12, "D": 9, "E": 3}
    dice = np.random.default_rng(7)
    names = sorted(margin)
    lead = np.array([margin[name] for name in names])
    weight = np.array([electors[name] for name in names])
    for tail in TAILS:
        for effect in (0.0, 2.0):
            count = 200_000
            shared = (
                dice.standard_normal(count) if tail == "normal" else dice.standard_t(3, count)
            ) * 3.5
            own = dice.standard_normal((count, len(names))) * 4
            won = ((lead - effect + shared[:, None] + own) > 0) @ weight
            drawn = float((won > weight.sum() / 2).mean())
            exact = regions.kept_share(margin, electors, (3.5, 4.0), tail, effect)
            assert exact == pytest.approx(drawn, abs=0.005)


def test_electors_are_all_there() -> None:
    for year in (2012, 2016, 2020):
        assert sum(regions.weights("US", year).values()) == 538
    assert regions.weights("US", 2024) == {}
    assert regions.weights("FR", 2016) == {}


def _response(shared_data: Path, name: str) -> Rows:
    return polls((shared_data / "response" / name).read_bytes())


@pytest.mark.shared_data
def test_france_2017(shared_data: Path) -> None:
    rows = gauge(
        _response(shared_data, "fr2017/second_round_polls.csv"),
        settings("2017-04-23", "2017-05-07", leak_at="2017-05-05T18:35:00+00:00"),
    )
    wide = {"moment": "last", "spread": "wide"}
    row = one_row(rows, **wide, tail="normal", effect_points=0)
    assert (row["leader"], row["runner_up"]) == ("macron", "le_pen")
    assert row["margin_points"] == pytest.approx(24.7, abs=0.1)
    assert len(row["pollsters"]) == 6
    kept = {
        (tail, effect): one_row(rows, **wide, tail=tail, effect_points=effect)["kept_share"]
        for tail in TAILS
        for effect in (0, 4)
    }
    assert kept == {
        ("normal", 0): pytest.approx(0.9990, abs=5e-5),
        ("normal", 4): pytest.approx(0.9951, abs=5e-5),
        ("t3", 0): pytest.approx(0.973, abs=5e-4),
        ("t3", 4): pytest.approx(0.959, abs=5e-4),
    }


@pytest.mark.shared_data
def test_the_regions_of_2016_fall_by_what_was_published(shared_data: Path) -> None:
    """A tenth, as in the published simulation of the fifty-one: .871 to .764, and .82 to .72."""
    rows = gauge(
        _response(shared_data, "us2016/economist_all_polls_2016.csv"),
        settings("2016-11-08", where="US", leak_at="2016-10-28T17:00:00+00:00"),
    )
    for spread, before, after in (("history", 0.871, 0.764), ("wide", 0.82, 0.72)):
        found = {
            moment: one_row(
                rows, moment=moment, scope="regions", spread=spread, tail="normal", effect_points=0
            )
            for moment in ("before_leak", "last")
        }
        first, last = (found[name]["kept_share"] for name in ("before_leak", "last"))
        assert first - last == pytest.approx(before - after, abs=0.02)
        assert first == pytest.approx(before, abs=0.03)
        assert last == pytest.approx(after, abs=0.03)
        assert found["last"]["bare_regions"] == ["DC"]


@pytest.mark.shared_data
def test_the_shipped_errors_come_out_of_their_source_again(shared_data: Path) -> None:
    source = shared_data / "response/polls_history/fte_raw_polls_2023.csv"
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/poll_errors.py"), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_shipped_errors_are_those_that_were_measured() -> None:
    race = errors.table()["races"]["Pres-G"]
    assert (race["average_rmse"], race["poll_rmse"], race["race_count"]) == (4.57, 5.2, 229)
    assert [span["poll_rmse"] for span in race["spans"]] == [4.24, 4.99, 5.43, 5.55]
    assert json.dumps(errors.table()).count("CC BY 4.0") == 1


def test_two_equal_questions_of_one_poll_count_by_their_mean() -> None:
    """Before, the hash of their rows chose one of them."""
    lines = ("A,,,2030-05-05,50,40", "A,,,2030-05-05,46,40", "B,,,2030-05-05,50,44")
    for order in (lines, lines[::-1]):
        rows = gauge(table(*order), settings("2030-05-07"))
        assert all(row["margin_points"] == pytest.approx((8 + 6) / 2) for row in rows)
        assert rows[0]["pollsters"] == ["A", "B"]


def test_a_tie_is_called_one() -> None:
    (row, *_) = gauge(table("A,,,2030-05-05,45,45"), settings("2030-05-07"))
    assert row["margin_points"] == 0
    assert row["sentence"].startswith("The last polls show a tie between blue and red: no swing")
    assert "would decide it" in row["sentence"]


@pytest.mark.parametrize(
    ("line", "days", "told"),
    [
        ("A,,,2030-05-08,50,40", ("2030-05-07",), "1 of 1 questions were asked after the vote"),
        ("A,,,2030-01-08,50,40", ("2030-05-07",), "no poll ended in the 21 days before the vote"),
        ("A,FL,,2030-05-05,50,40", ("2030-05-07",), "is of the whole: all are of regions"),
        ("A,,,2030-05-05,50,40", (), "the case states no polling_days"),
        ("A,,,2030-05-05,50,40", ("2030-05-07",), None),
    ],
)
def test_polls_that_say_nothing_on_the_vote_are_told(
    line: str, days: tuple[str, ...], told: str | None
) -> None:
    rows = table(line)
    found = left_out(rows, settings(*days))
    assert (told in found) if told and found else (found is told)
    assert bool(gauge(rows, settings(*days))) == (told is None)


def test_questions_on_a_later_vote_do_not_hide_those_on_this_one() -> None:
    """Before, more questions between two gave no gauge for the first vote, and no reason."""
    head = "pollster,field_end,tour,red,blue,green\n"
    first = "".join(f"P{n},2030-04-08,1,30,24,20\n" for n in range(3))
    second = "".join(f"P{n},2030-04-0{day},2,52,48,\n" for n in range(3) for day in (6, 7, 8))
    rows = gauge(
        polls(head + first + second),
        settings("2030-04-10", "2030-04-24", leak_at="2030-04-09T10:00:00+00:00"),
    )
    row = one_row(rows, moment="last", spread="wide", tail="normal", effect_points=0)
    assert (row["vote_day"], row["leader"], row["runner_up"]) == ("2030-04-10", "blue", "green")
    assert row["margin_points"] == pytest.approx(4)
    assert "for the second place" in row["sentence"]


def test_no_gauge_always_has_a_reason() -> None:
    rows = polls("pollster,field_end,tour,red,blue\nP,2030-04-08,2,52,48\n")
    asked = settings("2030-04-10", "2030-04-24", leak_at="2030-04-09T10:00:00+00:00")
    assert gauge(rows, asked) == []
    assert "of more than two candidates" in (left_out(rows, asked) or "")
