"""Posts of X in the v1.1 shape, and those inside them, in the field names of API v2.

Source    The v1.1 object model as the API, its streams and the site's own answers deliver it:
          extended_tweet and full_text hold what `text` cuts; a repost holds its original, which
          holds what it quotes. A repost's quoted post is its original's doing, never its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.sources.posts.stamps import iso_of_english
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.sources.posts.x_posts import native_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.x_marks import Line
    from tamis.sources.posts.x_posts import Posts

_NOTHING: Mapping[str, Any] = {}
_MAX_INSIDE = 16
# An upload's key in v2 is a number for its kind and the id of v1.1.
_KINDS = (("ext_tw_video", "7"), ("amplify_video", "13"), ("tweet_video", "16"))


class Statuses:
    """The v1.1 posts of one file, given to `Posts` in the shape that it knows."""

    def __init__(self, gather: Gather, posts: Posts) -> None:
        self._gather = gather
        self._posts = posts
        self.cut_count = 0
        self.unequal_count = 0

    def add(self, status: Mapping[str, Any], line: Line) -> None:
        """Add a post, the posts inside it, and their accounts.

        Errors    UnusableRowError or a shape error when the outer post cannot be used; one inside
                  it that cannot be used is left out, and counts as rejected by the caller
        """
        shaped = [(status, self._shape(status))]
        for one, _ in shaped:
            for name in ("retweeted_status", "quoted_status"):
                inside = one.get(name)
                if isinstance(inside, dict) and ("id" in inside or "id_str" in inside):
                    self._safely(line, self._unfold, shaped, inside)
            if len(shaped) > _MAX_INSIDE:
                raise UnusableRowError(f"more than {_MAX_INSIDE} posts stand inside one another")
        line.posts = {post["id"]: post for _, post in shaped}
        for one, _ in shaped:
            self._safely(line, self._take_user, one, line)
        self._add(*shaped[0], line)
        for one, post in shaped[1:]:
            self._safely(line, self._add, one, post, line)
        for user in line.users:
            self._safely(line, self._posts.account, user, line)

    def account(self, user: Mapping[str, Any], line: Line) -> None:
        """Add the rows of an account that stands by itself."""
        shaped = _user(user)
        if shaped is not None:
            self._posts.account(shaped, line)

    def _safely(self, line: Line, step: Callable[..., None], *given: Any) -> None:
        """A step about what stands inside a post: its failure costs itself only."""
        try:
            step(*given)
        except UnusableRowError as error:
            self._gather.reject(line.start, f"something inside the post: {error}", "")
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            why = f"something inside the post is not shaped as documented: {error!r}"
            self._gather.reject(line.start, why[:300], "")

    def _unfold(
        self, shaped: list[tuple[Mapping[str, Any], dict[str, Any]]], inside: Mapping[str, Any]
    ) -> None:
        shaped.append((inside, self._shape(inside)))

    def _take_user(self, status: Mapping[str, Any], line: Line) -> None:
        user = _user(status.get("user"))
        if user is not None:
            line.users.append(user)

    def _add(self, status: Mapping[str, Any], post: dict[str, Any], line: Line) -> None:
        before = len(self._gather.posts)
        self._posts.post(post, line)
        if len(self._gather.posts) > before and _is_cut(status):
            self.cut_count += 1
            row = self._gather.posts[-1]
            self._gather.posts[-1] = (*row[:6], None, *row[7:])  # no hash of half a text

    def _shape(self, status: Mapping[str, Any]) -> dict[str, Any]:
        get = status.get
        native = id_of(status, "id")
        if native is None:
            raise UnusableRowError("the post has no id")
        given = get("id")
        if type(given) is int and type(get("id_str")) is str and str(given) != native:
            self.unequal_count += 1
        long = get("extended_tweet") or _NOTHING
        user = get("user") or _NOTHING
        entities = long.get("entities") or get("entities")
        shaped = {
            "id": native,
            "text": long.get("full_text") or get("full_text") or get("text"),
            "author_id": id_of(user, "id") or id_of(status, "user_id"),
            "created_at": iso_of_english(get("created_at")),
            "conversation_id": get("conversation_id_str"),
            "lang": get("lang"),
            "source": get("source") or None,
            "referenced_tweets": _references(status),
            "in_reply_to_user_id": id_of(status, "in_reply_to_user_id"),
            "entities": _entities(entities) if entities else None,
            "attachments": _attachments(long, status),
        }
        if not isinstance(get("retweeted_status"), dict):
            shaped["public_metrics"] = _counts(status)
        if get("withheld_in_countries"):
            shaped["withheld"] = True
        return shaped


def id_of(holder: Mapping[str, Any], name: str) -> str | None:
    """The id under `name`, by its text form where there is one.

    Errors    UnusableRowError for a float, whose last digits are lost
    """
    given = holder.get(f"{name}_str")
    if given is None or given == "":
        given = holder.get(name)
    return None if given is None or given == "" else native_id(given)


def _is_cut(status: Mapping[str, Any]) -> bool:
    is_full = bool(status.get("extended_tweet")) or "full_text" in status
    return bool(status.get("truncated")) and not is_full


def _references(status: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    reposted = status.get("retweeted_status")
    if isinstance(reposted, dict):
        native = id_of(reposted, "id")
        return ({"type": "retweeted", "id": native},) if native else ()
    found = []
    answered = id_of(status, "in_reply_to_status_id")
    if answered:
        found.append({"type": "replied_to", "id": answered})
    quoted = id_of(status, "quoted_status_id")
    inside = status.get("quoted_status")
    if quoted is None and isinstance(inside, dict):
        quoted = id_of(inside, "id")
    if quoted:
        found.append({"type": "quoted", "id": quoted})
    return tuple(found)


def _user(user: Any) -> dict[str, Any] | None:
    """An account in v2 names; None where the export holds only its id."""
    if not isinstance(user, dict) or not ("screen_name" in user or "name" in user):
        return None
    get = user.get
    return {
        "id": id_of(user, "id"),
        "username": get("screen_name"),
        "name": get("name"),
        "created_at": iso_of_english(get("created_at")),
        "description": get("description") or None,
        "location": get("location") or None,
        "public_metrics": {
            "followers_count": _known(get("followers_count")),
            "following_count": _known(get("friends_count")),
            "tweet_count": _known(get("statuses_count")),
        },
    }


def _counts(status: Mapping[str, Any]) -> dict[str, Any] | None:
    """The public counts; None without any. Those of a repost are its original's."""
    get = status.get
    counts = {
        "retweet_count": _known(get("retweet_count")),
        "reply_count": _known(get("reply_count")),
        "like_count": _known(get("favorite_count")),
        "quote_count": _known(get("quote_count")),
    }
    return counts if any(count is not None for count in counts.values()) else None


def _known(count: Any) -> Any:
    """A count; tools write -1 where they do not know it."""
    return None if count == -1 else count


def _entities(entities: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "urls": [_url(one) for one in entities.get("urls") or ()],
        "hashtags": [{"tag": one["text"]} for one in entities.get("hashtags") or ()],
        "mentions": [
            {"username": one.get("screen_name") or "", "id": id_of(one, "id")}
            for one in entities.get("user_mentions") or ()
        ],
    }


def _url(one: Mapping[str, Any]) -> Mapping[str, Any]:
    unwound = one.get("unwound")
    if isinstance(unwound, dict) and unwound.get("url"):
        return {**one, "unwound_url": unwound["url"]}
    return one


def _attachments(long: Mapping[str, Any], status: Mapping[str, Any]) -> dict[str, Any] | None:
    for holder in (
        *(long.get("extended_entities"), status.get("extended_entities")),
        *(long.get("entities"), status.get("entities")),
    ):
        media = holder.get("media") if holder else None
        if media:
            found = [_media(one) for one in media]
            return {"media": [one for one in found if one is not None]}
    return None


def _media(one: Mapping[str, Any]) -> dict[str, Any] | None:
    native = id_of(one, "id")
    if native is None:
        return None
    address = one.get("media_url_https") or one.get("media_url") or ""
    kind = next((number for mark, number in _KINDS if mark in address), "3")
    return {"media_key": f"{kind}_{native}", "url": address or None}
