"""What a rule of electoral silence is, for whom it stands, and where its borders hang."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    "campaign",
    "polls",
    "exit_polls",
    "results",
    "paid_ads",
    "broadcast",
    "conduct_near_station",
)
ACTORS = (
    "candidates",
    "parties",
    "media",
    "broadcasters",
    "citizens",
    "officials",
    "supporters",
    "voters",
)
EVERYONE = "everyone"
GRADES = {
    "A": "text of the law or page of the regulator seen",
    "B": "two or more secondary sources agree",
    "C": "one secondary source",
    "U": "not established",
}
GRADED = ("covers", "start", "end", "binds", "sanction")
ANCHORS = (
    "day",
    "poll_open",
    "poll_close",
    "first_phase_open",
    "last_phase_close",
    "weekday",
    "any",
)
CLOCKS = ("local", "national", "last", "unstated")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHIPPED = "shipped with tamis"
# What no answer about silence says anything on.
DOES_NOT_COVER = (
    "data that were obtained unlawfully",
    "false news",
    "secrecy of correspondence",
    "defamation",
    "data protection",
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a border hangs: what it is counted from, by how much, and by whose clock.

    `minutes` is a time of day, 0 to 1,440; None where no hour is established. `voting_day` says
    from which day of a vote of several days it is counted.
    """

    at: str
    days: int = 0
    hours: float = 0.0
    minutes: int | None = None
    weekday: int | None = None
    clock: str = "local"
    voting_day: str = "last"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one jurisdiction; a border that is None is not established.

    `valid_from` is since when it has been in force. Where that is not known, `law_of` is the date
    of the law in which it stands, which it cannot be older than, and `seen_from` that of the
    oldest source that shows it.
    """

    rule_id: str
    kind: str
    covers: str
    binds: tuple[str, ...]
    start: Anchor | None
    end: Anchor | None
    confidence: Mapping[str, str]
    sources: tuple[str, ...]
    is_polls: bool = False
    excepts: str | None = None
    online: str | None = None
    sanction: str | None = None
    article: str | None = None
    note: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    history: tuple[str, ...] = ()
    law_of: str | None = None
    seen_from: str | None = None

    def binds_actor(self, actor: str) -> bool:
        """Whether the rule names an actor, or everyone."""
        return EVERYONE in self.binds or actor in self.binds


@dataclass(frozen=True, slots=True)
class Territory:
    """Where people vote by one clock; `days` is how far its polling day is from the national one.

    `opens` and `closes` are minutes of the day; None where no hour is established. `seen` are the
    national polling days for which that distance is known.
    """

    name: str
    zone: str
    days: int = 0
    opens: int | None = None
    closes: int | None = None
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where rules hold, with the newest source seen, and the territories in which people vote."""

    code: str
    name: str
    zone: str
    territories: tuple[Territory, ...]
    rules: tuple[Rule, ...]
    as_of: str | None = None
    authority: str | None = None
    includes: tuple[str, ...] = ()
    part_of: str | None = None
    origin: str = SHIPPED


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All jurisdictions that are known, by code."""

    jurisdictions: Mapping[str, Jurisdiction] = field(default_factory=dict)

    def covering(self, code: str) -> tuple[Jurisdiction, ...]:
        """A jurisdiction, those that belong to it, and what it belongs to; () when unknown."""
        one = self.jurisdictions.get(code)
        if one is None:
            return ()
        names = (code, *one.includes, *((one.part_of,) if one.part_of else ()))
        return tuple(self.jurisdictions[n] for n in names if n in self.jurisdictions)

    def joined(self, other: RuleBook) -> RuleBook:
        """Both books; where a code stands in both, `other` has the last word."""
        return RuleBook({**self.jurisdictions, **other.jurisdictions})
