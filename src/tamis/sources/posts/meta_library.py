"""Meta Content Library: posts of Facebook and Instagram, as CSV or JSON of its clean room.

Input     records with `id`, `creation_time`, `post_owner`, `text`; nested, or flattened with dots
Output    posts under the library's own ids
Missing   account_id where the export leaves out the owner
Errors    FormatError when creation_time names no zone and none was given
Limits    The library's ids are its own: they join nothing outside it. Most records may be viewed
          in the clean room only. The fields were taken from the data dictionary's list, not from
          an export: what is not named as here stays out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import first_count, text_of
from tamis.sources.posts.row_taking import column_names
from tamis.sources.posts.table_cells import UnusableRowError, entries, native_id
from tamis.sources.posts.table_exports import TableExport, zoned
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.posts.gather import Gather

_COUNTS = (
    ("statistics.share_count", "share_count", "shares"),
    ("statistics.comment_count", "comment_count", "comments"),
    ("statistics.reaction_count", "statistics.like_count", "reaction_count", "like_count"),
    (),
    ("statistics.views", "statistics.view_count", "view_count", "views"),
)


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is of the library, by its names for a post's time and owner."""
    names = column_names(glimpse)
    if names:
        has_owner = any(name.startswith(("post_owner", "owner.")) for name in names)
        return 93 if {"id", "creation_time"} <= names and has_owner else 0
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return 0
    return 93 if b'"creation_time"' in head and b'"post_owner"' in head else 0


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        del names
        self._gather = gather
        self._teller = Teller(gather, "meta_library")
        self._zone = zone
        self._sampling = str(source.options.get("sampling") or "query")

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, its owner and its links."""
        get, teller = cells.get, self._teller
        native, made = native_id(get("id"), "post id"), get("creation_time")
        if native is None or made in {None, ""}:
            raise UnusableRowError("the row names no post or no time")
        owner = native_id(get("post_owner.id") or get("owner.id"), "account id")
        told = Told(native, owner, When(moment(made, self._zone), "platform"))
        told.text = text_of(get("text"))
        told.language = text_of(get("lang") or get("language"))
        told.handle = text_of(get("post_owner.username") or get("owner.username"))
        told.name = text_of(get("post_owner.name") or get("owner.name"))
        told.counts = tuple([first_count(get, names) for names in _COUNTS])
        surface = text_of(get("surface.id"))
        if surface is not None:
            kind = (text_of(get("surface.type")) or "page").lower()
            told.container = teller.container(surface, kind, text_of(get("surface.name")))
        links = [text_of(get(name)) for name in ("link_attachment.link", "link", "link_url")]
        teller.links(told, links, "card")
        tags = get("hashtags")
        teller.tags(told, entries(tags))
        teller.from_text(told, tags=tags is None)
        number = self._gather.place(start, end, None, self._sampling, "meta_library")
        teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        return "; ".join([*self._teller.told(), "ids are the library's own and join nothing else"])


_TABLE = TableExport(lambda source: wide(source, "meta_library"), _Reading, zoned("creation_time"))

READER = PostReader(
    platform="meta_library",
    recognises=recognises,
    read=_TABLE.read,
    keeps="posts, owners, links, hashtags, counts, surfaces as containers",
    cannot_know="the ids outside the library, which post was shared, accounts it leaves out",
    sampling="query unless told",
    ranges=_TABLE.ranges,
)
