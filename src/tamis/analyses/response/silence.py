"""The windows of silence of a case: its jurisdictions and polling days against the rules known."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tamis.syntax.silence.reading import SCHEMA, read_rules, shipped, shipped_hash
from tamis.syntax.silence.rules import DOES_NOT_COVER, GRADED, RuleBook
from tamis.syntax.silence.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tamis.syntax.silence.windows import Border, Window

NAME = "response.silence"
READS = ("silence_rule",)
WRITES = ("silence_window",)
VERSION = 2
# The settings of the case come in their place.
PARAMS: dict[str, Any] = {"rules": shipped_hash(), "jurisdictions": (), "polling_days": ()}


def rule_book(rows: Iterable[Mapping[str, Any]]) -> RuleBook:
    """The rules that come with tamis, and over them those of table `silence_rule`."""
    book = shipped()
    for row in sorted(rows, key=lambda one: (one["source_item_id"], one["jurisdiction"])):
        told = {"schema": SCHEMA, "jurisdiction": [json.loads(row["definition"])]}
        book = book.joined(read_rules(told, f"file {row['source_item_id']}"))
    return book


def votes(polling_days: Iterable[dt.date]) -> list[tuple[dt.date, ...]]:
    """The polling days of a case by vote: days that follow each other are one vote."""
    found: list[list[dt.date]] = []
    for day in sorted(set(polling_days)):
        if found and day - found[-1][-1] == dt.timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [tuple(one) for one in found]


def case_windows(
    book: RuleBook, jurisdictions: Sequence[str], polling_days: Iterable[dt.date]
) -> list[tuple[Window, dt.date]]:
    """The windows of every vote in every jurisdiction that is known, each once, with its day.

    Limits    a jurisdiction that is not in the book gives none: that is not established, and the
              caller says so. Phases weeks apart are votes of their own; a rule that spans all
              phases of a vote needs `tamis silence` with every polling day.
    """
    found: dict[tuple[str, str, str, dt.date], tuple[Window, dt.date]] = {}
    for vote in votes(polling_days):
        for code in jurisdictions:
            if code not in book.jurisdictions:
                continue
            for one in windows_of(book, code, vote):
                name = (one.jurisdiction.code, one.rule.rule_id, one.territory.name, vote[-1])
                found[name] = one, vote[-1]
    return list(found.values())


def without_rules(
    book: RuleBook, jurisdictions: Iterable[str], polling_days: Iterable[dt.date]
) -> list[str]:
    """The jurisdictions that are not known, and those of which no rule held on a vote, with it."""
    days = votes(polling_days)
    found = []
    for code in sorted(set(jurisdictions)):
        if code not in book.jurisdictions:
            found.append(code)
            continue
        bare = [vote[-1] for vote in days if not any(True for _ in windows_of(book, code, vote))]
        if bare:
            found.append(f"{code} (vote of {', '.join(map(str, bare))})")
    return found


def window_row(one: Window, vote_day: dt.date) -> dict[str, Any]:
    """The row of table `silence_window` for a window, without the columns of the run."""
    rule, held = one.rule, one.jurisdiction
    return {
        "jurisdiction": held.code,
        "jurisdiction_name": held.name,
        "territory": one.territory.name,
        "zone_name": one.territory.zone,
        "rule_id": rule.rule_id,
        "kind": rule.kind,
        "is_polls": rule.is_polls,
        "covers": rule.covers,
        "binds": list(rule.binds),
        "excepts": rule.excepts,
        "online": rule.online,
        "vote_day": vote_day.isoformat(),
        "polling_days": [day.isoformat() for day in one.polling_days],
        **_border("start", one.start, one.territory.zone),
        **_border("end", one.end, one.territory.zone),
        "sanction": rule.sanction,
        "article": rule.article,
        "sources": list(rule.sources),
        "as_of": held.as_of,
        "currency": one.currency,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "history": list(rule.history),
        "confidence": [f"{name} {rule.confidence.get(name, 'U')}" for name in GRADED],
        "caveats": list(one.caveats),
        "origin": held.origin,
        "does_not_cover": list(DOES_NOT_COVER),
    }


def _border(name: str, border: Border, zone: str) -> dict[str, Any]:
    shown = border.low_at if name == "start" else border.high_at
    return {
        f"{name}_state": border.state,
        f"{name}_low_at": border.low_at,
        f"{name}_high_at": border.high_at,
        f"{name}_local": None if shown is None else local(shown, zone),
    }


def local(moment: dt.datetime, zone: str) -> str:
    """An instant by the clock of a zone, with its offset."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")
