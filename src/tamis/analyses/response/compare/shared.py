"""What stands in both incidents, joined from the traits of each."""

from __future__ import annotations

from tamis.plan import Query

_SIDE = (
    "{s}.use_count AS {s}_use_count, {s}.account_count AS {s}_account_count, "
    "{s}.first_at AS {s}_first_at, {s}.names AS {s}_names, {s}.post_id AS {s}_post_id, "
    "{s}.source_item_id AS {s}_source_item_id, {s}.byte_start AS {s}_byte_start, "
    "{s}.byte_end AS {s}_byte_end"
)
# A handle is told only where no account that had it is the same in both.
_SHARED = (
    "SELECT a.kind AS kind, a.trait_id AS trait_id, "  # noqa: S608 - only constants
    f"{_SIDE.format(s='a')}, "
    f"{_SIDE.format(s='b')}, CAST(GREATEST(CAST(a.use_count AS DOUBLE) / ta.use_count, "
    "CAST(b.use_count AS DOUBLE) / tb.use_count) AS DOUBLE) AS largest_share "
    "FROM trait_a AS a JOIN trait_b AS b ON a.kind = b.kind AND a.trait_id = b.trait_id "
    "JOIN counted_a AS ta ON ta.kind = a.kind JOIN counted_b AS tb ON tb.kind = b.kind "
    "WHERE a.kind <> 'handle' OR NOT LIST_HAS_ANY(a.names, b.names)"
)
_COUNTED = (
    "SELECT kind, COUNT(*) AS trait_count, CAST(SUM(use_count) AS BIGINT) AS use_count "
    "FROM trait_{s} GROUP BY kind"
)
# Accounts by how much they posted (powers of two), inside and outside the clusters.
_CLASSES = (
    "SELECT CAST(FLOOR(LOG2(x.use_count)) AS INTEGER) AS activity_class, "
    "CAST(COUNT(*) AS BIGINT) AS account_count, "
    "CAST(SUM(CASE WHEN y.trait_id IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS seen_count, "
    "CAST(SUM(CASE WHEN m.account_id IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS member_count, "
    "CAST(SUM(CASE WHEN m.account_id IS NULL OR y.trait_id IS NULL THEN 0 ELSE 1 END) AS BIGINT) "
    "AS seen_member_count FROM trait_{s} AS x "
    "LEFT JOIN trait_{o} AS y ON y.kind = 'account' AND y.trait_id = x.trait_id "
    "LEFT JOIN (SELECT DISTINCT account_id FROM member_{s}) AS m ON m.account_id = x.trait_id "
    "WHERE x.kind = 'account' GROUP BY 1 ORDER BY 1"
)
# Of the accounts seen in both, how many of each class lie in which cluster of each side.
_BOTH = (
    "SELECT s.trait_id AS account_id, "
    "CAST(FLOOR(LOG2(s.a_use_count + s.b_use_count)) AS INTEGER) AS activity_class "
    "FROM shared AS s WHERE s.kind = 'account'"
)
_BY_PLATFORM = (
    "SELECT COALESCE(a.platform, b.platform) AS platform, COUNT(a.trait_id) AS a_count, "
    "COUNT(b.trait_id) AS b_count, "
    "COUNT(CASE WHEN a.trait_id = b.trait_id THEN 1 END) AS shared_count "
    "FROM (SELECT * FROM trait_a WHERE kind = 'account') AS a "
    "FULL JOIN (SELECT * FROM trait_b WHERE kind = 'account') AS b ON a.trait_id = b.trait_id "
    "GROUP BY COALESCE(a.platform, b.platform) ORDER BY 1"
)

STEPS = (
    Query("counted_a", _COUNTED.format(s="a")),
    Query("counted_b", _COUNTED.format(s="b")),
    Query("shared", _SHARED),
    Query("classes_a", _CLASSES.format(s="a", o="b")),
    Query("classes_b", _CLASSES.format(s="b", o="a")),
    Query("in_both", _BOTH),
    Query("by_platform", _BY_PLATFORM),
)
"""From `trait_a`, `trait_b`, `member_a`, `member_b` to what is shared and what chance needs."""
