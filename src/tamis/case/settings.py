"""The settings of a case: case.toml, read strictly and written in one form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tamis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NOTE = """\
# Settings of a tamis case. Edit this file only while no run is going on: the next `tamis add`
# or `tamis run` writes what changed into custody, with the old and the new value.
"""
_SPAN = re.compile(r"(?:\S+@\S+ +)?(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_SPAN_TEXT = 'lines such as "a@example.org 2016-01-01..2017-04-24", the address left out for all'
_INSTANT_TEXT = 'an instant with its offset such as "2017-05-05T18:35:00+00:00", or ""'
_MEANING = {
    "title": "what reports are headed with",
    "election": 'id of the election, such as "fr-2017-president"; "" when there is none',
    "polling_days": "dates, such as [2017-04-23, 2017-05-07]",
    "jurisdictions": 'where it is held or reported on, such as ["FR"]',
    "own_domains": "domains of those whose mail was taken",
    "selectors": "what was searched for when the posts were collected",
    "reference_spans": (
        "what the reference originals cover at most; each a line such as "
        '"2016-01-01..2017-04-24" or "a@example.org 2016-01-01..2017-04-24"; [] when all they show'
    ),
    "leak_at": (
        "when the dump became known, with its offset, such as "
        '"2017-05-05T18:35:00+00:00"; keys that a source got later attest nothing; "" if unknown'
    ),
    "known_sealers": (
        'domains whose ARC seals are trusted beside the known ones, such as ["lists.example.org"]'
    ),
    "public_figures": (
        "addresses and telephone numbers of public figures, which redaction may keep, such as "
        '["candidate@party.example", "+33 1 00 00 00 00"]; whoever is not listed is a third party'
    ),
    "name_models": (
        "folders of spaCy pipelines that search texts for names of people, one a language, such as "
        '["/models/fr_core_news_sm"]; needs tamis[ner]; []: names are not searched'
    ),
    "display_zone": "time zone in which reports show times, by its IANA name",
}
_LISTS = (
    *("jurisdictions", "own_domains", "selectors", "reference_spans", "known_sealers"),
    *("public_figures", "name_models"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the investigator declares about a case; frozen while a run goes on."""

    title: str
    election: str = ""
    polling_days: tuple[date, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    display_zone: str = "UTC"
    reference_spans: tuple[str, ...] = ()
    leak_at: str = ""
    known_sealers: tuple[str, ...] = ()
    public_figures: tuple[str, ...] = ()
    name_models: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind, and zones nobody knows.

        Errors    SettingsError naming the setting.
        """
        for name in ("title", "election", "display_zone", "leak_at"):
            _require(name, isinstance(getattr(self, name), str), "a text in quotes")
        _require("title", bool(self.title.strip()), "a title that is not empty")
        for name in _LISTS:
            value = getattr(self, name)
            is_list = isinstance(value, tuple) and all(isinstance(one, str) for one in value)
            _require(name, is_list, "a list of texts in quotes")
        _require("reference_spans", all(map(_is_span, self.reference_spans)), _SPAN_TEXT)
        _require("leak_at", not self.leak_at or _is_instant(self.leak_at), _INSTANT_TEXT)
        days = self.polling_days
        is_days = type(days) is tuple and all(type(one) is date for one in days)
        _require("polling_days", is_days, "a list of dates such as [2017-05-07]")
        try:
            ZoneInfo(self.display_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            _require("display_zone", False, "an IANA name such as Europe/Paris")

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values, dates as ISO text."""
        values = asdict(self)
        values["polling_days"] = [day.isoformat() for day in self.polling_days]
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Settings:
        """The settings that `to_json` gave."""
        days = tuple(date.fromisoformat(day) for day in values["polling_days"])
        return cls(**{**_tuples(values), "polling_days": days})


def _require(name: str, is_met: bool, expected: str) -> None:  # noqa: FBT001 - one assertion
    if not is_met:
        raise SettingsError(f"case.toml: {name}: expected {expected}")


def _is_span(line: str) -> bool:
    """Whether a line names two days in order, and before them at most one address."""
    match = _SPAN.fullmatch(line)
    try:
        return match is not None and date.fromisoformat(match[1]) <= date.fromisoformat(match[2])
    except ValueError:
        return False


def _is_instant(text: str) -> bool:
    """Whether a text is an instant: a date with a time and its offset from UTC."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}


def _quote(text: str) -> str:
    escaped = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else f"\\{c}" if c in '"\\' else c
        for c in text
    )
    return f'"{escaped}"'


def render(settings: Settings) -> bytes:
    """The text of case.toml for `settings`.

    Errors    SettingsError for text that is no Unicode (half surrogates).
    """
    lines = [_NOTE]
    for field in fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, str):
            shown = _quote(value)
        elif field.name == "polling_days":
            shown = f"[{', '.join(day.isoformat() for day in value)}]"
        else:
            shown = f"[{', '.join(_quote(one) for one in value)}]"
        lines.append(f"# {_MEANING[field.name]}\n{field.name} = {shown}\n")
    try:
        return "\n".join(lines).encode()
    except UnicodeEncodeError as problem:
        raise SettingsError(f"case.toml: expected Unicode text: {problem}") from None


def parse(data: bytes, path: Path) -> Settings:
    """The settings that the bytes of case.toml hold.

    Errors    SettingsError naming the file and the setting.
    """
    known = {field.name for field in fields(Settings)}
    try:
        values = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(f"{path}: expected TOML: {problem}; correct that line") from None
    if unknown := sorted(set(values) - known):
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known: {sorted(known)}")
    if "title" not in values:
        raise SettingsError(f'{path}: expected a title; add a line such as title = "Case"')
    return Settings(**_tuples(values))


def differences(before: Settings, after: Settings) -> dict[str, list[Any]]:
    """What changed: setting to [old value, new value]."""
    old, new = before.to_json(), after.to_json()
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}
