"""The archive of an own account that X hands out: tweets.js, tweet.js, deleted-tweets.js.

Input     JavaScript that sets one array: `window.YTD.tweets.part0 = [...]`
Output    one post an element; a text that begins with `RT @name` is a repost graded text_pattern,
          as the archive names no reposted id. `deleted_at` is not kept.
Missing   account: these files do not say whose archive it is (account.js does)
Limits    Numbers of likes and reposts are of the day of the archive, which is not in the file.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, cast

from tamis.registry import Glimpse, PostReader, Source
from tamis.sources.posts.cells import count_of, text_of
from tamis.sources.posts.frames import frames
from tamis.sources.posts.row_taking import json_batches
from tamis.sources.posts.stamps import carried_by_x, reconciled
from tamis.sources.posts.table_cells import UnusableRowError, native_id
from tamis.sources.posts.table_rows import Joined
from tamis.sources.posts.told import Teller, Told, wide
from tamis.syntax.clock import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.sources.posts.gather import Gather

_SET = re.compile(rb"\s*window\.YTD\.(?:tweets?|deleted_tweets?)\.part\d+\s*=\s*")
_HEAD_BYTES = 4096


def recognises(glimpse: Glimpse) -> int:
    """How surely a file is the posts of such an archive, by its first words."""
    return 98 if _SET.match(glimpse.head.removeprefix(b"\xef\xbb\xbf")) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's posts in batches, last its row of `intake_count`."""
    gather = wide(source, READER.name)
    head = stream.read(_HEAD_BYTES)
    mark = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    found = _SET.match(head, mark)
    start = found.end() if found else 0
    whole = cast("BinaryIO", io.BufferedReader(Joined(head[start:], stream)))
    placed = (one._replace(start=one.start + start, end=one.end + start) for one in frames(whole))
    yield from json_batches(placed, gather, _Reading(gather, source))


class _Reading:
    def __init__(self, gather: Gather, source: Source) -> None:
        self._gather = gather
        self._teller = Teller(gather, "x")
        self._sampling = str(source.options.get("sampling") or "full")

    def take(self, whole: Any, start: int, end: int) -> bool | None:
        """Add one post, or all of an array (whose rows are counted here)."""
        if not isinstance(whole, list):
            self._post(whole, start, end)
            return None
        for rank, one in enumerate(whole, 1):
            try:
                self._post(one, start, end)
            except (TypeError, KeyError, AttributeError, ValueError) as error:
                self._gather.reject(start, f"post {rank} of the array: {error}"[:300], "")
            else:
                self._gather.row_count += 1
        if not whole:
            self._gather.row_count += 1
            self._gather.skipped_count += 1
        return True

    def note(self) -> str | None:
        """What a person should know about the file, or None."""
        whose = "the file does not say whose posts these are (account.js of the archive does)"
        return "; ".join([whose, *self._teller.told()])

    def _post(self, given: Any, start: int, end: int) -> None:
        get, teller = (given.get("tweet") or given).get, self._teller
        native = native_id(get("id_str") or get("id"), "post id")
        if native is None or not native.isdecimal() or not get("created_at"):
            raise UnusableRowError("the element names no post or no time")
        told = Told(
            native, None, reconciled(moment(get("created_at")), carried_by_x(native), "platform")
        )
        told.text = text_of(get("full_text") or get("text"))
        told.language, told.client = text_of(get("lang")), text_of(get("source"))
        counts = (get("retweet_count"), None, get("favorite_count"), None, None)
        told.counts = tuple(None if one is None else count_of(one) for one in counts)
        teller.by_hand(told)
        answered, whom = get("in_reply_to_status_id_str"), get("in_reply_to_user_id_str")
        if answered:
            told.deeds.append(("reply", f"x:{answered}", f"x:{whom}" if whom else None, "native"))
        entities = get("entities") or {}
        teller.tags(told, (one["text"] for one in entities.get("hashtags") or ()), "entity")
        links = (one.get("expanded_url") for one in entities.get("urls") or ())
        teller.links(told, links, method="entity")
        if not told.is_copy:
            for one in entities.get("user_mentions") or ():
                number = one.get("id_str")
                if number and number != "-1":
                    told.deeds.append(("mention", None, f"x:{number}", "native"))
        teller.tell(told, self._gather.place(start, end, None, self._sampling, "x"))


READER = PostReader(
    platform="x_archive",
    recognises=recognises,
    read=read,
    keeps="posts, replies, reposts by name, mentions, links, hashtags, likes and reposts counted",
    cannot_know="whose account it is, which post was reposted, when the numbers were counted",
    sampling="full for the account, but for what was deleted before the archive was made",
)
