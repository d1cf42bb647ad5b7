"""The null models against slow, obvious versions, worked cases, and worlds without a cell."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.coordination.significance import habits as habit
from tamis.analyses.coordination.significance import judge
from tamis.analyses.coordination.significance.bursts import OWN_FROM, burst_chances
from tamis.analyses.coordination.significance.choice import choice_chances
from tamis.analyses.coordination.significance.circles import SEEN, UNSEEN
from tamis.analyses.coordination.significance.columns import (
    SIGNIFICANCE,
    Asked,
    kept_pairs,
    placebo,
    significance,
)
from tamis.analyses.coordination.significance.correction import (
    deflated,
    false_discovery,
    family_wise,
    inflation,
    possible_pairs,
    shifted,
)
from tamis.analyses.coordination.significance.judge import judged
from tamis.analyses.coordination.significance.layer import Actions, layer_of
from tamis.analyses.coordination.significance.tails import (
    chernoff,
    pairs_table,
    poisson_binomial_tail,
    poisson_tail,
)
from tamis.analyses.coordination.walk.pairs import keys_of
from tamis.simulate.worlds import PlantedPlan, World, organic, planted

SECOND = 1_000_000
MINUTE, DAY = 60 * SECOND, 86_400 * SECOND
START = 1_493_596_800 * SECOND


def _actions(rows: Any, accounts: int = 0, **known: Any) -> Actions:
    """Actions from (object, account, seconds)."""
    objects, people, seconds = (np.asarray(column) for column in zip(*rows, strict=True))
    return Actions(
        objects.astype(np.int32),
        people.astype(np.int32),
        (START + seconds * SECOND).astype(np.int64),
        int(objects.max()) + 1,
        max(accounts, int(people.max()) + 1),
        **known,
    )


def _of(world: World, *, informed: bool) -> Actions:
    known = (world.origins, world.published) if informed else (None, None)
    columns = (world.objects, world.accounts, world.times)
    return Actions(*columns, world.object_count, world.account_count, *known)


def _pairs(*pairs: tuple[int, int]) -> np.ndarray:
    return np.asarray(pairs, np.int32).reshape(-1, 2)


# --- tails ---------------------------------------------------------------------------------------


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=9), st.integers(0, 10))
@settings(deadline=None, max_examples=150)
def test_the_tail_of_unequal_coins_is_that_of_all_outcomes_or_a_bound(
    chances: list[float], least: int
) -> None:
    truth = sum(
        math.prod(c if is_head else 1 - c for c, is_head in zip(chances, outcome, strict=True))
        for outcome in itertools.product((False, True), repeat=len(chances))
        if sum(outcome) >= least
    )
    coins = np.asarray(chances)
    found = poisson_binomial_tail(coins, least, np.empty(16))
    assert chernoff(coins.sum(), len(coins), least) >= truth * (1 - 1e-9)
    if found <= 1e-3:
        # What decides is exact, or larger than the truth where the bound answers zero heads more.
        assert found == pytest.approx(truth, rel=1e-9, abs=1e-300)
    else:
        assert found >= truth * (1 - 1e-9)


def test_tiny_tails_keep_their_digits() -> None:
    coins = np.full(40, 0.001)
    truth = sum(math.comb(40, k) * 0.001**k * 0.999 ** (40 - k) for k in range(25, 41))
    assert poisson_binomial_tail(coins, 25, np.empty(64)) == pytest.approx(truth, rel=1e-9)
    assert truth < 1e-60


@pytest.mark.parametrize(("mean", "least"), [(0.1, 3), (5.0, 2), (5.0, 5), (2.0, 30), (0.0, 1)])
def test_the_poisson_tail_is_the_sum_of_its_terms(mean: float, least: int) -> None:
    terms = (
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) if mean else 0.0
        for k in range(least, least + 400)
    )
    assert poisson_tail(mean, least) == pytest.approx(sum(terms), rel=1e-9)


# --- bursts --------------------------------------------------------------------------------------


def test_the_chance_of_a_burst_is_that_of_all_its_pairs() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (thing, int(rng.integers(0, 30)), int(rng.integers(0, 900)))
        for thing, size in enumerate([2, 3, 5, 9, 12, 40, 63, 64, 200])
        for _ in range(size)
    ]
    kept = _pairs((0, 1), (3, 9), (20, 4))
    layer = layer_of(_actions(rows))
    table = pairs_table(keys_of(kept[:, 0], kept[:, 1]))
    found = burst_chances(layer, 60 * SECOND, table)
    figures: dict[int, list[int]] = {}
    known = {tuple(sorted(pair)) for pair in kept.tolist()}
    for thing in range(9):
        mine = [row for row in rows if row[0] == thing]
        pairs = [p for p in itertools.combinations(mine, 2) if p[0][1] != p[1][1]]
        close = [p for p in pairs if abs(p[0][2] - p[1][2]) <= 60]
        free = [p for p in pairs if tuple(sorted((p[0][1], p[1][1]))) not in known]
        both = [p for p in close if p in free]
        figures[thing] = [len(mine), len(close), len(pairs), len(both), len(free)]
    for thing, (size, close, pairs, both, free) in figures.items():
        if size >= OWN_FROM:
            truth = (close + 1) / (pairs + 1)
        else:
            alike = [f for f in figures.values() if int(math.log2(f[0])) == int(math.log2(size))]
            alike = [f for f in alike if f[0] < OWN_FROM]
            pool = (sum(f[1] for f in alike) + 1) / (sum(f[2] for f in alike) + 1)
            truth = max(pool, (both + 10 * pool) / (free + 10))
        assert found[thing] == pytest.approx(min(1.0, truth)), thing


# --- habits --------------------------------------------------------------------------------------


def test_two_lag_classes_meet_as_often_as_points_drawn_from_them() -> None:
    rng = np.random.default_rng(3)
    borders = np.asarray(habit._LAGS)

    def drawn(place: int) -> np.ndarray:
        low, high = borders[place], borders[place + 1]
        share = rng.random(400_000)
        return low * (high / low) ** share if low else high * share

    for window_s in (10, 600):
        within = habit._within(window_s)
        for one, other in ((0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (3, 3), (4, 4), (1, 4)):
            close = np.abs(drawn(one) - drawn(other)) <= window_s
            assert within[one, other] == pytest.approx(close.mean(), abs=0.004)
        assert np.allclose(within, within.T, atol=0.01)


def test_who_is_quick_without_the_other_explains_a_match_and_who_is_not_does_not() -> None:
    rng = np.random.default_rng(21)
    # Things that account 9 begins; 0 and 1 are quick together on the first thirty of them.
    rows = [(t, 9, t * 50_000) for t in range(90)]
    rows += [(t, a, t * 50_000 + 5 + a) for t in range(30) for a in (0, 1)]
    rows += [(t, 0, t * 50_000 + int(rng.integers(900, 9_000))) for t in range(30, 50)]
    rows += [(t, 1, t * 50_000 + (4 if t < 66 else 5_000)) for t in range(50, 70)]
    habits = habit.habits_of(layer_of(_actions(rows)), MINUTE)
    assert habits.quick_before == 60 * SECOND
    tries, quick = np.asarray([30.0, 30.0]), np.asarray([30.0, 30.0])
    found = habit.quick_chance(habits, (0, 1), tries, quick)
    every = [r for r in rows if r[1] != 9]
    crowd = sum(r[2] - r[0] * 50_000 < 60 for r in every) / len(every)
    # Without the other, 0 was quick 0 times of 20, and 1 was 16 times of 20: the larger counts.
    assert found == pytest.approx(max(10 * crowd / 30, (16 + 10 * crowd) / 30))
    assert habit.quick_chance(habits, (0, 0), tries, quick) == pytest.approx(10 * crowd / 30)


@pytest.mark.parametrize(("window_s", "classes"), [(5, 0), (10, 1), (60, 2), (600, 3)])
def test_only_lags_that_meet_in_any_case_are_quick(window_s: int, classes: int) -> None:
    layer = layer_of(_actions([(0, 0, 0), (0, 1, 5), (1, 0, 9), (1, 1, 30)]))
    habits = habit.habits_of(layer, window_s * SECOND)
    assert habits.quick_before == habits.borders[classes]


@pytest.mark.parametrize("delay_s", [0, 3_000])
def test_a_cell_that_acts_first_is_found_as_one_that_acts_later_is(delay_s: int) -> None:
    rng = np.random.default_rng(5)
    rows: list[tuple[int, int, int]] = []
    for thing in range(300):
        begin = int(rng.integers(0, 800_000))
        people = rng.choice(1_000, rng.integers(5, 60), replace=False)
        rows += [(thing, int(p), begin + 20 + int(rng.exponential(9_000))) for p in people]
        if thing < 40:
            cell = rng.choice(np.arange(1_000, 1_012), 9, replace=False)
            rows += [(thing, int(c), begin + delay_s + int(rng.integers(0, 8))) for c in cell]
        else:
            late = rng.choice(np.arange(1_000, 1_012), 1)
            rows += [(thing, int(c), begin + int(rng.exponential(9_000))) for c in late]
    actions = _actions(rows)
    pairs = kept_pairs(actions, MINUTE, 2)
    found = judged(layer_of(actions), MINUTE, pairs)
    chosen = family_wise(found.p_value, possible_pairs(1_012)) <= 0.05
    in_cell = (pairs >= 1_000).all(axis=1)
    assert not chosen[~in_cell].any()
    assert chosen[in_cell].mean() > 0.9


def test_people_who_are_quick_on_whatever_there_is_explain_each_other() -> None:
    rng = np.random.default_rng(8)
    rows: list[tuple[int, int, int]] = []
    for thing in range(400):
        begin = int(rng.integers(0, 800_000))
        people = rng.choice(1_000, 25, replace=False)
        rows += [(thing, int(p), begin + 60 + int(rng.exponential(9_000))) for p in people]
        rows.append((thing, int(people[0]), begin))
        quick = np.flatnonzero(rng.random(12) < 0.3) + 1_000
        rows += [(thing, int(q), begin + 2 + int(rng.exponential(5))) for q in quick]
    actions = _actions(rows)
    found = judged(layer_of(actions), MINUTE, kept_pairs(actions, MINUTE, 2))
    assert not (family_wise(found.p_value, possible_pairs(1_012)) <= 0.05).any()
    assert (found.p_burst < 1e-9).any()


def test_lags_are_drawn_anew_from_the_other_lags_of_the_same_class() -> None:
    rng = np.random.default_rng(9)
    rows = [(t, 9, t * 50_000) for t in range(40)]
    rows += [
        (t, a, t * 50_000 + int(rng.integers(8, 60) if a == 0 else rng.integers(480, 3_000)))
        for t in range(40)
        for a in (0, 1)
    ]
    rows += [(t, 2, t * 50_000 + int(rng.integers(20, 40))) for t in range(25)]
    layer = layer_of(_actions(rows))
    habits = habit.habits_of(layer, 10 * SECOND)
    lags = {a: {r[0]: r[2] - r[0] * 50_000 for r in rows if r[1] == a} for a in (0, 2)}
    both = [t for t in range(25) if t in lags[0]]
    codes = [habit.lag_classes(habits, 0, lags[0][t] * SECOND, lags[2][t] * SECOND) for t in both]
    met = [float(abs(lags[0][t] - lags[2][t]) <= 10) for t in both]
    out = np.empty(64)
    habit.reaction_chances(habits, 10 * SECOND, (0, 2), np.asarray([codes, met]), out)
    close = [
        abs(x - y) <= 10
        for (t, x), (u, y) in itertools.product(lags[0].items(), lags[2].items())
        if t != u
    ]
    even = habits.within[1, 1]
    own = (sum(close) + 10 * even) / (len(close) + 10)
    assert set(codes) == {1 * 7 + 1}
    assert out[1 * 7 + 1] == pytest.approx(max(even, own))
    assert out[4 * 7 + 4] == pytest.approx(habits.within[4, 4])


def test_hours_are_compared_over_whole_days_but_the_same_one() -> None:
    rng = np.random.default_rng(8)
    rows = [
        (n, n % 6, int(rng.integers(0, 14)) * 86_400 + int(rng.integers(-2_000, 9_000)) % 86_400)
        for n in range(240)
    ]
    layer = layer_of(_actions(rows))
    habits = habit.habits_of(layer, 60 * SECOND)
    for one, other in itertools.combinations(range(6), 2):
        mine = [row[2] for row in rows if row[1] == one]
        theirs = [row[2] for row in rows if row[1] == other]
        best = 1.0
        for width, usual in zip((60, 900), habits.day_chances, strict=True):
            apart = same = 0
            for x, y in itertools.product(mine, theirs):
                if abs(x - y) <= 43_200:
                    continue
                apart += 1
                gap = abs(x - y) % 86_400
                same += min(gap, 86_400 - gap) <= width
            best = max(best, (same + 1) / (apart + 1 / usual) / usual)
        assert habit.hours_factor(habits, one, other) == pytest.approx(best)


def test_people_who_are_always_quick_explain_each_other() -> None:
    rows, pairs = [], _pairs((0, 1), (2, 3))
    for thing in range(30):
        at = thing * 40_000
        rows += [(thing, 10 + thing % 5, at), (thing, 0, at + 9), (thing, 1, at + 12)]
        # These two meet as closely, but at any time of a thing's life.
        later = at + 600 + 400 * thing
        rows += [(thing, 2, later), (thing, 3, later + 3)]
        rows += [(thing, 20 + n, at + 1_000 * n + 37 * thing) for n in range(12)]
    found = judged(layer_of(_actions(rows)), 10 * SECOND, pairs)
    assert found.matched.tolist() == [30, 30]
    assert max(found.p_burst) < 1e-12
    assert found.p_reaction[0] > 1e-4
    assert found.p_reaction[1] < 1e-12
    assert found.p_value[0] > 1e-4


# --- which matches count -------------------------------------------------------------------------


def _independent(rows: Any, **known: Any) -> tuple[int, int]:
    layer = layer_of(_actions(rows, 100, **known))
    found = judged(layer, 10 * SECOND, _pairs((0, 1)))
    return int(found.sessions[0]), int(found.independent[0])


def _quiet_crowd(things: int) -> list[tuple[int, int, int]]:
    """Others who use each thing at times of their own, each thing by people of its own."""
    return [
        (thing, 2 + (3 * thing + n) % 98, thing * 1_000 + 86_400 * n + 50_000)
        for thing in range(things)
        for n in range(3)
    ]


def test_matches_of_one_session_count_once() -> None:
    rows = [(t, a, t * 300 + 2 * a) for t in range(12) for a in (0, 1)] + _quiet_crowd(12)
    assert _independent(rows) == (1, 1)
    apart = [(t, a, t * 1_900 + 2 * a) for t in range(12) for a in (0, 1)] + _quiet_crowd(12)
    assert _independent(apart) == (12, 12)


def test_matches_of_one_publisher_count_once() -> None:
    rows = [(t, a, t * 9_000 + 2 * a) for t in range(12) for a in (0, 1)] + _quiet_crowd(12)
    origins = np.asarray([t % 4 for t in range(12)], np.int32)
    assert _independent(rows, origins=origins) == (12, 4)


def test_things_that_nobody_else_used_count_once_where_no_publisher_is_known() -> None:
    rows = [(t, a, t * 9_000 + 2 * a) for t in range(12) for a in (0, 1)]
    assert _independent(rows + _quiet_crowd(8)) == (12, 8 + 1)
    assert SEEN != UNSEEN


def test_things_of_one_audience_count_once_where_no_publisher_is_known() -> None:
    rows = [(t, a, t * 9_000 + 2 * a) for t in range(12) for a in (0, 1)]
    fans = [(t, 50 + n, t * 9_000 + 86_400 + n * 500) for t in range(12) for n in range(6)]
    sessions, independent = _independent(rows + fans)
    assert (sessions, independent) == (12, 1)


# --- pairs as a whole ----------------------------------------------------------------------------


def test_what_the_judge_counts_is_what_a_slow_look_counts() -> None:
    rng = np.random.default_rng(11)
    rows = [
        (int(rng.zipf(1.6)) % 60, int(rng.integers(0, 25)), int(rng.integers(0, 20_000)))
        for _ in range(1_500)
    ]
    actions = _actions(rows)
    layer = layer_of(actions)
    pairs = kept_pairs(actions, 60 * SECOND, 1)
    found = judged(layer, 60 * SECOND, pairs)
    table = pairs_table(keys_of(pairs[:, 0], pairs[:, 1]))
    chances = burst_chances(layer, 60 * SECOND, table)
    uses: dict[tuple[int, int], list[int]] = {}
    for thing, account, second in rows:
        uses.setdefault((thing, account), []).append(second)
    for number, (one, other) in enumerate(pairs.tolist()):
        coins, matched = [], 0
        for thing in range(60):
            mine = uses.get((thing, one), [])
            theirs = uses.get((thing, other), [])
            if mine and theirs:
                coins.append(1 - (1 - chances[thing]) ** (len(mine) * len(theirs)))
                matched += any(abs(x - y) <= 60 for x in mine for y in theirs)
        assert found.common[number] == len(coins)
        assert found.matched[number] == matched
        assert found.sessions[number] <= matched
        assert found.independent[number] <= found.sessions[number]
        if found.p_burst[number] > 1e-3:
            assert found.expected[number] == pytest.approx(sum(coins))


def test_a_pair_is_judged_alike_alone_and_among_many_in_several_threads() -> None:
    made = planted(5, PlantedPlan(actions=6_000, cells=1, pushes=60, exclusive_share=0.2))
    actions = _of(made, informed=True)
    pairs = kept_pairs(actions, MINUTE, 1)
    assert len(pairs) > 1_000  # several shares
    layer = layer_of(actions)
    found = judged(layer, MINUTE, pairs)
    again = judged(layer, MINUTE, pairs[::-1])
    for name, column in found._asdict().items():
        np.testing.assert_array_equal(getattr(again, name)[::-1], column, err_msg=name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "_SHARES", 0)
        alone = judged(layer, MINUTE, pairs)
    for name, column in found._asdict().items():
        np.testing.assert_array_equal(getattr(alone, name), column, err_msg=name)


def test_names_and_order_change_nothing() -> None:
    world = organic(3)
    rng = np.random.default_rng(0)
    people = rng.permutation(world.account_count).astype(np.int32)
    rows = rng.permutation(len(world.objects))
    actions = _of(world, informed=False)
    other = actions._replace(
        objects=actions.objects[rows],
        accounts=people[actions.accounts[rows]],
        times=actions.times[rows],
    )
    pairs = kept_pairs(actions, MINUTE, 3)
    found = judged(layer_of(actions), MINUTE, pairs)
    again = judged(layer_of(other), MINUTE, people[pairs[:, ::-1]])
    assert np.array_equal(found.matched, again.matched)
    assert np.allclose(found.p_burst, again.p_burst, rtol=1e-9)
    # Openers of equal time are chosen by the order of rows; nothing else may differ.
    assert (np.isclose(found.p_value, again.p_value, rtol=1e-6)).mean() > 0.99


def test_honest_times_give_honest_p_values() -> None:
    """Times drawn within each object's own burst: few small p-values among all pairs."""
    below = tests = 0
    for seed in range(6):
        rng = np.random.default_rng([seed, 77])
        scales = 2_000 * np.exp(0.7 * rng.standard_normal(600))
        births = rng.random(600) * 12 * 86_400
        things = rng.integers(0, 600, 9_000)
        rows = (births[things] + rng.exponential(1.0, 9_000) * scales[things]).astype(int)
        people = rng.choice(150, 9_000)
        actions = _actions(zip(things, people, rows, strict=True), 150)
        pairs = kept_pairs(actions, MINUTE, 1)
        found = judged(layer_of(actions), MINUTE, pairs)
        below += int((found.p_burst <= 1e-3).sum())
        tests += possible_pairs(150)
    assert below <= 1e-3 * tests + 3 * math.sqrt(1e-3 * tests)


@pytest.mark.parametrize("informed", [True, False])
@pytest.mark.parametrize("window_s", [10, 60])
def test_a_crowd_without_a_cell_is_not_accused(window_s: int, *, informed: bool) -> None:
    accused = 0
    for seed in range(500, 512):
        actions = _of(organic(seed), informed=informed)
        layer = layer_of(actions)
        pairs = kept_pairs(actions, window_s * SECOND, 2)
        found = judged(layer, window_s * SECOND, pairs)
        chosen = family_wise(found.p_value, possible_pairs(layer.active_count)) <= 0.05
        accused += int(chosen.sum() >= 2)
    assert accused <= 1


def test_cells_in_a_crowd_are_found_and_nobody_else() -> None:
    world = planted(501, PlantedPlan(actions=60_000, cells=4, communities=10))
    actions = _of(world, informed=True)
    pairs = kept_pairs(actions, 10 * SECOND, 2)
    table = significance(layer_of(actions), 10 * SECOND, pairs, Asked())
    assert table.schema.equals(SIGNIFICANCE)
    chosen = {
        (min(pair), max(pair))
        for pair, chance in zip(pairs.tolist(), table["p_family"].to_pylist(), strict=True)
        if chance <= 0.05
    }
    truth = world.planted_pairs()
    assert len(chosen & truth) >= 0.9 * len(truth)
    assert len(chosen - truth) <= 0.05 * len(chosen)
    assert table["p_hours"].null_count > 0


def test_rare_common_choices_stand_out_and_popular_ones_do_not() -> None:
    rows = [(0, person, 10 * person) for person in range(60)]
    rows += [(1, person, 11 * person) for person in range(60)]
    rows += [(2 + n, person, 5_000 * n) for n in range(5) for person in (0, 1)]
    rows += [(10 + person, person, 7 * person) for person in range(60)]
    chances = choice_chances(layer_of(_actions(rows)), _pairs((0, 1), (2, 3)))
    assert chances[0] < 1e-4
    assert chances[1] > 0.5


# --- correction ----------------------------------------------------------------------------------


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=30), st.integers(0, 500))
@settings(deadline=None, max_examples=80)
def test_holm_and_bh_over_tests_that_were_not_looked_at(looked: list[float], others: int) -> None:
    tests = len(looked) + others
    every = sorted([*looked, *([1.0] * others)])
    holm, running = {}, 0.0
    for rank, chance in enumerate(every):
        running = max(running, chance * (tests - rank))
        holm[chance] = min(1.0, running) if chance not in holm else holm[chance]
    found = family_wise(np.asarray(looked), tests)
    q = false_discovery(np.asarray(looked), tests)
    for chance, adjusted, rate in zip(looked, found.tolist(), q.tolist(), strict=True):
        assert adjusted >= holm[chance] * (1 - 1e-9)
        assert min(1.0, chance) <= adjusted <= min(1.0, chance * tests)
        truth = min(
            1.0,
            *(every[rank] * tests / (rank + 1) for rank in range(tests) if every[rank] >= chance),
        )
        assert rate == pytest.approx(truth) or rate >= truth


def test_a_placebo_that_keeps_its_promise_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    chances = rng.random(200_000)
    assert inflation(chances, len(chances)).factor == pytest.approx(1.0, abs=0.02)
    worse = inflation(chances**2, len(chances))
    assert 1.7 < worse.factor < 2.3
    after = deflated(chances**2, worse)
    assert (after <= 1e-4).mean() < 2e-4
    assert inflation(np.asarray([]), 10).factor == 1.0


def test_shifted_moments_are_a_placebo() -> None:
    world = planted(502, PlantedPlan(actions=60_000, cells=4))
    actions = _of(world, informed=True)
    found = placebo(actions, 10 * SECOND, 2)
    assert found.factor == pytest.approx(1.0, abs=0.05)
    moved = shifted(actions.accounts, actions.times, 10 * SECOND, 1)
    distance = np.abs(moved - actions.times)
    assert distance.min() >= 300 * SECOND
    assert distance.max() <= 3_600 * SECOND
