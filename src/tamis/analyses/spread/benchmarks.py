"""Published coefficients of traffic, from the data file beside this module."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Partition

SCHEMA = pa.schema(
    [
        field
        for field in records.table("manipulation_benchmark").schema
        if field.name not in {"run_id", "analysis_version"}
    ]
)


def benchmarks() -> list[dict[str, Any]]:
    """The rows of `manipulation_benchmark`: as published, with U, and R/10 + F by C and U.

    Source    the file ctm_benchmarks.csv names the source of each row
    Limits    F depends on N: a value of another N is no measure for this one
    """
    text = (files("tamis.analyses.spread") / "ctm_benchmarks.csv").read_text("utf-8")
    return [_row(row) for row in csv.DictReader(io.StringIO(text))]


def _row(given: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: given[name] for name in ("benchmark_id", "case_name", "note")}
    row["source"] = given["source"]
    for name in ("post_count", "account_count"):
        row[name] = int(given[name]) if given[name] else None
    for name in ("repost_share", "top50_share", "ctm"):
        row[name] = float(given[name]) if given[name] else None
    known = row["post_count"] is not None and row["account_count"] is not None
    mean = row["post_count"] / row["account_count"] if known else None
    row["posts_per_account"] = mean
    row["rest_ctm"] = None if mean is None or row["ctm"] is None else row["ctm"] - mean
    return row


def benchmark_table(_: pa.Table, __: Mapping[str, Any], ___: Partition) -> pa.Table:
    """The published rows, whatever the case holds."""
    return pa.Table.from_pylist(benchmarks(), schema=SCHEMA)
