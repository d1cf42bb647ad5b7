from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from test_spread import act, mark, post, run, thing

from tamis.analyses.spread import growth

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]


def world(seed: int, count: int) -> tuple[Rows, Rows, Rows]:
    """So many posts with one tag: every 20th an own one, the others reposts of earlier ones."""
    dice = random.Random(seed)
    posts, actions, marks = [], [], []
    roots: list[tuple[str, str]] = []
    for n in range(count):
        native, account = f"x:{n}", f"x:a{dice.randrange(12)}"
        posts.append(post(native, n * 3.0, account_id=account))
        is_own = n % 20 == 0
        marks.append(mark(native, "hashtag:t", "in_text" if is_own else "inherited"))
        if is_own:
            roots.append((native, account))
            continue
        target, author = dice.choice(roots[-5:])
        told = act("repost", native, target, account, n * 3.0) | {"target_account_id": author}
        actions.append(told)
    order = list(range(count))
    dice.shuffle(order)
    return [posts[n] for n in order], actions, [*marks, *marks[:50]]


@pytest.mark.parametrize("seed", [1, 2])
def test_each_stretch_against_a_slow_count(seed: int, tmp_path: Path) -> None:
    posts, actions, marks = world(seed, 1_500)
    rows = run(
        growth.ANALYSIS, tmp_path, post=posts, action=actions, post_object=marks,
        object=[thing("hashtag:t")],
    )  # fmt: skip
    at = {one["post_id"]: one["posted_at"] for one in posts}
    line = sorted(at, key=lambda name: (at[name], name))
    author = {one["post_id"]: one["target_account_id"] for one in actions}
    for low, high in ((1, 100), (100, 1_000), (1_000, 1_500)):
        stretch = line[(low if low > 1 else 0) : high]
        counted = Counter(author[name] for name in stretch if name in author)
        expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
        found = sorted(
            (row for row in rows if row["from_count"] == low), key=lambda row: row["place"]
        )
        assert [(row["account_id"], row["received_count"]) for row in found] == expected
        for row in found:
            assert (row["to_count"], row["repost_count"]) == (high, counted.total())
            assert (row["from_at"], row["to_at"]) == (at[stretch[0]], at[stretch[-1]])
            own = [
                one["posted_at"] for one in posts
                if one["account_id"] == row["account_id"] and one["post_id"] not in author
            ]  # fmt: skip
            assert row["account_first_at"] == min(own)
            assert row["is_before"] == (min(own) < row["from_at"])


def test_an_object_of_few_posts_has_no_growth(tmp_path: Path) -> None:
    posts, actions, marks = world(1, 900)
    tables = {"post": posts, "action": actions, "post_object": marks[:900]}
    assert run(growth.ANALYSIS, tmp_path, **tables, object=[thing("hashtag:t")]) == []
