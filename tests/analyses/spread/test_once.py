"""Each post once: the quick way beside one window over every row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from spread_rows import post

from tamis import records
from tamis.analyses.spread.once import post_once
from tamis.engines import open_engine
from tamis.plan import Query

if TYPE_CHECKING:
    from pathlib import Path

_SLOW = """
    SELECT post_id, COALESCE(edited_of, post_id) AS root_id, platform, account_id, posted_at,
        posted_low_at, posted_high_at, clock, source_item_id, byte_start, byte_end
    FROM post QUALIFY row_number() OVER (PARTITION BY post_id ORDER BY version,
        posted_at IS NULL, account_id IS NULL, source_item_id, coalesce(byte_start, 0), posted_at,
        account_id) = 1
"""


@pytest.mark.parametrize("seed", range(5))
def test_each_post_once_as_one_window_chooses(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    rows = [
        post(f"x:{dice.randrange(40)}", number, account_id=dice.choice([None, "x:a", "x:b"]))
        | {"version": dice.choice([1, 2]), "byte_start": number, "byte_end": number + 1}
        for number in range(60)
    ]
    told = records.table("post")
    with open_engine("duckdb", allowed=[], scratch=tmp_path) as engine:
        engine.register("post", told.build(rows), told.schema)
        engine.run(post_once(), ("post_once",))
        quick = engine.fetch("post_once").to_pylist()
        slow = engine.query(Query("slow", _SLOW)).to_pylist()
    ordered = [sorted(map(repr, found)) for found in (quick, slow)]
    assert ordered[0] == ordered[1]
    assert len(quick) < len(rows)
