"""The table of Internet Research Agency posts that Clemson researchers gave to FiveThirtyEight.

Input     a table with `external_author_id`, `publish_date`, `tco1_step1`
Output    posted_at is the time in `tweet_id`, to the millisecond. `publish_date` (US form, month
          first, to the minute) names no zone: with --assume-zone it is compared with the id's
          and stands in for rows without one; the note says which whole-hour zone the file's own
          rows show.
Missing   target of a repost: the table has no id of the original
Errors    FormatError when no id of the first thousand rows carries a time and no zone was given
Limits    An `external_author_id` that a spreadsheet rounded (9.06E+17) is no id: the row is then
          known by `alt_external_id`, else by its handle. Labels that the researchers gave
          (account_category, account_type) are claims of others and are not kept.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, flag_of, text_of
from tamis.sources.posts.row_taking import column_names, position
from tamis.sources.posts.stamps import (
    carried_by_x,
    iso_of_us,
    reconciled,
    zoneless,
)
from tamis.sources.posts.table_cells import UnusableRowError, native_id
from tamis.sources.posts.table_exports import TableExport
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_rows import Row

_HOUR_US = 3_600_000_000
_LINKS = ("tco1_step1", "tco2_step1", "tco3_step1")


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is this one, by its own column names."""
    names = column_names(glimpse)
    return 97 if {"external_author_id", "author", "publish_date", "content"} <= names else 0


def _check(file: str, names: Sequence[str], early: Sequence[Row]) -> None:
    rows = [row.values for row in early if row.values]
    if "tweet_id" in names:
        at = position(file, names, "tweet_id")
        if any(carried_by_x(str(row[at] or "")) for row in rows):
            return
    stamps = [row[position(file, names, "publish_date")] for row in rows]
    if any(stamps):
        raise zoneless(file, "publish_date", next(one for one in stamps if one))


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        del names
        self._gather = gather
        self._teller = Teller(gather, "x")
        self._zone = zone
        self._sampling = str(source.options.get("sampling") or "query")
        self._offsets: Counter[int] = Counter()
        self._lost_count = 0

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, its account and what it carries."""
        get = cells.get
        native = native_id(get("tweet_id"), "post id")
        if native is None:
            raise UnusableRowError("the row names no post")
        account, handle = self._account(cells)
        told = Told(native, account, self._when(native, text_of(get("publish_date"))))
        told.text, told.handle = text_of(get("content")), handle
        profile = (count_of(get(name)) for name in ("followers", "following", "updates"))
        told.profile = tuple(profile)  # type: ignore[assignment]
        kind = (text_of(get("post_type")) or "").upper()
        self._teller.by_hand(told)
        if not told.is_copy and (flag_of(get("retweet")) or kind == "RETWEET"):
            told.is_copy = True
            told.deeds.append(("repost", None, None, "native"))
        elif kind == "QUOTE_TWEET":
            told.deeds.append(("quote", None, None, "native"))
        links = [text_of(get(name)) for name in _LINKS]
        self._teller.links(told, links)
        self._teller.from_text(told, urls=not any(links))
        number = self._gather.place(start, end, None, self._sampling, "x")
        self._teller.tell(told, number)

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = self._teller.told()
        if self._offsets:
            hours, count = self._offsets.most_common(1)[0]
            told.append(
                f"publish_date is {hours:+d} h from the time in the id for {count} of "
                f"{self._offsets.total()} posts"
            )
        if self._lost_count:
            told.append(f"{self._lost_count} ids of accounts were rounded by a spreadsheet")
        return "; ".join(told) or None

    def _account(self, cells: Mapping[str, Any]) -> tuple[str | None, str | None]:
        handle = text_of(cells.get("author"))
        for name in ("external_author_id", "alt_external_id"):
            try:
                native = native_id(cells.get(name), "account id")
            except UnusableRowError:
                self._lost_count += 1
                continue
            if native is not None:
                return native, handle
        return (f"@{handle.lower()}" if handle else None), handle

    def _when(self, native: str, text: str | None) -> When | None:
        carried = carried_by_x(native)
        if text is None:
            return reconciled(None, carried, "archive")
        iso = iso_of_us(text)
        if carried is not None:
            apart = moment(iso, "UTC").at_us - carried.at_us
            hours = round(apart / _HOUR_US)
            if -62_000_000 <= apart - hours * _HOUR_US <= 2_000_000:
                self._offsets[hours] += 1
        if self._zone is None:
            if carried is None:
                raise UnreadableTimeError(
                    f"the time {text[:40]!r} names no zone, and the id carries none: give the zone "
                    "it was written in with --assume-zone, for example --assume-zone UTC"
                )
            return reconciled(None, carried, "archive")
        return reconciled(moment(iso, self._zone), carried, "archive")


_TABLE = TableExport(lambda source: wide(source, "x_ira_csv"), _Reading, _check)

READER = PostReader(
    platform="x_ira_csv",
    recognises=recognises,
    read=_TABLE.read,
    keeps=(
        "posts with the time in their id, reposts and quotes without target, links, hashtags, "
        "accounts with followers at the time"
    ),
    cannot_know=(
        "which post was reposted or quoted, the zone of publish_date where no id tells, digits of "
        "ids that a spreadsheet rounded, whether the researchers' labels are right"
    ),
    sampling="query: searches by account in a listening tool",
)
