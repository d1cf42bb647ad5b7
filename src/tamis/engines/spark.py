"""PySpark behind the same seam: the same queries, translated; the same kernels, by partition."""

from __future__ import annotations

import math
import os
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

import tamis
from tamis.closing import Closing
from tamis.engines.portable import translated
from tamis.engines.seam import bound, called, fitted
from tamis.errors import PlanError, QueryError
from tamis.plan import Kernel, Partition, Query, identifier, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tamis.plan import Step

_LOOPBACK = "127.0.0.1"
# Where the cluster is, as Spark writes it; this machine alone where nobody says so.
MASTER = "TAMIS_SPARK_MASTER"
_BINS = 16
_HALOS_A_BIN = 20
_BIN = "tamis_bin"
_MICROSECONDS = 1_000_000
_NAMED_ERROR = re.compile(r"[\w.]+(Error|Exception): ")


class SparkEngine(Closing):
    """One Spark session: on this machine, where it talks to nobody but itself, or on a cluster.

    Input     the environment variable TAMIS_SPARK_MASTER names the cluster
    Limits    On a cluster `scratch` and all files lie where every worker finds them under the same
              path, and what the workers send each other is as safe as the cluster's settings.
                 Spark has no lock on files as DuckDB has: what keeps a query inside is that only
              portable queries over registered tables are translated. `write` and `fetch` bring
              the table to the driver.
    """

    def __init__(
        self,
        allowed: Sequence[Path],
        scratch: Path,
        *,
        memory_gib: float | None = None,
        threads: int | None = None,
    ) -> None:
        """Start the session."""
        self._allowed = [Path(path).resolve() for path in (*allowed, scratch)]
        self._scratch = Path(scratch).resolve() / "spark"
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._threads = threads or os.cpu_count() or 1
        self._session = _session(self._scratch, self._threads, memory_gib)
        self._tables: dict[str, Any] = {}
        self._made = 0

    def register(
        self, name: str, files: Sequence[Path] | pa.Table, schema: pa.Schema | None = None
    ) -> None:
        """Make a table of Parquet files (or of an Arrow table) known as `name`."""
        identifier(name)
        if isinstance(files, pa.Table):
            table = fitted(files, schema) if schema is not None else files
            self._keep(name, self._session.createDataFrame(table))
        elif files:
            frame = self._session.read.option("mergeSchema", value=True).parquet(
                *(str(self._inside(path)) for path in files)
            )
            self._keep(name, frame if schema is None else _conformed(frame, schema))
        elif schema is None:
            raise PlanError(f"table {name!r} has neither files nor a schema")
        else:
            self._keep(name, self._session.createDataFrame(schema.empty_table()))

    def run(
        self, steps: Sequence[Step], keep: Sequence[str], params: Mapping[str, Any] | None = None
    ) -> None:
        """Materialise each step as a table of its name; drop those not named in `keep`."""
        for step in (steps := needed(steps, of_parts=True)):
            if isinstance(step, Kernel):
                frame = self._kernel(step, params or {})
            else:
                frame = self._frame(step, params)
            self._materialise(step, frame)
        for step in steps:
            if step.name not in keep:
                self._drop(step.name)

    def fetch(self, name: str) -> pa.Table:
        """The whole table `name`."""
        return self._known(name).toArrow()

    def batches(self, name: str) -> pa.RecordBatchReader:
        """The table `name` in batches."""
        return self.fetch(name).to_reader()

    def write(self, name: str, path: Path, order_by: Sequence[str] = ()) -> int:
        """The number of rows of the table `name` written to one Parquet file, sorted."""
        frame = self._known(name)
        table = (frame.orderBy(*order_by) if order_by else frame).toArrow()
        pq.write_table(table, self._inside(path), compression="zstd", row_group_size=122_880)
        return int(table.num_rows)

    def query(self, query: Query, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of one query, which stays no table."""
        return _explained(query, lambda: self._frame(query, params).toArrow())

    def close(self) -> None:
        """Stop the session and remove its temporary files."""
        self._session.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _inside(self, path: Path) -> Path:
        full = Path(path).resolve()
        if not any(full.is_relative_to(place) for place in self._allowed):
            raise PlanError(f"{full} lies outside what this engine may touch")
        return full

    def _known(self, name: str) -> Any:
        if name not in self._tables:
            raise QueryError(name, f"SELECT * FROM {name}", f"there is no table {name}")  # noqa: S608  # text of a message
        return self._tables[name]

    def _keep(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(name)
        self._tables[name] = frame

    def _drop(self, name: str) -> None:
        self._tables.pop(name, None)
        self._session.catalog.dropTempView(name)

    def _frame(self, query: Query, params: Mapping[str, Any] | None) -> Any:
        text = translated(query, bound(query, params), self._tables)
        return _explained(query, lambda: self._session.sql(text))

    def _materialise(self, step: Step, frame: Any) -> None:
        """Write the step's rows down, so that nothing later computes them a second time."""
        self._made += 1
        folder = str(self._scratch / f"step{self._made}")
        _explained(step, lambda: frame.write.parquet(folder))
        self._keep(step.name, self._session.read.schema(frame.schema).parquet(folder))

    def _kernel(self, kernel: Kernel, params: Mapping[str, Any]) -> Any:
        frame = self._known(kernel.source)
        if kernel.partition_by and frame.isEmpty():
            # No worker would be called, and what the kernel says of nothing would be missing.
            result = called(kernel, [frame.toArrow()], params, Partition())
            return self._session.createDataFrame(result)
        if not kernel.partition_by:
            order = kernel.order_by
            rows = (frame.orderBy(*order) if order else frame).toArrow()
            result = called(kernel, [rows], params, Partition())
            return self._session.createDataFrame(result)
        from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415  # loads pandas

        keys: tuple[str, ...] = kernel.partition_by
        low = width = 0
        if kernel.halo_s is not None:
            frame, low, width = _binned(frame, kernel)
            keys = (_BIN, *keys)
        spread = frame.repartition(self._threads * 2, *keys).sortWithinPartitions(
            *keys, *kernel.order_by
        )
        work = _partition_work(kernel, dict(params), low, width)
        return spread.mapInArrow(work, from_arrow_schema(kernel.output_schema))


def _partition_work(
    kernel: Kernel, params: dict[str, Any], low: int, width: int
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with its partition: one call, or one for each bin of time."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if not held:
            return
        rows = pa.Table.from_batches(held)
        del held
        given = {**params, "threads": 1}
        if not width:
            yield from called(kernel, [rows], given, Partition(is_whole=False)).to_batches()
            return
        for number in sorted(rows.column(_BIN).unique().to_pylist()):
            core = [(low + (number + side) * width) / _MICROSECONDS for side in (0, 1)]
            some = rows.filter(pa.compute.equal(rows.column(_BIN), number)).drop_columns([_BIN])
            part = Partition(is_whole=False, core_low=core[0], core_high=core[1])
            yield from called(kernel, [some], given, part).to_batches()

    return work


def _binned(frame: Any, kernel: Kernel) -> tuple[Any, int, int]:
    """The rows once for each bin of time they matter to, the first bin's start, the bins' width.

    A bin answers for its own stretch and sees `halo_s` beyond both ends of it.
    """
    from pyspark.sql import functions as sf  # noqa: PLC0415  # loads pyspark

    time = sf.unix_micros(sf.col(kernel.order_by[0]))
    halo = round(float(kernel.halo_s or 0) * _MICROSECONDS)
    ends = frame.agg(sf.min(time).alias("low"), sf.max(time).alias("high")).first()
    low = ends["low"] if ends is not None and ends["low"] is not None else 0
    high = ends["high"] if ends is not None and ends["high"] is not None else 0
    low = low // _MICROSECONDS * _MICROSECONDS
    seconds = max((high - low) / _BINS, halo * _HALOS_A_BIN, _MICROSECONDS) / _MICROSECONDS
    width = math.ceil(seconds) * _MICROSECONDS
    last = (high - low) // width

    def number(shift: int) -> Any:
        place = sf.floor((time - sf.lit(low) + sf.lit(shift)) / sf.lit(width))
        return sf.least(sf.greatest(place, sf.lit(0)), sf.lit(last)).cast("bigint")

    bins = sf.explode(sf.sequence(number(-halo), number(halo)))
    return frame.withColumn(_BIN, bins), low, width


def _conformed(frame: Any, schema: pa.Schema) -> Any:
    from pyspark.sql import functions as sf  # noqa: PLC0415  # loads pyspark
    from pyspark.sql.pandas.types import from_arrow_type  # noqa: PLC0415  # loads pandas

    columns = []
    for field in schema:
        source = sf.col(field.name) if field.name in frame.columns else sf.lit(None)
        columns.append(source.cast(from_arrow_type(field.type)).alias(field.name))
    return frame.select(*columns)


def _explained(step: Step, action: Callable[[], Any]) -> Any:
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415  # loads pyspark
    from pyspark.errors import PySparkException  # noqa: PLC0415  # loads pyspark

    try:
        return action()
    except (PySparkException, Py4JJavaError) as problem:
        text = str(problem).strip()
        if "tamis.errors.PlanError: " in text:
            raise PlanError(text.split("tamis.errors.PlanError: ", 1)[1].splitlines()[0]) from None
        sql = step.sql if isinstance(step, Query) else f"kernel over {step.source}"
        named = [line for line in text.splitlines() if _NAMED_ERROR.match(line)]
        raise QueryError(step.name, sql, (named or text.splitlines())[-1 if named else 0]) from None


def _session(scratch: Path, threads: int, memory_gib: float | None) -> Any:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  # an extra, and slow to load
    except ImportError as problem:
        raise PlanError("Spark is not installed; install the extra: tamis[spark]") from problem

    sources = str(Path(tamis.__file__).resolve().parents[1])
    master = os.environ.get(MASTER) or f"local[{threads}]"
    is_here = master.startswith("local")
    here = {"spark.driver.bindAddress": _LOOPBACK, "spark.driver.host": _LOOPBACK}
    settings = {
        **(here if is_here else {}),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": f"{max(1, round((memory_gib or 2) * 1024))}m",
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(threads * 2),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.executorEnv.PYTHONPATH": sources,
    }
    builder = SparkSession.builder.master(master).appName("tamis")
    for name, value in settings.items():
        builder = builder.config(name, value)
    named = {"SPARK_LOCAL_IP": _LOOPBACK} if is_here else {}
    with _environment(PYSPARK_PYTHON=sys.executable, **named):
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """The process's environment with these values, for as long as the block runs.

    Spark's launcher reads them from nowhere else.
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
