"""A web page as a place of words and links: its text, its addresses, what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tamis.sources.posts.told import Told, When
from tamis.syntax.clock import Moment, UnreadableTimeError, moment
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.sources.posts.told import Teller

MAX_PAGE_BYTES = 4 << 20
_MAX_TEXT = 200_000
_MAX_LINKS = 5_000
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_BLOCKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "td", "blockquote"})
_PUBLISHED = frozenset({"article:published_time", "datepublished", "date", "dc.date.issued"})


@dataclass(slots=True)
class Page:
    """What one page shows: title, words, addresses in order, language, and its own date."""

    title: str = ""
    text: str = ""
    links: list[str] = field(default_factory=list)
    language: str | None = None
    published: str | None = None


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._address = address
        self._unseen = 0
        self._in_title = False
        self._pieces: list[str] = []
        self._size = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        given = dict(attrs)
        if tag == "html" and given.get("lang"):
            self.page.language = given["lang"]
        elif tag == "meta":
            name = (
                given.get("property") or given.get("itemprop") or given.get("name") or ""
            ).lower()
            if name in _PUBLISHED and self.page.published is None:
                self.page.published = given.get("content")
        elif tag == "title":
            self._in_title = True
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self._pieces.append("\n")
        href = given.get("href") if tag == "a" else None
        if href and len(self.page.links) < _MAX_LINKS:
            self._link(href)

    def handle_endtag(self, tag: str) -> None:
        """Note where a part ends."""
        if tag == "title":
            self._in_title = False
        if tag in _UNSEEN and self._unseen:
            self._unseen -= 1
        if tag in _BLOCKS:
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words that a reader sees."""
        if self._in_title:
            self.page.title += data[:1000]
        elif not self._unseen and self._size < _MAX_TEXT:
            self._pieces.append(data)
            self._size += len(data)

    def whole(self) -> Page:
        """The page, once everything was fed."""
        lines = (" ".join(line.split()) for line in "".join(self._pieces).splitlines())
        self.page.text = "\n".join(line for line in lines if line)[:_MAX_TEXT]
        self.page.title = " ".join(self.page.title.split())
        return self.page

    def _link(self, href: str) -> None:
        try:
            whole = urljoin(self._address, href.strip())
        except ValueError:
            return
        if whole.startswith(("http://", "https://", "magnet:")):
            self.page.links.append(whole)


def read_page(markup: str, address: str = "") -> Page:
    """What a page or a piece of one shows; markup that no parser takes counts as its text."""
    reader = _Reader(address)
    try:
        reader.feed(markup)
        reader.close()
    except (AssertionError, ValueError):
        reader.page.text = markup[:_MAX_TEXT]
        return reader.page
    return reader.whole()


def site_of(address: str | None) -> str | None:
    """The registrable domain of an address, which stands for who publishes there."""
    target = link(address) if address else None
    return target.domain if target is not None else None


def canonical(address: str) -> str:
    """The address as an id: its canonical form, else as it is."""
    target = link(address)
    return target.canonical if target is not None else address


def sighted(seen: Moment, stated: str | None) -> When:
    """When a page came to be, from when a crawl saw it and what it says itself.

    Output    its own date where it names one before the sighting (clock `client_claimed`), else the
              sighting as the latest time (clock `archive`): since when it stood there is unknown
    """
    if stated:
        try:
            own = moment(stated)
        except UnreadableTimeError:
            own = None
        if own is not None and own.low_us <= seen.high_us:
            return When(own, "client_claimed")
    return When(seen, "archive", is_bound=True)


def article(address: str, when: When | None, links: Iterable[str | None], teller: Teller) -> Told:
    """A post for what stood at a web address, with its own address and those it names."""
    site = site_of(address)
    told = Told(canonical(address), site, when)
    told.handle, told.scope = site, "instance"
    teller.links(told, [address], "card")
    teller.links(told, links, "in_text", "entity")
    return told
