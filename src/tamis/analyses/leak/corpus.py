"""The steps that several analyses of the corpus begin with: who lies where, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.plan import Kernel, Query
from tamis.syntax.mail import date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Partition

# RFC 822 is of August 1982: no Date field is older.
EARLIEST = "1982-08-13"

# A message inside another message is part of a mailbox only through the one around it.
MEMBER = Query(
    "member",
    """
    SELECT DISTINCT place.mailbox_id AS mailbox_id, place.item_id AS item_id,
        coalesce(place.kind, item.kind) AS kind
    FROM place JOIN item ON item.item_id = place.item_id
        JOIN message ON message.item_id = place.item_id
        LEFT JOIN message AS around ON around.item_id = place.parent_item_id
    WHERE place.mailbox_id IS NOT NULL AND around.item_id IS NULL
        AND coalesce(place.kind, item.kind) IN ('leak', 'reference')
    """,
)
DATED = Query(
    "dated",
    """
    SELECT item_id, sent_at FROM message
    WHERE sent_at >= CAST($earliest AS TIMESTAMPTZ)
        AND sent_at < CAST($run_at AS TIMESTAMPTZ) + INTERVAL 1 DAY
    """,
)
# `address` is in lower case: the local part too, as every large provider treats it.
NAMED = Query(
    "named",
    """
    SELECT DISTINCT item_id, part, lower(address) AS address FROM (
        SELECT item_id, 'from' AS part, from_address AS address FROM message
        UNION ALL SELECT item_id, 'to', unnest(to_addresses) FROM message
        UNION ALL SELECT item_id, 'to', unnest(cc_addresses) FROM message
        UNION ALL SELECT item_id, 'to', unnest(bcc_addresses) FROM message
    ) WHERE contains(address, '@')
    """,
)
DELIVERED = Query(
    "delivered",
    r"""
    SELECT DISTINCT item_id, address FROM (
        SELECT item_id, lower(regexp_extract(left(value, 1000),
            '([^\s<>,;:"()\[\]]+@[^\s<>,;:"()\[\]]+)', 1)) AS address
        FROM header
        WHERE lower(name) IN ('delivered-to', 'x-delivered-to', 'x-original-to', 'envelope-to',
            'x-envelope-to', 'apparently-to')
    ) WHERE address <> ''
    """,
)
# A draft is what the author had not sent yet: it may differ from what he sent under the same id.
DRAFTED = Query(
    "drafted",
    r"""
    SELECT item_id FROM message WHERE received_count = 0 AND item_id IN (
        SELECT item_id FROM header WHERE lower(name) IN ('x-unsent', 'x-mozilla-draft-info',
            'x-draft-info')
        UNION
        SELECT item_id FROM place
        WHERE len(list_filter(string_split_regex(nfc_normalize(lower(path)), '[/\\.]'),
            lambda one: trim(one) IN ('draft', 'drafts', 'brouillon', 'brouillons', 'entwurf',
                'entwürfe', 'borradores', 'bozze', 'rascunhos', 'concepten', 'utkast', 'kladder',
                'luonnokset', 'wersje robocze', 'черновики', 'чернетки'))) > 0)
    """,
)
TOP_RECEIVED = Query(
    "top_received",
    """
    SELECT item_id, min_by(right(value, 300), position) AS value FROM header
    WHERE lower(name) = 'received' GROUP BY item_id
    """,
)
_RECEIVED_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("received_at", pa.timestamp("us", tz="UTC")),
    ]
)


def _received(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    """The time of each topmost Received field, NULL where it cannot be read."""
    del params, part
    times = []
    for value in table.column("value").to_pylist():
        found = date.parse(value.rpartition(";")[2].strip()) if value and ";" in value else None
        times.append(found[0] if found else None)
    arrays = [table.column("item_id").combine_chunks(), pa.array(times, _RECEIVED_SCHEMA[1].type)]
    return pa.Table.from_arrays(arrays, schema=_RECEIVED_SCHEMA)


RECEIVED = Kernel(
    name="received_time",
    version=1,
    function=_received,
    source="top_received",
    output_schema=_RECEIVED_SCHEMA,
)
