"""Programs that write mail: the family a mailer names, and when its version came out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_LONGEST = 300
_NAMED = (
    "thunderbird",
    "iphone mail",
    "ipad mail",
    "apple mail",
    "microsoft outlook express",
    "microsoft outlook",
    "evolution",
    "seamonkey",
    "mutt",
    "kmail",
    "roundcube",
    "k-9 mail",
)
_WORDS = re.compile(r"[a-z][a-z &!'._-]{0,40}")
_THUNDERBIRD = re.compile(r"Thunderbird/([0-9]{1,3}(?:\.[0-9]{1,3})?)")
_APPLE_MOBILE = re.compile(r"i(?:Phone|Pad|Pod) Mail \(([0-9]{1,2})[A-H][0-9]{1,4}[a-z]?\)")
_OUTLOOK = re.compile(r"Microsoft (?:Office )?Outlook,?(?: Build)? ([0-9]{2})\.")

# First general release, as (year, month, day). Sources: Mozilla's release notes of Thunderbird;
# Apple's announcements of iOS (the letter build of a device starts with the number given here);
# Microsoft's life-cycle pages for Office. Test versions came out weeks or months before.
_THUNDERBIRD_RELEASES = {
    "1.0": (2004, 12, 7),
    "2.0": (2007, 4, 18),
    "3.0": (2009, 12, 8),
    "3.1": (2010, 6, 24),
    "5.0": (2011, 6, 28),
    "6.0": (2011, 8, 16),
    "7.0": (2011, 9, 27),
    "8.0": (2011, 11, 8),
    "9.0": (2011, 12, 20),
    "10.0": (2012, 1, 31),
    "17.0": (2012, 11, 20),
    "24.0": (2013, 9, 17),
    "31.0": (2014, 7, 22),
    "38.0": (2015, 6, 11),
    "45.0": (2016, 4, 12),
    "52.0": (2017, 4, 4),
    "60.0": (2018, 8, 6),
    "68.0": (2019, 8, 27),
    "78.0": (2020, 7, 17),
    "91.0": (2021, 8, 11),
    "102.0": (2022, 6, 28),
    "115.0": (2023, 7, 11),
}
_IOS_RELEASES = {
    "7": (2009, 6, 17),
    "8": (2010, 6, 21),
    "9": (2011, 10, 12),
    "10": (2012, 9, 19),
    "11": (2013, 9, 18),
    "12": (2014, 9, 17),
    "13": (2015, 9, 16),
    "14": (2016, 9, 13),
    "15": (2017, 9, 19),
    "16": (2018, 9, 17),
    "17": (2019, 9, 19),
    "18": (2020, 9, 16),
    "19": (2021, 9, 20),
    "20": (2022, 9, 12),
    "21": (2023, 9, 18),
}
_OUTLOOK_RELEASES = {
    "10": (2001, 5, 31),
    "11": (2003, 10, 21),
    "12": (2007, 1, 30),
    "14": (2010, 6, 15),
    "15": (2013, 1, 29),
    "16": (2015, 9, 22),
}


@lru_cache(maxsize=8192)
def family(mailer: str | None) -> str:
    """The program that X-Mailer or User-Agent names, without versions; `none` where it is absent.

    Limits    What the field states. Programs that are not listed are told apart by the words they
              begin with.
    """
    text = (mailer or "").strip()[:_LONGEST].lower()
    if not text:
        return "none"
    for name in _NAMED:
        if name in text:
            return name
    found = _WORDS.match(text)
    return found[0].strip(" -._'") if found else "other"


@lru_cache(maxsize=8192)
def released_at(mailer: str | None) -> datetime | None:
    """When the version that a mailer states was first released to all.

    Missing   None where no version is read or its day is not known for certain.
    Source    `_THUNDERBIRD_RELEASES`, `_IOS_RELEASES`, `_OUTLOOK_RELEASES` and the comment there.
    Limits    Test versions carry the same numbers weeks or months before. A minor version is
              taken as its major one, which came out earlier.
    """
    text = (mailer or "")[:_LONGEST]
    day: tuple[int, int, int] | None = None
    if match := _THUNDERBIRD.search(text):
        major = match[1].partition(".")[0]
        day = _THUNDERBIRD_RELEASES.get(match[1]) or _THUNDERBIRD_RELEASES.get(f"{major}.0")
    elif match := _APPLE_MOBILE.search(text):
        day = _IOS_RELEASES.get(match[1])
    elif match := _OUTLOOK.search(text):
        day = _OUTLOOK_RELEASES.get(match[1])
    return None if day is None else datetime(*day, tzinfo=UTC)
