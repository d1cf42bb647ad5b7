"""What one row of an export tells about a post, in words that every platform shares.

A reader fills a `Told` from a row, and `Teller` turns it into post, actions, accounts, objects,
counts and containers; the same content twice is one post, other content under the same id a
further version, as far back as is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from tamis.sources.posts.batches import WAY, Times
from tamis.sources.posts.gather import Gather, action_id
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.syntax.clock import MICROS, Moment
from tamis.syntax.text import hashtag, reposted_handle, text_hash, written
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tamis.registry import Source

_REMEMBERED = 250_000
_MAX_COUNT = 1 << 53
_NO_COUNTS, _NO_STATE = (None,) * 5, (None,) * 5
_EXTRA = {"post": ("container_id",), "account": ("scope",)}


class When(NamedTuple):
    """The time of one post and whose clock it was.

    `is_bound`: the moment is no time of posting, only the latest that it can be.
    """

    moment: Moment
    clock: str
    is_bound: bool = False


@dataclass(slots=True)
class Told:
    """One post as its row tells it; ids are native, `None` is what the row does not say.

    `counts` are reposts, replies, likes, quotes, views; `profile` is follower, following and
    post count; `is_copy` says that the words and objects are those of a reposted original.
    """

    native: str
    account: str | None
    when: When | None
    text: str | None = None
    thread: str | None = None
    language: str | None = None
    client: str | None = None
    container: str | None = None
    handle: str | None = None
    name: str | None = None
    created: str | None = None
    description: str | None = None
    location: str | None = None
    profile: tuple[int | None, int | None, int | None] = (None, None, None)
    counts: tuple[int | None, ...] = _NO_COUNTS
    scope: str = "global"
    seen: str | None = None
    is_copy: bool = False
    is_cut: bool = False
    deeds: list[tuple[str, str | None, str | None, str]] = field(default_factory=list)
    found: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)


class Teller:
    """The posts of one file, each content once as far back as is remembered."""

    def __init__(self, gather: Gather, platform: str) -> None:
        self.gather = gather
        self.platform = platform
        self._known: Memory[str, tuple[int, int, Any]] = Memory(_REMEMBERED)
        self._accounts: Memory[str, tuple[Any, ...]] = Memory(_REMEMBERED)
        self._states: Memory[str, tuple[Any, ...]] = Memory(_REMEMBERED)
        self._containers: Memory[str, bool] = Memory(_REMEMBERED)
        self._unwritten: dict[str, tuple[str, str, str | None, None]] = {}
        self.changed_count = 0

    def container(self, native: str, kind: str, name: str | None = None) -> str:
        """The whole id of a container, which gets its row if the file did not name it lately."""
        made = f"{self.platform}:{native}"
        if self._containers.get(made) is None:
            self._unwritten[made] = (made, kind, name, None)
        return made

    def links(
        self, told: Told, urls: Iterable[str | None], role: str = "in_text", method: str = "column"
    ) -> None:
        """Add addresses, their domains, and the posts of X that they name."""
        way = WAY["inherited" if told.is_copy else role, method]
        for raw in urls:
            target = link(raw) if raw else None
            if raw is None or target is None or target.is_media_of_status:
                continue
            if target.status_id is not None:
                if self.platform == "x" and target.status_id in {
                    told.native,
                    *[(aim or "").removeprefix("x:") for _, aim, _, _ in told.deeds],
                }:
                    continue
                if not told.is_copy:
                    told.deeds.append(
                        ("link_to_post", f"x:{target.status_id}", None, "id_reference")
                    )
            told.found.setdefault(("url", target.canonical), (raw, way))
            if target.domain is not None:
                told.found.setdefault(("domain", target.domain), (target.domain, way))

    def tags(self, told: Told, tags: Iterable[str], method: str = "column") -> None:
        """Add hashtags."""
        way = WAY["inherited" if told.is_copy else "in_text", method]
        for tag in tags:
            canonical = hashtag(tag)
            if canonical:
                shown = f"#{tag.strip().lstrip('#')}"
                told.found.setdefault(("hashtag", canonical), (shown, way))

    def thing(self, told: Told, kind: str, canonical: str, shown: str, role: str) -> None:
        """Add one other object."""
        way = WAY["inherited" if told.is_copy else role, "column"]
        told.found.setdefault((kind, canonical), (shown, way))

    def mentions(self, told: Told, handles: Iterable[str], grade: str = "name_only") -> None:
        """Add accounts that are named by their handle; what a repost names is no act of its own."""
        if not told.is_copy:
            for name in dict.fromkeys(one.strip().lstrip("@").lower() for one in handles):
                if name:
                    told.deeds.append(("mention", None, f"{self.platform}:@{name}", grade))

    def from_text(self, told: Told, *, urls: bool = True, tags: bool = True) -> None:
        """Add what the text itself shows, for exports that list nothing of it."""
        text = told.text
        if not text or not ("#" in text or "\uff03" in text or "http" in text or "www." in text):
            return
        shown = written(text)
        if urls:
            self.links(told, shown.urls, method="text")
        if tags:
            self.tags(told, shown.hashtags, method="text")

    def by_hand(self, told: Told) -> None:
        """Take a text that begins with `RT @name` for a repost, graded so."""
        name = reposted_handle(told.text) if told.text and not told.is_copy else None
        if name is not None:
            told.is_copy = True
            told.deeds.append(("repost", None, f"{self.platform}:@{name.lower()}", "text_pattern"))

    def tell(self, told: Told, line: int) -> None:
        """Add the rows of one post; all of them or none.

        Errors    UnusableRowError when a count is none, before anything was added
        """
        check_counts((*told.counts, *told.profile))
        gather, key = self.gather, told.native
        if self._unwritten:
            for made, row in self._unwritten.items():
                if self._containers.add(made, True):
                    gather.containers.append((*row, line))
            self._unwritten = {}
        at = told.when.moment.at_us if told.when and not told.when.is_bound else None
        deeds = tuple([deed[:3] for deed in told.deeds]) if told.deeds else ()
        content = hash((told.account, at, told.text, *deeds))
        known = self._known.get(key)
        version = known[1] if known is not None else 0
        if known is None or known[0] != content:
            version += 1
            self.changed_count += known is not None
            self._post(told, version, line)
        state = (*told.counts, told.seen)
        if told.counts != _NO_COUNTS and (known is None or known[2] != state):
            gather.post_states.append((told.native, *told.counts, line))
        self._known.put(key, (content, version, state))
        if told.account is not None:
            self.account(told, line)

    def account(self, told: Told, line: int) -> None:
        """Add the rows of the account, unless the file said the same before."""
        gather, key = self.gather, str(told.account)
        names = (told.handle, told.name, told.created)
        shown = (*names[:2], told.description, told.location, *told.profile)
        if self._accounts.get(key) != names:
            gather.accounts.append((told.account, *names, told.scope, line))
            self._accounts.put(key, names)
        if shown[2:] != _NO_STATE and self._states.get(key) != shown:
            gather.account_states.append((told.account, *shown, line))
            self._states.put(key, shown)

    def told(self) -> list[str]:
        """What a person should know about the file so far."""
        if not self.changed_count:
            return []
        return [f"{self.changed_count} posts came again with other content; each is kept"]

    def _post(self, told: Told, version: int, line: int) -> None:
        gather, index = self.gather, len(self.gather.posts)
        own = None if told.is_copy or told.is_cut or not told.text else text_hash(told.text)
        gather.posts.append(
            (
                *(told.native, version, True, told.thread, told.account, told.text, own),
                *(told.language, told.client, None, told.container, line),
            )
        )
        gather.clocks.append(told.when)
        gather.actions += [(*row, index) for row in _acts(told, self.platform)]
        if told.found:
            declare = gather.declare
            ids = [declare(*thing, shown) for thing, (shown, _) in told.found.items()]
            gather.carry(ids, [way for _, way in told.found.values()], index)


def _acts(told: Told, platform: str) -> Iterator[tuple[Any, ...]]:
    """The actions of one post, each once, without their index in the batch."""
    if not told.deeds:
        return
    actor = f"{platform}:{told.account}" if told.account is not None else None
    post, done = f"{platform}:{told.native}", set()
    for kind, target, whom, grade in told.deeds:
        aim = target or whom
        if (kind, aim) not in done:
            done.add((kind, aim))
            yield action_id(kind, actor, post, aim), kind, target, whom, grade


def _times_of(when: When | None) -> tuple[int | None, int | None, int | None, float | None]:
    if when is None:
        return None, None, None, None
    if when.is_bound:
        return None, None, when.moment.high_us, when.moment.precision_s
    return when.moment


def times(posts: list[tuple[Any, ...]], whens: Sequence[When | None]) -> Times:
    """The time columns of a batch, from the times its rows told."""
    del posts
    columns = zip(*map(_times_of, whens), strict=True) if whens else ((),) * 4
    at, low, high, precision = columns
    return Times(
        at=pa.array(at, pa.int64()).cast(MICROS),
        low=pa.array(low, pa.int64()).cast(MICROS),
        high=pa.array(high, pa.int64()).cast(MICROS),
        clock=pa.array([one.clock if one else None for one in whens], pa.string()),
        precision=pa.array(precision, pa.float64()),
    )


def wide(source: Source, reader: str) -> Gather:
    """The gather of one file whose posts carry a `When`, containers and scopes."""
    return Gather(source, reader, times, _EXTRA)


def check_counts(counts: Sequence[int | None]) -> None:
    """Refuse numbers that no platform ever had.

    Errors    UnusableRowError
    """
    bits = 0
    for count in counts:
        if count is not None:
            bits |= count  # one negative or huge number shows in the union of the bits
    if 0 <= bits < _MAX_COUNT:
        return
    for count in counts:
        if count is not None and not 0 <= count < _MAX_COUNT:
            raise UnusableRowError("a count is negative or larger than any platform's")
