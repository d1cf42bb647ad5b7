"""The last steps to `copy_pair`: what counts, what transport may have done, and what it bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.leak.pair_sorted import SORTED, SORTED_PARAMS
from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house, owns_id
from tamis.plan import Query

if TYPE_CHECKING:
    from tamis.plan import Step

# One Message-ID for several messages is common: broken mailers, and mailings with a copy for each.
_OUTCOME = """
    SELECT *,
        CASE WHEN basis = 'near_copy' THEN 'undecided'
            WHEN is_other THEN 'other_message'
            WHEN len(differing_b) > 0 THEN 'differs'
            WHEN trouble IS NOT NULL THEN 'not_compared'
            WHEN len(undecided_b) > 0 THEN 'undecided'
            WHEN NOT is_a_verified AND (has_faces OR has_inner) THEN 'not_compared'
            ELSE 'agrees' END AS outcome
    FROM listed
"""
# Anybody can sign a message under another one's Message-ID: a copy with another sender is a witness
# only in the house that made the id, or in the sender's own.
_BORNE = f"""
    SELECT *, CASE WHEN NOT is_a_verified OR basis = 'near_copy' THEN 'none'
        WHEN outcome = 'agrees' AND NOT is_b_verified THEN 'supports'
        WHEN outcome = 'differs' AND NOT is_b_settled
            AND ({is_same_house("original_sender", "leak_sender")}
                OR {owns_id("original_sender", "message_id")})
            AND (basis = 'same_message_id'
            OR (is_unnamed AND NOT is_leak_received AND NOT is_bulk)) THEN 'contradicts'
        ELSE 'none' END AS bearing
    FROM outcome_pair
"""  # noqa: S608 (names of columns of this program)
_BEST = """
    SELECT * FROM borne WHERE basis <> 'near_copy' QUALIFY row_number() OVER (
        PARTITION BY item_id ORDER BY bearing = 'supports' DESC, basis = 'same_fields',
            NOT is_a_verified, bearing = 'contradicts', outcome = 'other_message',
            len(differing_b), len(undecided_b), len(uncounted_b), original_id) = 1
    UNION ALL BY NAME
    SELECT * FROM borne WHERE basis = 'near_copy'
        AND coalesce(similarity, CASE WHEN is_text THEN 0 ELSE 1 END) >= $near_similarity
"""
_DETAIL = """
    SELECT original_id AS item_a, item_id AS item_b, basis AS relation,
        CASE basis WHEN 'same_message_id' THEN 'both have the same Message-ID'
            WHEN 'same_fields' THEN 'one has no Message-ID; sender, date and subject agree'
            ELSE 'great parts of their texts agree' END AS basis,
        is_a_verified, is_b_verified, is_other_mailbox, outcome, bearing,
        differing_b AS differing, undecided_b AS undecided, uncounted_b AS uncounted, similarity,
        CASE WHEN len(differing_b) + len(undecided_b) > 0 THEN changes END AS changes, is_cut,
        CASE WHEN basis = 'near_copy'
            THEN 'Texts alike in great part are templates, mailings or forwards as often as '
                || 'copies: nothing follows from it.'
            WHEN outcome = 'other_message'
            THEN 'Another message under the same Message-ID, or another recipient''s copy of a '
                || 'mailing: it is not held against this one.'
            WHEN outcome = 'differs'
            THEN 'It differs from ' || CASE WHEN is_a_verified THEN 'a copy that its own signature '
                || 'verifies' ELSE 'another copy, and neither is verified' END || ' in: '
                || array_to_string(differing_b, ', ') || '. Who changed it, and why, is unknown.'
            WHEN outcome = 'not_compared'
            THEN 'What was compared agrees; the rest was not: '
                || coalesce(trouble, 'neither is verified, so pages and files were left out')
                || '.'
            WHEN outcome = 'undecided'
            THEN 'What differs may come from lists, gateways, Sent folders or mail stores as well '
                || 'as from a hand: ' || array_to_string(undecided_b, ', ') || '.'
            ELSE 'From, the addresses in To and Cc, Subject, Date, text and attachments agree'
                || CASE WHEN is_a_verified THEN ' with a copy that its own signature verifies'
                    ELSE '; neither copy is verified' END
                || CASE WHEN is_other_mailbox THEN ', in another mailbox.' ELSE '.' END
            END AS detail
    FROM best_pair
"""
_OVER = """
    SELECT brought.original_id, brought.item_id, brought.basis,
        'they share one Message-ID with too many others',
        coalesce(two.is_verified, false), coalesce(one.is_verified, false),
        CAST(NULL AS BOOLEAN), 'not_compared', 'none', CAST([] AS VARCHAR[]),
        CAST([] AS VARCHAR[]), CAST([] AS VARCHAR[]), CAST(NULL AS DOUBLE),
        CAST(NULL AS VARCHAR), false,
        'More than ' || $most_copies || ' messages share the Message-ID; this one was not compared.'
    FROM (SELECT * FROM brought WHERE is_over
        QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY original_id) = 1) AS brought
        JOIN graded AS one ON one.item_id = brought.item_id
        JOIN graded AS two ON two.item_id = brought.original_id
"""
_COPY_PAIR = """
    SELECT *, $run_id AS run_id, $analysis_version AS analysis_version
    FROM (SELECT * FROM detailed UNION ALL SELECT * FROM over_limit)
"""


def match_steps() -> tuple[Step, ...]:
    """The steps from the pairs and what the cell says of them (`compared`) to `copy_pair`.

    Output    copy_pair: one row for each copy beside the one that stands as original, and the
              near copies
    Limits    words added or cut at the ends of a text, attachments that one copy lacks, a subject
              tag, addresses as stores rewrite them, another To in a mailbox of that address:
              never said to differ, though a hand could do the same
    """
    return tuple(
        Query(name, sql, {**SORTED_PARAMS, **WITNESS_PARAMS})
        for name, sql in (
            *SORTED,
            ("outcome_pair", _OUTCOME),
            ("borne", _BORNE),
            ("best_pair", _BEST),
            ("detailed", _DETAIL),
            ("over_limit", _OVER),
            ("copy_pair", _COPY_PAIR),
        )
    )
