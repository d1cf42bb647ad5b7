"""The search stage: the index of every leaked and reference item, built from the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.run import index_schema
from tamis.run.stages import Computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.case import CaseView, Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_HEAP_BYTES = 128 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ITEMS = Query(
    "items_to_index",
    """
    SELECT item.item_id AS item_id, item.kind AS side, verdict.verdict AS verdict,
           places.paths AS paths, kinds.kinds AS kinds,
           text_language.language_detected AS language
    FROM item
    LEFT JOIN text_language ON text_language.item_id = item.item_id
    LEFT JOIN verdict ON verdict.item_id = item.item_id
    LEFT JOIN (
        SELECT item_id, list_sort(list_distinct(list(path))) AS paths FROM place GROUP BY item_id
    ) AS places ON places.item_id = item.item_id
    LEFT JOIN (
        SELECT item_id, list_sort(list(label)) AS kinds
        FROM document_kind GROUP BY item_id
    ) AS kinds ON kinds.item_id = item.item_id
    WHERE item.kind IN ('leak', 'reference')
    """,
)
_MESSAGE = (
    *("item_id", "subject", "body_text", "sent_at", "from_raw"),
    *("to_addresses", "cc_addresses", "bcc_addresses"),
)
_DOCUMENT = ("item_id", "kind", "text")


def build_index(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """How many items were indexed; the index waits in the case for the commit.

    Source    tantivy (BM25 ranking, Robertson and Zaragoza 2009).
    Limits    Finds words, not meanings; what no reader could turn into text is found by its
              path only. The index is derived from the tables and may be removed at any time.
    """
    made = writer.spool() / "index"
    made.mkdir()
    index = index_schema.open_index(str(made), is_new=True)
    into = index.writer(_HEAP_BYTES, 1)
    count = 0
    with writer.view() as view:
        digest = stage.digest(view, context.engine)
        known = {row["item_id"]: row for row in view.query(_ITEMS).to_pylist()}
        context.progress.start(stage.name, total=len(known), unit="items")
        for values in _documents(view, known):
            _add(into, values)
            count += 1
            context.progress.advance(1)
    into.commit()
    into.wait_merging_threads()
    writer.adopt_index(made, digest)
    context.progress.finish(f"{count:,} items can be searched")
    return Computed({}, {"items to be searched:": f"{count:,}"})


def _documents(view: CaseView, known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is indexed of each item; `known` is used up on the way."""
    for batch in view.batches("message", _MESSAGE):
        for row in batch.to_pylist():
            item = known.pop(row["item_id"], None)
            if item is not None:
                yield _message(row, item)
    for batch in view.batches("document", _DOCUMENT):
        for row in batch.to_pylist():
            item = known.pop(row["item_id"], None)
            if item is not None:
                yield {**_item(item, ("document", row["kind"])), "text": row["text"]}
    for item in known.values():
        yield _item(item, ("file",))


def _message(row: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    receivers = (*row["to_addresses"], *row["cc_addresses"], *row["bcc_addresses"])
    sent = row["sent_at"]
    return {
        **_item(item, ("message",)),
        "text": row["body_text"],
        "subject": row["subject"],
        "from": row["from_raw"],
        "to": " ".join(one for one in receivers if one) or None,
        "date": None if sent is None else (sent - _EPOCH).days * 86400 + (sent - _EPOCH).seconds,
    }


def _item(item: Mapping[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    return {
        "item_id": item["item_id"],
        "path": item["paths"] or (),
        "kind": tuple(dict.fromkeys((*kinds, *(item["kinds"] or ())))),
        "verdict": item["verdict"],
        "side": item["side"],
        "language": item["language"],
    }


def _add(into: Any, values: Mapping[str, Any]) -> None:
    import tantivy  # noqa: PLC0415  loaded by those who search or index only

    one = tantivy.Document()
    for name, value in values.items():
        if value is None:
            continue
        if name == index_schema.DATE_FIELD:
            one.add_integer(name, value)
            continue
        for text in (value,) if isinstance(value, str) else value:
            one.add_text(name, index_schema.compose(text))
    into.add_document(one)
