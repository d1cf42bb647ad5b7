"""The measures of header forensics: how far clocks disagree, how rare a habit is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.plan import Query

if TYPE_CHECKING:
    from tamis.plan import Step

DATE_GROUP, ZONE_GROUP = "sender_clock", "zone"
PROGRAM_GROUP, THREAD_GROUP = "program", "thread"
# Whatever breaks signatures on the way (gateways, lists, stores) also rewrites these, puts a banner
# in its own language above them, or takes its time. A verified message cannot show how often that
# befalls honest ones: shown, never counted.
TRANSPORT_GROUP = "transport"


@dataclass(frozen=True, slots=True)
class Signal:
    """One measure: its group, unit, the field it stands in, its words, and its SQL over `profile`.

    A habit has `classed`, the class whose rarity is measured, and `keyed`, whose habit it is; any
    other measure has `measured`.
    """

    name: str
    group: str
    unit: str
    field: str
    words: str
    measured: str = ""
    classed: str = ""
    keyed: str = ""
    is_natural: bool = False

    @property
    def odd_above(self) -> float:
        """What is worth showing where no rate is known: any disorder, a habit never seen.

        A delay is natural, and is shown nowhere without its rate. A class that none of four or
        more learnt messages has is rarer than 1 in 10 by the smoothed share.
        """
        if self.is_natural:
            return 1e300
        return math.log(9.99) if self.classed else 0.0


def _apart(one: str, other: str) -> str:
    return f"abs(date_diff('microsecond', {other}, {one})) / 1e6"


def _later(one: str, other: str) -> str:
    """Seconds by which `one` is later than `other`, 0 if it is not; NULL where one is absent."""
    return (
        f"CASE WHEN {one} > {other} THEN date_diff('microsecond', {other}, {one}) / 1e6 "
        f"WHEN {one} <= {other} THEN 0 END"
    )


def _clock(name: str, field: str, words: str, measured: str, unit: str = "seconds") -> Signal:
    return Signal(name, DATE_GROUP, unit, field, words, measured)


def _wait(name: str, group: str, field: str, words: str, measured: str) -> Signal:
    return Signal(name, group, "seconds", field, words, measured, is_natural=True)


def _habit(name: str, group: str, field: str, words: str, classed: str, keyed: str) -> Signal:
    return Signal(name, group, "nats", field, words, "", classed, keyed)


_SENDER = "sender"
_HOUSE = "from_domain || ' ' || mailer_family"
_STARTED = "CASE WHEN is_thread_start THEN {both} ELSE {later} END".format(
    both=_apart("sent_at", "thread_at"), later=_later("thread_at", "sent_at")
)
_SIGNALS = (
    _clock("date_after_relay", "date", "Date is later than the first relay took the message",
           _later("sent_at", "first_at")),
    _wait("date_before_relay", TRANSPORT_GROUP, "date",
          "Date is earlier than the first relay took the message",
           _later("first_at", "sent_at")),
    _clock("date_after_neighbours", "date", "Date is later than its neighbours' in the mailbox",
           "apart_s"),
    _clock("reply_before_original", "date", "Date is earlier than that of the message it answers",
           _later("answered_at", "sent_at")),
    _wait("id_time_off", DATE_GROUP, "message-id",
          "Date differs from the time inside the Message-ID",
           _apart("sent_at", "id_at")),
    _clock("answered_id_later", "in-reply-to", "the id it answers states a time after Date",
           _later("reply_id_at", "sent_at")),
    _wait("boundary_time_off", TRANSPORT_GROUP, "content-type",
          "Date differs from the time inside the boundary",
           _apart("sent_at", "boundary_at")),
    _wait("thread_time_off", DATE_GROUP, "thread-index",
          "Date contradicts the time inside Thread-Index",
           _STARTED),
    _clock("date_after_signing", "date", "Date is later than the signer's t=",
           _later("sent_at", "signed_at")),
    _clock("software_newer", "x-mailer", "the mailer's version was released after Date",
           f"({_later('released_at', 'sent_at')}) / 86400", "days"),
    _clock("weekday_wrong", "date", "Date names another day of the week than its date has",
           "CAST(is_weekday_wrong AS DOUBLE)", "flag"),
    Signal("relays_backwards", TRANSPORT_GROUP, "seconds", "received",
           "a relay states an earlier time than the one before it", "inversion_s"),
    _wait("relay_delay", TRANSPORT_GROUP, "received", "the message lay between two relays",
          "delay_s"),
    _habit("zone_of_sender", ZONE_GROUP, "date", "the zone of Date is rare for the sender",
           "CAST(sent_offset_s AS VARCHAR)", _SENDER),
    _habit("zone_of_season", ZONE_GROUP, "date", "the zone of Date is rare for the sender in that "
           "month of the year", "CAST(sent_offset_s AS VARCHAR)",
           "sender || ' ' || month(sent_at)"),
    _habit("mailer_of_sender", PROGRAM_GROUP, "x-mailer", "the mailer is rare for the sender",
           "mailer_family", _SENDER),
    _habit("id_of_sender", PROGRAM_GROUP, "message-id", "the grammar of the Message-ID is rare for "
           "the sender", "id_shape", _SENDER),
    _habit("id_of_mailer", PROGRAM_GROUP, "message-id", "the grammar of the Message-ID is rare for "
           "the domain's mail from this mailer", "id_shape", _HOUSE),
    _habit("id_host_of_sender", PROGRAM_GROUP, "message-id", "the host in the Message-ID is rare "
           "for the sender", "id_host", _SENDER),
    _habit("boundary_of_sender", TRANSPORT_GROUP, "content-type", "the grammar of the boundary is "
           "rare for the sender", "boundary_shape", _SENDER),
    _habit("boundary_of_mailer", TRANSPORT_GROUP, "content-type", "the grammar of the boundary is "
           "rare for the domain's mail from this mailer", "boundary_shape", _HOUSE),
    _habit("order_of_sender", TRANSPORT_GROUP, "from", "the order of header fields is rare for the "
           "sender", "field_order", _SENDER),
    _habit("order_of_mailer", TRANSPORT_GROUP, "from", "the order of header fields is rare for the "
           "domain's mail from this mailer", "field_order", _HOUSE),
    _habit("charset_of_sender", TRANSPORT_GROUP, "content-type", "the charset is rare for "
           "the sender", "charset", _SENDER),
    _habit("encoding_of_sender", TRANSPORT_GROUP, "content-type", "the transfer encoding is "
           "rare for the sender", "transfer_encoding", _SENDER),
    _habit("language_of_sender", TRANSPORT_GROUP, "subject", "the language is rare for the sender",
           "language", _SENDER),
)  # fmt: skip
SIGNALS = {one.name: one for one in _SIGNALS}

# One of several verified copies of a Message-ID speaks for all. Which fold it falls into depends
# on its hash: nobody can choose it for messages whose signature holds without signing anew.
_CHOSEN = """
    SELECT profile.*, first.item_id IS NOT NULL AS is_counted,
        CASE WHEN first.item_id IS NULL THEN 'judged'
            WHEN substr(md5(profile.item_id), 1, 1) IN ('0', '1', '2', '3', '4') THEN 'learn'
            ELSE 'calibrate' END AS fold
    FROM profile LEFT JOIN (
        SELECT min(item_id) AS item_id FROM profile WHERE is_verified
        GROUP BY coalesce(message_id, item_id)
    ) AS first ON first.item_id = profile.item_id
"""
# Rarity is learnt from the learning fold; its own messages are measured by what remains of the
# habit without them.
_RARITY = """
    SELECT habit.item_id AS item_id, habit.signal AS signal,
        -ln((coalesce(shared.class_count, 0) - habit.own + 0.5) / (known.key_count - habit.own + 1))
            AS measured
    FROM habit JOIN (
        SELECT signal, habit_key, count(*) AS key_count FROM habit WHERE own = 1
        GROUP BY signal, habit_key
    ) AS known ON known.signal = habit.signal AND known.habit_key = habit.habit_key
    LEFT JOIN (
        SELECT signal, habit_key, habit_class, count(*) AS class_count FROM habit WHERE own = 1
        GROUP BY signal, habit_key, habit_class
    ) AS shared ON shared.signal = habit.signal AND shared.habit_key = habit.habit_key
        AND shared.habit_class = habit.habit_class
    WHERE known.key_count > habit.own
"""


def steps() -> tuple[Step, ...]:
    """The steps to `measure`: one row for each message and measure that applies to it.

    Output    `chosen`: profile with fold (learn, calibrate or judged); `measure`: item_id, signal,
              measured, larger being odder
    Missing   no row where a measure does not apply: a field is absent, or nobody's habit is known
    Source    rarity is -ln((k + 1/2) / (n + 1)), k of n learnt messages of the same key being of
              the same class: a habit seen once says little, however rare
    """
    clocks = " UNION ALL ".join(
        f"SELECT item_id, '{one.name}' AS signal, CAST({one.measured} AS DOUBLE) AS measured "  # noqa: S608
        "FROM chosen"
        for one in _SIGNALS
        if one.measured
    )
    habits = " UNION ALL ".join(
        f"SELECT item_id, '{one.name}' AS signal, {one.keyed} AS habit_key, "  # noqa: S608
        f"{one.classed} AS habit_class, CAST(fold = 'learn' AS INTEGER) AS own FROM chosen"
        for one in _SIGNALS
        if one.classed
    )
    return (
        Query("chosen", _CHOSEN),
        Query("clock_measure", f"SELECT * FROM ({clocks}) WHERE measured IS NOT NULL"),  # noqa: S608
        Query(
            "habit",
            f"SELECT * FROM ({habits}) WHERE habit_key IS NOT NULL AND habit_class IS NOT NULL",  # noqa: S608
        ),
        Query("rarity", _RARITY),
        Query("measure", "SELECT * FROM clock_measure UNION ALL SELECT * FROM rarity"),
    )
