"""What an investigator searched for, in the spellings under which posts carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.syntax.text import hashtag
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNS = ("#", "\uff03")


def spellings(selectors: Iterable[str]) -> list[str]:
    """Each selector as written, then as a tag or address in canonical form; each form once.

    Limits    A word without a sign may be a tag or a phrase, so that it stands for both; a host
              stands for its page and, where nothing is left of it, for its domain.
    """
    found: list[str] = []
    for one in selectors:
        found += [one, *_forms(one.strip())]
    return list(dict.fromkeys(form for form in found if form))


def _forms(said: str) -> list[str]:
    if said.startswith(_SIGNS):
        return [f"#{hashtag(said)}"]
    if any(map(str.isspace, said)):
        return []
    is_magnet = said.lower().startswith("magnet:")
    address = link(said) if is_magnet or set("./") & set(said) else None
    if address is None:
        return [hashtag(said)]
    page = address.canonical
    if page == f"https://{address.domain}/":
        return [page, str(address.domain)]
    return [page]
