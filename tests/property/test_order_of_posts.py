"""Hidden true times: an order is asserted exactly where intervals do not overlap."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.spread.order import before, may_precede
from tamis.syntax.clock import MICROS, Moment, moment, order

SPAN = st.tuples(st.integers(0, 50), st.integers(0, 20)).map(
    lambda pair: Moment(pair[0], pair[0], sum(pair), 1e-6)
)


@settings(max_examples=300)
@given(SPAN, SPAN, st.data())
def test_whatever_the_true_times_are_an_asserted_order_holds(
    one: Moment, other: Moment, data: st.DataObject
) -> None:
    first = data.draw(st.integers(one.low_us, one.high_us))
    second = data.draw(st.integers(other.low_us, other.high_us))
    told = order(one, other)
    is_overlap = one.low_us <= other.high_us and other.low_us <= one.high_us
    assert (told is None) == is_overlap, "overlapping never, disjoint always"
    if told is not None:
        assert (first < second) == (told < 0)
        assert first != second
    assert order(other, one) == (None if told is None else -told)


def test_the_condition_of_queries_says_the_same() -> None:
    """Also where an end is not known: then it may lie anywhere."""
    import duckdb

    ends: list[tuple[int | None, int | None]] = [
        *((low, low + width) for low in range(0, 12, 2) for width in (0, 3, 7)),
        *((None, high) for high in range(0, 12, 3)),
        *((low, None) for low in range(0, 12, 3)),
        (None, None),
    ]
    table = pa.table(
        {
            "name": list(range(len(ends))),
            "low_at": pa.array([low for low, _ in ends], pa.int64()).cast(MICROS),
            "high_at": pa.array([high for _, high in ends], pa.int64()).cast(MICROS),
        }
    )
    base = duckdb.connect().from_arrow(table)
    sql = (
        f"SELECT a.name, b.name, {before('a', 'b')}, {may_precede('a', 'b')} "  # noqa: S608
        "FROM spans AS a CROSS JOIN spans AS b"
    )
    rows = base.query("spans", sql).fetchall()
    assert len(rows) == len(ends) ** 2
    spans = [
        Moment(0, -(10**9) if low is None else low, 10**9 if high is None else high, 1e-6)
        for low, high in ends
    ]
    for one, other, is_before, may in rows:
        assert (is_before is True) == (order(spans[one], spans[other]) == -1)
        assert may is (order(spans[one], spans[other]) != 1)


@pytest.mark.parametrize(
    ("earlier", "later", "told"),
    [
        ("2017-05-05T18:49:12Z", "2017-05-05T18:49:13Z", -1),
        ("2017-05-05T18:49:12Z", "2017-05-05T18:49:12.500Z", None),
        ("2017-05-05T18:49Z", "2017-05-05T18:49:59Z", None),
        ("2017-05-05", "2017-05-06T00:00:00Z", -1),
    ],
)
def test_a_coarse_clock_orders_less(earlier: str, later: str, told: int | None) -> None:
    assert order(moment(earlier, "UTC"), moment(later, "UTC")) == told


def test_an_hour_that_came_twice_is_an_interval_and_one_that_never_was_is_refused() -> None:
    folded = moment("2017-10-29 02:30:00", "Europe/Paris")
    assert folded.high_us - folded.low_us == 3_600_999_999
    inside = moment("2017-10-29T01:00:00Z")
    assert order(folded, inside) is None
    with pytest.raises(ValueError, match="never was"):
        moment("2017-03-26 02:30:00", "Europe/Paris")
