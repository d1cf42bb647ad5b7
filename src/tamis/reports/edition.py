"""What an edition shows of people: the working copy all, the public one pseudonyms and masks."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass

from tamis.reports.markup import Markup, join, tag
from tamis.reports.moments import stated
from tamis.reports.untrusted import CUT_AFTER, dotless, untrusted

# Fewer accounts than this behind a hashtag, domain or link could be a handful of people.
CROWD = 10
_WITHHELD = Markup('<span class="withheld">not in the public edition</span>')

_PERSONAL = (
    (re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE), "[link]"),
    (
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"),
        "[account number]",
    ),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[network address]"),
    (re.compile(r"\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b", re.IGNORECASE), "[network address]"),
    (re.compile(r"(?<!\w)@\w+"), "[handle]"),
    (re.compile(r"\b(?:[\w-]+\.)+[^\W\d_]{2,}\b"), "[domain]"),
    (re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){6,}"), "[number]"),
    (re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|«[^»]*»"), "[quoted]"),
    (re.compile(r"(?:/[^\s/:,]+){2,}"), "[path]"),
)


def masked(text: str) -> str:
    """`text` without what could point at a person: addresses, numbers, handles, quotations.

    Limits    a mask by patterns; names written as plain words stay, which is why the public
              edition prints no text of the dump at all and only masks what tamis itself wrote
    """
    for pattern, word in _PERSONAL:
        text = pattern.sub(word, text)
    return text


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a report; `key` makes this report's pseudonyms, None shows everything."""

    key: bytes | None = None

    @property
    def is_public(self) -> bool:
        """Whether people are hidden."""
        return self.key is not None

    @property
    def name(self) -> str:
        """What the edition is called on its page."""
        return "Public edition" if self.is_public else "Working copy"

    def pseudonym(self, kind: str, identity: str) -> Markup:
        """A stand-in for an identity: the same within this report, unlinkable to any other."""
        digest = hmac.new(self.key or b"", f"{kind}\x1f{identity}".encode(), hashlib.sha256)
        return tag("span", f"{kind} {digest.hexdigest()[:8]}", class_="pseudonym")

    def text(self, text: str | None, limit: int = CUT_AFTER) -> Markup:
        """Text of a message, post or file name; withheld from the public."""
        if self.key is not None:
            return _WITHHELD
        return untrusted(text, limit)

    def remark(self, text: str | None, limit: int = 600) -> Markup:
        """A sentence that tamis wrote, which may quote the dump; masked for the public."""
        if text is not None and self.key is not None:
            text = masked(text)
        return untrusted(text, limit)

    def person(self, address: str | None, name: str | None = None) -> Markup:
        """A sender: display name and address, or a pseudonym."""
        if self.key is not None:
            return self.pseudonym("person", address) if address else untrusted(None)
        if name and address:
            return join(untrusted(name, 80), " ", tag("span", "<", untrusted(address, 120), ">"))
        return untrusted(address or name, 120)

    def sent(self, moment: dt.datetime | None, offset_s: int | None) -> Markup:
        """A message's Date as stated; the public learns the day only."""
        if self.key is not None and moment is not None:
            return tag("span", f"{moment.astimezone(dt.UTC):%Y-%m-%d}")
        return stated(moment, offset_s)

    def account(self, account_id: str | None, handle: str | None = None) -> Markup:
        """An account: handle and id, or a pseudonym."""
        if account_id is None:
            return Markup('<span class="none">hidden by the export</span>')
        if self.key is not None:
            return self.pseudonym("account", account_id)
        if handle:
            mark = "" if handle.startswith("@") else "@"
            beside = tag("span", untrusted(account_id, 80), class_="id")
            return join(tag("span", mark, untrusted(handle, 60), class_="handle"), " ", beside)
        return untrusted(account_id, 80)

    def post(self, post_id: str | None) -> Markup:
        """A post's id, or a pseudonym: an id leads to its author."""
        if post_id is not None and self.key is not None:
            return self.pseudonym("post", post_id)
        return tag("span", untrusted(post_id, 80), class_="id")

    def digest(self, item_id: str) -> Markup:
        """The hash of a file of the dump; its head in public: by a whole hash copies are found."""
        told = f"{item_id[:12]}…" if self.key is not None else item_id
        return tag("code", told, class_="hash")

    def domain(self, domain: str | None) -> Markup:
        """A domain, dots in brackets, or a pseudonym: a domain can be one person's."""
        if domain is not None and self.key is not None:
            return self.pseudonym("domain", domain)
        return untrusted(dotless(domain), 120) if domain else untrusted(None)

    def object(self, kind: str, display: str, object_id: str, account_count: int | None) -> Markup:
        """A shared thing; in public only a tag or host that a crowd carried is named."""
        if self.key is None:
            shown = dotless(display) if kind in {"url", "domain"} else display
            return untrusted(shown, CUT_AFTER)
        is_crowd = account_count is not None and account_count >= CROWD
        if is_crowd and kind in {"hashtag", "domain"}:
            return untrusted(dotless(masked(display)), 80)
        return self.pseudonym(kind, object_id)
