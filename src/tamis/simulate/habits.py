"""Correspondence with habits: senders, programs, clocks and relays as honest mail has them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.dice import Dice, Weighted
from tamis.simulate.mailers import (
    APPLE,
    BIRD,
    OUTLOOK,
    PHONE,
    SCRIPT,
    WEBMAIL,
    Mailer,
    thread_index,
)
from tamis.simulate.mime import Mail, quoted_printable
from tamis.simulate.mime import words as encoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate.signing import Field

_FIRST_AT, _LAST_AT = clock.seconds(2015, 1, 5), clock.seconds(2017, 4, 20)
_HOLDER = "maelor.tavrenne@azurine.example"
# Days on which summer time began and ended, at 01:00 UTC.
_SUMMERS = (
    (clock.seconds(2015, 3, 29, 1), clock.seconds(2015, 10, 25, 1)),
    (clock.seconds(2016, 3, 27, 1), clock.seconds(2016, 10, 30, 1)),
    (clock.seconds(2017, 3, 26, 1), clock.seconds(2017, 10, 29, 1)),
)
# A gateway that rebuilds what it scans, holds it back, and so breaks every signature.
_GATEWAY_SHARE = 0.05
FORGERIES = ("stranger", "pretender", "own_route", "redated", "copycat")


@dataclass(frozen=True, slots=True)
class House:
    """One infrastructure: its relays, the domains behind it, and whether its mail verifies."""

    relay: str
    domains: tuple[str, ...]
    mailers: tuple[Mailer, ...]
    verified_share: float
    skew_s: int


HOUSES = (
    House("smtp.courriel-libre.example", ("courriel-libre.example", "cabinet-v.example",
          "asso-lurgane.example"), (WEBMAIL, PHONE), 0.75, 0),
    House("out.hebergeur-nord.example", ("mairie-lurgane.example", "quai-imprime.example",
          "archipel.example", "theatre-b.example"), (OUTLOOK, APPLE, PHONE), 0.6, -45),
    House("mail.azurine.example", ("azurine.example",), (OUTLOOK, BIRD), 0.7, 20),
    House("relay.vieux-relais.example", ("vieux-relais.example",), (BIRD, OUTLOOK), 0.0, 400),
)  # fmt: skip
_HOUSES = Weighted(((HOUSES[0], 5), (HOUSES[1], 4), (HOUSES[2], 5), (HOUSES[3], 1)))


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody with habits: programs, home zone, languages, and a clock that may be off."""

    name: str
    address: str
    house: House
    mailers: tuple[Mailer, ...]
    zone_s: int
    second_language_share: float
    clock_off_s: int
    misses_summer: bool
    travels: tuple[tuple[int, int, int], ...]  # from, to, offset there


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message is before it is written: times, program, zone, language, parent."""

    sender: Sender
    mailer: Mailer
    sent_s: int  # true time
    stated_s: int  # what Date says
    made_s: int  # when ids were made, by the sender's clock
    offset_s: int
    language: str
    message_id: str
    parent: str | None
    thread_began_s: int
    weekday_off: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """One message as bytes, and what is true of it."""

    raw: bytes
    message_id: str
    sender: str
    true_class: str  # honest, or one of FORGERIES
    is_verified: bool


def correspondence(seed: int, count: int, *, forged: int = 0) -> Iterator[Posted]:
    """`count` honest messages and `forged` of each kind of forgery, reproducible from the seed.

    Source    rates of honest noise after the facts measured on 517 real mails: three in ten chains
              of relays run backwards by over a minute, one in twenty Dates is over five minutes
              after the first relay; the rest (travel, missed summer time, dead clocks, drafts,
              second programs and languages) is assumed, and rich rather than poor.
    Limits    Invented: it shows that the arithmetic holds, not that real mail is like it.
    """
    dice = Dice(seed, "habits")
    senders = [_sender(dice, rank) for rank in range(max(12, count // 60))]
    weighted = Weighted([(one, 1 + 240 // (rank + 3)) for rank, one in enumerate(senders)])
    known: list[Letter] = []
    for _ in range(count):
        letter = _letter(dice, dice.weighted(weighted), known)
        known.append(letter)
        mail, at_s = _written(letter, dice), letter.sent_s
        is_verified = dice.chance(letter.sender.house.verified_share)
        if dice.chance(_GATEWAY_SHARE):
            mail, is_verified = _rewritten(mail, dice), False
            at_s += int(dice.tail(1200, 3 * 86_400))
        mail = _carried(mail, replace(letter, sent_s=at_s), dice)
        yield _posted(letter, mail, "honest", is_verified=is_verified)
    targets = [one for one in known if one.sender.house.verified_share > 0]
    for kind in FORGERIES:
        for _ in range(forged):
            yield _forged(dice, kind, dice.pick(targets), known)


def _sender(dice: Dice, rank: int) -> Sender:
    house = dice.weighted(_HOUSES)
    first = dice.pick(house.mailers)
    mailers = (first,) if dice.chance(0.6) else (first, first, first, dice.pick(house.mailers))
    travels = []
    for _ in range(dice.below(4)):
        begin = dice.between(_FIRST_AT, _LAST_AT)
        travels.append((begin, begin + dice.between(2, 15) * 86_400,
                        dice.pick((0, 10_800, -18_000, -14_400, 28_800))))  # fmt: skip
    off = dice.between(-20, 20)
    if dice.chance(0.08):
        off = dice.between(-1800, 1800)
    if dice.chance(0.01):
        off = -dice.between(1, 400) * 86_400
    return Sender(
        f"Correspondant {rank}", f"p{rank}@{dice.pick(house.domains)}", house, mailers,
        3600 if dice.chance(0.9) else dice.pick((0, 7200, -18_000)), dice.pick((0.0, 0.03, 0.2)),
        off, dice.chance(0.03), tuple(travels),
    )  # fmt: skip


def _letter(dice: Dice, sender: Sender, known: list[Letter]) -> Letter:
    at_s = dice.between(_FIRST_AT, _LAST_AT)
    mailer = dice.pick(sender.mailers)
    stated = at_s + sender.clock_off_s + dice.between(-2, 2)
    if dice.chance(0.002):  # a battery that died
        stated = clock.seconds(2010, 1, 1) + dice.below(86_400)
    made = stated
    if dice.chance(0.04):  # a draft that waited
        made -= int(dice.tail(3600, 20 * 86_400))
    parent = dice.pick(known) if known and dice.chance(0.5) else None
    if parent is not None and parent.sent_s >= at_s:
        parent = None
    began = parent.thread_began_s if parent else made
    domain = sender.address.rpartition("@")[2]
    return Letter(
        sender, mailer, at_s, stated, made, _offset(dice, sender, at_s),
        "en" if dice.chance(sender.second_language_share) else "fr",
        mailer.identified(dice, made, domain), parent.message_id if parent else None, began,
    )  # fmt: skip


def _offset(dice: Dice, sender: Sender, at_s: int) -> int:
    for begin, end, offset in sender.travels:
        if begin <= at_s < end:
            return offset
    summer = any(begin <= at_s < end for begin, end in _SUMMERS)
    if sender.misses_summer and dice.chance(0.1):
        summer = not summer
    return sender.zone_s + 3600 * summer


def _written(letter: Letter, dice: Dice) -> Mail:
    """The message as its program writes it."""
    mailer = letter.mailer
    boundary = mailer.bounded(dice, letter.made_s)
    text = words.paragraph(dice, letter.language, 3)
    plain = text.isascii()
    charset = "us-ascii" if plain else mailer.charset
    data = text.encode("utf-8" if charset == "utf-8" else "latin-1", "replace")
    encoding = "7bit" if plain else mailer.encoding
    if encoding == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        data = quoted_printable(data.decode("latin-1"))
    head = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}'
    body = f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + f"\r\n--{boundary}--\r\n".encode()
    date = clock.mail_date(letter.stated_s, letter.offset_s)
    if letter.weekday_off:
        days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        date = days[(days.index(date[:3]) + letter.weekday_off) % 7] + date[3:]
    values = {
        "From": f"{letter.sender.name} <{letter.sender.address}>",
        "To": _HOLDER,
        "Subject": encoded(words.subject(dice, letter.language)),
        "Date": date,
        "Message-ID": f"<{letter.message_id}>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/mixed; boundary="{boundary}"',
    }
    fields: list[Field] = [(name, values[name]) for name in mailer.order]
    if letter.parent:
        fields.append(("In-Reply-To", f"<{letter.parent}>"))
    if mailer.has_thread_index:
        answers = dice.between(1, 4) if letter.parent else 0
        fields.append(("Thread-Index", thread_index(dice, letter.thread_began_s, answers)))
    if mailer.field:
        fields.append((mailer.field, mailer.version(letter.sent_s)))
    return Mail(tuple(fields), body)


def _carried(mail: Mail, letter: Letter, dice: Dice, *, relay: str | None = None) -> Mail:
    """The message with three relays on top: delays with heavy tails, clocks that disagree."""
    house = letter.sender.house
    at = letter.sent_s + int(dice.tail(3, 6 * 3600)) + house.skew_s
    middle = at - house.skew_s + int(dice.tail(4, 2 * 86_400))
    if dice.chance(0.3):
        middle = at - dice.between(61, 900)
    last = max(middle, at) + dice.between(0, 3)
    hosts = (relay or house.relay, "mx1.azurine.example", "store.azurine.example")
    times = (at, middle, last)
    for host, when in zip(hosts, times, strict=True):
        source = f"hote-{dice.below(99)}.example"
        stated = clock.mail_date(when, dice.pick((0, 7200)))
        value = f"from {source} by {host} with ESMTPS id {dice.hexadecimal(12)};\r\n\t{stated}"
        mail = mail.topped(("Received", value))
    return mail


def _rewritten(mail: Mail, dice: Dice) -> Mail:
    """The message as a scanning gateway rebuilds it: another boundary, order, encoding, charset."""
    boundary = f"=_gw_{dice.hexadecimal(16)}"
    old = mail.get("Content-Type").partition('boundary="')[2].rstrip('"')
    text = mail.body.partition(b"\r\n\r\n")[2].partition(f"\r\n--{old}--".encode())[0]
    head = "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: base64"
    body = f"--{boundary}\r\n{head}\r\n\r\n".encode()
    body += base64.encodebytes(text).replace(b"\n", b"\r\n") + f"--{boundary}--\r\n".encode()
    changed = mail.changed("Content-Type", f'multipart/mixed; boundary="{boundary}"')
    return Mail(tuple(sorted(changed.fields)), body)


def _posted(letter: Letter, mail: Mail, true_class: str, *, is_verified: bool = False) -> Posted:
    return Posted(mail.render(), letter.message_id, letter.sender.address, true_class, is_verified)


def _forged(dice: Dice, kind: str, model: Letter, known: list[Letter]) -> Posted:
    """A message that its sender never wrote, in the style of one adversary.

    `stranger` uses his own program, machine and zone, below the relays of a real message;
    `pretender` besides writes the sender's program into X-Mailer and types the Date by hand;
    `own_route` invents the relays too; `redated` changes nothing but the Date of a real message;
    `copycat` knows every habit.
    """
    sender = model.sender
    if kind == "copycat":
        letter = _letter(dice, sender, known)
        return _posted(letter, _carried(_written(letter, dice), letter, dice), kind)
    if kind == "redated":
        moved = model.stated_s - dice.between(1, 60) * 86_400
        letter = replace(model, stated_s=moved)
        mail = _carried(_written(letter, dice), letter, dice)
        return _posted(letter, mail, kind)
    letter = replace(model, mailer=SCRIPT, offset_s=10_800, parent=None)
    made = model.sent_s + dice.between(30, 500) * 86_400  # forged long afterwards
    domain = sender.address.rpartition("@")[2]
    letter = replace(letter, made_s=made, message_id=SCRIPT.identified(dice, made, domain))
    if kind == "pretender":
        letter = replace(letter, stated_s=model.stated_s + dice.between(-7200, 7200),
                         weekday_off=int(dice.chance(0.3)))  # fmt: skip
    mail = _written(letter, dice)
    if kind == "pretender":
        claimed = model.mailer
        mail = replace(mail, fields=tuple(f for f in mail.fields if f[0] != SCRIPT.field))
        if claimed.field:
            told: Field = (claimed.field, claimed.version(model.sent_s))
            mail = replace(mail, fields=(*mail.fields, told))
    relay = "smtp.depot-libre.example" if kind == "own_route" else None
    return _posted(letter, _carried(mail, letter, dice, relay=relay), kind)
