"""What runs inside the cell for the stages over words: texts or messages in, rows out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis import records
from tamis.analyses.leak import document_kind, exposure, phishing
from tamis.analyses.leak.phishing_domains import Known
from tamis.syntax.language import detect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.cell.output import Output

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_WARNED = 20


def find_exposures(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many texts were looked through and how many were cut; rows of `exposure` go to `out`."""
    told = {"texts": 0, "texts_cut": 0, "texts_with_more": 0}
    for row in rows_in(items, inputs):
        fields = {"subject": row["subject"], field_of(row): row["text"]}
        for name, text in fields.items():
            if not text:
                continue
            found = exposure.find(text)
            told["texts"] += 1
            told["texts_cut"] += len(text) > exposure.MAX_CHARACTERS
            told["texts_with_more"] += len(found) >= exposure.MAX_FOUND
            for one in found:
                out.row("exposure", {**_exposed(row, name, one), **args})
    return told


def field_of(row: Mapping[str, Any]) -> str:
    """The column that the words of a row come from."""
    return "body_text" if row["is_message"] else "text"


def _exposed(row: Mapping[str, Any], name: str, one: exposure.Found) -> dict[str, Any]:
    whose, basis = one.named, "beside_it"
    if whose is None:
        whose, basis = row["sender"], "sender"
    around = (whose, row["sender"], *row["receivers"])
    warn = dict.fromkeys(address.lower() for address in around if address)
    return {
        "item_id": row["item_id"],
        "field_name": name,
        "char_start": one.start,
        "char_end": one.end,
        "kind": one.kind,
        "rule_id": one.rule_id,
        "masked": one.masked,
        "whose": whose,
        "whose_basis": basis if whose else None,
        "warn_addresses": list(warn)[:_MOST_WARNED],
        "mailbox_ids": row["mailbox_ids"],
        "reason": one.reason,
    }


def label_documents(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many items were labelled; rows of `document_kind` go to `out`."""
    count = 0
    for row in rows_in(items, inputs):
        name = None if row["is_message"] else row["name"]
        labels = document_kind.label(row["text"] or "", subject=row["subject"], name=name)
        for rank, one in enumerate(labels):
            values = {
                "item_id": row["item_id"],
                "label": one.label,
                "is_primary": rank == 0,
                "score": one.score,
                "words": list(one.words),
                "word_count": len(one.words),
            }
            out.row("document_kind", {**values, **args})
        count += 1
    return {"texts": count}


def judge_phishing(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many messages were looked at; rows of `phishing` go to `out`."""
    known = Known(args["own_domains"])
    stamp = {name: args[name] for name in ("run_id", "analysis_version")}
    for item in items:
        found = phishing.judge(inputs[item["input"]].read(), item, known)
        if found is None:
            continue
        sent = item["sent_us"]
        values = {
            "item_id": item["item_id"],
            "from_address": item["from_address"],
            "sent_at": None if sent is None else _EPOCH + timedelta(microseconds=sent),
        }
        out.row("phishing", {**values, **found.row(), **stamp})
    return {"messages": len(items)}


def tell_languages(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many texts were looked at; rows of `text_language` go to `out`."""
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    texts = pa.ipc.open_stream(inputs[0]).read_all().take([item["row"] for item in items])
    count = texts.num_rows
    columns = {
        "item_id": texts["item_id"],
        "language_detected": pa.array(map(detect, texts["text"].to_pylist()), pa.string()),
        **{name: pa.repeat(args[name], count) for name in ("run_id", "analysis_version")},
    }
    schema = records.table("text_language").schema
    out.arrow("text_language", schema).write(
        pa.table([columns[name] for name in schema.names], schema=schema)
    )
    return {"texts": count}


def rows_in(
    items: Sequence[Mapping[str, Any]], inputs: Sequence[BinaryIO]
) -> Iterator[dict[str, Any]]:
    """Each item with its words and the people around it."""
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    table = pa.ipc.open_stream(inputs[0]).read_all()
    for item in items:
        yield table.slice(item["row"], 1).to_pylist()[0]
