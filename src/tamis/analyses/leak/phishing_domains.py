"""Whether a domain is made to be taken for another: by letters, spelling, or what it holds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax import domain

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names whose passwords are asked for most.
WELL_KNOWN = (
    *("google.com", "gmail.com", "googlemail.com", "microsoft.com", "microsoftonline.com"),
    *("office.com", "office365.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com"),
    *("onedrive.com", "sharepoint.com", "yahoo.com", "yahoo.fr", "icloud.com", "apple.com"),
    *("protonmail.com", "laposte.net", "wanadoo.fr", "orange.fr", "dropbox.com", "facebook.com"),
    *("twitter.com", "linkedin.com", "instagram.com", "paypal.com", "docusign.com", "telegram.org"),
    *("whatsapp.com", "adobe.com", "wetransfer.com"),
)
# Real names that differ by one letter or hold a known one, and belong to somebody honest.
_HONEST = frozenset(
    [
        *("email.com", "mail.com", "ymail.com", "gmail.fr", "yahoo-inc.com", "officer.com"),
        *("google-analytics.com", "lapost.net", "grange.fr", "orange-business.com"),
    ]
)  # fmt: skip
_ASKING = frozenset(
    [
        *("account", "accounts", "login", "logon", "signin", "secure", "security", "verify"),
        "mail",
        *("webmail", "portal", "portail", "support", "service", "services", "update", "password"),
        *("auth", "compte", "connexion", "securite", "verification", "drive", "onedrive", "cloud"),
        *("owa", "sso", "id", "my", "mon", "help", "admin", "alert", "alerte", "docs", "share"),
    ]
)  # fmt: skip
_CONFUSED = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf"
    "\u043a\u043c\u0442\u0432\u043d\u0433\u03b1\u03bf\u03bd\u03c1\u03b9\u03ba\u03c4\u03b7"
    "013457\u0131\u0142\u00f8\u0111\u0251\u0261",
    "aeopcyxijsdhl" + "kmtbhraovpiktn" + "oleastilodag",
)
_LEAST_LABEL = 5
_MOST_ANSWERS = 100_000


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What a domain resembles, how, and whether that alone is a strong reason."""

    rule_id: str
    resembles: str
    words: str
    is_strong: bool


class Known:
    """The domains that others may pretend to be: the case's own, and well-known ones."""

    def __init__(self, own_domains: Iterable[str]) -> None:
        ascii_forms = (domain.to_ascii(one.strip().lstrip("@")) for one in own_domains)
        self.own = frozenset(one for one in ascii_forms if one)
        names = dict.fromkeys(sorted(self.own), True)
        names |= {one: False for one in WELL_KNOWN if one not in names}
        self._labels = {name: _label(name) for name in names}
        self._names = names
        self._answers: dict[str, Resemblance | None] = {}
        self._looks = {skeleton(label): name for name, label in reversed(self._labels.items())}

    def is_known(self, host: str) -> bool:
        """Whether a host is one of the known domains or lies inside one."""
        return any(domain.is_inside(host, name) for name in self._names)

    def resemblance(self, host: str) -> Resemblance | None:
        """What a host name in ASCII form resembles; None when nothing, or when it is that.

        Source    Unicode UTS #39 for the idea of a skeleton (own small table: Cyrillic, Greek,
                  digits, rn and vv); edit distance after Damerau, as OSA.
        Limits    Names shorter than five letters are compared by look only.
        """
        if host not in self._answers:
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.clear()
            self._answers[host] = self._compare(host)
        return self._answers[host]

    def _compare(self, host: str) -> Resemblance | None:
        registrable = domain.organisational(host) or host
        if self.is_known(host) or registrable in _HONEST or not registrable:
            return None
        label = _label(registrable)
        return (
            self._by_letters(registrable, label)
            or self._by_subdomain(host, registrable)
            or self._by_parts(registrable, label)
            or self._by_spelling(registrable, label)
        )

    def _by_letters(self, registrable: str, label: str) -> Resemblance | None:
        name = self._looks.get(skeleton(label))
        if name is None:
            return None
        if label == self._labels[name]:
            # The same letters: another ending only. Firms own many; for the case's own it tells.
            if not self._names[name]:
                return None
            words = f"{registrable} is {name} with another ending"
            return Resemblance("other_ending", name, words, is_strong=False)
        shown = f"{registrable} ({_unicode(registrable)})" if "xn--" in registrable else registrable
        words = f"{shown} looks like {name}: other letters of the same shape"
        return Resemblance("same_shape", name, words, is_strong=True)

    def _by_subdomain(self, host: str, registrable: str) -> Resemblance | None:
        above = host[: -len(registrable)].rstrip(".") if host != registrable else ""
        for name in self._names if above else ():
            if f".{name}." in f".{above}.":
                words = f"{host} begins with {name} and belongs to {registrable}"
                return Resemblance("name_in_front", name, words, is_strong=True)
        return None

    def _by_parts(self, registrable: str, label: str) -> Resemblance | None:
        parts = label.split("-")
        for name, known in self._labels.items():
            if len(known) < _LEAST_LABEL or label == known or f"-{known}-" not in f"-{label}-":
                continue
            asks = bool(_ASKING & set(parts))
            if not self._names[name] and not asks:
                continue
            words = f"{registrable} holds the name of {name} and is not it"
            return Resemblance("name_inside", name, words, is_strong=True)
        return None

    def _by_spelling(self, registrable: str, label: str) -> Resemblance | None:
        from rapidfuzz.distance import OSA  # noqa: PLC0415  loaded where links are judged only

        for name, known in self._labels.items():
            allowed = 2 if len(known) >= 9 else 1
            if len(known) < _LEAST_LABEL or abs(len(known) - len(label)) > allowed:
                continue
            away = OSA.distance(label, known, score_cutoff=allowed)
            if 0 < away <= allowed:
                # A short name has honest neighbours.
                is_strong = self._names[name] and len(known) >= 7
                words = f"{registrable} differs from {name} by {away} letter{'s' * (away > 1)}"
                return Resemblance("near_spelling", name, words, is_strong=is_strong)
        return None


def skeleton(label: str) -> str:
    """A label as it looks at a glance: letters of the same shape made one, accents dropped."""
    text = unicodedata.normalize("NFKD", _unicode(label).casefold()).translate(_CONFUSED)
    text = "".join(one for one in text if not unicodedata.combining(one))
    return text.replace("rn", "m").replace("vv", "w").replace("cl", "d")


def _label(name: str) -> str:
    """The name proper of a domain: its registrable part without the public suffix."""
    return (domain.organisational(name) or name).split(".", 1)[0]


def _unicode(name: str) -> str:
    def decode(match: re.Match[str]) -> str:
        try:
            return match[0].encode("ascii").decode("idna")
        except UnicodeError:
            return match[0]

    return re.sub(r"xn--[a-z0-9-]{1,60}", decode, name)
