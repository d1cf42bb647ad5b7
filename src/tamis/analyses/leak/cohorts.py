"""Groups of documents that share author, program or language, and which differ from the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import cohort_words, document_stamps
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
# Chosen on one half of generated dumps, measured on the other: docs/decisions/0022.
PARAMS: Mapping[str, Any] = {
    "least_items": 3,
    "least_rest": 20,
    "least_share": 0.8,
    "most_rest_share": 0.02,
    "most_expected": 0.1,
    "sittings_s": (60, 300, 900),
    "least_age_s": 86_400,
}

# The same members may be grouped by several statements: the first kind keeps them.
_KEYS = (
    ("last_author", "last_author"),
    (
        "setup",
        """CASE WHEN software IS NOT NULL AND coalesce(codepage, language, interface) IS NOT NULL
            THEN concat_ws(', ', software, codepage, language, interface) END""",
    ),
    ("interface", "interface"),
    ("language", "language"),
    ("codepage", "codepage"),
    ("software", "software"),
    (
        "edit_minutes",
        """CASE WHEN TRY_CAST(edit_minutes AS BIGINT) > 0
            OR regexp_matches(edit_minutes, '^P.*[1-9]') THEN edit_minutes END""",
    ),
)
_KEYED = " UNION ALL ".join(
    f"SELECT {rank} AS kind_rank, '{kind}' AS shared_by, {value} AS shared, item_id FROM stamp"  # noqa: S608
    for rank, (kind, value) in enumerate(_KEYS)
)
_GROUPED = """
    SELECT shared_by, shared, md5(concat_ws('|', shared_by, shared)) AS cohort_id, item_count,
        (SELECT count(*) FROM stamp) - item_count AS rest_count
    FROM (
        SELECT *, row_number() OVER (PARTITION BY members ORDER BY kind_rank) AS rank FROM (
            SELECT kind_rank, shared_by, shared, count(*) AS item_count,
                md5(string_agg(item_id, ',' ORDER BY item_id)) AS members
            FROM keyed WHERE shared IS NOT NULL GROUP BY kind_rank, shared_by, shared
            HAVING count(*) >= $least_items))
    WHERE rank = 1 AND 2 * item_count <= (SELECT count(*) FROM stamp)
"""
_MEMBER = """
    SELECT grouped.cohort_id AS cohort_id, stamp.*
    FROM keyed JOIN grouped
            ON grouped.shared_by = keyed.shared_by AND grouped.shared = keyed.shared
        JOIN stamp ON stamp.item_id = keyed.item_id
"""
# One row per document and statement that can set a group apart.
_MARKED = """
    UNPIVOT (SELECT item_id, name_script, interface, language, codepage, software, edit_minutes
        FROM stamp)
    ON name_script, interface, language, codepage, software, edit_minutes
    INTO NAME trait VALUE value
"""
_MARK = """
    SELECT *, rest_value_count / rest_trait_count AS rest_share
    FROM (
        SELECT inside.cohort_id AS cohort_id, inside.trait AS trait, inside.value AS value,
            inside.with_count / grouped.item_count AS inside_share,
            whole_value.value_count - inside.with_count AS rest_value_count,
            whole_trait.trait_count - inside.trait_count AS rest_trait_count
        FROM (
            SELECT cohort_id, trait, value, count(*) AS with_count,
                sum(count(*)) OVER (PARTITION BY cohort_id, trait) AS trait_count
            FROM member JOIN marked USING (item_id) GROUP BY cohort_id, trait, value
        ) AS inside
            JOIN grouped ON grouped.cohort_id = inside.cohort_id
            JOIN (SELECT trait, value, count(*) AS value_count FROM marked GROUP BY trait, value)
                AS whole_value
                ON whole_value.trait = inside.trait AND whole_value.value = inside.value
            JOIN (SELECT trait, count(*) AS trait_count FROM marked GROUP BY trait) AS whole_trait
                ON whole_trait.trait = inside.trait)
    WHERE inside_share >= $least_share AND rest_trait_count >= $least_rest
        AND rest_value_count <= $most_rest_share * rest_trait_count
"""
# The letters of a name say much alone; of what a machine speaks, two statements must agree.
_FOREIGN = """
    SELECT cohort_id, list(trait || ': ' || value ORDER BY trait, value) AS marks,
        max(rest_share) AS mark_rest_share,
        count(*) FILTER (trait = 'name_script') > 0
            OR count(*) FILTER (trait IN ('interface', 'language', 'codepage')) >= 2 AS is_foreign
    FROM mark GROUP BY cohort_id
"""
_PACE = """
    SELECT cohort_id,
        CASE WHEN count(clock_at) = count(*) AND count(DISTINCT saved_at IS NULL) = 1
            THEN epoch(max(clock_at)) - epoch(min(clock_at)) END AS span_s,
        CASE WHEN count(clock_at) = count(*) AND count(DISTINCT saved_at IS NULL) = 1
            THEN max(gap_s) END AS largest_gap_s,
        CASE WHEN count(saved_at) = count(*) THEN min(saved_at) END AS first_at,
        CASE WHEN count(saved_at) = count(*) THEN max(saved_at) END AS last_at,
        CASE WHEN count(DISTINCT name_script) = 1 THEN max(name_script) END AS name_script,
        count(*) FILTER (last_author <> creator
            OR epoch(saved_at) - epoch(created_at) >= $least_age_s) / count(*) AS resaved_share
    FROM (
        SELECT *, epoch(clock_at) - lag(epoch(clock_at)) OVER (
            PARTITION BY cohort_id ORDER BY clock_at, item_id) AS gap_s
        FROM member)
    GROUP BY cohort_id
"""
_SITTING = """
    SELECT sitting_s, person, item_id,
        count(*) FILTER (gap_s IS NULL OR gap_s > sitting_s) OVER (
            PARTITION BY sitting_s, person ORDER BY clock_at, item_id
            ROWS UNBOUNDED PRECEDING) AS sitting
    FROM (
        SELECT *, epoch(clock_at) - lag(epoch(clock_at)) OVER (
            PARTITION BY person ORDER BY clock_at, item_id) AS gap_s
        FROM stamp WHERE clock_at IS NOT NULL AND person IS NOT NULL)
    CROSS JOIN (SELECT unnest($sittings_s) AS sitting_s)
"""
_HABIT = """
    SELECT sitting_s, person, sitting, count(*) AS file_count FROM sitting
    GROUP BY sitting_s, person, sitting
"""
_QUICK = """
    SELECT grouped.cohort_id AS cohort_id, grouped.item_count AS item_count,
        (SELECT min(step) FROM (SELECT unnest($sittings_s) AS step)
            WHERE step >= pace.largest_gap_s) AS sitting_s
    FROM grouped JOIN pace ON pace.cohort_id = grouped.cohort_id
"""
# A sitting in which a member was saved is the group's own, and no habit of the rest.
_RANK = """
    SELECT quick.cohort_id AS cohort_id,
        count(*) FILTER (own.sitting IS NULL) AS habit_count,
        count(*) FILTER (own.sitting IS NULL AND habit.file_count >= quick.item_count)
            AS as_quick_count
    FROM quick JOIN habit ON habit.sitting_s = quick.sitting_s
        LEFT JOIN (
            SELECT DISTINCT member.cohort_id AS cohort_id, sitting.sitting_s AS sitting_s,
                sitting.person AS person, sitting.sitting AS sitting
            FROM member JOIN quick ON quick.cohort_id = member.cohort_id
                JOIN sitting ON sitting.item_id = member.item_id
                    AND sitting.sitting_s = quick.sitting_s
        ) AS own ON own.cohort_id = quick.cohort_id AND own.sitting_s = habit.sitting_s
            AND own.person = habit.person AND own.sitting = habit.sitting
    GROUP BY quick.cohort_id
"""
_JUDGED = """
    SELECT *, is_foreign AND is_one_sitting AND resaved_share >= $least_share AS is_differing
    FROM (
        SELECT *, coalesce(expected <= $most_expected, false) AS is_one_sitting
        FROM (
            SELECT grouped.*, pace.* EXCLUDE (cohort_id),
                coalesce(foreigner.marks, CAST([] AS VARCHAR[])) AS marks,
                foreigner.mark_rest_share AS mark_rest_share,
                coalesce(foreigner.is_foreign, false) AS is_foreign,
                others.foreign_count - CAST(coalesce(foreigner.is_foreign, false) AS BIGINT)
                    AS foreign_count,
                rank.habit_count AS habit_count, rank.as_quick_count AS as_quick_count,
                (others.foreign_count - CAST(coalesce(foreigner.is_foreign, false) AS BIGINT) + 1)
                    * (rank.as_quick_count + 1) / (rank.habit_count + 1) AS expected
            FROM grouped JOIN pace ON pace.cohort_id = grouped.cohort_id
                LEFT JOIN foreigner ON foreigner.cohort_id = grouped.cohort_id
                LEFT JOIN rank ON rank.cohort_id = grouped.cohort_id
                JOIN (SELECT grouped.shared_by AS shared_by,
                        count(*) FILTER (foreigner.is_foreign) AS foreign_count
                    FROM grouped LEFT JOIN foreigner ON foreigner.cohort_id = grouped.cohort_id
                    GROUP BY grouped.shared_by) AS others
                    ON others.shared_by = grouped.shared_by))
"""
# A group that is wholly part of a larger one says the same again.
_NESTED = """
    SELECT small.cohort_id AS cohort_id,
        arg_max(large.cohort_id, (large.item_count, large.cohort_id)) AS inside_cohort_id
    FROM judged AS small JOIN judged AS large
            ON small.is_differing AND large.is_differing AND large.item_count > small.item_count
        JOIN (
            SELECT a.cohort_id AS small_id, b.cohort_id AS large_id, count(*) AS both_count
            FROM (SELECT member.* FROM member JOIN judged USING (cohort_id) WHERE is_differing) AS a
                JOIN (SELECT member.* FROM member JOIN judged USING (cohort_id)
                    WHERE is_differing) AS b ON b.item_id = a.item_id
            GROUP BY a.cohort_id, b.cohort_id
        ) AS shared ON shared.small_id = small.cohort_id AND shared.large_id = large.cohort_id
            AND shared.both_count = small.item_count
    GROUP BY small.cohort_id
"""
_COHORT_MEMBER = """
    SELECT cohort_id, item_id, last_author, creator, software, template, codepage, language,
        interface, edit_minutes, created_at, saved_at, saved_written,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM member
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `cohort` and `cohort_member`.

    Input     property, document, item, place
    Output    cohort: one row per group of `least_items` documents or more that share a last
              author, a setup, an interface, a language, a codepage, a program or editing time,
              as long as the group is no more than half of all; cohort_member: its documents
    Missing   a group whose members do not all state when they were saved has no pace, and
              differs from nothing
    Source    A group is foreign when `least_share` of it, and at most `most_rest_share` of the
              `least_rest` or more others that state the like, have a name in those letters, or
              two of the same interface, language and codepage. A sitting is a run of saves by
              one person without a longer pause than the step of `sittings_s` that the group's
              longest pause fits in. Its rank among the sittings of the rest is a permutation
              p-value, (as quick + 1) / (sittings + 1); times one more than the other foreign
              groups it is the expected count. A group differs when it is foreign, the expected
              count is at most `most_expected`, and `least_share` of it was made by somebody
              else or `least_age_s` before it was saved.
    Limits    Metadata are easily set by anybody. The expected count takes foreignness and pace
              as independent. Somebody outside who was asked to convert or translate files, and
              did so once, leaves the same trace. A group that hides in the habits of the rest,
              or one of a dump that is mostly such files, is not found.
    """
    del params
    steps = (
        ("keyed", _KEYED),
        ("grouped", _GROUPED),
        ("member", _MEMBER),
        ("marked", _MARKED),
        ("mark", _MARK),
        ("foreigner", _FOREIGN),
        ("pace", _PACE),
        ("sitting", _SITTING),
        ("habit", _HABIT),
        ("quick", _QUICK),
        ("rank", _RANK),
        ("judged", _JUDGED),
        ("nested", _NESTED),
        ("cohort", cohort_words.COHORT),
        ("cohort_member", _COHORT_MEMBER),
    )
    return (*document_stamps.STEPS, *(Query(name, sql) for name, sql in steps))


ANALYSIS = Analysis(
    name="cohorts",
    version=VERSION,
    question="leak",
    reads=document_stamps.READS,
    writes=("cohort", "cohort_member"),
    params=PARAMS,
    build=build,
)
