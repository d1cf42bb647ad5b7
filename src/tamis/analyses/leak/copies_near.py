"""Near copies: texts of which great parts agree, found by MinHash over the distinct texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tamis.plan import Query
from tamis.syntax.minhash import marks_of_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.plan import Step

SHINGLE_WORDS = 3
BANDS = 16
ROWS = 4
MAX_WORDS = 4_000
SKETCH = pa.schema(
    [
        pa.field("text_hash", pa.string(), nullable=False),
        pa.field("band", pa.int64(), nullable=False),
        pa.field("mark", pa.int64(), nullable=False),
    ]
)
TEXTS = Query(
    "distinct_texts",
    """
    SELECT letters_hash AS text_hash, left(min(words), 40000) AS words
    FROM printed WHERE is_leak AND len(string_split(left(words, 4000), ' ')) >= $near_words
    GROUP BY letters_hash ORDER BY letters_hash
    """,
)
# Every text of one letters_hash has one member that stands for it, a verified one if there is one.
_MEMBER = """
    SELECT letters_hash AS text_hash, item_id, is_bulk, is_verified, row_number() OVER (
        PARTITION BY letters_hash ORDER BY NOT is_verified, is_rebuilt, item_id) AS place
    FROM graded WHERE letters_hash IN (SELECT text_hash FROM sketch)
"""
# Within a bucket each text is held against one: buckets of any size stay linear.
_BUCKET = """
    SELECT sketch.band AS band, sketch.mark AS mark,
        min(concat(CASE WHEN lead.is_verified THEN '0' ELSE '1' END, sketch.text_hash)) AS first
    FROM sketch JOIN (SELECT * FROM near_member WHERE place = 1) AS lead
        ON lead.text_hash = sketch.text_hash
    GROUP BY sketch.band, sketch.mark HAVING count(*) > 1
"""
_TEXT_PAIR = """
    SELECT text_hash, first_hash FROM (
        SELECT sketch.text_hash AS text_hash, substr(bucket.first, 2) AS first_hash,
            count(*) AS band_count
        FROM sketch JOIN bucket ON bucket.band = sketch.band AND bucket.mark = sketch.mark
        WHERE sketch.text_hash <> substr(bucket.first, 2)
        GROUP BY ALL HAVING count(*) >= $near_bands)
    QUALIFY row_number() OVER (
        PARTITION BY text_hash ORDER BY band_count DESC, first_hash) <= 2
"""
_NEAR = """
    SELECT item_id, original_id FROM (
        SELECT one.item_id AS item_id, two.item_id AS original_id
        FROM text_pair JOIN near_member AS one ON one.text_hash = text_pair.text_hash
            JOIN near_member AS two ON two.text_hash = text_pair.first_hash
        WHERE one.place = 1 AND two.place = 1 AND NOT (one.is_bulk AND two.is_bulk)
        UNION ALL
        SELECT one.item_id, two.item_id
        FROM near_member AS one JOIN near_member AS two ON two.text_hash = one.text_hash
        WHERE one.place > 1 AND two.place = 1 AND NOT (one.is_bulk AND two.is_bulk))
    QUALIFY row_number() OVER (
        PARTITION BY least(item_id, original_id), greatest(item_id, original_id)
        ORDER BY item_id) = 1
"""


def sketches(texts: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Rows of the table `sketch` for pairs of a text's hash and its words.

    Source    as `syntax.minhash.marks_of_sets`
    Limits    the first 4,000 words of a text
    """
    if not texts:
        return []
    marks = marks_of_sets((_shingles(words) for _, words in texts), BANDS, ROWS)
    return [
        {"text_hash": text_hash, "band": band, "mark": int(mark)}
        for (text_hash, _), row in zip(texts, marks, strict=True)
        for band, mark in enumerate(row)
    ]


def _shingles(text: str) -> list[str]:
    words = text.lower().split()[:MAX_WORDS]
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return [" ".join(words[at : at + SHINGLE_WORDS]) for at in range(last)]


def near_steps() -> tuple[Step, ...]:
    """The steps from `sketch` and `graded` to `near`: pairs of leaked messages to compare.

    Limits    each text is held against at most two others; texts under `near_words` words, and
              pairs where both are bulk mail, are left out
    """
    return tuple(
        Query(name, sql)
        for name, sql in (
            ("near_member", _MEMBER),
            ("bucket", _BUCKET),
            ("text_pair", _TEXT_PAIR),
            ("near", _NEAR),
        )
    )
