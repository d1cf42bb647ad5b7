"""What each document states about who saved it, when, and with what: one row per document."""

from __future__ import annotations

from tamis.plan import Query

# Which property is which statement; the first in the file's order counts.
_TRAIT = """
    CASE WHEN name = 'last_author' AND namespace IN ('core', 'summary', 'info', 'associated')
            THEN 'last_author'
        WHEN (name = 'creator' AND namespace IN ('core', 'summary', 'info', 'associated'))
            OR (name = 'Author' AND namespace = 'docinfo') THEN 'creator'
        WHEN (name = 'software' AND namespace IN ('app', 'core', 'summary', 'info'))
            OR (name = 'Producer' AND namespace = 'docinfo') THEN 'software'
        WHEN name = 'software_version' AND namespace IN ('app', 'document_summary')
            THEN 'software_version'
        WHEN name = 'template' AND namespace IN ('app', 'core', 'summary') THEN 'template'
        WHEN name = 'codepage' AND namespace = 'summary' THEN 'codepage'
        WHEN name = 'heading' AND namespace = 'app' THEN 'interface'
        WHEN (name = 'language'
                AND namespace IN ('core', 'settings', 'fib', 'info', 'pdf', 'document_summary'))
            OR (name = 'locale' AND namespace = 'summary') THEN 'language'
        WHEN name IN ('edit_minutes', 'edit_duration')
            AND namespace IN ('app', 'core', 'summary', 'info') THEN 'edit_minutes'
        WHEN (name = 'modified' AND namespace IN ('core', 'summary', 'info'))
            OR (name = 'ModDate' AND namespace = 'docinfo') THEN 'saved'
        WHEN (name = 'created' AND namespace IN ('core', 'summary', 'info'))
            OR (name = 'CreationDate' AND namespace = 'docinfo') THEN 'created' END
"""
_OF_DUMP = """
    SELECT item_id FROM item WHERE kind = 'leak' UNION SELECT item_id FROM place WHERE kind = 'leak'
"""
TOLD = Query(
    "told",
    f"""
    SELECT item_id, position, trait, left(trim(value), 300) AS value, noted_at
    FROM (SELECT item_id, position, {_TRAIT} AS trait, value, noted_at FROM property)
    WHERE trait IS NOT NULL AND trim(value) <> ''
        AND item_id IN (SELECT item_id FROM document)
        AND item_id IN ({_OF_DUMP})
    """,  # noqa: S608 - constants
)
_SCRIPTS = (
    *("Cyrillic", "Greek", "Arabic", "Hebrew", "Armenian", "Georgian", "Devanagari", "Thai"),
    *("Hangul", "Hiragana", "Katakana", "Han", "Latin"),
)
_SCRIPT = "CASE {} END".format(
    " ".join(rf"WHEN regexp_matches(last_author, '\p{{{one}}}') THEN '{one}'" for one in _SCRIPTS)
)
_FIRST = ",\n        ".join(
    f"arg_min(value, position) FILTER (trait = '{one}') AS {one}"
    for one in (
        *("last_author", "creator", "software", "software_version", "template", "codepage"),
        *("interface", "language", "edit_minutes"),
    )
)
# A time without a zone still measures the pauses between files of the same kind.
STAMP = Query(
    "stamp",
    f"""
    SELECT item_id, last_author, creator, template, codepage, lower(language) AS language,
        interface, edit_minutes,
        CASE WHEN software_version IS NULL OR contains(software, software_version) THEN software
            ELSE software || ' ' || software_version END AS software,
        {_SCRIPT} AS name_script,
        coalesce(last_author, creator, software) AS person,
        created_at, saved_at, saved_written,
        coalesce(saved_at, TRY_CAST(saved_written AS TIMESTAMP) AT TIME ZONE 'UTC') AS clock_at
    FROM (
        SELECT item_id, {_FIRST},
            arg_min(value, position) FILTER (trait = 'saved') AS saved_written,
            arg_min(noted_at, position) FILTER (trait = 'saved') AS saved_at,
            arg_min(noted_at, position) FILTER (trait = 'created') AS created_at
        FROM told GROUP BY item_id)
    WHERE coalesce(last_author, creator, software, codepage, interface, language) IS NOT NULL
    """,  # noqa: S608 - constants
)
STEPS = (TOLD, STAMP)
READS = ("property", "document", "item", "place")
