"""Post intake: MB/s of X API v2 lines a core, against a bare orjson loop over the same fields.

Pairs are interleaved in one process; printed are median and quartiles. The search for reference
cycles is off for both: the reader pauses it itself while it gathers a batch, and a loop that has it
on loses a tenth to half of its speed to it, which would flatter the reader. The bare loop calls
orjson.loads on each line and picks what the tables keep or are made from into lists: fields of
posts, accounts, references and objects, and each line's bytes, collector's time and address.
It makes no ids, hashes, times, objects or Arrow arrays, and keeps repetitions.
Fails (exit 1) only when the quartile that would be kindest still misses: 25 MB/s, and half of the
bare loop's speed. With `--readers`, MB/s and rows/s of every other reader instead, no budget.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

import posts_exports
from tamis.registry import Source, plugins
from tamis.sources.posts import x_v2
from tamis.syntax import web

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORDS = [
    "vote",
    "leak",
    "mail",
    "tonight",
    "read",
    "this",
    "before",
    "sunday",
    "they",
    "hide",
    "the",
    "truth",
    "in",
    "plain",
    "sight",
]
PAIRS = 7
# Where an export is not called as its reader is; the board of those that take it from the name.
READER_OF, BOARD = {"mango": "table"}, "pol"
# A collector notes the whole request, with the names of all fields it asked for.
ASKED = "https://api.twitter.com/2/tweets/search/all?query=leak&tweet.fields=" + "%2C".join(
    f"field_of_the_answer_{number}" for number in range(40)
)


def account(rng: random.Random, pool: int) -> dict[str, Any]:
    """One of `pool` accounts, which says the same about itself each time, a few far more often."""
    number = int(pool * rng.random() ** 2)
    return {
        "id": str(10_000 + number),
        "username": f"invented_{number}",
        "name": f"Invented {number}",
        "created_at": "2014-03-02T10:00:00.000Z",
        "description": " ".join(WORDS[number % 7 :]),
        "location": "Nowhere",
        "verified": False,
        "protected": False,
        "url": "",
        "profile_image_url": f"https://pictures.example/{number}_normal.jpg",
        "public_metrics": {
            "followers_count": number,
            "following_count": number // 2,
            "tweet_count": number * 7,
            "listed_count": 3,
        },
    }


def post(rng: random.Random, number: int, author: dict[str, Any]) -> dict[str, Any]:
    """One post with the parts and sizes of real ones: most bytes are context that nobody reads."""
    text = " ".join(rng.choices(WORDS, k=22))
    native = str(860_000_000_000_000_000 + number * 4_194_304)
    entities: dict[str, Any] = {
        "annotations": [
            {"start": 3, "end": 9, "probability": 0.9, "type": "Other", "normalized_text": "vote"}
        ]
        * 2
    }
    if rng.random() < 0.5:
        entities["hashtags"] = [{"start": 0, "end": 9, "tag": f"Tag{rng.randrange(300)}"}]
    if rng.random() < 0.4:
        entities["urls"] = [card(rng)]
    return {
        "id": native,
        "text": f"{text} \u00e9 #Tag https://t.co/abcdefghij",
        "author_id": author["id"],
        "author": author,
        "conversation_id": native,
        "created_at": "2017-05-05T18:49:12.000Z",
        "lang": "en",
        "source": "Invented Web App",
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "edit_history_tweet_ids": [native],
        "public_metrics": {
            "retweet_count": rng.randrange(900),
            "reply_count": 1,
            "like_count": 2,
            "quote_count": 0,
        },
        "entities": entities,
        "context_annotations": [context(rng) for _ in range(3)],
    }


def card(rng: random.Random) -> dict[str, Any]:
    page = rng.randrange(4000)
    address = f"https://www.paper{page % 40}.example/story/{page}?utm_source=x"
    return {
        "start": 100,
        "end": 123,
        "url": "https://t.co/abcdefghij",
        "expanded_url": address,
        "display_url": f"paper{page % 40}.example/story/{page}",
        "status": 200,
        "title": "An invented headline of an invented paper",
        "description": "A longer description that stands on the card under the post.",
        "images": [
            {
                "url": f"https://pictures.example/{page}?format=jpg&name=orig",
                "width": 1,
                "height": 1,
            }
        ]
        * 2,
        "unwound_url": address,
    }


def context(rng: random.Random) -> dict[str, Any]:
    return {
        "domain": {
            "id": "35",
            "name": "Politician",
            "description": "Politicians in the world, like Somebody Invented",
        },
        "entity": {
            "id": str(rng.randrange(10**18)),
            "name": "Somebody Invented",
            "description": "An invented leader of an invented party",
        },
    }


def lines(count: int, seed: int) -> list[bytes]:
    """Flattened lines: six in ten are reposts with the original inside."""
    rng = random.Random(seed)
    pool = max(count // 6, 1)  # posts an account, as in published collections of a hashtag
    originals = [post(rng, number, account(rng, pool)) for number in range(max(count // 8, 1))]
    made = []
    for number in range(count):
        one = post(rng, 1_000_000 + number, account(rng, pool))
        if rng.random() < 0.6:
            original = originals[int(len(originals) * rng.random() ** 3)]
            one["referenced_tweets"] = [{"type": "retweeted", **original}]
            one["text"] = f"RT @{original['author']['username']}: {original['text']}"[:139] + "…"
            mention = {"start": 3, "end": 9, **original["author"]}
            one["entities"] = {"mentions": [mention], "annotations": one["entities"]["annotations"]}
        one["__twarc"] = {
            "url": ASKED,
            "version": "2.13.0",
            "retrieved_at": "2023-01-05T17:34:04+00:00",
        }
        made.append(json.dumps(one).encode() + b"\n")
    return made


def responses(count: int, seed: int) -> list[bytes]:
    """Raw responses of a hundred posts, with users and reposted posts in `includes`."""
    flat = [orjson.loads(line) for line in lines(count, seed)]
    made = []
    for at in range(0, count, 100):
        users, included = {}, {}
        data = flat[at : at + 100]
        for one in data:
            users[one["author_id"]] = one.pop("author")
            for reference in one.get("referenced_tweets", ()):
                original = {key: reference[key] for key in reference if key != "type"}
                users[original["author_id"]] = original.pop("author")
                included[original["id"]] = original
            if "referenced_tweets" in one:
                one["referenced_tweets"] = [
                    {"type": r["type"], "id": r["id"]} for r in one["referenced_tweets"]
                ]
            collector = one.pop("__twarc")
        body = {
            "data": data,
            "includes": {"users": [*users.values()], "tweets": [*included.values()]},
        }
        made.append(json.dumps({**body, "__twarc": collector}).encode() + b"\n")
    return made


def bare(data: bytes) -> int:
    """The same fields of every post and account, picked into lists, and nothing else done."""
    posts: list[tuple[Any, ...]] = []
    users: list[tuple[Any, ...]] = []
    marks: list[Any] = []
    loads = orjson.loads
    places: list[tuple[Any, ...]] = []
    at = 0
    for line in io.BytesIO(data):
        whole = loads(line)
        collector = whole["__twarc"]
        seen = collector["retrieved_at"]
        places.append((at, at + len(line) - 1, seen, collector["url"]))
        at += len(line)
        if "data" in whole:
            found, people = whole["data"] + whole["includes"]["tweets"], whole["includes"]["users"]
        else:
            found, people = [whole], []
            for one in found:
                people.append(one["author"])
                found += [r for r in one.get("referenced_tweets", ()) if "text" in r]
                people += one["entities"].get("mentions", ())
        for one in found:
            get, counts = one.get, one["public_metrics"].get
            posts.append(
                (
                    *(get("id"), get("text"), get("author_id"), get("created_at"), get("lang")),
                    *(get("conversation_id"), get("source"), get("edit_history_tweet_ids"), seen),
                    *(counts("retweet_count"), counts("reply_count"), counts("like_count")),
                    *(counts("quote_count"), counts("impression_count"), get("withheld")),
                    *(get("note_tweet"), get("in_reply_to_user_id")),
                )
            )
            marks += [(r["type"], r["id"]) for r in get("referenced_tweets") or ()]
            entities = get("entities")
            if entities:
                marks += [
                    u.get("unwound_url") or u.get("expanded_url")
                    for u in entities.get("urls") or ()
                ]
                marks += [t["tag"] for t in entities.get("hashtags") or ()]
                marks += [(m.get("id"), m["username"]) for m in entities.get("mentions") or ()]
            attached = get("attachments")
            if attached:
                marks += attached.get("media_keys") or ()
        for user in people:
            get, counts = user.get, user["public_metrics"].get
            users.append(
                (
                    *(get("id"), get("username"), get("name"), get("created_at")),
                    *(get("description"), get("location"), counts("followers_count")),
                    *(counts("following_count"), counts("tweet_count"), seen),
                )
            )
    return len(posts) + len(users) + len(marks) + len(places)


def ours(data: bytes) -> int:
    source = Source("0" * 64, "bench.jsonl", len(data))
    return sum(
        batch.num_rows for made in x_v2.read(io.BytesIO(data), source) for batch in made.values()
    )


def measure(name: str, made: list[bytes]) -> bool:
    data = b"".join(made)
    speeds, ratios = [], []
    ours(data[: 1 << 20].rpartition(b"\n")[0])
    for _ in range(PAIRS):
        theirs, own = (_took(read, data) for read in (bare, ours))
        speeds.append(len(data) / 1e6 / own)
        ratios.append(theirs / own)
    speed, ratio = (statistics.quantiles(values, n=4) for values in (speeds, ratios))
    print(
        f"{name}: {len(data) / 1e6:.0f} MB, {PAIRS} pairs: {speed[1]:.1f} MB/s a core "
        f"[{speed[0]:.1f}-{speed[2]:.1f}], {ratio[1]:.2f} of the bare loop's speed "
        f"[{ratio[0]:.2f}-{ratio[2]:.2f}]"
    )
    return speed[2] >= 25 and ratio[2] >= 0.5


def _took(read: Callable[[bytes], int], data: bytes) -> float:
    """Seconds of CPU that a reading took, without the search for reference cycles."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        read(data)
        return time.process_time() - started
    finally:
        gc.enable()


def readers(names: Sequence[str], size: int, runs: int) -> None:
    """MB/s and rows/s a core of each reader, of an export of its own; as in a worker."""
    for name in names:
        data, rows = posts_exports.export(name, size)
        reader = plugins("posts")[READER_OF.get(name, name)]
        zone = {"assume_zone": "UTC"} if name == "mango" else {}
        source = Source("0" * 64, f"{BOARD}.csv", len(data), options=zone)
        seconds = []
        for _ in range(runs):
            web.link.cache_clear()  # what a file before this one may not have seen
            gc.collect()
            gc.disable()
            started = time.process_time()
            kept = sum(
                made["post"].num_rows
                for made in reader.read(io.BytesIO(data), source)
                if "post" in made
            )
            seconds.append(time.process_time() - started)
            gc.enable()
        if kept != rows:
            raise SystemExit(f"{name}: {rows} rows gave {kept} posts: this measures something else")
        took = statistics.median(seconds)
        print(
            f"{name:17} {len(data) / 1e6:.0f} MB, {len(data) / rows:5.0f} bytes a row: "
            f"{len(data) / 1e6 / took:5.1f} MB/s, {rows / took:7,.0f} rows/s a core",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=10_000, help="lines of X API v2")
    parser.add_argument("--readers", nargs="*", metavar="NAME", help="other readers (all)")
    parser.add_argument("--megabytes", type=int, default=32, help="size of each one's export")
    parser.add_argument("--runs", type=int, default=3, help="of each, the median is printed")
    told = parser.parse_args(arguments)
    if told.readers is not None:
        readers(told.readers or list(posts_exports.EXPORTS), told.megabytes * 1_000_000, told.runs)
        return 0
    good = measure("X v2 flattened", lines(told.count, 1))
    return 0 if measure("X v2 responses", responses(told.count, 2)) and good else 1


if __name__ == "__main__":
    sys.exit(main())
