"""Secrets and account numbers that stand readable in a text, each with its rule and its mask."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from tamis.analyses.leak import exposure_masks as masks
from tamis.analyses.leak.personal_numbers import CARD_WORDS, card_places, iban_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_CHARACTERS = 2_000_000
_BEFORE, _BEHIND = 200, 100
MAX_FOUND = 1_000
# Every pattern is bounded: the work grows with the length of the text and not with its square.
_PASSWORD_WORDS = (
    *("mot de passe", "mots de passe", "password", "passwd", "passphrase", "passcode", "mdp"),
    *("pwd", "code d'accès", "code d\u2019accès", "code secret", "code pin", "pin code", "пароль"),
    *("passwort", "kennwort", "contraseña"),
)
_CODES = ("code d'accès", "code d\u2019accès", "code secret", "code pin", "pin code", "passcode")
_PASSWORD = re.compile(
    rf"(?<![\w-])(?P<word>{'|'.join(map(re.escape, _PASSWORD_WORDS))})(?![\w-])"
    r"(?P<between>[^\n:=]{0,40}?)(?P<sign>[:=→]|\s(?:is|est|lautet|es)\s)"
    r"[\s\"'«“\u2039`]{0,4}(?P<value>[^\s\"»”\u203a`]{4,64})(?P<rest>[^\n]{0,3})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")


@dataclass(frozen=True, slots=True)
class Found:
    """One secret in a text: where, by which rule, what may be shown, who is named beside it."""

    kind: str
    rule_id: str
    start: int
    end: int
    masked: str
    reason: str
    named: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    """A rule for values that say by their form what they are; `hint` must stand in the text."""

    rule_id: str
    kind: str
    hint: str
    pattern: re.Pattern[str]
    prefix: str
    says: str
    least_entropy: float = 0.0


def _token(name: str, hint: str, pattern: str, says: str, **more: object) -> _Token:
    return _Token(
        rule_id=f"token.{name}",
        kind=str(more.get("kind", "token")),
        hint=hint,
        pattern=re.compile(pattern),
        prefix=str(more.get("prefix", hint)),
        says=says,
        least_entropy=float(str(more.get("least_entropy", 3.0))),
    )


_EDGE, _END = r"(?<![A-Za-z0-9_-])", r"(?![A-Za-z0-9_-])"
_TOKENS = (
    *(
        _token(f"aws_{start.lower()}", start, rf"{_EDGE}({start}[A-Z0-9]{{16}}){_END}",
               "form of an Amazon access key", kind="api_key")
        for start in ("AKIA", "ASIA")
    ),
    *(
        _token(f"github_{start[:-1]}", start, rf"{_EDGE}({start}[A-Za-z0-9]{{36,251}}){_END}",
               "form of a GitHub token")
        for start in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")
    ),
    _token("github_pat", "github_pat_", rf"{_EDGE}(github_pat_[A-Za-z0-9_]{{60,100}}){_END}",
           "form of a GitHub token"),
    _token("gitlab", "glpat-", rf"{_EDGE}(glpat-[A-Za-z0-9_-]{{20,60}}){_END}",
           "form of a GitLab token"),
    _token("slack", "xox", rf"{_EDGE}(xox[abeoprs]-[A-Za-z0-9-]{{10,200}}){_END}",
           "form of a Slack token"),
    _token("google_api", "AIza", rf"{_EDGE}(AIza[A-Za-z0-9_-]{{35}}){_END}",
           "form of a Google API key", kind="api_key"),
    _token("google_secret", "GOCSPX-", rf"{_EDGE}(GOCSPX-[A-Za-z0-9_-]{{28}}){_END}",
           "form of a Google client secret"),
    _token("stripe", "k_live_", rf"{_EDGE}([sr]k_live_[A-Za-z0-9]{{16,99}}){_END}",
           "form of a Stripe live key", kind="api_key"),
    _token("sk_key", "sk-", rf"{_EDGE}(sk-(?:[a-z]{{2,8}}-)?[A-Za-z0-9_-]{{32,200}}){_END}",
           "form of a secret key of a web service", kind="api_key", least_entropy=3.5),
    _token("sendgrid", "SG.", rf"{_EDGE}(SG\.[A-Za-z0-9_-]{{22}}\.[A-Za-z0-9_-]{{43}}){_END}",
           "form of a SendGrid key", kind="api_key"),
    _token("mailchimp", "-us", rf"{_EDGE}([0-9a-f]{{32}}-us[0-9]{{1,2}}){_END}",
           "form of a Mailchimp key", kind="api_key", prefix="", least_entropy=2.5),
    _token("telegram", ":AA", rf"(?<![\w:])([0-9]{{8,10}}:AA[A-Za-z0-9_-]{{33}}){_END}",
           "form of a Telegram bot token", prefix="bot "),
    _token("jwt", "eyJ", rf"{_EDGE}(eyJ[A-Za-z0-9_-]{{10,4000}}\.eyJ[A-Za-z0-9_-]{{10,4000}}"
           rf"\.[A-Za-z0-9_-]{{16,1000}}){_END}", "form of a signed web token"),
    _token("bearer", "uthorization:",
           r"[Aa]uthorization:\s{0,4}(?:[Bb]earer|[Bb]asic)\s{1,4}([A-Za-z0-9+/=._~-]{12,500})",
           "it stands in an Authorization header", prefix=""),
    _token("url_password", "://",
           r"(?<![a-z])[a-z][a-z0-9+.-]{1,20}://[^\s/:@<>\"']{1,64}:([^\s/@<>\"']{4,64})@"
           r"[A-Za-z0-9-]{1,63}\.",
           "it stands as a password in an address", kind="password", prefix="", least_entropy=1.5),
    _token("named", "",
           r"(?i)(?<![a-z])(?:api[ _-]?key|secret[ _-]?key|client[ _-]?secret|access[ _-]?token"
           r"|auth[ _-]?token|api[ _-]?token|cl(?:é|ef) d?'?api)[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
           r"([A-Za-z0-9_./+=-]{16,200})",
           "it stands behind the word for it and looks random", prefix="", least_entropy=3.2),
)  # fmt: skip
_NAMED_HINTS = ("api", "secret", "token")
_KEY_BLOCKS = (
    *(f"-----BEGIN {name}PRIVATE KEY-----" for name in ("", "RSA ", "EC ", "DSA ", "OPENSSH ")),
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "PuTTY-User-Key-File-",
)
_MAX_BLOCK = 20_000


def find(text: str) -> list[Found]:
    """The secrets and account numbers of a text, in order, none inside another.

    Input     of a longer text the first 2,000,000 characters
    Source    Forms of tokens as their makers publish them; ISO 13616 and ISO 7064 (IBAN),
              ISO/IEC 7812 (cards); words for passwords in French, English, German, Spanish,
              Russian.
    Limits    "Looks alive" is a form, nothing was tried: a password may be old, a card expired.
              Published examples, placeholders and asterisks are left out. A password without
              a word for it, in a picture, or split over lines is not found. Of one text the first
              thousand by each rule in turn are listed; the run's notes count such texts.
    """
    text = text[:MAX_CHARACTERS]
    lowered = text.lower()
    found: list[Found] = []
    for rule in (_private_keys, _tokens, _passwords, _ibans, _cards):
        found += islice(rule(text, lowered), MAX_FOUND - len(found))
    return _with_names(text, _apart(found))


def _apart(found: list[Found]) -> list[Found]:
    """Of what overlaps, the one whose rule comes first; in order of place."""
    kept: list[Found] = []
    taken: set[int] = set()
    for one in found:
        span = range(one.start, one.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _private_keys(text: str, _: str) -> Iterator[Found]:
    for head in _KEY_BLOCKS:
        at = text.find(head)
        while at >= 0:
            end = text.find("-----END", at + len(head), at + _MAX_BLOCK)
            stop = min(len(text), at + _MAX_BLOCK) if end < 0 else end
            inside = text[at + len(head) : stop]
            # A head alone is talk about keys; a key has some lines of random letters.
            if sum(character.isalnum() for character in inside[:2000]) >= 64:
                name = head.strip("-").removeprefix("BEGIN ").lower()
                reason = (
                    f"it begins with the mark of a {name} and goes on for {len(inside)} characters"
                )
                if "encrypted" in (name + inside[:200].lower()):
                    reason += "; it is protected by a passphrase"
                masked = f"{name} ({len(inside):,} characters)"
                yield Found("private_key", "private_key", at, stop, masked, reason)
            at = text.find(head, max(stop, at + 1))


def _tokens(text: str, lowered: str) -> Iterator[Found]:
    for rule in _TOKENS:
        if rule.hint not in text:
            continue
        if rule.rule_id == "token.named" and not any(hint in lowered for hint in _NAMED_HINTS):
            continue
        for match in rule.pattern.finditer(text):
            value = match[1]
            body = value.removeprefix(rule.prefix)
            if masks.entropy(body) < rule.least_entropy or "EXAMPLE" in value:
                continue
            if rule.rule_id == "token.named" and not any(c.isdigit() for c in value):
                continue
            if rule.kind == "password":
                if masks.looks_like_password(value, is_alone=True) is None:
                    continue
                masked = masks.mask_password(value)
            else:
                masked = masks.mask_token(value, rule.prefix)
            yield Found(rule.kind, rule.rule_id, *match.span(1), masked, rule.says)


def _passwords(text: str, lowered: str) -> Iterator[Found]:
    if not any(word in lowered for word in _PASSWORD_WORDS):
        return
    for match in _PASSWORD.finditer(text):
        value = match["value"].rstrip(".,;:!?)]>'\u2019")
        start = match.start("value")
        word = match["word"].lower()
        is_direct = match["sign"] in ":=→" and not match["between"].strip()
        is_alone = is_direct and not match["rest"].strip() and "\n" not in match[0][: -len(value)]
        why = masks.looks_like_password(value, is_alone=is_alone, is_code=word in _CODES)
        if why is None:
            continue
        reason = f"behind “{word}”: {why}"
        one = Found(
            "password", "password", start, start + len(value), masks.mask_password(value), reason
        )
        yield one


def _ibans(text: str, _: str) -> Iterator[Found]:
    for start, end, number in iban_places(text):
        reason = "its check digits are right (MOD 97-10)"
        yield Found("iban", "iban", start, end, masks.mask_iban(number), reason)


def _cards(text: str, _: str) -> Iterator[Found]:
    for start, end, digits, is_grouped in card_places(text):
        around = text[max(0, start - _BEHIND) : end + _BEHIND]
        if CARD_WORDS.search(around):
            reason = "its check digit is right (Luhn) and a word for cards stands near it"
        elif is_grouped:
            reason = "its check digit is right (Luhn) and it is written in the groups of a card"
        else:
            continue
        yield Found("card", "card", start, end, masks.mask_card(digits), reason)


def _end_of(text: str, start: int, count: int, counts: Callable[[str], bool]) -> int:
    """Where the `count`-th character that counts ends."""
    at = start
    while count:
        count -= counts(text[at])
        at += 1
    return at


def _with_names(text: str, found: list[Found]) -> list[Found]:
    """The same, each with the nearest address written before it, or else shortly behind it.

    An address that shares a character with a secret (user:password@host) is none.
    """
    taken: set[int] = set()
    for one in found:
        taken.update(range(one.start, one.end))
    named: list[Found] = []
    for one in found:
        low, high = max(0, one.start - _BEFORE), one.end + _BEHIND
        places = [
            match
            for match in _ADDRESS.finditer(text, low, high)
            if taken.isdisjoint(range(*match.span()))
        ]
        before = [match[0] for match in places if match.end() <= one.start]
        behind = [match[0] for match in places if match.start() >= one.end]
        nearest = before[-1] if before else behind[0] if behind else None
        named.append(one if nearest is None else replace(one, named=nearest.lower()))
    return named
