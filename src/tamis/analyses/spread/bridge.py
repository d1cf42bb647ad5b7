"""Posts joined to items of the corpus: by a hash, a Message-ID, a file name, or words in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
NAME = "spread.bridge"
READS = ("post", "post_object", "object", "item", "place", "message")
WRITES = ("post_item",)
PARAMS: Mapping[str, Any] = {
    "words": 8,
    "strong_words": 12,
    "rare_messages": 5,
    "most_named": 10,
    "least_name": 8,
}
# Digests of items that the case does not keep, made only where a post names one of their kind.
DIGEST = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)
WANTED_DIGESTS = Query(
    "wanted_digest",
    "SELECT DISTINCT kind FROM object WHERE kind IN ('file_md5', 'file_sha1') ORDER BY kind",
)
CORPUS_ITEMS = Query(
    "corpus_item",
    "SELECT item_id FROM item WHERE kind IN ('leak', 'reference') AND status IN ('read', 'partly') "
    "ORDER BY item_id",
)

_CORPUS = "SELECT item_id FROM item WHERE kind IN ('leak', 'reference')"
_NAMED_HASH = """
    SELECT DISTINCT carried.post_id AS post_id, digests.item_id AS item_id, object.kind AS method,
        'it names the file by its hash ' || object.canonical AS detail, 0 AS matched_count
    FROM object JOIN post_object AS carried ON carried.object_id = object.object_id
        JOIN (SELECT item_id, kind, digest FROM item_digest
            UNION ALL SELECT item_id, 'file_sha256', item_id FROM corpus) AS digests
            ON digests.kind = object.kind AND digests.digest = object.canonical
"""
_NAMED_ID = """
    SELECT DISTINCT carried.post_id AS post_id, message.item_id AS item_id,
        'message_id' AS method, 'it names the Message-ID ' || object.canonical AS detail,
        0 AS matched_count
    FROM object JOIN post_object AS carried ON carried.object_id = object.object_id
        JOIN message ON message.message_id = object.canonical
        JOIN corpus ON corpus.item_id = message.item_id
    WHERE object.kind = 'email_message_id'
"""
# The last word of a file name is what it is looked for by; then all of the name must be there.
_FILE_NAME = """
    SELECT name, regexp_extract(name, '[^\\s]+$') AS last_word, count(*) AS item_count
    FROM (SELECT DISTINCT lower(strip_accents(place.name)) AS name, place.item_id AS item_id
        FROM place JOIN corpus ON corpus.item_id = place.item_id
        WHERE regexp_matches(place.name, '\\.[A-Za-z0-9]{2,5}$')
            AND length(place.name) >= $least_name) AS named
    GROUP BY ALL HAVING count(*) <= $most_named
"""
_SAID = """
    SELECT post_id, lower(strip_accents(text)) AS text FROM post WHERE text IS NOT NULL
        AND EXISTS (SELECT 1 FROM corpus)
    QUALIFY row_number() OVER (PARTITION BY post_id, text_hash, text
        ORDER BY version, source_item_id, byte_start) = 1
"""
_POST_WORD = """
    SELECT DISTINCT post_id, text,
        unnest(regexp_extract_all(text, '[^\\s/\\\\"<>|?*:]+\\.[a-z0-9]{2,5}')) AS last_word
    FROM said WHERE regexp_matches(text, '\\.[a-z0-9]{2,5}')
"""
_NAMED_FILE = """
    SELECT DISTINCT post_word.post_id AS post_id, place.item_id AS item_id,
        'file_name' AS method, 'it names the file ' || file_name.name AS detail,
        0 AS matched_count
    FROM file_name JOIN post_word ON post_word.last_word = file_name.last_word
            AND contains(post_word.text, file_name.name)
        JOIN place ON lower(strip_accents(place.name)) = file_name.name
        JOIN corpus ON corpus.item_id = place.item_id
"""
_LETTER = """
    SELECT message.item_id AS item_id, coalesce(message.is_bulk, false) AS is_bulk,
        regexp_extract_all(lower(strip_accents(message.body_text)), '[\\pL\\pN]+') AS words
    FROM message JOIN corpus ON corpus.item_id = message.item_id
    WHERE message.body_text <> ''
"""
_LETTER_RUN = """
    SELECT run, min(item_id) AS item_id, list(item_id) AS item_ids FROM (
        SELECT DISTINCT item_id, hash(list_slice(words, place, place + $words - 1)) AS run
        FROM (SELECT item_id, words, unnest(range(1, len(words) - $words + 2)) AS place
            FROM letter WHERE len(words) >= $words) AS places) AS runs
    GROUP BY run HAVING count(*) <= $rare_messages
"""
# One text, however many posts say it.
_SPOKEN = """
    SELECT text, regexp_extract_all(text, '[\\pL\\pN]+') AS words, min(post_id) AS post_id
    FROM said GROUP BY text HAVING len(words) >= $words
"""
_POST_RUN = """
    SELECT post_id, place, run FROM (
        SELECT post_id, place, hash(list_slice(words, place, place + $words - 1)) AS run
        FROM (SELECT post_id, words, unnest(range(1, len(words) - $words + 2)) AS place
            FROM spoken) AS places) AS runs
    WHERE run IN (SELECT run FROM letter_run)
"""
# A hash is no proof: the words themselves must stand in the letter one after the other.
_SHARED = """
    SELECT found.post_id AS post_id, found.item_id AS item_id, found.place AS place
    FROM (SELECT post_run.post_id AS post_id, post_run.place AS place,
            unnest(letter_run.item_ids) AS item_id
        FROM post_run JOIN letter_run ON letter_run.run = post_run.run) AS found
        JOIN spoken ON spoken.post_id = found.post_id
        JOIN letter ON letter.item_id = found.item_id
    WHERE contains(' ' || array_to_string(letter.words, ' ') || ' ',
        ' ' || array_to_string(list_slice(spoken.words, found.place, found.place + $words - 1),
            ' ') || ' ')
"""
# Words that lie in two runs count once: each run adds what reaches beyond the one before it.
_COVERED = """
    SELECT post_id, item_id, sum(least($words, place - before)) AS matched_count,
        min(place) AS first_place
    FROM (SELECT post_id, item_id, place, coalesce(lag(place) OVER (
            PARTITION BY post_id, item_id ORDER BY place), place - $words) AS before
        FROM shared) AS steps
    GROUP BY post_id, item_id
"""
_SAME_WORDS = """
    SELECT said.post_id AS post_id, covered.item_id AS item_id, 'same_words' AS method,
        'it has ' || covered.matched_count || ' words in rows of ' || $words
            || ' and more with the message, such as: '
            || array_to_string(list_slice(spoken.words, covered.first_place,
                covered.first_place + $words - 1), ' ') AS detail,
        CAST(covered.matched_count AS BIGINT) AS matched_count
    FROM covered JOIN spoken ON spoken.post_id = covered.post_id
        JOIN said ON said.text = spoken.text
"""
_JOINED = """
    SELECT * FROM named_hash UNION ALL SELECT * FROM named_id
    UNION ALL SELECT * FROM named_file UNION ALL SELECT * FROM same_words
"""
_ONCE = """
    SELECT post_id, item_id, method, min(detail) AS detail, max(matched_count) AS matched_count
    FROM joined GROUP BY post_id, item_id, method
"""
_POST_ITEM = """
    SELECT once.post_id AS post_id, once.item_id AS item_id, method,
        CASE WHEN method = 'file_name' AND candidate_count > 1 THEN 'weak'
            WHEN method = 'same_words' AND (once.matched_count < $strong_words
                OR coalesce(letter.is_bulk, false)) THEN 'weak' ELSE 'strong' END AS grade,
        detail || CASE WHEN candidate_count > 1
            THEN '; ' || candidate_count || ' items fit' ELSE '' END AS detail,
        CASE WHEN method = 'same_words' THEN once.matched_count END AS matched_count,
        candidate_count, $run_id AS run_id, $analysis_version AS analysis_version
    FROM (SELECT once.*, count(*) OVER (PARTITION BY post_id, method, detail) AS candidate_count
        FROM once) AS once
        LEFT JOIN letter ON letter.item_id = once.item_id
"""


def bridge_steps() -> tuple[Step, ...]:
    """The steps from posts and `item_digest` to `post_item`.

    Input     post, post_object, object, item, place, message; item_digest (MD5, SHA-1 of items)
    Output    post_item: one row per post, item of the corpus and way in which they are joined
    Source    by hash and Message-ID (RFC 5322 section 3.6.4) as written in the post; by file name
              without regard to case and accents; by runs of `words` words that at most
              `rare_messages` messages hold, compared word for word (w-shingling, Broder 1997)
    Limits    That a post names or repeats an item says neither that it is genuine nor where its
              author had it from; words in common may come from a third text that both repeat, and
              the post may be the older one. A name that more than `most_named` items bear joins
              nothing; a name of fewer than `least_name` characters neither.
    """
    steps = (
        *(("corpus", _CORPUS), ("named_hash", _NAMED_HASH), ("named_id", _NAMED_ID)),
        *(("file_name", _FILE_NAME), ("said", _SAID), ("post_word", _POST_WORD)),
        *(("named_file", _NAMED_FILE), ("letter", _LETTER), ("letter_run", _LETTER_RUN)),
        *(("spoken", _SPOKEN), ("post_run", _POST_RUN), ("shared", _SHARED)),
        *(("covered", _COVERED), ("same_words", _SAME_WORDS), ("joined", _JOINED)),
        *(("once", _ONCE), ("post_item", _POST_ITEM)),
    )
    return tuple(Query(name, sql) for name, sql in steps)
