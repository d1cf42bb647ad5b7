"""What the walk's kernel gives back; no numba here, so that plans can be built without it."""

from __future__ import annotations

import pyarrow as pa

_TIME = pa.timestamp("us", tz="UTC")

# What the kernel reads: one row per action of an account on an object.
ACTIONS = pa.schema(
    [
        pa.field("object_id", pa.string(), nullable=False),
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("post_id", pa.string(), nullable=False),
        pa.field("acted_at", _TIME, nullable=False),
        pa.field("source_item_id", pa.string()),
        pa.field("byte_start", pa.int64()),
    ]
)

# `kind` says what a row is:
#   total  in-window pairs of actions of different accounts (pair_count) that this call answers for,
#          those on objects left out (left_out_count), and, where the call saw every action, how
#          many actions, accounts and objects there are
#   object in-window pairs of actions (own repeats included) of one object, and the actions of it
#          that this call saw: one that is left out, or, where objects are split, any object
#   edge   a kept pair of accounts with its final figures (only where the call saw every action)
#   pair   a pair of actions behind a kept pair of accounts
#   part   a pair of actions whose pair of accounts is decided later, over all calls
WALKED = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("window_s", pa.float64(), nullable=False),
        pa.field("account_a", pa.string()),
        pa.field("account_b", pa.string()),
        pa.field("shared_count", pa.int64()),
        pa.field("pair_count", pa.int64()),
        pa.field("message_count_a", pa.int64()),
        pa.field("message_count_b", pa.int64()),
        pa.field("lag_median_s", pa.float64()),
        pa.field("lag_low_s", pa.float64()),
        pa.field("lag_high_s", pa.float64()),
        pa.field("a_first_share", pa.float64()),
        pa.field("object_count_a", pa.int64()),
        pa.field("object_count_b", pa.int64()),
        pa.field("cosine", pa.float64()),
        pa.field("jaccard", pa.float64()),
        pa.field("action_count", pa.int64()),
        pa.field("account_count", pa.int64()),
        pa.field("object_count", pa.int64()),
        pa.field("left_out_count", pa.int64()),
        pa.field("object_id", pa.string()),
        pa.field("post_id_a", pa.string()),
        pa.field("post_id_b", pa.string()),
        pa.field("acted_at_a", _TIME),
        pa.field("acted_at_b", _TIME),
        pa.field("lag_us", pa.int64()),
        pa.field("source_item_id_a", pa.string()),
        pa.field("byte_start_a", pa.int64()),
        pa.field("source_item_id_b", pa.string()),
        pa.field("byte_start_b", pa.int64()),
    ]
)
