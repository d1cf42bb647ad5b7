"""Posts of any platform as a reader understood them, and how they become rows of the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from tamis.sources.posts.batches import WAY, Times
from tamis.sources.posts.gather import action_id
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.places import named_post
from tamis.syntax.clock import MICROS, Moment
from tamis.syntax.text import hashtag, text_hash
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.sources.posts.gather import Gather

# Columns that these rows carry beyond what every reader gives.
EXTRA: Mapping[str, tuple[str, ...]] = {
    "post": ("container_id", "deleted_at"),
    "action": ("origin_at", "via_post_id"),
    "notice": ("target_account_id", "grade", "via_post_id"),
    "account": ("scope",),
}
MAX_COUNT = 1 << 53
_REMEMBERED = 200_000
_NO_CLOCK = (None,) * 5


class Clock(NamedTuple):
    """A time of a post with its interval, in microseconds since 1970, and whose clock it was."""

    at: int | None
    low: int | None
    high: int | None
    name: str
    precision_s: float


class Account(NamedTuple):
    """An account as one line shows it; `scope` says where its native id means the same one."""

    native: str
    handle: str | None = None
    display_name: str | None = None
    created: int | None = None
    scope: str = "global"


class Profile(NamedTuple):
    """What an account's page says at one time."""

    description: str | None = None
    location: str | None = None
    follower_count: int | None = None
    following_count: int | None = None
    post_count: int | None = None


class Counts(NamedTuple):
    """Public counts of a post."""

    reposts: int | None = None
    replies: int | None = None
    likes: int | None = None
    quotes: int | None = None
    views: int | None = None


class Notice(NamedTuple):
    """An action that stands in no post of its own: an edit, a deletion, a bare repost.

    `target`, `account`, `via` and `whom` are whole ids: the post acted on, who acted, the post
    through which it came, and whose post it was.
    """

    kind: str
    target: str | None
    account: str | None
    clock: Clock | None
    grade: str = "native"
    via: str | None = None
    whom: str | None = None


@dataclass(slots=True)
class Post:
    """One post, its ids native; `acts` and `found` are filled by the methods."""

    platform: str
    native: str
    account: str | None
    text: str | None
    clock: Clock | None
    thread: str | None = None
    container: str | None = None
    language: str | None = None
    client: str | None = None
    edited_of: str | None = None
    deleted_us: int | None = None
    is_copy: bool = False
    counts: Counts | None = None
    acts: dict[tuple[str, str | None], tuple[Any, ...]] = field(default_factory=dict)
    found: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def act(
        self,
        kind: str,
        target: str | None,
        account: str | None = None,
        grade: str = "native",
        origin: int | None = None,
        via: str | None = None,
    ) -> None:
        """One action on a post or, without one, on an account (both whole ids), once each."""
        aim = target or account
        if (kind, aim) not in self.acts:
            actor = f"{self.platform}:{self.account}" if self.account else None
            made = action_id(kind, actor, f"{self.platform}:{self.native}", aim)
            self.acts[kind, aim] = (made, kind, target, account, grade, origin, via)

    def carry(self, kind: str, canonical: str, display: str, role: str, method: str) -> None:
        """One object in the post, in the first way it was seen there."""
        self.found.setdefault((kind, canonical), (display, WAY[role, method]))

    def links(self, addresses: Iterable[str], role: str, method: str) -> None:
        """Addresses with their domains; a post that one names is acted on unless inherited."""
        role = "inherited" if self.is_copy else role
        for raw in addresses:
            target = link(raw)
            if target is None or target.is_media_of_status:
                continue
            post = f"x:{target.status_id}" if target.status_id else named_post(raw)
            is_other = post and not self.is_copy and post != f"{self.platform}:{self.native}"
            if post and is_other and all(aim != post for _, aim in self.acts):
                self.act("link_to_post", post, None, "id_reference")
            self.carry("url", target.canonical, raw, role, method)
            if target.domain is not None:
                self.carry("domain", target.domain, target.domain, role, method)

    def tags(self, tags: Iterable[str], method: str) -> None:
        """Hashtags, with or without their sign."""
        for tag in tags:
            canonical = hashtag(tag)
            if canonical:
                role = "inherited" if self.is_copy else "in_text"
                self.carry("hashtag", canonical, f"#{tag.lstrip('#')}", role, method)

    def attach(self, kind: str, canonical: str, display: str) -> None:
        """One file that the post carries."""
        role = "inherited" if self.is_copy else "attachment"
        self.carry(kind, canonical, display, role, "entity")


class Writer:
    """Puts posts, accounts and containers of one file among its rows, each content once."""

    def __init__(self, gather: Gather, platform: str) -> None:
        self._gather = gather
        self._platform = platform
        self._posts: Memory[str, tuple[int, int, Counts | None]] = Memory(_REMEMBERED)
        self._accounts: Memory[str, tuple[Any, ...]] = Memory(_REMEMBERED)
        self._profiles: Memory[str, tuple[Any, ...]] = Memory(_REMEMBERED)
        self._containers: Memory[str, bool] = Memory(_REMEMBERED)
        self.changed_count = 0

    def post(self, post: Post, line: int) -> bool:
        """Add one post and all it did; whether its content was new to the file."""
        deeds = hash(tuple(post.acts))
        content = hash((post.text, post.account, post.clock, post.edited_of, deeds))
        known = self._posts.get(post.native)
        version = known[1] if known is not None else 0
        is_new = known is None or known[0] != content
        if is_new:
            version += 1
            self.changed_count += known is not None
            self._add(post, version, line)
        if post.counts is not None and (known is None or known[2] != post.counts):
            self._gather.post_states.append((post.native, *post.counts, line))
        self._posts.put(post.native, (content, version, post.counts))
        return is_new

    def _add(self, post: Post, version: int, line: int) -> None:
        gather, index = self._gather, len(self._gather.posts)
        own_hash = text_hash(post.text) if post.text and not post.is_copy else None
        container = f"{self._platform}:{post.container}" if post.container else None
        gather.posts.append(
            (
                *(post.native, version, True, post.thread, post.account, post.text, own_hash),
                *(post.language, post.client, post.edited_of, container, post.deleted_us, line),
            )
        )
        gather.clocks.append(post.clock)
        gather.actions += [(*row, index) for row in post.acts.values()]
        if post.found:
            ids = {
                gather.declare(kind, canonical, display): way
                for (kind, canonical), (display, way) in post.found.items()
            }
            gather.carry(ids.keys(), ids.values(), index)

    def account(self, account: Account, line: int, profile: Profile | None = None) -> None:
        """Add an account, and what its page said, unless the file said the same before."""
        known = self._accounts.get(account.native)
        is_told = any(one is not None for one in account[1:4])
        if known is None or (is_told and known != account):
            self._accounts.put(account.native, account)
            row = (account.native, account.handle, account.display_name, account.created)
            self._gather.accounts.append((*row, account.scope, line))
        if profile is not None:
            state = (account.native, account.handle, account.display_name, *profile)
            if self._profiles.get(account.native) != state:
                self._profiles.put(account.native, state)
                self._gather.account_states.append((*state, line))

    def container(
        self, native: str, kind: str, name: str | None, parent: str | None, line: int
    ) -> None:
        """Add a board, channel, guild or the like, once a file."""
        if self._containers.add(native, True):
            whole = f"{self._platform}:{parent}" if parent else None
            self._gather.containers.append((f"{self._platform}:{native}", kind, name, whole, line))

    def notice(self, notice: Notice, line: int) -> None:
        """Add an action that stands in no post of its own."""
        kind, target, account, clock, grade, via, whom = notice
        made = action_id(kind, account, None, target)
        acted = (clock.at, clock.low, clock.high) if clock is not None else (None, None, None)
        self._gather.notices.append((made, kind, target, account, *acted, whom, grade, via, line))

    def told(self) -> list[str]:
        """What a person should know."""
        if not self.changed_count:
            return []
        return [f"{self.changed_count} posts came again with other content; each is kept"]


def stated(when: Moment, name: str) -> Clock:
    """A moment as the named clock shows it."""
    return Clock(when.at_us, when.low_us, when.high_us, name, when.precision_s)


def times(posts: list[tuple[Any, ...]], clocks: list[Clock | None]) -> Times:
    """The time columns of a batch, as its clocks say."""
    del posts

    at, low, high, names, precision = zip(*(one or _NO_CLOCK for one in clocks), strict=True)
    return Times(
        at=pa.array(at, pa.int64()).cast(MICROS),
        low=pa.array(low, pa.int64()).cast(MICROS),
        high=pa.array(high, pa.int64()).cast(MICROS),
        clock=pa.array(names, pa.string()),
        precision=pa.array(precision, pa.float64()),
    )
