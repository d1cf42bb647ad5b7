"""Raw objects of the sites of X, TikTok and Instagram, as far as their shapes are known.

Source    Objects as the sites' own pages receive them. X: `rest_id` and `legacy` (names of API
          v1.1), account in `core.user_results.result`, newer ones with its names in `core`;
          TikTok: `createTime`, `desc`, `author`; Instagram: `code`, `taken_at` or
          `taken_at_timestamp`, `caption`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.sources.posts.cells import count_of, text_of
from tamis.sources.posts.stamps import carried_by_x, iso_of_english, reconciled
from tamis.sources.posts.table_cells import UnusableRowError, native_id
from tamis.sources.posts.told import Told, When
from tamis.syntax.clock import moment
from tamis.syntax.text import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.sources.posts.told import Teller

_NOTHING: Mapping[str, Any] = {}
_MAX_INSIDE = 8


def x_post(data: Mapping[str, Any], teller: Teller) -> list[Told]:
    """The post of one object, and those that it reposts or quotes."""
    found: list[Told] = []
    _x_into(found, data, teller, 0)
    return found


def _x_into(found: list[Told], data: Mapping[str, Any], teller: Teller, depth: int) -> Told:
    if depth > _MAX_INSIDE:
        raise UnusableRowError("too many posts stand inside one another")
    data = data.get("tweet") or data  # a wrapper of posts with limited replies
    legacy = data["legacy"]
    native = native_id(data.get("rest_id") or legacy["id_str"], "post id")
    user = ((data.get("core") or _NOTHING).get("user_results") or _NOTHING).get("result")
    user = user or data.get("user") or _NOTHING
    account = native_id(legacy.get("user_id_str") or user.get("rest_id"), "account id")
    made = iso_of_english(legacy["created_at"])
    stated = moment(made) if made else None
    told = Told(str(native), account, reconciled_stated(stated, str(native)))
    found.append(told)
    long = ((data.get("note_tweet") or _NOTHING).get("note_tweet_results") or _NOTHING).get(
        "result"
    ) or _NOTHING
    told.text = long.get("text") or legacy.get("full_text") or legacy.get("text")
    told.thread, told.language = legacy.get("conversation_id_str"), legacy.get("lang")
    told.client = text_of(data.get("source") or legacy.get("source"))
    _x_account(told, user)
    views = (data.get("views") or _NOTHING).get("count")
    _x_deeds(told, data, legacy, (found, teller, depth))
    if not told.is_copy:
        counts = ("retweet_count", "reply_count", "favorite_count", "quote_count")
        told.counts = (*(count_of(legacy.get(name)) for name in counts), count_of(views))
        _x_marks(told, long.get("entity_set") or legacy.get("entities") or _NOTHING, teller)
    return told


def reconciled_stated(stated: Any, native: str) -> When | None:
    """The stated time, widened where the id tells another: seconds by the platform's clock."""
    both = reconciled(stated, carried_by_x(native), "platform")
    if both is not None and both.clock == "id_derived" and stated is not None:
        return When(stated, "platform")
    return both


def _x_account(told: Told, user: Mapping[str, Any]) -> None:
    names, about = user.get("core") or _NOTHING, user.get("legacy") or user
    told.handle = about.get("screen_name") or names.get("screen_name")
    told.name = about.get("name") or names.get("name")
    told.created = iso_of_english(about.get("created_at") or names.get("created_at"))
    told.description = text_of(about.get("description"))
    place = about.get("location")
    told.location = text_of(place) if isinstance(place, str) else None
    counts = ("followers_count", "friends_count", "statuses_count")
    followers, following, posts = (count_of(about.get(name)) for name in counts)
    told.profile = (followers, following, posts)


def _x_deeds(
    told: Told,
    data: Mapping[str, Any],
    legacy: Mapping[str, Any],
    around: tuple[list[Told], Teller, int],
) -> None:
    found, teller, depth = around
    reposted = (legacy.get("retweeted_status_result") or _NOTHING).get("result")
    if reposted:
        original = _x_into(found, reposted, teller, depth + 1)
        told.is_copy = True
        whom = f"x:{original.account}" if original.account else None
        told.deeds.append(("repost", f"x:{original.native}", whom, "native"))
        _x_marks(told, (reposted.get("tweet") or reposted)["legacy"].get("entities") or {}, teller)
        return
    quoted = legacy.get("quoted_status_id_str")
    inside = (data.get("quoted_status_result") or _NOTHING).get("result") or _NOTHING
    whom = None
    if "legacy" in inside or "tweet" in inside:  # else a tombstone: withheld or deleted
        original = _x_into(found, inside, teller, depth + 1)
        quoted, whom = original.native, f"x:{original.account}" if original.account else None
    if quoted:
        told.deeds.append(("quote", f"x:{quoted}", whom, "native"))
    answered, account = (
        legacy.get("in_reply_to_status_id_str"),
        legacy.get("in_reply_to_user_id_str"),
    )
    if answered:
        told.deeds.append(("reply", f"x:{answered}", f"x:{account}" if account else None, "native"))


def _x_marks(told: Told, entities: Mapping[str, Any], teller: Teller) -> None:
    urls = entities.get("urls") or ()
    teller.links(told, [one.get("expanded_url") or one.get("url") for one in urls])
    teller.tags(told, [one["text"] for one in entities.get("hashtags") or ()])
    for one in entities.get("media") or ():
        key = native_id(one.get("media_key") or one.get("id_str"), "media id")
        if key is not None:
            shown = text_of(one.get("media_url_https")) or key
            teller.thing(told, "media", f"x:{key}", shown, "attachment")
    if told.is_copy:
        return
    for one in entities.get("user_mentions") or ():
        native = native_id(one.get("id_str"), "account id")
        name = str(one.get("screen_name") or "").lower()
        if native or name:
            grade = "native" if native else "name_only"
            told.deeds.append(("mention", None, f"x:{native or '@' + name}", grade))


def tiktok_post(data: Mapping[str, Any], teller: Teller) -> list[Told]:
    """The video of one object."""
    author = data["author"]
    handle = author["uniqueId"] if isinstance(author, dict) else str(author)
    native = native_id(data["id"], "video id")
    made = data["createTime"]
    told = Told(str(native), f"@{handle.lower()}", When(moment(made), "platform"))
    told.text, told.handle = text_of(data.get("desc")), handle
    about = author if isinstance(author, dict) else _NOTHING
    told.name = text_of(about.get("nickname") or data.get("nickname"))
    told.description = text_of(about.get("signature"))
    numbers = data.get("authorStats") or _NOTHING
    followers, following = count_of(numbers.get("followerCount")), numbers.get("followingCount")
    told.profile = (followers, count_of(following), count_of(numbers.get("videoCount")))
    stats = data.get("stats") or _NOTHING
    told.counts = (
        *(count_of(stats.get("shareCount")), count_of(stats.get("commentCount"))),
        *(count_of(stats.get("diggCount")), None, count_of(stats.get("playCount"))),
    )
    extra = [one for one in data.get("textExtra") or () if isinstance(one, dict)]
    tags = [str(one["hashtagName"]) for one in extra if one.get("hashtagName")]
    teller.tags(told, tags)
    teller.mentions(told, [str(one["userUniqueId"]) for one in extra if one.get("userUniqueId")])
    teller.from_text(told, tags=not extra)
    duet = native_id((data.get("duetInfo") or _NOTHING).get("duetFromId"), "id of the duet")
    if duet and duet != "0":
        told.deeds.append(("quote", f"tiktok:{duet}", None, "native"))
    music = native_id((data.get("music") or _NOTHING).get("id"), "music id")
    if music:
        teller.thing(told, "media", f"tiktok:music:{music}", f"music {music}", "attachment")
    return [told]


def instagram_post(data: Mapping[str, Any], teller: Teller) -> list[Told]:
    """The post of one object of the site's two generations."""
    owner = data.get("user") or data["owner"]
    code = str(data.get("code") or data["shortcode"])
    made = data.get("taken_at") or data["taken_at_timestamp"]
    account = native_id(owner.get("pk") or owner.get("id"), "account id")
    told = Told(code, account, When(moment(made), "platform"))
    told.text = _caption(data)
    told.handle, told.name = text_of(owner.get("username")), text_of(owner.get("full_name"))
    likes, answers = data.get("like_count"), data.get("comment_count")
    if likes is None:
        edges = data.get("edge_media_preview_like") or data.get("edge_liked_by") or _NOTHING
        likes = edges.get("count")
    if answers is None:
        answers = (data.get("edge_media_to_comment") or _NOTHING).get("count")
    likes = None if likes == -1 else likes  # hidden by the account
    told.counts = (None, count_of(answers), count_of(likes), None, count_of(data.get("play_count")))
    if told.text:
        teller.from_text(told)
        teller.mentions(told, written(told.text).mentions, "text_pattern")
    media = native_id(data.get("pk") or data.get("id"), "media id")
    if media is not None:
        teller.thing(told, "media", f"instagram:{media.partition('_')[0]}", code, "attachment")
    return [told]


def _caption(data: Mapping[str, Any]) -> str | None:
    caption = data.get("caption")
    if isinstance(caption, dict):
        return text_of(caption.get("text"))
    if isinstance(caption, str):
        return caption or None
    edges = (data.get("edge_media_to_caption") or _NOTHING).get("edges") or ()
    return text_of(edges[0]["node"]["text"]) if edges else None
