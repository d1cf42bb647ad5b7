"""What an investigator searched for, in the spellings under which posts carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.syntax.text import hashtag
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.syntax.web import Link

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


def address(said: str) -> Link | None:
    """The address that somebody wrote, with or without a scheme; None where it is none."""
    is_magnet = said.lower().startswith("magnet:")
    if any(map(str.isspace, said)) or not (is_magnet or set("./") & set(said)):
        return None
    return link(said)


def _forms(said: str) -> list[str]:
    if said.startswith(_SIGNS):
        return [f"#{hashtag(said)}"]
    if any(map(str.isspace, said)):
        return []
    found = address(said)
    if found is None:
        return [hashtag(said)]
    page = found.canonical
    if page == f"https://{found.domain}/":
        return [page, str(found.domain)]
    return [page]
