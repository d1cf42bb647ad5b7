"""The last steps to `reference_match`: one outcome for every leaked message, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.leak.pair_sorted import SORTED, SORTED_PARAMS
from tamis.analyses.leak.webmail import own_pattern
from tamis.analyses.leak.witness import is_same_house
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.plan import Step

# A message of another Message-ID that differs in anything is simply another message.
_BEST = """
    SELECT *, CASE WHEN is_other THEN all_differing ELSE [one FOR one IN all_differing
            IF NOT list_contains(differing_b, one)] END AS undecided
    FROM listed
    WHERE basis <> 'same_fields' OR (len(all_differing) = 0 AND trouble IS NULL)
    QUALIFY row_number() OVER (
        PARTITION BY item_id ORDER BY trouble IS NOT NULL, basis = 'same_fields',
            len(all_differing) - len(undecided), len(all_differing),
            coalesce(similarity, 1) DESC, len(all_uncounted), original_id) = 1
"""
# The owner vouches for what lay in his mailbox, not for who wrote it: anybody can send him a letter
# under another's name and Message-ID. So an original that no signature holds counts where its
# author is the holder; where he is of the holder's house and the message as leaked names the
# holder; and where the dump says that its version lay in that very mailbox, and does not hold the
# other one as well.
_HELD = """
    SELECT DISTINCT member.item_id AS item_id, member.kind AS kind, profile.holder_address AS holder
    FROM member JOIN mailbox_profile AS profile ON profile.mailbox_id = member.mailbox_id
        AND profile.kind = member.kind
    WHERE profile.holder_address IS NOT NULL
"""
_VOUCHED = f"""
    SELECT best.item_id AS item_id, min(CASE
            WHEN coalesce(standing.is_verified, false) THEN '1 signature'
            WHEN best.original_sender = given.holder THEN '2 author'
            WHEN list_contains(list_concat(leak_receivers, leak_copied), given.holder)
                AND ({is_same_house("best.original_sender", "given.holder")}
                    OR (regexp_matches(split_part(best.original_sender, '@', -1), $own_pattern)
                        AND regexp_matches(split_part(given.holder, '@', -1), $own_pattern)))
            THEN '3 house'
            WHEN found.holder = given.holder AND both_found.message_id IS NULL THEN '4 mailbox'
            END) AS vouched
    FROM best LEFT JOIN standing ON standing.item_id = best.original_id
        LEFT JOIN held AS given ON given.item_id = best.original_id AND given.kind = 'reference'
        LEFT JOIN held AS found ON found.item_id = best.item_id AND found.kind = 'leak'
            AND found.holder = given.holder
        LEFT JOIN printed AS original ON original.item_id = best.original_id
        LEFT JOIN (SELECT DISTINCT message_id, words_hash, content_hash FROM printed
            WHERE is_leak) AS both_found ON both_found.message_id = original.message_id
            AND (both_found.content_hash = original.content_hash
                OR (best.is_text AND both_found.words_hash = original.words_hash))
    GROUP BY best.item_id
"""  # noqa: S608 (names of columns of this program)
_BESIDE = """
    SELECT best.item_id AS item_id,
        CASE WHEN len(all_differing) > 0 THEN 'differs' WHEN trouble IS NOT NULL
            THEN 'not_compared' ELSE 'in_reference' END AS outcome,
        CASE WHEN basis = 'same_message_id' AND is_list THEN 'through_list' ELSE basis END AS basis,
        original_id AS reference_item_id, substr(vouched, 3) AS vouched_by,
        all_differing AS differing, undecided,
        all_uncounted AS uncounted, similarity, changes,
        is_cut, CAST(NULL AS VARCHAR) AS coverage_id,
        CASE WHEN len(all_differing) > 0
            THEN 'It differs from the reference original in: '
                || array_to_string(all_differing, ', ') || '. Who changed it, and why, is unknown.'
                || CASE WHEN is_other THEN ' It may be another message under one Message-ID, or '
                        || 'another recipient''s copy: nothing follows from it.'
                    WHEN len(undecided) > 0 THEN ' Mail programs, lists, gateways and stores do '
                        || 'as well as a hand what differs in: '
                        || array_to_string(undecided, ', ') || '.' ELSE '' END
                || CASE WHEN NOT is_other AND vouched IS NULL
                        AND len(undecided) < len(all_differing)
                    THEN ' Nobody signed the original, and it neither comes from the holder of '
                        || 'its mailbox or his house nor lay where this one is said to have '
                        || 'lain: it shows what its owner got, not who wrote it, and is not held '
                        || 'against the message.' ELSE '' END
                || CASE WHEN is_partial THEN ' The leaked copy could be read in part only: '
                    || 'damage may be the cause.' ELSE '' END
                || CASE WHEN is_passed THEN ' One copy is as sent, the other came through a list '
                    || 'or gateway, which may add words of its own.' ELSE '' END
            WHEN trouble IS NOT NULL
            THEN 'The fields that were compared agree; the rest could not be: '
                || trouble || '.'
            WHEN is_open
            THEN 'The reference holds it, but the copies differ in: '
                || array_to_string(all_uncounted, '; ') || '. Mail programs, lists and stores '
                || 'change these as a hand may: it is not counted, and who changed it is unknown.'
            WHEN len(all_uncounted) > 0
            THEN 'The reference holds it. What also differs never counts: '
                || array_to_string(all_uncounted, '; ') || '.'
            ELSE 'The reference holds it: From, the addresses in To and Cc, Subject, '
                || 'Date, text and attachments agree.'
            END AS detail
    FROM best JOIN vouched ON vouched.item_id = best.item_id
"""
_REST = """
    SELECT leaked.item_id AS item_id,
        CASE WHEN covered.item_id IS NULL THEN 'outside_coverage' ELSE 'not_in_reference' END
            AS outcome,
        covered.basis AS basis, CAST(NULL AS VARCHAR) AS reference_item_id,
        CAST(NULL AS VARCHAR) AS vouched_by,
        CAST([] AS VARCHAR[]) AS differing, CAST([] AS VARCHAR[]) AS undecided,
        CAST([] AS VARCHAR[]) AS uncounted, CAST(NULL AS DOUBLE) AS similarity,
        CAST(NULL AS VARCHAR) AS changes, false AS is_cut,
        covered.coverage_id AS coverage_id,
        CASE WHEN covered.item_id IS NOT NULL
            THEN 'The reference holds what ' || covered.address || ' ' || covered.direction
                || ' at that time, and not this message'
                || CASE covered.basis WHEN 'address' THEN ', which does not lie in a mailbox '
                    || 'that is known to be of that address'
                    ELSE '' END
                || '. It may have been deleted before the export'
                || CASE WHEN leaked.is_bulk THEN '; exports often leave out spam and trash, and '
                    || 'this is bulk by its own headers.' ELSE '.' END
            WHEN dated.item_id IS NULL
            THEN 'Nothing is said: its Date is missing, unreadable or cannot be true.'
            WHEN way.item_id IS NULL
            THEN 'Nothing is said: it occurs only inside other messages, or names no address.'
            ELSE 'Nothing is said: the reference does not cover these addresses at that time.'
            END AS detail
    FROM leaked LEFT JOIN covered ON covered.item_id = leaked.item_id
        LEFT JOIN dated ON dated.item_id = leaked.item_id
        LEFT JOIN (SELECT DISTINCT item_id FROM way) AS way ON way.item_id = leaked.item_id
    WHERE leaked.item_id NOT IN (SELECT item_id FROM best)
        AND EXISTS (SELECT 1 FROM original)
"""
_SAME = """
    SELECT item_id, 'in_reference' AS outcome, 'same_bytes' AS basis,
        item_id AS reference_item_id, CAST(NULL AS VARCHAR) AS vouched_by,
        CAST([] AS VARCHAR[]) AS differing,
        CAST([] AS VARCHAR[]) AS undecided, CAST([] AS VARCHAR[]) AS uncounted,
        CAST(NULL AS DOUBLE) AS similarity, CAST(NULL AS VARCHAR) AS changes, false AS is_cut,
        CAST(NULL AS VARCHAR) AS coverage_id,
        'The reference holds it, byte for byte.' AS detail
    FROM printed WHERE is_leak AND is_reference
"""
_MATCH = """
    SELECT *, $run_id AS run_id, $analysis_version AS analysis_version FROM (
        SELECT * FROM same UNION ALL SELECT * FROM beside UNION ALL SELECT * FROM rest)
"""


def match_steps(own_domains: Iterable[str] = ()) -> tuple[Step, ...]:
    """The steps from the pairs and what the cell says of them (`compared`) to the result.

    Output    reference_match: one row per leaked message; none at all where no original was added
    """
    params = {**SORTED_PARAMS, "own_pattern": own_pattern(own_domains)}
    return tuple(
        Query(name, sql, params)
        for name, sql in (
            *SORTED,
            ("best", _BEST),
            ("held", _HELD),
            ("vouched", _VOUCHED),
            ("beside", _BESIDE),
            ("rest", _REST),
            ("same", _SAME),
            ("reference_match", _MATCH),
        )
    )
