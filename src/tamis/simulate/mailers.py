"""Programs that write mail, with the grammar of what they generate and the times it holds."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.simulate.dice import Dice

_FILETIME_OF_1970 = 116_444_736_000_000_000
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_="


@dataclass(frozen=True, slots=True)
class Mailer:
    """One program: what it calls itself, its field order, and how it makes ids and boundaries.

    `identified(dice, at_s, domain)` is a Message-ID without brackets, `bounded(dice, at_s)` a
    boundary; `charset` and `encoding` are what it writes for text beyond ASCII.
    """

    name: str
    field: str
    versions: tuple[tuple[int, str], ...]  # released_s, text of X-Mailer or User-Agent
    order: tuple[str, ...]
    identified: Callable[[Dice, int, str], str]
    bounded: Callable[[Dice, int], str]
    charset: str = "utf-8"
    encoding: str = "quoted-printable"
    has_thread_index: bool = False

    def version(self, at_s: int) -> str:
        """What it calls itself at that time."""
        known = [text for released_s, text in self.versions if released_s <= at_s]
        return known[-1] if known else self.versions[0][1]


def _uuid(dice: Dice, *, upper: bool = False) -> str:
    text = "-".join(dice.hexadecimal(n) for n in (8, 4, 4, 4, 12))
    return text.upper() if upper else text


def _filetime(at_s: int, dice: Dice) -> str:
    return f"{_FILETIME_OF_1970 + at_s * 10_000_000 + dice.below(10_000_000):016x}"


def _webmail_id(dice: Dice, at_s: int, domain: str) -> str:
    del at_s, domain
    return "CA" + "".join(dice.pick(_BASE64) for _ in range(48)) + "@mail.courriel-libre.example"


def _outlook_id(dice: Dice, at_s: int, domain: str) -> str:
    stamp = _filetime(at_s, dice)
    return f"{dice.hexadecimal(4)}{stamp[:8]}${stamp[8:]}${dice.hexadecimal(8)}@{domain}"


def _outlook_boundary(dice: Dice, at_s: int) -> str:
    stamp = _filetime(at_s, dice).upper()
    counters = f"{dice.below(4):03X}_{dice.below(4096):04X}"
    return f"----=_NextPart_{counters}_{stamp[:8]}.{stamp[8:]}"


def _apple_id(dice: Dice, at_s: int, domain: str) -> str:
    del at_s
    return f"{_uuid(dice, upper=True)}@{domain}"


def _apple_boundary(dice: Dice, at_s: int) -> str:
    del at_s
    return f"Apple-Mail={'_'}{_uuid(dice, upper=True)}"


def _phone_boundary(dice: Dice, at_s: int) -> str:
    del at_s
    return f"Apple-Mail-{_uuid(dice, upper=True)}"


def _bird_id(dice: Dice, at_s: int, domain: str) -> str:
    if at_s < 1_483_228_800:  # 2017: times until then, random ids since
        return f"{at_s:08X}.{dice.between(1000000, 9999999)}@{domain}"
    return f"{_uuid(dice)}@{domain}"


def _bird_boundary(dice: Dice, at_s: int) -> str:
    del at_s
    return "-" * 12 + dice.hexadecimal(24).upper()


def _script_id(dice: Dice, at_s: int, domain: str) -> str:
    del domain
    return f"{at_s * 100 + dice.below(100)}.{dice.between(10, 9999)}.{dice.bits(40)}@atelier"


def _script_boundary(dice: Dice, at_s: int) -> str:
    del at_s
    return f"==============={dice.between(10**18, 10**19 - 1)}=="


def _web_boundary(dice: Dice, at_s: int) -> str:
    del at_s
    return "001a11" + dice.hexadecimal(22)


def thread_index(dice: Dice, began_s: int, answers: int) -> str:
    """A Thread-Index: the start of the conversation, and five bytes an answer."""
    head = bytes.fromhex(_filetime(began_s, dice)[:12])
    return base64.b64encode(
        head + dice.bits(128).to_bytes(16, "big") + dice.bits(40 * answers or 8).to_bytes(
            5 * answers or 1, "big")[: 5 * answers]
    ).decode()  # fmt: skip


WEBMAIL = Mailer(
    "webmail", "", ((0, ""),),
    ("MIME-Version", "From", "Date", "Message-ID", "Subject", "To", "Content-Type"),
    _webmail_id, _web_boundary, encoding="base64",
)  # fmt: skip
OUTLOOK = Mailer(
    "outlook", "X-Mailer",
    ((0, "Microsoft Outlook 15.0"), (1_443_000_000, "Microsoft Outlook 16.0")),
    ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    _outlook_id, _outlook_boundary, "iso-8859-1", "quoted-printable", has_thread_index=True,
)  # fmt: skip
APPLE = Mailer(
    "apple", "X-Mailer", ((0, "Apple Mail (2.2104)"), (1_474_000_000, "Apple Mail (2.3124)")),
    ("From", "Content-Type", "MIME-Version", "Subject", "Message-ID", "Date", "To"),
    _apple_id, _apple_boundary,
)  # fmt: skip
PHONE = Mailer(
    "phone", "X-Mailer",
    ((0, "iPhone Mail (12H143)"), (1_443_000_000, "iPhone Mail (13G36)"),
     (1_474_000_000, "iPhone Mail (14E304)")),
    ("Content-Type", "From", "MIME-Version", "Date", "Subject", "Message-ID", "To"),
    _apple_id, _phone_boundary,
)  # fmt: skip
BIRD = Mailer(
    "bird", "User-Agent",
    ((0, "Mozilla/5.0 (X11; Linux x86_64; rv:31.0) Gecko/20100101 Thunderbird/31.0"),
     (1_435_000_000, "Mozilla/5.0 (X11; Linux x86_64; rv:38.0) Gecko/20100101 Thunderbird/38.0"),
     (1_462_000_000, "Mozilla/5.0 (X11; Linux x86_64; rv:45.0) Gecko/20100101 Thunderbird/45.0")),
    ("To", "From", "Subject", "Message-ID", "Date", "MIME-Version", "Content-Type"),
    _bird_id, _bird_boundary, "utf-8", "8bit",
)  # fmt: skip
SCRIPT = Mailer(
    "script", "X-Mailer", ((0, "Postier 1.2"),),
    ("Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID"),
    _script_id, _script_boundary, "utf-8", "base64",
)  # fmt: skip
"""The adversary's own program: nobody in the correspondence uses it."""
