"""The stage of decoys: items beside the proofs and sketches that their owner showed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.cell import Job, read_arrow
from tamis.plan import Query
from tamis.run.decoy_task import TASKS
from tamis.run.stages import Computed, written_empty
from tamis.run.texts import Pass, text_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import CaseView, Writer
    from tamis.cell import Cell
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

MATCHES = pa.schema(
    [
        pa.field("item_id", pa.string()),
        pa.field("place", pa.int64()),
        pa.field("shared_count", pa.int64()),
    ]
)
SHOWN = Query(
    "decoys_shown",
    """
    SELECT decoy.decoy_id AS decoy_id, decoy.shown_as AS shown_as, decoy.root AS root,
        decoy.leaf_count AS leaf_count, decoy.file_sha256 AS file_sha256,
        decoy.replies AS replies, decoy.sketch AS sketch,
        coalesce(decoy.sketch_key, held.sketch_key) AS sketch_key
    FROM decoy LEFT JOIN (
        SELECT root, min(sketch_key) AS sketch_key FROM decoy_key GROUP BY root
    ) AS held ON held.root = decoy.root
    ORDER BY decoy.decoy_id, decoy.shown_as, decoy.source_item_id
    """,
)
_LEAKED = Query(
    "leaked_items",
    """
    SELECT item_id FROM item WHERE kind = 'leak'
        OR item_id IN (SELECT item_id FROM place WHERE kind = 'leak')
    """,
)
_SAME = Query(
    "items_that_are_decoys",
    """
    SELECT DISTINCT item_id FROM item WHERE list_contains($hashes, item_id)
        AND item_id NOT IN (SELECT item_id FROM tombstone)
    """,
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the tokens over one root are worth: by when it was sealed, and who vouches."""

    latest_at: datetime | None = None
    authorities: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def standing(self, leak_at: datetime | None) -> str:
        """`decoy` where a trusted time lies before the leak, `decoy_asserted` otherwise."""
        is_before = self.latest_at is not None and leak_at is not None and self.latest_at < leak_at
        return "decoy" if is_before else "decoy_asserted"

    def sentence(self, leak_at: datetime | None) -> str:
        """Why the seal counts, or does not."""
        if self.latest_at is None:
            why = self.problems[0] if self.problems else "no reply of an authority was shown"
            return f"no trusted time stands behind its seal: {why}"
        told = (
            f"sealed by {self.latest_at.isoformat()} at the latest ({', '.join(self.authorities)})"
        )
        if leak_at is None:
            return f"{told}; the case does not say when the leak was (leak_at in case.toml)"
        is_before = self.latest_at < leak_at
        return (
            f"{told}, {'before' if is_before else 'not before'} the leak of {leak_at.isoformat()}"
        )


def compute_decoys(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `decoy_match`: the same bytes, or shared words, and what the seal is worth.

    Source and Limits    as `analyses.leak.decoys`, `syntax.timestamp_trust`; decision 51
    """
    with writer.view() as view:
        shown = view.query(SHOWN).to_pylist()
        if not shown:
            return written_empty(writer, stage, context)
        context.progress.start(stage.name, total=None, unit="texts")
        stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
        stated = view.settings.leak_at
        leak_at = datetime.fromisoformat(stated) if stated else None
        spool = writer.spool()
        with context.cell(spool, (TASKS,)) as cell:
            seals = judge_seals(cell, spool, shown, view.table("time_root"))
            found, failed = match_in(cell, spool, view, shown)
        rows = _rows(view, shown, found, (seals, leak_at))
    table = records.table("decoy_match")
    built = table.build([{**row, **stamp} for row in rows])
    writer.replace(table.name, built.sort_by([(name, "ascending") for name in table.paging]))
    notes = {"failed_count": f"{len(failed)}", "failed_first": failed[0]} if failed else {}
    context.progress.finish(f"{built.num_rows:,} rows of {table.name}")
    return Computed({table.name: built.num_rows}, notes)


def judge_seals(
    cell: Cell, spool: Path, shown: Sequence[Mapping[str, Any]], roots: pa.Table
) -> dict[str, Sealed]:
    """What the seal of each root is worth, judged in the cell."""
    path = write_stream(spool / "time_root.arrow", roots)
    replies: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in shown:
        if row["shown_as"] == "proof":
            replies[row["root"], row["leaf_count"]].update(row["replies"])
    items = [
        {"root": root, "leaf_count": count, "replies": sorted(some)}
        for (root, count), some in sorted(replies.items())
    ]
    found: dict[str, Sealed] = {}
    jobs = [Job(str(one["root"]), f"{TASKS}:judge_seals", (path,), (one,)) for one in items]
    for outcome in cell.run(iter(jobs)):
        root = outcome.job.items[0]["root"]
        if outcome.status != "done":
            found[root] = Sealed(problems=(f"its replies could not be read: {outcome.reason}",))
            continue
        for told in outcome.result:
            found[root] = sealed_by(told["tokens"])
    return found


def sealed_by(tokens: Sequence[Mapping[str, Any]]) -> Sealed:
    """What several tokens over one root are worth together.

    Limits    The earliest that holds decides: one honest clock is enough, and each root was given
              as trusted.
    """
    held = [one for one in tokens if not one["problems"] and one["latest_at"] is not None]
    return Sealed(
        latest_at=min((datetime.fromisoformat(one["latest_at"]) for one in held), default=None),
        authorities=tuple(sorted({str(one["authority"]) for one in held})),
        problems=tuple(told for one in tokens for told in one["problems"]),
    )


def write_stream(path: Path, rows: pa.Table) -> Path:
    """The file, which now holds `rows` as an Arrow stream."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, rows.schema) as stream:
        stream.write_table(rows)
    return path


def match_in(
    cell: Cell, spool: Path, view: CaseView, shown: Sequence[Mapping[str, Any]]
) -> tuple[dict[tuple[str, str], int], list[str]]:
    """The most runs that an item shares with a decoy, by both; and the items whose task failed."""
    columns = ("decoy_id", "sketch", "sketch_key")
    table = pa.table(
        {name: pa.array([one[name] for one in shown], pa.string()) for name in columns}
    )
    found: dict[tuple[str, str], int] = {}
    failed: list[str] = []
    if not any(one["sketch"] and one["sketch_key"] for one in shown):
        return found, failed
    given = write_stream(spool / "decoy.arrow", table)
    told = Pass("match_texts", "decoy_match", {}, (given,), TASKS, {"matches": MATCHES})
    for outcome in cell.run(text_jobs(view, spool, told)):
        if outcome.status != "done":
            failed += [f"{one['item_id']}: {outcome.reason}" for one in outcome.job.items]
        for row in _matches(outcome.files):
            pair = (row["item_id"], shown[row["place"]]["decoy_id"])
            found[pair] = max(found.get(pair, 0), row["shared_count"])
        outcome.discard()
    return found, failed


def _matches(files: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    for path in files.values():
        yield from read_arrow(path, MATCHES).to_pylist()


def _rows(
    view: CaseView,
    shown: Sequence[Mapping[str, Any]],
    found: Mapping[tuple[str, str], int],
    time: tuple[Mapping[str, Sealed], datetime | None],
) -> Iterator[dict[str, Any]]:
    """One row an item and decoy; that the bytes are the same outweighs that words are."""
    seals, leak_at = time
    leaked = set(view.query(_LEAKED)["item_id"].to_pylist())
    hashes = sorted({one["file_sha256"] for one in shown if one["file_sha256"]})
    there = set(view.query(_SAME, {"hashes": hashes})["item_id"].to_pylist()) & leaked
    runs = {one["decoy_id"]: _runs(one) for one in shown if one["sketch"]}
    roots = {one["decoy_id"]: one["root"] for one in shown}
    same = {(one["file_sha256"], one["decoy_id"]) for one in shown if one["file_sha256"] in there}
    for item_id, decoy_id in sorted(same):
        sealed = seals.get(roots[decoy_id], Sealed())
        yield {
            **_shared(decoy_id, roots, runs),
            "item_id": item_id,
            "relation": "same_bytes",
            "standing": sealed.standing(leak_at),
            "sealed_at": sealed.latest_at,
            "authorities": list(sealed.authorities),
            "shared_count": found.get((item_id, decoy_id)),
            "detail": f"it is byte for byte {decoy_id}; {sealed.sentence(leak_at)}",
        }
    for (item_id, decoy_id), count in sorted(found.items()):
        if item_id not in leaked or (item_id, decoy_id) in same:
            continue
        told = f"it shares {count:,} of {runs[decoy_id]:,} five-word runs with {decoy_id}"
        yield {
            **_shared(decoy_id, roots, runs),
            "item_id": item_id,
            "relation": "shares_text",
            "standing": None,
            "sealed_at": seals.get(roots[decoy_id], Sealed()).latest_at,
            "authorities": list(seals.get(roots[decoy_id], Sealed()).authorities),
            "shared_count": count,
            "detail": f"{told}; ask its owner to reveal that one",
        }


def _shared(decoy_id: str, roots: Mapping[str, str], runs: Mapping[str, int]) -> dict[str, Any]:
    return {"decoy_id": decoy_id, "root": roots[decoy_id], "sketch_count": runs.get(decoy_id)}


def _runs(row: Mapping[str, Any]) -> int:
    """How many runs a sketch in base64 holds: eight bytes each."""
    text: str = row["sketch"]
    return (len(text) * 3 // 4 - text.count("=")) // 8
