"""TikTok's Research API: its answers as JSON, lists of videos, or a table of them.

Input     answers ({"data": {"videos": [...]}}), one video a line, an array, or CSV with the same
          names
Output    posted_at is `create_time`, in seconds since 1970 (UTC by definition). The words are the
          description; a spoken text (`voice_to_text`) is not mixed in.
Missing   target of a duet or stitch: the API does not name the video it was made from
Limits    `region_code` is the country of registration, no place of posting, and is not kept;
          music and effect ids are kept as media.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, text_of
from tamis.sources.posts.frames import frames
from tamis.sources.posts.row_taking import column_names, json_batches, opened, table_batches
from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.sources.posts.table_rows import open_rows
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_NAMES = ("video_description", "region_code", "hashtag_names", "music_id", "share_count")
_COUNTS = ("share_count", "comment_count", "like_count", "", "view_count")


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of this API, by field names that only it uses together."""
    names = column_names(glimpse)
    if names:
        return 96 if {"id", "create_time", "video_description"} <= names else 0
    head = glimpse.head
    hits = sum(b'"%s"' % name.encode() in head for name in _NAMES)
    return 96 if b'"create_time"' in head and b'"video_description"' in head and hits >= 2 else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's videos in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    taker = _Reading(gather, source)
    head, whole = opened(stream)
    if head.startswith((b"{", b"[")):
        yield from json_batches(frames(whole), gather, taker)
        return
    table = open_rows(whole, source.name)
    yield from table_batches(table, gather, taker, table.rows)


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._teller = Teller(gather, "tiktok")
        self._sampling = str(source.options.get("sampling") or "query")

    def take(self, whole: Any, start: int | None, end: int | None) -> bool | None:
        """Add one video, or all of an answer (whose rows are counted here)."""
        if not isinstance(whole, dict):
            raise UnusableRowError("a JSON object was expected here")
        data = whole.get("data")
        videos = data.get("videos") if isinstance(data, dict) else whole.get("videos")
        if isinstance(videos, list):
            self._several(videos, start, end)
            return True
        if "error" in whole and "id" not in whole:
            raise UnusableRowError(f"the API answered with an error: {str(whole['error'])[:200]}")
        self._video(whole, start, end)
        return None

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        return "; ".join(self._teller.told()) or None

    def _several(self, videos: list[Any], start: int | None, end: int | None) -> None:
        gather = self._gather
        for rank, one in enumerate(videos, 1):
            try:
                self._video(one, start, end)
            except (TypeError, KeyError, AttributeError, ValueError) as error:
                gather.reject(start, f"video {rank} of the answer: {error}"[:300], "")
            else:
                gather.row_count += 1
        if not videos:
            gather.row_count += 1
            gather.skipped_count += 1

    def _video(self, video: Mapping[str, Any], start: int | None, end: int | None) -> None:
        get, teller = video.get, self._teller
        native, made = native_id(get("id"), "video id"), get("create_time")
        if native is None or made in {None, ""}:
            raise UnusableRowError("the row names no video or no time")
        handle = text_of(get("username"))
        stamp = moment(made.removesuffix(".0") if isinstance(made, str) else made)
        told = Told(native, f"@{handle.lower()}" if handle else None, When(stamp, "platform"))
        told.text, told.handle = text_of(get("video_description")), handle
        told.counts = tuple(count_of(get(name)) if name else None for name in _COUNTS)
        tags = get("hashtag_names")
        teller.tags(told, entries(tags))
        teller.from_text(told, tags=tags is None)
        teller.mentions(told, entries(get("video_mention_list")))
        music = native_id(get("music_id"), "music id")
        if music is not None:
            teller.thing(told, "media", f"tiktok:music:{music}", f"music {music}", "attachment")
        for effect in entries(get("effect_ids")):
            teller.thing(told, "media", f"tiktok:effect:{effect}", f"effect {effect}", "attachment")
        number = self._gather.place(start, end, None, self._sampling, "tiktok")
        teller.tell(told, number)


READER = PostReader(
    platform="tiktok",
    recognises=recognises,
    read=read,
    keeps=(
        "videos with their description, hashtags, mentions, links in the text, music and effects "
        "as media, accounts by handle, counts as of the answer"
    ),
    cannot_know=(
        "which video a duet or stitch was made from, an account's id, where a video was made "
        "(region_code is the country of registration), the time of the counts"
    ),
    sampling="query unless told",
)
