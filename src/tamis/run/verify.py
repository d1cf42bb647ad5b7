"""`tamis verify`: facts and verdicts of messages without a case, computed on a scratch folder."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from tamis.case import Case
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Wishes, Workers, add
from tamis.run.stages import stages_for
from tamis.run.warm import warm_nursery
from tamis.syntax.visible import escape_json, show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.case import CaseView
    from tamis.cell import Nursery
    from tamis.progress import Progress
    from tamis.run.intake_report import IntakeReport

_VERDICTS = Query(
    "verified_messages",
    """
    SELECT place.path AS path, verdict.*, message.subject AS subject,
           message.from_raw AS from_raw, message.sent_raw AS sent_raw
    FROM verdict
    JOIN place ON place.item_id = verdict.item_id
    JOIN message ON message.item_id = verdict.item_id
    ORDER BY place.path, place.position
    """,
)
_SIGNATURES = Query("verified_signatures", "SELECT * FROM signature ORDER BY item_id, position")
_UNREAD = Query(
    "files_without_message",
    """
    SELECT place.path AS path, item.status AS status, item.reason AS reason
    FROM place JOIN item ON item.item_id = place.item_id
    WHERE place.parent_item_id IS NULL AND (item.kind = 'leak' OR place.kind = 'leak')
      AND item.item_id NOT IN (SELECT item_id FROM message)
      AND item.item_id NOT IN (
          SELECT parent_item_id FROM place JOIN message ON message.item_id = place.item_id
          WHERE parent_item_id IS NOT NULL)
    ORDER BY place.path
    """,
)
_KEY_COUNTS = Query(
    "counted_keys",
    "SELECT note, rejected_count FROM intake_count WHERE note IS NOT NULL OR rejected_count > 0",
)
_KEY_REASONS = Query(
    "rejected_keys",
    "SELECT reason FROM rejected GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 3",
)
_STAMP = ("run_id", "analysis_version")


@dataclass(frozen=True, slots=True)
class Verified:
    """One row a message and place, with its signatures; and the files that hold no message.

    `key_notes`: what of the key file could not be used, and what it says more than once.
    """

    rows: tuple[dict[str, Any], ...]
    unread: tuple[dict[str, Any], ...]
    key_notes: tuple[str, ...] = ()

    def jsonl(self) -> Iterator[str]:
        """One JSON object a message: path, verdict columns, signatures, does_not_claim."""
        for row in self.rows:
            yield escape_json(orjson.dumps(row, option=orjson.OPT_UTC_Z).decode())

    def table(self) -> Iterator[str]:
        """Lines for people: verdict, path, and what kept the message from `verified`."""
        for row in self.rows:
            yield f"{row['verdict']:<17} {show_hidden(row['path'], limit=100)}"
            yield f"{'':<17} {show_hidden(row['kept_from'] or row['claims'][0], limit=200)}"

    def summary(self) -> str:
        """Counts of verdicts, and of files that are no messages."""
        counts = Counter(row["verdict"] for row in self.rows)
        told = ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
        lines = [f"{len(self.rows):,} messages: {told or 'none'}"]
        if self.unread:
            lines.append(f"{len(self.unread):,} files hold no message that tamis can read:")
            lines += [
                f"  {show_hidden(row['path'], limit=100)}: {show_hidden(row['reason'] or '')}"
                for row in self.unread
            ]
        lines += [show_hidden(note, limit=300) for note in self.key_notes]
        return "\n".join(lines)


def verify(
    paths: Sequence[Path],
    *,
    keys: Path | None,
    jobs: int,
    progress: Progress,
    nursery: Nursery | None = None,
) -> Verified:
    """Facts and verdicts of every message below `paths`, under the keys of one file.

    `nursery` is a server of workers that was started before this was loaded.

    Errors    InputError when a path is absent, the key file holds no key, or no message is found.
    """
    for path in (*paths, *(() if keys is None else (keys,))):
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    with ExitStack() as stack:
        nursery = nursery or stack.enter_context(warm_nursery(with_intake=True))
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="tamis-"))
        case = Case.create(Path(scratch) / "case", title="verify")
        given: dict[str, Any] = {
            "wishes": Wishes(by_reference=True),
            "workers": Workers(jobs, nursery),
            "progress": progress,
        }
        add(case, paths, kind="leak", **given)
        if keys is not None:
            taken = add(case, [keys], kind="keys", **given)
            with case.view() as view:
                if not view.row_count("dkim_key"):
                    raise InputError(_no_key(view, keys, taken))
        context = RunContext("verify", "duckdb", jobs, progress, nursery=nursery)
        with case.writer() as writer:
            for stage in stages_for("verdict"):
                run_stage(writer, stage, context)
        with case.view() as view:
            unread = tuple(view.query(_UNREAD).to_pylist())
            found = Verified(tuple(_rows(view)), unread, tuple(_key_notes(view)))
    if not found.rows:
        raise InputError(f"{', '.join(map(str, paths))}: no message that tamis can read is there")
    return found


def _no_key(view: CaseView, keys: Path, taken: IntakeReport) -> str:
    told = [row["reason"] for row in view.table("rejected", ["reason"]).to_pylist()]
    told += [row["reason"] for row in view.table("item", ["reason"]).to_pylist() if row["reason"]]
    why = told[0] if told else "; ".join(taken.notes) or "it names none"
    expected = "expected a key file such as `tamis keys add` reads"
    return f"{keys}: no DKIM key could be read ({why}); {expected}"


def _key_notes(view: CaseView) -> Iterator[str]:
    for count in view.query(_KEY_COUNTS).to_pylist():
        told = [count["note"]] if count["note"] else []
        if count["rejected_count"]:
            why = [row["reason"] for row in view.query(_KEY_REASONS).to_pylist()]
            told.append(f"{count['rejected_count']:,} entries cannot be used ({'; '.join(why)})")
        if told:
            yield f"keys: {'; '.join(told)}"


def _rows(view: CaseView) -> Iterator[dict[str, Any]]:
    signatures: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in view.query(_SIGNATURES).to_pylist():
        signatures[row["item_id"]].append({k: v for k, v in row.items() if k not in _STAMP})
    for row in view.query(_VERDICTS).to_pylist():
        kept = {k: v for k, v in row.items() if k not in _STAMP}
        yield {**kept, "signatures": signatures[row["item_id"]]}
