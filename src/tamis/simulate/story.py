"""What happens on the evening of the leak: origin, first hashtag, amplifiers, publisher, crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.simulate import clock, copies, words
from tamis.simulate.accounts import (
    AMPLIFIERS,
    CELL,
    CROWD_FROM,
    FIRST_POSTER,
    PUBLISHER,
    REHOSTERS,
    RELAYS,
    account,
    is_english,
)
from tamis.simulate.dice import Dice, spread
from tamis.simulate.people import ARCHIVE_URL, HASHTAG
from tamis.simulate.posts import Post, repeated, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEAK_SHARE = 0.33  # of all X posts
PUBLISHER_AFTER_S = 110 * 60
_PUBLISHER_POSTS = 12
_RELAYED_AFTER_MIN = ((24, 47), (66, 88))  # for each relay
_RELAYED = sum(map(len, _RELAYED_AFTER_MIN))
_MINUTE_MS = 60_000
_LEAK_CROWD = CROWD_FROM + (1 << 26)  # other accounts than those of daily life
_RECENT = 400


class Story:
    """The scripted posts, and the crowd that follows them minute by minute."""

    def __init__(self, seed: int, scale: float) -> None:
        self._dice = Dice(seed, "story")
        self._crowd = max(300, round(2_600 * scale))
        first = Post(clock.FIRST_HASHTAG_AT * 1000 + 120, FIRST_POSTER, "en")
        text = "Huge archive of a campaign's mail just appeared, nobody has read it yet."
        self.first = written(first, text, (HASHTAG,), (ARCHIVE_URL,))
        self.published = [*self._relayed(), *self._publications()]
        self.rehosts = self._rehosted()
        self._roots: list[Post] = [self.first]
        self._recent: list[Post] = []
        end = (clock.END_AT - clock.FIRST_HASHTAG_AT) // 60
        self._per_minute = spread(round(10_000 * LEAK_SHARE * scale), _weights(end))

    def _relayed(self) -> list[Post]:
        """What two accounts post before the publisher comes: one in the country's language."""
        out: list[Post] = []
        dice = Dice(self._dice.bits(64), "relays")
        for relay, minutes in zip(RELAYS, _RELAYED_AFTER_MIN, strict=True):
            for minute in minutes:
                language = account(relay).language
                at = (clock.FIRST_HASHTAG_AT + minute * 60 + 11) * 1000 + 310
                post = Post(at, relay, language)
                body = words.chat(dice, language, leak=True)
                out.append(written(post, body, (HASHTAG,), (ARCHIVE_URL,)))
        return out

    def _rehosted(self) -> list[Post]:
        """The posts here that tell of a copy of the archive elsewhere."""
        out = []
        for number, (url, at) in zip(REHOSTERS, copies.on("x"), strict=True):
            post = Post(at * 1000 + 430, number, account(number).language)
            post.group = "rehost"
            out.append(written(post, "Another copy, in case it goes away:", (HASHTAG,), (url,)))
        return out

    def _publications(self) -> list[Post]:
        """What the publisher posts, every nine minutes from about two hours in."""
        out: list[Post] = []
        for i in range(_PUBLISHER_POSTS):
            at = clock.FIRST_HASHTAG_AT + PUBLISHER_AFTER_S + i * 540
            language = "en" if i % 2 else "fr"
            post = Post(at * 1000 + 250, PUBLISHER, language)
            body = words.chat(self._dice, language, leak=True)
            out.append(written(post, body, (HASHTAG,), (ARCHIVE_URL,) if i % 2 == 0 else ()))
        return out

    def scripted(self, cell_first: Sequence[tuple[int, int]]) -> list[Post]:
        """The fixed posts: the first one, its 87 early reposts, the publisher's.

        `cell_first` are (account, millisecond) of the cell's own reposts of the first post; they
        count among the 15 of the first minute. No lag lies within a second of a border.
        """
        dice = Dice(self._dice.bits(64), "early")
        early = [(n, at - self.first.at_ms) for n, at in cell_first]
        friends = list(AMPLIFIERS)
        early += [(friends.pop(), 3_000 + 4_100 * i) for i in range(15 - len(early))]
        crowd = [_LEAK_CROWD + self._crowd + i for i in range(87)]
        while len(early) < 87:
            who = friends.pop() if friends else crowd.pop()
            early.append((who, dice.between(62_000, 297_000)))
        reposts = [
            repeated(Post(self.first.at_ms + lag, who, "en"), self.first) for who, lag in early
        ]
        for post in reposts:
            post.group = "cell" if post.number in CELL else "early"
        return [self.first, *reposts, *self.published, *self.rehosts]

    def minute(self, start_ms: int) -> Iterator[Post]:
        """The crowd's posts about the archive in that minute, made from what came before it."""
        index = (start_ms - clock.FIRST_HASHTAG_AT * 1000) // _MINUTE_MS
        if not 0 <= index < len(self._per_minute):
            return
        while len(self._roots) <= len(self.published):
            waiting = self.published[len(self._roots) - 1]
            if waiting.at_ms >= start_ms:
                break
            self._roots.append(waiting)
        for _ in range(self._per_minute[index]):
            post = self._one(start_ms, early=index < 6)
            if post.kind != "retweeted":
                self._keep(post)
            yield post

    def _keep(self, post: Post) -> None:
        if len(self._recent) < _RECENT:
            self._recent.append(post)
        else:
            self._recent[self._dice.below(_RECENT)] = post

    def _one(self, start_ms: int, *, early: bool) -> Post:
        dice = self._dice
        u = dice.unit()
        number = _LEAK_CROWD + int(self._crowd * u * u)
        at = start_ms + dice.below(_MINUTE_MS)
        limit = self.first.at_ms + 12_600_000
        if abs(at - limit) < 1_500:
            at += 3_000
        language = "en" if is_english(number) or number % 5 < 2 else "fr"
        post = Post(at, number, language)
        post.group = "leak"
        kind = dice.unit()
        past = [p for p in (self._target(early=early),) if p is not None and p.at_ms < start_ms]
        if past and kind < 0.55:
            return repeated(post, past[0])
        if past and kind < 0.75:
            post.kind = "quoted" if kind < 0.65 else "replied_to"
            post.target = past[0]
        tags = (HASHTAG,) if dice.chance(0.85) else ()
        link: tuple[str, ...] = ()
        if dice.chance(0.3):
            link = (ARCHIVE_URL if dice.chance(0.9) else ARCHIVE_URL + "?utm_source=share",)
        return written(post, words.chat(dice, language, leak=True), tags, link)

    def _target(self, *, early: bool) -> Post | None:
        """Whom the crowd repeats: once the publisher is there, mostly the publisher."""
        dice = self._dice
        if early:  # the first five minutes of the first post are counted to the last repost
            return dice.pick(self._recent) if self._recent else None
        relayed = len(self._roots) - 1
        if relayed > _RELAYED and dice.chance(0.5):
            return self._roots[1 + _RELAYED + dice.below(relayed - _RELAYED)]
        if relayed and dice.chance(0.4):
            return self._roots[1 + dice.below(relayed)]
        if dice.chance(0.35) or not self._recent:
            return self.first
        return dice.pick(self._recent)


def _weights(minutes: int) -> list[int]:
    """How the crowd comes and goes, a whole number for each minute after the first hashtag."""
    out: list[int] = []
    for i in range(minutes):
        if i < 60:
            weight = 2 + i // 4
        elif i < 110:
            weight = 20
        elif i < 260:
            weight = 90
        else:
            hour = (i // 60 + 21) % 24  # local hour, roughly
            weight = 6 if 2 <= hour < 8 else 30
            weight = weight * 2000 // (2000 + i)
        out.append(weight)
    return out
