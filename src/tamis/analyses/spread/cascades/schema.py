"""What goes into the kernel of cascades, and what comes out."""

from __future__ import annotations

import pyarrow as pa

# part carry: the post `thing_no` was carried by `account_no`; `own_no` and `via_no` are the
# numbers of the carrying and of the intermediate post, where others name them. part thing: a
# carried post and its author. part tie: `account_no` spoke to `own_no`, first then. part own:
# `account_no` has written `own_no` posts itself.
CODED = ("part", "thing_no", "account_no", "own_no", "via_no", "at_time", "is_pass")

FOUND = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("thing_no", pa.int64()),
        pa.field("account_no", pa.int64()),
        pa.field("size", pa.int64()),
        pa.field("account_count", pa.int64()),
        pa.field("depth", pa.int64()),
        pa.field("breadth", pa.int64()),
        pa.field("virality", pa.float64()),
        pa.field("via_count", pa.int64()),
        pa.field("related_count", pa.int64()),
        pa.field("direct_count", pa.int64()),
        pa.field("untimed_count", pa.int64()),
        pa.field("last_at", pa.timestamp("us", tz="UTC")),
        pa.field("window_s", pa.float64()),
        pa.field("early_count", pa.int64()),
        pa.field("other_count", pa.int64()),
        pa.field("expected", pa.float64()),
        pa.field("dispersion", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),
        pa.field("test_count", pa.int64()),
    ]
)
