"""XMP packets, as PDF and images carry them, flattened to names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

from tamis.sources.leak.documents import moments

MAX_PACKET = 4 << 20
MAX_VALUES = 2_000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
}
_LISTS = {f"{{{_RDF}}}{name}" for name in ("Seq", "Bag", "Alt")}
_DESCRIPTION = f"{{{_RDF}}}Description"
_ABOUT_RDF = {"about", "parseType", "ID", "nodeID", "datatype"}


class Value(NamedTuple):
    """One value by its path, such as `xmpMM:History[1]/stEvt:when`."""

    name: str
    value: str
    at: datetime | None


def values(packet: bytes) -> tuple[list[Value], str | None]:
    """The values of a packet in order, and what kept it from being read whole.

    Source    ISO 16684-1 (XMP) §7: RDF/XML in the subset that XMP uses.
    Limits    A document type is refused: with it come entities. Languages of alternatives are
              not kept.
    """
    from lxml import etree  # type: ignore[import-untyped]  # noqa: PLC0415 (where there is a packet)

    if len(packet) > MAX_PACKET:
        return [], f"its XMP packet is larger than {MAX_PACKET >> 20} MiB and was not read"
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(packet.strip(b"\0 \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        return [], f"its XMP packet is no well-formed XML ({str(problem)[:120]})"
    if root.getroottree().docinfo.doctype:
        return [], "its XMP packet declares a document type (DTD) and was not read"
    found: list[Value] = []
    for description in root.iter(_DESCRIPTION):
        above = description.getparent()
        if above is None or above.tag == f"{{{_RDF}}}RDF":
            _flatten(description, found)
    if len(found) > MAX_VALUES:
        return found[:MAX_VALUES], f"its XMP packet holds more than {MAX_VALUES:,} values"
    return found, None


def _flatten(top: Any, found: list[Value]) -> None:
    stack: list[tuple[Any, str]] = [(top, "")]
    while stack and len(found) <= MAX_VALUES:
        element, path = stack.pop()
        _attributes(element, path, found)
        children = [one for one in element if isinstance(one.tag, str)]
        below: list[tuple[Any, str]] = []
        for rank, child in enumerate(children, 1):
            if child.tag in _LISTS or child.tag == _DESCRIPTION:
                below.append((child, path))
            elif child.tag == f"{{{_RDF}}}li":
                below.append((child, f"{path}[{rank}]"))
            else:
                below.append((child, _joined(path, _name(child))))
        stack.extend(reversed(below))
        text = (element.text or "").strip()
        if not children and text and path:
            found.append(Value(path, text, moments.zoned(text)))


def _attributes(element: Any, path: str, found: list[Value]) -> None:
    for key, value in element.attrib.items():
        space, local = _split(str(key))
        if space == _XML or (space == _RDF and local in _ABOUT_RDF) or not space:
            continue
        text = str(value).strip()
        name = path if space == _RDF else _joined(path, f"{_prefix(space, None)}:{local}")
        if text and name:
            found.append(Value(name, text, moments.zoned(text)))


def _name(element: Any) -> str:
    space, local = _split(str(element.tag))
    return f"{_prefix(space, element.prefix)}:{local}"


def _split(tag: str) -> tuple[str, str]:
    space, brace, local = tag.rpartition("}")
    return (space[1:], local) if brace else ("", tag)


def _prefix(space: str, written: str | None) -> str:
    known = _PREFIXES.get(space)
    return known or written or space.rstrip("/#").rpartition("/")[2] or "none"


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
