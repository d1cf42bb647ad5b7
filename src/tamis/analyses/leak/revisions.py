"""The life of each document as it tells it: one ordered list out of all its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {}

_TIMES = {
    "created": "made",
    "modified": "saved",
    "printed": "printed",
    "backed_up": "backed up",
    "created_local": "made",
    "modified_local": "saved",
    "printed_local": "printed",
    "CreationDate": "made",
    "ModDate": "saved",
    "xmp:CreateDate": "made",
    "xmp:ModifyDate": "saved",
    "xmp:MetadataDate": "properties written",
}
_CHANGES = (
    *("insertion", "deletion", "move_from", "move_to", "formatting", "paragraph_formatting"),
    *("section_formatting", "table_formatting", "row_formatting", "cell_formatting"),
    *("numbering", "cell_insertion", "cell_deletion", "cell_merge", "format_change", "saved"),
)
_TIME_WORDS = " ".join(f"WHEN '{name}' THEN '{word}'" for name, word in _TIMES.items())
_TIME_NAMES = ", ".join(f"'{name}'" for name in _TIMES)
_CHANGE_NAMES = ", ".join(f"'{name}'" for name in _CHANGES)
# Readers write a change and a comment as "author, time, count": see their documentation.
_AUTHORED = r"(?s)^(?:(.*?), )?(\d{4}-\d\d-\d\dT[0-9:.Z+-]+)"

_PICKED = rf"""
    SELECT item_id, position, namespace, name, value, noted_at, part_name,
        CASE WHEN namespace IN ('core', 'summary', 'info', 'dop', 'docinfo', 'xmp')
                AND name IN ({_TIME_NAMES}) THEN 'time'
            WHEN namespace = 'xmp' AND ends_with(name, 'stEvt:when') THEN 'time'
            WHEN namespace = 'revision' AND name IN ({_CHANGE_NAMES}) THEN 'change'
            WHEN namespace = 'revision' AND regexp_matches(name, '^\d+ (docinfo|xmp) .*Date$')
                THEN 'time'
            WHEN namespace = 'revision' AND regexp_matches(name, '^\d+( (changed|added|removed))?$')
                THEN 'state'
            WHEN namespace = 'comment' AND name IN ('author', 'noted') THEN 'change'
            WHEN namespace IN ('zip', 'ole') AND name IN ('created', 'modified') THEN 'container'
            WHEN namespace = 'signature' AND name = 'SignatureTime' THEN 'time'
            WHEN namespace = 'rsid' AND name IN ('root', 'session_count', 'used_count')
                THEN 'rsid'
            WHEN namespace = 'saved_by' THEN 'saved_by' END AS sort
    FROM property WHERE item_id IN (SELECT item_id FROM document)
"""  # noqa: S608 - constants
_NAMED = """
    SELECT item_id,
        arg_min(value, position) FILTER (name = 'last_author') AS last_author,
        arg_min(value, position) FILTER (name IN ('creator', 'Author')) AS creator,
        arg_min(value, position) FILTER (name = 'printed_by') AS printed_by
    FROM property WHERE namespace IN ('core', 'summary', 'info', 'docinfo')
        AND name IN ('last_author', 'creator', 'Author', 'printed_by') GROUP BY item_id
"""
_WHAT = rf"""
    CASE sort
        WHEN 'time' THEN CASE name {_TIME_WORDS}
            WHEN 'SignatureTime' THEN 'signed' ELSE
                CASE WHEN namespace = 'revision'
                    THEN 'state ' || regexp_extract(name, '^\d+') || ' written'
                    ELSE 'step of its history' END END
        WHEN 'change' THEN CASE WHEN namespace = 'comment' THEN 'comment'
            WHEN name = 'saved' THEN 'saved'
            ELSE replace(name, '_', ' ')
                || coalesce(', ' || nullif(regexp_extract(value, ', (\d+ times)$', 1), ''), '') END
        WHEN 'container' THEN CASE namespace WHEN 'zip' THEN 'part of the package written'
            ELSE 'stream or storage ' || name END
        WHEN 'state' THEN 'state ' || name || ': ' || left(value, 300)
        WHEN 'rsid' THEN CASE name WHEN 'root' THEN 'editing session ids begin with ' || value
            ELSE value || ' editing session ids' || CASE name WHEN 'used_count'
                THEN ' used in the text' ELSE ' listed' END END
        ELSE 'saved by, or to: ' || left(value, 300) END
"""
_EVENT = rf"""
    SELECT item_id, position AS property_position, noted_at AS happened_at, stated,
        CASE WHEN stated IS NOT NULL THEN noted_at IS NOT NULL END AS is_zoned,
        author, what, source, part_name,
        coalesce(noted_at, coalesce(
            TRY_CAST(regexp_extract(stated, '^\d{{4}}-\d\d-\d\dT\d\d:\d\d(:\d\d)?') AS TIMESTAMP),
            try_strptime(regexp_extract(stated, '^(?:D:)?(\d{{14}})', 1), '%Y%m%d%H%M%S')
        ) AT TIME ZONE 'UTC') AS sorted_at
    FROM (
        SELECT picked.*, namespace || ' ' || name AS source, {_WHAT} AS what,
            CASE WHEN sort IN ('time', 'container') THEN value
                WHEN sort = 'change'
                    THEN nullif(regexp_extract(value, '{_AUTHORED}', 2), '') END AS stated,
            CASE WHEN sort = 'change' AND regexp_matches(value, '{_AUTHORED}')
                    THEN nullif(regexp_extract(value, '{_AUTHORED}', 1), '')
                WHEN sort = 'change' THEN regexp_replace(value, ', \d+ times$', '')
                WHEN sort = 'saved_by' AND name = 'author' THEN value
                WHEN sort = 'time' AND name IN ('created', 'created_local', 'CreationDate')
                    THEN named.creator
                WHEN sort = 'time' AND name IN ('modified', 'modified_local')
                    THEN named.last_author
                WHEN sort = 'time' AND name = 'printed' THEN named.printed_by END AS author
        FROM picked LEFT JOIN named ON named.item_id = picked.item_id
        WHERE sort IS NOT NULL)
"""  # noqa: S608 - constants
_REVISION_EVENT = """
    SELECT item_id, row_number() OVER (PARTITION BY item_id
            ORDER BY sorted_at NULLS LAST, property_position) - 1 AS position,
        happened_at, stated, is_zoned, author, what, source, part_name, property_position,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM event
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `revision_event`.

    Input     property, document
    Output    revision_event: one row per time, tracked change, comment, state of a PDF, count of
              editing sessions and earlier saver that a document keeps, in order
    Missing   no moment where a time has no zone: it is put in order as if it were UTC
    Source    what the readers of documents keep, see table property; a change's author and time
              are taken apart at the last place that looks like a time
    Limits    Everything can be edited. Times from several clocks stand in one list, so that a
              difference of hours may be one of zones. Word marks the local times of its changes
              with a Z, which is not believed. An author with a time inside the name is cut.
    """
    del params
    steps = (
        ("picked", _PICKED),
        ("named", _NAMED),
        ("event", _EVENT),
        ("revision_event", _REVISION_EVENT),
    )
    return tuple(Query(name, sql) for name, sql in steps)


ANALYSIS = Analysis(
    name="revisions",
    version=VERSION,
    question="leak",
    reads=("property", "document"),
    writes=("revision_event",),
    params=PARAMS,
    build=build,
)
