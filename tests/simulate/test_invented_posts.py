"""What is said of the posts is true of the files, counted anew from what was written."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from tamis.simulate import dice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate import Incident


CUT = b'{"id":"14288'


def lines(incident: Incident) -> Iterator[tuple[str, dict[str, Any]]]:
    base = incident.posts / "x_api_v2"
    for path in sorted(base.iterdir()):
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        for line in text.split(b"\n"):
            if line and line != CUT:
                yield f"x_api_v2/{path.name}", json.loads(line)


@pytest.fixture(scope="module")
def found(incident: Incident) -> dict[str, dict[str, Any]]:
    """Every post of the X files by id, however often it was collected."""
    out: dict[str, dict[str, Any]] = {}
    for _, line in lines(incident):
        for post in line.get("data", [line]):
            out.setdefault(post["id"], post)
    return out


def second(post: dict[str, Any]) -> float:
    return datetime.fromisoformat(post["created_at"]).timestamp()


def test_every_file_holds_as_many_rows_and_posts_as_told(incident: Incident) -> None:
    rows, posts = Counter(), Counter()
    for name, line in lines(incident):
        rows[name] += 1
        posts[name] += len(line["data"]) if "data" in line else 1
        if "data" in line:
            assert line["meta"]["result_count"] == len(line["data"])
    for name in ("mezzanine_agora.csv", "pagora_pages.csv"):
        with (incident.posts / name).open(newline="") as stream:
            rows[name] = posts[name] = sum(1 for _ in csv.DictReader(stream))
    told = incident.truth.files
    assert len(rows) == len(told) == 5
    for name, counts in told.items():
        broken, blank = counts["rejected_count"], counts["skipped_count"]
        assert counts["row_count"] - broken - blank == rows[name]
        assert counts["post_count"] == posts[name]
        assert (broken, blank) == ((1, 1) if "flat" in name else (0, 0))
    flat = (incident.posts / "x_api_v2" / "timelines_flat.jsonl").read_bytes()
    assert flat.endswith(b"}\n\n" + CUT)


def test_about_ten_thousand_posts_each_once_however_collected(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    story = incident.truth.story
    assert len(found) == story["x_post_count"]
    assert sum(story["posts_by_platform"].values()) == incident.post_count
    assert 9_000 < incident.post_count < 11_000
    collected = sum(c["post_count"] for n, c in incident.truth.files.items() if "x_api" in n)
    assert collected > len(found)  # some posts lie in two files, as in real collections


def test_ids_hold_the_times(found: dict[str, dict[str, Any]]) -> None:
    for post in found.values():
        ms = (int(post["id"]) >> 22) + 1_288_834_974_657
        assert ms // 1000 == second(post)


def test_spans_point_at_what_they_name(found: dict[str, dict[str, Any]]) -> None:
    seen = Counter()
    for post in found.values():
        for kind, entries in post.get("entities", {}).items():
            for entry in entries:
                shown = post["text"][entry["start"] : entry["end"]]
                named = {
                    "hashtags": "#" + entry.get("tag", ""),
                    "mentions": "@" + entry.get("username", ""),
                    "urls": entry.get("url", ""),
                }[kind]
                assert shown == named
                seen[kind] += 1
    assert min(seen["hashtags"], seen["mentions"], seen["urls"]) > 500


def test_pages_name_every_account_and_target_or_say_it_is_gone(incident: Incident) -> None:
    missing = 0
    for name, line in lines(incident):
        if "data" not in line:
            assert line["author"]["id"] == line["author_id"], name
            continue
        users = {user["id"] for user in line["includes"]["users"]}
        held = {post["id"] for post in line["includes"]["tweets"]}
        gone = {error["value"] for error in line.get("errors", [])}
        missing += len(gone)
        for post in line["data"]:
            assert post["author_id"] in users
            for reference in post.get("referenced_tweets", []):
                assert (reference["id"] in held) != (reference["id"] in gone)
    assert missing > 5


def test_fifteen_in_a_minute_and_eighty_seven_in_five(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    story = incident.truth.story
    first = found[story["first_hashtag"]["post_id"].removeprefix("x:")]
    begin = second(first)
    lags = [
        second(post) - begin
        for post in found.values()
        if post.get("referenced_tweets") == [{"type": "retweeted", "id": first["id"]}]
    ]
    counted = {str(t): sum(lag < t for lag in lags) for t in (60, 300, 12_600)}
    assert counted == story["first_post_reposts"]
    assert (counted["60"], counted["300"]) == (15, 87)
    assert not [lag for lag in lags if abs(lag - 60) <= 1 or abs(lag - 300) <= 1]


def test_hashtag_counts_and_first_sights(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    story = incident.truth.story
    tag = story["hashtag"]
    own = {
        post["id"]
        for post in found.values()
        if not post["text"].startswith("RT @")
        and any(t["tag"] == tag for t in post.get("entities", {}).get("hashtags", []))
    }
    repeats = {
        post["id"]
        for post in found.values()
        for r in post.get("referenced_tweets", [])
        if r["type"] == "retweeted" and r["id"] in own
    }
    begin = min(second(found[n]) for n in own)
    assert min(own, key=int) == story["first_hashtag"]["post_id"].removeprefix("x:")
    for limit in (60, 300, 12_600):
        assert story["hashtag_posts_own"][str(limit)] == sum(
            second(found[n]) - begin < limit for n in own
        )
        assert story["hashtag_posts_all"][str(limit)] == sum(
            second(found[n]) - begin < limit for n in own | repeats
        )
    assert story["hashtag_posts_total"] == len(own | repeats)
    languages = story["hashtag_posts_by_language"]
    assert 0.4 < languages["en"] / sum(languages.values()) < 0.65


def test_the_origin_is_a_board_post_fourteen_minutes_before(incident: Incident) -> None:
    story = incident.truth.story
    with (incident.posts / "mezzanine_agora.csv").open(newline="") as stream:
        board = list(csv.DictReader(stream))
    with_link = [row for row in board if story["archive_url"] in row["text"]]
    first = min(with_link, key=lambda row: datetime.fromisoformat(row["created_at"]))
    assert first["post_id"] == story["origin"]["native_id"]
    assert first["thread_id"] == story["origin"]["thread_id"]
    at = datetime.fromisoformat(first["created_at"])
    assert at.utcoffset() is not None
    assert at == datetime.fromisoformat(story["origin"]["at"])
    hashtag = datetime.fromisoformat(story["first_hashtag"]["at"])
    assert (hashtag - at).total_seconds() == 14 * 60
    tagged = [row for row in board if "#" + story["hashtag"] in row["text"]]
    assert datetime.fromisoformat(tagged[0]["created_at"]) == datetime.fromisoformat(
        story["first_tag"]["mezzanine"]
    )
    posters = defaultdict(set)
    for row in board:
        posters[row["author_id"]].add(row["thread_id"])
    assert all(len(threads) == 1 for threads in posters.values())


def test_the_publisher_carries_it_far_wider(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    story = incident.truth.story
    authors = {post["id"]: post["author_id"] for post in found.values()}
    received = Counter(
        authors[r["id"]]
        for post in found.values()
        for r in post.get("referenced_tweets", [])
        if r["type"] == "retweeted"
    )
    top, count = received.most_common(1)[0]
    assert f"x:{top}" == story["publisher"]["account_id"]
    assert count == story["publisher"]["reposts_received"]
    assert count > 2 * story["first_poster_reposts_received"]


def shared(acts: dict[str, list[tuple[float, str]]]) -> Counter[tuple[str, str]]:
    """For each pair of accounts, on how many objects both acted within a minute: the slow way."""
    weights: Counter[tuple[str, str]] = Counter()
    for events in acts.values():
        events.sort()
        pairs = set()
        for i, (at, a) in enumerate(events):
            for later, b in events[i + 1 :]:
                if later - at > 60:
                    break
                if a != b:
                    pairs.add((min(a, b), max(a, b)))
        weights.update(pairs)
    return weights


def acted(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, list[tuple[float, str]]]]:
    out: dict[str, dict[str, list[tuple[float, str]]]] = {
        layer: defaultdict(list) for layer in ("co_repost", "co_link", "co_hashtag")
    }
    for post in found.values():
        ms = (int(post["id"]) >> 22) / 1000
        act = (ms, "x:" + post["author_id"])
        references = post.get("referenced_tweets", [])
        if references and references[0]["type"] == "retweeted":
            out["co_repost"][references[0]["id"]].append(act)
            continue
        for entry in post.get("entities", {}).get("urls", []):
            out["co_link"][entry["expanded_url"]].append(act)
        for entry in post.get("entities", {}).get("hashtags", []):
            out["co_hashtag"][entry["tag"]].append(act)
    return out


def test_the_cell_stands_out_by_how_many_things_it_shares(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    truth = incident.truth
    members = set(truth.cell["members"])
    told: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in truth.pairs:
        told[row["layer"]][row["account_a"], row["account_b"]] = int(row["shared_count"])
    for layer, acts in acted(found).items():
        weights = shared(acts)
        inside = {p: n for p, n in weights.items() if set(p) <= members}
        outside = {p: n for p, n in weights.items() if not set(p) <= members}
        assert inside == told[layer]
        assert len(inside) == truth.cell["pair_count"] == len(list(combinations(members, 2)))
        assert min(inside.values()) == truth.cell["least_shared"][layer]
        assert max(outside.values()) <= truth.cell["honest_most_shared"]
        assert min(inside.values()) > truth.cell["honest_most_shared"]
        assert len(outside) > 200  # honest crowds do act together


def test_parts_of_a_split_add_up() -> None:
    assert dice.spread(10, [1, 1, 1]) == [3, 3, 4]
    assert sum(dice.spread(987_654, [7, 0, 3, 11] * 50)) == 987_654
