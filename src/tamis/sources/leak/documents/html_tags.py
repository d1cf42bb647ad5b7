"""What the tags of a web page state: metadata, what a browser would load, where forms send."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_TAGS = 500_000
MAX_STATED = 500
_COMMENT = re.compile(r"<!--(.{0,300}?)-->", re.DOTALL)
_SAVED = re.compile(r"saved from url=\(\d{1,6}\)(\S{1,280})")
# Each attempt ends at the next angle bracket, so that the whole takes linear time.
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9:_-]{0,40})([^<>]*)>")
_LOAD_TAG = re.compile(r"<(?![Aa]\s)([A-Za-z][A-Za-z0-9:_-]{0,40})([^<>]*)>")
_ATTRIBUTE = re.compile(r"([^\s=/\"'<>]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?")
_TITLE = re.compile(r"<title\b[^<>]*>([^<]{0,2000})", re.IGNORECASE)
_OFFICE = re.compile(r"<o:([A-Za-z]{2,40})>([^<>]{1,2000})</o:")
# In an attribute a quotation mark may stand as an entity.
_STYLE_URL = re.compile(
    r"(?:url\(\s{0,8}|@import\s{1,8})(?:[\"']|&(?:quot|apos|#0{0,4}3[49]|#x0{0,4}2[27]);)?"
    r"([^\"')\s;]{1,2000})",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"&(?:quot|apos|#0{0,4}3[49]|#x0{0,4}2[27])$", re.IGNORECASE)
_REFRESH = re.compile(r"url\s{0,8}=\s{0,8}[\"']?([^\"';\s]{1,2000})", re.IGNORECASE)
# Addresses that leave the machine: also those of a file server, which a mere look betrays.
_REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{1,15}://|//|\\\\)[^\s]", re.IGNORECASE)
_LOADING = {
    "src": None,
    "srcset": None,
    "poster": None,
    "background": None,
    "data": {"object"},
    "href": {"link", "base", "image", "use"},
    "xlink:href": {"image", "use"},
    "codebase": {"object", "applet"},
    "manifest": {"html"},
    "dynsrc": None,
    "lowsrc": None,
}


class Stated(NamedTuple):
    """One thing a page states, by name."""

    name: str
    value: str


@dataclass(slots=True)
class Page:
    """What was found in the tags of one page."""

    stated: list[Stated] = field(default_factory=list)
    loads: list[Stated] = field(default_factory=list)
    links: list[Stated] = field(default_factory=list)
    has_scripts: bool = False
    notes: list[str] = field(default_factory=list)


def survey(page: str) -> Page:
    """The metadata of a page, and the remote addresses in it, without evaluating anything.

    Limits    An attribute that holds an angle bracket is not read. What a script would write
              into the page is unknown.
    """
    found = Page()
    for match in _COMMENT.finditer(page[:20_000]):
        saved = _SAVED.search(match[1])
        if saved:
            found.stated.append(Stated("saved from", saved[1]))
    title = _TITLE.search(page)
    if title and title[1].strip():
        found.stated.append(Stated("title", " ".join(html.unescape(title[1]).split())))
    for match in _OFFICE.finditer(page[:200_000]):
        found.stated.append(Stated(f"office {match[1]}", html.unescape(match[2])))
    for rank, match in enumerate(_TAG.finditer(page)):
        if rank == MAX_TAGS:
            found.notes.append(f"only its first {MAX_TAGS:,} tags were looked at")
            break
        _tag(found, match[1].lower(), match[2])
    _styles(found, page)
    if len(found.stated) > MAX_STATED:
        found.notes.append(f"only its first {MAX_STATED} statements about itself are listed")
        del found.stated[MAX_STATED:]
    return found


def loads(page: str, most: int) -> tuple[list[Stated], int]:
    """The first `most` remote addresses that a page would load or send to, and how many more.

    The same as `survey(page).loads`, each address once, without looking at tags that hold none.
    """
    found = Page()
    for rank, match in enumerate(_LOAD_TAG.finditer(page)):
        if rank == MAX_TAGS:
            break
        inside = match[2]
        # An address outside holds two strokes; entities may hide them.
        if not ("//" in inside or "\\" in inside or "&" in inside):
            continue
        tag = match[1].lower()
        given = _attributes(inside)
        if tag == "meta":
            _meta(found, given)
        _addresses(found, tag, given)
    _styles(found, page)
    distinct = list(dict.fromkeys(found.loads))
    return distinct[:most], max(0, len(distinct) - most)


def _styles(found: Page, page: str) -> None:
    for match in _STYLE_URL.finditer(page):
        address = _QUOTE.sub("", match[1])
        if _REMOTE.match(address):
            found.loads.append(Stated("style", html.unescape(address)))


def _tag(found: Page, tag: str, inside: str) -> None:
    if tag == "script":
        found.has_scripts = True
    if not inside.strip():
        return
    given = _attributes(inside)
    if tag == "meta":
        _meta(found, given)
    elif tag == "html" and given.get("lang"):
        found.stated.append(Stated("language", given["lang"]))
    elif tag in {"a", "area"} and given.get("href"):
        found.links.append(Stated(tag, given["href"].strip()))
    if any(name.startswith("on") for name in given):
        found.has_scripts = True
    _addresses(found, tag, given)


def _addresses(found: Page, tag: str, given: dict[str, str]) -> None:
    """What the tag would load or send to, if it lies elsewhere."""
    if tag in {"form", "button", "input"}:
        target = given.get("action") or given.get("formaction")
        if target and _REMOTE.match(target):
            found.loads.append(Stated("form", target.strip()))
    for name, tags in _LOADING.items():
        value = given.get(name)
        if value is None or (tags is not None and tag not in tags):
            continue
        for one in value.split(",") if name == "srcset" else [value]:
            address = one.strip().split(" ")[0] if name == "srcset" else one.strip()
            if _REMOTE.match(address):
                found.loads.append(Stated(_called(tag, given), address))


def _called(tag: str, given: dict[str, str]) -> str:
    """The tag; an image too small to be seen is called so."""
    sizes = {given.get("width", "").strip(), given.get("height", "").strip()}
    if tag == "img" and sizes <= {"0", "1", "0px", "1px"}:
        return "img of one pixel"
    return tag


def _meta(found: Page, given: dict[str, str]) -> None:
    name = given.get("name") or given.get("property") or given.get("http-equiv") or ""
    content = given.get("content", "")
    if name.lower() == "refresh":
        target = _REFRESH.search(content)
        if target and _REMOTE.match(target[1]):
            found.loads.append(Stated("refresh", target[1]))
    if name and content:
        found.stated.append(Stated(f"meta {name.lower()}", content))
    elif given.get("charset"):
        found.stated.append(Stated("meta charset", given["charset"]))


def _attributes(inside: str) -> dict[str, str]:
    """The attributes of a tag by lower-cased name; of a name that stands twice the first counts."""
    given: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(inside):
        value = match[2] or ""
        if value[:1] in {'"', "'"}:
            value = value[1:-1]
        given.setdefault(match[1].lower(), html.unescape(value))
    return given
