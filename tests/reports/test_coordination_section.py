"""What the report says first of accounts that acted together, and what it names as left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import invented_case
import pytest
from report_pages import Pages, write
from test_leak_sections import ALWAYS, OF_THE_WORKING_COPY, section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMON = f"hashtag:{invented_case.SCRIPT}"


def rows() -> dict[str, list[dict[str, Any]]]:
    large = {
        "layer": "co_hashtag",
        "window_s": 60.0,
        "reason": "too_many_pairs",
        "object_id": COMMON,
        "action_count": 777_000,
        "pair_count": 88_000_000,
        **invented_case.STAMP,
    }
    smaller = {**large, "object_id": "hashtag:rain", "action_count": 6_543, "pair_count": 99_000}
    other_window = {**smaller, "window_s": 600.0}
    counted = {**large, "reason": "no_time", "window_s": None, "object_id": None}
    older = {**large, "object_id": "hashtag:older", "run_id": "run0"}
    return {"co_action_left_out": [large, smaller, other_window, counted, older]}


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    case = invented_case.make(tmp_path_factory.mktemp("bounded") / "case", more=rows())
    with case.view() as view:
        yield Pages(view, write(view), write(view, key=b"one key"))


@pytest.mark.parametrize("edition", ["working", "public"])
@pytest.mark.parametrize("check", ALWAYS, ids=lambda one: one.__name__)
def test_what_holds_for_every_page_holds_here(bounded: Pages, check: Any, edition: str) -> None:
    check(bounded, edition)


@pytest.mark.parametrize("check", OF_THE_WORKING_COPY, ids=lambda one: one.__name__)
def test_what_holds_for_a_working_copy_holds_here(bounded: Pages, check: Any) -> None:
    check(bounded)


def _headline(pages: Pages) -> str:
    """The sentence on pairs, as it stands in what the report found, without marks."""
    content = re.sub(
        r'<sup>.*?</sup>|<span class="aside">.*?</span>', "", pages.working.html.decode()
    )
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", content))
    found = re.search(r"(Clusters of accounts|Not tested against chance).*?accusation", text)
    assert found is not None
    return found[0]


def test_the_headline_tells_clusters_before_pairs(pages: Pages) -> None:
    told = _headline(pages)
    assert told.startswith(
        "Clusters of accounts that acted together as no null model explains, each layer counted: 1"
    ), told
    assert "weaker ones: 1. They come from 9 of the pairs tested. In all, 11 pairs" in told, told
    assert "Left out" not in told


def test_untested_pairs_are_told_as_untested(tmp_path: Path) -> None:
    """Clusters of an older version are no answer where nothing was tested."""
    nothing: dict[str, list[dict[str, Any]]] = {
        "co_action_significance": [],
        "co_action_significance_total": [],
    }
    case = invented_case.make(tmp_path / "case", more=nothing)
    with case.view() as view:
        told = _headline(Pages(view, write(view), write(view, key=b"one key")))
    assert told.startswith("Not tested against chance: 11 pairs"), told


def test_what_is_left_out_is_counted_in_front_and_named_in_the_section(bounded: Pages) -> None:
    told = _headline(bounded)
    assert "Left out, as they would join nearly everybody: 2 things, named below." in told, told
    named = section(bounded.working.html, "coordination")
    assert re.search(r"alert\(.*777,000 88,000,000.*rain.*6,543 99,000", named), named
    assert "10 min" in named
    assert "older" not in named
    assert "no_time" not in named


def test_the_public_edition_names_no_thing_that_was_left_out(bounded: Pages, pages: Pages) -> None:
    public = section(bounded.public.html, "coordination")
    assert "88,000,000" in public
    assert "rain" not in public
    assert "Left out were things" not in section(pages.working.html, "coordination")
