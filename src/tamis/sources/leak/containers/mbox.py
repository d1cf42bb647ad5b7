"""mbox: messages one after another, each behind a line that begins with `From `.

There is no standard, only habits (RFC 4155 names some): mboxo and mboxrd quote body lines that
begin with `From `, mboxcl and mboxcl2 state a length. Each message stays a span of the mailbox
file with its bytes as found, quoting included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_CHUNK = 4 << 20
# What must lie behind a candidate before it is judged: its line, and the header after it.
_LOOKAHEAD = 1 << 16
_LONGEST_LINE = 1_000
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DATED = re.compile(
    rb"From [^\r\n]{0,500}?(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]{0,6},?[ \t]{1,4}"
    rb"(?:" + _MONTH + rb"[ \t]{1,4}\d{1,2}|\d{1,2}[ \t-]" + _MONTH + rb")[, \t-]{1,4}"
    rb"(?:\d{4}[ \t]{1,4})?\d{1,2}:\d{2}(?::\d{2})?"
    rb"(?:[ \t]{1,4}(?:[A-Za-z]{1,6}|[+-]\d{4}|\([A-Z]{1,6}\))){0,3}"
    rb"(?:[ \t]{1,4}\d{2,4})?(?:[ \t]{1,4}[+-]\d{4})?(?:[ \t]+remote from [^ \t\r\n]+)?[ \t]*\r?$"
)
_HEADER = re.compile(rb"(?:>?From |[!-9;-~]{1,100}[ \t]*:)")
# Behind a dated line a header may be missing: the blank line before the body is enough.
_NEXT = re.compile(rb"(?:>?From |[!-9;-~]{1,100}[ \t]*:|\r?\n|\Z)")
_LENGTH = re.compile(
    rb"^Content-Length:[ \t]{0,20}(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_BLANK = re.compile(rb"\n\r?\n")


@dataclass(slots=True)
class Survey:
    """What was noticed while a mailbox file was cut into messages."""

    by_length: int = 0
    wrong_length: int = 0
    dateless: int = 0
    unparted: int = 0
    kept_as_text: int = 0
    first_kept_at: int | None = None
    inside_length: int = 0
    quoted: int = 0
    skipped_bytes: int = 0
    has_last_line_end: bool = True

    def sentence(self) -> str | None:
        """What a person should know about the cuts, or None."""
        told = []
        if self.kept_as_text:
            told.append(
                f"{self.kept_as_text} lines begin with 'From ' and were taken for text, the first "
                f"at byte {self.first_kept_at}"
            )
        if self.dateless:
            told.append(f"{self.dateless} messages begin with a 'From ' line without a date")
        if self.unparted:
            told.append(f"{self.unparted} 'From ' lines have no blank line before them")
        if self.by_length:
            told.append(f"{self.by_length} messages end where their Content-Length says")
        if self.inside_length:
            told.append(f"{self.inside_length} 'From ' lines lie inside such a length")
        if self.wrong_length:
            told.append(
                f"{self.wrong_length} Content-Length values were not believed: no message or end "
                "of file follows there"
            )
        if self.quoted:
            told.append(f"{self.quoted} body lines are quoted as '>From ' and kept as found")
        if self.skipped_bytes:
            told.append(f"{self.skipped_bytes} bytes before the first message belong to none")
        if not self.has_last_line_end:
            told.append("the last line has no end: the file may be cut off")
        return "; ".join(told) or None


def recognises(glimpse: Glimpse) -> int:
    """95 for a dated `From ` line before a header, 80 for one without a date, else 0."""
    head = glimpse.head.lstrip(b"\r\n")
    if not head.startswith(b"From "):
        return 0
    line, _, rest = head.partition(b"\n")
    if not _HEADER.match(rest):
        return 60 if _DATED.match(line) else 0
    return 95 if _DATED.match(line) else 80


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """Each message as a span of the file, and the ledger of the file."""
    survey = Survey()
    count = empty = 0
    for start, end in cut(stream, source.size_bytes, survey):
        if start >= end:
            empty += 1
            continue
        sink.child(
            f"message-{count + 1}",
            byte_start=start,
            byte_end=end,
            position=count,
            claimed_type="message/rfc822",
            is_member=True,
        )
        count += 1
    note = survey.sentence()
    if empty:
        note = (
            f"{note or ''}{'; ' if note else ''}{empty} 'From ' lines have no message behind them"
        )
    sink.row("item", {"status": "read", "media_type": "application/mbox"})
    sink.row(
        "ledger",
        {"expected_count": None, "emitted_count": count, "failed_count": empty, "note": note},
    )


def cut(stream: BinaryIO, size: int, survey: Survey | None = None) -> Iterator[tuple[int, int]]:
    """The byte range of every message in a seekable mbox stream, in constant memory.

    A `From ` line separates when it ends with a date in one of the usual forms and a header field
    follows; after a blank line a blank line may follow as well. A line without a date separates
    only where it is the same as the file's first line, and a header field follows. A
    Content-Length is believed only if it lands on such a line or on the end of the file. The
    blank line before a separator belongs to no message.

    Limits    A body that quotes a whole mailbox unchanged cannot be told from messages.
    """
    cutter = _Cutter(stream, size, survey if survey is not None else Survey())
    start: int | None = None
    for line_start, line_end, blank in cutter.separators():
        if start is not None:
            yield start, line_start - blank
        start = line_end
    if start is not None:
        yield start, max(start, size - cutter.last_blank())


class _Cutter:
    """A window that moves over the file once."""

    def __init__(self, stream: BinaryIO, size: int, survey: Survey) -> None:
        self.stream = stream
        self.size = size
        self.survey = survey
        self.base = 0
        self.window = b""
        self.is_begun = False
        self.dateless: bytes | None = None
        self.believed_to = 0
        self.is_last_by_length = False

    def separators(self) -> Iterator[tuple[int, int, int]]:
        """(start, end of line, length of the blank line before) of each separator."""
        done = 0
        while True:
            is_last = self._fill(done)
            stop = self.size if is_last else self.base + len(self.window) - _LOOKAHEAD
            if not self.is_begun:
                yield from self._first()
            # The line end before a candidate at `done` may lie in the part already judged.
            place = self.window.find(b"\nFrom ", max(0, done - 1 - self.base))
            self.survey.quoted += self.window.count(
                b"\n>From ", max(0, done - 1 - self.base), stop - self.base + (0 if is_last else 5)
            )
            while place >= 0 and self.base + place + 1 < stop:
                found = self._judge(place + 1)
                if found is not None:
                    yield found
                place = self.window.find(b"\nFrom ", place + 1)
            done = stop
            if is_last:
                return

    def last_blank(self) -> int:
        """The length of the blank line at the very end."""
        if 0 < self.believed_to <= self.size and self.is_last_by_length:
            return self.size - self.believed_to
        self.stream.seek(max(0, self.size - 3))
        tail = self.stream.read(3)
        self.survey.has_last_line_end = tail.endswith(b"\n")
        return _blank_before(tail, len(tail))

    def _fill(self, done: int) -> bool:
        """Move on so that what follows `done` is in the window; whether it reaches the end."""
        keep = max(0, done - 4 - self.base)
        self.base += min(keep, len(self.window))
        self.window = self.window[keep:]
        self.stream.seek(self.base + len(self.window))
        more = self.stream.read(_CHUNK + _LOOKAHEAD)
        self.window += more
        return not more or self.base + len(self.window) >= self.size

    def _first(self) -> Iterator[tuple[int, int, int]]:
        """The separator at the start of the file, if there is one."""
        lead = len(self.window) - len(self.window.lstrip(b"\r\n"))
        self.is_begun = True
        if not self.window.startswith(b"From ", lead):
            place = self.window.find(b"\nFrom ")
            self.survey.skipped_bytes = self.base + place + 1 if place >= 0 else self.size
            return
        end = self._line_end(lead)
        line = self.window[lead:end].rstrip(b"\n")
        if _DATED.match(line) is None:
            self.dateless = line.strip()
            self.survey.dateless += 1
        self._believe(end)
        yield lead, end, 0

    def _judge(self, place: int) -> tuple[int, int, int] | None:
        """The candidate at `place` in the window, if it separates."""
        start = self.base + place
        if start < self.believed_to:
            self.survey.inside_length += 1
            return None
        if start == 0:
            return None
        blank = _blank_before(self.window, place)
        end = self._line_end(place)
        line = self.window[place:end].rstrip(b"\n")
        is_dated = len(line) <= _LONGEST_LINE and _DATED.match(line) is not None
        is_by_length = self.believed_to > 0 and start - self.believed_to <= 4
        if is_by_length:
            blank = start - self.believed_to
        follows = _NEXT if is_dated and (blank or is_by_length) else _HEADER
        is_fit = follows.match(self.window, end) is not None
        if not is_fit or not (is_dated or line.strip() == self.dateless):
            if blank or is_dated:
                self.survey.kept_as_text += 1
                if self.survey.first_kept_at is None:
                    self.survey.first_kept_at = start
            return None
        self.survey.dateless += not is_dated
        self.survey.unparted += not (blank or is_by_length)
        self._believe(end)
        return start, self.base + end, blank

    def _line_end(self, place: int) -> int:
        found = self.window.find(b"\n", place, place + _LOOKAHEAD)
        return len(self.window) if found < 0 else found + 1

    def _believe(self, place: int) -> None:
        """Take the Content-Length of the message at `place`, if it lands on a separator."""
        self.is_last_by_length = False
        blank = _BLANK.search(self.window, place, place + _LOOKAHEAD)
        if blank is None:
            return
        stated = _LENGTH.search(self.window, place, blank.end())
        if stated is None:
            return
        target = self.base + blank.end() + int(stated[1])
        if target <= self.size and self._is_border(target):
            self.survey.by_length += 1
            self.believed_to = target
            self.is_last_by_length = True
        else:
            self.survey.wrong_length += 1

    def _is_border(self, target: int) -> bool:
        """Whether a message may end at `target`: only white space, or a `From ` line, follows."""
        offset = target - self.base
        near = self.window[offset : offset + _LONGEST_LINE]
        if len(near) < _LONGEST_LINE and target + len(near) < self.size:
            self.stream.seek(target)
            near = self.stream.read(_LONGEST_LINE)
        rest = near.lstrip(b"\r\n")
        lead = len(near) - len(rest)
        if not rest:
            return target + lead >= self.size
        if lead > 4 or not rest.startswith(b"From "):
            return False
        # Without a line end before it, it would be the middle of a line.
        return (lead > 0 or self._byte(target - 1) == b"\n") and (
            rest.partition(b"\n")[0].strip() == self.dateless
            or _DATED.match(rest.partition(b"\n")[0]) is not None
        )

    def _byte(self, place: int) -> bytes:
        if 0 <= place - self.base < len(self.window):
            return self.window[place - self.base : place - self.base + 1]
        self.stream.seek(place)
        return self.stream.read(1)


def _blank_before(data: bytes, place: int) -> int:
    """The length of the empty line that ends at `place`; 0 when there is none."""
    if data[max(0, place - 3) : place] == b"\n\r\n":
        return 2
    if data[max(0, place - 2) : place] == b"\n\n":
        return 1
    return 0


READER = LeakReader(
    name="mbox",
    media_types=("application/mbox",),
    recognises=recognises,
    read=read,
    keeps="every message as the span of bytes found, quoting and order included",
    is_streaming=True,
    cannot_know=(
        "how many messages there should be; whether a 'From ' line with a date and a header behind "
        "it was meant as text"
    ),
)
