"""What runs inside the cell for quotations: bodies taken apart, and messages found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from tamis.analyses.leak.quote_match import find
from tamis.analyses.leak.quote_text import Dissected, dissect, marked, sentences, tokens
from tamis.analyses.leak.quotes import DISSECTED, FOUND, MARKED, SENTENCE
from tamis.analyses.leak.reference_text import leaves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

PAGES = "tamis.run.quotes_task:mark_pages"
DISSECT = "tamis.run.quotes_task:take_apart"
FIND = "tamis.run.quotes_task:find_all"
_MOST_SENTENCES = 2_000


def mark_pages(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many pages were read; rows of `marked`, for those that quote, go to `out`.

    Input     `inputs[item["input"]]` holds the bytes of a message whose only text is a page
    """
    rows = []
    for item in items:
        pages = leaves(inputs[item["input"]].read()).pages
        text = "\n".join(marked(page) for page in pages if "<blockquote" in page.lower())
        if text:
            rows.append({"item_id": item["item_id"], "text": text})
    out.arrow("marked", MARKED).write(pa.RecordBatch.from_pylist(rows, MARKED))
    return {"page_count": len(items)}


def take_apart(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many bodies were taken apart; rows of `dissected` and `sentence` go to `out`.

    Input     `inputs[0]` is an Arrow stream (item_id, text); an item names a row
    """
    table = _rows(items, inputs)
    bodies: list[dict[str, Any]] = []
    columns: dict[str, list[Any]] = {name: [] for name in SENTENCE.names}
    for item_id, text in zip(*(table.column(one).to_pylist() for one in (0, 1)), strict=True):
        body = dissect(text)
        own, quoted = body.own, body.quoted
        bodies.append(_body(item_id, body, own, quoted))
        for is_own, told in ((True, own), (False, quoted)):
            found = dict(list(sentences(told))[:_MOST_SENTENCES])
            columns["item_id"] += [item_id] * len(found)
            columns["sentence"] += found.keys()
            columns["words"] += found.values()
            columns["is_own"] += [is_own] * len(found)
    out.arrow("dissected", DISSECTED).write(pa.RecordBatch.from_pylist(bodies, DISSECTED))
    out.arrow("sentence", SENTENCE).write(pa.RecordBatch.from_pydict(columns, SENTENCE))
    return {"body_count": len(bodies)}


def _body(item_id: str, body: Dissected, own: str, quoted: str) -> dict[str, Any]:
    spans = [(one.start, one.end) for one in body.lines if one.depth and not one.is_frame]
    return {
        "item_id": item_id,
        "own_tokens": tokens(own),
        "quoted_tokens": tokens(quoted),
        "own_words": len(own.split()),
        "style": body.style,
        "layout": body.layout,
        "attribution": body.attribution,
        "char_start": spans[0][0] if spans else None,
        "char_end": spans[-1][1] if spans else None,
    }


def find_all(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> dict[str, int]:
    """How many messages were looked for; rows of `found_quote` go to `out`.

    Input     `inputs[0]` is an Arrow stream (item_id, quoted_item_id, quoting_text, quoted_text)
    """
    rows = []
    for row in _rows(items, inputs).to_pylist():
        found = find(row["quoting_text"], row["quoted_text"])
        rows.append(
            {
                "item_id": row["item_id"],
                "quoted_item_id": row["quoted_item_id"],
                "matched_words": found.matched_words,
                "share": found.share,
                "difference": found.difference,
                "message_text": found.message_text,
                "quote_text": found.quote_text,
                "char_start": found.start,
                "char_end": found.end,
                "depth": found.depth,
                "is_whole": found.is_whole,
            }
        )
    out.arrow("found_quote", FOUND).write(pa.RecordBatch.from_pylist(rows, FOUND))
    return {"pair_count": len(rows)}


def _rows(items: Sequence[Mapping[str, Any]], inputs: Sequence[BinaryIO]) -> pa.Table:
    return pa.ipc.open_stream(inputs[0]).read_all().take([item["row"] for item in items])
