"""The other two places: an anonymous board, where it begins, and a platform of public pages."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.dice import Dice, mixed
from tamis.simulate.people import ARCHIVE_URL, BOARD, HASHTAG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOARD_COLUMNS = ("platform", "board", "thread_id", "post_id", "author_id", "created_at", "text")
PAGE_COLUMNS = ("platform", "page", "post_id", "author", "created_at", "text", "url", "language")
_BOARD_OFFSET_S = -14_400  # the board shows times four hours behind UTC
_FIRST_NUMBER = 910_000
_PAGES = ("valterne-infos", "lurgane-pour-tous", "nouvelles-d-ostrevane", "the-mire-observer")


@dataclass(frozen=True, slots=True)
class Origin:
    """The post that hands out the archive, and first sights on both platforms."""

    post_id: str
    thread_id: str
    poster_id: str
    at_s: int

    def exported(self) -> dict[str, str]:
        """The origin for the truth."""
        return {
            "platform": "mezzanine",
            "post_id": f"mezzanine:{self.post_id}",
            "native_id": self.post_id,
            "thread_id": self.thread_id,
            "poster_id": self.poster_id,
            "at": clock.iso(self.at_s),
        }


def _poster(thread: int, number: int) -> str:
    """An eight-letter name that means one person within one thread only."""
    return f"{mixed(thread * 1_000_003 + number) >> 32:08x}"


def _board_rows(seed: int, scale: float) -> Iterator[tuple[int, int, int, str]]:
    """Time, thread, poster and text of every board post, in order of time."""
    dice = Dice(seed, "board")
    before, after = round(220 * scale) + 10, round(180 * scale) + 20
    begin, leak, end = clock.BEGIN_AT, clock.LEAK_AT, clock.END_AT
    thread = 0
    for i in range(before):
        if i % 20 == 0:
            thread += 1
        at = begin + (leak - 120 - begin) * i // before
        yield at, thread, dice.below(9), words.chat(dice, "en")
    thread += 1
    text = f"take it, read it, share it before the silence begins {ARCHIVE_URL}"
    yield leak, thread, 0, text
    for i in range(after):
        at = leak + 75 + (end - leak - 75) * i * i // (after * after)
        body = words.chat(dice, "en" if dice.chance(0.8) else "fr", leak=True)
        if dice.chance(0.15):
            body += f" {ARCHIVE_URL}"
        if at > clock.FIRST_HASHTAG_AT + 600 and dice.chance(0.3):
            body += f" #{HASHTAG}"
        yield at, thread, dice.below(40), body


def write_board(path: Path, *, seed: int, scale: float) -> tuple[int, Origin, int]:
    """How many rows the board's CSV has, the origin, and when the hashtag came there first."""
    origin = Origin("", "", "", 0)
    first_tag = count = 0
    opened: dict[int, int] = {}
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(BOARD_COLUMNS)
        for count, (at, thread, poster, text) in enumerate(_board_rows(seed, scale), 1):
            number = _FIRST_NUMBER + count * 7
            first = opened.setdefault(thread, number)
            who = _poster(first, poster)
            if at == clock.LEAK_AT:
                origin = Origin(str(number), str(first), who, at)
            elif number != first and poster % 3 == 0:
                text = f">>{first} {text}"  # noqa: PLW2901 - the row is written just below
            if not first_tag and f"#{HASHTAG}" in text:
                first_tag = at
            shown = clock.iso_local(at, _BOARD_OFFSET_S)
            table.writerow(("mezzanine", BOARD, first, number, who, shown, text))
    return count, origin, first_tag


def write_pages(path: Path, *, seed: int, scale: float) -> tuple[int, dict[str, object]]:
    """How many rows the pages' CSV has, and the first page post with the archive's address."""
    dice = Dice(seed, "pages")
    count = max(30, round(150 * scale))
    leak_at = clock.FIRST_HASHTAG_AT + 47 * 60
    first: dict[str, object] = {}
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(PAGE_COLUMNS)
        for i in range(count):
            at = clock.BEGIN_AT + (clock.END_AT - clock.BEGIN_AT) * i // count
            page = dice.pick(_PAGES)
            about = at >= leak_at
            if about:
                at = max(at, leak_at)
            language = "en" if page.startswith("the-") else "fr"
            text = words.chat(dice, language, leak=about)
            url = ARCHIVE_URL if about and (not first or dice.chance(0.5)) else ""
            if about and (not first or dice.chance(0.6)):
                text += f" #{HASHTAG}"
            native = str(70_000_000 + i * 13)
            if about and not first:
                first = {"post_id": f"pagora:{native}", "at": clock.iso(at), "page": page}
            table.writerow(
                ("pagora", page, native, page, clock.iso_local(at, 0), text, url, language)
            )
    return count, first
