"""Times that programs hide in identifiers: Message-ID, MIME boundary, Thread-Index."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

_LONGEST = 300
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A number outside of these years is no time: it is a counter, or chance.
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_OUTLOOK_ID = re.compile(r"[0-9a-f]{4}([0-9a-f]{8})\$([0-9a-f]{8})\$[0-9a-f]{8}\$?@")
_MOZILLA_ID = re.compile(r"([0-9A-F]{8})\.[0-9]{1,8}@")
_MILLIS_ID = re.compile(r"(?:.{0,40}\.)?([0-9]{13})\.(?:JavaMail|Mail)\b")
_CENTIS_ID = re.compile(r"([0-9]{12})\.[0-9]{1,10}\.[0-9]{5,20}@")
_DIGITS_ID = re.compile(r"([0-9]{14}|[0-9]{12})\.[0-9A-Za-z]")
_OUTLOOK_BOUNDARY = re.compile(
    r"-{2,8}=_NextPart_[0-9A-F]{3}_[0-9A-F]{4}_([0-9A-F]{8})\.([0-9A-F]{8})"
)
_JAVA_BOUNDARY = re.compile(r"-{2,8}=_Part_[0-9]{1,10}_-?[0-9]{1,12}\.([0-9]{13})")


def id_time(message_id: str | None) -> datetime | None:
    """The time a Message-ID states, if its grammar is one of those that hold a time.

    Source    Outlook (counter and FILETIME in hex), Mozilla before 2018 (Unix time in upper-case
              hex), JavaMail (milliseconds), Python's make_msgid (hundredths of a second), and the
              written-out digits of Postfix, Sendmail and Mutt; read off public mail.
    Missing   None where no grammar fits or the number is no time between 1990 and 2100.
    Limits    Digits written out may be in the zone of the host: read as UTC. What it says is the
              clock of the program that made the id.
    """
    text = (message_id or "")[:_LONGEST]
    if match := _OUTLOOK_ID.match(text):
        return _filetime(match[1] + match[2])
    if match := _MOZILLA_ID.match(text):
        return _unix(int(match[1], 16))
    if match := _MILLIS_ID.match(text):
        return _unix(int(match[1]) / 1000)
    if match := _CENTIS_ID.match(text):
        return _unix(int(match[1]) / 100)
    if match := _DIGITS_ID.match(text):
        return _digits(match[1])
    return None


def boundary_time(boundary: str | None) -> datetime | None:
    """The time a MIME boundary states: Outlook's FILETIME, or JavaMail's milliseconds.

    Missing   None where the boundary has another grammar.
    """
    text = (boundary or "")[:_LONGEST]
    if match := _OUTLOOK_BOUNDARY.match(text):
        return _filetime(match[1] + match[2])
    if match := _JAVA_BOUNDARY.match(text):
        return _unix(int(match[1]) / 1000)
    return None


def thread_time(index: str | None) -> tuple[datetime, bool] | None:
    """When the conversation of a Thread-Index began, and whether this message began it.

    Source    MS-OXOMSG 2.2.1.3: the first six bytes are the upper six of a FILETIME; each answer
              adds five bytes, whose differences are not read here.
    Missing   None where it is no such index.
    Limits    For an answer only a lower bound: it is no earlier than its conversation.
    """
    text = "".join((index or "")[:4000].split())
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) < 22 or (len(data) - 22) % 5:
        return None
    began = _filetime(data[:6].hex() + "0000")
    return None if began is None else (began, len(data) == 22)


def _filetime(digits: str) -> datetime | None:
    return _plausible(_FILETIME_EPOCH, int(digits, 16) / 1e7)


def _unix(seconds: float) -> datetime | None:
    return _plausible(_UNIX_EPOCH, seconds)


def _plausible(epoch: datetime, seconds: float) -> datetime | None:
    if seconds > 2e10:
        return None
    found = epoch + timedelta(seconds=seconds)
    return found if _FIRST <= found < _LAST else None


def _digits(text: str) -> datetime | None:
    form = "%Y%m%d%H%M%S" if len(text) == 14 else "%Y%m%d%H%M"
    try:
        found = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if _FIRST <= found < _LAST else None
