"""Domains where anybody can open a mailbox, and whether an address is a private one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# The providers' own pages name these as domains of their public mail services: Google, Microsoft,
# Yahoo, AOL, Apple, Proton, Tuta, Fastmail, Zoho, GMX, 1&1, Orange, Free, SFR, La Poste, Bouygues,
# Telekom, Yandex, VK, Rambler, Seznam, Onet, WP, Interia, Libero, Virgilio, NetEase, Tencent and
# Naver.
WEBMAIL = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr"),
    *("hotmail.co.uk", "live.com", "live.fr", "msn.com", "yahoo.com", "yahoo.fr", "yahoo.co.uk"),
    *("yahoo.de", "ymail.com", "rocketmail.com", "aol.com", "icloud.com", "me.com", "mac.com"),
    *("proton.me", "protonmail.com", "protonmail.ch", "pm.me", "tuta.com", "tutanota.com"),
    *("tutanota.de", "tuta.io", "fastmail.com", "fastmail.fm", "zoho.com", "zohomail.com"),
    *("gmx.com", "gmx.net", "gmx.de", "gmx.fr", "gmx.at", "gmx.ch", "web.de", "mail.com"),
    *("orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr"),
    *("numericable.fr", "laposte.net", "bbox.fr", "t-online.de", "freenet.de", "yandex.ru"),
    *("yandex.com", "ya.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "rambler.ru", "seznam.cz"),
    *("onet.pl", "wp.pl", "o2.pl", "interia.pl", "libero.it", "virgilio.it", "ukr.net"),
    *("163.com", "126.com", "qq.com", "naver.com"),
)


def personal_sql(column: str, own_domains: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """An SQL expression for `is_personal` of the address in `column`, and its parameters.

    Missing   NULL for an address that is neither webmail nor of the case's own domains
    Source    the providers' lists of their own domains, WEBMAIL above
    Limits    `column` is a name of this program, never text from outside. A firm's mail may run
              on a public service, and a private person may own a domain.
    """
    domain = f"split_part({column}, '@', -1)"
    sql = (
        f"CASE WHEN regexp_matches({domain}, $own_pattern) THEN false "
        f"WHEN list_contains($webmail_domains, {domain}) THEN true END"
    )
    return sql, {"own_pattern": own_pattern(own_domains), "webmail_domains": list(WEBMAIL)}


def own_pattern(own_domains: Iterable[str]) -> str:
    """A pattern that finds the case's own domains and their subdomains; nothing where none is."""
    own = sorted({domain.lower().strip().lstrip("@.") for domain in own_domains} - {""})
    # With no domain of its own, a pattern that matches nothing: an end before the first letter.
    return rf"(^|\.)({'|'.join(map(re.escape, own))})$" if own else "$."
