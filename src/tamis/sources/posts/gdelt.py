"""GDELT's Global Knowledge Graph 2.1: where a link or phrase stood in the news, tab-separated.

Input     27 columns without names, one document a line
Output    a document is a post of its site; its title and the quotations that GDELT cut from it are
          its text, the links in it its objects. posted_at is the page's own time where GDELT
          found one (clock `client_claimed`), else GDELT's batch is the
          latest time it can be, and no time of posting is stated.
Missing   the words of the article: GDELT does not publish them
Limits    Themes, persons and tones are a machine's reading and are not kept. V2.1DATE is a batch
          of 15 minutes, UTC, in which the document was met, which can be long after it appeared.
Source    GDELT GKG codebook 2.1: column order, QUOTATIONS, TRANSLATIONINFO, EXTRASXML.
"""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.frames import shown
from tamis.sources.posts.gather import batches_of
from tamis.sources.posts.page import article, sighted
from tamis.sources.posts.row_taking import tried
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.told import Teller, wide
from tamis.syntax.clock import Moment, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_COLUMNS = 27
_MAX_LINE = 16 << 20
_FIRST = re.compile(rb"\d{14}-T?\d+\t\d{14}\t\d\t")
_BATCH_US = 900_000_000
_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)
_LINKS = re.compile(r"<PAGE_LINKS>(.*?)</PAGE_LINKS>", re.DOTALL)
_PRECISE = re.compile(r"<PAGE_PRECISEPUBTIMESTAMP>(\d{14})</PAGE_PRECISEPUBTIMESTAMP>")
_LANGUAGE = re.compile(r"srclc:([a-z]{2,3})")


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is GKG 2.1, by its first three cells."""
    return 97 if _FIRST.match(glimpse.head) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's documents in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    taker = _Reading(gather, source)

    def take(placed: tuple[int, bytes]) -> None:
        start, line = placed
        gather.byte_count += len(line)
        if line.isspace():
            gather.row_count += 1
            gather.skipped_count += 1
        else:
            end = start + len(line.rstrip(b"\r\n"))
            tried(gather, taker, line, (start, end, partial(shown, line)))

    yield from batches_of(gather, _lines(stream), take)
    yield {**gather.flush(), **gather.counts(taker.note())}


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    at = 0
    while line := stream.readline(_MAX_LINE):
        yield at, line
        at += len(line)


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._teller = Teller(gather, "web")
        self._sampling = str(source.options.get("sampling") or "unknown")

    def take(self, line: bytes, start: int, end: int) -> None:
        """Add one document."""
        cells = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if len(cells) != _COLUMNS:
            raise UnusableRowError(
                f"the line has {len(cells)} columns where GKG 2.1 has {_COLUMNS}"
            )
        address, extra = cells[4].strip(), cells[26]
        if cells[2] != "1" or not address:
            raise UnusableRowError("the document is no web page: it is known by a citation only")
        seen = _batch_time(cells[1])
        precise = _PRECISE.search(extra)
        when = sighted(seen, _iso(precise[1]) if precise else None)
        links = _LINKS.search(extra)
        named = [unescape(one) for one in links[1].split(";")] if links else []
        told = article(address, when, named, self._teller)
        title = _TITLE.search(extra)
        told.text = (
            "\n".join([*([unescape(title[1])] if title else []), *_quotes(cells[22])]) or None
        )
        language = _LANGUAGE.search(cells[25])
        told.language = language[1] if language else None
        number = self._gather.place(start, end, _iso(cells[1]), self._sampling, "web")
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        return "; ".join(self._teller.told()) or None


def _batch_time(text: str) -> Moment:
    at = moment(_iso(text)).at_us
    return Moment(at, at, at + _BATCH_US - 1, 900.0)


def _iso(text: str) -> str:
    if len(text) != 14 or not text.isdecimal():
        raise UnusableRowError(f"the time {text[:20]!r} is not YYYYMMDDHHMMSS")
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    return f"{day}T{text[8:10]}:{text[10:12]}:{text[12:]}Z"


def _quotes(cell: str) -> list[str]:
    """The quotations of a document: offset|length|verb|words, separated by #."""
    parts = (one.split("|", 3) for one in cell.split("#") if one)
    return [part[3] for part in parts if len(part) == 4]


READER = PostReader(
    platform="gdelt",
    recognises=recognises,
    read=read,
    keeps="news pages with title, quotations, links, language, the page's stated time",
    cannot_know="the article's words, when it appeared where the page does not say, who wrote it",
    sampling="unknown: the news that GDELT watches, or a part of it",
)
