"""Calendars (ICS): appointments as text, every field as a property, what is inside as items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.containers import content_lines

if TYPE_CHECKING:
    from typing import BinaryIO

_TYPE = "text/calendar"
_SHOWN = {
    "SUMMARY": "Summary",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "DESCRIPTION": "Description",
    "COMMENT": "Comment",
    "STATUS": "Status",
    "URL": "Link",
    "X-WR-CALNAME": "Calendar",
}


def recognises(glimpse: Glimpse) -> int:
    """95 when the first line begins a calendar."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return 95 if head[:15].upper() == b"BEGIN:VCALENDAR" else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The rows of a calendar."""
    content_lines.tell(stream.read(), sink, _TYPE, "calendar", _SHOWN)


READER = LeakReader(
    name="calendar",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps="every field with its place; times in UTC where a known zone is stated; attachments",
    cannot_know="the moment of a time without a zone; zones defined only inside the file",
)
