"""The one planted cell: twelve accounts that push the same things within forty seconds.

What it reposts others repost too, at leisure, and it comes from many publishers: that is what sets
acting together apart from following one source. The larger the crowd, the more others: a thing of
few uses is judged by things as small, and of those the fans in a large crowd are quick on many. Its
links and hashtags are its own, and there nothing can tell it from readers of one alert.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.accounts import CELL, CROWD_FROM, FIRST_POSTER, SPEAKERS
from tamis.simulate.dice import Dice
from tamis.simulate.posts import Post, repeated, written

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOST_PUSHES, LINK_PUSHES, TAG_PUSHES = 24, 12, 12
WITHIN_MS = 39_000
WINDOW_S = 60
LAYERS = ("co_repost", "co_link", "co_hashtag")
_FROM_AT = clock.seconds(2021, 8, 15, 7)
_SPAN_S = clock.LEAK_AT - 3600 - _FROM_AT
_CAMOUFLAGE = 20
_AUDIENCE, _AUDIENCE_OF, _AUDIENCE_MS = 32, 400, 12 * 3_600_000
_LARGEST = 10.0
_COPY = (
    "Tout le monde devrait lire cela avant dimanche.",
    "Tout le monde devrait lire ça avant dimanche !",
    "A lire avant dimanche, tout le monde devrait.",
)


class Cell:
    """What the cell posts, and who did what with whom."""

    def __init__(self, seed: int, scale: float = 1.0) -> None:
        self._dice = Dice(seed, "cell")
        self._crowd = min(max(1.0, scale), _LARGEST)
        self.pushes: list[dict[str, object]] = []
        self._acted: dict[str, dict[str, list[tuple[int, int]]]] = {x: {} for x in LAYERS}
        self.posts: list[Post] = []
        for i in range(REPOST_PUSHES - 1):
            self._push("co_repost", i)
        for i in range(LINK_PUSHES):
            self._push("co_link", i)
        for i in range(TAG_PUSHES):
            self._push("co_hashtag", i)
        for number in CELL:
            for _ in range(_CAMOUFLAGE):
                at = clock.BEGIN_AT + self._dice.below(clock.LEAK_AT - clock.BEGIN_AT)
                post = Post(at * 1000 + self._dice.below(1000), number, "fr")
                self.posts.append(written(post, words.chat(self._dice, "fr")))
        for post in self.posts:
            post.group = post.group or "cell"

    def _members(self) -> list[tuple[int, int]]:
        """Ten to twelve members and their delays in milliseconds."""
        dice = self._dice
        who = dice.some(CELL, dice.between(10, 12))
        return [(number, dice.below(WITHIN_MS)) for number in who]

    def _push(self, layer: str, index: int) -> None:
        """One object pushed by nearly all of them."""
        dice = self._dice
        steps = REPOST_PUSHES if layer == "co_repost" else 16
        at = _FROM_AT + _SPAN_S * index // steps
        at_ms = (at + dice.below(5_000) + 1_200 * LAYERS.index(layer)) * 1000
        source: Post | None = None
        tag, url = "", ""
        if layer == "co_repost":
            source = Post(at_ms - dice.between(600_000, 18_000_000), SPEAKERS[index], "fr")
            self.posts.append(written(source, words.chat(dice, "fr")))
            source.group = "source"
            self._audience(source)
        elif layer == "co_link":
            url = _pushed(layer, index)
        else:
            tag = _pushed(layer, index)[1:]
        for number, lag in self._members():
            post = Post(at_ms + lag, number, "fr")
            if source is not None:
                self.posts.append(repeated(post, source))
            else:
                text = f"{dice.pick(_COPY)} {dice.pick(words.PLACES)}"
                self.posts.append(written(post, text, (tag,) if tag else (), (url,) if url else ()))
            self._note(layer, f"{layer}:{index}", number, post.at_ms)

    def _audience(self, source: Post) -> None:
        """People of daily life who repost it too, over half a day, most of them early."""
        dice = self._dice
        people, count = round(_AUDIENCE_OF * self._crowd), round(_AUDIENCE * self._crowd)
        for offset in dice.some(range(people), count):
            lag = 30_000 + int(_AUDIENCE_MS * dice.unit() ** 2)
            post = repeated(Post(source.at_ms + lag, CROWD_FROM + offset, "fr"), source)
            post.group = "audience"
            self.posts.append(post)

    def _note(self, layer: str, thing: str, number: int, at_ms: int) -> None:
        self._acted[layer].setdefault(thing, []).append((number, at_ms))

    def first_reposts(self, first: Post) -> list[tuple[int, int]]:
        """Who of the cell repeats the first post of the leak, and when: the last of its pushes."""
        if first.number != FIRST_POSTER:
            raise ValueError("the cell repeats the first poster only")
        chosen = [(n, first.at_ms + 6_000 + lag * 3 // 4) for n, lag in self._members()]
        for number, at in chosen:
            self._note("co_repost", "co_repost:first", number, at)
        return chosen

    def called(self) -> list[tuple[str, int]]:
        """The links and hashtags that it pushes, as they stand in a text, and the first use."""
        out = []
        for layer in ("co_link", "co_hashtag"):
            for index, acts in enumerate(self._acted[layer].values()):
                out.append((_pushed(layer, index), min(at for _, at in acts)))
        return sorted(out, key=lambda push: push[1])

    def pairs(self) -> list[dict[str, object]]:
        """For each pair and layer, on how many different things both acted within a minute."""
        out: list[dict[str, object]] = []
        for layer in LAYERS:
            weights = dict.fromkeys(combinations(CELL, 2), 0)
            for acts in self._acted[layer].values():
                for pair in _together(acts):
                    weights[pair] += 1
            out += [
                {"layer": layer, "a": a, "b": b, "shared_count": n} for (a, b), n in weights.items()
            ]
        return out


def _pushed(layer: str, index: int) -> str:
    if layer == "co_link":
        return f"https://veille-citoyenne.example/dossier/{index * 37 + 1101}"
    return f"#OstrevaneVeille{index + 1}"


def _together(acts: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of accounts whose acts on one thing lie within the window."""
    return {
        (min(a, b), max(a, b))
        for (a, at), (b, bt) in combinations(acts, 2)
        if a != b and abs(at - bt) <= WINDOW_S * 1000
    }
