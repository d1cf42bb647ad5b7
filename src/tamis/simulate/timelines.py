"""Half a year of a few accounts, as API v1.1 gives timelines: their hours betray a clock.

One keeps the invented country's hours and its change to summer time, one those of the far side of
an ocean, one changes no clock at all. The first poster of the story is among them, with the few
reposts that its ordinary posts receive: what its great evening is to be compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tamis.simulate import clock, words
from tamis.simulate.accounts import CLOCKED, FIRST_POSTER, FRIENDS, account
from tamis.simulate.dice import Dice, Weighted
from tamis.simulate.posts import Post, repeated, written

if TYPE_CHECKING:
    from pathlib import Path

_FROM = clock.seconds(2021, 2, 1)
_DAYS = 185  # up to 4 August, before the other collections begin
_HOUR_S = 3_600
_WAKING = Weighted(
    [(7, 5), (8, 9), (9, 6), (10, 4), (11, 4), (12, 9), (13, 6), (14, 3), (15, 3), (16, 4),
     (17, 6), (18, 9), (19, 10), (20, 12), (21, 10), (22, 6)]
)  # fmt: skip
_WEEKDAYS = Weighted([(0, 10), (1, 10), (2, 10), (3, 10), (4, 9), (5, 5), (6, 4)])


@dataclass(frozen=True, slots=True)
class Habit:
    """Whose clock it is: winter and summer offset, and when the one becomes the other."""

    number: int
    winter_s: int
    summer_s: int
    changes_at: int
    rule: str

    def offset(self, at_s: int) -> int:
        """Seconds from UTC to the account's clock at that time."""
        return self.summer_s if at_s >= self.changes_at else self.winter_s

    def exported(self, post_count: int) -> dict[str, Any]:
        """The habit for the truth."""
        return {
            "account_id": account(self.number).account_id,
            "handle": account(self.number).handle,
            "winter_offset_s": self.winter_s,
            "summer_offset_s": self.summer_s,
            "changes_at": clock.iso(self.changes_at) if self.winter_s != self.summer_s else None,
            "rule": self.rule,
            "post_count": post_count,
            "quiet_from_hour": 23,
            "quiet_to_hour": 7,
        }


_EUROPE = clock.seconds(2021, 3, 28, 1)
_AMERICA = clock.seconds(2021, 3, 14, 7)
HABITS = (
    Habit(FIRST_POSTER, -5 * _HOUR_S, -4 * _HOUR_S, _AMERICA, "US"),
    Habit(CLOCKED[0], 1 * _HOUR_S, 2 * _HOUR_S, _EUROPE, "EU"),
    Habit(CLOCKED[1], 3 * _HOUR_S, 3 * _HOUR_S, _EUROPE, "none"),
    Habit(CLOCKED[2], 1 * _HOUR_S, 2 * _HOUR_S, _EUROPE, "EU"),
)


def _times(dice: Dice, habit: Habit, count: int) -> list[int]:
    """When the account posts, in milliseconds: weekdays more than weekends, never at night."""
    out: list[int] = []
    while len(out) < count:
        day = dice.below(_DAYS)
        if day % 7 != dice.weighted(_WEEKDAYS):  # 1 February 2021 was a Monday
            continue
        local = _FROM + day * 86_400 + dice.weighted(_WAKING) * _HOUR_S + dice.below(_HOUR_S)
        at = local - habit.offset(local - habit.winter_s)
        out.append(at * 1000 + dice.below(1000))
    return sorted(out)


def posts(seed: int, scale: float) -> tuple[list[Post], list[dict[str, Any]]]:
    """All posts in order of time, each with its id, and the habits behind them."""
    made: list[Post] = []
    told = []
    count = 12 + round(200 * min(1.0, scale))
    for habit in HABITS:
        dice = Dice(seed, "timeline", habit.number)
        language = account(habit.number).language
        for at in _times(dice, habit, count):
            post = written(Post(at, habit.number, language), words.chat(dice, language))
            made.append(post)
            if habit.number == FIRST_POSTER and dice.chance(scale):
                made += _friends(dice, post)
        told.append(habit.exported(count))
    made.sort(key=lambda post: post.at_ms)
    for sequence, post in enumerate(made):
        post.group = "timeline"
        post.numbered(sequence)
    return made, told


def _friends(dice: Dice, post: Post) -> list[Post]:
    """The reposts that an ordinary post of the first poster receives: none to five, some soon."""
    who = dice.some(FRIENDS, dice.weighted(_AUDIENCE))
    return [
        repeated(Post(post.at_ms + 9_000 + int(dice.tail(120_000.0, 4_000_000.0)), n, ""), post)
        for n in who
    ]


_AUDIENCE = Weighted([(0, 40), (1, 25), (2, 18), (3, 9), (4, 5), (5, 3)])


def write_timelines(path: Path, made: list[Post]) -> dict[str, int]:
    """The counts of a file of statuses, one a line, each with its author and its original."""
    with path.open("wb") as stream:
        for post in made:
            stream.write(orjson.dumps(_status(post)) + b"\n")
    count = len(made)
    return {"row_count": count, "post_count": count, "rejected_count": 0, "skipped_count": 0}


def _status(post: Post) -> dict[str, Any]:
    """The post as API v1.1 shows it in extended mode."""
    native = str(post.native_id)
    mentions = [
        {"screen_name": one["username"], "id_str": one["id"], "id": int(one["id"]),
         "name": one["username"], "indices": [one["start"], one["end"]]}
        for one in post.spans.get("mentions", ())
    ]  # fmt: skip
    out: dict[str, Any] = {
        "created_at": _created(post.at_s),
        "id": post.native_id,
        "id_str": native,
        "full_text": post.text,
        "truncated": False,
        "display_text_range": [0, len(post.text)],
        "entities": {"hashtags": [], "symbols": [], "user_mentions": mentions, "urls": []},
        "source": '<a href="https://mobile.example" rel="nofollow">Twitter Web App</a>',
        "in_reply_to_status_id": None,
        "in_reply_to_status_id_str": None,
        "user": _user(post.number),
        "is_quote_status": False,
        "retweet_count": 0,
        "favorite_count": 0,
        "favorited": False,
        "retweeted": False,
        "lang": post.language,
    }
    if post.target is not None:
        out["retweeted_status"] = _status(post.target)
    return out


def _user(number: int) -> dict[str, Any]:
    one = account(number)
    born = one.created_at[:19]
    year, month, day = (int(part) for part in born[:10].split("-"))
    hour, minute, second = (int(part) for part in born[11:].split(":"))
    return {
        "id": int(one.native_id),
        "id_str": one.native_id,
        "name": one.name,
        "screen_name": one.handle,
        "location": "",
        "description": "",
        "protected": False,
        "followers_count": one.followers,
        "friends_count": one.following,
        "statuses_count": one.posts,
        "favourites_count": one.posts // 3,
        "created_at": _created(clock.seconds(year, month, day, hour, minute) + second),
        "verified": False,
    }


def _created(at_s: int) -> str:
    """`Fri Aug 20 18:35:00 +0000 2021`."""
    day, year = clock.from_line_date(at_s), clock.moment(at_s).year
    return f"{day[:10].replace('  ', ' 0')} {day[11:19]} +0000 {year}"
