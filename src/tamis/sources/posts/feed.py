"""RSS and Atom feeds: articles as a site announced them.

Input     RSS 0.9 to 2.0 (RDF too) or Atom, one feed a file
Output    an article is a post of its site (`web:domain`), known by its address; links in its words
          are its objects. The time is what the site states (clock `client_claimed`).
Missing   posted_at where an article names no date; an article whose date names no zone is
          rejected unless one is given with --assume-zone
Source    RFC 822 §5 gives the zone names EST to PDT in pubDate one meaning each; RFC 4287 for Atom.
Limits    Author names are not kept. `updated` stands in only where nothing says when an article
          was published. A document type with entities is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.gather import batches_of
from tamis.sources.posts.page import article, read_page
from tamis.sources.posts.row_taking import tried
from tamis.sources.posts.stamps import assumed_zone
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.told import Teller, When, wide
from tamis.syntax.clock import Moment, UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_CHUNK = 1 << 16
_MAX_FIELD = 4 << 20
_ROOT = re.compile(rb"<(?:rss|rdf:RDF|feed)[\s>]")
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2}|\d{4})\s+"
    r"(\d{1,2}):(\d\d)(?::(\d\d))?\s*([A-Za-z]{1,5}|[+-]\d{4})?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z"), "Z"),
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
}
_WORDS = ("encoded", "content", "description", "summary")
_DATES = ("pubdate", "published", "date", "issued", "updated", "modified")


class Item(NamedTuple):
    """One article of a feed: the bytes it stands in and the texts of its parts by local name."""

    start: int
    end: int
    parts: Mapping[str, str]


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a feed, by its root element."""
    head = glimpse.head[:4096]
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return 0
    if not _ROOT.search(head):
        return 0
    return 92 if b"<channel" in head or b"http://www.w3.org/2005/Atom" in head else 60


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The feed's articles in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    taker = _Reading(gather, source)

    def take(item: Item | tuple[int, str]) -> None:
        if isinstance(item, Item):
            gather.byte_count += item.end - item.start
            tried(gather, taker, item.parts, (item.start, item.end, lambda: ""))
        else:
            gather.reject(*item, "")

    yield from batches_of(gather, items(stream), take)
    yield {**gather.flush(), **gather.counts(taker.note())}


def items(stream: BinaryIO) -> Iterator[Item | tuple[int, str]]:
    """The articles in order; where the XML breaks, the byte and the reason, and nothing after."""
    listener = _Listener()
    try:
        while chunk := stream.read(_CHUNK):
            listener.parser.Parse(chunk, False)
            yield from listener.taken()
        listener.parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        yield from listener.taken()
        at = max(listener.parser.ErrorByteIndex, 0)
        yield at, f"from here the feed is no XML that is read: {problem}"
        return
    yield from listener.taken()


class _Listener:
    """What the parser calls: parts of the open article, and articles that are whole."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self._done: list[Item] = []
        self._at = -1
        self._path: list[str] = []
        self._parts: dict[str, str] = {}

    def taken(self) -> list[Item]:
        """The articles that are whole since the last call."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if self._at < 0:
            if local in {"item", "entry"}:
                self._at, self._path, self._parts = self.parser.CurrentByteIndex, [], {}
            return
        self._path.append(local)
        if len(self._path) > 64:
            raise ValueError("its elements are nested too deeply")
        href = attributes.get("href") or (attributes.get("url") if local == "enclosure" else None)
        if href and local in {"link", "enclosure"}:
            kind = attributes.get("rel") or "alternate" if local == "link" else "enclosure"
            self._parts.setdefault(f"@{kind}", href)

    def _text(self, data: str) -> None:
        if self._at < 0 or not self._path:
            return
        name = self._path[0]
        held = self._parts.get(name, "")
        if len(held) < _MAX_FIELD:
            self._parts[name] = held + data

    def _end(self, name: str) -> None:
        if self._at < 0:
            return
        if self._path:
            self._path.pop()
            return
        end = self.parser.CurrentByteIndex + len(name.encode()) + 3
        self._done.append(Item(self._at, end, self._parts))
        self._at = -1

    def _refuse(self, *_: object) -> None:
        raise ValueError("it declares entities, which could fill the memory")


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._teller = Teller(gather, "web")
        self._zone = assumed_zone(source)
        self._sampling = str(source.options.get("sampling") or "query")
        self._undated = 0

    def take(self, parts: Mapping[str, str], start: int, end: int) -> None:
        """Add the article with its words and links."""
        address = (parts.get("link") or "").strip() or parts.get("@alternate")
        native = (parts.get("guid") or parts.get("id") or "").strip()
        address = address or (native if native.startswith(("http://", "https://")) else None)
        if not address:
            raise UnusableRowError("the article names no address")
        stated = next((parts[name].strip() for name in _DATES if parts.get(name, "").strip()), None)
        when = When(feed_time(stated, self._zone), "client_claimed") if stated else None
        self._undated += when is None
        page = read_page(
            next((parts[one] for one in _WORDS if parts.get(one, "").strip()), ""), address
        )
        title = read_page(parts.get("title", "")).text
        links = [*page.links, parts.get("@enclosure")]
        told = article(address, when, links, self._teller)
        told.text = "\n".join(part for part in (title, page.text) if part) or None
        self._teller.from_text(told, tags=False)
        number = self._gather.place(start, end, None, self._sampling, "web")
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = self._teller.told()
        if self._undated:
            told.append(f"{self._undated} articles name no date")
        return "; ".join(told) or None


def feed_time(text: str, zone: str | None) -> Moment:
    """The time of an article, in the form of RSS or of Atom.

    Errors    UnreadableTimeError: no such form, or no zone in it and none given
    """
    found = _RFC822.fullmatch(text)
    if found is None:
        return moment(text, zone)
    day, name, year, hour, minute, second, mark = found.groups()
    month = _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0
    if not month:
        raise UnreadableTimeError(f"the time {text[:40]!r} names no month")
    if len(year) == 2:
        year = f"{'19' if int(year) > 68 else '20'}{year}"
    wall = f"{year}-{month:02}-{int(day):02}T{int(hour):02}:{minute}" + (
        f":{second}" if second else ""
    )
    if mark is None:
        return moment(wall, zone)
    offset = _ZONES.get(mark.upper(), mark)
    if offset.isalpha() and offset != "Z":
        raise UnreadableTimeError(f"the zone {mark!r} of the time {text[:40]!r} is not known")
    return moment(wall + offset)


READER = PostReader(
    platform="feed",
    recognises=recognises,
    read=read,
    keeps="articles with title, words, links, attached files' addresses, the stated time",
    cannot_know=(
        "when an article was first there, what it said before, its author's account, comments"
    ),
    sampling="query: what the feed listed at that moment",
    is_kept_by_anybody=True,
)
