"""The rules of a file of electoral silence, read strictly: every problem is named at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tamis.errors import FormatError
from tamis.syntax.silence.rules import (
    ACTORS,
    ANCHORS,
    CLOCKS,
    EVERYONE,
    GRADED,
    GRADES,
    KINDS,
    SHIPPED,
    WEEKDAYS,
    Anchor,
    Jurisdiction,
    Rule,
    RuleBook,
    Territory,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Checks = Mapping[str, Callable[[str], object]]

SCHEMA = 1
_FILE = files("tamis.syntax.silence").joinpath("rules.toml")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9-]{0,30}")
_RULE_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,60}")
_MOST_DAYS, _MOST_HOURS, _LONGEST = 400, 24 * 60, 2_000
_JURISDICTION: _Checks = {
    "code": _CODE.fullmatch,
    "name": str.strip,
    "as_of": _DAY.fullmatch,
    "zone": str.strip,
    "authority": str.strip,
    "part_of": _CODE.fullmatch,
}
_RULE_TEXTS: _Checks = {
    "id": _RULE_ID.fullmatch,
    "kind": KINDS.__contains__,
    "covers": str.strip,
    "excepts": str.strip,
    "online": str.strip,
    "sanction": str.strip,
    "article": str.strip,
    "note": str.strip,
    "valid_from": _DAY.fullmatch,
    "valid_to": _DAY.fullmatch,
    "law_of": _DAY.fullmatch,
    "seen_from": _DAY.fullmatch,
}
_ANCHOR_TEXTS: _Checks = {
    "at": ANCHORS.__contains__,
    "time": _TIME.fullmatch,
    "weekday": WEEKDAYS.__contains__,
    "clock": CLOCKS.__contains__,
    "voting_day": ("first", "last").__contains__,
    "note": str.strip,
}
_TERRITORY_TEXTS: _Checks = {
    "name": str.strip,
    "zone": str.strip,
    "opens": _TIME.fullmatch,
    "closes": _TIME.fullmatch,
}


@cache
def shipped_hash() -> str:
    """The SHA-256 of the file that comes with tamis."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()


@cache
def shipped() -> RuleBook:
    """The rules that come with tamis."""
    return read_rules(read_toml(_FILE.read_bytes()))


def read_toml(data: bytes) -> dict[str, Any]:
    """What a file of rules states, not looked at yet.

    Errors    FormatError when it is no TOML.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
        raise FormatError(f"expected rules of silence as TOML: {problem}") from None


def read_rules(told: Mapping[str, Any], origin: str = SHIPPED) -> RuleBook:
    """The jurisdictions that a file states.

    Errors    FormatError with every problem found, each with its place in the file.
    """
    trouble: list[str] = []
    if told.get("schema") != SCHEMA:
        trouble.append(f"expected schema = {SCHEMA}")
    entries = told.get("jurisdiction")
    if not isinstance(entries, list) or not entries:
        trouble.append("expected at least one [[jurisdiction]]")
        entries = []
    book: dict[str, Jurisdiction] = {}
    for number, entry in enumerate(entries, 1):
        made = _jurisdiction(_Entry(f"jurisdiction {number}", entry, trouble), origin)
        if made.code in book:
            trouble.append(f"{made.code} stands twice; join the two")
        book[made.code] = made
    for one in book.values():
        trouble += _alone(one)
    if trouble:
        raise FormatError("; ".join(trouble[:20]))
    return RuleBook(MappingProxyType(book))


class _Entry:
    """One table of the file: its values by name, each looked at, problems gathered."""

    def __init__(self, place: str, value: Any, trouble: list[str]) -> None:
        self.place = place
        self.trouble = trouble
        if not isinstance(value, dict):
            self.miss("expected a table")
            value = {}
        self.values: dict[str, Any] = value
        self.used: set[str] = set()

    def miss(self, what: str) -> None:
        self.trouble.append(f"{self.place}: {what}")

    def texts(self, checks: _Checks) -> dict[str, str]:
        """The texts that are there and fit."""
        found = {}
        for name, check in checks.items():
            self.used.add(name)
            value = self.values.get(name)
            if value is None:
                continue
            if not isinstance(value, str) or len(value) > _LONGEST or not check(value):
                self.miss(f"{name} = {str(value)[:60]!r} is not of the form expected")
                continue
            found[name] = value
        return found

    def many(self, name: str) -> tuple[str, ...]:
        self.used.add(name)
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.miss(f"{name}: expected a list of texts")
            return ()
        return tuple(value)

    def number(self, name: str, most: float) -> float:
        self.used.add(name)
        value = self.values.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
            self.miss(f"{name}: expected a number of at most {most:,}")
            return 0
        return value

    def below(self, name: str) -> Any:
        self.used.add(name)
        return self.values.get(name)

    def need(self, found: Mapping[str, object], *names: str) -> None:
        for name in names:
            if name not in found:
                self.miss(f"{name} is missing")

    def end(self) -> None:
        for name in sorted(self.values.keys() - self.used):
            self.miss(f"{name[:60]!r} is not known here")


def _jurisdiction(entry: _Entry, origin: str) -> Jurisdiction:
    found = entry.texts(_JURISDICTION)
    entry.need(found, "code", "name", "zone")
    entry.place = found.get("code", entry.place)
    _check_zone(entry, found.get("zone"))
    places = entry.below("territories") or []
    rules = entry.below("rule") or []
    if not isinstance(places, list) or not places:
        entry.miss("expected at least one of territories")
        places = []
    if not isinstance(rules, list) or not rules:
        entry.miss("expected at least one [[jurisdiction.rule]]")
        rules = []
    made = Jurisdiction(
        code=found.get("code", entry.place),
        name=found.get("name", ""),
        zone=found.get("zone", "UTC"),
        territories=tuple(
            _territory(_Entry(f"{entry.place}, territory {n}", one, entry.trouble))
            for n, one in enumerate(places, 1)
        ),
        rules=tuple(
            _rule(_Entry(f"{entry.place}, rule {n}", one, entry.trouble))
            for n, one in enumerate(rules, 1)
        ),
        as_of=found.get("as_of"),
        authority=found.get("authority"),
        includes=entry.many("includes"),
        part_of=found.get("part_of"),
        origin=origin,
    )
    entry.end()
    return made


def _territory(entry: _Entry) -> Territory:
    found = entry.texts(_TERRITORY_TEXTS)
    entry.need(found, "name", "zone")
    _check_zone(entry, found.get("zone"))
    made = Territory(
        name=found.get("name", ""),
        zone=found.get("zone", "UTC"),
        days=int(entry.number("days", 3)),
        opens=_minutes(found.get("opens")),
        closes=_minutes(found.get("closes")),
        seen=entry.many("seen"),
    )
    entry.end()
    return made


def _rule(entry: _Entry) -> Rule:
    found = entry.texts(_RULE_TEXTS)
    entry.need(found, "id", "kind", "covers")
    entry.place = found.get("id", entry.place)
    for name in ("valid_from", "valid_to", "law_of", "seen_from"):
        if name in found and first_day(found[name]) is None:
            entry.miss(f"{name} = {found[name]!r} is no date")
    binds = entry.many("binds")
    for actor in binds:
        if actor not in (*ACTORS, EVERYONE):
            entry.miss(f"binds: {actor[:40]!r} is none of {', '.join((*ACTORS, EVERYONE))}")
    grades = entry.below("confidence")
    if not isinstance(grades, dict) or not grades:
        entry.miss('confidence is missing, such as { start = "A", end = "B" }')
        grades = {}
    for name, grade in grades.items():
        if name not in GRADED or grade not in GRADES:
            entry.miss(f"confidence: {name[:40]} = {str(grade)[:40]!r} is not known")
    is_polls = entry.below("is_polls")
    if is_polls not in (None, True, False):
        entry.miss("is_polls: expected true or false")
    made = Rule(
        rule_id=found.get("id", ""),
        kind=found.get("kind", KINDS[0]),
        covers=found.get("covers", ""),
        binds=binds,
        start=_anchor(entry, "start"),
        end=_anchor(entry, "end"),
        confidence=MappingProxyType({str(k): str(v) for k, v in grades.items()}),
        sources=entry.many("sources"),
        is_polls=bool(is_polls) or found.get("kind") == "polls",
        **{name: found.get(name) for name in _RULE_TEXTS if name not in {"id", "kind", "covers"}},
        history=entry.many("history"),
    )
    entry.end()
    return made


def _anchor(above: _Entry, name: str) -> Anchor | None:
    value = above.below(name)
    if value is None:
        return None
    entry = _Entry(f"{above.place}, {name}", value, above.trouble)
    found = entry.texts(_ANCHOR_TEXTS)
    entry.need(found, "at")
    if found.get("at") == "weekday" and "weekday" not in found:
        entry.miss("a weekday is missing")
    if found.get("at") == "any" and name == "end":
        entry.miss("an end cannot be at any time; leave it out where it is not established")
    made = Anchor(
        at=found.get("at", "day"),
        days=int(entry.number("days", _MOST_DAYS)),
        hours=float(entry.number("hours", _MOST_HOURS)),
        minutes=_minutes(found.get("time")),
        weekday=WEEKDAYS.index(found["weekday"]) if "weekday" in found else None,
        clock=found.get("clock", "local"),
        voting_day=found.get("voting_day", "last"),
        note=found.get("note"),
    )
    entry.end()
    return made


def _alone(one: Jurisdiction) -> list[str]:
    """What stands twice within a jurisdiction."""
    names = [rule.rule_id for rule in one.rules]
    places = [place.name for place in one.territories]
    return [
        f"{one.code}: {name!r} stands twice"
        for found in (names, places)
        for name in sorted({name for name in found if found.count(name) > 1})
    ]


def _check_zone(entry: _Entry, name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        entry.miss(f"zone {name[:60]!r} is no IANA name such as Europe/Paris")


def _minutes(time: str | None) -> int | None:
    return None if time is None else int(time[:2]) * 60 + int(time[3:])


def first_day(text: str) -> dt.date | None:
    """The first day of a date, a month or a year; None when it is none."""
    parts = text.split("-")
    try:
        numbers = [int(part) for part in parts]
        return dt.date(numbers[0], *[*numbers[1:], 1, 1][:2])
    except (ValueError, TypeError):
        return None


def last_day(text: str) -> dt.date | None:
    """The last day of a date, a month or a year; None when it is none."""
    first = first_day(text)
    if first is None or len(text) == 10:
        return first
    if len(text) == 4:
        return dt.date(first.year, 12, 31)
    return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
