"""Zeeschuimer: what a browser showed while somebody scrolled, one raw object of a platform a line.

Input     {timestamp_collected, source_platform, item_id, data}; or the platform's object itself
          with the same facts in `__import_meta`, as 4CAT keeps it
Output    posts of X (the `legacy` objects of its site), TikTok and Instagram
Missing   what another platform's object, or a shape not known here, would say: the line is
          rejected with the platform and reason, and its bytes remain the evidence
Limits    The raw shapes are internal to the sites and change; the shapes known are those of
          version 1 of this mapper. What was shown is what a feed chose: sampling is `browser`.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import text_of
from tamis.sources.posts.frames import by_lines, frames
from tamis.sources.posts.row_taking import json_batches
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.told import Teller, wide
from tamis.sources.posts.zeeschuimer_shapes import instagram_post, tiktok_post, x_post
from tamis.syntax.clock import UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_SHAPES = {
    "twitter.com": ("x", x_post),
    "x.com": ("x", x_post),
    "tiktok.com": ("tiktok", tiktok_post),
    "instagram.com": ("instagram", instagram_post),
}


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is Zeeschuimer's, by the fields that it puts around each object."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or b'"source_platform"' not in head:
        return 0
    hits = sum(
        name in head
        for name in (b'"timestamp_collected"', b'"item_id"', b'"nav_index"', b'"__import_meta"')
    )
    return 98 if hits >= 2 else 60 if hits else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's posts in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    waiting = frames(stream, is_range=source.shared is not None)
    yield from json_batches(waiting, gather, _Reading(gather, source))


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._tellers = {name: Teller(gather, name) for name in ("x", "tiktok", "instagram")}
        self._sampling = str(source.options.get("sampling") or "browser")
        self._unknown: Counter[str] = Counter()

    def take(self, whole: Any, start: int, end: int) -> None:
        """Add the posts that one collected object holds."""
        if not isinstance(whole, dict):
            raise UnusableRowError("a JSON object was expected here")
        meta = whole.get("__import_meta")
        around: Mapping[str, Any] = meta if isinstance(meta, dict) else whole
        data = whole if isinstance(meta, dict) else whole.get("data")
        platform = str(around.get("source_platform") or "").lower()
        platform = platform.removeprefix("www.")
        known = _SHAPES.get(platform)
        if known is None or not isinstance(data, dict):
            self._unknown[platform or "unnamed"] += 1
            raise UnusableRowError(
                f"no mapper knows objects of {platform[:60] or 'an unnamed platform'!r}: the line "
                "is kept as evidence, nothing was taken from it"
            )
        teller = self._tellers[known[0]]
        try:
            posts = known[1](data, teller)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            self._unknown[platform] += 1
            raise UnusableRowError(
                f"this shape of {platform} is not known (mapper 1, {error!r})"[:300]
            ) from error
        seen = _seen(around)
        number = self._gather.place(start, end, seen, self._sampling, known[0])
        for told in posts:
            told.seen = seen
            teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = [
            f"{count} objects of {name} in a shape that is not known"
            for name, count in sorted(self._unknown.items())
        ]
        for teller in self._tellers.values():
            told += teller.told()
        return "; ".join(told) or None


def _seen(around: Mapping[str, Any]) -> str | None:
    """When the browser was shown the object, as ISO."""
    given = around.get("timestamp_collected")
    if isinstance(given, bool) or not isinstance(given, (int, float, str)) or given == "":
        return None
    try:
        at = moment(given).at_us
    except UnreadableTimeError:
        return None
    return text_of(_iso(at))


def _iso(at_us: int) -> str:
    seconds, micros = divmod(at_us, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros:06}Z"


READER = PostReader(
    platform="zeeschuimer",
    recognises=recognises,
    read=read,
    keeps=(
        "posts of X, TikTok and Instagram with time of collection, reposts, quotes, replies, "
        "mentions, links, hashtags, media ids, accounts, counts; other platforms' lines as rejected"
    ),
    cannot_know="what the feed did not show, shapes newer than its mapper",
    sampling="browser: what was shown to the person who scrolled",
    ranges=by_lines,
)
