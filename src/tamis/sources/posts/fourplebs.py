r"""4chan: boards as the 4plebs archive dumps them to CSV, whose times are wrong by a time zone.

Input     28 columns without a header, as MySQL writes them: quoted with `"`, escaped with `\`,
          `N` or `\N` for nothing; a comment may hold line ends. The board is the file's name
          (`pol.csv`)
Output    as the reader of 4chan: a post is the same one in both; quote-links are plain text here
Missing   posted_at where nothing says in which zone's wall time the numbers are written: then
          the interval covers every zone
Limits    The zone is taken from --assume-zone, or from the names of uploads, which 4chan makes
          from its own clock: where twenty of them agree on one reading for the first rows, all
          rows are read so, and a row whose upload disagrees keeps both times. Posts made on the
          archive itself (ghost posts) are counted, not kept.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts import boards
from tamis.sources.posts.fourchan import PLATFORM
from tamis.sources.posts.fourplebs_rows import COLUMNS, Record, fields, records
from tamis.sources.posts.post_rows import Clock, Notice, Post, stated
from tamis.sources.posts.reading import Reading
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import UnreadableTimeError, check_zone, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_ZONES = ("UTC", "America/New_York")
_LOOKED_AT, _LOOKED_AT_BYTES = 5000, 16 << 20
_ENOUGH, _AGREE_US = 20, 120_000_000
_HOUR_US = 3_600_000_000
_FILE = re.compile(r"(?:^|[^a-z0-9])([a-z0-9]{1,5})(?:[._-][a-z0-9._-]*)?\.(?:csv|txt)$")
_UPLOAD = re.compile(r"(\d{10})(\d{3})?(?:\d{3})?s?\.[A-Za-z0-9]{1,8}")


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is such a dump, by its first row: 28 fields, numbers where they belong."""
    record = next(iter(records(_Bytes(glimpse.head))), None)  # type: ignore[arg-type]
    if record is None or record.data is None:
        return 0
    told = fields(record.data)
    if len(told) != len(COLUMNS):
        return 0
    row = dict(zip(COLUMNS, told, strict=True))
    numbers = (row["num"], row["subnum"], row["thread_num"], row["timestamp"])
    return 90 if all(one and one.isdigit() for one in numbers) and row["op"] in {"0", "1"} else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's tables in batches, last its row of `intake_count`."""
    reading = Reading(source, READER.name, PLATFORM)
    if reading.zone is not None:
        check_zone(reading.zone)
    waiting = records(stream)
    early, size = [], 0
    for record in waiting:
        early.append(record)
        size += len(record.data or b"")
        if len(early) >= _LOOKED_AT or size > _LOOKED_AT_BYTES:
            break
    rows = _Rows(reading, _board(source), reading.zone or _zone(early, reading))
    yield from reading.batches(chain(early, waiting), rows.take)


class _Bytes:
    """Bytes as a stream, cut ones included."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int) -> bytes:
        """The next bytes."""
        taken, self._data = self._data[:size], self._data[size:]
        return taken


class _Rows:
    """The rows of one dump."""

    def __init__(self, reading: Reading, board: boards.Board, zone: str | None) -> None:
        self._reading = reading
        self._board = board
        self._zone = zone

    def take(self, record: Record) -> None:
        """One row."""
        reading = self._reading
        reading.gather.byte_count += record.end - record.start
        data = record.data
        if data is None:
            reading.reject(record.start, record.why or "this is no row", b"")
        elif not data.strip():
            reading.skip()
        else:
            reading.attempt(record.start, data, lambda: self._row(data, record))

    def _row(self, data: bytes, record: Record) -> None:
        row = _named(data)
        number, thread = (_number(row, name) for name in ("num", "thread_num"))
        reading, board = self._reading, self._board
        if row["subnum"] not in {None, "0"}:
            reading.gather.skipped_count += 1
            reading.remark("{} posts were made on the archive itself, not on 4chan: left out")
            return
        text = row["comment"] or ""
        who = boards.poster(board, thread, {
            "id": row["poster_hash"], "trip": row["trip"], "name": row["name"],
            "country": row["poster_country"],
        })  # fmt: skip
        post = Post(
            *(PLATFORM, f"{board.prefix}/{number}", who[0].native if who else None),
            boards.words(row["title"], text),
            self._clock(row),
            thread=f"{board.prefix}/{thread}",
            container=board.name,
        )
        boards.quote(post, board, text, {})
        boards.mark(post, post.text or "")
        boards.attach(post, {"md5": row["media_hash"], "filename": row["media_filename"]})
        line = reading.place(record.start, record.end, None, "full")
        if board.name is not None:
            reading.writer.container(board.name, "board", f"/{board.name}/", None, line)
        if who is not None:
            reading.writer.account(who[0], line, who[1] if who[1].location else None)
        if reading.writer.post(post, line) and row["deleted"] == "1":
            low = post.clock.low if post.clock is not None else None
            when = Clock(None, low, None, "archive", 1.0)
            reading.writer.notice(Notice("delete", f"{PLATFORM}:{post.native}", None, when), line)

    def _clock(self, row: Mapping[str, str | None]) -> Clock:
        seconds, upload = int(_number(row, "timestamp")), _upload_us(row)
        if self._zone is not None:
            clock = _read(seconds, self._zone)
            if clock is None:
                raise UnusableRowError(f"the time {seconds} never was in {self._zone}")
            if upload is not None and not _agrees(clock, upload):
                self._reading.remark("{} uploads disagree with their row's time: both are kept")
                low, high = clock.low or 0, clock.high or 0
                return clock._replace(low=min(low, upload), high=max(high, upload))
            return clock
        if upload is not None:
            for clock in (_read(seconds, zone) for zone in _ZONES):
                if clock is not None and _agrees(clock, upload):
                    return clock
        self._reading.remark(
            "{} times are written in an unknown zone (posted_at is empty, the interval covers all "
            "zones): say which with --assume-zone, for example America/New_York"
        )
        at = moment(seconds).at_us
        return Clock(None, at - 14 * _HOUR_US, at + 12 * _HOUR_US, "archive", 1.0)


def _board(source: Source) -> boards.Board:
    """The board by the file's name."""
    found = _FILE.search(source.name.lower())
    if found is not None and not found[1].isdigit():
        return boards.Board(found[1], found[1])
    return boards.Board(f"unknown-{source.item_id[:12]}", None)


def _zone(early: list[Record], reading: Reading) -> str | None:
    """The zone whose wall time the first rows are written in, by their uploads; None if unsure."""
    votes, total = dict.fromkeys(_ZONES, 0), 0
    for record in early:
        try:
            row = _named(record.data or b"")
            seconds, upload = int(_number(row, "timestamp")), _upload_us(row)
            if upload is None:
                continue
            total += 1
            for zone in _ZONES:
                clock = _read(seconds, zone)
                votes[zone] += clock is not None and _agrees(clock, upload)
        except (UnusableRowError, UnreadableTimeError, ValueError):
            continue
    best = max(votes, key=lambda zone: votes[zone])
    if votes[best] < _ENOUGH or votes[best] < 0.99 * total:
        return None
    told = f"times are read as wall time of {best}: {votes[best]} of {total} uploads agree"
    reading.notes[told] = 1
    return best


def _named(data: bytes) -> dict[str, str | None]:
    told = fields(data)
    if len(told) != len(COLUMNS):
        raise UnusableRowError(f"the row has {len(told)} fields where {len(COLUMNS)} were expected")
    return dict(zip(COLUMNS, told, strict=True))


def _number(row: Mapping[str, str | None], name: str) -> str:
    given, most = row[name], 10 if name == "timestamp" else 12
    if given is None or not given.isascii() or not given.isdigit() or len(given) > most:
        raise UnusableRowError(f"the {name} {str(given)[:40]!r} is no number")
    return str(int(given))


def _read(seconds: int, zone: str) -> Clock | None:
    """The number read as wall time of a zone; None for an hour that the zone skipped."""
    if zone == "UTC":
        return stated(moment(seconds), "archive")
    wall = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
    try:
        return stated(moment(wall, zone), "archive")
    except UnreadableTimeError:
        return None


def _upload_us(row: Mapping[str, str | None]) -> int | None:
    """When 4chan stored the post's file, by the name that it gave it."""
    found = _UPLOAD.fullmatch(row["media_orig"] or row["preview_orig"] or "")
    if found is None:
        return None
    return int(found[1]) * 1_000_000 + int(found[2] or 0) * 1000


def _agrees(clock: Clock, upload: int) -> bool:
    low, high = clock.low or 0, clock.high or 0
    return low - _AGREE_US <= upload <= high + _AGREE_US


READER = PostReader(
    platform="4plebs",
    recognises=recognises,
    read=read,
    keeps=(
        "posts by board and number, quote-links as text, links, MD5 of files, ids and tripcodes "
        "within a thread, flags shown as location, deletions that the archive saw"
    ),
    cannot_know=(
        "the zone of its times where neither the investigator nor uploads tell it, who posted in "
        "two threads, when a post was deleted"
    ),
    sampling="full for the archived boards",
)
