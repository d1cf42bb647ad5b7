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
from tamis.simulate.cell import REPOST_PUSHES, Cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.simulate import Incident


CUT = b'{"id":"14288'


def others(incident: Incident) -> dict[str, list[dict[str, Any]]]:
    """The posts of every file that is neither a table nor of API v2."""
    base = incident.posts
    out = {}
    for path in sorted(base.glob("*/*.json")):
        whole = json.loads(path.read_bytes())
        out[path.relative_to(base).as_posix()] = whole.get("messages") or whole["posts"]
    path = base / "x_api_v1" / "timelines.jsonl"
    out["x_api_v1/timelines.jsonl"] = [json.loads(line) for line in path.read_bytes().splitlines()]
    return out


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
    for name, held in others(incident).items():
        rows[name] = posts[name] = len(held)
    told = incident.truth.files
    assert len(rows) == len(told) == 10
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


@pytest.mark.parametrize(("scale", "factor"), [(0.2, 1), (1.0, 1), (3.0, 3), (50.0, 10)])
def test_what_the_cell_pushes_has_the_more_other_readers_the_larger_the_crowd(
    scale: float, factor: int
) -> None:
    audience = [post for post in Cell(2017, scale).posts if post.group == "audience"]
    assert len(audience) == factor * 32 * (REPOST_PUSHES - 1)


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


def test_half_a_year_keeps_the_hours_of_its_clock(incident: Incident) -> None:
    statuses = others(incident)["x_api_v1/timelines.jsonl"]
    by_account: dict[str, list[datetime]] = defaultdict(list)
    for status in statuses:
        if "retweeted_status" not in status:
            at = datetime.strptime(status["created_at"], "%a %b %d %H:%M:%S %z %Y")
            by_account[f"x:{status['user']['id_str']}"].append(at)
            ms = (status["id"] >> 22) + 1_288_834_974_657
            assert ms // 1000 == at.timestamp()
    clocks = incident.truth.story["clocks"]
    assert len(clocks) == len(by_account) == 4
    for clock in clocks:
        times = by_account[clock["account_id"]]
        assert len(times) == clock["post_count"] >= 200
        changes = clock["changes_at"] and datetime.fromisoformat(clock["changes_at"])
        for at in times:
            summer = changes is None or at >= changes
            offset = clock["summer_offset_s"] if summer else clock["winter_offset_s"]
            hour = (at.timestamp() + offset) // 3600 % 24
            assert clock["quiet_to_hour"] <= hour < clock["quiet_from_hour"]
        if changes:
            assert min(sum(at < changes for at in times), sum(at >= changes for at in times)) > 30
    reposts = sum("retweeted_status" in status for status in statuses)
    assert 150 < reposts < 500


def test_calls_name_what_the_cell_pushes_some_minutes_later(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    messages = {
        f"discord:{one['id']}": one for one in others(incident)["discord/atelier_plans.json"]
    }
    first: dict[str, float] = {}
    for one in found.values():
        entities = one.get("entities", {})
        named = [f"#{tag['tag']}" for tag in entities.get("hashtags", ())]
        named += [url["expanded_url"] for url in entities.get("urls", ())]
        for name in named:
            first[name] = min(first.get(name, 1e18), second(one))
    calls = incident.truth.story["calls"]
    assert len(calls) == 26
    for call in calls:
        message = messages[call["post_id"]]
        assert call["object"] in message["content"]
        at = datetime.fromisoformat(message["timestamp"]).timestamp()
        assert at // 1 == datetime.fromisoformat(call["at"]).timestamp()
        if call["lag_s"] is not None:
            assert first[call["object"]] - at // 1 == call["lag_s"]
            assert 540 <= call["lag_s"] <= 1_560
    named = {call["post_id"] for call in calls}
    assert len(messages) - len(named) == 100


def test_every_copy_is_told_of_where_and_when_the_truth_says(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    held = others(incident)
    texts = {f"x:{name}": str(one.get("entities")) for name, one in found.items()}
    for one in held["telegram/result.json"]:
        texts[f"telegram:1990000077/{one['id']}"] = str(one["text"])
    for name, posts in held.items():
        if name.startswith("imageboard/"):
            texts |= {f"4chan:zq/{one['no']}": one["com"] for one in posts}
    rehosts = incident.truth.story["rehosts"]
    assert len(rehosts) == 4
    for copy in rehosts:
        holders = [
            name for name, text in texts.items() if copy["url"] in text.replace("&amp;", "&")
        ]
        assert copy["post_id"] in holders


def test_the_path_of_the_link_and_the_loudest_accounts(
    incident: Incident, found: dict[str, dict[str, Any]]
) -> None:
    story = incident.truth.story
    crossing = story["first_crossing"]
    assert crossing["lag_s"] == 14 * 60
    assert sorted(story["first_link"], key=story["first_link"].__getitem__)[:2] == [
        "mezzanine",
        "x",
    ]
    tag = story["hashtag"]
    own = {
        name: one for name, one in found.items()
        if not one["text"].startswith("RT @")
        and any(t["tag"] == tag for t in one.get("entities", {}).get("hashtags", []))
    }  # fmt: skip
    received = Counter(
        own[r["id"]]["author_id"]
        for one in found.values()
        for r in one.get("referenced_tweets", [])
        if r["type"] == "retweeted" and r["id"] in own
    )
    loud = [f"x:{name}" for name, _ in received.most_common(4)]
    first = {
        name: min(second(one) for one in own.values() if f"x:{one['author_id']}" == name)
        for name in loud
    }
    order = [row["account_id"] for row in story["amplifier_order"]]
    assert order == sorted(loud, key=first.__getitem__)
    assert order[0] == story["bridge"]
    assert order[-1] == story["publisher"]["account_id"]
    languages = story["hashtag_posts_by_language"]
    assert 0.4 < languages["en"] / sum(languages.values()) < 0.6


def test_claims_say_what_the_truth_says_of_them(incident: Incident) -> None:
    with incident.claims.open(newline="") as stream:
        claims = {row["claim_id"]: row for row in csv.DictReader(stream)}
    with (incident.folder / "truth" / "claims.csv").open(newline="") as stream:
        expected = {row["claim_id"]: row["expected"] for row in csv.DictReader(stream)}
    assert claims.keys() == expected.keys()
    assert Counter(expected.values()) == {"confirmed": 7, "contradicted": 2, "not_testable": 3}
    story = incident.truth.story
    for name, row in claims.items():
        if row["measure"] == "reposts":
            is_right = row["value"] == str(story["first_post_reposts"][row["window_s"]])
            assert is_right == (expected[name] == "confirmed")
