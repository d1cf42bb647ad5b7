"""The coefficient of traffic by hand, against a slow sum, and what it refuses."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flow_tables import PLACE, post, repost, tables_of
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.spread.benchmarks import benchmarks
from tamis.analyses.spread.flow import ANALYSIS
from tamis.analyses.spread.flow_figures import Classes, coefficient, interval, resampled

if TYPE_CHECKING:
    from pathlib import Path


def _classes(numbers: list[tuple[int, int]]) -> Classes:
    found, counts = np.unique(np.asarray(numbers), axis=0, return_counts=True)
    return Classes.of(found[:, 0], found[:, 1], counts)


def _traffic(each: int = 10, accounts: int = 100) -> dict[str, Any]:
    """So many posts of each account, of which every other one is a repost of post 0."""
    posts, actions = [], []
    for number in range(each * accounts):
        account = f"x:a{number % accounts}"
        posts.append(post(number, account, number))
        if number % 2:
            actions.append(repost(number, account, 0, number))
    return {"post": posts, "action": actions}


def test_the_coefficient_by_hand() -> None:
    """60 accounts: one with 40 posts (10 reposts), 59 with one (every one a repost).

    N 99, R 69/99, the 50 busiest made 40 + 49 = 89, U 99/60:
    C = 69.697/10 + 89.899 + 1.65 = 98.519.
    """
    figures = _classes([(40, 10)] + [(1, 1)] * 59).figures()
    assert figures["repost_share"] == pytest.approx(69 / 99)
    assert figures["top50_share"] == pytest.approx(89 / 99)
    assert figures["posts_per_account"] == pytest.approx(1.65)
    assert figures["ctm"] == pytest.approx(98.5187, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "mean", "rest"),
    [("tnwelcomesmodi-2019", 55.81, 68.17), ("gobackmodi-2019", 6.70, 40.11)],
)
def test_published_cases_leave_for_r_and_f_what_they_must(
    name: str, mean: float, rest: float
) -> None:
    row = next(row for row in benchmarks() if row["benchmark_id"] == name)
    assert round(row["posts_per_account"], 2) == mean
    assert round(row["rest_ctm"], 2) == rest


@given(
    st.lists(
        st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=120,
    )
)
def test_classes_agree_with_a_plain_sum_over_accounts(numbers: list[tuple[int, int]]) -> None:
    classes = _classes(numbers)
    posts = sorted((n for n, _ in numbers), reverse=True)
    total = sum(posts)
    wanted = 10 * sum(r for _, r in numbers) / total + 100 * sum(posts[:50]) / total
    assert classes.figures()["ctm"] == pytest.approx(wanted + total / len(posts))
    for count in (1, 5, 50, 1000):
        assert classes.top_share(count) == pytest.approx(sum(posts[:count]) / total)
    apart = sum(abs(a - b) for a in posts for b in posts)
    assert classes.gini() == pytest.approx(apart / (2 * len(posts) * total), abs=1e-12)


def test_a_draw_of_accounts_agrees_with_drawing_them_one_by_one() -> None:
    numbers = [(1, 0)] * 80 + [(3, 2)] * 15 + [(40, 40)] * 5
    rng = random.Random(4)
    slow = []
    for _ in range(1_500):
        drawn = rng.choices(numbers, k=len(numbers))
        posts = sorted((n for n, _ in drawn), reverse=True)
        total = sum(posts)
        share = sum(r for _, r in drawn) / total
        slow.append(coefficient(share, sum(posts[:50]) / total, total / len(posts)))
    classes = _classes(numbers)
    fast = resampled(classes, 1_500, np.random.default_rng(1))
    assert fast.mean() == pytest.approx(float(np.mean(slow)), abs=0.8)
    for place in (0.05, 0.5, 0.95):
        wanted = float(np.quantile(slow, place))
        assert np.quantile(fast, place) == pytest.approx(wanted, abs=1.5)
    low, high, _ = interval(classes, 500, 0.95, np.random.default_rng(1))
    assert low < classes.figures()["ctm"] < high


def test_a_measured_row_states_n_duration_and_an_interval(tmp_path: Path) -> None:
    made = tables_of(ANALYSIS, tmp_path, **_traffic())
    row = next(row for row in made["manipulation"] if row["window_kind"] == "all")
    assert (row["outcome"], row["post_count"], row["account_count"]) == ("measured", 1000, 100)
    # R 50 %, F 50 %, U 10.
    assert row["ctm"] == pytest.approx(65.0)
    assert row["ctm_low"] <= row["ctm"] <= row["ctm_high"]
    assert row["duration_s"] == 999.0
    assert "N 1,000 posts of 100 accounts in 0.28 h" in row["detail"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sampling": "stream_sample"}, "sampled"),
        ({"sampling": "browser"}, "sampled"),
        ({"account_id": None}, "no_accounts"),
    ],
)
def test_what_cannot_carry_the_figure_is_refused(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    tables = _traffic()
    tables["post"] = [{**row, **change} for row in tables["post"]]
    if reason == "no_accounts":
        tables["action"] = []
    row = tables_of(ANALYSIS, tmp_path, **tables)["manipulation"][0]
    assert (row["outcome"], row["reason"], row["ctm"]) == ("refused", reason, None)
    assert (row["floor_ctm"] is None) == (reason == "no_accounts")


def test_few_posts_reposts_alone_and_none_are_refused(tmp_path: Path) -> None:
    few = _traffic(each=9)
    assert tables_of(ANALYSIS, tmp_path, **few)["manipulation"][0]["reason"] == "too_few_posts"
    alone = _traffic()
    alone["action"] = [repost(n, f"x:a{n % 100}", 5000, n) for n in range(1000)]
    row = tables_of(ANALYSIS, tmp_path, **alone)["manipulation"][0]
    assert (row["reason"], row["floor_ctm"]) == ("reposts_only", pytest.approx(70.0))
    none = tables_of(ANALYSIS, tmp_path, post=_traffic()["post"])["manipulation"][0]
    assert none["reason"] == "no_reposts"


def test_accounts_of_one_thread_are_no_accounts_for_this(tmp_path: Path) -> None:
    account = {"account_id": "x:a1", "platform": "x", "native_id": "a1", "scope": "thread", **PLACE}
    made = tables_of(ANALYSIS, tmp_path, **_traffic(), account=[account])
    assert made["manipulation"][0]["reason"] == "thread_accounts"


def test_the_same_posts_from_two_files_count_once(tmp_path: Path) -> None:
    tables = _traffic()
    again = [{**row, "source_item_id": "f2"} for row in tables["post"]]
    made = tables_of(ANALYSIS, tmp_path, post=[*tables["post"], *again], action=tables["action"])
    assert made["manipulation"][0]["post_count"] == 1000
    assert sum(row["post_count"] for row in made["minute_replay"]) == 1000


def test_stretches_stand_beside_stretches_of_all_posts(tmp_path: Path) -> None:
    """4,000 posts; the first 2,000 carry the tag and come from ten accounts alone."""
    rng = random.Random(3)
    posts, actions = [], []
    for number in range(4_000):
        name = f"x:t{number % 10}" if number < 2_000 else f"x:c{rng.randrange(900)}"
        posts.append(post(number, name, number))
        if number % 4 == 0:
            actions.append(repost(number, name, 9, number))
    marks = [
        {"post_id": f"x:{n}", "object_id": "hashtag:t", "role": "in_text", "method": "e", **PLACE}
        for n in range(2_000)
    ]
    thing = {"object_id": "hashtag:t", "kind": "hashtag", "canonical": "t", "display": "#t"}
    made = tables_of(
        ANALYSIS, tmp_path, post=posts, action=actions, post_object=marks, object=[thing]
    )
    rows = [
        row
        for row in made["manipulation"]
        if (row["object_id"], row["window_kind"]) == ("hashtag:t", "posts_1000")
    ]
    assert [row["window_rank"] for row in rows] == [0, 1]
    assert [row["base_count"] for row in rows] == [4, 4]
    # Two of the four stretches of all posts are those of the tag.
    assert [row["base_share"] for row in rows] == [0.5, 0.5]
    assert rows[0]["ctm"] == pytest.approx(2.5 + 100 + 100)


def test_shares_of_clusters_and_repeated_texts_stand_beside_the_whole(tmp_path: Path) -> None:
    posts = [post(n, f"x:a{n % 5}", n * 600, text_hash=f"h{n}") for n in range(100)]
    for n in (0, 51):  # two accounts, one text
        posts[n]["text_hash"] = "same"
    marks = [
        {"post_id": f"x:{n}", "object_id": "hashtag:t", "role": "in_text", "method": "e", **PLACE}
        for n in range(50)
    ]
    thing = {"object_id": "hashtag:t", "kind": "hashtag", "canonical": "t", "display": "#t"}
    cluster, member = _cluster("x:a0")
    made = tables_of(
        ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing],
        cluster=[cluster], cluster_member=[member],
    )  # fmt: skip
    rows = {(r["object_id"], r["measure"], r["window_kind"]): r for r in made["crowd_share"]}
    first = rows["hashtag:t", "clusters", "first_1h"]
    # Posts at 0, 600, …, 3000 s: six, of which numbers 0 and 5 are of the member.
    assert (first["post_count"], first["hit_count"], first["base_share"]) == (6, 2, 0.2)
    text = rows["hashtag:t", "repeated_text", "all"]
    assert (text["hit_count"], text["post_count"], text["base_hit_count"]) == (1, 50, 2)
    assert sum(r["post_count"] for r in made["minute_replay"] if r["cluster_id"] == "c1") == 30


def _cluster(account: str) -> tuple[dict[str, Any], dict[str, Any]]:
    told = {"run_id": "r0", "analysis_version": "c/1", "cluster_id": "c1"}
    start = datetime(2017, 5, 5, tzinfo=UTC)
    cluster = {
        "grade": "first", "layer": "merged", "window_s": 60.0, "layers": [], "member_count": 1,
        "core_count": 1, "edge_count": 1, "density": 1.0, "stability": 1.0, "p_value": 0.01,
        "object_count": 1, "evidence_count": 1, "top_objects": [], "lag_median_s": 1.0,
        "first_at": start, "last_at": start, "member_within_share": 1.0, "crowd_object_count": 0,
        "created_known_count": 0, "detail": "-", "limits": "-", **told,
    }  # fmt: skip
    member = {
        "account_id": account, "role": "core", "core_number": 1, "edge_count": 1,
        "object_count": 1, **told,
    }  # fmt: skip
    return cluster, member


def test_only_a_day_of_creation_that_the_population_lacks_is_a_spike(tmp_path: Path) -> None:
    """1,000 accounts, two a day; thirty of those that carry the tag were made on day 100."""
    accounts, posts, marks = [], [], []
    day = datetime(2015, 1, 1, 12, tzinfo=UTC)
    for n in range(1_000):
        made_at = day + timedelta(days=100 if 500 <= n < 530 else n // 2)
        accounts.append(
            {"account_id": f"x:{n}", "platform": "x", "native_id": str(n), "scope": "global",
             "created_at": made_at, **PLACE}
        )  # fmt: skip
        posts.append(post(n, f"x:{n}", n))
        if n >= 450:
            mark = {"post_id": f"x:{n}", "object_id": "hashtag:t", "role": "in_text", "method": "e"}
            marks.append({**mark, **PLACE})
    thing = {"object_id": "hashtag:t", "kind": "hashtag", "canonical": "t", "display": "#t"}
    made = tables_of(
        ANALYSIS, tmp_path, post=posts, post_object=marks, object=[thing], account=accounts
    )
    days = {(row["object_id"], row["day_at"].date().isoformat()) for row in made["creation_spike"]}
    # For the tag the day is explained by the population, in which it is a spike itself.
    assert days == {("*", "2015-04-11")}


def test_the_sample_of_a_stream_is_refused_with_its_floor(
    shared_data: Path, tmp_path: Path
) -> None:
    """C over the lines themselves, counted here without tamis, is the floor that is printed."""
    import bz2
    import json
    from collections import Counter

    from tamis.case import Case
    from tamis.progress import Silent
    from tamis.run.analyse import analyse
    from tamis.run.intake import add

    folder = shared_data / "posts" / "twitter_v1"
    counts: Counter[str] = Counter()
    reposts = 0
    for path in sorted(folder.iterdir()):
        for line in bz2.decompress(path.read_bytes()).splitlines():
            status = json.loads(line)
            if "delete" not in status:
                counts[status["user"]["id_str"]] += 1
                reposts += "retweeted_status" in status
    total = sum(counts.values())
    top = sum(count for _, count in counts.most_common(50))
    floor = 10 * reposts / total + 100 * top / total + total / len(counts)
    case = Case.create(tmp_path / "case", title="sample")
    add(case, [folder], kind="posts")
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    with case.view() as view:
        rows = [row for batch in view.batches("manipulation") for row in batch.to_pylist()]
    row = next(row for row in rows if row["object_id"] == "*")
    assert (row["outcome"], row["reason"], row["ctm"]) == ("refused", "sampled", None)
    # Ten lines of 8,433 were shown inside another line first, and stand there.
    assert row["floor_ctm"] == pytest.approx(floor, abs=0.02)
    assert "Sampling floor: the raw sum is 6.5" in row["detail"]
