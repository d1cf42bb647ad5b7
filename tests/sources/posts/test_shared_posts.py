"""Real files: every one fully accounted for, its counts against what the JSON itself holds."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from post_reading import glimpse, read_file

from tamis import records, registry
from tamis.errors import FormatError
from tamis.sources.posts import table, x_v2
from tamis.sources.posts.advice import is_description

pytestmark = pytest.mark.shared_data

X_FILES = (
    *("2sets", "brexit", "cashtags", "cotweet", "edited", "edited_after", "edited_before"),
    *("entities_test", "flat", "geo_tweets", "many_urls", "media_policy_violation_off"),
    *("media_tweet", "mentions_tweet", "noflat", "tweets_compliance", "two_tweets", "users"),
    "verified_type",
)


def held(path: Path) -> tuple[int, set[str], set[str], int]:
    """What a file holds, by a slow and obvious walk: rows, post ids, account ids, blank lines."""
    rows, posts, accounts, blank = 0, set(), set(), 0

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("id"), str) and "text" in value:
                posts.add(value["id"])
            elif isinstance(value.get("id"), str) and "username" in value and "name" in value:
                accounts.add(value["id"])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    for line in path.read_text().splitlines():
        if not line.strip():
            blank += 1
            continue
        whole = json.loads(line)
        rows += len(whole["data"]) if isinstance(whole.get("data"), list) else 1
        walk(whole)
    return rows, posts, accounts, blank


@pytest.mark.parametrize("name", X_FILES)
def test_x_v2_files_are_accounted_for(shared_data: Path, name: str) -> None:
    path = shared_data / "posts" / "twitter_v2" / f"{name}.jsonl"
    readers = registry.plugins("posts")
    shown = glimpse(path.read_bytes(), path.name)
    assert max(readers.values(), key=lambda one: one.recognises(shown)).name == "x_v2"
    found = read_file(x_v2.READER, path)
    rows, posts, accounts, blank = held(path)
    (count,) = found["intake_count"]
    assert not found["rejected"]
    assert (count["row_count"], count["skipped_count"]) == (rows + blank, blank)
    assert {post["native_id"] for post in found["post"]} == posts
    assert {account["native_id"] for account in found["account"]} == accounts
    for post in found["post"]:
        assert post["posted_low_at"] <= post["posted_at"] <= post["posted_high_at"]
        assert (post["posted_high_at"] - post["posted_low_at"]).total_seconds() < 1


def test_no_reader_takes_the_files_of_another_platform(shared_data: Path) -> None:
    own = {
        "bluesky": {"bluesky"}, "fourchan": {"4chan"}, "mastodon": {"mastodon"},
        "twitter_v2": {"x_v2"},
    }  # fmt: skip
    others = {"4chan", "4plebs", "8kun", "bluesky", "discord", "lost_kek", "mastodon", "reddit"}
    others |= {"telegram_desktop", "telethon"}
    opened = {".gz": gzip.decompress, ".bz2": bz2.decompress}
    for path in sorted((shared_data / "posts").rglob("*.*")):
        data = opened.get(path.suffix, bytes)(path.read_bytes())
        shown = glimpse(data, path.name.removesuffix(".gz").removesuffix(".bz2"))
        sure = {n: one.recognises(shown) for n, one in registry.plugins("posts").items()}
        best = max(sure, key=lambda name: sure[name])
        if path.parent.name in own:
            assert best in own[path.parent.name], path
        else:
            assert not {name for name in others if sure[name]}, path


def test_reposts_of_a_real_response(shared_data: Path) -> None:
    path = shared_data / "posts" / "twitter_v2" / "noflat.jsonl"
    whole = json.loads(path.read_text())
    expected = {
        (post["id"], reference["type"], reference["id"])
        for post in (*whole["data"], *whole["includes"]["tweets"])
        for reference in post.get("referenced_tweets", ())
    }
    kinds = {"repost": "retweeted", "quote": "quoted", "reply": "replied_to"}
    found = read_file(x_v2.READER, path)
    assert {
        (act["post_id"][2:], kinds[act["type"]], act["target_post_id"][2:])
        for act in found["action"]
        if act["type"] in kinds
    } == expected


def test_opaque_tables(shared_data: Path) -> None:
    folder = shared_data / "posts" / "coortweet"
    found = read_file(table.READER, folder / "german_elections_dev.parquet")
    assert found["intake_count"][0]["used_count"] == 156_368
    kinds: dict[str, int] = {}
    for one in found["object"]:
        kinds[one["kind"]] = kinds.get(one["kind"], 0) + 1
    with duckdb.connect() as connection:
        expected = connection.execute(
            "SELECT count(DISTINCT url_id), count(DISTINCT hashtag_id), count(DISTINCT domain_id), "
            "count(DISTINCT phash_id), count(DISTINCT post_id) + 1 FROM read_parquet(?)",
            [str(folder / "german_elections_dev.parquet")],
        ).fetchone()
    posts = {post["post_id"] for post in found["post"]}
    assert expected == (
        *(kinds["url"], kinds["hashtag"], kinds["domain"], kinds["image_hash"]),
        len(posts),
    )


def test_pairs_of_the_retweet_table_survive_the_reader(shared_data: Path) -> None:
    """Issue 2, show 4: 6,281 pairs within 60 s, counted on the rows that the reader gives."""
    found = read_file(
        table.READER, shared_data / "posts" / "coortweet" / "russian_coord_tweets.parquet"
    )
    assert found["intake_count"][0]["used_count"] == 35_125
    with duckdb.connect() as connection:
        for name in ("post", "post_object"):
            rows = pa.Table.from_pylist(found[name], schema=records.table(name).schema)
            connection.register(name, rows)
        pairs = connection.execute(
            "WITH acted AS (SELECT object_id, post_id, account_id, epoch(posted_at) AS s "
            "FROM post_object JOIN (SELECT * FROM post WHERE version = 1) USING (post_id)) "
            "SELECT count(*) FROM acted a JOIN acted b ON a.object_id = b.object_id "
            "AND a.account_id < b.account_id AND abs(a.s - b.s) <= 60"
        ).fetchone()
    assert pairs == (6_281,)


@pytest.mark.parametrize(
    ("name", "rows", "actions"), [("coretweet_test_input", 15, 15), ("sample_data", 100, 42)]
)
def test_tables_of_a_peer(shared_data: Path, name: str, rows: int, actions: int) -> None:
    found = read_file(table.READER, shared_data / "posts" / "cnt" / f"{name}.csv")
    assert (len(found["post"]), len(found["action"])) == (rows, actions)
    assert not found["rejected"]


def test_a_table_without_zones_is_refused_by_name(shared_data: Path) -> None:
    path = shared_data / "posts" / "mango" / "hashtag_test_input.csv"
    with pytest.raises(FormatError, match=r"'Timestamp'.*--assume-zone"):
        read_file(table.READER, path)
    found = read_file(table.READER, path, assume_zone="UTC")
    assert len(found["post"]) == len(path.read_text().splitlines()) - 1


def test_descriptions_of_an_archive_are_no_posts(shared_data: Path) -> None:
    for path in sorted((shared_data / "posts").rglob("*.json*")):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        is_described = is_description(glimpse(data, path.name))
        assert is_described == (path.parent.name == "arctic"), path
