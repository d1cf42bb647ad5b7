"""`tamis silence`: which rules of electoral silence apply at an instant, with their sources."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from tamis.analyses.response.silence import local, window_row
from tamis.errors import FormatError, InputError
from tamis.syntax.silence.reading import read_rules, read_toml, shipped
from tamis.syntax.silence.rules import DOES_NOT_COVER
from tamis.syntax.silence.windows import ANY_TIME, BETWEEN, NOT_ESTABLISHED, Hours, windows_of
from tamis.syntax.visible import escape_json, show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tamis.syntax.silence.rules import Jurisdiction, Rule, RuleBook
    from tamis.syntax.silence.windows import Border, Window

_STATES = ("inside", "unsure", "before", "after", "not_established")
_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: where, about which vote, for which instant, which act and whom."""

    jurisdiction: str
    polling_days: tuple[dt.date, ...]
    moment: dt.datetime
    act: str | None = None
    actor: str | None = None
    hours: Hours = field(default_factory=Hours)


@dataclass(frozen=True, slots=True)
class SilenceAnswer:
    """The windows that answer, those whose rule runs first, and what was asked."""

    asked: Asked
    windows: tuple[Window, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a rule and territory: the columns of `silence_window`, and the state then."""
        day = self.asked.polling_days[-1]
        for one in self.windows:
            asked = {"asked_at": self.asked.moment, "state": one.state(self.asked.moment)}
            yield {**window_row(one, day), **asked}

    def jsonl(self) -> Iterator[str]:
        """The rows as JSON, one a line."""
        for row in self.rows():
            yield escape_json(orjson.dumps(row, option=orjson.OPT_UTC_Z).decode())

    def table(self) -> Iterator[str]:
        """The answer for people, which ends with what it does not cover."""
        asked = self.asked
        days = ", ".join(day.isoformat() for day in asked.polling_days)
        yield f"{asked.jurisdiction}, vote of {days}, at {_utc(asked.moment)}"
        yield ""
        for group in _by_rule(self.windows):
            yield from _rule_lines(group, asked.moment)
            yield ""
        if not self.windows:
            yield "No rule in the file is on this act for this actor: not established."
            yield ""
        yield "Where the file holds no rule, nothing is established either way."
        yield f"This answer does not cover: {'; '.join(DOES_NOT_COVER)}."


def silence(asked: Asked, rules: Path | None = None) -> SilenceAnswer:
    """The windows of the rules that were in force on the polling day.

    Input     `rules` is a file of rules that come before those of tamis
    Errors    InputError for a jurisdiction that is not known, a polling day for which no rule was
              in force, and a file of rules that cannot be used.
    Limits    a rule whose dates are not known is taken to hold, and the answer says so.
    """
    book = shipped() if rules is None else shipped().joined(_read(rules))
    code = asked.jurisdiction
    opens, closes = asked.hours.opens, asked.hours.closes
    if opens is not None and closes is not None and opens >= closes:
        raise InputError("--polls-open, --polls-close: expected to open before they close")
    if code not in book.jurisdictions:
        raise InputError(
            f"--jurisdiction {code}: no rules are known; there are: "
            f"{', '.join(sorted(book.jurisdictions))}; write your own into a file and name it "
            "with --rules"
        )
    try:
        found = list(windows_of(book, code, asked.polling_days, asked.hours))
    except OverflowError:
        raise InputError("--polling-day: expected a day between the years 1 and 9999") from None
    if not found:
        raise InputError(_no_rules(book, asked))
    chosen = [
        one
        for one in found
        if (asked.act is None or one.rule.kind == asked.act)
        and (asked.actor is None or one.rule.binds_actor(asked.actor))
    ]
    chosen.sort(key=lambda one: _STATES.index(one.state(asked.moment)))
    return SilenceAnswer(asked, tuple(chosen))


def read_instant(text: str) -> dt.datetime:
    """An instant with its offset, in UTC.

    Errors    InputError for anything else, a time without its zone above all.
    """
    expected = "expected an instant with its offset, such as 2017-05-05T23:00+02:00"
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--at {text[:60]}: {expected}") from None
    if found.tzinfo is None:
        raise InputError(f"--at {text[:60]}: {expected}; a time without a zone names no instant")
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:
        raise InputError(f"--at {text[:60]}: outside the years 1 to 9999") from None


def read_day(text: str) -> dt.date:
    """A polling day.

    Errors    InputError for anything but a date.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--polling-day {text[:60]}: expected a date such as 2017-05-07") from None


def read_hour(name: str, text: str | None) -> int | None:
    """Minutes of the day.

    Errors    InputError for anything but HH:MM.
    """
    if text is None:
        return None
    try:
        found = dt.datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - an hour of the local day
    except ValueError:
        raise InputError(f"{name} {text[:60]}: expected an hour such as 20:00") from None
    return found.hour * 60 + found.minute


def _read(path: Path) -> RuleBook:
    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError(f"{path}: a file of rules is at most 1 MiB")
    try:
        return read_rules(read_toml(path.read_bytes()), f"file {path.name}")
    except FormatError as problem:
        raise InputError(f"{path}: {problem}; see docs/how-to/silence.md") from None


def _no_rules(book: RuleBook, asked: Asked) -> str:
    days = ", ".join(day.isoformat() for day in asked.polling_days)
    known = [
        f"{rule.rule_id} ({_begins(rule, held)} to {rule.valid_to or 'now'})"
        for held in book.covering(asked.jurisdiction)
        for rule in held.rules
    ]
    return (
        f"--polling-day {days}: no rule of {asked.jurisdiction} is known to have been in force; "
        f"known: {', '.join(known)}; name another day, or add the rule of that time with --rules"
    )


def _begins(rule: Rule, held: Jurisdiction) -> str:
    if rule.valid_from is not None:
        return rule.valid_from
    if rule.law_of is not None:
        return f"a law of {rule.law_of}"
    return f"seen {rule.seen_from or held.as_of or 'at an unknown date'}"


def _by_rule(windows: Sequence[Window]) -> list[list[Window]]:
    found: dict[str, list[Window]] = {}
    for one in windows:
        found.setdefault(f"{one.jurisdiction.code} {one.rule.rule_id}", []).append(one)
    return list(found.values())


def _rule_lines(group: Sequence[Window], moment: dt.datetime) -> Iterator[str]:
    one = group[0]
    rule, held = one.rule, one.jurisdiction
    grade = rule.confidence.get
    yield f"{rule.kind}  {rule.rule_id}  ({held.name})"
    for window in group:
        state = window.state(moment).upper().replace("_", " ")
        doubt = " (if it held then)" if window.currency == "earlier" else ""
        yield f"  {state + doubt:<15} {_span(window)}"
    told = {
        f"on ({grade('covers', 'U')})": rule.covers,
        f"binds ({grade('binds', 'U')})": ", ".join(rule.binds),
        "its text excepts": rule.excepts,
        "online speech": rule.online or "not established",
        f"sanction ({grade('sanction', 'U')})": rule.sanction or "not established",
        "article": rule.article or "not established",
        "source": "; ".join(rule.sources) or "none seen",
        "as of": f"{held.as_of or 'not established'} ({one.currency}), {held.origin}",
        "in force": f"{_since(rule)} to {rule.valid_to or 'no end known'}",
        "history": "; ".join(rule.history) or None,
    }
    for name, value in told.items():
        if value is not None:
            yield f"  {name}: {show_hidden(value)}"
    for caveat in dict.fromkeys(caveat for window in group for caveat in window.caveats):
        yield f"  note: {show_hidden(caveat)}"


def _since(rule: Rule) -> str:
    if rule.valid_from is not None:
        return rule.valid_from
    law = f" (its law is of {rule.law_of})" if rule.law_of else ""
    return f"not established{law}"


def _span(window: Window) -> str:
    grade = window.rule.confidence.get
    zone = window.territory.zone
    start = _shown(window.start, zone)
    end = _shown(window.end, zone)
    days = ", ".join(day.isoformat() for day in window.polling_days)
    place = show_hidden(f"{window.territory.name} ({zone}), polling day {days}")
    return f"{place}: from {start} [{grade('start', 'U')}] to {end} [{grade('end', 'U')}]"


def _shown(border: Border, zone: str) -> str:
    if border.state == NOT_ESTABLISHED or border.low_at is None or border.high_at is None:
        return "any time before" if border.state == ANY_TIME else "(not established)"
    low = f"{_utc(border.low_at)} = {local(border.low_at, zone)}"
    if border.state != BETWEEN:
        return low
    return f"some hour, not established, between {low} and {_utc(border.high_at)}"


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").replace(":00Z", "Z")
