"""When each rule of silence begins and ends on a polling day, by the clock of each territory."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax.silence.clocks import instant
from tamis.syntax.silence.reading import first_day, last_day
from tamis.syntax.silence.rules import Territory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.syntax.silence.rules import Anchor, Jurisdiction, Rule, RuleBook

# How much older than the polling day the newest source of a rule may be before it is called stale.
STALE_AFTER = dt.timedelta(days=730)
# How long before its oldest source a rule may have held whose beginning and law have no date. Most
# laws on elections that are cited with a date were made within so long of their sources.
_FARTHEST_BACK = dt.timedelta(days=25 * 366)
_CHANGED = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?): (.+)")
_DAY = 24 * 60
KNOWN, BETWEEN, ANY_TIME, NOT_ESTABLISHED = "known", "between", "any_time", "not_established"


@dataclass(frozen=True, slots=True)
class Hours:
    """When stations open and close, in minutes of the day, where the asker knows it."""

    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Border:
    """Where a window begins or ends: an instant, or the span in which it must lie.

    `state` is known, between (low and high are the span), any_time or not_established.
    """

    state: str
    low_at: dt.datetime | None = None
    high_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One rule in one territory on one polling day."""

    jurisdiction: Jurisdiction
    territory: Territory
    rule: Rule
    polling_days: tuple[dt.date, ...]
    start: Border
    end: Border
    currency: str
    caveats: tuple[str, ...]

    def state(self, moment: dt.datetime) -> str:
        """before, inside, after, or what else is known of an instant: unsure, not_established."""
        after = _passed(self.end, moment)
        if after is True:
            return "after"
        begun = _passed(self.start, moment)
        if begun is False:
            return "before"
        if begun is None or after is None:
            is_known = begun is not None or self.start.state == BETWEEN
            is_ending = after is not None or self.end.state == BETWEEN
            return "unsure" if is_known and is_ending else "not_established"
        return "inside"


def _passed(border: Border, moment: dt.datetime) -> bool | None:
    """Whether a border has been passed; None where nobody can say."""
    if border.state == ANY_TIME:
        return True
    if border.low_at is None or border.high_at is None:
        return None
    if moment >= border.high_at:
        return True
    return False if moment < border.low_at else None


def windows(
    held: Jurisdiction, polling_days: Sequence[dt.date], hours: Hours | None = None
) -> Iterator[Window]:
    """The windows of all rules that held then, for each territory.

    Input     `polling_days` are the days of one vote, national ones, in any order
    Missing   a rule that was not in force on the (last) day gives no window
    Errors    OverflowError outside the years 1 to 9999.
    """
    days = tuple(sorted(polling_days))
    for rule in held.rules:
        if not held_on(rule, days[-1], held):
            continue
        for place in (national(held),) if is_national(rule) else held.territories:
            vote = _Vote(held, place, days, hours or Hours())
            yield Window(
                jurisdiction=held,
                territory=place,
                rule=rule,
                polling_days=vote.days_at(place),
                start=vote.border(rule.start),
                end=vote.border(rule.end),
                currency=currency(held, days[-1], rule),
                caveats=tuple(_caveats(held, place, rule, days)),
            )


def windows_of(
    book: RuleBook, code: str, polling_days: Sequence[dt.date], hours: Hours | None = None
) -> Iterator[Window]:
    """The windows of a jurisdiction, of those that belong to it, and the national ones above it."""
    above = book.jurisdictions[code].part_of
    for held in book.covering(code):
        for one in windows(held, polling_days, hours):
            if held.code != above or is_national(one.rule):
                yield one


def is_national(rule: Rule) -> bool:
    """Whether the borders of a rule are the same instants for every territory."""
    return all(
        anchor is None or anchor.at == "any" or anchor.clock in {"national", "last"}
        for anchor in (rule.start, rule.end)
    )


def national(held: Jurisdiction) -> Territory:
    """The whole of a jurisdiction, by its national clock."""
    same = [one for one in held.territories if one.zone == held.zone]
    hours = (same[0].opens, same[0].closes) if same else (None, None)
    return Territory(held.name, held.zone, 0, *hours)


def held_on(rule: Rule, day: dt.date, held: Jurisdiction) -> bool:
    """Whether a rule was in force on a day, as far as its dates say.

    Limits    a rule without a known beginning is taken to hold since the date of its law, and where
              that is not known either, for 25 years before its oldest source.
    """
    begins = _day_of(rule.valid_from) or _day_of(rule.law_of)
    if begins is None and (shown := _shown_from(rule, held)) is not None:
        begins = shown - _FARTHEST_BACK
    ends = last_day(rule.valid_to) if rule.valid_to else None
    # A rule that was replaced on a day no longer holds on that day.
    is_exact = rule.valid_to is not None and len(rule.valid_to) == 10
    over = ends is not None and (day >= ends if is_exact else day > ends)
    return (begins is None or begins <= day) and not over


def currency(held: Jurisdiction, day: dt.date, rule: Rule | None = None) -> str:
    """current; stale or earlier where the sources are too far from that day; undated without any.

    Limits    says nothing of whether the rule was changed since.
    """
    seen = _day_of(held.as_of)
    if seen is None:
        return "undated"
    if day - seen > STALE_AFTER:
        return "stale"
    if rule is None or rule.valid_from is not None:
        return "current"
    shown = _shown_from(rule, held)
    return "earlier" if shown is not None and shown - day > STALE_AFTER else "current"


def _day_of(text: str | None) -> dt.date | None:
    return first_day(text) if text else None


def _shown_from(rule: Rule, held: Jurisdiction) -> dt.date | None:
    """The date of the oldest source that shows a rule, as far as it is known."""
    return _day_of(rule.seen_from) or _day_of(held.as_of)


def _caveats(
    held: Jurisdiction, place: Territory, rule: Rule, days: Sequence[dt.date]
) -> Iterator[str]:
    state = currency(held, days[-1], rule)
    if state == "stale":
        yield (
            f"stale: the newest source is of {held.as_of}, more than {STALE_AFTER.days} days "
            "before the polling day; the rule may have changed"
        )
    elif state == "undated":
        yield "the date of the newest source is not established"
    elif state == "earlier":
        yield (
            f"earlier: the oldest source that shows it is of {rule.seen_from or held.as_of}, more "
            f"than {STALE_AFTER.days} days after the polling day; that it held then is not "
            "established"
        )
    seen = last_day(held.as_of) if held.as_of else None
    if rule.valid_from is None and seen is not None and days[0] < seen:
        law = f"; its law is of {rule.law_of}" if rule.law_of else ""
        shown = f"seen from {rule.seen_from} to" if rule.seen_from else "seen as of"
        yield f"{shown} {held.as_of}{law}; since when it has been in force is not established"
    yield from _changes_after(rule, days[-1])
    if place.days and not set(place.seen).intersection(day.isoformat() for day in days):
        yield (
            "that this territory votes on another day is known for the vote of "
            f"{', '.join(place.seen) or 'no day'} only; not established for this one"
        )
    for name, anchor in (("start", rule.start), ("end", rule.end)):
        if anchor is not None and anchor.clock == "unstated" and len(held.territories) > 1:
            yield f"the source does not say whose clock decides the {name}; this is the local one"
        if anchor is not None and anchor.note:
            yield f"{name}: {anchor.note}"
    if rule.note:
        yield rule.note


def _changes_after(rule: Rule, day: dt.date) -> Iterator[str]:
    """What the history of a rule says of later years: the text shown is the newest one seen."""
    for line in rule.history:
        found = _CHANGED.fullmatch(line)
        since = first_day(found[1]) if found is not None else None
        if found is not None and since is not None and since > day:
            yield f"later than this vote, {found[1]}: {found[2]}; the text shown is the newest seen"


@dataclass(frozen=True, slots=True)
class _Vote:
    """One vote as one territory sees it."""

    held: Jurisdiction
    place: Territory
    days: tuple[dt.date, ...]
    hours: Hours

    def days_at(self, place: Territory) -> tuple[dt.date, ...]:
        return tuple(day + dt.timedelta(days=place.days) for day in self.days)

    def border(self, anchor: Anchor | None) -> Border:
        """Where an anchor holds."""
        if anchor is None:
            return Border(NOT_ESTABLISHED)
        if anchor.at == "any":
            return Border(ANY_TIME)
        if anchor.clock == "last":
            found = [self._at(anchor, one) for one in self.held.territories]
            low, high = max(one[0] for one in found), max(one[1] for one in found)
        elif anchor.clock == "national":
            low, high = self._at(anchor, national(self.held))
        else:
            low, high = self._at(anchor, self.place)
        shift = dt.timedelta(hours=anchor.hours)
        state = KNOWN if low == high else BETWEEN
        return Border(state, low + shift, high + shift)

    def _at(self, anchor: Anchor, place: Territory) -> tuple[dt.datetime, dt.datetime]:
        """The earliest and the latest instant that an anchor can mean, before its hours."""
        days = self.days_at(place)
        day = days[0] if anchor.voting_day == "first" else days[-1]
        minutes = anchor.minutes
        if anchor.at in {"poll_open", "first_phase_open"}:
            day = days[0]
            minutes = _first(self.hours.opens, anchor.minutes, place.opens)
        elif anchor.at in {"poll_close", "last_phase_close"}:
            minutes = _first(self.hours.closes, anchor.minutes, place.closes)
        elif anchor.at == "weekday":
            back = (day.weekday() - (anchor.weekday or 0) - 1) % 7 + 1
            day -= dt.timedelta(days=back)
        day += dt.timedelta(days=anchor.days)
        if minutes is None:
            return instant(day, 0, place.zone), instant(day, _DAY, place.zone)
        found = instant(day, minutes, place.zone)
        return found, found


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
