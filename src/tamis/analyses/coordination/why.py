"""Each pair of actions as a sentence that a reporter can quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable

_MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def why(rows: pa.Table) -> pa.ChunkedArray:
    """For each row of evidence: who did what, both times in UTC, and how far apart.

    Input     layer, account_a, account_b, object_id, post_id_a, post_id_b, acted_at_a,
              acted_at_b, lag_s
    Limits    states what the files say happened, not that anybody agreed to it; ids stand as they
              were found, and whoever prints the sentence escapes them
    """
    if not rows.num_rows:
        return pa.chunked_array([], pa.string())
    parts: list[pa.Array] = []
    for batch in rows.to_batches():
        kinds = pc.dictionary_encode(batch.column("layer"))
        given = pa.table({name: batch.column(name) for name in batch.schema.names})
        done = {
            number: _sentences(given, layer)
            for number, layer in enumerate(kinds.dictionary.to_pylist())
        }
        chosen = kinds.indices.to_numpy()
        text = done[0]
        for number, other in done.items():
            if number:
                text = pc.if_else(pa.array(chosen == number), other, text)
        parts += text.chunks if isinstance(text, pa.ChunkedArray) else [text]
    return pa.chunked_array(parts, pa.string())


def _sentences(rows: pa.Table, layer: str) -> Any:
    known = LAYERS.get(layer, LAYERS["co_object"])
    is_a_first = pc.greater_equal(rows.column("lag_s"), 0.0)

    def first(name: str) -> Any:
        return pc.if_else(is_a_first, rows.column(f"{name}_a"), rows.column(f"{name}_b"))

    def second(name: str) -> Any:
        return pc.if_else(is_a_first, rows.column(f"{name}_b"), rows.column(f"{name}_a"))

    if known.is_directed:
        opening = ("Account ", second("account"), " reposted, in post ", second("post_id"), " at ")
        middle = (_moment(second("acted_at")), ", post ", rows.column("object_id"), " of account ")
        rest = (first("account"), " of ", _moment(first("acted_at")), ": ", _apart(rows), " later.")
        return _joined(*opening, *middle, *rest)
    return _joined(
        *("Accounts ", first("account"), " and ", second("account"), f" both {known.did} ("),
        *(rows.column("object_id"), "): post ", first("post_id"), " at "),
        *(_moment(first("acted_at")), " and post ", second("post_id"), " at "),
        *(_moment(second("acted_at")), ", ", _apart(rows), " apart."),
    )


def _joined(*parts: Any) -> Any:
    join: Callable[..., Any] = pc.binary_join_element_wise
    return join(*parts, "", null_handling="replace", null_replacement="?")


def _moment(times: Any) -> Any:
    whole = pc.cast(times, pa.timestamp("s", tz="UTC"), safe=False)
    return pc.strftime(whole, _MOMENT)


def _apart(rows: pa.Table) -> Any:
    """The lag in seconds, without a decimal point where it is whole."""
    lag = pc.abs(rows.column("lag_s"))
    text = pc.cast(lag, pa.string())
    return pc.binary_join_element_wise(
        pc.replace_substring_regex(text, r"\.0$", ""),
        pc.if_else(pc.equal(lag, 1), "second", "seconds"),
        " ",
    )
