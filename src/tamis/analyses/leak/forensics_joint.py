"""From measures to tail shares, from tail shares to one score, from scores to p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.leak.forensics_signals import SIGNALS, TRANSPORT_GROUP
from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house
from tamis.plan import Query

if TYPE_CHECKING:
    from tamis.plan import Step

# Calibrated strata that somebody is compared with: their verified messages, and those compared.
_COMPARED = """
    SELECT level.stratum_id AS stratum_id, level.item_id AS item_id, level.fold AS fold,
        level.sender AS sender
    FROM level JOIN basis ON basis.stratum_id = level.stratum_id AND basis.is_calibrated
    WHERE level.fold <> 'judged'
        AND level.stratum_id IN (SELECT stratum_id FROM standing)
    UNION ALL
    SELECT standing.stratum_id, standing.item_id, 'judged', chosen.sender
    FROM standing JOIN basis ON basis.stratum_id = standing.stratum_id AND basis.is_calibrated
        JOIN chosen ON chosen.item_id = standing.item_id
"""
# Short numbers for long names: the widest join of all goes over them.
_STRATUM_NUMBER = """
    SELECT stratum_id, row_number() OVER (ORDER BY stratum_id) AS stratum_number
    FROM (SELECT DISTINCT stratum_id FROM compared)
"""
_WEIGHED = """
    SELECT stratum_number.stratum_number AS stratum_number, compared.item_id AS item_id,
        compared.fold AS fold, grouped.signal_number AS signal_number,
        measure.measured AS measured
    FROM compared JOIN stratum_number ON stratum_number.stratum_id = compared.stratum_id
        JOIN measure ON measure.item_id = compared.item_id
        JOIN grouped ON grouped.signal = measure.signal
"""
# Values that occur are far fewer than messages; the frame ends with the row's own: "at least as
# odd" counts its equals.
_ODDER = """
    SELECT stratum_number, signal_number, measured,
        sum(learnt) OVER odder AS learnt_odder, sum(learnt) OVER alike AS learnt_count,
        sum(calibrated) OVER odder AS calibration_odder,
        sum(calibrated) OVER alike AS calibration_count
    FROM (
        SELECT stratum_number, signal_number, measured,
            count(*) FILTER (WHERE fold = 'learn') AS learnt,
            count(*) FILTER (WHERE fold = 'calibrate') AS calibrated
        FROM weighed GROUP BY stratum_number, signal_number, measured
    )
    WINDOW alike AS (PARTITION BY stratum_number, signal_number),
        odder AS (PARTITION BY stratum_number, signal_number ORDER BY measured DESC
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
"""
_TAIL = """
    SELECT weighed.stratum_number AS stratum_number, weighed.item_id AS item_id,
        weighed.fold AS fold, weighed.signal_number AS signal_number,
        weighed.measured AS measured,
        CAST(odder.learnt_odder AS BIGINT) AS learnt_odder,
        CAST(odder.learnt_count AS BIGINT) AS learnt_count,
        CAST(odder.calibration_odder AS BIGINT) AS calibration_odder,
        CAST(odder.calibration_count AS BIGINT) AS calibration_count
    FROM weighed JOIN odder ON odder.stratum_number = weighed.stratum_number
        AND odder.signal_number = weighed.signal_number AND odder.measured = weighed.measured
    WHERE weighed.fold <> 'learn'
"""
# The oddest measure of a group, times their number (Bonferroni): many tries make odd ones.
_GROUP_TAIL = """
    SELECT tail.stratum_number AS stratum_number, tail.item_id AS item_id,
        grouped.clock_group AS clock_group,
        least(1.0, count(*) * min((learnt_odder + 1) / (learnt_count + 1))) AS learnt_tail,
        least(1.0, count(*) * min((calibration_odder + 1) / (calibration_count + 1)))
            AS calibration_tail
    FROM tail JOIN grouped ON grouped.signal_number = tail.signal_number
    WHERE grouped.clock_group <> $transport_group
    GROUP BY tail.stratum_number, tail.item_id, grouped.clock_group
"""
# Without its oddest group: one clock that is wrong, however far, scores nothing.
_SCORED = """
    SELECT compared.stratum_id AS stratum_id, compared.item_id AS item_id, compared.fold AS fold,
        compared.sender AS sender, coalesce(summed.score, 0) AS score,
        coalesce(summed.independent_count, 0) AS independent_count
    FROM compared JOIN stratum_number ON stratum_number.stratum_id = compared.stratum_id
        LEFT JOIN (
        SELECT stratum_number, item_id,
            round(sum(-ln(learnt_tail)) - max(-ln(learnt_tail)), 9) + 0.0 AS score,
            count(*) FILTER (WHERE calibration_tail <= $shown_share) AS independent_count
        FROM group_tail GROUP BY stratum_number, item_id
    ) AS summed ON summed.stratum_number = stratum_number.stratum_number
        AND summed.item_id = compared.item_id
    WHERE compared.fold <> 'learn'
"""
_RANKED = """
    SELECT *,
        count(*) FILTER (WHERE fold = 'calibrate') OVER (PARTITION BY stratum_id
            ORDER BY score DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS higher_count,
        count(*) FILTER (WHERE fold = 'calibrate') OVER (PARTITION BY stratum_id, sender
            ORDER BY score DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
            AS own_higher_count
    FROM scored
"""
_THRESHOLD = """
    SELECT placed.stratum_id AS stratum_id, min(placed.score) AS threshold
    FROM (
        SELECT stratum_id, score, row_number() OVER (PARTITION BY stratum_id ORDER BY score DESC)
            AS place_count
        FROM scored WHERE fold = 'calibrate'
    ) AS placed JOIN basis ON basis.stratum_id = placed.stratum_id
    WHERE placed.place_count <= basis.allowed_count GROUP BY placed.stratum_id
"""
_CITES = """
    SELECT DISTINCT item_id, cited_id, by_field FROM (
        SELECT item_id, in_reply_to AS cited_id, 'in-reply-to' AS by_field FROM message
        UNION ALL
        SELECT item_id, unnest(list_slice(reference_ids,
            greatest(len(reference_ids) - $most_references + 1, 1), len(reference_ids))),
            'references' FROM message
    ) WHERE cited_id <> ''
"""
# A second instance above the signed one is not signed, and may be the one that was read.
_SINGLE = """
    SELECT item_id, lower(name) AS field FROM header
    WHERE lower(name) IN ('in-reply-to', 'references') GROUP BY ALL HAVING count(*) = 1
"""
# Ids that one message alone bears (`answered`): tickets and notices reuse theirs, or make them
# so that they can be foretold. A correspondent can sign an answer under an old id at any time:
# only the sender's own house is believed.
_CIRCLE = """
    SELECT DISTINCT one.item_id AS item_id, one.is_verified AS is_verified,
        min(other.item_id) OVER (PARTITION BY one.item_id) AS other_id
    FROM cites AS forth
        JOIN chosen AS one ON one.item_id = forth.item_id AND NOT one.is_bulk
        JOIN chosen AS other ON other.message_id = forth.cited_id AND other.is_verified
            AND NOT other.is_bulk AND other.message_id <> one.message_id
            AND {same_house}
        JOIN cites AS back ON back.item_id = other.item_id AND back.cited_id = one.message_id
        JOIN {verdicts} AS word ON word.item_id = other.item_id
        JOIN signature ON signature.item_id = other.item_id
            AND signature.position = word.signature_position
            AND list_contains(signature.signed_headers, back.by_field)
            AND list_contains(signature.signed_headers, 'message-id')
        JOIN single ON single.item_id = other.item_id AND single.field = back.by_field
    WHERE one.message_id IN (SELECT message_id FROM answered)
        AND other.message_id IN (SELECT message_id FROM answered)
"""
# A program whose verified mail shows circles makes ids that can be foretold: then none counts.
_IMPOSSIBLE = """
    SELECT item_id, min(other_id) AS other_id FROM circle
    WHERE NOT is_verified AND NOT EXISTS (SELECT 1 FROM circle WHERE is_verified)
    GROUP BY item_id
"""


def steps(verdicts: str) -> tuple[Step, ...]:
    """The steps to `tail`, `ranked`, `threshold` and `impossible`.

    Input     chosen, measure, level, basis, standing, message, signature, verdicts by own bytes
    Source    split conformal p-values: Vovk, Gammerman and Shafer, Algorithmic Learning in a
              Random World (2005), chapters 2 and 4: (k + 1) / (n + 1) is at most u with
              probability at most u where the message and the n calibration messages are
              exchangeable, whatever the score is, if it was learnt from other messages.
    """
    groups = ", ".join(
        f"('{one.name}', {number}, '{one.group}')" for number, one in enumerate(SIGNALS.values())
    )
    columns = "signal, signal_number, clock_group"
    same_house = is_same_house("other.sender", "one.sender")
    circle = _CIRCLE.format(verdicts=verdicts, same_house=same_house)
    named = (
        ("grouped", f"SELECT * FROM (VALUES {groups}) AS t({columns})"),  # noqa: S608
        ("compared", _COMPARED),
        ("stratum_number", _STRATUM_NUMBER),
        ("weighed", _WEIGHED),
        ("odder", _ODDER),
        ("tail", _TAIL),
        ("group_tail", _GROUP_TAIL),
        ("scored", _SCORED),
        ("ranked", _RANKED),
        ("threshold", _THRESHOLD),
        ("cites", _CITES),
        ("single", _SINGLE),
        ("circle", circle),
        ("impossible", _IMPOSSIBLE),
    )
    return tuple(
        Query(name, sql, {"transport_group": TRANSPORT_GROUP, **WITNESS_PARAMS})
        for name, sql in named
    )
