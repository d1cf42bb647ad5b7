"""`tamis trace` on a small case by hand, and on what nobody posted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tamis import records
from tamis.analyses.spread import trace as queries
from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.run.trace import Trace, trace

if TYPE_CHECKING:
    from datetime import datetime

RUN = {"run_id": "r1", "analysis_version": "a/1"}
ITEM = "ab" * 32
PLACE = {"source_item_id": "f1", "byte_start": 7, "byte_end": 9}


def moment(second: float) -> datetime:
    from datetime import UTC, datetime, timedelta

    return datetime(2031, 5, 3, 18, 0, tzinfo=UTC) + timedelta(seconds=second)


def post(post_id: str, second: float | None, **more: Any) -> dict[str, Any]:
    platform, _, native = post_id.partition(":")
    when = None if second is None else moment(second)
    return {
        "post_id": post_id, "version": 1, "is_latest": True, "platform": platform,
        "native_id": native, "account_id": f"{platform}:a{native}", "posted_at": when,
        "posted_low_at": when, "posted_high_at": when, "clock": "platform", "precision_s": 0.0,
        "text": f"text {native} of the secret plan", "sampling": "query", **PLACE, **more,
    }  # fmt: skip


def deed(kind: str, post_id: str, target: str | None, second: float, **more: Any) -> dict[str, Any]:
    return {
        "action_id": f"{kind}-{post_id}", "type": kind, "account_id": f"x:a{post_id[2:]}",
        "post_id": post_id, "target_post_id": target, "acted_at": moment(second),
        "acted_low_at": moment(second), "acted_high_at": moment(second), "grade": "native",
        "sampling": "query", **PLACE, **more,
    }  # fmt: skip


def tables() -> dict[str, list[dict[str, Any]]]:
    """A board at 0 s, X at 60 s and 100 s, reposts at 90 s and of a post that is not there."""
    posts = [
        post("board:1", 0, container_id="board:pol", sampling="full"),
        post("x:2", 60, language_declared="en"),
        post("x:3", 100, language_declared="fr", clock="client_claimed",
             collected_at=moment(40 * 86_400)),
        post("x:4", 90),
        post("x:5", 50),
        post("x:6", 300, text="another matter"),
        post("x:7", 20),
        post("x:8", 7_200, text="late wording", clock="client_claimed", posted_low_at=moment(3_600),
             posted_high_at=moment(7_200)),
    ]  # fmt: skip
    roles = {"x:4": "inherited", "x:5": "inherited"}
    marks = [
        {"post_id": p["post_id"], "object_id": "hashtag:leak", "method": "text",
         "role": roles.get(p["post_id"], "in_text"), **PLACE}
        for p in posts if p["post_id"] not in {"x:6", "x:7", "x:8"}
    ]  # fmt: skip
    marks.append({**marks[0], "post_id": "x:6", "object_id": "hashtag:lonely"})
    deeds = [
        deed("repost", "x:4", "x:2", 90),
        deed("repost", "x:5", "x:gone", 50),
        deed("reply", "x:7", "x:2", 20),
        deed("forward", "x:2", None, 60, origin_at=moment(-500)),
    ]
    things = [
        {"object_id": f"{kind}:{name}", "kind": kind, "canonical": name, "display": name}
        for kind, name in (("hashtag", "leak"), ("hashtag", "lonely"), ("domain", "both.example"),
                           ("phrase", "both.example"))
    ]  # fmt: skip
    accounts = [
        {"account_id": "x:a2", "platform": "x", "native_id": "a2", "scope": "global",
         "handle": "Carrier", **PLACE}
    ]  # fmt: skip
    ties = [
        {"post_id": post_id, "item_id": ITEM, "method": method, "grade": grade, "detail": "so",
         "candidate_count": 1, **RUN}
        for post_id, method, grade in (("x:2", "same_words", "weak"), ("x:3", "file_md5", "strong"),
                                       ("x:5", "same_words", "strong"))
    ]  # fmt: skip
    return {"post": posts, "post_object": marks, "action": deeds, "object": things,
            "account": accounts, "post_item": ties}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = Case.create(tmp_path_factory.mktemp("trace") / "case", title="t")
    with made.writer() as writer:
        for name, rows in tables().items():
            writer.replace(name, records.table(name).build(rows))
        writer.commit()
    return made


def traced(case: Case, name: str) -> Trace:
    with case.view() as view:
        return trace(view, name)


def test_a_hashtag_by_hand(case: Case) -> None:
    found = traced(case, "#Leak")
    sights = {(r["dimension"], r["scope"]): r for r in found.rows["sight"]}
    assert {key: row["post_id"] for key, row in sights.items()} == {
        ("all", "*"): "board:1",
        ("platform", "board"): "board:1",
        ("platform", "x"): "x:2",
        ("container", "board:pol"): "board:1",
        ("language", "en"): "x:2",
        ("language", "fr"): "x:3",
    }
    x = sights["platform", "x"]
    assert (x["post_count"], x["inherited_count"], x["rival_count"]) == (2, 2, 0)
    assert x["earlier_repost_count"] == 1  # at 50 s, of a post that is not there
    steps = [(r["from_scope"], r["to_scope"], r["lag_low_s"]) for r in found.rows["step"]]
    assert steps == [("board", "x", 60.0), ("en", "fr", 40.0)]
    unseen = [(r["type"], r["target_post_id"], r["not_later_than_at"], r["is_dated_by_origin"])
              for r in found.rows["unseen_root"]]  # fmt: skip
    assert unseen == [
        ("forward", None, moment(-500), True),
        ("repost", "x:gone", moment(50), False),
    ]
    assert [r["post_id"] for r in found.rows["clock_doubt"]] == ["x:3"]
    (amplifier,) = found.rows["early_amplifier"]
    assert (amplifier["account_id"], amplifier["shortest_lag_s"]) == ("x:a4", 30.0)
    told = "\n".join(found.lines())
    assert "earliest in this collection, never the earliest" in told
    assert "an earlier post exists outside this collection and carried it, not later than" in told
    assert "x: what a search found" in told
    assert "board: what a search" not in told


def test_an_item_says_what_ties_posts_to_it_and_how_well(case: Case) -> None:
    found = traced(case, ITEM[:8])
    assert found.subject["kind"] == "leaked_item"
    # A repost repeats what another wrote: it is no first sight.
    (sight,) = [row for row in found.rows["sight"] if row["dimension"] == "platform"]
    told = (sight["post_id"], sight["inherited_count"], sight["earlier_repost_count"])
    assert told == ("x:3", 2, 2)  # x:2 is a forward, x:5 a repost, both before x:3
    ties = [(row["method"], row["grade"], row["post_count"]) for row in found.rows["tie"]]
    assert ties == [("file_md5", "strong", 1), ("same_words", "strong", 1),
                    ("same_words", "weak", 1)]  # fmt: skip
    limits = [row["text"] for row in found.rows["limit"]]
    assert any(text.startswith("1 of its posts are tied to it by a weak trait") for text in limits)
    assert traced(case, "#leak").rows["tie"] == []


def test_a_section_that_is_cut_says_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from tamis.run import trace as module

    short = replace(queries.UNSEEN, sql=queries.UNSEEN.sql.replace("LIMIT 20", "LIMIT 1"))
    sections = [(n, short if n == "unseen_root" else q) for n, q in module._SECTIONS]
    monkeypatch.setattr(module, "_SECTIONS", tuple(sections))
    found = traced(case, "#leak")
    assert len(found.rows["unseen_root"]) == 1
    assert "earlier posts outside this collection: 1 of 2 are shown" in [
        row["text"] for row in found.rows["limit"]
    ]


def test_an_answer_dated_before_what_it_answers(case: Case) -> None:
    doubts = {r["post_id"]: r["why"] for r in traced(case, "the secret plan").rows["clock_doubt"]}
    assert doubts["x:7"] == "it answers or repeats a post that is dated later"


def test_a_client_that_states_another_time_than_the_platform(case: Case) -> None:
    (doubt,) = traced(case, "late wording").rows["clock_doubt"]
    assert doubt["post_id"] == "x:8"
    assert doubt["why"] == (
        "a client stated its time, 3600 s away from when the platform first held it"
    )


def test_accounts_phrases_one_post_and_names_of_two_things(case: Case) -> None:
    assert traced(case, "@carrier").subject["own_count"] == 1
    assert traced(case, "x:a2").subject["kind"] == "account"
    phrase = traced(case, "of the SECRET plan")
    assert (phrase.subject["post_count"], phrase.subject["own_count"]) == (6, 3)
    alone = [r["text"] for r in traced(case, "#lonely").rows["limit"]]
    assert "one post only carries it: there is no spread to describe" in alone
    with pytest.raises(InputError, match="2 things have that name"):
        traced(case, "both.example")


@pytest.mark.parametrize("name", ["#nobody", "nobody at all", "@nobody", "0123456789abcdef", "#"])
def test_what_nobody_posted_is_told_plainly(case: Case, name: str) -> None:
    answer = CliRunner().invoke(cli, ["trace", str(case.path), name, "--as", "jsonl"])
    assert answer.exit_code == 1
    subject, limit = map(json.loads, answer.output.splitlines())
    assert subject["post_count"] == 0
    assert limit["text"].startswith("no post of this collection carries it")
