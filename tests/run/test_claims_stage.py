"""Claims held against collections, real and invented; each query is asked again."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case
from tamis.plan import Query
from tamis.progress import Silent
from tamis.reports.question import check_question
from tamis.run.analyse import analyse
from tamis.run.claims import forms_of
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
NAMES = (
    *("claim_id", "kind", "incident", "subject_kind", "subject", "measure", "of", "window_s"),
    *("from", "to", "value", "unit", "tolerance", "statement"),
)


def _at(second: float) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _id(number: int, second: float) -> str:
    """An id that holds its millisecond, as the platform's ids do."""
    since = (START - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() + second
    return str((int(since * 1000) - 1_288_834_974_657 << 22) + number)


FIRST = _id(0, 0)


def _line(number: int, account: str, second: float, *, is_repost: bool = False) -> str:
    """One X post with the tag, or a repost of another; handles are those of real collections."""
    text = "RT @a1: read #leak" if is_repost else "read #leak @a0"
    one: dict[str, Any] = {
        "id": _id(number, second),
        "author_id": account,
        "author": {"id": account, "username": f"a{account}", "name": account},
        "created_at": _at(second),
        "text": text,
        "lang": "fr" if number % 4 else "en",
        "entities": {"hashtags": [{"start": text.index("#"), "end": len(text), "tag": "leak"}]},
        "conversation_id": _id(number, second),
        "edit_history_tweet_ids": [_id(number, second)],
        "__twarc": {
            "url": "https://api.twitter.com/2/tweets/search/all?query=%23leak",
            "version": "2.13.0",
            "retrieved_at": "2023-01-05T17:34:04+00:00",
        },
    }
    if is_repost:
        one["referenced_tweets"] = [{"type": "retweeted", "id": FIRST}]
    return json.dumps(one)


def _case(folder: Path, claims: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    """The rows of claim_check for a search: one post at 0 s, ten reposts a minute, two more."""
    posts = [_line(0, "1", 0)]
    posts += [_line(n, str(n + 10), 6 * n, is_repost=True) for n in range(1, 40)]
    posts += [_line(50, "2", 100), _line(51, "2", 300)]
    (folder / "posts.jsonl").write_text("\n".join(posts) + "\n")
    with (folder / "claims.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, NAMES)
        table.writeheader()
        table.writerows(claims)
    given = {"title": "claims", "selectors": ("#leak",), "election": "fr-2017-president"}
    case = Case.create(folder / "case", **{**given, **settings})
    add(case, [folder / "posts.jsonl"], kind="posts")
    report = add(case, [folder / "claims.csv"], kind="claims")
    assert report.rows["claim"] == len(claims), report.rows
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    with case.view() as view:
        rows = [row for batch in view.batches("claim_check") for row in batch.to_pylist()]
        for row in rows:
            if row["query_sql"] is None:
                continue
            check_question(row["query_sql"])
            params = json.loads(row["query_params"])
            again = view.query(Query("again", row["query_sql"], params)).to_pylist()
            if row["measured"] is not None:
                assert again[0]["measured"] == row["measured"]
    return rows


def _claim(name: str, measure: str, value: Any, **more: Any) -> dict[str, Any]:
    kinds = {"first_post": "time", "top_share": "share", "language_share": "share"}
    kind = "rank" if measure.endswith("_rank") else kinds.get(measure, "count")
    kind = "order" if measure.endswith("_order") else kind
    row = {
        "claim_id": name,
        "kind": kind,
        "incident": "fr-2017-president",
        "subject_kind": "hashtag",
        "subject": "#Leak",
        "measure": measure,
        "value": value,
    }
    return {**row, **more}


GOOD = [
    _claim("posts", "posts", 42),
    _claim("own", "own_posts", 3),
    _claim("minute", "posts", 10, window_s=60),  # 0, 6, …, 54 s
    _claim("accounts", "accounts", 41),
    _claim("busiest", "top_account_posts", 2),
    _claim("first", "first_post", "2017-05-05T18:49:00Z"),
    _claim("reposts", "reposts", 9, subject_kind="post", subject=FIRST, window_s=60),
    _claim("after", "own_posts", 1, **{"from": _at(200), "to": _at(400)}),
    _claim("top", "top_share", 3 / 42, of="2", tolerance=0.001),
    _claim("english", "language_share", 23.8, of="en", unit="percent", tolerance=0.001),
    _claim("active", "active_rank", 1, of="@a2"),
    _claim("reposted", "reposted_rank", 1, of="x:1"),
    _claim("order", "account_order", "", of="x:1 > x:2"),
]
BAD = [
    _claim("posts", "posts", 47_000),
    _claim("own", "own_posts", 1),
    _claim("first", "first_post", "2017-05-05T19:30:00Z"),
    _claim("active", "active_rank", 5, of="@a2"),
    _claim("order", "account_order", "", of="x:2 > x:1"),
]
OPEN = [
    (_claim("tag", "posts", 1, subject="#other"), "not_held"),
    (_claim("account", "active_rank", 1, of="@nobody"), "not_held"),
    (_claim("time", "posts", 1, **{"from": "2018-01-01T00:00:00Z"}), "outside_time"),
    (_claim("earlier", "first_post", "2017-05-05T18:35:00Z"), "incomplete"),
    (_claim("elsewhere", "posts", 42, incident="us-2016-president"), "other_incident"),
    (_claim("invented", "posts", 42, incident="xo-2021-presidence"), "invented_claim"),
    ({"claim_id": "words", "kind": "count", "statement": "many", "value": 42}, "in_words"),
]


def test_what_the_collection_counts_is_confirmed(tmp_path: Path) -> None:
    rows = _case(tmp_path, GOOD)
    assert {row["claim_id"]: row["outcome"] for row in rows} == {
        claim["claim_id"]: "confirmed" for claim in GOOD
    }, [row["detail"] for row in rows if row["outcome"] != "confirmed"]


def test_what_it_counts_otherwise_is_contradicted(tmp_path: Path) -> None:
    rows = _case(tmp_path, BAD)
    assert {row["outcome"] for row in rows} == {"contradicted"}, [row["detail"] for row in rows]


def test_what_it_does_not_hold_is_not_testable(tmp_path: Path) -> None:
    rows = {row["claim_id"]: row for row in _case(tmp_path, [claim for claim, _ in OPEN])}
    assert {name: row["reason"] for name, row in rows.items()} == {
        claim["claim_id"]: reason for claim, reason in OPEN
    }
    assert {row["outcome"] for row in rows.values()} == {"not_testable"}


def test_a_first_post_is_not_confirmed_where_posts_may_be_missing(tmp_path: Path) -> None:
    """Without a search for the tag an earlier post of it may lie outside the collection."""
    right = _claim("first", "first_post", "2017-05-05T18:49:00Z")
    late = _claim("late", "first_post", "2017-05-05T19:30:00Z")
    rows = {row["claim_id"]: row for row in _case(tmp_path, [right, late], selectors=("other",))}
    assert (rows["first"]["outcome"], rows["first"]["reason"]) == ("not_testable", "incomplete")
    assert "2017-05-05T18:49:00Z" in rows["first"]["measured_text"]
    assert "agrees" in rows["first"]["detail"]
    assert rows["late"]["outcome"] == "contradicted"


def test_a_subject_is_found_in_every_spelling(tmp_path: Path) -> None:
    claims = [
        _claim("wide", "posts", 42, subject="\uff03\uff2c\uff25\uff21\uff2b"),
        _claim("bare", "posts", 42, subject=" LEAK "),
        _claim("id", "posts", 42, subject="hashtag:leak"),
    ]
    assert {row["outcome"] for row in _case(tmp_path, claims)} == {"confirmed"}


@pytest.mark.parametrize(
    ("kind", "subject", "form"),
    [
        ("url", "www.Paper.example/a/caf%c3%a9?utm_source=x&id=1", "https://paper.example/a/caf%C3%A9?id=1"),
        ("url", "paper.example", "https://paper.example/"),
        ("domain", "https://www.paper.example/x", "paper.example"),
        ("domain", "b\u00fccher.example", "xn--bcher-kva.example"),
        ("hashtag", "#E\u0301te\u0301", "\u00e9t\u00e9"),
    ],
)  # fmt: skip
def test_the_forms_that_a_subject_can_mean(kind: str, subject: str, form: str) -> None:
    assert form in forms_of(kind, subject)


def test_without_a_search_for_it_a_count_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    claims = [_claim("right", "posts", 42), _claim("more", "posts", 47_000)]
    rows = _case(tmp_path, [*claims, _claim("less", "posts", 12)], selectors=())
    assert {row["claim_id"]: row["outcome"] for row in rows} == {
        "right": "not_testable",
        "more": "not_testable",
        "less": "contradicted",
    }


@pytest.mark.parametrize(
    "settings", [{"jurisdictions": ("XO",)}, {"election": "xo-2021-presidence"}]
)
def test_an_invented_collection_confirms_nothing_of_the_real_world(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    unsaid = [{**claim, "incident": ""} for claim in GOOD[:3]]
    renamed = [{**c, "claim_id": f"{c['claim_id']}-said"} for c in GOOD[:3]]
    rows = _case(tmp_path, [*unsaid, *renamed], **settings)
    assert {row["reason"] for row in rows} == {"invented_collection"}


def test_real_settings_do_not_make_an_invented_collection_real(tmp_path: Path) -> None:
    """The invented incident itself under the id of a real election."""
    from tamis import simulate

    incident = simulate.write(tmp_path / "incident", scale=0.02)
    claims = tmp_path / "claims.csv"
    tag = incident.truth.story["hashtag"]
    count = incident.truth.story["hashtag_posts_total"]
    with claims.open("w", newline="") as file:
        table = csv.DictWriter(file, NAMES)
        table.writeheader()
        table.writerow(_claim("real", "posts", count, subject=tag))
        table.writerow(_claim("own", "posts", count, subject=tag, incident=incident.election))
    for election, wanted in (
        ("fr-2017-president", {"real": "not_testable", "own": "not_testable"}),
        (incident.election, {"real": "not_testable", "own": "confirmed"}),
    ):
        case = Case.create(
            tmp_path / election, title="t", election=election, selectors=(f"#{tag}",)
        )
        add(case, [incident.posts / "x_api_v2"], kind="posts")
        add(case, [claims], kind="claims")
        list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
        with case.view() as view:
            rows = [row for batch in view.batches("claim_check") for row in batch.to_pylist()]
        assert {row["claim_id"]: row["outcome"] for row in rows} == wanted, rows


def test_claims_that_disagree_stand_side_by_side(tmp_path: Path) -> None:
    one = _claim("one", "posts", 42)
    other = {**one, "claim_id": "other", "value": 500}
    same = {**one, "claim_id": "same"}
    rows = {row["claim_id"]: row for row in _case(tmp_path, [one, other, same])}
    assert rows["one"]["conflict_ids"] == ["other"]
    assert rows["other"]["conflict_ids"] == ["one", "same"]
    assert "Claims that say otherwise: one, same." in rows["other"]["detail"]


def test_the_published_rows_of_2017_are_not_testable_on_anything_invented(
    shared_data: Path, tmp_path: Path
) -> None:
    facts = shared_data.parent / "facts" / "macronleaks_facts.csv"
    posts = tmp_path / "posts.jsonl"
    posts.write_text(_line(0, "1", 0) + "\n")
    case = Case.create(tmp_path / "case", title="t", election="xo-2021-presidence")
    add(case, [posts], kind="posts")
    report = add(case, [facts], kind="claims")
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    with case.view() as view:
        rows = [row for batch in view.batches("claim_check") for row in batch.to_pylist()]
    assert len(rows) == report.rows["claim"] == 30
    assert {row["outcome"] for row in rows} == {"not_testable"}
    conflicts = {row["claim_id"]: row["conflict_ids"] for row in rows if row["conflict_ids"]}
    assert conflicts == {"F03": ["F04"], "F04": ["F03"], "F17": ["F36"], "F36": ["F17"]}
