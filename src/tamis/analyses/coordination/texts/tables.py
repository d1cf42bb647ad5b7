"""The texts that clusters are made of, and the tables the clusters are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.coordination.texts.forms import BANDS, MAX_RAW
from tamis.analyses.coordination.texts.translations import VECTOR_SIZE, installed
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "coordination.text_clusters"
READS = ("post",)
WRITES = ("text_cluster", "text_cluster_member")
VERSION = 2
# Chosen on half of the groups of a published set: docs/decisions/0040.
PARAMS: Mapping[str, Any] = {
    "least_copy_cosine": 0.45,
    "least_cosine": 0.24,
    "least_meaning": 0.55,
    "most_embedded": 20_000,
    "encoder": installed(),
}
# One spelling stands for all that share a hash; numbered in the order of the hashes, so that
# the order of the posts decides nothing.
TEXTS = Query(
    "distinct_post_text",
    f"""
    SELECT text_hash, left(min(text), {MAX_RAW}) AS text,
           count(DISTINCT account_id) AS account_count
    FROM post WHERE text_hash IS NOT NULL AND text IS NOT NULL GROUP BY text_hash ORDER BY text_hash
    """,  # noqa: S608  # a number
)
SKETCH = pa.schema(
    [
        pa.field("form", pa.string(), nullable=False),
        pa.field("language_detected", pa.string(), nullable=False),
        pa.field("letters", pa.int64(), nullable=False),
        pa.field("words", pa.list_(pa.field("item", pa.int32(), nullable=False)), nullable=False),
        *(pa.field(f"mark_{band}", pa.int64(), nullable=False) for band in range(BANDS)),
    ]
)
PAIR = pa.schema(
    [
        pa.field("text_row", pa.int64(), nullable=False),
        pa.field("letter_similarity", pa.float64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("diff", pa.string(), nullable=False),
    ]
)
VECTOR = pa.schema(
    [
        pa.field(
            "vector",
            pa.list_(pa.field("item", pa.float32(), nullable=False), VECTOR_SIZE),
            nullable=False,
        )
    ]
)
MEMBER = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("text_hash", pa.string(), nullable=False),
        pa.field("word_similarity", pa.float64(), nullable=False),
        pa.field("letter_similarity", pa.float64(), nullable=False),
        pa.field("meaning_similarity", pa.float64()),
        pa.field("language_detected", pa.string(), nullable=False),
        pa.field("diff", pa.string(), nullable=False),
    ]
)
_MEMBER = """
    SELECT member.*, $run_id AS run_id, $analysis_version AS analysis_version
    FROM found_member AS member
"""
# A post counts once however often and in how many versions it was read.
# The texts of a cluster of rewordings or translations are its members and all their copies.
_CLUSTER = """
    WITH copied AS (
        SELECT cluster_id, text_hash, language_detected FROM found_member
        WHERE kind = 'copypasta'),
    held AS (
        SELECT 'copypasta' AS kind, cluster_id, text_hash, language_detected FROM copied
        UNION
        SELECT kind, cluster_id, text_hash, language_detected FROM found_member
        WHERE kind <> 'copypasta'
        UNION
        SELECT member.kind AS kind, member.cluster_id AS cluster_id,
               copied.text_hash AS text_hash, copied.language_detected AS language_detected
        FROM found_member AS member JOIN copied ON copied.cluster_id = member.text_hash
        WHERE member.kind <> 'copypasta'),
    shared AS (
        SELECT held.kind AS kind, held.cluster_id AS cluster_id,
               count(DISTINCT post.post_id) AS post_count,
               count(DISTINCT post.account_id) AS account_count,
               min(post.posted_at) AS first_at, max(post.posted_at) AS last_at
        FROM held JOIN post ON post.text_hash = held.text_hash
        GROUP BY held.kind, held.cluster_id),
    made AS (
        SELECT kind, cluster_id, count(*) AS text_count,
               list_sort(list(DISTINCT language_detected)) AS languages
        FROM held GROUP BY kind, cluster_id)
    SELECT made.kind AS kind, made.cluster_id AS cluster_id, text_count, post_count,
           account_count, languages, first_at, last_at,
           $run_id AS run_id, $analysis_version AS analysis_version
    FROM made JOIN shared ON shared.kind = made.kind AND shared.cluster_id = made.cluster_id
"""


def table_steps() -> tuple[Query, ...]:
    """The steps from `found_member` (columns of MEMBER) and `post` to the two tables.

    Limits    Counts are of posts whose text was read: reposts without a text of their own are
              the business of co_repost. Alike texts may have a common source.
    """
    return (Query("text_cluster_member", _MEMBER), Query("text_cluster", _CLUSTER))
