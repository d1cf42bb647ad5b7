"""Which row of a post is its newest version, over all files and ranges of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis import records
from tamis.case import table_file
from tamis.case.layout import inside
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.case import CaseView, Writer
    from tamis.case.manifest import TableFile
    from tamis.engines import Engine

# What is looked at grows with the posts, the memory for it does not.
_MEMORY_GIB = 0.25
_KEY = ("post_id", "version", "source_item_id", "byte_start")
_ROOT = "COALESCE(edited_of, post_id)"
# A hash of 64 bits finds who comes more than once; the rows themselves decide afterwards.
_REPEATED = f"""
    SELECT hash({_ROOT}) AS root FROM post GROUP BY 1
    HAVING count(*) > 1 OR NOT bool_and(is_latest)
"""  # noqa: S608  (texts of this module)
_EDITED = """
    SELECT target_post_id AS post_id, source_item_id, byte_start, max(acted_at) AS edited_at
    FROM action WHERE type = 'edit' GROUP BY ALL
"""
_TOLD = f"""
    SELECT {_ROOT} AS root, post_id, native_id, version, is_latest, source_item_id, byte_start,
        collected_at, hash(text, account_id, posted_at) AS content,
        list_position($arrived, source_item_id) AS arrival
    FROM post WHERE hash({_ROOT}) IN (SELECT root FROM repeated)
"""  # noqa: S608  (texts of this module)
# What the platform says comes first, then when it was collected, then what came into the case
# later. Rows settled before keep their order; new ones stand as their files have them.
_ORDERED = """
    SELECT told.*, min(version) OVER (PARTITION BY post_id) AS base,
        row_number() OVER (PARTITION BY post_id ORDER BY
            edited_at NULLS FIRST, collected_at NULLS FIRST, arrival NULLS FIRST,
            CASE WHEN arrival IS NULL THEN version END, byte_start NULLS FIRST, version,
            source_item_id) AS place
    FROM told LEFT JOIN edited USING (post_id, source_item_id, byte_start)
"""
_STEPPED = """
    SELECT *, CASE WHEN content <> lag(content) OVER before
            OR (source_item_id = lag(source_item_id) OVER before
                AND version <> lag(version) OVER before)
        THEN 1 ELSE 0 END AS step
    FROM ordered WINDOW before AS (PARTITION BY post_id ORDER BY place)
"""
_NUMBERED = """
    SELECT *, base + sum(step) OVER (PARTITION BY post_id ORDER BY place) AS new_version
    FROM stepped
"""
# Of rows that say the same, the file's hash decides: the order of arrival is lost in a kill.
_SETTLED = """
    SELECT post_id, version, source_item_id, byte_start, is_latest,
        CAST(new_version AS BIGINT) AS new_version,
        row_number() OVER (PARTITION BY root ORDER BY base DESC, length(native_id) DESC,
            native_id DESC, new_version DESC, source_item_id, byte_start NULLS FIRST, place) = 1
            AS new_latest
    FROM numbered
"""
_CHANGED = """
    SELECT post_id, version, source_item_id, byte_start, new_version, new_latest FROM settled
    WHERE new_version <> version OR new_latest <> is_latest
"""
_STEPS = tuple(
    Query(name, sql)
    for name, sql in (
        *(("repeated", _REPEATED), ("edited", _EDITED), ("told", _TOLD)),
        *(("ordered", _ORDERED), ("stepped", _STEPPED), ("numbered", _NUMBERED)),
        *(("settled", _SETTLED), ("changed", _CHANGED)),
    )
)
_HOW_MANY = Query("changed_count", "SELECT count(*) AS n FROM changed")
_IN_FILE = Query(
    "changed_in_file",
    """
    SELECT one.place AS place, changed.new_version, changed.new_latest
    FROM one JOIN changed ON one.post_id = changed.post_id AND one.version = changed.version
        AND one.source_item_id = changed.source_item_id
        AND one.byte_start IS NOT DISTINCT FROM changed.byte_start
    """,
)


def settle_versions(writer: Writer, arrived: Sequence[str] = ()) -> int:
    """How many rows of `post` got another version or mark; committed, nothing if none did.

    Input     post, action as committed; `arrived` are the files of this intake in their order
    Output    post.version counts the contents of one post id in their order, from the number that
              an edit history gives; post.is_latest is true for one row of each post with its edits
    Source    order: the platform's edit history (ids), else when it was edited, else when it was
              collected, else which came into the case later
    Limits    Where no file says when it was collected, the order is that of adding; for files of
              an intake that was killed after it had committed them, it is that of their hashes.
    """
    with writer.view() as view:
        if not view.row_count("post"):
            return 0
        with view.engine(memory_gib=_MEMORY_GIB) as engine:
            engine.run(_STEPS, ("changed",), {"arrived": list(arrived) or [""]})
            count: int = engine.query(_HOW_MANY).column("n")[0].as_py()
            if count:
                writer.rearrange("post", _parts(view, engine))
                writer.note("versions", row_count=count)
                writer.commit()
    return count


def _parts(view: CaseView, engine: Engine) -> Iterator[TableFile | pa.Table]:
    """The files of `post`: those without a changed row as they are, the others anew."""
    record = records.table("post")
    for file in view.manifest.tables["post"]:
        path = inside(view.path, file.path)
        keys = table_file.read(path, record, _KEY)
        places = pa.array(np.arange(keys.num_rows))
        engine.register("one", keys.append_column("place", places))
        changed = engine.query(_IN_FILE)
        if not changed.num_rows:
            yield file
            continue
        rows = table_file.read(path, record).cast(record.schema)
        at = changed.column("place").to_numpy()
        for name, new in (("version", "new_version"), ("is_latest", "new_latest")):
            rows = _with(rows, name, at, changed.column(new).to_numpy())
        yield rows


def _with(rows: pa.Table, name: str, at: Any, values: Any) -> pa.Table:
    column = rows.column(name).to_numpy().copy()
    column[at] = values
    index = rows.schema.get_field_index(name)
    field = rows.schema.field(name)
    return rows.set_column(index, field, pa.array(column, field.type))
