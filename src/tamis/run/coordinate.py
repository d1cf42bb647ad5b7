"""`tamis coordinate`: a co-action network from tables of posts, without a case."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from tamis.analyses.coordination.case_actions import FAST, usable
from tamis.analyses.coordination.co_action import VERSION, merged, windows_of
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.cell import Cell, Job, Limits, Workplace, read_arrow
from tamis.engines import open_engine
from tamis.errors import FormatError, InputError
from tamis.plan import Query
from tamis.progress import Silent
from tamis.run.coordinate_chance import summed_up, tested_network
from tamis.run.coordinate_files import TABLES, write_files
from tamis.run.coordinate_layers import FILE_LAYERS, ORIGIN, SPAN, SPANS
from tamis.run.coordinate_once import keep_once
from tamis.run.coordinate_platforms import edges_across
from tamis.run.coordinate_words import CAUTION, CoordinateOptions, CoordinateResult
from tamis.syntax.clock import check_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tamis.analyses.coordination.walk.estimate import Estimate
    from tamis.engines import Engine
    from tamis.progress import Progress

__all__ = ["CoordinateOptions", "CoordinateResult", "coordinate"]

_TASK = "tamis.run.coordinate_input:convert"


def coordinate(
    files: Sequence[Path],
    output: Path,
    options: CoordinateOptions | None = None,
    progress: Progress | None = None,
) -> CoordinateResult:
    """The co-action network of the actions in `files`, written to the folder `output`.

    Input     CSV, TSV, NDJSON, JSON or Parquet with an account, a time and an object column
    Output    co_action, co_action_evidence, co_action_total and co_action_left_out (.parquet),
              edges.csv, network.graphml, network.gexf, summary.json; co_action_significance and
              its total, cluster and cluster_member (.parquet) unless they are not asked for
    Errors    InputError or FormatError, naming the file and the remedy; PlanError when more
              pairs of actions lie within the window than `pair_budget`
    """
    options = options or CoordinateOptions()
    progress = progress or Silent()
    options.params(FILE_LAYERS)
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
    _check_platforms(files)
    spans = tables.pop(SPAN, SPANS.empty_table())
    tables, twice = keep_once(tables, unnamed, scratch)
    progress.finish(f"{sum(table.num_rows for table in tables.values()):,} actions")
    progress.start("co-action", total=None, unit="layers")
    origins = tables.pop(ORIGIN, None)
    estimates = _estimates(tables) if options.is_estimated else {}
    windows = {
        layer: told.window_s for layer, told in estimates.items() if told.window_s is not None
    }
    params = options.params(sorted(tables), windows)
    run_id = _run_id(hashes, params)
    with ExitStack() as stack:
        engine = stack.enter_context(open_engine(options.engine, allowed=[output], scratch=scratch))
        sources = {"number": [str(at) for at in range(len(hashes))], "item_id": hashes}
        engine.register("source_file", pa.table(sources))
        engine.register(SPAN, spans, SPANS)
        _register(engine, tables, origins)
        is_fast = origins is not None and "fast_repost" in tables
        steps = (_EXCLUDED if is_fast else _NONE_EXCLUDED,)
        engine.run(
            (*steps, *merged(params, has_excluded=True), _EVIDENCE, _NETWORKS, _SHOWN),
            (*TABLES.values(), "co_action_evidence", "network", "network_shown"),
            {"run_id": run_id, "analysis_version": f"co_action {VERSION}"},
        )
        progress.finish(f"{len(tables):,} layers")
        found = None
        if options.is_tested:
            progress.start("significance", total=None, unit="pairs")
            found = tested_network(engine, tables, origins, run_id)
            progress.finish(f"{found.significance.num_rows:,} pairs tested")
        summary = {
            "run_id": run_id,
            "files": [
                {**file, "sha256": digest} for file, digest in zip(files, hashes, strict=True)
            ],
            "counted_once": {layer: count for layer, count in twice.items() if count},
            **_settled(options, params, estimates),
            "networks": _networks(engine, options, params, tables.values()),
            "significance": summed_up(found),
            "caution": CAUTION,
        }
        progress.start("writing", total=None, unit="files")
        write_files(engine, output, found)
    (output / "summary.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    progress.finish(
        f"{sum(part['edge_count'] for part in summary['networks']):,} pairs of accounts"
    )
    return CoordinateResult(output, summary)


def _settled(
    options: CoordinateOptions, params: dict[str, Any], estimates: dict[str, Estimate]
) -> dict[str, Any]:
    """By which rules the network was made."""
    limits = ("min_weight", "evidence_limit", "pair_budget", "object_limit")
    return {
        "analysis": f"co_action {VERSION}",
        **{name: params[name] for name in limits},
        "weight_kind": options.weight,
        "engine": options.engine,
        "objects_compared": "as written",
        "windows_estimated": {
            layer: {
                "window_s": told.window_s or windows_of(layer, params)[0],
                "reasons": told.reasons,
            }
            for layer, told in estimates.items()
        },
    }


def _estimates(tables: dict[str, pa.Table]) -> dict[str, Estimate]:
    """The window that each layer suggests."""
    from tamis.analyses.coordination.walk.estimate import estimate  # noqa: PLC0415  # imports numba

    return {layer: estimate(tables[layer]) for layer in sorted(tables) if layer != "fast_repost"}


def _register(engine: Engine, tables: dict[str, pa.Table], origins: pa.Table | None) -> None:
    """Make the actions of each layer known, those of fast reposts with their originals."""
    for layer in [layer for layer in sorted(tables) if layer != "fast_repost"]:
        engine.register(f"{layer}_action", tables[layer], ACTIONS)
    if origins is not None and "fast_repost" in tables:
        engine.register("given_repost", tables["fast_repost"], ACTIONS)
        engine.register("given_post", origins, ACTIONS)
        steps = (_REPOSTS, _ORIGINS, _FAST, usable("fast_repost"))
        engine.run(steps, ("fast_repost_candidate", "fast_repost_action"))


# The walk carries a file's number, which is short; here it becomes the file's hash again.
_EVIDENCE = Query(
    "co_action_sourced",
    """
    SELECT e.layer, e.window_s, e.account_a, e.account_b, e.object_id, e.post_id_a, e.post_id_b,
           e.acted_at_a, e.acted_at_b, e.lag_s, a.item_id AS source_item_id_a, e.byte_start_a,
           x.byte_end AS byte_end_a, b.item_id AS source_item_id_b, e.byte_start_b,
           y.byte_end AS byte_end_b, e.why, e.run_id, e.analysis_version
    FROM co_action_evidence AS e
    JOIN source_file AS a ON e.source_item_id_a = a.number
    JOIN source_file AS b ON e.source_item_id_b = b.number
    LEFT JOIN row_span AS x
        ON x.source_item_id = e.source_item_id_a AND x.byte_start = e.byte_start_a
    LEFT JOIN row_span AS y
        ON y.source_item_id = e.source_item_id_b AND y.byte_start = e.byte_start_b
    """,
    portable=True,
)
_REPOSTS = Query(
    "repost",
    """
    SELECT *, CAST(NULL AS VARCHAR) AS target_account_id, CAST(NULL AS TIMESTAMPTZ) AS origin_at
    FROM given_repost
    """,
    portable=True,
)
_ORIGINS = Query(
    "first_post",
    """
    SELECT post_id, account_id, acted_at AS posted_at, source_item_id, byte_start FROM (
        SELECT *, ROW_NUMBER() OVER (
            PARTITION BY post_id ORDER BY acted_at, account_id, source_item_id, byte_start
        ) AS place FROM given_post) AS numbered WHERE place = 1
    """,
    portable=True,
)
_FAST = Query("fast_repost_candidate", FAST, portable=True)
_EXCLUDED = Query(
    "co_action_excluded",
    """
    SELECT 'fast_repost' AS layer, 'no_original' AS reason, COUNT(*) AS row_count
    FROM fast_repost_candidate WHERE target_account_id IS NULL GROUP BY target_account_id
    """,
    portable=True,
)
_NONE_EXCLUDED = Query(
    "co_action_excluded",
    "SELECT 'none' AS layer, 'none' AS reason, 0 AS row_count FROM source_file WHERE number = ''",
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
    """
    SELECT layer, window_s, COUNT(*) AS edge_count FROM (
        SELECT DISTINCT layer, window_s, account_a, account_b FROM co_action_proven
    ) AS shown GROUP BY layer, window_s
    """,
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
            tables={**dict.fromkeys((*FILE_LAYERS, "fast_repost", ORIGIN), ACTIONS), SPAN: SPANS},
        )
        for number, path in enumerate(paths)
    ]
    found: dict[str, list[pa.Table]] = {}
    files: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    limits = Limits(memory_bytes=3 << 30, output_bytes=32 << 30)
    with Cell(2, scratch, Workplace(limits, preload=("tamis.run.coordinate_input",))) as cell:
        for outcome in cell.run(jobs):
            number = int(outcome.job.job_id)
            progress.advance(1)
            if outcome.status == "failed":
                problems[number] = _named(paths[number], outcome.reason)
                continue
            files[number] = outcome.result[0]
            for layer, path in outcome.files.items():
                schema = SPANS if layer == SPAN else ACTIONS
                found.setdefault(layer, []).append(read_arrow(path, schema))
            outcome.discard()
    if problems:
        raise FormatError("\n".join(problems[number] for number in sorted(problems)))
    return {layer: pa.concat_tables(parts) for layer, parts in found.items()}, [
        files[number] for number in sorted(files)
    ]


def _check_platforms(files: Sequence[dict[str, Any]]) -> None:
    """Refuse files of which some name platforms: one account could look like two of them."""
    bare = [file["name"] for file in files if "platform" not in file["columns"]]
    named = [file["name"] for file in files if "platform" in file["columns"]]
    if bare and named:
        raise FormatError(
            f"{named[0]} has a column of platforms and {bare[0]} has none, so that one account "
            "could look like two; give both files that column, or neither"
        )


def _named(path: Path, reason: str | None) -> str:
    words = reason or "it cannot be read"
    return words if words.startswith(path.name) else f"{path.name}: {words}"


def _networks(
    engine: Engine,
    options: CoordinateOptions,
    params: dict[str, Any],
    actions: Collection[pa.Table],
) -> list[dict[str, Any]]:
    """For each layer and window: pairs of actions, pairs of accounts, those without evidence."""
    edges, shown = (
        {(row["layer"], row["window_s"]): row["edge_count"] for row in _rows(engine, name)}
        for name in ("network", "network_shown")
    )
    totals = {(row["layer"], row["window_s"]): row for row in _rows(engine, "co_action_total")}
    platforms, across = edges_across(engine, actions)
    large: dict[tuple[str, float], list[dict[str, Any]]] = {}
    lost: dict[str, int] = {}
    for row in _rows(engine, "co_action_left_out"):
        if row["reason"] == "too_many_pairs":
            large.setdefault((row["layer"], row["window_s"]), []).append(row)
        else:
            lost[row["layer"]] = row["action_count"]
    held = ("pair_count", "left_out_pair_count", "action_count", "account_count", "object_count")
    return [
        {
            "layer": layer,
            "window_s": window_s,
            "weight_kind": options.weight,
            **{name: totals.get((layer, window_s), {}).get(name, 0) for name in held},
            "edge_count": edges.get((layer, window_s), 0),
            "edge_without_evidence_count": edges.get((layer, window_s), 0)
            - shown.get((layer, window_s), 0),
            "large_objects": [
                {name: row[name] for name in ("object_id", "action_count", "pair_count")}
                for row in sorted(
                    large.get((layer, window_s), []),
                    key=lambda row: (-row["pair_count"], row["object_id"]),
                )
            ],
            "no_original_count": lost.get(layer, 0),
            "edge_across_count": across.get((layer, window_s), 0),
            "platforms": platforms,
        }
        for layer in params["layers"]
        for window_s in windows_of(layer, params)
    ]


def _rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    return list(engine.fetch(name).to_pylist())


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
