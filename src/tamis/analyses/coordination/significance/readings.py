"""What the p-values of a pair allow to say: one sentence each, and never more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.clusters.rows import ALPHA
from tamis.analyses.coordination.significance.correction import PRINTED_LEAST

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array

NULLS = "bursts, hours, reactions, sessions or sources, known or inferred"
_CAUSES = "another cause that only these accounts meet is not excluded"


def readings(found: pa.Table, tests: int) -> pa.Array:
    """The sentence of each pair.

    Input     found: the columns of SIGNIFICANCE and p_seen_family; tests: what it is corrected over
    Output    "not explained by …" at a family-wise 5 %; the same with the inferred source named as
              an open explanation (second grade); too common after correction; else the null that
              explains it
    Limits    no p-value below 0.000001 is printed
    """
    family, seen = (found.column(name).to_numpy() for name in ("p_family", "p_seen_family"))
    counts = _joined(
        "independent matches: ",
        found.column("independent_count").cast(pa.string()),
        ", matches expected: ",
        _short(found.column("expected").to_numpy(), "{:.2g}"),
    )
    over = f" after correction over {tests:,} possible pairs"
    first = _joined(
        f"Not explained by {NULLS} (", _chance(family), over, "): ", counts, f"; {_CAUSES}."
    )
    second = _joined(
        "Not explained by bursts, hours, reactions, sessions or known publishers (",
        _chance(seen),
        over,
        "), but possibly by a source that these accounts alone follow: weaker. ",
        counts,
        ".",
    )
    alone = found.column("p_value").to_numpy()
    common = _joined(
        *(
            "Not rare enough among so many pairs (",
            _chance(alone),
            " for this pair, ",
            _chance(family),
        ),
        *(over, "): ", counts, "."),
    )
    rest = _joined("May be chance: explained by ", _explaining(found), "; ", counts, ".")
    rest = pc.if_else(pa.array(alone <= ALPHA), common, rest)
    chosen = pc.if_else(
        pa.array(family <= ALPHA), first, pc.if_else(pa.array(seen <= ALPHA), second, rest)
    )
    return chosen if isinstance(chosen, pa.Array) else chosen.combine_chunks()


def _explaining(found: pa.Table) -> pa.Array:
    """The null with the largest p-value of its own, else that all together leave too much."""
    names = ("the burst of the objects", "shared hours", "usual reactions")
    columns = [
        np.nan_to_num(found.column(name).fill_null(0.0).to_numpy())
        for name in ("p_burst", "p_hours", "p_reaction")
    ]
    values = np.stack(columns)
    most = values.argmax(axis=0)
    together = found.column("p_value").to_numpy()
    is_single = values.max(axis=0) >= together if len(together) else np.zeros(0, bool)
    alone = _joined(
        pa.array(np.asarray(names)[most], pa.string()), " (", _chance(values.max(0)), ")"
    )
    joint = _joined(
        "hours, reactions, bursts and shared sources together (", _chance(together), ")"
    )
    return pc.if_else(pa.array(is_single), alone, joint)


def _chance(values: Array) -> pa.Array:
    least = f"p below {PRINTED_LEAST:g}"
    texts, places = np.unique(np.maximum(values, 0.0), return_inverse=True)
    words = [least if one < PRINTED_LEAST else f"p = {one:.2g}" for one in texts.tolist()]
    return pa.array(words, pa.string()).take(pa.array(places))


def _short(values: Array, form: str) -> pa.Array:
    texts, places = np.unique(values, return_inverse=True)
    return pa.array([form.format(one) for one in texts.tolist()], pa.string()).take(
        pa.array(places)
    )


def _joined(*parts: Any) -> Any:
    join: Any = pc.binary_join_element_wise
    plain = [p.combine_chunks() if isinstance(p, pa.ChunkedArray) else p for p in parts]
    return join(*plain, "")
