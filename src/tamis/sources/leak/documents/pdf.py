"""PDF: text, what it says about itself, its earlier states, what it would do, what it carries."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import (
    moments,
    pdf_objects,
    pdf_revisions,
    pdf_streams,
    stated_time,
    xmp,
)
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.documents.text_extraction import Extraction, extract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

_TYPE = "application/pdf"
_HEAD = 1_024
_MAX_PASSWORDS = 2_000
_MAX_STATES = 50
_MAX_STATE_BYTES = 128 << 20
_MAX_LISTED = 500
_STREAM = re.compile(r"(?:stream )?<_io\.BytesIO object at 0x[0-9a-f]+>")
_LOCKED = "a password is needed to open it, and none of the list fits: only its structure was read"
_BOMB = (
    f"a stream in it unpacks to more than {pdf_streams.MAX_UNPACKED >> 20} MiB: it was not given "
    "to the text extractor"
)
_PERMISSIONS = ("extract", "modify_other", "print_highres")


def recognises(glimpse: Glimpse) -> int:
    """95 for `%PDF-` at the start, less where something stands before it, as viewers allow."""
    if glimpse.head.startswith(b"%PDF-"):
        return 95
    place = glimpse.head[:_HEAD].find(b"%PDF-")
    if place < 0:
        return 0
    is_named = glimpse.name.lower().endswith(".pdf")
    return 90 if is_named or not glimpse.head[:place].strip(b"\xef\xbb\xbf\0\r\n\t ") else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:
    """The document row, its properties, its earlier states, and each attached file as a child."""
    data = stream.read()
    facts = Facts(sink)
    row: dict[str, Any] = {"kind": "pdf", "is_encrypted": False}
    survey = pdf_revisions.survey(data)
    pdf, password = _opened(data, tuple(source.options.get("passwords") or ()), facts, row)
    content: bytes | None = data
    if pdf is not None:
        with pdf:
            _stated(pdf, facts, row, data)
            search = pdf_objects.Search(pdf, facts, len(data))
            search.run()
            row["has_macros"] = search.has_scripts or (False if search.is_whole else None)
            content = None if search.has_bomb else _plain(pdf, data, facts)
            if search.has_bomb:
                facts.note(_BOMB)
    elif row["is_encrypted"]:
        content = None
    _revisions(data, survey, facts, password)
    extraction = Extraction(None) if content is None else extract(content, _TYPE)
    if extraction.problem:
        facts.note(extraction.problem)
    row.update(extraction.columns)
    sink.row("document", row)
    facts.close(_TYPE)
    if pdf is None and row["is_encrypted"]:
        _closed(sink, "refused", _LOCKED)
    elif pdf is None and extraction.text is None:
        _closed(sink, "failed", "; ".join(facts.notes)[:2000])


def _closed(sink: Sink, status: str, reason: str) -> None:
    sink.row("item", {"status": status, "media_type": _TYPE, "reason": reason})


def _opened(
    data: bytes, passwords: Sequence[str], facts: Facts, row: dict[str, Any]
) -> tuple[Any, str | bytes]:
    """The document, once a password fits (the empty one first); None where none does."""
    import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

    for password in ("", *_spelled(passwords[:_MAX_PASSWORDS])):
        try:
            pdf = pikepdf.open(io.BytesIO(data), password=password, suppress_warnings=True)
        except pikepdf.PasswordError:
            row["is_encrypted"] = True
            continue
        except pdf_objects.troubles() as problem:
            facts.note(f"its structure is too damaged to be opened ({_said(problem)})")
            return None, ""
        return pdf, password
    return None, ""


def _spelled(passwords: Sequence[str]) -> Iterator[str | bytes]:
    """Each password as the revisions of the format spell it.

    Source    ISO 32000-2 §7.6.4.3: PDFDocEncoding up to revision 4, then UTF-8 after SASLprep
    """
    for one in passwords:
        yield one
        if one.isascii():
            continue
        if (other := unicodedata.normalize("NFKC", one)) != one:
            yield other
        for codec in ("pdfdoc_pikepdf", "cp1252"):
            try:
                yield one.encode(codec)
            except UnicodeEncodeError:
                continue


def _stated(pdf: Any, facts: Facts, row: dict[str, Any], data: bytes) -> None:
    """What the document says about itself."""
    trouble = pdf_objects.troubles()
    try:
        row["page_count"] = len(pdf.pages)
    except trouble as problem:
        facts.note(f"its pages could not be counted ({_said(problem)})")
    facts.add("pdf", "version", pdf.pdf_version)
    if pdf.is_encrypted:
        _encryption(pdf, facts, is_needed=row["is_encrypted"])
    for name, value in _info(pdf).items():
        facts.add("docinfo", name, value, at=stated_time.pdf_time(value))
    _catalogue(pdf, facts)
    found, problem_told = _xmp(pdf)
    for one in found:
        facts.add("xmp", one.name, one.value, at=one.at)
    if problem_told:
        facts.note(problem_told)
    for warning in pdf.get_warnings()[:20]:
        facts.add("pdf", "warning", _said(warning))
    if data[:5] != b"%PDF-":
        facts.add("pdf", "bytes before", str(data[:_HEAD].find(b"%PDF-")))


def _catalogue(pdf: Any, facts: Facts) -> None:
    try:
        for rank, one in enumerate(list(pdf.trailer.get("/ID", []))[:2]):
            facts.add("pdf", ("first id", "last id")[rank], bytes(one).hex())
        root = pdf.Root
        facts.add("pdf", "language", pdf_objects.text(root.get("/Lang")))
        if "/AcroForm" in root:
            facts.add("pdf", "form", "XFA" if "/XFA" in root.AcroForm else "AcroForm")
    except pdf_objects.troubles():
        facts.note("its catalogue is malformed")


def _encryption(pdf: Any, facts: Facts, *, is_needed: bool) -> None:
    method = pdf.encryption
    how = "opened with a password of the list" if is_needed else "opens without a password"
    told = f"{method.bits} bits, revision {method.R}; {how}"
    facts.add("pdf", "encryption", told)
    denied = [name for name in _PERMISSIONS if not getattr(pdf.allow, name)]
    facts.add("pdf", "not permitted", ", ".join(denied))


def _info(pdf: Any) -> dict[str, str]:
    """The entries of the information dictionary that are text."""
    try:
        info = pdf.trailer.get("/Info")
        if info is None:
            return {}
        # The library gives a set of names, whose order differs from process to process.
        pairs = [(str(key)[1:], info[key]) for key in sorted(info.keys())]
    except pdf_objects.troubles():
        return {}
    found = {}
    for name, value in pairs:
        try:
            told = pdf_objects.text(value)
        except pdf_objects.troubles():
            continue
        if told:
            found[name] = told
    return found


def _xmp(pdf: Any) -> tuple[list[xmp.Value], str | None]:
    try:
        metadata = pdf.Root.get("/Metadata")
        if metadata is None:
            return [], None
        packet = pdf_streams.stream_bytes(metadata, xmp.MAX_PACKET)
    except pdf_objects.troubles() as problem:
        return [], f"its XMP packet could not be taken out ({_said(problem)})"
    return ([], "its XMP packet is too large") if packet is None else xmp.values(packet)


def _plain(pdf: Any, data: bytes, facts: Facts) -> bytes | None:
    """The bytes for the text extractor: without encryption."""
    if not pdf.is_encrypted:
        return data
    out = io.BytesIO()
    try:
        pdf.save(out, encryption=False)
    except pdf_objects.troubles() as problem:
        facts.note(f"its text could not be decrypted ({_said(problem)})")
        return None
    return out.getvalue()


def _revisions(
    data: bytes, survey: pdf_revisions.Survey, facts: Facts, password: str | bytes
) -> None:
    """One property per state with its bytes, then what changed and what it says of its time."""
    facts.add("revision", "count", len(survey.revisions))
    facts.add("revision", "linearized", "yes" if survey.is_linearized else None)
    facts.add("revision", "bytes after the end", survey.bytes_after or None)
    for place in survey.unlinked_ends[:_MAX_LISTED]:
        told = f"an end mark before byte {place} that no later state refers to"
        facts.add("revision", "unlinked end", told)
    for remark in survey.notes:
        facts.add("revision", "remark", remark)
    before: dict[str, str] = {}
    copied = 0
    for rank, one in enumerate(survey.revisions[:_MAX_LISTED], 1):
        facts.add("revision", f"{rank}", f"bytes 0-{one.byte_end} are this state")
        if rank > 1:
            for what in ("changed", "added", "removed"):
                numbers = getattr(one, what)
                facts.add(
                    "revision", f"{rank} {what}", pdf_revisions.listed(numbers, one.kinds) or None
                )
        copied += one.byte_end
        if len(survey.revisions) == 1 or rank > _MAX_STATES or copied > _MAX_STATE_BYTES:
            continue
        before = _state(data[: one.byte_end], rank, facts, (password, before))
    if len(survey.revisions) > _MAX_LISTED:
        facts.note(f"{len(survey.revisions):,} states: the first {_MAX_LISTED} are listed")
    elif len(survey.revisions) > 1 and (
        len(survey.revisions) > _MAX_STATES or copied > _MAX_STATE_BYTES
    ):
        facts.note("not all of its earlier states were opened for their times")


def _state(
    data: bytes, rank: int, facts: Facts, known: tuple[str | bytes, dict[str, str]]
) -> dict[str, str]:
    """What a state says about itself where that differs from the state before."""
    import pikepdf  # noqa: PLC0415 (loaded when a PDF is read)

    password, before = known
    try:
        with pikepdf.open(io.BytesIO(data), password=password, suppress_warnings=True) as pdf:
            info = _info(pdf)
            found = {f"docinfo {key}": info[key] for key in info}
            for one in _xmp(pdf)[0]:
                if one.name in {"xmp:ModifyDate", "xmp:MetadataDate", "xmp:CreatorTool"}:
                    found[f"xmp {one.name}"] = one.value
    except pdf_objects.troubles():
        return before
    for name, value in found.items():
        if before.get(name) != value:
            at = stated_time.pdf_time(value) or moments.zoned(value)
            facts.add("revision", f"{rank} {name}", value, at=at)
    return found


def _said(problem: object) -> str:
    """What the library says, without the place in memory by which it calls the file."""
    return " ".join(_STREAM.sub("the file", str(problem)).split())[:300]


READER = LeakReader(
    name="pdf",
    media_types=(_TYPE,),
    recognises=recognises,
    read=read,
    keeps=(
        "text, information dictionary and XMP, earlier states with their bytes and what changed, "
        "attached files as items, scripts and actions as text, signatures as present"
    ),
    cannot_know=(
        "what was removed by writing the file anew; whether a signature is valid; whether the "
        "times and names are true; text in scanned pages"
    ),
)
