"""`tamis coordinate`: a co-action network from tables of posts, without a case."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from tamis import records
from tamis.analyses.coordination.co_action import PARAMS, VERSION, merged
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.cell import Cell, Job, Limits, read_arrow
from tamis.engines import fitted, open_engine
from tamis.errors import FormatError, InputError
from tamis.plan import Query
from tamis.progress import Silent
from tamis.run.coordinate_input import LAYERS
from tamis.run.coordinate_once import keep_once
from tamis.syntax.clock import check_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.engines import Engine
    from tamis.progress import Progress

_TASK = "tamis.run.coordinate_input:convert"
_WINDOW = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_CAUTION = (
    "Acting on the same object within the window is no proof of an agreement: shared sources, "
    "push alerts, influencers and chance do it too."
)


@dataclass(frozen=True, slots=True)
class CoordinateOptions:
    """What a person may ask of `coordinate`."""

    windows: tuple[str, ...] = ("60s",)
    min_weight: int = 2
    weight: str = "distinct_objects"
    layers: tuple[str, ...] = ()
    engine: str = "duckdb"
    assume_zone: str | None = None
    evidence_limit: int = int(PARAMS["evidence_limit"])
    pair_budget: int = int(PARAMS["pair_budget"])

    def params(self, layers: Sequence[str]) -> dict[str, Any]:
        """The same in the analysis's words.

        Errors    InputError for a window that is no length of time.
        """
        return {
            "windows_s": tuple(dict.fromkeys(_window(text) for text in self.windows)),
            "min_weight": self.min_weight,
            "weights": (self.weight,),
            "layers": tuple(layers),
            "evidence_limit": self.evidence_limit,
            "pair_budget": self.pair_budget,
        }


@dataclass(frozen=True, slots=True)
class CoordinateResult:
    """Where the network is, and what it holds."""

    folder: Path
    summary: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The answer for a person."""
        found = []
        for file in self.summary["files"]:
            read_as = ", ".join(
                f"{count:,} as {how}" for how, count in file["time_read_as"].items()
            )
            found.append(f"{file['name']}: {file['row_count']:,} rows; times read: {read_as}")
            found += [
                f"  left out: {count:,} rows with {lack}"
                for lack, count in file["left_out"].items()
            ]
        found += [
            f"{layer}: {count:,} rows stand twice (same account, object, time and post) and were "
            "counted once"
            for layer, count in self.summary["counted_once"].items()
        ]
        for part in self.summary["networks"]:
            found.append(
                f"{part['layer']}, {part['window_s']:g} s: {part['pair_count']:,} pairs of actions "
                f"of different accounts, {part['edge_count']:,} pairs of accounts with "
                f"{part['weight_kind']} of {self.summary['min_weight']} or more"
            )
            if part["edge_without_evidence_count"]:
                found.append(
                    f"  {part['edge_without_evidence_count']:,} of them, the weakest, have no "
                    f"evidence rows: the limit is {self.summary['evidence_limit']:,} rows"
                )
        return [*found, _CAUTION, f"written to {self.folder}"]


def coordinate(
    files: Sequence[Path],
    output: Path,
    options: CoordinateOptions | None = None,
    progress: Progress | None = None,
) -> CoordinateResult:
    """The co-action network of the actions in `files`, written to the folder `output`.

    Input     CSV, TSV, NDJSON, JSON or Parquet with an account, a time and an object column
    Output    co_action.parquet, co_action_evidence.parquet, edges.csv, summary.json
    Errors    InputError or FormatError, naming the file and the remedy; PlanError when more
              pairs of actions lie within the window than `pair_budget`
    """
    options = options or CoordinateOptions()
    progress = progress or Silent()
    options.params(LAYERS)
    if options.assume_zone is not None:
        check_zone(options.assume_zone)
    paths = [_checked(Path(path)) for path in files]
    if output.exists() and not output.is_dir():
        raise InputError(f"{output} is a file; name a folder for the network")
    output.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".coordinate-", dir=output))
    try:
        return _run(paths, output, scratch, options, progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(
    paths: Sequence[Path],
    output: Path,
    scratch: Path,
    options: CoordinateOptions,
    progress: Progress,
) -> CoordinateResult:
    progress.start("reading", total=len(paths), unit="files")
    hashes = [_sha256(path) for path in paths]
    tables, files = _converted(paths, scratch, options, progress)
    unnamed = {str(at) for at, file in enumerate(files) if "id" not in file["columns"]}
    tables, twice = keep_once(tables, unnamed, scratch)
    progress.finish(f"{sum(table.num_rows for table in tables.values()):,} actions")
    params = options.params(sorted(tables))
    run_id = _run_id(hashes, params)
    progress.start("co-action", total=None, unit="layers")
    with ExitStack() as stack:
        engine = stack.enter_context(open_engine(options.engine, allowed=[output], scratch=scratch))
        sources = {"number": [str(at) for at in range(len(hashes))], "item_id": hashes}
        engine.register("source_file", pa.table(sources))
        for layer in sorted(tables):
            engine.register(f"{layer}_action", tables.pop(layer), ACTIONS)
        engine.run(
            (*merged(params), _EVIDENCE, _NETWORKS, _SHOWN),
            ("co_action", "co_action_sourced", "network", "network_shown", "co_action_total"),
            {"run_id": run_id, "analysis_version": f"co_action {VERSION}"},
        )
        summary = {
            "run_id": run_id,
            "analysis": f"co_action {VERSION}",
            **{name: params[name] for name in ("min_weight", "evidence_limit", "pair_budget")},
            "weight_kind": options.weight,
            "engine": options.engine,
            "objects_compared": "as written",
            "files": [
                {**file, "sha256": digest} for file, digest in zip(files, hashes, strict=True)
            ],
            "counted_once": {layer: count for layer, count in twice.items() if count},
            "networks": _networks(engine, options, params),
            "caution": _CAUTION,
        }
        _write(engine, output)
    (output / "summary.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    progress.finish(
        f"{sum(part['edge_count'] for part in summary['networks']):,} pairs of accounts"
    )
    return CoordinateResult(output, summary)


# The walk carries a file's number, which is short; here it becomes the file's hash again.
_EVIDENCE = Query(
    "co_action_sourced",
    """
    SELECT e.layer, e.window_s, e.account_a, e.account_b, e.object_id, e.post_id_a, e.post_id_b,
           e.acted_at_a, e.acted_at_b, e.lag_s, a.item_id AS source_item_id_a, e.byte_start_a,
           b.item_id AS source_item_id_b, e.byte_start_b, e.run_id, e.analysis_version
    FROM co_action_evidence AS e
    JOIN source_file AS a ON e.source_item_id_a = a.number
    JOIN source_file AS b ON e.source_item_id_b = b.number
    """,
    portable=True,
)
_NETWORKS = Query(
    "network",
    """
    SELECT layer, window_s, weight_kind, COUNT(*) AS edge_count FROM co_action
    GROUP BY layer, window_s, weight_kind
    """,
    portable=True,
)
_SHOWN = Query(
    "network_shown",
    "SELECT layer, window_s, COUNT(*) AS edge_count FROM co_action_shown GROUP BY layer, window_s",
    portable=True,
)


def _converted(
    paths: Sequence[Path], scratch: Path, options: CoordinateOptions, progress: Progress
) -> tuple[dict[str, pa.Table], list[dict[str, Any]]]:
    """Actions by layer, and how each file was read; every file is parsed in the cell.

    Errors    FormatError naming every file that cannot be used.
    """
    args = {"layers": list(options.layers), "assume_zone": options.assume_zone}
    jobs = [
        Job(
            job_id=str(number),
            task=_TASK,
            paths=(path,),
            items=({"input": 0, "name": path.name, "number": number},),
            args=args,
            tables=dict.fromkeys(LAYERS, ACTIONS),
        )
        for number, path in enumerate(paths)
    ]
    found: dict[str, list[pa.Table]] = {}
    files: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    limits = Limits(memory_bytes=3 << 30, output_bytes=32 << 30)
    with Cell(2, scratch, limits, preload=("tamis.run.coordinate_input",)) as cell:
        for outcome in cell.run(jobs):
            number = int(outcome.job.job_id)
            progress.advance(1)
            if outcome.status == "failed":
                problems[number] = _named(paths[number], outcome.reason)
                continue
            files[number] = outcome.result[0]
            for layer, path in outcome.files.items():
                found.setdefault(layer, []).append(read_arrow(path, ACTIONS))
            outcome.discard()
    if problems:
        raise FormatError("\n".join(problems[number] for number in sorted(problems)))
    return {layer: pa.concat_tables(parts) for layer, parts in found.items()}, [
        files[number] for number in sorted(files)
    ]


def _named(path: Path, reason: str | None) -> str:
    words = reason or "it cannot be read"
    return words if words.startswith(path.name) else f"{path.name}: {words}"


def _networks(
    engine: Engine, options: CoordinateOptions, params: dict[str, Any]
) -> list[dict[str, Any]]:
    """For each layer and window: pairs of actions, pairs of accounts, those without evidence."""
    edges = {(row["layer"], row["window_s"]): row["edge_count"] for row in _rows(engine, "network")}
    shown = {
        (row["layer"], row["window_s"]): row["edge_count"] for row in _rows(engine, "network_shown")
    }
    total = {
        (row["layer"], row["window_s"]): row["pair_count"]
        for row in _rows(engine, "co_action_total")
    }
    return [
        {
            "layer": layer,
            "window_s": window_s,
            "weight_kind": options.weight,
            "pair_count": total.get((layer, window_s), 0),
            "edge_count": edges.get((layer, window_s), 0),
            "edge_without_evidence_count": edges.get((layer, window_s), 0)
            - shown.get((layer, window_s), 0),
        }
        for layer in params["layers"]
        for window_s in params["windows_s"]
    ]


def _rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    return list(engine.fetch(name).to_pylist())


def _write(engine: Engine, output: Path) -> None:
    for name, source in (("co_action", "co_action"), ("co_action_evidence", "co_action_sourced")):
        record = records.table(name)
        engine.register(name, fitted(engine.fetch(source), record.schema))
        engine.write(name, output / f"{name}.parquet", record.paging)
    record = records.table("co_action")
    edges = engine.fetch("co_action").sort_by([(name, "ascending") for name in record.paging])
    for side in ("account_a", "account_b"):
        place = edges.column_names.index(side)
        edges = edges.set_column(place, side, _inert(edges.column(side)))
    pa_csv.write_csv(edges, output / "edges.csv")


def _inert(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts with an apostrophe before those that a spreadsheet would run as a formula."""
    runs = pc.match_substring_regex(texts, r"^[=+@\t\r-]")
    number = pc.match_substring_regex(texts, r"^-\d+$")
    marked = pc.binary_join_element_wise("'", texts, "")
    return pc.if_else(pc.and_not(runs, number), marked, texts)


def _window(text: str) -> float:
    found = _WINDOW.fullmatch(str(text).strip().lower())
    if found is None:
        raise InputError(f"{text!r} is no window; write a number and a unit, such as 60s or 5min")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _checked(path: Path) -> Path:
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not there"
        raise InputError(f"{path} is {kind}; a CSV, NDJSON or Parquet file was expected")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run_id(hashes: Sequence[str], params: dict[str, Any]) -> str:
    """The same name for the same question about the same bytes."""
    text = orjson.dumps([VERSION, sorted(hashes), params], option=orjson.OPT_SORT_KEYS)
    return f"coordinate-{hashlib.sha256(text).hexdigest()[:16]}"
