"""Honest people: daily chatter, push alerts, influencers and their fans, evenings of debate.

They too act together within seconds; what sets a planted cell apart is on how many different
things, not how fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.accounts import CROWD_FROM, INFLUENCERS, NEWSPAPERS, account, is_english
from tamis.simulate.dice import Dice, spread
from tamis.simulate.posts import Post, repeated, written

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUTE_MS = 60_000
_RECENT = 2_000
TOPICS = (
    "TramMirecombe", "MarcheBelcombe", "MeteoOstrevane", "CoupeDesValles", "RecetteDuSoir",
    "FestivalLurgane", "PontVeril", "LectureOstrevane", "JardinsDeCalvigne", "VeloVernaloup",
    "MirecombeFC_zq", "BallonAigremare", "CineBrevilane", "PecheOstrevaux", "RadioNoirevelle",
)  # fmt: skip
DEBATES = (("GrandDebatOst", 10, 19), ("SoireeDesMaires", 13, 18), ("FaceAuxPonts", 17, 19))
_NEWS = ("courrier-mirecombe.example", "revue-ostrevane.example", "agenda-belcombe.example")
_SUPERFANS, _SUPERFAN_POSTS, _POSTS_EACH = 8, 5, 10
SUPERFAN_FROM, FAN_FROM, DEBATE_FROM, GONE_FROM = 1_000, 1 << 24, 1 << 25, 1 << 27


class Chatter:
    """Posts about daily life, as many a minute as the day's rhythm says."""

    def __init__(self, seed: int, total: int, scale: float) -> None:
        self._dice = Dice(seed, "chatter")
        self._people = max(400, round(2_400 * scale))
        self._topics = len(TOPICS) * max(1, round(scale))
        minutes = (clock.END_AT - clock.BEGIN_AT) // 60
        self._per_minute = spread(total, [_rhythm(i) for i in range(minutes)])
        self._recent: list[Post] = []

    def minute(self, start_ms: int) -> Iterator[Post]:
        """The posts of that minute, made from what came before it."""
        index = (start_ms - clock.BEGIN_AT * 1000) // _MINUTE_MS
        if not 0 <= index < len(self._per_minute):
            return
        made: list[Post] = []
        for _ in range(self._per_minute[index]):
            post = self._one(start_ms)
            if post.kind != "retweeted":
                made.append(post)
            yield post
        for post in made:
            if len(self._recent) < _RECENT:
                self._recent.append(post)
            else:
                self._recent[self._dice.below(_RECENT)] = post

    def _one(self, start_ms: int) -> Post:
        dice = self._dice
        u = dice.unit()
        number = CROWD_FROM + int(self._people * u * u)
        post = Post(start_ms + dice.below(_MINUTE_MS), number, "")
        post.language = "en" if is_english(number) else "fr"
        post.group = "chatter"
        kind = dice.unit()
        if kind < 0.55 and self._recent:
            target = self._recent[dice.below(len(self._recent))]
            if kind < 0.35:
                return repeated(post, target)
            post.kind = "quoted" if kind < 0.42 else "replied_to"
            post.target = target if kind < 0.54 else _gone(dice, start_ms)
        tags = (self._topic(),) if dice.chance(0.4) else ()
        urls = (article(dice, post.at_ms // 1000),) if dice.chance(0.2) else ()
        return written(post, words.chat(dice, post.language), tags, urls)

    def _topic(self) -> str:
        """A hashtag, the first ones oftenest; more people talk about more things."""
        u = self._dice.unit()
        number = int(self._topics * u * u)
        name = TOPICS[number % len(TOPICS)]
        return f"{name}{number // len(TOPICS)}" if number >= len(TOPICS) else name


def _gone(dice: Dice, before_ms: int) -> Post:
    """A post that was deleted before anybody collected it: only its id is left."""
    post = Post(before_ms - dice.between(60_000, 9_000_000), GONE_FROM + dice.below(1 << 20), "")
    post.group = "gone"
    post.numbered(dice.below(4096))
    return post


def _rhythm(minute: int) -> int:
    """How lively a minute is; the first minute of the collection is six in the morning there."""
    hour = (minute // 60 + 6) % 24
    return 2 if hour < 6 else 10 if hour < 17 else 16


def article(dice: Dice, at_s: int) -> str:
    """The address of an invented article."""
    day = clock.moment(at_s).strftime("%Y/%m/%d")
    return f"https://{dice.pick(_NEWS)}/{day}/{dice.between(10_000, 99_999)}"


def alerts(seed: int, scale: float) -> Iterator[tuple[int, list[Post]]]:
    """Push alerts: a paper posts a link, and many different people share it within a minute."""
    dice = Dice(seed, "alerts")
    people = max(400, round(2_400 * scale))
    count = max(3, round(10 * scale)) if scale < 40 else 400
    size = max(12, round(350 * scale / count))
    for i in range(count):
        at = clock.BEGIN_AT + (i * 2 + 1) * 14 * 86_400 // (2 * count)
        url = article(dice, at)
        paper = NEWSPAPERS[i % 3]
        alert = written(Post(at * 1000 + 40, paper, "fr"), "Alerte : " + words.chat(dice, "fr"),
                        (), (url,))  # fmt: skip
        batch = [alert]
        for _ in range(size):
            number = CROWD_FROM + dice.below(people)
            post = Post(alert.at_ms + dice.between(4_000, 58_000), number, "")
            post.language = account(number).language
            text = words.chat(dice, post.language)
            batch.append(written(post, text, (), (url,)))
        yield _grouped(batch, f"alert_{i}")


def fandom(seed: int, scale: float) -> Iterator[tuple[int, list[Post]]]:
    """Influencers: fans repost at once; some have notifications on, but of one account each."""
    dice = Dice(seed, "fandom")
    keen = {
        i: {
            SUPERFAN_FROM + i * _SUPERFANS + k: set(dice.some(range(_POSTS_EACH), _SUPERFAN_POSTS))
            for k in range(_SUPERFANS)
        }
        for i in range(len(INFLUENCERS))
    }
    times = [
        (clock.BEGIN_AT + (k * 130 + i * 31 + 20) * 900 + dice.below(600), i, k)
        for i in range(len(INFLUENCERS))
        for k in range(_POSTS_EACH)
    ]
    for at, i, k in sorted(times):
        followers = [fan for fan, chosen in keen[i].items() if k in chosen]
        yield _grouped(_fans_of(dice, i, at, followers, scale), f"fandom_{INFLUENCERS[i]}")


def _fans_of(dice: Dice, i: int, at: int, keen: list[int], scale: float) -> list[Post]:
    """One post of an influencer, and its reposts by keen and by casual fans."""
    fans = max(100, round(150 * scale))
    size = max(8, round(20 * scale))
    language = account(INFLUENCERS[i]).language
    root = Post(at * 1000 + 77, INFLUENCERS[i], language)
    written(root, words.chat(dice, language), (dice.pick(TOPICS),))
    batch = [root]
    batch += [
        repeated(Post(root.at_ms + dice.between(4_000, 45_000), fan, ""), root) for fan in keen
    ]
    first = FAN_FROM + i * (fans + 1)
    for fan in dict.fromkeys(first + dice.below(fans) for _ in range(size)):
        lag = 5_000 + int(dice.tail(90_000.0, 3_000_000.0))
        batch.append(repeated(Post(root.at_ms + lag, fan, ""), root))
    return batch


def debates(seed: int, scale: float) -> Iterator[tuple[int, list[Post]]]:
    """Evenings of debate: hundreds of people use one hashtag again and again for an hour."""
    dice = Dice(seed, "debates")
    people = max(30, round(90 * scale))
    for name, day, hour in DEBATES:
        begin = clock.seconds(2021, 8, day, hour)
        for quarter in range(12):  # five minutes at a time, so that little waits in memory
            at = begin + quarter * 300
            batch: list[Post] = []
            for _ in range(max(6, people * 2 // 10)):
                number = DEBATE_FROM + dice.below(people)
                post = Post(at * 1000 + dice.below(300_000), number, "")
                post.language = account(number).language
                batch.append(written(post, words.chat(dice, post.language), (name,)))
            yield _grouped(batch, f"debate_{name}")


def _grouped(batch: list[Post], name: str) -> tuple[int, list[Post]]:
    for post in batch:
        post.group = name
    return min(post.at_ms for post in batch), batch
