"""One row of a table as rows of the case: a post, what it did, and what it carries."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.sources.posts.batches import WAY, Times
from tamis.sources.posts.gather import action_id
from tamis.sources.posts.memory import Memory
from tamis.sources.posts.table_cells import (
    UnusableRowError,
    entries,
    is_empty,
    native_id,
    plain_text,
)
from tamis.syntax.clock import MICROS, Moment, moment
from tamis.syntax.text import hashtag, platform_name, reposted_handle, text_hash, written
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.registry import Source
    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_columns import Columns
    from tamis.sources.posts.table_rows import Row

_REMEMBERED = 250_000
_PREFIX = re.compile(r"([A-Za-z]{1,20})[_:/]")
_Known = Memory[tuple[str, str], tuple[int, int, frozenset[str]]]
_Accounts = Memory[tuple[str, str, str | None], bool]
_ROLES = (
    *("time", "account", "id", "platform", "text", "thread", "language", "handle"),
    *("repost_of", "reply_to", "quote_of"),
)
_REFERENCES = (("repost", "repost_of"), ("reply", "reply_to"), ("quote", "quote_of"))


@dataclass(slots=True)
class _Deeds:
    """The actions of one row, without their index in the batch."""

    platform: str
    account: str
    native: str
    rows: list[tuple[str, str, str | None, str | None, str]]

    def add(self, kind: str, target: str | None, grade: str, whom: str | None = None) -> None:
        """One action on a post or, without one, on an account."""
        actor, post = f"{self.platform}:{self.account}", f"{self.platform}:{self.native}"
        made = action_id(kind, actor, post, target or whom)
        self.rows.append((made, kind, target, whom, grade))


def _memories() -> tuple[_Known, _Accounts]:
    return Memory(_REMEMBERED), Memory(_REMEMBERED)


def _prefix(value: Any) -> str | None:
    """The letters before the first `_`, `:` or `/` of an id such as fb_123; None without any."""
    found = _PREFIX.match(value) if isinstance(value, str) else None
    return found[1].lower() if found else None


class TablePosts:
    """The rows of one table turned into posts, each content once as far back as is remembered."""

    def __init__(
        self,
        gather: Gather,
        source: Source,
        names: tuple[str, ...],
        columns: Columns,
        before: TablePosts | None = None,
    ) -> None:
        """Read a table; what `before` read of another one in the same file is known."""
        self._gather = gather
        self._at = {role: names.index(name) for role, name in columns.roles.items()}
        # A row's values get a None behind them, at which roles without a column point.
        self._usual = [self._at.get(role, len(names)) for role in _ROLES]
        self._prefix_at = self._at.get("platform_prefix", len(names))
        self._objects = [(names.index(name), kind) for name, kind in columns.objects.items()]
        self._zone = source.options.get("assume_zone")
        self._platform = str(source.options.get("platform") or "table")
        self._sampling = str(source.options.get("sampling") or "unknown")
        self.memories: tuple[_Known, _Accounts] = _memories() if before is None else before.memories
        self._known, self._accounts = self.memories
        self.changed_count = 0

    def add(self, row: Row) -> None:
        """Add what one row says.

        Errors    UnusableRowError or UnreadableTimeError, before anything was added
        """
        gather = self._gather
        told = (*row.values, None)
        stamp, who, own, where, words, under, tongue, name, *aims = [told[at] for at in self._usual]
        when = self._moment(stamp)
        account = native_id(who, "account")
        if account is None:
            raise UnusableRowError("the row names no account")
        native = native_id(own, "post id") or _id_of_content(row)
        named = platform_name(plain_text(where) or "")
        platform = named or _prefix(told[self._prefix_at]) or self._platform
        text, thread = plain_text(words), native_id(under, "thread id")
        language, handle = plain_text(tongue), plain_text(name)
        deeds = _Deeds(platform, account, native, [])
        targets = {
            kind: None if aim is None else native_id(aim, f"{role} id")
            for (kind, role), aim in zip(_REFERENCES, aims, strict=True)
        }
        is_copy = _deeds(deeds, text, targets)
        found, statuses = self._found(row, text, is_copy=is_copy)
        for status in statuses:
            deeds.add("link_to_post", f"x:{status}", "id_reference")
        number = gather.place(row.start, row.end, None, self._sampling, platform)
        content = hash((account, when.at_us, text, *targets.values()))
        known = self._known.get((platform, native))
        before: frozenset[str] = frozenset()
        if known is not None and known[0] == content:
            before, version = known[2], known[1]
            index = gather.bearer(native, number)
        else:
            version = 1 if known is None else known[1] + 1
            self.changed_count += known is not None
            index = len(gather.posts)
            own_hash = text_hash(text) if text and not is_copy else None
            made = (native, version, True, thread, account, text, own_hash, language)
            gather.posts.append((*made, None, None, number))
            gather.clocks.append(when)
            gather.actions += [(*deed, index) for deed in deeds.rows]
        if found:
            fresh = {one: way for one, way in found.items() if one not in before}
            gather.carry(fresh.keys(), fresh.values(), index)
            before = before | fresh.keys()
        self._known.put((platform, native), (content, version, before))
        if self._accounts.add((platform, account, handle), True):
            gather.accounts.append((account, handle, None, None, number))

    def _moment(self, given: Any) -> Moment:
        if isinstance(given, (datetime, date)):
            given = given.isoformat()
        is_time = isinstance(given, (str, int, float)) and not isinstance(given, bool)
        if not is_time or is_empty(given):
            raise UnusableRowError("the row names no time")
        return moment(given, self._zone)

    def _found(
        self, row: Row, text: str | None, *, is_copy: bool
    ) -> tuple[dict[str, int], list[str]]:
        """Objects with the way they stand in the row, and the posts of X that links name."""
        declare = self._gather.declare
        role = "inherited" if is_copy else "in_text"
        found: dict[str, int] = {}
        for position, kind in self._objects:
            opaque = native_id(row.values[position], f"{kind} id")
            if opaque is not None:
                found.setdefault(declare(kind, opaque, opaque), WAY["in_text", "column"])
        shown = (
            written(text) if text and ("#" in text or "http" in text or "www." in text) else None
        )
        urls, url_way = self._listed(row, shown.urls if shown else (), "url")
        shown_tags = shown.hashtags if shown else ()
        tags, tag_way = self._listed(row, shown_tags, "hashtags")
        statuses: list[str] = []
        for raw in urls:
            target = link(raw)
            if target is None or target.is_media_of_status:
                continue
            if target.status_id is not None:
                statuses.append(target.status_id)
            found.setdefault(declare("url", target.canonical, raw), WAY[role, url_way])
            if target.domain is not None:
                made = declare("domain", target.domain, target.domain)
                found.setdefault(made, WAY[role, url_way])
        for tag in tags:
            canonical = hashtag(tag)
            if canonical:
                shown_tag = f"#{tag.lstrip('#')}"
                found.setdefault(declare("hashtag", canonical, shown_tag), WAY[role, tag_way])
        return found, [] if is_copy else list(dict.fromkeys(statuses))

    def _listed(self, row: Row, otherwise: Iterable[str], role: str) -> tuple[Iterable[str], str]:
        """A list column's entries; without such a column, what the text shows."""
        at = self._at.get(role)
        if at is None:
            return otherwise, "text"
        given = row.values[at]
        return entries(given) if given is not None else (), "column"


def times(posts: list[tuple[Any, ...]], moments: list[Moment]) -> Times:
    """The time columns of a batch: as the table states them, whatever its clock was."""
    del posts
    at, low, high, precision = zip(*moments, strict=True)
    return Times(
        at=pa.array(at, pa.int64()).cast(MICROS),
        low=pa.array(low, pa.int64()).cast(MICROS),
        high=pa.array(high, pa.int64()).cast(MICROS),
        clock=pa.repeat("archive", len(moments)),
        precision=pa.array(precision, pa.float64()),
    )


def _id_of_content(row: Row) -> str:
    """An id for a row of a table without ids: the same row in two exports is one post."""
    told = "\x1f".join("" if value is None else str(value) for value in row.values or ())
    return f"row-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def _deeds(deeds: _Deeds, text: str | None, targets: Mapping[str, str | None]) -> bool:
    """Add what columns reference and what the text shows; whether the row is a repost."""
    for kind, target in targets.items():
        if target is not None:
            deeds.add(kind, f"{deeds.platform}:{target}", "id_reference")
    if targets["repost"] is not None:
        return True
    by_hand = reposted_handle(text) if text else None
    if by_hand is not None:
        deeds.add("repost", None, "text_pattern", f"{deeds.platform}:@{by_hand.lower()}")
        return True
    if text and "@" in text:
        for name in dict.fromkeys(name.lower() for name in written(text).mentions):
            deeds.add("mention", None, "text_pattern", f"{deeds.platform}:@{name}")
    return False
