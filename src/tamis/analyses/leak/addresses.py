"""Every address of the corpus, with the names, mailboxes and times it is seen with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import DATED, EARLIEST, MEMBER, NAMED
from tamis.analyses.leak.webmail import personal_sql
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {"earliest": EARLIEST, "own_domains": ()}

_NAME_USE = r"""
    SELECT address, name, count(*) AS use_count FROM (
        SELECT lower(from_address) AS address,
            trim(regexp_replace(left(from_name, 200), '\s+', ' ', 'g')) AS name
        FROM message WHERE contains(from_address, '@') AND from_name IS NOT NULL
    ) WHERE name <> '' GROUP BY address, name
"""
_NAMES = """
    SELECT address, count(*) AS name_count,
        list_slice(list(name ORDER BY use_count DESC, name), 1, 50) AS names,
        list_slice(list(use_count ORDER BY use_count DESC, name), 1, 50) AS name_uses
    FROM name_use GROUP BY address
"""
_SEEN = """
    SELECT named.address AS address,
        count(DISTINCT named.item_id) FILTER (WHERE named.part = 'from') AS sent_count,
        count(DISTINCT named.item_id) FILTER (WHERE named.part = 'to') AS received_count,
        count(DISTINCT named.item_id) FILTER (
            WHERE coalesce(message_class.traffic, 'person') = 'person') AS person_count,
        min(dated.sent_at) AS first_at, max(dated.sent_at) AS last_at
    FROM named LEFT JOIN dated ON dated.item_id = named.item_id
        LEFT JOIN message_class ON message_class.item_id = named.item_id
    GROUP BY named.address
"""
_BOXES = """
    SELECT address, list_slice(list(mailbox_id ORDER BY mailbox_id), 1, 50) AS mailbox_ids
    FROM (SELECT DISTINCT named.address AS address, member.mailbox_id AS mailbox_id
        FROM named JOIN member ON member.item_id = named.item_id)
    GROUP BY address
"""
_HELD = """
    SELECT holder_address AS address,
        list(DISTINCT mailbox_id ORDER BY mailbox_id) AS held_mailbox_ids
    FROM mailbox_profile WHERE holder_address IS NOT NULL GROUP BY holder_address
"""
_ADDRESS = """
    SELECT seen.address AS address, coalesce(names.names, CAST([] AS VARCHAR[])) AS names,
        coalesce(names.name_uses, CAST([] AS BIGINT[])) AS name_uses,
        coalesce(names.name_count, 0) AS name_count, seen.sent_count, seen.received_count,
        seen.person_count, coalesce(boxes.mailbox_ids, CAST([] AS VARCHAR[])) AS mailbox_ids,
        coalesce(held.held_mailbox_ids, CAST([] AS VARCHAR[])) AS held_mailbox_ids,
        {is_personal} AS is_personal, seen.first_at, seen.last_at,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM seen LEFT JOIN names ON names.address = seen.address
        LEFT JOIN boxes ON boxes.address = seen.address
        LEFT JOIN held ON held.address = seen.address
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `address`.

    Input     message, place, item, message_class, mailbox_profile
    Output    address: one row per address that any message names in From, To, Cc or Bcc
    Source    addresses are compared in lower case, as large providers do; nothing else joins
              them: no name, no signature, no like-looking local part
    Limits    names come from From alone, and anybody can write any name beside any address
    """
    personal, lists = personal_sql("seen.address", params.get("own_domains", ()))
    steps = (
        ("name_use", _NAME_USE),
        ("names", _NAMES),
        ("seen", _SEEN),
        ("boxes", _BOXES),
        ("held", _HELD),
    )
    return (
        *(MEMBER, DATED, NAMED),
        *(Query(name, sql) for name, sql in steps),
        Query("address", _ADDRESS.format(is_personal=personal), lists),
    )


ANALYSIS = Analysis(
    name="addresses",
    version=VERSION,
    question="leak",
    reads=("message", "place", "item", "message_class", "mailbox_profile"),
    writes=("address",),
    params=PARAMS,
    build=build,
)
