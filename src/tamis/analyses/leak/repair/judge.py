"""Whether what was undone is the work of carriers, an edit, or neither for certain.

A hit of the search proves what was signed; who changed it and why it does not say. Whatever honest
transport, lists and gateways do must never be called an edit, so everything in doubt is
`unexplained`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.field_words import MARKS
from tamis.analyses.leak.repair.shown import differences, show
from tamis.syntax.mail import date
from tamis.syntax.mail.reading_text import Grade
from tamis.syntax.mail.relaxed import judge_relaxed
from tamis.syntax.mail.words import text_of

if TYPE_CHECKING:
    from tamis.analyses.leak.repair.aim import Letter
    from tamis.analyses.leak.repair.shown import Difference, Showing

EDITED = "small_edit_undone"
_CUTS = frozenset(
    {"text_at_end_removed", "text_at_edge_removed", "text_on_top_removed", "parts_removed"}
)
_URL = re.compile(r"(?i)(?:[a-z]{3,9}://|www\.)([^/\s?#>\"']+)")
_CARRIER_WORDS = re.compile(
    rf"(?i)\b(?:{MARKS}|"
    r"unsubscribe|d[ée]sabonner|abmelden|mailing ?list|list ?info|liste de diffusion"
    r"|disclaimer|confidentiality|confidentiel|vertraulich|intended (?:solely|only)"
    r"|intended recipient|destinataire|scanned|scann[ée]|virus(?:es)?|antivirus|malware|mailscanner"
    r"|do not click|ne cliquez pas|outside (?:of )?(?:the|your) organi[sz]ation|originated from"
    r"|provient de l'ext[ée]rieur|exp[ée]diteur externe|external (?:e-?mail|sender)|do not open"
    r"|sender you trust|trust the sender|report (?:this|phishing|suspicious)|phish|spam"
    r"|sent (?:by|from|via|using)|envoy[ée] (?:de|depuis|par)|gesendet|google groups|yahoo! groups"
    r"|to post to this|you received this|vous recevez|manage (?:your )?(?:subscription|preferences)"
    r"|privacy policy|before printing|avant d'imprimer|click here to"
    r"|this (?:e-?mail|message) (?:was|has been|is|and|may|contains)|ce (?:message|courriel|mail)"
    r"|diese e-?mail|you don't often get|learn why this is important|message clipped"
    r"|attachments? (?:was|were|has been|have been)"
    r")\b"
)
_RULE = re.compile(r"[_\-=*#~]{5,}|\A--\Z")
_QUOTED = re.compile(r">|-{3,}|_{3,}|(?:From|De|Von|Da|Van):\Z")
_WROTE = re.compile(
    r"(?i)\A(?:wrote|writes|écrit|ecrit|schrieb|scritto|escribi[óo]|escreveu|schreef)\b"
)
_DOCUMENT = re.compile(
    r"(?i)\.(?:docx?|xlsx?|pptx?|pdf|odt|ods|odp|rtf|csv|zip|rar|7z|exe|js|lnk)\Z"
)
_TYPOGRAPHY = str.maketrans("\u2019\u2018\u201c\u201d\u2013\u2014", "''\"\"--")
_REDACTED = re.compile(
    r"[x*#.\[\]_-]+\Z|\W*(?:removed|redacted|hidden|deleted)\W*\Z", re.IGNORECASE
)
# Some readers end a line at a lone CR, others do not.
_CONTROLS = re.compile(rb"\r(?!\n)|\0")
_ZONE_STEP_S = 900
_ZONE_MOST_S = 14 * 3600


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the undone change is: the outcome, a reason, and what stood and stands there.

    `outcome` is damage, edit or unexplained; `is_display_changed` says that what readers show of
    the message as found differs from what was signed, beyond white space, or that some reader
    could show it otherwise.
    """

    outcome: str
    why: str
    before_text: str | None
    after_text: str | None
    is_display_changed: bool


def judge(signed: Letter, found: Letter, steps: tuple[str, ...], *, may_accuse: bool) -> Judgement:
    """What the difference between the signed and the found message is.

    Input     `may_accuse` says that the key is one that only the signer holds, and that nobody
              else's signature holds over the message as found.
    """
    one, other = show(signed), show(found)
    fields = differences(one.fields, other.fields)
    texts = differences(one.texts, other.texts)
    told = [*(fields or ()), *(texts or ())]
    is_changed = one != other or is_disputed(found)
    first = told[0] if told else None
    before = None if first is None else first.excerpt(first.signed)
    after = None if first is None else first.excerpt(first.found)
    is_list = bool(found.display.list_marks)
    if EDITED in steps:
        outcome, why = _of_edit(one, other, told, _judge_dates(signed, found))
    elif _CUTS.intersection(steps):
        outcome, why = _of_cut(one, other, texts or [], is_list=is_list)
    else:
        outcome, why = "damage", "every step is one that carriers take"
    if outcome == "edit" and (is_list or not may_accuse):
        outcome = "unexplained"
        why += "; but it passed a list, or another signer's hands, or the key proves nothing"
    if texts is None or (is_changed and first is None):
        before, after = _name_parts(one, other)
    return Judgement(outcome, why, before, after, is_changed)


def is_disputed(found: Letter) -> bool:
    """Whether readers could take a message apart in different ways, whatever we make of it."""
    if found.display.defects or found.display.conflicts or _CONTROLS.search(found.raw):
        return True
    return judge_relaxed(found.raw, found.headers, ("relaxed", "relaxed")).grade < Grade.EVIDENT


def _name_parts(signed: Showing, found: Showing) -> tuple[str | None, str | None]:
    """What only one of the two shows: files and texts, by name and first words."""
    pair = []
    for one, other in ((signed, found), (found, signed)):
        told = [f"{name or kind}" for kind, name, digest in one.files
                if (kind, name, digest) not in other.files]  # fmt: skip
        known = {text.words for text in other.texts}
        told += [" ".join(text.words[:60]) for text in one.texts if text.words not in known]
        links = {link for text in other.texts for link in text.links}
        told += [link for text in one.texts for link in text.links if link not in links][:5]
        pair.append("; ".join(told)[:400] or None)
    return pair[0], pair[1]


def _of_cut(
    signed: Showing, found: Showing, told: list[Difference], *, is_list: bool
) -> tuple[str, str]:
    """Text or parts that stand at an edge of what was signed."""
    known = {one.words for one in signed.texts}
    extra = [" ".join(one.words) for one in found.texts if one.words not in known]
    if len(signed.texts) == len(found.texts):
        extra = [" ".join(one.found) for one in told]
    files = [one for one in found.files if one not in signed.files]
    if any(_is_document(kind, name) for kind, name, _ in files):
        return "edit", "a document was attached that was not there when it was signed"
    if not any(one.strip() for one in extra):
        return "damage", "nothing that readers show was added"
    if is_list or all(is_carriers(one) for one in extra if one.strip()):
        return "damage", "a list or gateway added text"
    return "unexplained", "text stands at an edge that was not there when it was signed"


def _is_document(kind: str, name: str) -> bool:
    return not kind.startswith(("text/", "image/", "multipart/")) and bool(_DOCUMENT.search(name))


def is_carriers(text: str) -> bool:
    """Whether a text reads like one that lists, gateways or programs add."""
    return bool(_RULE.search(text) or _CARRIER_WORDS.search(text))


def _of_edit(
    signed: Showing, found: Showing, told: list[Difference], of_date: tuple[str, str] | None
) -> tuple[str, str]:
    """A small change in one place."""
    if not told:
        return _of_hidden(signed, found)
    for one in told:
        if one.where == "date":
            outcome, why = of_date or ("edit", "the Date was another")
        else:
            outcome, why = _of_words(one) if one.where.startswith("part ") else _of_field(one)
        if outcome != "damage":
            return outcome, why
    return "damage", "the change is one that carriers make"


def _of_hidden(signed: Showing, found: Showing) -> tuple[str, str]:
    """A change that does not show in the words: links, files, or nothing."""
    if signed.files != found.files:
        return "unexplained", "the bytes of a file differ"
    before = [link for one in signed.texts for link in one.links]
    after = [link for one in found.texts for link in one.links]
    if len(before) != len(after) or before == after:
        return ("damage" if before == after else "unexplained"), "what is shown is the same"
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    return max((_of_link(one, other) for one, other in pairs), key=lambda pair: pair[0] == "edit")


def _of_link(signed: str, found: str) -> tuple[str, str]:
    one, other = _URL.match(signed), _URL.match(found)
    if one is None or other is None:
        return "unexplained", "a link differs"
    hosts = [host[1].lower().removeprefix("www.") for host in (one, other)]
    if hosts[0] == hosts[1]:
        return "unexplained", "the way behind a link differs, its host does not"
    if hosts[0] in found.lower():
        return "damage", "a gateway rewrote a link"
    return "edit", "a link leads to another host"


def _of_field(one: Difference) -> tuple[str, str]:
    """A change of one header field other than Date."""
    if not one.signed:
        text = " ".join(one.found)
        if is_carriers(text):
            return "damage", f"a gateway added to {one.where}"
        if one.where != "subject" or one.is_edge:
            return "unexplained", f"{one.where} holds words that were not signed"
    return _of_replaced(one)


def _judge_dates(signed: Letter, found: Letter) -> tuple[str, str] | None:
    """Why two Dates that differ are no edit; None where nothing explains it.

    Limits    A shift by whole quarters of an hour, up to 14 hours, is what a wrong zone looks like.
    """
    one, other = (
        date.parse(text_of(letter.headers.fields[letter.display.ranks[b"date"][0]].value))
        if letter.display.count(b"date") == 1
        else None
        for letter in (signed, found)
    )
    if one is None or other is None:
        return "unexplained", "the Date cannot be read"
    shift = abs((one[0] - other[0]).total_seconds())
    if not shift:
        return "damage", "the Date is the same instant written otherwise"
    if shift <= _ZONE_MOST_S and shift % _ZONE_STEP_S == 0:
        return "unexplained", "the Date is shifted as a wrong time zone shifts it"
    return None


def _of_words(one: Difference) -> tuple[str, str]:
    """A change of the words of one text."""
    text = " ".join(one.found)
    if one.signed:
        return _of_replaced(one)
    if is_carriers(text):
        return "damage" if one.is_edge else "unexplained", "the words added read like a gateway's"
    if one.is_edge:
        return "unexplained", "text stands at an edge that was not there when it was signed"
    if _QUOTED.match(one.next_words[0]) or any(map(_WROTE.match, one.next_words)):
        return "unexplained", "text stands before a quotation that was not there when it was signed"
    if "mailto:" in text or _URL.search(text) or not _skeleton(text):
        return "unexplained", "what was added is a link or marks"
    return "edit", "words stand here that were not there when it was signed"


def _of_replaced(one: Difference) -> tuple[str, str]:
    """Words that stand in the place of others."""
    signed, found = " ".join(one.signed), " ".join(one.found)
    if _URL.search(signed) or _URL.search(found):
        return _of_link(signed, found)
    if _skeleton(signed) == _skeleton(found):
        has_value = any(c.isdigit() or unicodedata.category(c) == "Sc" for c in signed + found)
        return ("unexplained" if has_value else "damage"), "only case, accents or marks differ"
    of_charset = _of_charset(signed, found)
    if of_charset is not None:
        return of_charset
    is_masked = bool(found) and _REDACTED.match(found) is not None
    if is_masked or (is_carriers(found) and not is_carriers(signed)):
        return "unexplained", "the words are masked, or read like a gateway's"
    return "edit", "letters, digits or words differ from what was signed"


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHY))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _skeleton(text: str) -> str:
    """The ASCII letters and digits of a text, without case, and letters of other scripts."""
    return "".join(c for c in _fold(text) if c.isalnum())


def _of_charset(signed: str, found: str) -> tuple[str, str] | None:
    """What is said where letters beyond ASCII changed; None where none did.

    A lost or misread letter is what charsets do; another letter in its place is left open.
    """
    start, end = 0, 0
    most = min(len(signed), len(found))
    while start < most and signed[start] == found[start]:
        start += 1
    while end < most - start and signed[-1 - end] == found[-1 - end]:
        end += 1
    one, other = signed[start : len(signed) - end], found[start : len(found) - end]
    if one.isascii() and other.isascii():
        return None
    bare = ["".join(c for c in text if c.isascii() and c.isalnum()) for text in (one, other)]
    for charset in ("utf-8", "latin-1"):
        raw = one.encode(charset, "replace")
        if bytes(byte & 0x7F for byte in raw).decode("ascii") == other:
            return "damage", "letters beyond ASCII were stripped to seven bits"
    if bare == ["", ""]:
        return "damage", "letters beyond ASCII were lost or read in another charset"
    is_word = any(c.isascii() and c.isalnum() for c in one) and len(one) > 2
    return None if is_word else ("unexplained", "a letter beyond ASCII has changed")
