"""What the case says of the invented incident, beside what it was made of."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tamis import simulate

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate import Truth


class Line(Protocol):
    """The finished case that the fixture `line` of this folder gives."""

    incident: Path
    case: Path


@pytest.fixture(scope="module")
def truth(line: Line) -> Truth:
    return simulate.expectations(line.incident)


@cache
def shown(case: Path, table: str, where: str | None) -> str:
    """What the program prints of a table; the case does not change here, so once is enough."""
    chosen = () if where is None else ("--where", where)
    command = [sys.executable, "-m", "tamis", "show", str(case), table, *chosen, "--as", "jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(line: Line, table: str, where: str | None = None) -> list[dict[str, Any]]:
    return [json.loads(row) for row in shown(line.case, table, where).splitlines()]


def test_every_message_is_judged_and_nothing_else(line: Line, truth: Truth) -> None:
    judged = [row["item_id"] for row in rows(line, "verdict")]
    assert len(judged) == len(set(judged))
    assert set(judged) >= {row["sha256"] for row in truth.messages}


def test_every_verdict_is_one_that_its_making_allows(line: Line, truth: Truth) -> None:
    wrong = [
        (row["item_id"], row["verdict"], truth.expected(row["item_id"]))
        for row in rows(line, "verdict")
        if truth.expected(row["item_id"]) and row["verdict"] not in truth.expected(row["item_id"])
    ]
    assert wrong == []


def test_no_altered_or_forged_message_is_verified_or_supported(line: Line, truth: Truth) -> None:
    believed = {
        row["item_id"]
        for row in rows(line, "verdict")
        if row["verdict"] in {"verified", "verified_partly", "key_consistent", "consistent"}
    }
    false = {m["sha256"] for m in truth.messages if m["true_class"] in {"altered", "forged"}}
    assert len(believed) > 20
    assert len(false) > 10
    assert believed & false == set()


def test_every_copy_of_a_message_has_its_place(line: Line, truth: Truth) -> None:
    found = Counter(row["item_id"] for row in rows(line, "place"))
    told = Counter(row["sha256"] for row in truth.messages)
    assert {item: found[item] for item in told} == dict(told)


def test_every_mailbox_gave_as_many_messages_as_were_put_in(line: Line, truth: Truth) -> None:
    places = rows(line, "place")
    item_of = {row["path"]: row["item_id"] for row in places if row["parent_item_id"] is None}
    ledger = {row["container_item_id"]: row for row in rows(line, "ledger")}
    for path, count in truth.leak["containers"].items():
        if path.endswith(".mbox"):
            item = next(item for full, item in item_of.items() if full.endswith(path))
            assert (ledger[item]["emitted_count"], ledger[item]["failed_count"]) == (count, 0)


def test_files_nobody_can_read_are_said_to_be_so(line: Line, truth: Truth) -> None:
    items = {row["item_id"]: row for row in rows(line, "item")}
    for told in truth.documents:
        row = items[told["sha256"]]
        if told["true_class"] == "empty":
            assert row["status"] != "read"
        if row["status"] in {"failed", "refused"}:
            assert row["reason"]


def test_posts_are_counted_once_however_often_collected(line: Line, truth: Truth) -> None:
    by_platform: dict[str, set[str]] = defaultdict(set)
    for row in rows(line, "post"):
        by_platform[row["platform"]].add(row["post_id"])
    counted = {name: len(ids) for name, ids in by_platform.items()}
    assert counted == truth.story["posts_by_platform"]


def test_every_line_of_every_post_file_is_accounted_for(line: Line, truth: Truth) -> None:
    names = {row["item_id"]: row["path"] for row in rows(line, "place")}
    counts = {names[row["source_item_id"]]: row for row in rows(line, "intake_count")}
    for path, told in truth.files.items():
        row = next(row for name, row in counts.items() if name.endswith(path))
        assert row["used_count"] == told["post_count"], path
        assert row["rejected_count"] == told["rejected_count"], path
        assert row["skipped_count"] == told["skipped_count"], path
        assert row["row_count"] == row["used_count"] + row["rejected_count"] + row["skipped_count"]
    broken = rows(line, "rejected")
    assert len(broken) == sum(told["rejected_count"] for told in truth.files.values())
    assert all(row["reason"] and row["byte_start"] is not None for row in broken)


def test_first_sights(line: Line, truth: Truth) -> None:
    story = truth.story
    seen = {(row["object_id"], row["platform"]): row for row in rows(line, "first_seen")}
    link, tag = f"url:{story['archive_url']}", f"hashtag:{story['hashtag'].lower()}"
    assert seen[link, "*"]["post_id"] == story["origin"]["post_id"]
    assert seen[tag, "*"]["post_id"] == story["first_hashtag"]["post_id"]
    assert seen[link, "pagora"]["post_id"] == story["pagora_first"]["post_id"]
    for told, thing in (("first_link", link), ("first_tag", tag)):
        for platform, at in story[told].items():
            first = seen[thing, platform]["first_low_at"]
            assert first[:19].replace(" ", "T") == at[:19], (thing, platform)


def test_reposts_in_one_and_five_minutes(line: Line, truth: Truth) -> None:
    first = truth.story["first_hashtag"]["post_id"]
    root = rows(line, "post", f"post_id = '{first}'")[0]["posted_at"]
    times: dict[str, str] = {}
    for row in rows(line, "action", f"target_post_id = '{first}'"):
        if row["type"] == "repost":
            times[row["post_id"]] = row["acted_at"]
    lags = [_seconds(at) - _seconds(root) for at in times.values()]
    counted = {t: sum(lag < int(t) for lag in lags) for t in truth.story["first_post_reposts"]}
    assert counted == truth.story["first_post_reposts"]
    assert (counted["60"], counted["300"]) == (15, 87)


def _seconds(stated: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(stated).timestamp()


def test_the_publisher_received_most_reposts(line: Line, truth: Truth) -> None:
    author = {row["post_id"]: row["account_id"] for row in rows(line, "post")}
    reposts = {
        row["post_id"]: author[row["target_post_id"]]
        for row in rows(line, "action", "type = 'repost'")
    }
    publisher = truth.story["publisher"]
    received = Counter(reposts.values()).most_common(1)
    assert received == [(publisher["account_id"], publisher["reposts_received"])]
    assert len(reposts) == truth.story["x_repost_count"]


def test_amplifiers_are_those_who_repeated(line: Line, truth: Truth) -> None:
    made = {row["account_id"]: row for row in rows(line, "amplifier")}
    assert set(truth.cell["members"]) | set(truth.story["amplifiers"]) <= set(made)
    assert truth.story["publisher"]["account_id"] not in made  # it published, and repeated nobody


def test_the_planted_pairs_are_found_with_the_weights_they_were_given(
    line: Line, truth: Truth
) -> None:
    window = truth.cell["window_s"]
    where = f"weight_kind = 'distinct_objects' AND window_s = {window}"
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows(line, "co_action", where):
        found[row["layer"]][row["account_a"], row["account_b"]] = row["weight"]
    members = set(truth.cell["members"])
    for told in truth.pairs:
        pair = (told["account_a"], told["account_b"])
        assert found[told["layer"]][pair] == int(told["shared_count"]), told
    for layer in ("co_repost", "co_link", "co_hashtag"):
        honest = [n for pair, n in found[layer].items() if not set(pair) <= members]
        assert max(honest, default=0) <= truth.cell["honest_most_shared"]
        assert truth.cell["least_shared"][layer] > truth.cell["honest_most_shared"]


def test_what_no_null_model_explains_is_the_planted_cell_and_nobody_else(
    line: Line, truth: Truth
) -> None:
    members = set(truth.cell["members"])
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows(line, "cluster_member"):
        groups[row["cluster_id"]].add(row["account_id"])
    clusters = rows(line, "cluster")
    assert [(row["grade"], row["layer"]) for row in clusters] == [("first", "co_repost")]
    assert groups[clusters[0]["cluster_id"]] == members
    proof = [
        row
        for row in rows(line, "co_action_evidence", "layer = 'co_repost'")
        if {row["account_a"], row["account_b"]} <= members
    ]
    assert clusters[0]["evidence_count"] == len(proof)
    tested = rows(line, "co_action_significance")
    called = {(row["account_a"], row["account_b"]) for row in tested if row["p_family"] <= 0.05}
    assert called
    assert all(set(pair) <= members for pair in called)
    pairs = {
        (row["layer"], row["account_a"], row["account_b"])
        for row in rows(line, "co_action", "layer <> 'fast_repost'")
    }
    assert {(row["layer"], row["account_a"], row["account_b"]) for row in tested} == pairs
    # Nobody else touches its links and hashtags: there it looks like readers of one alert.
    own = [row for row in tested if row["layer"] in {"co_link", "co_hashtag"}]
    assert all(row["reading"].startswith("May be chance") for row in own)
    assert all(
        row["placebo_factor"] in {None, 1.0} for row in rows(line, "co_action_significance_total")
    )


def test_habits_are_listed_with_their_base_rate(line: Line) -> None:
    found = rows(line, "automation")
    assert {row["indicator"] for row in found} >= {"interval_entropy", "quiet_hours"}
    assert all(row["action_count"] >= 20 and 0 < row["base_share"] <= 1 for row in found)
