"""Accounts of the invented platform posts: everything about one follows from its number.

Numbers below `CROWD_FROM` belong to the story. Ids are snowflakes with worker bits that no
platform ever used, handles end in `_zq`, so neither names anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import orjson

from tamis.simulate import clock
from tamis.simulate.dice import mixed

X_EPOCH_MS = 1_288_834_974_657
_CROWD_WORKER = 0x3FF << 12
_BORN_FROM_MS = clock.seconds(2016, 2, 1) * 1000
_BORN_SPAN = 1 << 37  # milliseconds: four years and a third
_SYLLABLES = (
    "lu", "mo", "ver", "tal", "ri", "zan", "quo", "bel", "dur", "ni", "fa", "sor", "pel", "mir",
    "ga", "tov", "ka", "ren", "os", "vi", "cal", "bru", "nel", "hau", "jo", "dri", "pa", "mel",
    "tor", "ush", "lin", "eva",
)  # fmt: skip
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

FIRST_POSTER, PUBLISHER = 1, 2  # the foreign account, and who publishes documents for a living
NEWSPAPERS = (11, 12, 13)
INFLUENCERS = (21, 22, 23, 24)
RELAYS = (31, 32)  # who take it up between the first poster and the publisher
REHOSTERS = (41, 42)
CLOCKED = (51, 52, 53)  # whose hours are known over half a year
AMPLIFIERS = tuple(range(101, 125))
CELL = tuple(range(201, 213))
SPEAKERS = tuple(range(301, 324))  # small accounts that the cell, and others, repost
FRIENDS = tuple(range(401, 441))  # of the first poster, in ordinary months
CROWD_FROM = 10_000


def snowflake(at_ms: int, low: int) -> int:
    """The id that a post or account of that millisecond has."""
    return (at_ms - X_EPOCH_MS) << 22 | low


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the export shows it."""

    number: int
    native_id: str
    handle: str
    name: str
    language: str
    created_at: str
    followers: int
    following: int
    posts: int

    @property
    def account_id(self) -> str:
        """The id in tamis' tables."""
        return f"x:{self.native_id}"

    def exported(self) -> dict[str, object]:
        """The `user` object of the API."""
        return {
            "id": self.native_id,
            "created_at": self.created_at,
            "name": self.name,
            "username": self.handle,
            "public_metrics": {
                "followers_count": self.followers,
                "following_count": self.following,
                "tweet_count": self.posts,
                "listed_count": self.followers // 97,
            },
            "url": "",
            "verified": self.number in NEWSPAPERS,
            "protected": False,
            "description": "",
            "location": "Ostrevane" if self.language == "fr" else "",
        }


@lru_cache(maxsize=16_384)
def user_json(number: int) -> bytes:
    """The `user` object of that account as JSON."""
    return orjson.dumps(account(number).exported())


_STORY = {
    FIRST_POSTER: ("daleron_zq", "Dale Ron (abroad)", "en", 104_000),
    PUBLISHER: ("papersopen_zq", "Papers Open", "en", 4_800_000),
    11: ("courrier_zq", "Le Courrier de Mirecombe", "fr", 310_000),
    12: ("revue_zq", "Revue d'Ostrevane", "fr", 190_000),
    13: ("agenda_zq", "Agenda Belcombe", "fr", 60_000),
    21: ("quovel_zq", "Quovel", "fr", 82_000),
    22: ("mirta_zq", "Mirta", "fr", 57_000),
    23: ("sorvan_zq", "Sorvan", "en", 140_000),
    24: ("belune_zq", "Belune", "fr", 35_000),
    31: ("carmin_zq", "Carmin", "fr", 41_000),
    32: ("oldharbour_zq", "Old Harbour", "en", 66_000),
}


def is_english(number: int) -> bool:
    """Whether a crowd account writes English: one in five."""
    return mixed(number * 7 + 5) % 5 == 0


def _scattered(number: int) -> int:
    """Another number below `_BORN_SPAN` for each number: every step here can be undone."""
    x = number * 0x9E3779B1 % _BORN_SPAN
    x = (x ^ (x >> 19)) * 0x85EBCA6B % _BORN_SPAN
    return x ^ (x >> 18)


@lru_cache(maxsize=16_384)
def account(number: int) -> Account:
    """The account of that number."""
    chance = mixed(number)
    born = _BORN_FROM_MS + _scattered(number)
    syllables = _SYLLABLES[chance & 31] + _SYLLABLES[(chance >> 5) & 31]
    tail, left = "", number
    while left:
        left, digit = divmod(left, 36)
        tail = _DIGITS[digit] + tail
    handle = f"{syllables[:6]}{tail}_zq"
    name = syllables.title()
    language = "en" if is_english(number) else "fr"
    followers = 20 + (chance >> 20) % 900
    if number in _STORY:
        handle, name, language, followers = _STORY[number]
    elif number in CELL:
        language = "fr"
        followers = 40 + (chance >> 20) % 200
    return Account(
        number=number,
        native_id=str(snowflake(born, _CROWD_WORKER | number & 0xFFF)),
        handle=handle,
        name=name,
        language=language,
        created_at=clock.iso(born // 1000)[:-1] + ".000Z",
        followers=followers,
        following=10 + (chance >> 32) % 1500,
        posts=5 + (chance >> 40) % 30_000,
    )
