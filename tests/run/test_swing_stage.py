"""The swing gauge in a case: polls in, figures in the report, withheld while a rule runs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import WithheldError
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.audit import audit
from tamis.run.intake import add
from tamis.run.report import write_report
from tamis.run.withhold import withheld_at

POLLS = (
    "pollster,field_start,field_end,sample,macron,le_pen\n"
    "A,2017-05-04,2017-05-05,1000,63,37\n"
    "B,2017-05-03,2017-05-05,1000,62,38\n"
    "C,2017-05-03,2017-05-04,1000,61.5,38.5\n"
    "No date,,,1000,61,39\n"
)
OPEN = "2017-05-05T21:59:59.999999+00:00"  # before the eve begins in Paris
BARRED = ("2017-05-05T22:00:00+00:00", "2017-05-06T12:00:00+00:00", "2017-05-07T17:59:59+00:00")
OVER = "2017-05-07T18:00:00+00:00"


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("swing")
    made = Case.create(
        folder / "case",
        title="t",
        polling_days=(dt.date(2017, 4, 23), dt.date(2017, 5, 7)),
        jurisdictions=("FR",),
        leak_at="2017-05-05T18:35:00+00:00",
    )
    (folder / "polls.csv").write_text(POLLS)
    report = add(made, [folder / "polls.csv"], kind="polls", progress=Silent())
    assert any("3 used" in line or "rejected" in line for line in report.lines())
    list(analyse(made, only=("response",), progress=Silent()))
    return made


def page(case: Case, *moments: str) -> str:
    written = write_report(case, also_at=tuple(map(instant, moments)), progress=Silent())
    return written.path.read_text()


def asked(case: Case, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["show", str(case.path), *arguments])


def test_the_report_prints_figures_that_audit_computes_again(case: Case) -> None:
    html = page(case, OPEN)
    assert "would have to move by 24.3 points" in html
    assert "Saint-Pierre-et-Miquelon" in html
    result = audit(case.path)
    assert result.ok, result.problems
    shown = asked(case, "figure", "--as", "jsonl")
    ids = {json.loads(line)["figure_id"] for line in shown.stdout.splitlines()}
    assert {"swing_needed", "swing_kept", "silence_rules"} <= ids


@pytest.mark.parametrize("moment", BARRED)
def test_a_rule_on_polls_withholds_it_with_the_reason(case: Case, moment: str) -> None:
    page(case)  # an open report stands in the case before
    html = page(case, moment)
    assert "withheld: at 2017-05-0" in html
    assert "Law 77-808" in html
    assert "have to move" not in html
    assert "24.3" not in html
    refused = asked(case, "swing", "--at", moment)
    assert isinstance(refused.exception, WithheldError)
    assert refused.exception.exit_code == 1
    assert not refused.stdout
    figures = asked(case, "figure", "--as", "jsonl", "--at", moment)
    assert "swing" not in figures.stdout
    assert "silence_rules" in figures.stdout
    custody = (case.path / "custody.jsonl").read_text()
    (noted,) = (line for line in custody.splitlines()[-3:] if '"event":"report"' in line)
    assert "withheld: at" in noted


def test_it_is_there_before_and_after(case: Case) -> None:
    for moment in (OPEN, OVER):
        assert "have to move" in page(case, moment)
        shown = asked(case, "swing", "--as", "jsonl", "--at", moment)
        assert shown.exit_code == 0
        assert len(shown.stdout.splitlines()) == 40


def test_each_border_of_the_rule(case: Case) -> None:
    with case.view() as view:
        assert withheld_at(view, [instant(OPEN)]) is None
        for moment in BARRED:
            assert "fr-polls" in (withheld_at(view, [instant(moment)]) or "")
        assert withheld_at(view, [instant(OVER)]) is None
        # The first vote has its own; and one instant of several is enough.
        assert withheld_at(view, [instant(OVER), instant("2017-04-22T10:00:00+00:00")])


def test_a_later_instant_never_lifts_what_the_clock_withholds(tmp_path: Path) -> None:
    today = dt.datetime.now(dt.UTC).date()
    case = Case.create(
        tmp_path / "case", title="t", polling_days=(today,), jurisdictions=("IT", "ZZ")
    )
    # Italy bars polls for the fifteen days before, and until the stations close.
    list(analyse(case, only=("response",), progress=Silent()))
    refused = asked(case, "swing", "--at", OVER)
    assert isinstance(refused.exception, WithheldError)
    assert "it-polls" in str(refused.exception)


def test_a_poll_without_a_date_is_in_the_list_of_what_was_refused(case: Case) -> None:
    shown = asked(case, "rejected", "--as", "jsonl")
    (row,) = (json.loads(line) for line in shown.stdout.splitlines())
    assert "no date of its last day" in row["reason"]
    assert "YYYY-MM-DD" in row["reason"]
