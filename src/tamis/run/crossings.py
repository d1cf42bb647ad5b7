"""The stage of first sights by scope, crossings, their order, and bridge accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis import records
from tamis.analyses.spread.crossings import tables
from tamis.run.stages import MEMORY_GIB, Computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamis.analyses.spread.crossings.rows import Accounts
    from tamis.analyses.spread.crossings.scopes import Found, Sightings
    from tamis.case import Writer
    from tamis.engines import Engine
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Stage

_FOUND = pa.schema(
    [
        ("dimension", pa.string()),
        *((name, pa.int64()) for name in ("object_no", "scope_no", "place", "post_no")),
        *((name, pa.int64()) for name in ("low_us", "high_us", "rival_count", "post_count")),
        ("introduction_count", pa.int64()),
    ]
)
_NAMES = pa.schema([("dimension", pa.string()), ("scope_no", pa.int64()), ("scope", pa.string())])
_UNKNOWN = np.iinfo(np.int64).min


def compute_crossings(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows written to `first_sight_scope`, `crossing`, `crossing_order` and `bridge_account`."""
    run = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    context.progress.start(stage.name, unit="first sights")
    counts: dict[str, int] = {}
    with writer.view() as view, view.engine("duckdb", MEMORY_GIB) as engine:
        made = crossings_of(engine, stage.params, run)
        for name in stage.writes:
            written = view.scratch() / f"{name}.parquet"
            counts[name] = engine.write(made[name], written, records.table(name).paging)
            writer.replace(name, [written])
    context.progress.finish(f"{counts['crossing']:,} crossings")
    return Computed(counts)


def crossings_of(
    engine: Engine, params: Mapping[str, Any], run: Mapping[str, str]
) -> dict[str, str]:
    """By table of the case the table of the engine that holds its rows."""
    from tamis.analyses.spread.crossings.rows import (  # noqa: PLC0415  # imports numba
        Limits,
        bridge_rows,
        judged,
        order_rows,
    )

    engine.run(tables.SIGHTINGS, tables.KEPT, run)
    loaded = _loaded(engine)
    told = {name: params[name] for name in ("least_objects", "most_scopes", "draws", "seed")}
    orders: list[dict[str, Any]] = []
    bridges: list[dict[str, Any]] = []
    found, names = [], []
    for dimension in tables.DIMENSIONS:
        part = _dimension(engine, dimension, loaded, int(params["least_accounts"]))
        found.append(part.found)
        names.append(_named(dimension, part.names))
        if dimension in tables.CROSSED:
            scopes = part.names.to_pylist()
            orders += order_rows(dimension, part.told, scopes, loaded.kinds, Limits(**told))
            bridges += bridge_rows(dimension, part.told, scopes, loaded.accounts)
    engine.register("scope_found", pa.concat_tables(found), _FOUND)
    engine.register("scope_name", pa.concat_tables(names), _NAMES)
    engine.run((tables.FIRST_SIGHT_SCOPE, tables.CROSSING), _MADE, run)
    for name, rows in (("crossing_order", judged(orders)), ("bridge_account", bridges)):
        built = records.table(name).build([{**row, **run} for row in rows])
        engine.register(f"{name}_made", built)
    return {name: f"{name}_made" for name in tables.WRITES}


_MADE = (tables.FIRST_SIGHT_SCOPE.name, tables.CROSSING.name)


class _Loaded(NamedTuple):
    """The sightings as numbers, and what the numbers stand for."""

    seen: Sightings
    introduced: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    kinds: NDArray[Any]
    accounts: Accounts


class _Dimension(NamedTuple):
    found: pa.Table
    names: pa.Array
    told: Any


def _loaded(engine: Engine) -> _Loaded:
    from tamis.analyses.spread.crossings.rows import Accounts  # noqa: PLC0415  # imports numba
    from tamis.analyses.spread.crossings.scopes import (  # noqa: PLC0415  # imports numba
        Sightings,
        introductions,
    )

    rows = engine.fetch("object_sighting")
    objects = rows.column("object_no").to_numpy()
    posts = rows.column("post_no").to_numpy()
    edges = np.flatnonzero(np.diff(objects)) + 1
    # Objects without any sighting have no row: numbers of objects are looked up by first rows.
    starts = np.concatenate([[0], edges, [len(objects)]]) if len(objects) else np.zeros(1, int)
    accounts, codes = _encoded(engine.query(tables.ACCOUNTS).column("account_id"))
    roots = np.arange(len(codes))
    edited = engine.query(tables.ROOTS)
    roots[edited.column("post_no").to_numpy()] = edited.column("root_no").to_numpy()
    seen = Sightings(
        starts.astype(np.int64),
        posts,
        _moments(rows.column("low_us")),
        _moments(rows.column("high_us")),
        codes[posts],
        roots[posts],
        rows.column("is_answer").to_numpy(),
    )
    kinds = engine.query(tables.KINDS).column("kind").to_numpy()
    lasting = pc.is_in(accounts, engine.query(tables.LASTING).column(0).combine_chunks())
    first = objects[seen.starts[:-1]]
    activity = np.bincount(codes[codes >= 0], minlength=len(accounts))
    return _Loaded(
        seen,
        introductions(seen),
        first,
        kinds[first],
        Accounts(accounts, lasting.to_numpy(zero_copy_only=False), activity),
    )


def _dimension(engine: Engine, dimension: str, loaded: _Loaded, least: int) -> _Dimension:
    from tamis.analyses.spread.crossings.precedence import (  # noqa: PLC0415  # imports numba
        introduced_in,
    )
    from tamis.analyses.spread.crossings.scopes import first_sights  # noqa: PLC0415

    names, codes = _encoded(engine.query(tables.SCOPES[dimension]).column("scope"))
    scope = codes[loaded.seen.post]
    found = first_sights(loaded.seen, scope, loaded.introduced, least)
    told = introduced_in(loaded.seen, np.flatnonzero(loaded.introduced), scope)
    return _Dimension(_rows(dimension, found, loaded), names, told)


def _rows(dimension: str, found: Found, loaded: _Loaded) -> pa.Table:
    seen = loaded.seen
    low = seen.low[found.row]
    columns = {
        "dimension": pa.repeat(dimension, len(found.row)),
        "object_no": loaded.numbers[found.object],
        "scope_no": found.scope,
        "place": found.place,
        "post_no": seen.post[found.row],
        "low_us": pa.array(low, mask=low == _UNKNOWN),
        "high_us": seen.high[found.row],
        "rival_count": found.rival_count,
        "post_count": found.post_count,
        "introduction_count": found.introduction_count,
    }
    return pa.table({name: columns[name] for name in _FOUND.names}, schema=_FOUND)


def _named(dimension: str, names: pa.Array) -> pa.Table:
    columns = [pa.repeat(dimension, len(names)), pa.array(range(len(names)), pa.int64()), names]
    return pa.Table.from_arrays(columns, schema=_NAMES)


def _encoded(column: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """The values in order, and the place of each row's among them; -1 for NULL."""
    names = pc.unique(column).drop_null().sort()
    codes = pc.fill_null(pc.index_in(column, names), -1)
    return names, codes.to_numpy().astype(np.int64)


def _moments(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(column, _UNKNOWN).to_numpy())
