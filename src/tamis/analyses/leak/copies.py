"""Copies of one message inside the dump: which belong together, and how their fields differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import DELIVERED, MEMBER
from tamis.analyses.leak.pair_fields import PAIRED, PRINTED
from tamis.analyses.leak.pair_sorted import IS_OWN, OWN
from tamis.analyses.leak.reference import PARAMS as REFERENCE_PARAMS
from tamis.analyses.leak.signature_verdict import STANDING
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 4
NAME = "leak.copies"
READS = ("place", "item", "message", "header", "part", "mailbox_profile", VERDICTS)
WRITES = ("copy_pair",)
PARAMS: Mapping[str, Any] = {
    **{name: REFERENCE_PARAMS[name] for name in ("footer_chars", "gateway_tag")},
    "most_copies": 200,
    "near_words": 40,
    "near_bands": 2,
    "near_similarity": 0.7,
}

_GRADED = """
    SELECT printed.item_id AS item_id, message_id, sender, sent_at, subject, content_hash,
        letters_hash, list_id IS NOT NULL AS is_list, is_rebuilt, is_received, is_bulk,
        coalesce(standing.is_verified, false) AS is_verified,
        coalesce(standing.is_settled, false) AS is_settled
    FROM printed LEFT JOIN standing ON standing.item_id = printed.item_id
    WHERE printed.is_leak
"""
_KEYED = """
    SELECT *, count(*) OVER (PARTITION BY basis, key) AS key_count,
        bool_or(is_unnamed) OVER (PARTITION BY basis, key) AS has_unnamed
    FROM (
        SELECT item_id, 'same_message_id' AS basis, message_id AS key, false AS is_unnamed,
            content_hash, is_verified, is_list, is_rebuilt, is_received
        FROM graded WHERE message_id IS NOT NULL
        UNION ALL
        SELECT item_id, 'same_fields', md5(concat_ws(chr(0), sender,
                CAST(epoch_us(sent_at) AS VARCHAR), subject)), message_id IS NULL,
            content_hash, is_verified, is_list, is_rebuilt, is_received
        FROM graded WHERE sender IS NOT NULL AND sent_at IS NOT NULL AND subject <> '')
    QUALIFY key_count > 1 AND (basis = 'same_message_id' OR has_unnamed)
"""
# A Message-ID that thousands share is compared for so many of them; the others get a row each.
_RANKED = """
    SELECT *, row_number() OVER (
        PARTITION BY basis, key ORDER BY NOT is_verified, copy_rank, content_hash, item_id
        ) AS place
    FROM (SELECT *, row_number() OVER (
            PARTITION BY basis, key, content_hash ORDER BY NOT is_verified, is_rebuilt, is_list,
                NOT is_received, item_id) AS copy_rank
        FROM keyed)
"""
# Up to three verified contents stand as originals; where none is verified, the fullest copy does.
_STANDS = """
    SELECT basis, key, item_id, is_verified FROM (
        SELECT basis, key, item_id, is_verified, row_number() OVER (
            PARTITION BY basis, key ORDER BY NOT is_verified, is_rebuilt, is_list,
                NOT is_received, content_hash) AS place
        FROM ranked WHERE copy_rank = 1)
    WHERE place = 1 OR (place <= 3 AND is_verified)
"""
_BROUGHT = """
    SELECT item_id, original_id, basis, is_over FROM (
        SELECT ranked.item_id AS item_id, stands.item_id AS original_id, ranked.basis AS basis,
            ranked.place > $most_copies AS is_over
        FROM ranked JOIN stands ON stands.basis = ranked.basis AND stands.key = ranked.key
            AND stands.item_id <> ranked.item_id
        JOIN graded AS one ON one.item_id = ranked.item_id
        JOIN graded AS two ON two.item_id = stands.item_id
        WHERE ranked.basis = 'same_message_id'
            OR (one.message_id IS NULL) <> (two.message_id IS NULL)
            OR (one.message_id IS NULL AND two.message_id IS NULL))
    QUALIFY row_number() OVER (
        PARTITION BY least(item_id, original_id), greatest(item_id, original_id)
        ORDER BY basis DESC, original_id) = 1
"""
_TWIN = """
    SELECT item_id, original_id, basis FROM brought WHERE NOT is_over
    UNION ALL
    SELECT near.item_id, near.original_id, 'near_copy' FROM near
    WHERE (least(near.item_id, near.original_id), greatest(near.item_id, near.original_id))
        NOT IN (SELECT (least(item_id, original_id), greatest(item_id, original_id)) FROM brought)
"""
_LIES = """
    SELECT item_id, list_sort(list_distinct(list(mailbox_id))) AS boxes
    FROM member WHERE kind = 'leak' GROUP BY item_id
"""
# Who mails each recipient apart signs each apart: copies with the very same signatures are one.
_SIGNED = r"""
    SELECT item_id, md5(string_agg(regexp_replace(value, '\s', '', 'g'), ' ' ORDER BY position))
        AS signatures
    FROM header WHERE lower(name) = 'dkim-signature' GROUP BY item_id
"""
# Pages and files are compared where one copy is verified: elsewhere they would say nothing.
_CHOSEN = f"""
    SELECT *, is_text OR needs_faces AS needs_bytes FROM (
        SELECT counted.*, two.is_verified AS is_a_verified, one.is_verified AS is_b_verified,
            one.is_settled AS is_b_settled, one.message_id AS message_id,
            NOT from_store AND two.is_verified AND basis <> 'near_copy'
                AND (has_faces OR is_files OR has_inner) AS needs_faces,
            {IS_OWN} AS is_own, false AS is_original_given,
            coalesce(s.signatures = t.signatures, false) AS is_same_signature,
            CASE WHEN x.boxes IS NULL OR y.boxes IS NULL THEN NULL
                ELSE NOT list_has_any(x.boxes, y.boxes) END AS is_other_mailbox
        FROM counted JOIN graded AS one ON one.item_id = counted.item_id
            JOIN graded AS two ON two.item_id = counted.original_id
            LEFT JOIN lies AS x ON x.item_id = counted.item_id
            LEFT JOIN lies AS y ON y.item_id = counted.original_id
            LEFT JOIN signed AS s ON s.item_id = counted.item_id
            LEFT JOIN signed AS t ON t.item_id = counted.original_id)
"""  # noqa: S608 (names of columns of this program)


def grade_steps() -> tuple[Step, ...]:
    """The steps to `graded`: every leaked message with its hashes and its standing."""
    return (STANDING, *PRINTED, Query("graded", _GRADED))


def twin_steps() -> tuple[Step, ...]:
    """The steps from `graded` and `near` to `chosen`, the pairs to compare.

    Input     place, item, message, header, part, mailbox_profile; near (item_id, original_id)
    Output    chosen: each copy beside those that stand as originals, never all beside all, with
              what differs in their fields
    Source    design section 4, altered_copy; the comparison is the one with reference originals
    Limits    of a Message-ID that more than `most_copies` messages share only so many are
              compared; at most three verified contents of one Message-ID stand as originals
    """
    steps = (
        *(("keyed", _KEYED), ("ranked", _RANKED), ("stands", _STANDS), ("brought", _BROUGHT)),
        *(("twin", _TWIN), ("lies", _LIES), ("signed", _SIGNED)),
    )
    return (
        *(MEMBER, DELIVERED),
        *(Query(name, sql) for name, sql in steps),
        *PAIRED,
        OWN,
        Query("chosen", _CHOSEN),
    )
