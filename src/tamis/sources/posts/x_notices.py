"""Delete notices of X: compliance files, and the compliance stream."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tamis.sources.posts.gather import action_id
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.sources.posts.x_posts import native_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.posts.gather import Gather


class Notices:
    """The notices of one file, and how many of them gave which reason."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._reasons: Counter[str] = Counter()

    def compliance(self, notice: Mapping[str, Any], line: int) -> None:
        """A line of a compliance file: created_at is the post's own time, redacted_at the notice's.

        Missing   without redacted_at only the earliest possible time is known: the post's own
        Errors    UnusableRowError for another notice than a deletion
        """
        if notice["action"] != "delete":
            raise UnusableRowError(f"a notice of kind {str(notice['action'])[:40]!r} is not known")
        target = f"x:{native_id(notice['id'])}"
        acted, created = _time(notice.get("redacted_at")), _time(notice.get("created_at"))
        made = action_id("delete", None, None, target)
        self._gather.notices.append(
            (made, "delete", target, None, acted, acted or created, acted, line)
        )
        self._reasons[str(notice.get("reason"))[:40]] += 1

    def stream(self, notice: Mapping[str, Any], line: int) -> None:
        """A message of the compliance stream, which names the account too."""
        post, acted = notice["tweet"], _time(notice.get("event_at"))
        target = f"x:{native_id(post['id'])}"
        account = f"x:{native_id(post['author_id'])}" if post.get("author_id") else None
        made = action_id("delete", account, None, target)
        self._gather.notices.append((made, "delete", target, account, acted, acted, acted, line))
        self._reasons["deleted"] += 1

    def told(self) -> list[str]:
        """What a person should know: how many notices there were, by reason."""
        return [
            f"{count} delete notices, reason {why}" for why, count in sorted(self._reasons.items())
        ]


def _time(given: Any) -> str | None:
    if given is not None and type(given) is not str:
        raise UnusableRowError("a time of the notice is no text")
    return given
