"""Times without a zone: the zone of the machine never decides; one is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis.case import Case

if TYPE_CHECKING:
    from pathlib import Path

NAIVE = (
    "post_id,account_id,created_at,text\n"
    "1,a,2017-05-05 20:49:00,one\n"
    "2,b,2017-10-29 02:30:00,in the hour that came twice\n"
    "3,c,2017-03-26 02:30:00,in the hour that never was\n"
)
ZONES = ("UTC", "Europe/Paris", "America/New_York")


def tamis(zone: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tamis", *arguments],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )


def written(folder: Path, ending: str) -> Path:
    """The same table as text, or as a data frame whose times have no zone."""
    file = folder / f"naive.{ending}"
    if ending == "csv":
        file.write_text(NAIVE)
        return file
    rows = [line.split(",") for line in NAIVE.splitlines()]
    columns: dict[str, Any] = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    naive = [datetime.fromisoformat(one) for one in columns["created_at"]]
    columns["created_at"] = pa.array(naive, pa.timestamp("us"))
    pq.write_table(pa.table(columns), file)
    return file


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("assumed", [None, "Europe/Paris"])
def test_the_zone_of_the_machine_changes_no_row_and_no_refusal(
    tmp_path: Path, assumed: str | None, ending: str
) -> None:
    file = written(tmp_path, ending)
    told = []
    for number, zone in enumerate(ZONES[: 2 if assumed or ending == "parquet" else 3]):
        case = tmp_path / f"case{number}"
        assert tamis(zone, "new", str(case)).returncode == 0
        extra = () if assumed is None else ("--assume-zone", assumed)
        done = tamis(zone, "add", str(case), str(file), "--kind", "posts", *extra)
        assert done.returncode == 0, done.stderr
        with Case.open(case).view() as view:
            tables = {
                name: view.table(name).to_pylist()
                for name in ("post", "action", "rejected", "item", "intake_count")
            }
        told.append(tables)
    assert all(one == told[0] for one in told)
    (item,) = told[0]["item"]
    if assumed is None:
        assert item["status"] == "failed"
        assert "--assume-zone" in item["reason"]
        assert told[0]["post"] == []
        return
    first, folded = told[0]["post"]
    assert first["posted_at"].isoformat() == "2017-05-05T18:49:00+00:00"
    assert (folded["posted_high_at"] - folded["posted_low_at"]).total_seconds() > 3600
    (skipped,) = told[0]["rejected"]
    assert "never was in Europe/Paris" in skipped["reason"]
