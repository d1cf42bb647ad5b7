"""The co-action analysis over a case's tables, small enough to check by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tamis import records
from tamis.analyses.coordination.co_action import ANALYSIS, build
from tamis.analyses.coordination.layers import CASE_LAYERS, LAYERS
from tamis.engines import fitted, open_engine
from tamis.engines.portable import translated
from tamis.engines.seam import bound
from tamis.errors import PlanError
from tamis.plan import Query, needed
from tamis.registry import plugins
from tamis.syntax.text import text_hash

if TYPE_CHECKING:
    from pathlib import Path

THREE = ("co_repost", "co_link", "co_hashtag")
START = datetime(2017, 5, 5, 18, 0, tzinfo=UTC)
FILE = "f" * 64


def _at(second: float | None) -> datetime | None:
    return None if second is None else START + timedelta(seconds=second)


def _repost(name: str, account: str | None, target: str, second: float | None, **more: Any) -> Any:
    return {
        "action_id": name,
        "type": "repost",
        "account_id": account,
        "post_id": f"x:{name}",
        "target_post_id": target,
        "acted_at": _at(second),
        "grade": "native",
        "sampling": "full",
        "source_item_id": FILE,
        "byte_start": 0,
        "byte_end": 1,
        **more,
    }


def _post(name: str, account: str | None, second: float | None, **more: Any) -> Any:
    return {
        "post_id": name,
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": name,
        "account_id": account,
        "posted_at": _at(second),
        "sampling": "full",
        "source_item_id": FILE,
        "byte_start": 10,
        "byte_end": 99,
        **more,
    }


def _in_post(post: str, name: str, role: str = "in_text") -> Any:
    return {
        "post_id": post,
        "object_id": name,
        "role": role,
        "method": "entity",
        "source_item_id": FILE,
        "byte_start": 10,
    }


def _object(kind: str, name: str) -> Any:
    return {"object_id": name, "kind": kind, "canonical": name, "display": name}


TABLES = {
    "action": [
        # a and b repost p1 and p2 within a minute, b first once; c is a second too late.
        _repost("1", "x:a", "x:p1", 0),
        _repost("2", "x:b", "x:p1", 60),
        _repost("3", "x:b", "x:p2", 100),
        _repost("4", "x:a", "x:p2", 130),
        _repost("5", "x:c", "x:p1", 121),
        # The same action out of a second file counts once.
        _repost("1", "x:a", "x:p1", 0, source_item_id="e" * 64),
        # Somebody who cannot be named, some time that is not known, another kind of action.
        _repost("6", None, "x:p1", 1),
        _repost("7", "x:c", "x:p2", None),
        _repost("8", "x:c", "x:p2", 131, type="quote"),
    ],
    "post": [
        _post("x:l1", "x:a", 0),
        _post("x:l1", "x:a", 5_000, version=2),
        _post("x:l2", "x:b", 20),
        _post("x:l3", "x:a", 1_000),
        _post("x:l4", "x:b", 1_030),
        _post("x:l5", None, 1),
        _post("x:l6", "x:c", None),
        _post("x:l7", "x:c", 25),
    ],
    "post_object": [
        _in_post("x:l1", "url:1"),
        _in_post("x:l1", "url:1", "card"),
        _in_post("x:l2", "url:1"),
        _in_post("x:l3", "url:2"),
        _in_post("x:l4", "url:2"),
        _in_post("x:l5", "url:1"),
        _in_post("x:l6", "url:1"),
        # Inherited from the reposted original: co_repost's business.
        _in_post("x:l7", "url:1", "inherited"),
        _in_post("x:l1", "hashtag:leak"),
        _in_post("x:l2", "hashtag:leak"),
    ],
    "object": [
        _object("url", "url:1"),
        _object("url", "url:2"),
        _object("hashtag", "hashtag:leak"),
        _object("hashtag", "hashtag:leak"),
    ],
}


def _run(tmp_path: Path, tables: Any = None, **params: Any) -> dict[str, list[dict[str, Any]]]:
    names = ANALYSIS.writes
    with open_engine("duckdb", allowed=[], scratch=tmp_path, threads=1) as engine:
        for name, rows in (tables or TABLES).items():
            engine.register(name, records.table(name).build(rows))
        engine.run(build(params), names, {"run_id": "r", "analysis_version": "co_action 1"})
        for name in ANALYSIS.writes:
            record = records.table(name)
            record.check(fitted(engine.fetch(name), record.schema))
        return {name: engine.fetch(name).to_pylist() for name in names}


def test_the_analysis_is_found_by_its_file() -> None:
    assert plugins("analyses")["co_action"] is ANALYSIS


def test_three_layers_by_hand(tmp_path: Path) -> None:
    found = _run(tmp_path, layers=THREE)
    edges = {row["layer"]: row for row in found["co_action"]}
    assert sorted(edges) == ["co_link", "co_repost"]
    repost = edges["co_repost"]
    assert (repost["account_a"], repost["account_b"], repost["weight"]) == ("x:a", "x:b", 2)
    assert (repost["lag_median_s"], repost["a_first_share"]) == (15.0, 0.5)
    link = edges["co_link"]
    assert (link["weight"], link["pair_count"], link["lag_median_s"]) == (2, 2, 25.0)
    assert link["a_first_share"] == 1.0
    totals = {row["layer"]: row["pair_count"] for row in found["co_action_total"]}
    assert totals == {"co_repost": 2, "co_link": 2, "co_hashtag": 1}


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = _run(tmp_path, layers=THREE)["co_action_left_out"]
    assert {(row["layer"], row["reason"]): row["action_count"] for row in rows} == {
        ("co_repost", "no_account"): 1,
        ("co_repost", "no_time"): 1,
        ("co_link", "no_account"): 1,
        ("co_link", "no_time"): 1,
    }


def test_each_pair_of_actions_is_evidence_with_its_place(tmp_path: Path) -> None:
    found = _run(tmp_path, layers=THREE)["co_action_evidence"]
    rows = sorted(
        (row["layer"], row["object_id"], row["post_id_a"], row["post_id_b"], row["lag_s"])
        for row in found
    )
    assert rows == [
        ("co_link", "url:1", "x:l1", "x:l2", 20.0),
        ("co_link", "url:2", "x:l3", "x:l4", 30.0),
        ("co_repost", "x:p1", "x:1", "x:2", 60.0),
        ("co_repost", "x:p2", "x:4", "x:3", -30.0),
    ]
    assert {row["source_item_id_b"] for row in found} == {FILE}
    places = {
        layer: {(row["byte_start_b"], row["byte_end_b"]) for row in found if row["layer"] == layer}
        for layer in ("co_link", "co_repost")
    }
    assert places == {"co_link": {(10, 99)}, "co_repost": {(0, 1)}}


def test_weights_are_named_and_each_has_its_rows(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        min_weight=1,
        weights=("distinct_objects", "co_pairs", "distinct_messages"),
        layers=("co_hashtag",),
        windows_s=(60.0, 10.0),
    )
    assert {(row["weight_kind"], row["window_s"], row["weight"]) for row in found["co_action"]} == {
        ("distinct_objects", 60.0, 1),
        ("co_pairs", 60.0, 1),
        ("distinct_messages", 60.0, 1),
    }


@pytest.mark.parametrize(
    "params",
    [
        {"layers": ("co_smile",)},
        {"weights": ("loudness",)},
        {"weights": ()},
        {"windows_s": ()},
        {"windows_s": (-1.0,)},
        {"windows_s": (float("nan"),)},
        {"min_weight": 0},
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        build(params)


def _text(name: str, account: str, second: float, text: str, **more: Any) -> Any:
    return _post(name, account, second, text=text, text_hash=text_hash(text), **more)


def _member(cluster: str, kind: str, text: str) -> dict[str, Any]:
    alike = {"word_similarity": 1.0, "letter_similarity": 1.0, "diff": "[]"}
    told = {"run_id": "r", "analysis_version": "texts 1", "language_detected": "en"}
    return {"cluster_id": cluster, "kind": kind, "text_hash": text_hash(text), **alike, **told}


COPIED = "The very same words, long enough to be no accident"
EVERY_LAYER = {
    "action": [
        # b reposts a's post four seconds after it, c thirty days and four seconds after it.
        _repost("1", "x:b", "x:o1", 4),
        _repost("2", "x:c", "x:o1", 30 * 86_400 + 4),
        # a reposts b's post three seconds after it, and its own post at once.
        _repost("3", "x:a", "x:o2", 1_003),
        _repost("4", "x:a", "x:o1", 1),
        # An original that the case has not, but whose author and time the forward carries.
        _repost("5", "x:c", "x:gone", 9, target_account_id="x:far", origin_at=_at(2)),
        _repost("6", "x:c", "x:unknown", 9),
        _repost("7", "x:a", "x:o3", 10, type="reply"),
        _repost("8", "x:b", "x:o3", 20, type="reply"),
        _repost("9", "x:a", None, 10, type="mention", target_account_id="x:m"),
        _repost("10", "x:b", None, 20, type="mention", target_account_id="x:m"),
        _repost("11", "x:c", "x:o2", 1_004, type="forward"),
    ],
    "post": [
        _text("x:o1", "x:a", 0, COPIED, thread_id="x:t1"),
        _text("x:o2", "x:b", 1_000, "short", thread_id="x:t2"),
        _text("x:s1", "x:a", 3_000, "#Un vote #deux and #trois", container_id="board"),
        _text("x:s2", "x:b", 3_050, "#un #DEUX #trois!", container_id="board"),
        _text("x:s3", "x:c", 3_050, "#deux #un #trois", container_id="elsewhere"),
        _text("x:s4", "x:c", 3_050, "#un #deux"),
        _text("x:c1", "x:b", 30, COPIED.upper() + "  https://x.example/a", thread_id="x:t1"),
        _text("x:c2", "x:c", 40, "in a cluster: worded in another way altogether"),
        _text("x:c3", "x:b", 45, "in a cluster: worded as nobody else has worded it"),
    ],
    "post_object": [
        *(_in_post(f"x:s{n}", f"hashtag:{tag}") for n in (1, 2, 3) for tag in ("un", "deux")),
        *(_in_post(f"x:s{n}", "hashtag:trois") for n in (1, 2, 3)),
        *(_in_post("x:s4", f"hashtag:{tag}") for tag in ("un", "deux")),
        _in_post("x:s1", "domain:x.example"),
        _in_post("x:s2", "domain:x.example"),
        _in_post("x:s1", "image_hash:f0"),
        _in_post("x:s2", "image_hash:f0", "attachment"),
    ],
    "object": [
        *({"object_id": f"hashtag:{tag}", "kind": "hashtag", "canonical": tag, "display": tag}
          for tag in ("un", "deux", "trois")),
        _object("domain", "domain:x.example"),
        _object("image_hash", "image_hash:f0"),
    ],
    "text_cluster_member": [
        _member("1", "copypasta", "in a cluster: worded in another way altogether"),
        _member("1", "copypasta", "in a cluster: worded as nobody else has worded it"),
        _member("2", "rewording", "in a cluster: worded as nobody else has worded it"),
        _member("2", "rewording", COPIED),
    ],
}  # fmt: skip


def test_every_layer_of_a_case_by_hand(tmp_path: Path) -> None:
    found = _run(tmp_path, EVERY_LAYER, min_weight=1)
    held: dict[str, set[Any]] = {}
    for row in found["co_action_evidence"]:
        pair = (row["account_a"][2:], row["account_b"][2:])
        held.setdefault(row["layer"], set()).add((*pair, row["object_id"], row["lag_s"]))
    copied = f"text:{text_hash(COPIED)}"
    assert held == {
        "co_repost": {("a", "c", "x:o2", 1.0), ("a", "b", "x:o1", 3.0)},
        "co_reply": {("a", "b", "x:o3", 10.0)},
        "co_mention": {("a", "b", "x:m", 10.0)},
        "co_domain": {("a", "b", "domain:x.example", 50.0)},
        "co_media": {("a", "b", "image_hash:f0", 50.0)},
        "co_hashtag": {
            *(("a", other, f"hashtag:{tag}", 50.0) for other in "bc" for tag in ("un", "deux")),
            *(("b", "c", f"hashtag:{tag}", 0.0) for tag in ("un", "deux")),
            ("a", "b", "hashtag:trois", 50.0),
            ("a", "c", "hashtag:trois", 50.0),
            ("b", "c", "hashtag:trois", 0.0),
        },
        "co_hashtag_sequence": {("a", "b", "hashtags:#un #deux #trois", 50.0)},
        "co_text": {("a", "b", copied, 30.0), ("b", "c", "text_cluster:1", -5.0)},
        "co_presence": {("a", "b", "thread:x:t1", 30.0), ("a", "b", "container:board", 50.0)},
        "fast_repost": {
            ("a", "b", "x:o1", 4.0),
            ("a", "b", "x:o2", -3.0),
            ("b", "c", "x:o2", 4.0),
            ("c", "far", "x:gone", -7.0),
        },
    }
    assert {row["layer"] for row in found["co_action_total"]} == set(CASE_LAYERS)
    left = {
        (row["layer"], row["reason"]): row["action_count"] for row in found["co_action_left_out"]
    }
    assert left == {("fast_repost", "no_original"): 1}


def test_a_fast_repost_says_who_reposted_whom(tmp_path: Path) -> None:
    """Thirty days and four seconds are no four seconds; an account's own repost is no pair."""
    found = _run(tmp_path, EVERY_LAYER, min_weight=1, layers=("fast_repost",))
    edges = {(row["account_a"], row["account_b"]): row for row in found["co_action"]}
    assert edges["x:b", "x:c"]["a_first_share"] == 1.0  # b wrote, c reposted
    assert edges["x:c", "x:far"]["a_first_share"] == 0.0  # far wrote, c reposted
    both = edges["x:a", "x:b"]
    assert (both["weight"], both["a_first_share"], both["cosine"]) == (2, 0.5, None)
    (told,) = [row["why"] for row in found["co_action_evidence"] if row["object_id"] == "x:gone"]
    assert told == (
        "Account x:c reposted, in post x:5 at 2017-05-05 18:00:09 UTC, post x:gone of account "
        "x:far of 2017-05-05 18:00:02 UTC: 7 seconds later."
    )
    assert max(abs(row["lag_s"]) for row in found["co_action_evidence"]) == 7.0


def test_each_layer_has_its_own_window_and_least_weight(tmp_path: Path) -> None:
    found = _run(tmp_path, EVERY_LAYER)
    told = {row["layer"]: (row["window_s"], row["min_weight"]) for row in found["co_action_total"]}
    assert told == {name: (LAYERS[name].window_s, LAYERS[name].min_weight) for name in CASE_LAYERS}
    assert {row["layer"] for row in found["co_action"]} == {"co_hashtag", "fast_repost"}


@pytest.mark.parametrize("of_parts", [True, False])
@pytest.mark.parametrize("layers", [CASE_LAYERS, ("co_link", "co_hashtag")])
def test_every_query_is_portable(layers: tuple[str, ...], *, of_parts: bool) -> None:
    """Translated for Spark, each from the tables that stand before it."""
    known = {*ANALYSIS.reads}
    values = {"run_id": "r", "analysis_version": "v"}
    steps = needed(build({"layers": layers}), of_parts=of_parts)
    assert {*ANALYSIS.writes} <= {step.name for step in steps}
    assert len({step.name for step in steps}) == len(steps)
    for step in steps:
        if isinstance(step, Query):
            assert "SELECT" in translated(step, bound(step, values), known)
        else:
            assert step.source in known
        known.add(step.name)


def test_the_sentence_names_both_posts_both_times_and_the_lag(tmp_path: Path) -> None:
    found = _run(tmp_path, layers=("co_repost",))["co_action_evidence"]
    told = {row["object_id"]: row["why"] for row in found}
    assert told["x:p2"] == (
        "Accounts x:b and x:a both reposted the same post (x:p2): post x:3 at 2017-05-05 18:01:40 "
        "UTC and post x:4 at 2017-05-05 18:02:10 UTC, 30 seconds apart."
    )
