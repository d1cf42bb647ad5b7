"""Invented exports of every platform for the benchmark of readers: rows of the size real ones have.

Texts are of 60 to 200 characters; half hold a hashtag, four in ten an address out of 4,000 pages or
a short link of its own, one in seven a name; accounts repeat as they do in collections of a topic.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = datetime(2017, 5, 5, 6, 0, tzinfo=UTC)
LATER_US = 8 * 365 * 86_400_000_000  # a network of 2025
X_EPOCH_MS, DISCORD_EPOCH_MS = 1_288_834_974_657, 1_420_070_400_000
WORDS = [
    *("vote", "leak", "mail", "tonight", "read", "this", "before", "sunday", "they", "hide", "the"),
    *("truth", "in", "plain", "sight", "\u00e9lection", "candidate", "documents", "campaign"),
    *("server", "dump", "everyone", "should", "see", "what", "was", "written", "about", "money"),
]


class Draw:
    """One row's share of chance: who, when, what words, and what they hold."""

    def __init__(self, rng: random.Random, number: int, pool: int) -> None:
        self.rng, self.number = rng, number
        self.when = START + timedelta(milliseconds=number * 731)
        self.seconds = int(self.when.timestamp())
        self.account = int(pool * rng.random() ** 2)
        self.name = f"invented_{self.account}"
        self.tag = f"Tag{rng.randrange(300)}" if rng.random() < 0.5 else None
        self.url = self._url() if rng.random() < 0.4 else None
        self.whom = f"invented_{rng.randrange(pool)}" if rng.random() < 0.15 else None
        words = " ".join(rng.choices(WORDS, k=rng.randrange(10, 30)))
        marks = (f"#{self.tag}" if self.tag else None, self.url, f"@{self.whom}" * bool(self.whom))
        self.text = " ".join([words, *(mark for mark in marks if mark)])
        self.snowflake = str(int(self.when.timestamp() * 1000) - X_EPOCH_MS << 22 | number % 4096)

    def _url(self) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            return f"https://t.co/{rng.getrandbits(48):010x}"
        page = int(4000 * rng.random() ** 2)
        return f"https://www.paper{page % 40}.example/story/{page}?utm_source=x"

    def at(self, form: str, hours: int = 0) -> str:
        """The time as the format says, in a zone so many hours ahead."""
        return (self.when + timedelta(hours=hours)).strftime(form)


def io_archive(d: Draw) -> dict[str, Any]:
    native = f"{d.account:064x}"
    return {
        "tweetid": d.snowflake, "userid": native, "user_display_name": native,
        "user_screen_name": native, "user_reported_location": "Nowhere",
        "user_profile_description": " ".join(WORDS[d.account % 9 : d.account % 9 + 10]),
        "user_profile_url": "", "follower_count": d.account, "following_count": 7,
        "account_creation_date": "2014-02-01", "account_language": "en", "tweet_language": "fr",
        "tweet_text": d.text, "tweet_time": d.at("%Y-%m-%d %H:%M"),
        "tweet_client_name": "Invented Web App", "in_reply_to_userid": "",
        "in_reply_to_tweetid": "", "quoted_tweet_tweetid": "", "is_retweet": "False",
        "retweet_userid": "", "retweet_tweetid": "", "latitude": "absent", "longitude": "absent",
        "quote_count": "0.0", "reply_count": "0.0", "like_count": "2.0", "retweet_count": "1.0",
        "hashtags": f"['{d.tag}']" if d.tag else "[]", "urls": f"['{d.url}']" if d.url else "[]",
        "user_mentions": f"['{d.account + 1}']" if d.whom else "[]", "poll_choices": "",
    }  # fmt: skip


def ira_csv(d: Draw) -> dict[str, Any]:
    return {
        "external_author_id": 10**9 + d.account, "author": d.name.upper(), "content": d.text,
        "region": "United States", "language": "English",
        "publish_date": f"{d.when.month}/{d.when.day}/{d.when.year} {d.when:%H:%M}",
        "harvested_date": f"{d.when.month}/{d.when.day}/{d.when.year} {d.when.hour}:59",
        "following": d.account, "followers": 20, "updates": 30, "post_type": "",
        "account_type": "Right", "retweet": "0", "account_category": "RightTroll",
        "new_june_2018": "0", "alt_external_id": 10**9 + d.account, "tweet_id": d.snowflake,
        "article_url": f"http://twitter.com/{d.name}/statuses/{d.snowflake}",
        "tco1_step1": d.url or "", "tco2_step1": "", "tco3_step1": "",
    }  # fmt: skip


def twarc_csv(d: Draw) -> dict[str, Any]:
    empty = dict.fromkeys(
        f"{of}.{name}" for of in ("geo", "author.entities", "attachments", "withheld", "context")
        for name in ("one", "two", "three", "four", "five", "six"))  # fmt: skip
    urls = [{"start": 1, "end": 24, "url": "https://t.co/x", "expanded_url": d.url,
             "display_url": "paper.example/story", "unwound_url": d.url}]  # fmt: skip
    return {
        "id": d.snowflake, "conversation_id": d.snowflake, "referenced_tweets.replied_to.id": "",
        "referenced_tweets.retweeted.id": "", "referenced_tweets.quoted.id": "",
        "author_id": 10**9 + d.account, "in_reply_to_user_id": "", "retweeted_user_id": "",
        "quoted_user_id": "", "created_at": d.at("%Y-%m-%dT%H:%M:%S.000Z"), "text": d.text,
        "lang": "en", "source": "Invented Web App", "public_metrics.like_count": 4,
        "public_metrics.quote_count": 0, "public_metrics.reply_count": 1,
        "public_metrics.retweet_count": d.number % 90, "reply_settings": "everyone",
        "possibly_sensitive": "False", "edit_history_tweet_ids": json.dumps([d.snowflake]),
        "entities.hashtags": json.dumps([{"start": 0, "end": 9, "tag": d.tag}]) if d.tag else "",
        "entities.mentions": json.dumps([{"start": 0, "end": 9, "username": d.whom, "id": "77"}])
        if d.whom else "", "entities.urls": json.dumps(urls) if d.url else "",
        "entities.annotations": json.dumps([{"start": 3, "end": 9, "probability": 0.9,
                                             "type": "Other", "normalized_text": "vote"}] * 2),
        "context_annotations": json.dumps([{"domain": {"id": "35", "name": "Politician",
            "description": "Politicians in the world"}, "entity": {"id": "8", "name": "Somebody",
            "description": "An invented leader"}}] * 3),
        "attachments.media": "", "attachments.media_keys": "", "author.id": 10**9 + d.account,
        "author.username": d.name, "author.name": d.name.title(),
        "author.created_at": "2014-03-02T10:00:00.000Z", "author.location": "Nowhere",
        "author.description": " ".join(WORDS[d.account % 9 : d.account % 9 + 12]),
        "author.profile_image_url": f"https://pictures.example/{d.account}_normal.jpg",
        "author.public_metrics.followers_count": d.account,
        "author.public_metrics.following_count": 9, "author.public_metrics.tweet_count": 90,
        **empty, "__twarc.retrieved_at": "2023-01-05T17:34:04+00:00",
        "__twarc.url": "https://api.twitter.com/2/tweets/search/all?query=leak&fields="
        + "%2C".join(f"field_{number}" for number in range(30)), "__twarc.version": "2.13.0",
    }  # fmt: skip


def fourcat(d: Draw) -> dict[str, Any]:
    return {
        "id": d.snowflake, "thread_id": d.snowflake, "timestamp": d.at("%Y-%m-%d %H:%M:%S"),
        "unix_timestamp": d.seconds, "link": f"https://x.com/{d.name}/status/{d.snowflake}",
        "subject": "", "body": d.text, "author": d.name, "author_fullname": d.name.title(),
        "author_id": 10**9 + d.account, "author_avatar_url": "https://pictures.example/1.jpg",
        "source": "Invented Web App", "language_guess": "en", "possibly_sensitive": "no",
        "retweet_count": d.number % 90, "reply_count": 1, "like_count": 4, "quote_count": 0,
        "impression_count": 100, "is_retweet": "no", "retweeted_user": "", "is_quote_tweet": "no",
        "quoted_user": "", "is_reply": "no", "replied_user": "", "hashtags": d.tag or "",
        "urls": d.url or "", "images": "", "videos": "", "mentions": d.whom or "",
        "long_lat": "", "place_name": "",
    }  # fmt: skip


def crowdtangle(d: Draw) -> dict[str, Any]:
    return {
        "Page Name": d.name.title(), "User Name": d.name, "Facebook Id": 10**14 + d.account,
        "Page Category": "MEDIA_NEWS_COMPANY", "Page Admin Top Country": "FR",
        "Page Description": " ".join(WORDS[d.account % 9 :]), "Page Created": "2013-02-01",
        "Likes at Posting": 900, "Followers at Posting": f"{d.account:,}",
        "Post Created": d.at("%Y-%m-%d %H:%M:%S CEST", 2), "Post Created Date": d.at("%Y-%m-%d"),
        "Post Created Time": d.at("%H:%M:%S"), "Type": "Link", "Total Interactions": "1,001",
        "Likes": 900, "Comments": 7, "Shares": 5, "Love": 90, "Wow": 0, "Haha": 10, "Sad": 0,
        "Angry": 1, "Care": 0, "Video Share Status": "", "Is Video Owner?": "-", "Post Views": 0,
        "Total Views": 0, "Total Views For All Crossposts": 0, "Video Length": "",
        "URL": f"https://www.facebook.com/{10**14 + d.account}/posts/{10**15 + d.number}",
        "Message": d.text, "Link": d.url or "", "Final Link": "", "Image Text": "",
        "Link Text": "An invented headline of an invented paper" if d.url else "",
        "Description": "What stands on the card under the post" if d.url else "",
        "Sponsor Id": "", "Sponsor Name": "", "Sponsor Category": "", "Overperforming Score": 1.5,
    }  # fmt: skip


def meta_library(d: Draw) -> dict[str, Any]:
    return {
        "id": 10**15 + d.number, "creation_time": d.at("%Y-%m-%dT%H:%M:%S+00:00"), "text": d.text,
        "lang": "en", "content_type": "posts", "is_branded_content": "false",
        "post_owner.id": 10**14 + d.account, "post_owner.name": d.name.title(),
        "post_owner.username": d.name, "post_owner.type": "facebook_page",
        "surface.id": 10**14 + d.account, "surface.type": "Page", "surface.name": d.name.title(),
        "link_attachment.link": d.url or "", "link_attachment.name": "An invented headline",
        "statistics.like_count": 3, "statistics.share_count": 2, "statistics.comment_count": 1,
        "statistics.views": 1000, "hashtags": d.tag or "", "mcl_url": "",
    }  # fmt: skip


def md5(d: Draw) -> str:
    """A hash as boards write it."""
    return base64.b64encode(random.Random(d.number).randbytes(16)).decode()


def fourplebs(d: Draw) -> list[str | int]:
    text = d.text if d.number % 3 else f">>{100_000_000 + d.number - 7}\n>quoted\n{d.text}"
    has_file, hours = d.number % 4 == 0, 4 * 3600
    number, thread = 100_000_000 + d.number, 100_000_000 + d.number // 60 * 60
    name = f"{d.seconds}123" if has_file else None
    cells: list[Any] = [number, 0, thread, int(number == thread), d.seconds - hours, 0]
    cells += [name and f"{name}s.jpg", 250 * has_file, 140 * has_file, name and "mail.png"]
    cells += [1000 * has_file, 600 * has_file, 90_000 * has_file, md5(d) if has_file else None]
    cells += [name and f"{name}.jpg", 0, 0, "N", None, "Anonymous", None, None, text, 0, 0]
    return [*cells, f"Ab{d.account:06d}", "FR", None]


def mango(d: Draw) -> dict[str, Any]:
    when = d.at("%Y-%m-%dT%H:%M:%S.%f")
    return {"Unique UserID": d.name, "Timestamp": when, "Post Content": d.text}


def table(d: Draw) -> dict[str, Any]:
    return {
        "post_id": d.snowflake, "user_id": 10**9 + d.account, "username": d.name,
        "created_at": d.at("%Y-%m-%dT%H:%M:%SZ"), "text": d.text, "urls": d.url or "",
        "hashtags": d.tag or "", "retweet_id": "", "lang": "en", "retweets": d.number % 90,
        "likes": 4, "replies": 1,
    }  # fmt: skip


def discord(d: Draw) -> dict[str, Any]:
    native = str(int(d.when.timestamp() * 1000) - DISCORD_EPOCH_MS << 22 | d.number % 4096)
    roles = [{"id": "5", "name": "Member", "color": "#3498DB", "position": 3}]
    author = {"id": str(10**17 + d.account), "name": d.name, "discriminator": "0000",
              "nickname": d.name.title(), "color": "#3498DB", "isBot": False, "roles": roles,
              "avatarUrl": f"https://cdn.discordapp.com/avatars/{d.account}/{d.account:032x}.png",
              }  # fmt: skip
    made: dict[str, Any] = {
        "id": native, "type": "Default",
        "timestamp": d.at("%Y-%m-%dT%H:%M:%S.%f", 2)[:-3] + "+02:00", "timestampEdited": None,
        "callEndedTimestamp": None, "isPinned": False, "content": d.text, "author": author,
        "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": [],
        "inlineEmojis": [],
    }  # fmt: skip
    if d.number % 5 == 0:
        made["type"] = "Reply"
        target = str(int(native) - (9000 << 22))
        made["reference"] = {"messageId": target, "channelId": "77", "guildId": "7"}
    if d.number % 10 == 0:
        emoji = {"id": "", "name": "x", "code": "x", "isAnimated": False, "imageUrl": ""}
        made["reactions"] = [{"emoji": emoji, "count": 3}]
    return made


def telegram_desktop(d: Draw) -> dict[str, Any]:
    parts = [(d.text.partition(" #")[0].partition(" http")[0].partition(" @")[0], "plain")]
    parts += [(f"#{d.tag}", "hashtag")] if d.tag else []
    parts += [(d.url, "link")] if d.url else []
    parts += [(f"@{d.whom}", "mention")] if d.whom else []
    marked = [{"type": kind, "text": text} for text, kind in parts]
    plain = [one["text"] if one["type"] == "plain" else one for one in marked]
    return {
        "id": d.number, "type": "message", "date": d.at("%Y-%m-%dT%H:%M:%S", 2),
        "date_unixtime": str(d.seconds), "from": d.name.title(),
        "from_id": f"user{10**8 + d.account}",
        **({"reply_to_message_id": d.number - 3} if d.number % 6 == 5 else {}),
        "text": plain if len(plain) > 1 else plain[0], "text_entities": marked,
    }  # fmt: skip


def telethon(d: Draw) -> dict[str, Any]:
    entities = []
    for mark, kind in ((f"#{d.tag}", "Hashtag"), (d.url, "Url"), (f"@{d.whom}", "Mention")):
        if mark and mark in d.text:
            one = {"_": f"MessageEntity{kind}", "offset": d.text.index(mark), "length": len(mark)}
            entities.append(one)
    return {
        "_": "Message", "id": d.number, "peer_id": {"_": "PeerChannel", "channel_id": 10**9},
        "date": d.at("%Y-%m-%dT%H:%M:%S+00:00"), "message": d.text, "out": False,
        "mentioned": False, "media_unread": False, "silent": False, "post": False,
        "from_scheduled": False, "legacy": False, "edit_hide": False, "pinned": False,
        "noforwards": False, "invert_media": False, "offline": False,
        "from_id": {"_": "PeerUser", "user_id": 10**8 + d.account}, "fwd_from": None,
        "via_bot_id": None, "reply_to": None, "media": None, "reply_markup": None,
        "entities": entities, "views": d.number % 900, "forwards": 3, "replies": None,
        "edit_date": None, "post_author": None, "grouped_id": None, "reactions": None,
        "restriction_reason": [], "ttl_period": None,
    }  # fmt: skip


def kek_post(d: Draw, thread: int, number: int) -> dict[str, Any]:
    com = d.text.replace("'", "&#039;")
    if number != thread:
        link = f'<a href="#p{number - 1}" class="quotelink">&gt;&gt;{number - 1}</a><br>'
        com = f'{link}<span class="quote">&gt;quoted</span><br>{com}'
    made: dict[str, Any] = {
        "no": number, "now": d.at("%m/%d/%y(%a)%H:%M:%S", -4), "name": "Anonymous", "com": com,
        "time": d.seconds, "resto": thread if number != thread else 0, "id": f"Ab{d.account:06d}",
        "country": "FR", "country_name": "France", "extracted_poster_id": f"Ab{d.account:06d}",
        "entities": [{"entity_text": "vote", "entity_label": "ORG", "entity_start": 3,
                      "entity_end": 7}] * 2,
        "perspectives": {name: d.rng.random() for name in (
            "TOXICITY", "SEVERE_TOXICITY", "INFLAMMATORY", "PROFANITY", "INSULT", "OBSCENE",
            "SPAM")},
    }  # fmt: skip
    if d.number % 4 == 0:
        made |= {"filename": "mail", "ext": ".png", "w": 1000, "h": 600, "tn_w": 250, "tn_h": 140,
                 "tim": d.seconds * 1000, "fsize": 90_000,
                 "md5": md5(d)}  # fmt: skip
    return made


def reddit(d: Draw) -> dict[str, Any]:
    def base36(number: int) -> str:
        made = ""
        while number:
            number, rest = divmod(number, 36)
            made = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + made
        return made

    return {
        "author": d.name, "author_flair_css_class": None, "author_flair_text": None,
        "body": d.text, "can_gild": True, "controversiality": 0, "created_utc": d.seconds,
        "distinguished": None, "edited": False, "gilded": 0, "id": base36(10**10 + d.number),
        "link_id": f"t3_{base36(10**8 + d.number // 90)}",
        "parent_id": f"t1_{base36(10**10 + d.number - 5)}", "retrieved_on": d.seconds + 900_000,
        "score": 3, "stickied": False, "subreddit": f"Place{d.number % 40}",
        "subreddit_id": "t5_2cneq",
    }  # fmt: skip


def bluesky(d: Draw) -> dict[str, Any]:
    micros = int(d.when.timestamp() * 1_000_000) + LATER_US
    rkey = f"3l{base64.b32encode(d.number.to_bytes(6, 'big')).decode().lower()[:10]}2"
    facets = []
    for mark, feature in (
        (d.url, {"$type": "app.bsky.richtext.facet#link", "uri": d.url}),
        (f"#{d.tag}", {"$type": "app.bsky.richtext.facet#tag", "tag": d.tag}),
    ):
        if mark and mark in d.text:
            at = len(d.text[: d.text.index(mark)].encode())
            place = {"byteStart": at, "byteEnd": at + len(mark)}
            facets.append({"features": [feature], "index": place})
    record: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": d.text, "langs": ["en"],
                              "createdAt": (d.when + timedelta(microseconds=LATER_US)).strftime(
                                  "%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"}  # fmt: skip
    if facets:
        record["facets"] = facets
    if d.number % 3 == 0:
        uri = f"at://did:plc:{d.account + 1:024x}/app.bsky.feed.post/{rkey[:-1]}3"
        aim = {"cid": "bafyreib2rxk3rh6kzwq3uzl", "uri": uri}
        record["reply"] = {"parent": aim, "root": aim}
    commit = {"rev": "3lbhk2f5v2c2a", "operation": "create", "collection": "app.bsky.feed.post",
              "rkey": rkey, "record": record, "cid": "bafyreidmp7x3nqzl6frqkqbpxhklb3jrkzl5q"
              }  # fmt: skip
    did = f"did:plc:{d.account:024x}"
    return {"did": did, "time_us": micros + 800_000, "kind": "commit", "commit": commit}


def mastodon(d: Draw) -> dict[str, Any]:
    host, native = "social.example", str(10**17 + d.number)
    home = f"https://{host}/@{d.name}"
    account = {
        "id": str(d.account), "username": d.name, "acct": d.name, "display_name": d.name.title(),
        "locked": False, "bot": False, "created_at": "2016-11-02T00:00:00.000Z",
        "note": f"<p>{' '.join(WORDS[d.account % 9 :])}</p>", "url": home, "group": False,
        "avatar": f"https://files.{host}/accounts/avatars/{d.account}/original/x.png",
        "avatar_static": f"https://files.{host}/accounts/avatars/{d.account}/original/x.png",
        "header": f"https://files.{host}/headers/original/missing.png",
        "header_static": f"https://files.{host}/headers/original/missing.png",
        "followers_count": d.account, "following_count": 9, "statuses_count": 90,
        "last_status_at": "2017-05-05", "emojis": [], "fields": [],
    }  # fmt: skip
    content = d.text.split(" #")[0].split(" http")[0].split(" @")[0]
    if d.tag:
        content += (f' <a href="https://{host}/tags/{d.tag}" class="mention hashtag" rel="tag">'
                    f"#<span>{d.tag}</span></a>")  # fmt: skip
    if d.url:
        shown = d.url.partition("://")[2]
        content += (f' <a href="{d.url}" rel="nofollow noopener" target="_blank">'
                    f'<span class="invisible">https://</span><span class="">{shown}</span></a>'
                    )  # fmt: skip
    return {
        "id": native, "created_at": d.at("%Y-%m-%dT%H:%M:%S.000Z"), "in_reply_to_id": None,
        "in_reply_to_account_id": None, "sensitive": False, "spoiler_text": "",
        "visibility": "public", "language": "fr", "replies_count": 1, "reblogs_count": 2,
        "uri": f"https://{host}/users/{d.name}/statuses/{native}", "url": f"{home}/{native}",
        "favourites_count": 3, "edited_at": None, "content": f"<p>{content}</p>", "reblog": None,
        "application": {"name": "Web", "website": None}, "account": account, "mentions": [],
        "media_attachments": [], "emojis": [], "card": None, "poll": None,
        "tags": [{"name": d.tag, "url": f"https://{host}/tags/{d.tag}"}] if d.tag else [],
    }  # fmt: skip


def _rows(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer: Any = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(out, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def _lines(rows: Iterator[Any]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _plebs(rows: Iterator[list[Any]]) -> Iterator[bytes]:
    for row in rows:
        cells = ("N" if c is None else str(c) if isinstance(c, int) else _quoted(c) for c in row)
        yield ",".join(cells).encode() + b"\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n") + '"'


def _whole(head: dict[str, Any], indent: int) -> Callable[[Iterator[Any]], Iterator[bytes]]:
    def write(rows: Iterator[Any]) -> Iterator[bytes]:
        lead = b"\n" + b" " * 2 * indent
        start = json.dumps(head, indent=indent, ensure_ascii=False).encode().rstrip(b"}\n ")
        yield start + b",\n" + b" " * indent + b'"messages": ['
        for rank, row in enumerate(rows):
            text = json.dumps(row, indent=indent, ensure_ascii=False).encode()
            yield (b"," if rank else b"") + lead + text.replace(b"\n", lead)
        yield b"\n" + b" " * indent + b"]\n}\n"

    return write


def _threads(rows: Iterator[Draw]) -> Iterator[bytes]:
    held: list[Any] = []
    for d in rows:
        number = 100_000_000 + d.number
        held.append(kek_post(d, number - d.number % 60, number))
        if len(held) == 60:
            yield json.dumps({"posts": held}, ensure_ascii=False).encode() + b"\n"
            held = []


_GUILD = {
    "guild": {"id": "7", "name": "The guild", "iconUrl": "https://cdn.example/x.png"},
    "channel": {"id": "77", "type": "GuildTextChat", "categoryId": "70", "category": "News",
                "name": "leaks", "topic": None}, "dateRange": {"after": None, "before": None},
    "exportedAt": "2017-05-08T10:00:00+02:00"}  # fmt: skip
_CHAT = {"name": "The channel", "type": "public_supergroup", "id": 1_234_567_890}
# Reader: what one draw becomes, how the rows are written.
EXPORTS: dict[str, tuple[Callable[[Draw], Any], Callable[[Any], Iterator[bytes]]]] = {
    "x_io_archive": (io_archive, _rows), "x_ira_csv": (ira_csv, _rows),
    "x_twarc_csv": (twarc_csv, _rows), "fourcat": (fourcat, _rows),
    "crowdtangle": (crowdtangle, _rows), "meta_library": (meta_library, _rows),
    "4plebs": (fourplebs, _plebs), "mango": (mango, _rows), "table": (table, _rows),
    "discord": (discord, _whole(_GUILD, 2)), "telegram_desktop": (telegram_desktop,
    _whole(_CHAT, 1)), "telethon": (telethon, _lines), "lost_kek": (lambda d: d, _threads),
    "reddit": (reddit, _lines), "bluesky": (bluesky, _lines), "mastodon": (mastodon, _lines),
}  # fmt: skip


def export(name: str, size: int, seed: int = 1) -> tuple[bytes, int]:
    """An export of at least so many bytes, and how many rows it has."""
    make, write = EXPORTS[name]
    rng, drawn = random.Random(seed), 0
    pool = max(size // 4000, 10)
    total, is_over, parts = 0, False, []

    def rows() -> Iterator[Any]:
        nonlocal drawn
        while not is_over:
            drawn += 1
            yield make(Draw(rng, drawn - 1, pool))

    for part in write(rows()):
        parts.append(part)
        total += len(part)
        is_over = total >= size
    return b"".join(parts), drawn
