"""Comments below one YouTube video, as YouTube Data Tools writes them (CSV or tab-separated).

Input     a table with `id`, `isReplyTo`, `authorName`, `text`, `publishedAt`
Output    a comment is a post, an answer a `reply` to its thread's first comment; account by
          `authorChannelId` where the table has it, else by name, valid within this file only
          (scope `thread`): names are not unique
Errors    FormatError when publishedAt names no zone (older tables) and none was given
Limits    Threads have two levels: an answer to an answer is one to the first comment, with the
          name at its start. The table does not name the video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, text_of
from tamis.sources.posts.row_taking import column_names
from tamis.sources.posts.table_cells import UnusableRowError
from tamis.sources.posts.table_exports import TableExport, zoned
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.posts.gather import Gather


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is one of comments, by the names that the tool gives its columns."""
    names = column_names(glimpse)
    if "body" in names and "timestamp" in names:
        return 0  # the same columns inside a 4CAT dataset
    return 96 if {"id", "isReplyTo", "authorName", "text", "publishedAt"} <= names else 0


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        del names
        self._gather = gather
        self._teller = Teller(gather, "youtube")
        self._zone = zone
        self._file = source.item_id[:16]
        self._sampling = str(source.options.get("sampling") or "full")

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the comment, its account and what it answers."""
        get = cells.get
        native, made = text_of(get("id")), text_of(get("publishedAt"))
        if native is None or made is None:
            raise UnusableRowError("the row names no comment or no time")
        name, channel = text_of(get("authorName")), text_of(get("authorChannelId"))
        account = channel or (f"{self._file}/@{name}" if name else None)
        told = Told(native, account, When(moment(made, self._zone), "platform"))
        told.scope = "global" if channel else "thread"
        told.text, told.name = text_of(get("text")), name
        root = text_of(get("isReplyTo"))
        is_answer = root is not None and root.lower() not in {"0", "1", "true", "false"}
        told.thread = f"{root}" if is_answer else native
        if is_answer:
            told.deeds.append(("reply", f"youtube:{root}", None, "native"))
        told.counts = (
            *(None, count_of(get("replyCount")), count_of(get("likeCount")), None),
            None,
        )
        self._teller.from_text(told)
        number = self._gather.place(start, end, None, self._sampling, "youtube")
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        return "; ".join(self._teller.told()) or None


_TABLE = TableExport(lambda source: wide(source, "youtube"), _Reading, zoned("publishedAt"))

READER = PostReader(
    platform="youtube",
    recognises=recognises,
    read=_TABLE.read,
    keeps="comments, replies by id, links, hashtags, accounts, likes",
    cannot_know=(
        "which video, who in a thread was answered, who a name is where no channel id is given, "
        "edits, removed comments"
    ),
    sampling="full: the comments that the API gave for one video",
    ranges=_TABLE.ranges,
)
