from __future__ import annotations

import random
import statistics
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from spread_rows import START, act, at, mark, post, thing

from tamis import records
from tamis.analyses.spread import amplifier, first_seen, tally
from tamis.engines import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tamis.registry import Analysis

AMPLIFIED = ("repost_count", "target_count", "early_count", "median_lag_s", "received_count")
Rows = list[dict[str, Any]]


def run(analysis: Analysis, tmp_path: Path, **tables: Iterable[dict[str, Any]]) -> Rows:
    """The analysis' own table on an engine, in its record's schema, sorted by its key."""
    (name,) = analysis.writes
    params = {**analysis.params, "run_id": "r1", "analysis_version": f"{analysis.name}/1"}
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for table in analysis.reads:
            record = records.table(table)
            engine.register(table, record.build(tables.get(table, ())), record.schema)
        engine.run(analysis.build(params), keep=analysis.writes, params=params)
        made = engine.fetch(name)
    schema = records.table(name).schema
    made = records.table(name).check(pa.Table.from_pylist(made.to_pylist(), schema=schema))
    rows: Rows = made.to_pylist()
    keys = [tuple(row[key] for key in records.table(name).key) for row in rows]
    assert len(keys) == len(set(keys))
    return sorted(rows, key=lambda row: str([row[key] for key in records.table(name).key]))


def by_platform(rows: Rows) -> dict[str, dict[str, Any]]:
    return {row["platform"]: row for row in rows}


def test_first_sight_by_hand(tmp_path: Path) -> None:
    """A board shows the tag at 0 s, X at 60 s; a repost there, and one more post at 90 s."""
    posts = [
        post("board:1", 0, width=0.5),
        post("x:2", 60, width=0.5, account_id="x:a"),
        post("x:3", 61, account_id="x:b"),
        post("x:4", 90, account_id="x:a"),
    ]
    marks = [
        mark("board:1", "hashtag:leak"),
        mark("x:2", "hashtag:leak"),
        mark("x:3", "hashtag:leak", "inherited"),
        mark("x:4", "hashtag:leak", "attachment"),
    ]
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("hashtag:leak")]
    )
    found = by_platform(rows)
    assert set(found) == {"*", "board", "x"}
    assert found["*"]["post_id"] == "board:1"
    x = found["x"]
    assert x["post_id"] == "x:2"
    assert (x["first_low_at"], x["first_high_at"]) == (at(60), at(60.5))
    assert (x["is_certain"], x["rival_count"]) == (True, 0)
    assert (x["post_count"], x["inherited_count"], x["account_count"]) == (2, 1, 2)
    assert x["last_at"] == at(90)
    assert (x["kind"], x["display"], x["role"]) == ("hashtag", "leak", "in_text")
    assert (found["*"]["post_count"], found["*"]["inherited_count"]) == (3, 1)


def test_overlapping_intervals_are_never_ordered_and_disjoint_ones_always(tmp_path: Path) -> None:
    for width, is_certain, rivals in ((59, False, 1), (9, True, 0), (10, False, 1)):
        posts = [post("x:1", 0, width=width), post("x:2", 10, width=1), post("x:3", 80)]
        marks = [mark(one["post_id"], "url:u") for one in posts]
        rows = run(
            first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("url:u")]
        )
        found = by_platform(rows)["x"]
        assert (found["post_id"], found["is_certain"], found["rival_count"]) == (
            "x:1", is_certain, rivals)  # fmt: skip


def test_an_earlier_repost_proves_an_original_elsewhere(tmp_path: Path) -> None:
    posts = [post("x:1", 0), post("x:2", 30)]
    marks = [mark("x:1", "url:u", "inherited"), mark("x:2", "url:u")]
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("url:u")]
    )
    found = by_platform(rows)["x"]
    assert (found["post_id"], found["is_certain"], found["rival_count"]) == ("x:2", False, 0)


def test_only_reposts_or_no_time_gives_no_row(tmp_path: Path) -> None:
    posts = [post("x:1", 0), post("x:2", None)]
    marks = [mark("x:1", "url:u", "inherited"), mark("x:2", "url:v")]
    things = [thing("url:u"), thing("url:v"), thing("url:w")]
    assert not run(first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=things)


def test_a_post_told_of_by_two_files_and_in_two_versions_is_one_post(tmp_path: Path) -> None:
    posts = [
        post("x:1", 0),
        post("x:1", 0, source_item_id="f0"),
        post("x:1", 500, version=2, text="changed"),
    ]
    marks = [mark("x:1", "url:u"), mark("x:1", "url:u", "inherited", source_item_id="f0")]
    things = [thing("url:u"), {**thing("url:u"), "display": "a"}]
    rows = run(first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=things)
    found = by_platform(rows)["x"]
    assert (found["post_count"], found["inherited_count"], found["display"]) == (1, 0, "a")
    assert (found["source_item_id"], found["first_low_at"]) == ("f0", at(0))
    counts = run(tally.ANALYSIS, tmp_path, post=posts)
    assert [(row["kind"], row["count_in_hour"]) for row in counts] == [("post", 1)]


def test_ties_are_settled_the_same_whatever_the_order_of_rows(tmp_path: Path) -> None:
    posts = [post(f"x:{n}", 0) for n in (3, 1, 2)]
    marks = [mark(one["post_id"], "url:u") for one in posts]
    for order in (1, -1):
        rows = run(
            first_seen.ANALYSIS, tmp_path,
            post=posts[::order], post_object=marks[::order], object=[thing("url:u")],
        )  # fmt: skip
        found = by_platform(rows)["x"]
        assert (found["post_id"], found["is_certain"], found["rival_count"]) == ("x:1", False, 2)


NEVER, ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def ends(one: dict[str, Any]) -> tuple[datetime, datetime]:
    """The interval of a post; an end that is not known lies anywhere."""
    return one["posted_low_at"] or NEVER, one["posted_high_at"] or ALWAYS


def slow_first_seen(posts: Rows, marks: Rows) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The obvious way: for every object and platform, look at every post."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    roles: dict[tuple[str, str], set[str]] = {}
    for one in marks:
        roles.setdefault((one["object_id"], one["post_id"]), set()).add(one["role"])
    for object_id in {one["object_id"] for one in marks}:
        for platform in ("*", *{p["platform"] for p in posts}):
            carriers = [
                (p, roles[object_id, p["post_id"]] == {"inherited"})
                for p in posts
                if (object_id, p["post_id"]) in roles and platform in {"*", p["platform"]}
            ]
            own = [p for p, inherited in carriers if not inherited]
            bounded = [p for p in own if p["posted_high_at"] is not None]
            if not bounded:
                continue
            first = min(
                bounded,
                key=lambda p: (
                    p["posted_low_at"] or p["posted_high_at"], p["posted_high_at"], p["post_id"]),
            )  # fmt: skip
            low, high = ends(first)
            rivals = sum(p is not first and ends(p)[0] <= high and low <= ends(p)[1] for p in own)
            before = any(
                i and (ends(p)[0] < low or ends(p)[0] == NEVER or
                       (low == NEVER and ends(p)[0] <= high))
                for p, i in carriers
            )  # fmt: skip
            times = [p["posted_at"] for p, _ in carriers if p["posted_at"] is not None]
            found[object_id, platform] = (
                *(first["post_id"], rivals, rivals == 0 and not before, len(own)),
                *(len(carriers) - len(own), len({p["account_id"] for p, _ in carriers})),
                max(times, default=None),
            )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_first_sight_against_the_slow_way(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    posts = [
        post(
            f"{rng.choice(('x', 'board'))}:{n}",
            None if rng.random() < 0.1 else rng.randrange(300),
            width=rng.choice((0, 1, 60)),
            account_id=f"x:{rng.randrange(9)}",
        )
        for n in range(120)
    ]
    marks = {
        (p["post_id"], f"url:{rng.randrange(12)}", rng.choice(("in_text", "card", "inherited")))
        for p in posts
        for _ in range(2)
    }
    rows = [mark(*one) for one in sorted(marks)]
    made = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=rows,
        object=[thing(f"url:{n}") for n in range(12)],
    )  # fmt: skip
    assert {
        (row["object_id"], row["platform"]): (
            *(row["post_id"], row["rival_count"], row["is_certain"], row["post_count"]),
            *(row["inherited_count"], row["account_count"], row["last_at"]),
        )
        for row in made
    } == slow_first_seen(posts, rows)


CLOCKS = ("platform", "id_derived", "client_claimed", "exporter_local", "archive")


def some_post(rng: random.Random, native: str) -> dict[str, Any]:
    """A post of any clock whose interval is known, half known or not known."""
    second, way = rng.randrange(60), rng.randrange(8)
    made = post(native, second, width=rng.choice((0, 1, 5, 20)), clock=rng.choice(CLOCKS))
    if way == 5:  # a crawl
        made |= {"posted_at": None, "posted_low_at": None}
    elif way == 6:  # a claim that nothing bounds
        made |= {"posted_low_at": None, "posted_high_at": None, "clock": "client_claimed"}
    elif way == 7:
        made |= dict.fromkeys(("posted_at", "posted_low_at", "posted_high_at", "clock"))
        made["precision_s"] = None
    return made


def true_time(rng: random.Random, one: dict[str, Any]) -> float:
    """A time at which it may have been posted, in seconds."""
    low, high = ends(one)
    least = -100.0 if low == NEVER else (low - START).total_seconds()
    most = 200.0 if high == ALWAYS else (high - START).total_seconds()
    return rng.choice((least, most, rng.uniform(least, most)))


@pytest.mark.parametrize("seed", range(3))
def test_hidden_true_times_never_contradict_a_first_sight(tmp_path: Path, seed: int) -> None:
    """Overlapping intervals are never ordered, disjoint ones always, whatever the clocks."""
    rng = random.Random(seed)
    posts, marks = [], []
    for number in range(300):
        for rank in range(rng.randint(1, 4)):
            one = some_post(rng, f"{rng.choice(('x', 'web', 'board'))}:{number}-{rank}")
            posts.append(one)
            role = "inherited" if rng.random() < 0.1 else "in_text"
            marks.append(mark(one["post_id"], f"url:{number}", role))
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks,
        object=[thing(f"url:{number}") for number in range(300)],
    )  # fmt: skip
    assert {
        (row["object_id"], row["platform"]): (
            *(row["post_id"], row["rival_count"], row["is_certain"], row["post_count"]),
            *(row["inherited_count"], row["account_count"], row["last_at"]),
        )
        for row in rows
    } == slow_first_seen(posts, marks)
    by_id = {one["post_id"]: one for one in posts}
    told = {True: 0, False: 0}
    for row in (row for row in rows if row["platform"] == "*"):
        own = [m["post_id"] for m in marks if m["object_id"] == row["object_id"]
               and m["role"] != "inherited"]  # fmt: skip
        others = [by_id[one] for one in own if one != row["post_id"]]
        first = by_id[row["post_id"]]
        disjoint = all(ends(first)[1] < ends(one)[0] for one in others)
        assert (row["rival_count"] == 0) == disjoint
        told[disjoint and bool(others)] += 1
        for _ in range(20 if row["is_certain"] else 0):
            when = true_time(rng, first)
            assert all(when < true_time(rng, one) for one in others)
    assert min(told.values()) > 20


def test_a_post_whose_time_nothing_bounds_leaves_no_first_sight_certain(tmp_path: Path) -> None:
    claim = {"posted_low_at": None, "posted_high_at": None, "clock": "client_claimed"}
    for other in (post("x:2", 900, **claim), post("x:2", None)):
        posts = [post("x:1", 60), other]
        marks = [mark("x:1", "url:a"), mark("x:2", "url:a"), mark("x:2", "url:b")]
        things = [thing("url:a"), thing("url:b")]
        rows = run(first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=things)
        assert {row["object_id"] for row in rows} == {"url:a"}
        first = by_platform(rows)["x"]
        assert (first["post_id"], first["is_certain"], first["rival_count"]) == ("x:1", False, 1)


def test_hours_by_hand(tmp_path: Path) -> None:
    """18:49 and 18:59 are one hour, 19:00 the next; an action belongs to its post's platform."""
    posts = [
        post("x:1", 0),
        post("x:2", 600, account_id="x:b"),
        post("x:3", 660),
        post("x:4", None),
    ]
    acts = [
        act("repost", "x:2", "x:1", "x:b", 600),
        act("repost", "x:2", "x:1", "x:b", 600),
        {**act("delete", "gone", "x:1", "gone", 700), "post_id": None, "account_id": None},
    ]
    acts[1] = {**acts[1], "source_item_id": "f2"}
    rows = run(tally.ANALYSIS, tmp_path, post=posts, action=acts)
    hour = START.replace(minute=0)
    assert {
        (r["hour_at"], r["platform"], r["kind"]): (r["count_in_hour"], r["account_count"])
        for r in rows
    } == {
        (hour, "x", "post"): (2, 2),
        (hour, "x", "repost"): (1, 1),
        (hour + timedelta(hours=1), "x", "post"): (1, 1),
        (hour + timedelta(hours=1), "x", "delete"): (1, 0),
    }


def test_amplifiers_by_hand(tmp_path: Path) -> None:
    """b carries two posts of a after 10 s and 100 s, c one after 60 s, d one nobody has."""
    posts = [post("x:1", 0, account_id="x:a"), post("x:2", 50, account_id="x:a")]
    acts = [
        act("repost", "x:10", "x:1", "x:b", 10),
        act("quote", "x:11", "x:2", "x:b", 150),
        act("repost", "x:12", "x:1", "x:c", 60),
        act("repost", "x:13", "x:99", "x:d", 5),
        act("reply", "x:14", "x:1", "x:e", 5),
        act("repost", "x:15", "x:2", "x:c", 40),
    ]
    accounts = [
        {"account_id": "x:b", "platform": "x", "native_id": "b", "scope": "global",
         "handle": "bee", "source_item_id": "f1"}
    ]  # fmt: skip
    rows = run(amplifier.ANALYSIS, tmp_path, post=posts, action=acts, account=accounts)
    assert {
        row["account_id"]: tuple(
            row[name]
            for name in ("handle", *AMPLIFIED)
        )
        for row in rows
    } == {
        "x:b": ("bee", 2, 2, 1, 55.0, 0),
        "x:c": (None, 2, 2, 1, 60.0, 0),
        "x:d": (None, 1, 1, 0, None, 0),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_amplifiers_against_the_slow_way(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    posts = [post(f"x:{n}", rng.randrange(100), account_id=f"x:{n % 4}") for n in range(8)]
    acts = [
        act(
            "repost",
            f"x:{100 + n}",
            f"x:{rng.randrange(10)}",
            f"x:{rng.randrange(6)}",
            rng.randrange(200),
        )
        for n in range(80)
    ]
    known = {p["post_id"]: p for p in posts}
    expected = {}
    for account in {one["account_id"] for one in acts}:
        own = [one for one in acts if one["account_id"] == account]
        lags = [
            (one["acted_at"] - known[one["target_post_id"]]["posted_at"]).total_seconds()
            for one in own
            if one["target_post_id"] in known
        ]
        late = [lag for lag in lags if lag >= 0]
        expected[account] = (
            len(own),
            len({one["target_post_id"] for one in own}),
            sum(0 <= lag <= 60 for lag in lags),
            statistics.median(late) if late else None,
            sum(known.get(one["target_post_id"], {}).get("account_id") == account for one in acts),
        )
    rows = run(amplifier.ANALYSIS, tmp_path, post=posts, action=acts)
    assert {row["account_id"]: tuple(row[name] for name in AMPLIFIED) for row in rows} == expected


def page(native: str, second: float, **more: Any) -> dict[str, Any]:
    """What a crawler saw: there is no earliest time."""
    bound = {"posted_at": None, "posted_low_at": None, "posted_high_at": at(second)}
    return post(native, second, **{**bound, "clock": "archive", **more})


def test_a_page_seen_by_a_crawler_has_no_order_with_a_post_before_the_crawl(tmp_path: Path) -> None:
    posts = [post("x:1", 0), page("web:p", 500)]
    marks = [mark("x:1", "url:a"), mark("web:p", "url:a")]
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("url:a")]
    )
    found = by_platform(rows)
    assert (found["*"]["post_id"], found["*"]["is_certain"]) == ("x:1", False)
    assert found["*"]["rival_count"] == 1
    assert found["web"]["first_low_at"] is None
    assert (found["web"]["first_high_at"], found["web"]["is_certain"]) == (at(500), True)
    assert run(tally.ANALYSIS, tmp_path, post=posts, action=())[0]["count_in_hour"] == 1


def test_a_page_whose_crawl_is_earlier_than_every_post_is_first(tmp_path: Path) -> None:
    posts = [post("x:1", 60), page("web:p", 5)]
    marks = [mark("x:1", "url:a"), mark("web:p", "url:a")]
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("url:a")]
    )
    first = by_platform(rows)["*"]
    assert (first["post_id"], first["first_low_at"], first["first_high_at"]) == (
        "web:p",
        None,
        at(5),
    )
    assert (first["is_certain"], first["rival_count"]) == (True, 0)


def test_a_page_carries_a_link_since_the_crawl_that_shows_it(tmp_path: Path) -> None:
    """The crawl at 5 s shows the page without the link, the one at 900 s with it."""
    posts = [page("web:p", 5), page("web:p", 900, version=2, byte_start=50)]
    marks = [mark("web:p", "url:a", byte_start=50), mark("web:p", "url:b")]
    things = [thing("url:a"), thing("url:b")]
    rows = run(first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=things)
    high = {row["object_id"]: row["first_high_at"] for row in rows}
    assert high == {"url:a": at(900), "url:b": at(5)}


def test_an_edit_with_an_id_of_its_own_is_no_second_post(tmp_path: Path) -> None:
    posts = [post("x:1", 0), post("x:2", 0.2, version=2, edited_of="x:1", width=9)]
    marks = [mark("x:1", "url:a"), mark("x:2", "url:a")]
    rows = run(
        first_seen.ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing("url:a")]
    )
    first = by_platform(rows)["*"]
    assert (first["post_id"], first["post_count"], first["rival_count"]) == ("x:1", 1, 0)
    (hour,) = run(tally.ANALYSIS, tmp_path, post=posts, action=())
    assert hour["count_in_hour"] == 1


@pytest.mark.parametrize("analysis", [first_seen.ANALYSIS, tally.ANALYSIS, amplifier.ANALYSIS])
def test_an_empty_case_gives_empty_tables(tmp_path: Path, analysis: Analysis) -> None:
    assert run(analysis, tmp_path) == []
