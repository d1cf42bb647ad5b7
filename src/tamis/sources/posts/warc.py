"""Web archives (WARC): pages as a crawler saw them, with the links and files they held.

Input     WARC 1.0 and 1.1, plain or compressed record by record
Output    an answered page is a post of its site, known by its address; its text and links are kept,
          and the SHA-256 of what was delivered joins it to a leaked file with the same bytes.
          posted_at is the page's own stated time where it names one before the crawl (clock
          `client_claimed`), else WARC-Date as the latest time it can be (clock `archive`).
Missing   words of what is no text; the hash of a body that was cut
Limits    Of a page 4 MiB are read, of another body the hash of up to 64 MiB. Revisits (the page
          was there unchanged), requests and answers without a page are counted in the note.
Source    ISO 28500:2017
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.gather import batches_of
from tamis.sources.posts.page import MAX_PAGE_BYTES, article, read_page, sighted
from tamis.sources.posts.row_taking import tried
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.told import Teller, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_MAX_LINE = 1 << 16
_MAX_HEADERS = 1 << 18
_MAX_BODY = 64 << 20
_CHUNK = 1 << 20


class Record(NamedTuple):
    """One record: its bytes in the file, its fields in lower case, its block (None: too large)."""

    start: int
    end: int
    fields: Mapping[str, str]
    block: bytes | None
    is_cut: bool


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is a web archive, by its first line."""
    return 99 if glimpse.head.startswith((b"WARC/1.", b"WARC/0.")) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The archive's pages in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    taker = _Reading(gather, source)

    def take(one: Record | tuple[int, str]) -> None:
        if isinstance(one, Record):
            gather.byte_count += one.end - one.start
            tried(gather, taker, one, (one.start, one.end, lambda: ""))
        else:
            gather.reject(*one, "")

    yield from batches_of(gather, records_of(stream), take)
    yield {**gather.flush(), **gather.counts(taker.note())}


def records_of(stream: BinaryIO) -> Iterator[Record | tuple[int, str]]:
    """The records in order; for bytes between them that are none, where they begin and why."""
    at, lost = 0, -1
    while line := stream.readline(_MAX_LINE):
        start, at = at, at + len(line)
        if not line.startswith(b"WARC/"):
            if line.strip() and lost < 0:
                lost = start
                yield (
                    start,
                    "here no record begins (a wrong length, or damage): skipped to the next",
                )
            continue
        lost = -1
        fields, size = _fields(stream)
        at += size
        length = fields.get("content-length", "")
        if not length.isdecimal() or len(length) > 15:
            yield start, "the record does not say how long it is: skipped to the next"
            lost = at
            continue
        block, got = _block(stream, int(length))
        at += got
        yield Record(start, at, fields, block, got < int(length))


def _fields(stream: BinaryIO) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    size = 0
    while line := stream.readline(_MAX_LINE):
        size += len(line)
        if not line.strip() or size > _MAX_HEADERS:
            break
        name, _, value = line.decode("utf-8", "replace").partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields, size


def _block(stream: BinaryIO, length: int) -> tuple[bytes | None, int]:
    """The block, None when it is too large to hold, and how many bytes were there."""
    got, pieces = 0, []
    while got < length and (piece := stream.read(min(_CHUNK, length - got))):
        got += len(piece)
        if length <= _MAX_BODY:
            pieces.append(piece)
    return (b"".join(pieces) if length <= _MAX_BODY else None), got


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._teller = Teller(gather, "web")
        self._sampling = str(source.options.get("sampling") or "query")
        self._others: Counter[str] = Counter()

    def take(self, record: Record, start: int, end: int) -> bool | None:
        """Add the page of one record; other records are counted by kind."""
        kind = record.fields.get("warc-type", "unnamed")[:40]
        if kind not in {"response", "resource"}:
            return self._pass(f"{kind} records")
        if record.block is None:
            raise UnusableRowError("the record is larger than 64 MiB and was not read")
        if record.is_cut:
            raise UnusableRowError("the file ends inside this record")
        given = record.fields
        address = given.get("warc-target-uri", "").strip("<>")
        if not address.startswith(("http://", "https://")):
            return self._pass("records of no web address")
        headers, body = given, record.block
        if kind == "response":
            status, headers, body = http_answer(record.block)
            if status != 200:
                return self._pass("answers without a page (redirects, errors)")
        seen = moment(given.get("warc-date", ""))
        self._add(address, seen, (headers, body), (start, end, given.get("warc-date")))
        return None

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        others = [f"{count} {what}" for what, count in sorted(self._others.items())]
        return "; ".join([*self._teller.told(), *others]) or None

    def _add(
        self,
        address: str,
        seen: Any,
        answer: tuple[Mapping[str, str], bytes],
        line: tuple[int, int, str | None],
    ) -> None:
        headers, body = answer
        kind = headers.get("content-type", "").lower()
        page = None
        if "html" in kind or "xml" in kind or kind.startswith("text/"):
            markup = body[:MAX_PAGE_BYTES].decode(_charset(kind, body), "replace")
            page = read_page(markup, address)
        when = sighted(seen, page.published if page else None)
        told = article(address, when, page.links if page else (), self._teller)
        if page is not None:
            told.text = "\n".join(one for one in (page.title, page.text) if one) or None
            told.language = page.language
        digest = hashlib.sha256(body).hexdigest()
        self._teller.thing(told, "file_sha256", digest, digest, "attachment")
        start, end, date = line
        self._teller.tell(told, self._gather.place(start, end, date, self._sampling, "web"))

    def _pass(self, what: str) -> bool:
        self._others[what] += 1
        self._gather.row_count += 1
        self._gather.skipped_count += 1
        return True


def http_answer(block: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, fields and body of an HTTP answer, the body without transfer and content coding.

    Errors    UnusableRowError when it is none, or its coding is broken or unpacks without end
    """
    head, mark, body = block.partition(b"\r\n\r\n")
    if not mark:
        head, mark, body = block.partition(b"\n\n")
    lines = head.decode("latin-1").splitlines()
    parts = lines[0].split(None, 2) if lines else []
    if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdecimal():
        raise UnusableRowError("the record holds no HTTP answer")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    coding = headers.get("content-encoding", "").lower().strip()
    if coding in {"gzip", "x-gzip", "deflate"}:
        body = _inflated(body, coding)
    elif coding not in {"", "identity"}:
        raise UnusableRowError(f"the body is coded as {coding[:40]!r}, which is not read")
    return int(parts[1]), headers, body


def _unchunked(body: bytes) -> bytes:
    """A chunked body joined; one that a crawler had joined already comes back as it is."""
    pieces: list[bytes] = []
    at = 0
    while True:
        line_end = body.find(b"\r\n", at)
        size_text = body[at:line_end].split(b";")[0].strip() if line_end >= 0 else b""
        try:
            size = int(size_text, 16)
        except ValueError:
            return body if not pieces else b"".join(pieces)
        if size == 0:
            return b"".join(pieces)
        pieces.append(body[line_end + 2 : line_end + 2 + size])
        at = line_end + 2 + size + 2


def _inflated(body: bytes, coding: str) -> bytes:
    windows = (31,) if "gzip" in coding else (15, -15)
    for window in windows:
        unpacker = zlib.decompressobj(window)
        try:
            made = unpacker.decompress(body, _MAX_BODY)
        except zlib.error:
            continue
        if unpacker.unconsumed_tail:
            raise UnusableRowError("the body unpacks to more than 64 MiB and was not read")
        return made
    raise UnusableRowError(f"the body is no {coding} data")


def _charset(kind: str, body: bytes) -> str:
    name = kind.partition("charset=")[2].split(";")[0].strip(" \"'") or ""
    if not name:
        found = body[:2048].lower().partition(b"charset=")[2][:40]
        name = found.lstrip(b"\"' ").split(b'"')[0].split(b"'")[0].split(b">")[0].decode("latin-1")
    try:
        return name if name and b"x".decode(name) == "x" else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"


READER = PostReader(
    platform="warc",
    recognises=recognises,
    read=read,
    keeps="pages with text and links, the SHA-256 of what was delivered, the time of the crawl",
    cannot_know=(
        "when a page first stood there unless it says so, what it held between two crawls, what a "
        "script would have loaded"
    ),
    sampling="query: the addresses that were crawled",
    is_kept_by_anybody=True,
)
