"""What stands in the objects of a PDF: actions, scripts, signatures, files; nothing is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.sources.leak.documents import pdf_streams, stated_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.sources.leak.documents.facts import Facts

MAX_NODES = 400_000
MAX_ATTACHMENTS = 5_000
MAX_ATTACHMENT = 128 << 20
MAX_ATTACHED = 256 << 20
_MAX_SCRIPT = 1 << 20
# Actions by what they name: a script, an address, a file, or only themselves.
_TARGETS = {
    "/JavaScript": "/JS",
    "/URI": "/URI",
    "/Launch": "/F",
    "/SubmitForm": "/F",
    "/ImportData": "/F",
    "/GoToR": "/F",
    "/GoToE": "/F",
    "/Rendition": "/JS",
    "/RichMediaExecute": "",
    "/Movie": "",
    "/Sound": "",
}
_SIGNATURE = ("/Name", "/M", "/Reason", "/Location", "/ContactInfo", "/Filter", "/SubFilter")
_FILE_NAMES = ("/UF", "/F", "/Unix", "/DOS", "/Mac")


def troubles() -> tuple[type[Exception], ...]:
    """What the library raises on objects that are not what they should be."""
    import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

    # A MemoryError is none of them: the cell answers it.
    return (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)


@dataclass(slots=True)
class Search:
    """One pass over all objects of a PDF, which notes what it finds."""

    pdf: Any
    facts: Facts
    size_bytes: int
    has_scripts: bool = False
    is_whole: bool = True
    has_bomb: bool = False
    signature_count: int = 0
    attached_bytes: int = 0
    attachment_count: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _streams: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> None:
        """Look at every dictionary of the file once."""
        import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

        trouble = troubles()
        failed = 0
        for number, node in self._dictionaries():
            part = f"object {number}"
            try:
                self._action(node, part)
                if isinstance(node, pikepdf.Stream) and not self.has_bomb:
                    self.has_bomb = pdf_streams.is_bomb(node)
                if "/ByteRange" in node or str(node.get("/Type", "")) == "/Sig":
                    self._signature(node, part)
                if "/EF" in node:
                    self._attachments(node, part)
                elif str(node.get("/FS", "")) == "/URL":
                    self._found("external file", text(node.get("/F")), part)
            except trouble:
                failed += 1
        if failed:
            self.facts.note(f"{failed:,} objects are malformed and were passed over")

    def _dictionaries(self) -> Iterator[tuple[int, Any]]:
        """Every dictionary with the number of the object it stands in; objects once each."""
        import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

        trouble = troubles()
        left = MAX_NODES
        for top in self.pdf.objects:
            stack = [top]
            number = top.objgen[0] if isinstance(top, pikepdf.Object) else 0
            while stack:
                left -= 1
                if left < 0:
                    self.is_whole = False
                    self.facts.note(f"only {MAX_NODES:,} of its objects were looked at")
                    return
                one = stack.pop()
                try:
                    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                        yield number, one
                        children = [one[key] for key in sorted(one.keys())]
                    elif isinstance(one, pikepdf.Array) and len(one) <= left:
                        children = list(one)
                    else:
                        continue
                except trouble:
                    continue
                stack += [
                    child
                    for child in reversed(children)
                    if isinstance(child, pikepdf.Dictionary | pikepdf.Array)
                    and not child.is_indirect
                ]

    def _found(self, name: str, value: str | None, part: str) -> None:
        if (name, value or "") in self._seen:
            return
        self._seen.add((name, value or ""))
        self.facts.add("action", name, value or "(names nothing)", part=part)

    def _action(self, node: Any, part: str) -> None:
        kind = str(node.get("/S", ""))
        target = _TARGETS.get(kind)
        if target is not None:
            value = text(node.get(target)) if target else None
            if kind == "/Launch" and "/Win" in node:
                words = [text(node["/Win"].get(key)) for key in ("/O", "/F", "/P", "/D")]
                value = " ".join(word for word in words if word)
            self.has_scripts |= "/JS" in node
            self._found(kind[1:], value, part)
        if "/AA" in node:
            keys = ", ".join(sorted(str(key) for key in node["/AA"].keys()))  # noqa: SIM118
            self._found("automatic action", f"on {keys}", part)
        if "/OpenAction" in node:
            opening = node["/OpenAction"]
            kind = str(opening.get("/S", "")) if hasattr(opening, "keys") else "/GoTo"
            self._found("on opening", kind[1:] or "GoTo", part)

    def _signature(self, node: Any, part: str) -> None:
        self.signature_count += 1
        rank = self.signature_count
        spans = [int(one) for one in node.get("/ByteRange", [])]
        pairs = list(zip(spans[::2], spans[1::2], strict=False))[:10]
        covered = ", ".join(f"{start}-{start + length}" for start, length in pairs)
        last = max((start + length for start, length in pairs), default=0)
        told = f"present, not verified; covers bytes {covered or 'not stated'}"
        if pairs and last < self.size_bytes:
            told += f"; {self.size_bytes - last:,} bytes were added after it"
        self.facts.add("signature", f"signature {rank}", told, part=part)
        for key in _SIGNATURE:
            value = text(node.get(key))
            at = stated_time.pdf_time(value) if key == "/M" and value else None
            self.facts.add("signature", f"signature {rank} {key[1:]}", value, part=part, at=at)

    def _attachments(self, node: Any, part: str) -> None:
        """Each distinct stream that a file specification embeds becomes a child."""
        names = [text(node.get(key)) for key in _FILE_NAMES]
        name = next((one for one in names if one), None) or f"attachment-{part.split()[1]}"
        described = text(node.get("/Desc"))
        self.facts.add("attachment", f"{name} description", described, part=part)
        embedded = node["/EF"]
        for key in _FILE_NAMES:
            stream = embedded.get(key)
            if stream is None or stream.objgen in self._streams:
                continue
            self._streams.add(stream.objgen)
            own = text(node.get(key)) or name
            _times(self.facts, stream, own, part)
            self._attach(stream, own)

    def _attach(self, stream: Any, name: str) -> None:
        self.attachment_count += 1
        if self.attachment_count > MAX_ATTACHMENTS:
            self.facts.lost(name, f"more than {MAX_ATTACHMENTS:,} files are attached")
            return
        room = min(MAX_ATTACHMENT, MAX_ATTACHED - self.attached_bytes)
        try:
            content = pdf_streams.stream_bytes(stream, room)
        except troubles() as problem:
            self.facts.lost(name, f"its data could not be unpacked ({str(problem)[:120]})")
            return
        if content is None:
            self.facts.lost(name, f"it unpacks to more than {room:,} bytes and was left out")
            return
        self.attached_bytes += len(content)
        self.facts.child(name, content)


def _times(facts: Facts, stream: Any, name: str, part: str) -> None:
    """When an attached file was made and changed, as its holder states it."""
    params = stream.get("/Params")
    if params is None:
        return
    for key in ("/CreationDate", "/ModDate"):
        value = text(params.get(key))
        at = stated_time.pdf_time(value) if value else None
        facts.add("attachment", f"{name} {key[1:]}", value, part=part, at=at)


def text(value: Any, depth: int = 0) -> str | None:
    """A PDF value as text: strings decoded, small streams read, file names of specifications."""
    import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

    if value is None:
        return None
    if isinstance(value, pikepdf.Stream):
        content = pdf_streams.stream_bytes(value, _MAX_SCRIPT)
        if content is None:
            return f"(a stream of more than {_MAX_SCRIPT:,} bytes)"
        return str(pikepdf.String(content))
    if isinstance(value, pikepdf.Dictionary):
        names = (value.get(key) for key in _FILE_NAMES)
        found = next((one for one in names if one is not None), None)
        return text(found, depth + 1) if depth < 3 else None
    if isinstance(value, pikepdf.Array):
        return None
    told = str(value)
    return told[1:] if isinstance(value, pikepdf.Name) else told
