"""CrowdTangle's CSV of posts of Facebook pages and groups, or of Instagram accounts.

Input     a table with `Post Created`, whose value ends in the abbreviation of a zone, and
          `Page Name`, `Group Name` or `Account`
Output    posted_at by the zone that the value names, where its abbreviation has one meaning; an
          ambiguous one (CST, IST, PST, …) is read in the zone given with --assume-zone, if clocks
          there showed that abbreviation at that time, and is rejected otherwise
Missing   target_post_id of a share: a link to a page's post on Facebook is kept as a link, as the
          export does not tell a share from a link
Limits    Counts are as of the export, which does not state its time; a page's likes and followers
          are as of the posting. Photos and videos are not in the export. Sponsors are counted
          only; the score of overperforming is another's computation and is not kept.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, text_of
from tamis.sources.posts.row_taking import column_names, position
from tamis.sources.posts.stamps import ABBREVIATIONS, zoneless
from tamis.sources.posts.table_cells import UnusableRowError, native_id
from tamis.sources.posts.table_exports import TableExport
from tamis.sources.posts.told import Teller, Told, When, wide
from tamis.syntax.clock import Moment, UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.table_rows import Row

_CREATED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: ([A-Za-z]{2,5}|[+-]\d\d:?\d\d))?")
_OWNERS = ("Page Name", "Group Name", "Account")
_REACTIONS = ("Likes", "Love", "Wow", "Haha", "Sad", "Angry", "Care")


def recognises(glimpse: Glimpse) -> int:
    """How surely a table is CrowdTangle's, by its capitalised column names."""
    names = column_names(glimpse)
    if "Post Created" not in names or not names.intersection(_OWNERS):
        return 0
    return 97 if "URL" in names else 60


def created(text: str, zone: str | None) -> Moment:
    """The time in a value such as `2021-08-15 22:01:32 CEST`.

    Errors    UnreadableTimeError: no such form, or a zone that is missing or ambiguous
    """
    found = _CREATED.fullmatch(text.strip())
    if found is None:
        raise UnreadableTimeError(f"the time {text[:40]!r} is not as CrowdTangle writes it")
    wall, mark = found.groups()
    if mark is None:
        return moment(wall, zone)
    if mark[0] in "+-":
        return moment(wall + mark)
    offset = ABBREVIATIONS.get(mark.upper())
    if offset is not None:
        return moment(wall + offset)
    if zone is None:
        raise UnreadableTimeError(
            f"the zone {mark!r} of the time {text[:40]!r} stands for several: give the zone it was "
            "written in with --assume-zone, for example --assume-zone America/Chicago"
        )
    return _checked(moment(wall, zone), mark.upper(), zone)


def _checked(read_in: Moment, mark: str, zone: str) -> Moment:
    """The reading of a wall time in the named zone whose clocks then showed the abbreviation."""
    step = timedelta(microseconds=1)
    for at_us in (read_in.at_us, read_in.high_us - 999_999):
        when = datetime(1970, 1, 1, tzinfo=UTC) + at_us * step
        if when.astimezone(ZoneInfo(zone)).tzname() == mark:
            return Moment(at_us, at_us, at_us + 999_999, 1.0)
    raise UnreadableTimeError(
        f"the clocks of {zone} did not show {mark!r} at that time: check --assume-zone"
    )


def _check(file: str, names: Sequence[str], early: Sequence[Row]) -> None:
    """Refuse a table in which no value names a zone that has one meaning."""
    at = position(file, names, "Post Created")
    given = [row.values[at] for row in early if row.values and row.values[at]]
    for one in given:
        try:
            created(str(one), None)
        except UnreadableTimeError:
            continue
        return
    if given:
        raise zoneless(file, "Post Created", given[0])


class _Reading:
    def __init__(
        self, gather: Gather, source: Source, names: tuple[str, ...], zone: str | None
    ) -> None:
        self._gather = gather
        self._owner = names[position(source.name, names, *_OWNERS)]
        self._platform = "instagram" if self._owner == "Account" else "facebook"
        self._teller = Teller(gather, self._platform)
        self._zone = zone
        self._sampling = str(source.options.get("sampling") or "query")
        self._paid_count = 0

    def take(self, cells: Mapping[str, Any], start: int | None, end: int | None) -> None:
        """Add the post, the page as account and container, and its links."""
        get, teller = cells.get, self._teller
        stamp, url = text_of(get("Post Created")), text_of(get("URL"))
        if stamp is None:
            raise UnusableRowError("the row names no time")
        handle = text_of(get("User Name"))
        owner = native_id(get("Facebook Id"), "page id") or (
            f"@{handle.lower()}" if handle else None
        )
        told = Told(_native(url, owner), owner, When(created(stamp, self._zone), "platform"))
        told.text = text_of(get("Message")) or text_of(get("Description"))
        told.handle, told.name = handle, text_of(get(self._owner))
        told.description = text_of(get("Page Description"))
        told.profile = (count_of(get("Followers at Posting")), None, None)
        told.counts = (
            *(count_of(get("Shares")), count_of(get("Comments")), _reactions(cells), None),
            count_of(get("Post Views")) if "Post Views" in cells else count_of(get("Views")),
        )
        if owner is not None:
            kind = "group" if self._owner == "Group Name" else "page"
            told.container = teller.container(owner, kind, told.name)
        if self._owner == "Group Name":
            told.account = None  # the export names the group, never the member who posted
        teller.links(told, [text_of(get("Final Link")) or text_of(get("Link"))], "card")
        teller.from_text(told)
        number = self._gather.place(start, end, None, self._sampling, self._platform)
        teller.tell(told, number)
        self._paid_count += text_of(get("Sponsor Name")) is not None

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        told = self._teller.told()
        if self._paid_count:
            told.append(f"{self._paid_count} posts name a sponsor, who is no account here")
        return "; ".join(told) or None


def _native(url: str | None, owner: str | None) -> str:
    """The post's id: what its address ends in, with the page where that is a number."""
    if url is None:
        raise UnusableRowError("the row has no URL, which alone names the post")
    last = url.split("?")[0].rstrip("/").rpartition("/")[2]
    if not last:
        raise UnusableRowError(f"the URL {url[:60]!r} names no post")
    return f"{owner}_{last}" if last.isdigit() and owner else last


def _reactions(cells: Mapping[str, Any]) -> int | None:
    """Likes and the other reactions together; None where none is given."""
    counts = [count_of(cells.get(name)) for name in _REACTIONS]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


_TABLE = TableExport(lambda source: wide(source, "crowdtangle"), _Reading, _check)

READER = PostReader(
    platform="crowdtangle",
    recognises=recognises,
    read=_TABLE.read,
    keeps=(
        "posts of pages, groups and accounts, links and their domains, hashtags, pages as "
        "containers with followers at posting, reactions, comments, shares, views"
    ),
    cannot_know=(
        "who posted in a group, which post was shared, sponsors (counted only), the time of the "
        "counts, a zone whose "
        "abbreviation has several meanings"
    ),
    sampling="query: what a list or search of the tool returned",
    ranges=_TABLE.ranges,
)
