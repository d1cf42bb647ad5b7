"""Person to person or bulk: a message's own headers, and how widely its sender sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {"least_recipients": 20}

_MARKED = """
    SELECT item_id, reason FROM (
        SELECT item_id, CASE
            WHEN lower(name) = 'list-id' THEN 'list_id'
            WHEN lower(name) = 'list-unsubscribe' THEN 'list_unsubscribe'
            WHEN lower(name) = 'precedence' AND lower(trim(value)) IN ('bulk', 'list', 'junk')
                THEN 'precedence'
            WHEN lower(name) = 'auto-submitted'
                AND lower(trim(split_part(value, ';', 1))) NOT IN ('', 'no') THEN 'auto_submitted'
            END AS reason
        FROM header
        WHERE lower(name) IN ('list-id', 'list-unsubscribe', 'precedence', 'auto-submitted')
        UNION ALL SELECT item_id, 'list_id' FROM message WHERE list_id IS NOT NULL
    ) WHERE reason IS NOT NULL
"""
# Digits and spaces differ between the copies of a mailing; the rest of its subject does not.
_TOPIC = r"""
    SELECT item_id, lower(from_address) AS sender, to_addresses,
        trim(regexp_replace(lower(subject), '[\s0-9]+', ' ', 'g')) AS topic,
        coalesce(length(body_text), 0) AS text_length
    FROM message
    WHERE from_address IS NOT NULL AND in_reply_to IS NULL AND subject IS NOT NULL
        AND NOT regexp_matches(lower(subject), '^\s*(re|aw|fw|fwd|tr|wg)\s*:')
"""
_MAILING = """
    SELECT sender, topic, count(DISTINCT item_id) AS message_count,
        quantile_cont(text_length, 0.9) <= 1.5 * quantile_cont(text_length, 0.1) + 200
            AS is_alike
    FROM topic WHERE topic <> '' GROUP BY sender, topic
"""
_REACHED = """
    SELECT sender, topic, count(DISTINCT lower(address)) AS recipient_count
    FROM (SELECT sender, topic, unnest(to_addresses) AS address FROM topic WHERE topic <> '')
    GROUP BY sender, topic
"""
_VOLUME = """
    SELECT topic.item_id AS item_id,
        least(mailing.message_count, coalesce(reached.recipient_count, 0)) AS recipient_count,
        mailing.is_alike AS is_alike
    FROM topic
        JOIN mailing ON mailing.sender = topic.sender AND mailing.topic = topic.topic
        LEFT JOIN reached ON reached.sender = topic.sender AND reached.topic = topic.topic
"""
_TOLD = """
    SELECT item_id, list_sort(list(DISTINCT reason)) AS reasons,
        bool_or(reason <> 'sender_volume') AS is_by_headers
    FROM (
        SELECT item_id, reason FROM marked
        UNION ALL SELECT item_id, 'sender_volume' FROM volume
        WHERE recipient_count >= $least_recipients AND is_alike
    ) GROUP BY item_id
"""
_MESSAGE_CLASS = """
    SELECT message.item_id AS item_id,
        CASE WHEN told.item_id IS NULL THEN 'person' ELSE 'bulk' END AS traffic,
        coalesce(told.reasons, CAST([] AS VARCHAR[])) AS reasons,
        coalesce(told.is_by_headers, false) AS is_by_headers,
        CAST(volume.recipient_count AS BIGINT) AS recipient_count,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM message LEFT JOIN told ON told.item_id = message.item_id
        LEFT JOIN volume ON volume.item_id = message.item_id
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `message_class`.

    Input     message, header
    Output    message_class: one row per message
    Missing   recipient_count is NULL for replies and messages without sender or subject
    Source    RFC 2919 (List-Id), RFC 2369 (List-Unsubscribe), RFC 3834 (Auto-Submitted);
              Precedence by custom. `sender_volume` is ours: one sender, one subject but for
              digits, at least `least_recipients` recipients in as many messages, texts alike in
              length.
    Limits    headers can be left out or forged; a mailing of which the dump holds few copies is
              not seen by its volume; an invitation written once and sent to many one by one is
              bulk here, although a person wrote it
    """
    del params
    steps = (
        ("marked", _MARKED),
        ("topic", _TOPIC),
        ("mailing", _MAILING),
        ("reached", _REACHED),
        ("volume", _VOLUME),
        ("told", _TOLD),
        ("message_class", _MESSAGE_CLASS),
    )
    return tuple(Query(name, sql) for name, sql in steps)


ANALYSIS = Analysis(
    name="traffic",
    version=VERSION,
    question="leak",
    reads=("message", "header"),
    writes=("message_class",),
    params=PARAMS,
    build=build,
)
