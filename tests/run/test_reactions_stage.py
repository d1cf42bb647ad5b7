"""Bursts, influence and mobilisation on a case: planted ones, one post only, nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis import records
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import analyse

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2031, 5, 1, tzinfo=UTC)
DAY = 86_400


def _case(
    folder: Path,
    posts: list[tuple[str, float, str, str]],
    deeds: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Case:
    case = Case.create(folder / "case", title="reactions")
    rows, marks = [], []
    for number, (platform, second, tag, text) in enumerate(posts):
        when = START + timedelta(seconds=second)
        source = {"source_item_id": "f1", "byte_start": number * 10, "byte_end": number * 10 + 9}
        rows.append(
            {
                "post_id": f"{platform}:{number}",
                "version": 1,
                "is_latest": True,
                "platform": platform,
                "native_id": str(number),
                "account_id": f"{platform}:a{number % 50}",
                "posted_at": when,
                "posted_low_at": when,
                "posted_high_at": when,
                "clock": "platform",
                "precision_s": 1.0,
                "text": text,
                "sampling": "query",
                **source,
                **more,
            }
        )
        mark = {"post_id": rows[-1]["post_id"], "object_id": f"hashtag:{tag}"}
        marks.append({**mark, "role": "in_text", "method": "entity", **source})
    tags = sorted({tag for _, _, tag, _ in posts})
    things = [
        {"object_id": f"hashtag:{t}", "kind": "hashtag", "canonical": t, "display": f"#{t}"}
        for t in tags
    ]
    with case.writer() as writer:
        made = {"post": rows, "post_object": marks, "object": things, "action": deeds or []}
        for name, told in made.items():
            writer.append(name, records.table(name).build(told))
        writer.commit()
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    return case


def _read(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        return [row for batch in view.batches(table) for row in batch.to_pylist()]


def _world() -> list[tuple[str, float, str, str]]:
    """Thirty tags in calm talk on two platforms; one is called for on a board, then bursts on x."""
    rng = np.random.default_rng(4)
    posts = [
        (platform, float(second), f"t{tag}", f"calm words {tag}")
        for tag in range(30)
        for platform in ("x", "board")
        for second in rng.uniform(0, 4 * DAY, 60)
    ]
    called = 2 * DAY + 7_200.0
    posts.append(("board", called, "t7", "Everyone use #t7 in every post tonight"))
    posts.append(("board", called + 9, "t8", "please don't use #t8 in every post"))
    posts += [("x", called + 120 + float(s), "t7", "more") for s in rng.exponential(600, 150)]
    return posts


def test_a_planted_call_and_the_burst_after_it_are_found(tmp_path: Path) -> None:
    case = _case(tmp_path, _world())
    [row] = _read(case, "mobilisation")
    assert row["object_id"] == "hashtag:t7"
    assert (row["call_kind"], row["language"]) == ("use_tag", "en")
    assert row["words_hit"] == "everyone use #t7"
    assert row["words_after"] == " in every post tonight"
    assert row["after_count"] > 100
    assert row["before_count"] < 10
    assert 0 < row["first_lag_s"] < 400
    assert 0 < row["burst_lag_s"] < 600
    assert max(row["p_shift"], row["p_other"]) == row["p_value"] == row["q_value"] <= 0.05
    assert "does not show who planned" in row["reading"]
    bursts = [r for r in _read(case, "burst") if r["object_id"] == "hashtag:t7"]
    assert {"x", "*"} <= {r["platform"] for r in bursts if r["post_count"] > 100}
    assert not [r for r in bursts if r["platform"] == "board" and r["method"] == "minutes"]
    rows = _read(case, "influence")
    assert {r["grouping"] for r in rows} == {"platform", "container"}
    # The burst has no parent on the board but one call: no influence of one on the other.
    assert not any(r["is_influence"] for r in rows)


def test_one_platform_one_post_and_a_sample_are_refused_in_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    alone = [("x", float(s), "t", "word") for s in rng.uniform(0, DAY, 200)]
    both = [("y", float(s), "t", "word") for s in rng.uniform(0, DAY, 200)]
    for name, posts, more, why in (
        ("one", alone[:1], {}, "no object has 20 posts"),
        ("alone", alone, {}, "in one platform only"),
        ("few", alone + both[:30], {}, "fewer than two groups have 50 posts"),
        ("sample", alone + both, {"sampling": "stream_sample"}, "a sample of the posts"),
        ("coarse", alone + both, {"precision_s": 60.0}, "times are coarser"),
    ):
        (tmp_path / name).mkdir()
        rows = _read(_case(tmp_path / name, posts, **more), "influence")
        assert {row["status"] for row in rows} == {"refused"}
        assert any(why in row["reading"] for row in rows)
        assert all(row["weight"] is None and not row["is_influence"] for row in rows)


def test_a_case_without_posts_has_no_burst_and_no_call(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case", title="nothing")
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    assert _read(case, "burst") == _read(case, "mobilisation") == []
    assert [row["status"] for row in _read(case, "influence")] == ["refused"]


def test_communities_are_groups_of_influence_and_of_the_replay(tmp_path: Path) -> None:
    """Two circles that repost within themselves before the incident, then carry one thing."""
    rng = np.random.default_rng(8)
    posts = [("x", float(s), "t", "word") for s in np.sort(rng.uniform(0, DAY, 300))]
    case = _case(tmp_path, posts)
    actions = []
    for number in range(600):
        # Accounts of the same parity repost each other: the posts of `_case` go round by number.
        account, target = number % 50, (number * 7 + 2 * (number % 11)) % 300
        target += (target - account) % 2
        when = START + timedelta(seconds=DAY + number)
        actions.append(
            {
                "action_id": f"r{number}",
                "type": "repost",
                "account_id": f"x:a{account}",
                "post_id": f"x:r{number}",
                "target_post_id": f"x:{target % 300}",
                "target_account_id": f"x:a{target % 50}",
                "acted_at": when,
                "acted_low_at": when,
                "acted_high_at": when,
                "grade": "native",
                "sampling": "query",
                "source_item_id": "f1",
                "byte_start": number,
                "byte_end": number + 1,
            }
        )
    with case.writer() as writer:
        writer.append("action", records.table("action").build(actions))
        writer.commit()
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    found = {row["community_id"] for row in _read(case, "community_member")}
    assert len(found) == 2
    rows = [row for row in _read(case, "influence") if row["grouping"] == "community"]
    named = {row["source_group"] for row in rows} | {row["target_group"] for row in rows}
    assert named - {None} <= found
    # Enough posts of each: it is looked at, and posts without a common cause are no influence.
    assert {row["status"] for row in rows} != {"refused"}
    assert not any(row["is_influence"] for row in rows)
    tagged = [row for row in _read(case, "minute_replay") if row["object_id"] == "hashtag:t"]
    assert {row["community_id"] for row in tagged} == found
    checks = {row["criterion"]: row for row in _read(case, "breakout_row")}
    told = checks["several_communities"]
    assert (told["measured_count"], told["outcome"]) == (2, "met")


def test_posts_that_a_sample_shows_inside_others_make_no_burst(tmp_path: Path) -> None:
    """Four minutes of a sample at an even rate; each post repeats one of the years before."""
    rng = np.random.default_rng(8)
    old = [("x", -float(s), "t", "an old one") for s in rng.uniform(30 * DAY, 900 * DAY, 120)]
    new = [("x", 2.0 * n, "t", "RT @a: an old one") for n in range(120)]
    deeds = [
        {
            "action_id": f"repost-{n}",
            "type": "repost",
            "account_id": "x:a1",
            "post_id": f"x:{120 + n}",
            "target_post_id": f"x:{n}",
            "grade": "native",
            "sampling": "stream_sample",
            "source_item_id": "f1",
            "byte_start": n * 10,
            "byte_end": n * 10 + 9,
        }
        for n in range(120)
    ]
    case = _case(tmp_path, [*old, *new], deeds, sampling="stream_sample")
    assert _read(case, "burst") == []
