"""Post text: one normal form, its hash, and the tags, names and addresses written in it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'\u3000]+", re.IGNORECASE)
_PLAIN_URL = re.compile(r"https?://[^\s<>\"'\u3000]+")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe0e\ufe0f\ufeff]"
)
# A tag holds letters, marks, digits and underscore, with at least one that is no digit.
_SIGN = r"[#\uff03](?<![\w&/][#\uff03])"
_HASHTAG = re.compile(rf"{_SIGN}(?=\w*[^\W\d])(\w+)")
_JOINERS = "\u200c\u200d"  # Persian and the scripts of India write them within a word
_MENTION = re.compile(r"[@\uff20](?<![\w@/.][@\uff20])([A-Za-z0-9_]{1,20})(?![\w@]|://)")
_REPOST = re.compile(r"RT @([A-Za-z0-9_]{1,20}):? ")
# An escaped backslash, a pair of surrogate escapes, or half a pair (the group).
_ESCAPES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_PLATFORMS = {"twitter": "x", "twitter.com": "x", "x.com": "x"}
_TRAILING = ".,;:!?\u2026\u00bb\u201d\u2019\"')]}>"


@dataclass(frozen=True, slots=True)
class Written:
    """What a text itself shows, as written: tags without #, names without @, addresses."""

    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    urls: tuple[str, ...]


def normalise(text: str) -> str:
    """The text as compared: NFKC, case-folded, addresses and invisible characters out, one space.

    Limits    Addresses go because every share of a text carries its own short link. Mentions
              and hashtags stay: a text sent to another name is another text.
    """
    if "http" in text:
        text = _PLAIN_URL.sub(" ", text)  # nearly all of them, and much faster to find
    is_ascii = text.isascii()
    lowered = text.lower() if is_ascii else text
    if "www." in lowered or "://" in lowered or "WWW." in lowered:
        lowered = _URL.sub(" ", lowered)
    if is_ascii:
        return _single_spaced(lowered)
    # Folding can undo composition, hence composed again.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", lowered).casefold())
    folded = _single_spaced(folded)
    # No format character is printable: the slow look is needed for few texts.
    if folded.isprintable() and "\ufe0f" not in folded and "\ufe0e" not in folded:
        return folded
    return " ".join(_INVISIBLE.sub("", folded).split())


def _single_spaced(text: str) -> str:
    """The text with one space for each run of white space, none at its ends."""
    # The only white space that is printable is the space itself.
    if text.isprintable():
        text = text.strip()
        if "  " not in text:
            return text
    return " ".join(text.split())


def text_hash(text: str) -> str | None:
    """16 hex digits of SHA-256 over the normalised text; None when nothing is left of it."""
    normal = normalise(text)
    if not normal:
        return None
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def hashtag(tag: str) -> str:
    """A hashtag's canonical form: NFKC, case-folded, without the sign.

    Source    UAX #31 and UTS #39 name NFKC with case folding for identifiers of this kind.
              Look-alike letters of different scripts stay different.
    """
    bare = tag.strip().lstrip("#\uff03")
    if bare.isascii():
        return bare.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())


@lru_cache(maxsize=256)
def platform_name(told: str) -> str | None:
    """A platform as ids carry it: lower case, one name for X; None for an empty one."""
    name = " ".join(told.lower().replace(":", "_").split())
    return _PLATFORMS.get(name, name) or None


def written(text: str) -> Written:
    """Tags, names and addresses found in the text itself, in order, each once.

    Limits    A fallback for exports without entities: a platform's own rules differ in places.
    """
    without = text
    urls: tuple[str, ...] = ()
    address = _address_form(text)
    if address is not None:
        urls = tuple(dict.fromkeys(map(_cut, address.findall(text))))
        without = address.sub(" ", text) if urls else text
    tags = _tags(without) if "#" in without or "\uff03" in without else ()
    names = _MENTION.findall(without) if "@" in without or "\uff20" in without else ()
    return Written(tuple(dict.fromkeys(tags)), tuple(dict.fromkeys(names)), urls)


def _tags(text: str) -> list[str]:
    found: list[str] = (_HASHTAG if text.isascii() else _marked_hashtag()).findall(text)
    return found


@cache
def _marked_hashtag() -> re.Pattern[str]:
    """What finds tags whose letters bear marks, at which a word ends: vowels of Hindi or Thai.

    Source    UAX #31 counts Mn and Mc as parts of an identifier; variation selectors, which only
              choose a picture, are left out. Planes 0 and 1.
    """
    marks = "".join(
        chr(code)
        for code in range(0x300, 0x20000)
        if not 0xFE00 <= code <= 0xFE0F and unicodedata.category(chr(code)) in {"Mn", "Mc"}
    )
    part = f"[\\w{marks}]"
    return re.compile(rf"{_SIGN}(?=\w)(?={part}*[^\W\d])({part}+(?:[{_JOINERS}]{part}+)*)")


def _address_form(text: str) -> re.Pattern[str] | None:
    """A form that finds in this text what `_URL` does, and where it can, much faster."""
    marks = text.count("://")
    if "www." in text.lower():
        return _URL
    if not marks:
        return None
    is_plain = text.count("http://") + text.count("https://") == marks
    return _PLAIN_URL if is_plain else _URL


def reposted_handle(text: str) -> str | None:
    """The name after a leading `RT @`, as people marked reposts by hand; None without one."""
    found = _REPOST.match(text)
    return found[1] if found else None


def _cut(address: str) -> str:
    """The address without the punctuation of the sentence around it."""
    while address and address[-1] in _TRAILING:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def without_half_characters(data: bytes) -> bytes | None:
    """JSON bytes with what is no character (bad UTF-8, lone surrogate escapes) as U+FFFD.

    Missing   None when there was nothing of the kind: the bytes are wrong in another way
    """
    text = data.decode("utf-8", "replace")
    repaired = _ESCAPES.sub(_whole, text).encode("utf-8")
    return None if repaired == data else repaired


def _whole(found: re.Match[str]) -> str:
    return "\\ufffd" if found[1] else found[0]
