from __future__ import annotations

from pathlib import Path

import pytest

from tamis.case import Case
from tamis.case.settings import Settings, parse, render
from tamis.errors import SettingsError


@pytest.mark.parametrize(
    "line",
    [
        "2016-01-01",
        "2016-02-30..2016-03-01",
        "2016-03-02..2016-03-01",
        "alice 2016-01-01..2016-02-01",
        "a@x.example b@x.example 2016-01-01..2016-02-01",
        "",
    ],
)
def test_a_span_that_says_nothing_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match=r"reference_spans.*2017-04-24"):
        Settings(title="t", reference_spans=(line,))


def test_spans_survive_the_file(tmp_path: Path) -> None:
    spans = ("2016-01-01..2016-01-01", "a@x.example 2016-01-01..2017-04-24")
    path = tmp_path / "case"
    case = Case.create(path, title="t", reference_spans=spans)
    assert case.settings.reference_spans == spans
    assert parse(render(case.settings), path) == case.settings
