"""The file of rules that comes with tamis, row by row, and what a wrong one is told."""

from __future__ import annotations

import copy
import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import tamis
from tamis.errors import FormatError
from tamis.syntax.silence.reading import first_day, last_day, read_rules, read_toml, shipped
from tamis.syntax.silence.rules import ACTORS, GRADED, GRADES, KINDS, Jurisdiction, Rule

FILE = Path(tamis.__file__).parent / "syntax/silence/rules.toml"
RAW: dict[str, Any] = tomllib.loads(FILE.read_text())
LAWS = {"es-polls": "LOREG", "il-campaign": "1959", "pt-campaign": "14/79"}
ROWS = [(held, rule) for held in shipped().jurisdictions.values() for rule in held.rules]


def test_the_file_holds_every_rule_once() -> None:
    assert len(shipped().jurisdictions) == 30
    assert len(ROWS) == 51
    assert len({rule.rule_id for _, rule in ROWS}) == 51


@pytest.mark.parametrize(("held", "rule"), ROWS, ids=[rule.rule_id for _, rule in ROWS])
def test_each_rule_says_what_it_is_and_where_that_stands(held: Jurisdiction, rule: Rule) -> None:
    assert rule.rule_id.startswith(held.code.split("-", maxsplit=1)[0].lower() + "-")
    assert rule.kind in KINDS
    assert rule.covers.strip() == rule.covers
    assert set(rule.binds) <= {*ACTORS, "everyone"}
    assert rule.confidence, "a grade for one field at least"
    assert set(rule.confidence) <= set(GRADED)
    assert set(rule.confidence.values()) <= set(GRADES)
    # What nobody has seen needs no source, everything else does.
    assert rule.sources or set(rule.confidence.values()) == {"U"}
    for source in rule.sources:
        assert re.fullmatch(r"https?://[^\s]+", source), source
    # A border that is graded as known is there, and one that is not there is not graded so.
    for name, anchor in (("start", rule.start), ("end", rule.end)):
        if anchor is None:
            assert rule.confidence.get(name, "U") == "U"
    begins = first_day(rule.valid_from) if rule.valid_from else dt.date.min
    ends = last_day(rule.valid_to) if rule.valid_to else dt.date.max
    assert begins is not None
    assert ends is not None
    assert begins < ends
    assert rule.article or rule.note
    # The year of the law stands in what is cited; the three of the French code are of its first.
    if rule.law_of and rule.law_of != "1964":
        assert rule.law_of in (rule.article or "") or LAWS[rule.rule_id] in (rule.article or "")
    for told in (rule.law_of, rule.seen_from):
        assert told is None or rule.valid_from is None, "only where the beginning is not known"
    dates = [first_day(one) for one in (rule.law_of, rule.seen_from, held.as_of) if one]
    assert dates == sorted(dates, key=str)


@pytest.mark.parametrize("held", shipped().jurisdictions.values(), ids=lambda held: held.code)
def test_each_jurisdiction_has_territories_by_the_zone_database(held: Jurisdiction) -> None:
    assert held.zone in {one.zone for one in held.territories} or held.part_of
    for place in held.territories:
        assert ZoneInfo(place.zone).key == place.zone
        assert (place.days == 0) == (not place.seen)
    for code in (*held.includes, *((held.part_of,) if held.part_of else ())):
        assert code in shipped().jurisdictions
    assert held.as_of is None or first_day(held.as_of) is not None


def test_months_and_years_have_a_first_and_a_last_day() -> None:
    assert first_day("2024") == dt.date(2024, 1, 1)
    assert last_day("2024") == dt.date(2024, 12, 31)
    assert first_day("2024-02") == dt.date(2024, 2, 1)
    assert last_day("2024-02") == dt.date(2024, 2, 29)
    assert last_day("2024-12") == dt.date(2024, 12, 31)
    assert first_day("2024-02-30") is None
    assert last_day("2024-13") is None


def _one() -> dict[str, Any]:
    held = copy.deepcopy(next(one for one in RAW["jurisdiction"] if one["code"] == "PL"))
    return {"schema": 1, "jurisdiction": [held]}


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("schema", 2, "expected schema = 1"),
        ("jurisdiction", [], "at least one"),
        ("jurisdiction.0.code", "pl", "code = 'pl'"),
        ("jurisdiction.0.zone", "Mars/Olympus", "no IANA name"),
        ("jurisdiction.0.territories.0.zone", "Europe/Pariss", "no IANA name"),
        ("jurisdiction.0.territories", [], "at least one of territories"),
        ("jurisdiction.0.extra", 1, "'extra' is not known here"),
        ("jurisdiction.0.rule.0.kind", "gag", "kind = 'gag'"),
        ("jurisdiction.0.rule.0.binds", ["robots"], "'robots' is none of"),
        ("jurisdiction.0.rule.0.start.at", "noon", "at = 'noon'"),
        ("jurisdiction.0.rule.0.start.time", "25:00", "time = '25:00'"),
        ("jurisdiction.0.rule.0.start.time", "00:00:00", "time = '00:00:00'"),
        ("jurisdiction.0.rule.0.start.days", True, "days: expected a number"),
        ("jurisdiction.0.rule.0.start.days", 1e9, "days: expected a number"),
        ("jurisdiction.0.rule.0.start.days", float("nan"), "days: expected a number"),
        ("jurisdiction.0.rule.0.start.at", "weekday", "a weekday is missing"),
        ("jurisdiction.0.rule.0.end", {"at": "any"}, "an end cannot be at any time"),
        ("jurisdiction.0.rule.0.valid_from", "2024-02-31", "is no date"),
        ("jurisdiction.0.rule.0.confidence", {"start": "Z"}, "confidence: start = 'Z'"),
        ("jurisdiction.0.rule.0.confidence", {}, "confidence is missing"),
        ("jurisdiction.0.rule.0.id", "pl-polls", "'pl-polls' stands twice"),
        ("jurisdiction.0.rule.0.sources", "https://x.example", "sources: expected a list"),
        ("jurisdiction.0.rule.0.is_polls", "yes", "is_polls: expected true or false"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: str, value: object, told: str) -> None:
    file = _one()
    read_rules(file)
    *steps, last = path.split(".")
    here: Any = file
    for step in steps:
        here = here[int(step) if step.isdecimal() else step]
    here[last] = value
    with pytest.raises(FormatError, match=re.escape(told)):
        read_rules(file)


def test_every_problem_of_a_file_is_told_at_once() -> None:
    file = _one()
    file["jurisdiction"][0]["rule"][0]["kind"] = "gag"
    file["jurisdiction"][0]["rule"][1]["binds"] = ["robots"]
    with pytest.raises(FormatError, match=r"(?s)gag.*robots"):
        read_rules(file)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"schema = ", b"[" * 100_000])
def test_what_is_no_toml_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="as TOML"):
        read_toml(data)
