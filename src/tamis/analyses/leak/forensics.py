"""Header forensics: how odd a message's headers are beside the verified mail of its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import (
    forensics_fields,
    forensics_joint,
    forensics_signals,
    forensics_strata,
)
from tamis.analyses.leak.forensics_signals import SIGNALS, THREAD_GROUP
from tamis.analyses.leak.forensics_strata import POOLINGS
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 3
PARAMS: Mapping[str, Any] = {
    "rate": 0.001,  # false `contradicted` an honest message of a stratum
    "least_verified": 200,  # verified messages for tail shares
    "least_sender_verified": 10,  # verified messages of the same sender
    "most_sender_gap_days": 60,  # between the sender's verified messages before and after it
    "least_period_verified": 20,  # verified messages of the same year in the stratum
    "most_sender_share": 0.5,  # of the calibration messages of a stratum, from one sender
    "shown_share": 0.05,  # an oddity is what at most this share of verified mail shows
    "most_references": 100,
    "poolings": ["domain", "route", "years"],
}
CIRCLE = "answers_its_own_answer"

# Which oddities are shown: rare ones in a calibrated stratum; elsewhere what runs against time,
# and what nobody's habit holds, without a word on how usual that is.
_SEEN = """
    SELECT tail.item_id AS item_id, grouped.signal AS signal, tail.measured AS measured,
        stratum_number.stratum_id AS stratum_id, tail.calibration_odder AS calibration_odder,
        tail.calibration_count AS calibration_count
    FROM tail JOIN grouped ON grouped.signal_number = tail.signal_number
        JOIN stratum_number ON stratum_number.stratum_number = tail.stratum_number
    WHERE tail.fold = 'judged' AND tail.measured > 0
        AND (calibration_odder + 1) / (calibration_count + 1) <= $shown_share
    UNION ALL
    SELECT measure.item_id, measure.signal, measure.measured, standing.stratum_id, NULL, NULL
    FROM measure JOIN standing ON standing.item_id = measure.item_id
        JOIN basis ON basis.stratum_id = standing.stratum_id AND NOT basis.is_calibrated
        JOIN told ON told.signal = measure.signal
    WHERE measure.measured > told.odd_above
"""
_SPOT = """
    SELECT item_id, field, min_by(byte_start, position) AS byte_start,
        min_by(byte_end, position) AS byte_end
    FROM (
        SELECT item_id, position, byte_start, byte_end,
            CASE lower(trim(name)) WHEN 'user-agent' THEN 'x-mailer' ELSE lower(trim(name)) END
                AS field
        FROM header WHERE lower(trim(name)) IN (SELECT field FROM told WHERE field <> 'received')
    ) GROUP BY item_id, field
    UNION ALL
    SELECT header.item_id, 'relays_backwards', header.byte_start, header.byte_end
    FROM way JOIN header ON header.item_id = way.item_id
        AND header.position = way.inversion_position
    UNION ALL
    SELECT header.item_id, 'relay_delay', header.byte_start, header.byte_end
    FROM way JOIN header ON header.item_id = way.item_id AND header.position = way.delay_position
"""
_ANOMALY = """
    SELECT seen.item_id AS item_id, seen.signal AS anomaly, told.clock_group AS clock_group,
        seen.measured AS measured, told.unit AS unit, seen.stratum_id AS stratum_id,
        seen.calibration_odder / nullif(seen.calibration_count, 0) AS tail_share,
        seen.calibration_count AS compared_count,
        (seen.calibration_odder + 1) / (nullif(seen.calibration_count, 0) + 1)
            AS false_alarm_rate,
        false AS is_impossible,
        told.words || CASE told.unit
            WHEN 'seconds' THEN format(' ({:,} s)', CAST(round(seen.measured) AS BIGINT))
            WHEN 'days' THEN format(' ({:,} days)', CAST(round(seen.measured) AS BIGINT))
            WHEN 'nats' THEN format(' (about 1 in {:,})', CAST(round(exp(seen.measured)) AS BIGINT))
            ELSE '' END || '; '
            || coalesce(seen.calibration_odder || ' of ' || seen.calibration_count
                || ' verified messages of its stratum are at least as odd',
                'too few verified messages are like it to say how usual that is') AS detail,
        told.field AS field, spot.byte_start AS byte_start, spot.byte_end AS byte_end
    FROM seen JOIN told ON told.signal = seen.signal
        LEFT JOIN spot ON spot.item_id = seen.item_id
            AND spot.field = CASE told.field WHEN 'received' THEN told.signal ELSE told.field END
    UNION ALL
    SELECT impossible.item_id, $circle, $thread_group, 1.0, 'flag', standing.stratum_id,
        CAST(NULL AS DOUBLE), CAST(NULL AS BIGINT), CAST(NULL AS DOUBLE), true,
        'it names as its origin the verified message ' || impossible.other_id || ', which itself '
            || 'answers it by a signed field: of two messages one was there first',
        'in-reply-to', spot.byte_start, spot.byte_end
    FROM impossible JOIN standing ON standing.item_id = impossible.item_id
        LEFT JOIN spot ON spot.item_id = impossible.item_id AND spot.field = 'in-reply-to'
"""
_HEADER_ANOMALY = """
    SELECT item_id, anomaly, clock_group, measured AS value, unit, stratum_id, tail_share,
        CAST(compared_count AS BIGINT) AS compared_count, false_alarm_rate, is_impossible, detail,
        field, byte_start, byte_end, $run_id AS run_id, $analysis_version AS analysis_version
    FROM anomaly
"""
# No verified message of the same sender may be as odd: what a sender's own clock does is honest.
_SPOKEN = """
    SELECT standing.*, ranked.score AS score, ranked.independent_count AS independent_count,
        (ranked.higher_count + 1) / (basis.calibration_count + 1) AS p_value,
        CASE WHEN basis.is_calibrated AND basis.allowed_count >= 1 THEN threshold.threshold END
            AS threshold,
        impossible.item_id IS NOT NULL AS is_impossible,
        coalesce(standing.why_not IS NULL AND ranked.higher_count < basis.allowed_count
            AND ranked.independent_count >= 2 AND ranked.own_higher_count = 0, false) AS is_joint
    FROM standing JOIN basis ON basis.stratum_id = standing.stratum_id
        LEFT JOIN ranked ON ranked.item_id = standing.item_id AND ranked.fold = 'judged'
        LEFT JOIN threshold ON threshold.stratum_id = standing.stratum_id
        LEFT JOIN impossible ON impossible.item_id = standing.item_id
"""
_JUDGED = """
    SELECT stratum_id, count(*) FILTER (WHERE why_not IS NULL) AS judged_count,
        count(*) FILTER (WHERE is_joint) AS contradicted_count
    FROM spoken GROUP BY stratum_id
"""
_STRATUM = """
    SELECT basis.stratum_id AS stratum_id, basis.pooling AS pooling, basis.infrastructure,
        basis.from_domain, basis.mailer_family, basis.period, basis.is_bulk, basis.message_count,
        basis.verified_count, basis.sender_count, basis.learnt_count, basis.calibration_count,
        judged.judged_count AS judged_count, basis.is_calibrated,
        1 / (basis.calibration_count + 1) AS smallest_p, CAST($rate AS DOUBLE) AS rate,
        CASE WHEN basis.is_calibrated AND basis.allowed_count >= 1
            THEN basis.allowed_count / (basis.calibration_count + 1) END AS attained_rate,
        threshold.threshold AS threshold,
        CASE WHEN basis.is_calibrated
            THEN judged.judged_count * basis.allowed_count / (basis.calibration_count + 1)
            ELSE 0.0 END AS expected_false,
        judged.contradicted_count AS contradicted_count,
        CASE WHEN NOT basis.is_calibrated THEN basis.verified_count || ' verified messages, '
                || $least_verified || ' are needed'
            WHEN basis.allowed_count < 1 THEN basis.calibration_count || ' calibration messages: '
                || 'the smallest p-value is 1 in ' || (basis.calibration_count + 1)
            WHEN basis.loudest_count > $most_sender_share * basis.calibration_count THEN
                'one sender wrote ' || basis.loudest_count || ' of the '
                || basis.calibration_count || ' calibration messages'
            END AS why_not,
        assumed.sentence AS exchangeability,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM basis JOIN judged ON judged.stratum_id = basis.stratum_id
        JOIN assumed ON assumed.pooling = basis.pooling
        LEFT JOIN threshold ON threshold.stratum_id = basis.stratum_id
"""
_HEADER_SCORE = """
    SELECT spoken.item_id AS item_id, spoken.stratum_id AS stratum_id, spoken.score AS score,
        CAST(spoken.independent_count AS BIGINT) AS independent_count, spoken.p_value AS p_value,
        spoken.threshold AS threshold, stratum.expected_false AS expected_false,
        spoken.sender_verified_count AS sender_verified_count,
        spoken.why_not IS NULL AS is_judged,
        spoken.is_joint OR spoken.is_impossible AS is_contradicted, spoken.is_impossible,
        spoken.why_not AS why_not,
        CASE WHEN spoken.is_impossible THEN 'The message and a verified one each answer the other.'
            WHEN spoken.p_value IS NULL THEN 'Nothing is said of its headers: ' || spoken.why_not
                || '.'
            WHEN spoken.is_joint THEN spoken.independent_count || ' oddities that hang on '
                || 'different causes; at most ' || format('{:.5f}', spoken.p_value)
                || ' of the honest messages of its stratum look as odd. '
                || format('{:.3f}', stratum.expected_false) || ' false ones are expected '
                || 'among the ' || stratum.judged_count || ' judged. It does not say that the '
                || 'message is forged, nor by whom.'
            WHEN spoken.why_not IS NOT NULL THEN 'No verdict by its headers: ' || spoken.why_not
                || '. As odd or odder: ' || format('{:.4f}', spoken.p_value)
                || ' of the verified messages of its stratum.'
            ELSE 'Within what the verified messages of its stratum show: '
                || format('{:.4f}', spoken.p_value) || ' of them are as odd or odder.'
            END AS detail,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM spoken JOIN stratum ON stratum.stratum_id = spoken.stratum_id
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `header_anomaly`, `stratum` and `header_score`.

    Input     message, header, part, place, signature, message_class, and the verdicts by own bytes
    Output    header_anomaly: one row for each oddity of a message that is not verified; stratum:
              one for each set of messages that any of them is compared with; header_score: one for
              each message that is not verified
    Missing   p-values and tail shares are NULL where fewer than `least_verified` verified messages
              are of the same stratum; the joint rule is silent where they cannot bound `rate`
    Source    split conformal p-values (Vovk, Gammerman and Shafer 2005); the rates are those of
              the case's own verified mail. No measure has a threshold of its own: of 517 honest
              mails 30 % show relays running backwards by over a minute.
    Limits    Holds if the honest messages of a stratum that are not verified are exchangeable with
              its verified ones. Whoever copies a sender's habits is not found. One clock set
              wrong, a new program, or a journey is one cause and contradicts nothing. Says neither
              "forged" nor who; edits that leave the headers alone are not seen.
    """
    return (
        *forensics_fields.steps(),
        *forensics_signals.steps(),
        *forensics_strata.steps(params["poolings"]),
        *forensics_joint.steps(VERDICTS),
        Query("told", _told()),
        Query("seen", _SEEN),
        Query("spot", _SPOT),
        Query("anomaly", _ANOMALY, {"circle": CIRCLE, "thread_group": THREAD_GROUP}),
        Query("header_anomaly", _HEADER_ANOMALY),
        Query("spoken", _SPOKEN),
        Query("judged", _JUDGED),
        Query("assumed", _assumed()),
        Query("stratum", _STRATUM),
        Query("header_score", _HEADER_SCORE),
    )


def _told() -> str:
    rows = ", ".join(
        "(" + ", ".join(map(_quoted, (one.name, one.group, one.unit, one.field, one.words)))
        + f", {one.odd_above})"
        for one in SIGNALS.values()
    )  # fmt: skip
    names = "signal, clock_group, unit, field, words, odd_above"
    return f"SELECT * FROM (VALUES {rows}) AS t({names})"  # noqa: S608  constants of this package


def _assumed() -> str:
    rows = ", ".join(f"({_quoted(name)}, {_quoted(told)})" for name, (_, told) in POOLINGS.items())
    return f"SELECT * FROM (VALUES {rows}) AS t(pooling, sentence)"  # noqa: S608  as above


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


ANALYSIS = Analysis(
    name="forensics",
    version=VERSION,
    question="leak",
    reads=(
        *("message", "header", "part", "place", "signature", "message_class", "text_language"),
        VERDICTS,
    ),
    writes=("header_anomaly", "stratum", "header_score"),
    params=PARAMS,
    build=build,
)
