"""What is said of a cohort: a sentence on its files, and what it does not say."""

from __future__ import annotations

# In which language a program speaks that calls sheets, titles or themes so.
_SPEAKS = {
    "Листы": "Russian",
    "Название": "Russian",
    "Тема": "Russian",
    "Аркуші": "Ukrainian",
    "Worksheets": "English",
    "Title": "English",
    "Feuilles de calcul": "French",
    "Titre": "French",
    "Arbeitsblätter": "German",
    "Titel": "German",
    "Hojas de cálculo": "Spanish",
    "Fogli di lavoro": "Italian",
    "Titolo": "Italian",
}
_SPOKEN = " ".join(f"WHEN '{word}' THEN '{tongue}'" for word, tongue in _SPEAKS.items())

LIMITS = (
    "Metadata are easily set by anybody, in any letters and with any time. This names no person "
    "and no country, and does not say that the content was changed: somebody who was asked to "
    "convert, translate or collect files, once, leaves the same trace."
)
_DURATION = """
    CASE WHEN span_s < 120 THEN CAST(ceil(span_s) AS BIGINT) || ' seconds'
        WHEN span_s < 7200 THEN CAST(ceil(span_s / 60) AS BIGINT) || ' minutes'
        WHEN span_s < 172800 THEN CAST(ceil(span_s / 3600) AS BIGINT) || ' hours'
        ELSE CAST(ceil(span_s / 86400) AS BIGINT) || ' days' END
"""
# What all members share; several values are counted, none is told as if it were all of them.
_SHARED = """
    SELECT cohort_id, count(DISTINCT last_author) AS author_count,
        count(last_author) AS authored_count,
        CASE WHEN count(DISTINCT interface) = 1 AND count(interface) = count(*)
            THEN max(interface) END AS interface,
        CASE WHEN count(DISTINCT language) = 1 AND count(language) = count(*)
            THEN max(language) END AS language,
        CASE WHEN count(DISTINCT codepage) = 1 AND count(codepage) = count(*)
            THEN max(codepage) END AS codepage,
        CASE WHEN count(DISTINCT software) = 1 AND count(software) = count(*)
            THEN max(software) END AS software,
        CASE WHEN count(DISTINCT edit_minutes) = 1 AND count(edit_minutes) = count(*)
            THEN max(edit_minutes) END AS edit_minutes
    FROM member GROUP BY cohort_id
"""
_DETAIL = f"""
    concat_ws(', ', judged.item_count || ' files',
        CASE WHEN author_count = 1 THEN
            CASE WHEN authored_count = judged.item_count THEN 'one last author'
                ELSE 'one last author in ' || authored_count || ' of them' END
            WHEN author_count > 1 THEN author_count || ' last authors' END
            || CASE WHEN name_script IS NULL THEN ''
                ELSE ' in ' || name_script || ' letters' END,
        CASE WHEN span_s IS NULL THEN 'not all with a time of saving'
            ELSE 'saved within ' || {_DURATION}
            || CASE WHEN first_at IS NULL THEN ' (no zone stated)'
                ELSE ' (' || strftime(first_at, '%Y-%m-%d %H:%M:%S') || ' to '
                    || strftime(last_at, '%Y-%m-%d %H:%M:%S') || ' UTC)' END END,
        'program: ' || software,
        CASE interface {_SPOKEN} END || ' program language',
        'its word: ' || interface, 'language: ' || language, 'codepage: ' || codepage,
        'editing time: ' || edit_minutes)
        || '. ' || CASE WHEN is_differing THEN 'It differs from the rest: '
            ELSE 'It does not differ from the rest: ' END
        || CASE WHEN is_foreign THEN
                CASE WHEN mark_rest_share = 0 THEN 'none'
                    ELSE 'at most ' || round(100 * mark_rest_share, 1) || ' %' END
                || ' of the other documents that state the like share '
                || CASE WHEN len(marks) > 1 THEN 'any of these: ' ELSE 'this: ' END
                || array_to_string(marks, '; ')
            ELSE 'neither its names nor its machine stand out' END
        || '; ' || CASE WHEN span_s IS NULL THEN 'its pace is not known'
            WHEN habit_count IS NULL THEN 'it was not saved in one sitting'
            ELSE as_quick_count || ' of ' || habit_count || ' other sittings are as quick and as '
                || 'large, ' || CASE WHEN expected < 0.001 THEN 'less than 0.001'
                    ELSE CAST(round(expected, 3) AS VARCHAR) END
                || ' such groups would be expected' END
        || '; ' || CAST(round(100 * resaved_share) AS BIGINT) || ' % of the files '
        || 'had been made by somebody else, or a day earlier or more.'
"""
COHORT = f"""
    SELECT judged.cohort_id AS cohort_id, shared_by, shared, is_differing,
        CAST(CASE WHEN NOT is_differing THEN 2
            WHEN inside_cohort_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS differs_rank,
        judged.item_count AS item_count, rest_count, first_at, last_at,
        CAST(span_s AS DOUBLE) AS span_s,
        CAST(largest_gap_s AS DOUBLE) AS largest_gap_s, name_script, marks,
        CAST(mark_rest_share AS DOUBLE) AS mark_rest_share, is_foreign, is_one_sitting,
        CAST(resaved_share AS DOUBLE) AS resaved_share,
        CAST(expected AS DOUBLE) AS expected, habit_count, as_quick_count,
        foreign_count, inside_cohort_id, {_DETAIL} AS detail, '{LIMITS}' AS limits,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM judged JOIN ({_SHARED}) AS common ON common.cohort_id = judged.cohort_id
        LEFT JOIN nested ON nested.cohort_id = judged.cohort_id
"""  # noqa: S608 - constants
