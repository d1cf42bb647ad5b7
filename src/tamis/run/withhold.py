"""What is withheld while a rule on polls runs in a jurisdiction of the case, and why.

Comment on polls can itself be an offence during a silence. The swing gauge is comment on polls.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tamis.analyses.response.silence import case_windows, rule_book

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.case import CaseView
    from tamis.syntax.silence.windows import Window

TABLES = ("swing",)
# How reports name the figures that ask those tables.
FIGURES = "swing"
# Where a border is not established the rule counts as running so long before and after the vote.
_BEFORE, _AFTER = dt.timedelta(days=30), dt.timedelta(days=2)


def withheld(view: CaseView, also_at: Iterable[dt.datetime] = ()) -> str | None:
    """Why comment on polls is withheld now, or None.

    Input     `also_at` are instants to judge by besides the clock: they can withhold, never lift
    Limits    asks the rules anew, from the settings of the case as they are, not the table of the
              last run; a jurisdiction without rules in the file cannot withhold anything.
    """
    return withheld_at(view, (dt.datetime.now(dt.UTC), *also_at))


def withheld_at(view: CaseView, moments: Iterable[dt.datetime]) -> str | None:
    """The same for given instants alone."""
    settings = view.settings
    codes = [code.upper() for code in settings.jurisdictions]
    if not codes or not settings.polling_days:
        return None
    book = rule_book(view.table("silence_rule").to_pylist())
    windows = [
        one for one, _ in case_windows(book, codes, settings.polling_days) if one.rule.is_polls
    ]
    for moment in moments:
        for one in windows:
            if _may_run(one, moment):
                return _reason(one, moment)
    return None


def _may_run(one: Window, moment: dt.datetime) -> bool:
    state = one.state(moment)
    if state != "not_established":
        return state in {"inside", "unsure"}
    first = dt.datetime.combine(one.polling_days[0], dt.time(), dt.UTC)
    last = dt.datetime.combine(one.polling_days[-1], dt.time(), dt.UTC)
    return first - _BEFORE <= moment <= last + _AFTER


def _reason(one: Window, moment: dt.datetime) -> str:
    until = "an end that is not established"
    if one.end.high_at is not None:
        until = one.end.high_at.strftime("%Y-%m-%d %H:%M UTC")
    law = one.rule.article or one.rule.rule_id
    age = f", {one.currency}" if one.currency != "current" else ""
    return (
        f"withheld: at {moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC a rule on polls may run in "
        f"{one.jurisdiction.name} ({one.rule.rule_id}, {law}; as of "
        f"{one.jurisdiction.as_of or 'an unknown date'}{age}) until {until}, and the swing gauge "
        "is comment on polls; ask again after that"
    )
