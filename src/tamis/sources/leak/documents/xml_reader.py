"""XML from hostile packages, event by event: no entities, no document type, nothing fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from xml.parsers import expat

from tamis.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_DEPTH = 512
MAX_EVENTS = 4_000_000
_TEXT_BUFFER = 1 << 16
_NOTHING: Mapping[str, str] = {}


class XmlError(FormatError):
    """XML that is not well-formed, or larger than is read."""


class XmlRefusedError(XmlError):
    """XML that declares a document type, and with it entities: no office program writes one."""


class Event(NamedTuple):
    """A start or end tag by its local name, or a stretch of text inside the element `name`.

    Attributes stand under their local names; those of the relationships namespace as `r:id`.
    """

    kind: Literal["start", "end", "text"]
    name: str
    attributes: Mapping[str, str] = _NOTHING
    text: str = ""


class _Listener:
    """What the parser calls: events are kept until the caller takes them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.count = 0
        self._open: list[str] = []
        self._short: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self._open) >= MAX_DEPTH:
            raise XmlError(f"its XML is nested more than {MAX_DEPTH} elements deep")
        if self.count > MAX_EVENTS:
            raise XmlError(f"its XML has more than {MAX_EVENTS:,} elements")
        short = name.rpartition("}")[2]
        self._open.append(short)
        given = {self._key(key): value for key, value in attributes.items()}
        self.events.append(Event("start", short, given))

    def end(self, _: str) -> None:
        self.events.append(Event("end", self._open.pop()))

    def text(self, data: str) -> None:
        self.events.append(Event("text", self._open[-1] if self._open else "", text=data))

    def refuse(self, *_: object) -> None:
        raise XmlRefusedError(
            "it declares a document type (DTD): entities could read files or fill the memory, so "
            "it was not opened"
        )

    def _key(self, name: str) -> str:
        short = self._short.get(name)
        if short is None:
            space, _, local = name.rpartition("}")
            short = f"r:{local}" if space.endswith("/relationships") else local
            self._short[name] = short
        return short


def events(chunks: Iterable[bytes], *, allow_doctype: bool = False) -> Iterator[Event]:
    """The tags and texts of an XML file, in order, while it is being read.

    With `allow_doctype` a document type may stand there, as old writers of OpenDocument put one;
    it is not loaded, and entities are refused all the same.

    Errors    XmlRefusedError at a document type; XmlError where it is broken or too large.
    Limits    Namespaces are dropped: office formats come in two sets of them with equal names.
    """
    listener = _Listener()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.buffer_size = _TEXT_BUFFER
    parser.StartElementHandler = listener.start
    parser.EndElementHandler = listener.end
    parser.CharacterDataHandler = listener.text
    if not allow_doctype:
        parser.StartDoctypeDeclHandler = listener.refuse
    parser.EntityDeclHandler = listener.refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from _taken(listener)
        parser.Parse(b"", True)
        yield from _taken(listener)
    except expat.ExpatError as problem:
        raise XmlError(f"its XML is broken ({problem})") from None
    except (LookupError, ValueError) as problem:
        raise XmlError(f"its XML states an encoding that is not known ({problem})") from None


def _taken(listener: _Listener) -> Iterator[Event]:
    taken, listener.events = listener.events, []
    return iter(taken)


def leaves(
    chunks: Iterable[bytes], *, allow_doctype: bool = False
) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Name, attributes and text of every element that holds no other, in order; errors as above."""
    last: Event | None = None
    text: list[str] = []
    for event in events(chunks, allow_doctype=allow_doctype):
        if event.kind == "start":
            last, text = event, []
        elif event.kind == "text":
            if last is not None:
                text.append(event.text)
        else:
            if last is not None:
                yield last.name, last.attributes, "".join(text).strip()
            last = None


def starts(chunks: Iterable[bytes]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Name and attributes of every element, in order; errors as above."""
    return ((one.name, one.attributes) for one in events(chunks) if one.kind == "start")
