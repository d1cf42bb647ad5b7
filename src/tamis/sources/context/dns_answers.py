"""The raw answers that `tamis keys fetch` kept: one JSON line a look-up, parsed again here."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import orjson

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.key_entries import KeySheet, read_whole
from tamis.syntax.dns import DnsError, Reply, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

FORMAT = "tamis_dns_answer"
_HEAD = b'{"format":"tamis_dns_answer"'


def recognises(glimpse: Glimpse) -> int:
    """99 for the lines that `tamis keys fetch` writes."""
    return 99 if glimpse.head.startswith(_HEAD) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The key rows of the answers, each dated by its look-up, and what gave none and why.

    Errors    FormatError when the file is larger than 256 MiB.
    """
    sheet = KeySheet(source.item_id, "dns")
    place = 0
    for line in read_whole(stream).split(b"\n"):
        if line.strip():
            _take(sheet, line, place)
        place += len(line) + 1
    yield from sheet.batches(READER.name)


def _take(sheet: KeySheet, line: bytes, place: int) -> None:
    """One look-up: its records become entries, its failure a rejected one."""
    try:
        told = orjson.loads(line)
        name, answers = str(told["name"]), list(told["answers"])
        texts = _texts(name, answers)
    except (orjson.JSONDecodeError, KeyError, TypeError, DnsError, binascii.Error) as problem:
        sheet.reject(f"the answer cannot be read ({problem})", line[:200].decode("latin-1"), place)
        return
    if isinstance(texts, str):
        sheet.reject(f"no record: {texts}", name, place)
        return
    last = answers[-1]
    label = f"DNS, asked of {last.get('resolver')} over {last.get('transport')}"
    for raw in texts:
        txt = raw.decode("utf-8", "replace")
        if "p=" not in txt and "DKIM1" not in txt:
            sheet.reject("a TXT record of that name that is no key record", txt, place)
            continue
        at = last.get("asked_at")
        entry = {"txt": txt, "src": label, "seen_from": at, "seen_to": at}
        sheet.add(name, entry, place)


def _texts(name: str, answers: list[dict[str, Any]]) -> tuple[bytes, ...] | str:
    """The records at the end of a chain of answers, or what it ended with."""
    current, outcome = name, "nobody was asked"
    for one in answers:
        if one.get("answer") is None:
            outcome = str(one.get("outcome"))
            continue
        reply: Reply = read_answer(base64.b64decode(one["answer"], validate=True), current)
        if reply.texts:
            return reply.texts
        current, outcome = reply.alias or current, reply.outcome
    return outcome


READER = ContextReader(
    name="dns_answers",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each record of each raw answer with the resolver and the time, and what gave none",
    cannot_know="what the DNS said before the look-up; whether the resolver told the truth",
)
