"""Whose each mailbox is by its own evidence, what it spans, and the bound for its theft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.corpus import (
    DATED,
    DELIVERED,
    EARLIEST,
    MEMBER,
    NAMED,
    RECEIVED,
    TOP_RECEIVED,
)
from tamis.analyses.leak.webmail import personal_sql
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {
    "earliest": EARLIEST,
    "own_domains": (),
    "least_messages": 3,
    "least_delivered_share": 0.8,
    "least_named_share": 0.6,
    "most_rival_share": 0.75,
}

_TOUCH = """
    SELECT member.mailbox_id, member.kind, told.address, member.item_id,
        bool_or(told.is_delivered) AS is_delivered, bool_or(NOT told.is_delivered) AS is_named
    FROM member JOIN (
        SELECT item_id, address, false AS is_delivered FROM named
        UNION ALL SELECT item_id, address, true FROM delivered
    ) AS told ON told.item_id = member.item_id
    GROUP BY member.mailbox_id, member.kind, told.address, member.item_id
"""
_CANDIDATE = """
    SELECT *, row_number() OVER (
            PARTITION BY mailbox_id, kind ORDER BY delivered_count DESC, named_count DESC, address
        ) AS delivered_rank,
        row_number() OVER (
            PARTITION BY mailbox_id, kind ORDER BY named_count DESC, delivered_count DESC, address
        ) AS named_rank
    FROM (
        SELECT mailbox_id, kind, address, count(*) FILTER (WHERE is_delivered) AS delivered_count,
            count(*) FILTER (WHERE is_named) AS named_count
        FROM touch GROUP BY mailbox_id, kind, address)
"""
_WITH_DELIVERY = """
    SELECT mailbox_id, kind, count(DISTINCT item_id) AS delivery_count FROM touch
    WHERE is_delivered GROUP BY mailbox_id, kind
"""
_BEST = """
    SELECT mailbox_id, kind,
        max(address) FILTER (WHERE delivered_rank = 1) AS delivered_address,
        max(delivered_count) FILTER (WHERE delivered_rank = 1) AS delivered_best,
        max(address) FILTER (WHERE named_rank = 1) AS named_address,
        max(named_count) FILTER (WHERE named_rank = 1) AS named_best,
        coalesce(max(named_count) FILTER (WHERE named_rank = 2), 0) AS named_second,
        list(address ORDER BY named_rank) FILTER (WHERE named_rank <= 5) AS candidates,
        list(delivered_count ORDER BY named_rank) FILTER (WHERE named_rank <= 5)
            AS candidate_delivered,
        list(named_count ORDER BY named_rank) FILTER (WHERE named_rank <= 5) AS candidate_named
    FROM candidate GROUP BY mailbox_id, kind
"""
_HOLDER = """
    SELECT best.mailbox_id AS mailbox_id, best.kind AS kind, candidates, candidate_delivered,
        candidate_named,
        CASE WHEN delivered_best >= $least_messages
                AND delivered_best >= $least_delivered_share * delivery_count
            THEN delivered_address
            WHEN named_best >= $least_messages
                AND named_best >= $least_named_share * counted.message_count
                AND named_second <= $most_rival_share * named_best
            THEN named_address END AS holder_address,
        CASE WHEN delivered_best >= $least_messages
                AND delivered_best >= $least_delivered_share * delivery_count
            THEN 'delivered'
            WHEN named_best >= $least_messages
                AND named_best >= $least_named_share * counted.message_count
                AND named_second <= $most_rival_share * named_best
            THEN 'named' END AS holder_basis,
        delivered_best / delivery_count AS delivered_share,
        named_best / counted.message_count AS named_share
    FROM best
        JOIN (SELECT mailbox_id, kind, count(*) AS message_count FROM member
            GROUP BY mailbox_id, kind) AS counted
            ON counted.mailbox_id = best.mailbox_id AND counted.kind = best.kind
        LEFT JOIN with_delivery
            ON with_delivery.mailbox_id = best.mailbox_id AND with_delivery.kind = best.kind
"""
# One row per member: its times that can be true, and the one by which it bounds the theft.
_TIMED = """
    SELECT member.mailbox_id AS mailbox_id, member.kind AS kind, member.item_id AS item_id,
        message.sent_at AS stated_at, dated.sent_at AS sent_at, message.sent_raw AS sent_raw,
        received.received_at AS received_at,
        coalesce(received.received_at, dated.sent_at) AS bound_at,
        coalesce(message_class.traffic, 'person') AS traffic
    FROM member JOIN message ON message.item_id = member.item_id
        LEFT JOIN dated ON dated.item_id = member.item_id
        LEFT JOIN message_class ON message_class.item_id = member.item_id
        LEFT JOIN (
            SELECT item_id, received_at FROM received_time
            WHERE received_at >= CAST($earliest AS TIMESTAMPTZ)
                AND received_at < CAST($run_at AS TIMESTAMPTZ) + INTERVAL 1 DAY
        ) AS received ON received.item_id = member.item_id
"""
_SPAN = """
    SELECT mailbox_id, kind, count(*) AS message_count,
        count(*) FILTER (WHERE traffic = 'person') AS person_count,
        count(*) FILTER (WHERE traffic = 'bulk') AS bulk_count,
        count(*) FILTER (WHERE stated_at IS NULL AND sent_raw IS NULL) AS undated_count,
        count(*) FILTER (WHERE sent_at IS NULL AND (stated_at IS NOT NULL OR sent_raw IS NOT NULL))
            AS implausible_count,
        list(DISTINCT left(coalesce(sent_raw, CAST(stated_at AS VARCHAR)), 80))
            FILTER (WHERE sent_at IS NULL AND (sent_raw IS NOT NULL OR stated_at IS NOT NULL))
            AS odd_dates,
        min(sent_at) AS first_at, max(sent_at) AS last_at,
        arg_max(item_id, (sent_at, item_id)) FILTER (WHERE sent_at IS NOT NULL) AS last_item_id,
        max(received_at) AS last_received_at,
        arg_max(item_id, (received_at, item_id)) FILTER (WHERE received_at IS NOT NULL)
            AS last_received_item_id,
        max(bound_at) AS bound_at,
        arg_max(item_id, (bound_at, item_id)) FILTER (WHERE bound_at IS NOT NULL) AS bound_item_id,
        arg_max(CASE WHEN received_at IS NULL THEN 'date' ELSE 'received' END,
            (bound_at, item_id)) FILTER (WHERE bound_at IS NOT NULL) AS bound_clock
    FROM timed GROUP BY mailbox_id, kind
"""
_NEIGHBOURS = """
    SELECT span.mailbox_id AS mailbox_id, span.kind AS kind, count(*) AS neighbour_count
    FROM span JOIN timed ON timed.mailbox_id = span.mailbox_id AND timed.kind = span.kind
        AND timed.bound_at >= span.bound_at - INTERVAL 7 DAY
        AND timed.item_id <> span.bound_item_id
    GROUP BY span.mailbox_id, span.kind
"""
_MONTHS = """
    SELECT mailbox_id, kind, unnest(generate_series(
        date_trunc('month', first_at), date_trunc('month', last_at), INTERVAL 1 MONTH)) AS month_at
    FROM span WHERE first_at IS NOT NULL
"""
_GAPS = """
    SELECT months.mailbox_id, months.kind,
        list(strftime(months.month_at, '%Y-%m') ORDER BY months.month_at) AS gap_months
    FROM months ANTI JOIN (
        SELECT DISTINCT mailbox_id, kind, date_trunc('month', sent_at) AS month_at FROM timed
        WHERE sent_at IS NOT NULL
    ) AS filled ON filled.mailbox_id = months.mailbox_id AND filled.kind = months.kind
        AND filled.month_at = months.month_at
    GROUP BY months.mailbox_id, months.kind
"""
_PROFILE = """
    SELECT span.mailbox_id AS mailbox_id, span.kind AS kind,
        coalesce(mailbox.path, '(path not kept)') AS path, holder.holder_address,
        holder.holder_basis,
        CASE holder.holder_basis WHEN 'delivered' THEN holder.delivered_share
            WHEN 'named' THEN holder.named_share END AS holder_share,
        coalesce(holder.candidates, CAST([] AS VARCHAR[])) AS candidates,
        coalesce(holder.candidate_delivered, CAST([] AS BIGINT[])) AS candidate_delivered,
        coalesce(holder.candidate_named, CAST([] AS BIGINT[])) AS candidate_named,
        {is_personal} AS is_personal,
        span.message_count, span.person_count, span.bulk_count, span.undated_count,
        span.implausible_count,
        coalesce(list_slice(list_sort(span.odd_dates), 1, 10), CAST([] AS VARCHAR[]))
            AS implausible_dates,
        span.first_at, span.last_at, span.last_item_id, span.last_received_at,
        span.last_received_item_id, span.bound_at AS theft_not_before_at, span.bound_item_id,
        span.bound_clock, coalesce(neighbours.neighbour_count, 0) AS bound_neighbour_count,
        coalesce(gaps.gap_months, CAST([] AS VARCHAR[])) AS gap_months,
        CASE WHEN span.bound_at IS NULL
            THEN 'No message states a time that can be true: nothing is said of the theft.'
            ELSE 'If its last message is real, the mailbox was copied after '
                || strftime(span.bound_at, '%Y-%m-%d %H:%M:%S') || ' UTC, by '
                || CASE span.bound_clock WHEN 'received'
                    THEN 'the topmost Received field as found in the dump'
                    ELSE 'the Date field, which is the statement of the sender''s clock' END
                || '; whoever held the dump could write either.'
                || CASE WHEN coalesce(neighbours.neighbour_count, 0) = 0
                    THEN ' No other message lies in the week before: it hangs on this one alone.'
                    ELSE '' END END
            || CASE WHEN span.implausible_count > 0 THEN ' Dates that take no part, as they are '
                || 'unreadable, before 1982 or in the future: ' || span.implausible_count || '.'
                ELSE '' END AS detail,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM span
        LEFT JOIN holder ON holder.mailbox_id = span.mailbox_id AND holder.kind = span.kind
        LEFT JOIN gaps ON gaps.mailbox_id = span.mailbox_id AND gaps.kind = span.kind
        LEFT JOIN neighbours
            ON neighbours.mailbox_id = span.mailbox_id AND neighbours.kind = span.kind
        LEFT JOIN (SELECT mailbox_id, min(path) AS path FROM mailbox GROUP BY mailbox_id)
            AS mailbox ON mailbox.mailbox_id = span.mailbox_id
"""


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps to `mailbox_profile`.

    Input     place, item, message, header, mailbox, message_class
    Output    mailbox_profile: one row per mailbox and side
    Missing   no holder where fewer than `least_messages` speak for one, or another address fits
              nearly as well; no bound where no message states a time that can be true
    Source    the holder: Delivered-To and its like where `least_delivered_share` of them agree,
              else the address that `least_named_share` of all messages name, while the second
              reaches no more than `most_rival_share` of that. Mail that reached a mailbox bounds
              from below when the mailbox was copied (design, mailboxes).
    Limits    Date is the statement of the sender's clock, and the Received fields of a stolen dump
              are editable: the bound holds if the message is real. A holder is an address,
              not a person. Messages inside messages are not counted.
    """
    personal, lists = personal_sql("holder.holder_address", params.get("own_domains", ()))
    steps = (
        ("touch", _TOUCH),
        ("candidate", _CANDIDATE),
        ("with_delivery", _WITH_DELIVERY),
        ("best", _BEST),
        ("holder", _HOLDER),
        ("timed", _TIMED),
        ("span", _SPAN),
        ("neighbours", _NEIGHBOURS),
        ("months", _MONTHS),
        ("gaps", _GAPS),
    )
    return (
        *(MEMBER, DATED, NAMED, DELIVERED, TOP_RECEIVED, RECEIVED),
        *(Query(name, sql) for name, sql in steps),
        Query("mailbox_profile", _PROFILE.format(is_personal=personal), lists),
    )


ANALYSIS = Analysis(
    name="mailboxes",
    version=VERSION,
    question="leak",
    reads=("place", "item", "message", "header", "mailbox", "message_class"),
    writes=("mailbox_profile",),
    params=PARAMS,
    build=build,
)
