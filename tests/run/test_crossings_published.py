"""First occurrences on a public collection of two platforms, beside counts published of it.

Published of the same collection (links on both platforms 3,843 of 11,960, Twitter first 3,325,
Facebook 518, median lag 17,155 s; hashtags 1,127: 989 and 138, 14,540 s; domains 1,487: 984 and
503, 278,316 s; pictures 558: 461 and 97, 14,447 s). The file here holds 8,853 distinct links, so
those counts come from more rows than it has; the median lag of links is the same to the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tamis.analyses.spread.crossings import tables
from tamis.case import Case
from tamis.run.crossings import crossings_of
from tamis.run.intake import Wishes, add

if TYPE_CHECKING:
    from pathlib import Path

FILE = "posts/coortweet/german_elections_dev.parquet"
RUN = {"run_id": "r1", "analysis_version": "spread.crossing/1"}
# Kind: objects on both, Facebook first, Twitter first, median lag; counted apart in SQL.
COUNTED = {
    "url": (2915, 386, 2529, 17155.0),
    "hashtag": (748, 85, 663, 14497.5),
    "domain": (1261, 393, 868, 226788.0),
    "image_hash": (362, 58, 304, 14454.5),
}


@pytest.mark.shared_data
def test_first_occurrences_of_two_platforms_and_the_zone_that_explains_them(
    shared_data: Path, tmp_path: Path
) -> None:
    case = Case.create(tmp_path / "case", title="t")
    columns = {"columns": {"platform_prefix": "account_id"}}
    add(case, [shared_data / FILE], kind="posts", wishes=Wishes(None, False, columns))
    with case.view() as view, view.engine() as engine:
        made = crossings_of(engine, tables.PARAMS, RUN)
        rows: list[dict[str, Any]] = engine.fetch(made["crossing_order"]).to_pylist()
    found = {row["kind"]: row for row in rows}
    told = ("object_count", "a_first_count", "b_first_count", "median_lag_s")
    assert {kind: tuple(row[name] for name in told) for kind, row in found.items()} == COUNTED
    for row in rows:
        assert (row["scope_a"], row["scope_b"]) == ("fb", "tw")
        # Against the null alone Twitter is first beyond doubt, and thinning does not change it.
        assert row["p_b"] < 1e-20
        assert row["a_thinned_high_share"] < 0.5
        # But an eighth to a half of all lags are four hours: one of both clocks was misread.
        assert row["clock_shift_s"] == -4 * 3600
        assert row["reading"] == "clock_shift"
    assert found["hashtag"]["shifted_a_first_count"] == pytest.approx(748 / 2, rel=0.1)
