"""The path of the invented leak, from raw exports, beside what was invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tamis import simulate
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.answers import answers
from tamis.run.intake import add
from tamis.simulate.elsewhere import Elsewhere

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.run.answer import Answer


class Line(Protocol):
    """The finished case that the fixture `line` of this folder gives."""

    incident: Path
    case: Path


@pytest.fixture(scope="module")
def told(line: Line) -> tuple[Answer, ...]:
    with Case.open(line.case).view() as view:
        return answers(view, simulate.expectations(line.incident))


@pytest.mark.parametrize(
    "words",
    [
        "the archive's link is first seen on mezzanine",
        "is first seen on X",
        "it first crossed from mezzanine to x, 14 min later",
        "the account that brought it there is x:",
        "that post was reposted 15 times in 1 min, 87 times in 5 min, ",
        "came in this order: x:",
        "7 are confirmed, 2 contradicted and 3 not testable",
        "calls to act found in chats and posts, the planted ones and no other",
        "3 links to copies of the archive found; 1 planted copy",
        "there were 3 h 25 min to answer",
        "1 of them with fewer than 3 messages, too few to tell",
        "4 have fewer than 200 posts, too few to tell",
    ],
)
def test_the_published_shape_is_recovered(words: str, told: tuple[Answer, ...]) -> None:
    found = [answer for answer in told if words in answer.sentence]
    assert [(answer.agrees, answer.truth) for answer in found] == [(True, found[0].truth)], told


def test_the_accounts_that_brought_things_across_are_bridges(line: Line) -> None:
    truth = simulate.expectations(line.incident)
    with Case.open(line.case).view() as view:
        rows = [row for batch in view.batches("crossing") for row in batch.to_pylist()]
        replay = [row for batch in view.batches("minute_replay") for row in batch.to_pylist()]
        members = [row for batch in view.batches("community_member") for row in batch.to_pylist()]
    link = f"url:{truth.story['archive_url']}"
    steps = [r for r in rows if r["object_id"] == link and r["dimension"] == "platform"]
    order = sorted(truth.story["first_link"], key=lambda name: truth.story["first_link"][name])
    assert [r["to_scope"] for r in sorted(steps, key=lambda r: r["place"])] == order[1:]
    communities = {row["community_id"] for row in members}
    shown = {row["community_id"] for row in replay}
    assert shown - {None}
    assert shown - {None} <= communities


def test_the_offsets_that_accounts_keep_are_among_those_named(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    habits = Elsewhere(posts, 2017, 1.0).write_timelines()
    case = Case.create(tmp_path / "case", title="clocks")
    add(case, [posts], kind="posts")
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    with case.view() as view:
        clocks = [row for batch in view.batches("activity_clock") for row in batch.to_pylist()]
        scopes = [row for batch in view.batches("first_sight_scope") for row in batch.to_pylist()]
    found = {row["account_id"]: row for row in clocks}
    for habit in habits:
        row = found[habit["account_id"]]
        offsets = {habit["winter_offset_s"] / 3_600, habit["summer_offset_s"] / 3_600}
        assert offsets & set(row["offsets"]), row["detail"]
    # Accounts of which no offset is told belong to no scope of the dimension.
    named = {row["scope"] for row in scopes if row["dimension"] == "clock"}
    assert all(scope.startswith("hours from UTC: ") for scope in named)
    assert "hours from UTC: " not in named
