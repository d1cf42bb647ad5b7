"""What the report says of crossings and of where copies may lie, with hostile text in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import invented_case
import pytest
from report_pages import Pages, write
from test_leak_sections import ALWAYS, OF_THE_WORKING_COPY, section

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = {"run_id": "crossings", "analysis_version": "spread.crossing/1"}
PLACE = {"source_item_id": "0" * 64, "byte_start": 5, "byte_end": 9}
HOSTILE = f"x:{invented_case.SCRIPT}"


def rows() -> dict[str, list[dict[str, Any]]]:
    when = {"crossed_low_at": invented_case.START, "crossed_high_at": invented_case.START}
    step = {
        "object_id": "url:u",
        "kind": "url",
        "dimension": "platform",
        "place": 2,
        "origin_scope": "board",
        "from_scope": "board",
        "to_scope": "x",
        "post_id": "x:1",
        "account_id": "x:a",
        "clock": "platform",
        "is_order_certain": True,
        "introduction_count": 3,
        **when,
        **PLACE,
        **RUN,
    }
    order = {
        "dimension": "platform",
        "kind": "url",
        "scope_a": "board",
        "scope_b": HOSTILE,
        "object_count": 90,
        "a_first_count": 30,
        "b_first_count": 60,
        "open_count": 0,
        "median_lag_s": 14_400.0,
        "tested_count": 85,
        "tested_a_first_count": 25,
        "tested_b_first_count": 60,
        "a_expected": 42.25,
        "reading": "clock_shift",
        "clock_shift_s": -14_400.0,
        **RUN,
    }
    quiet = {**order, "kind": "hashtag", "reading": "too_few"}
    copy = {
        "object_id": "url:c",
        "display": invented_case.SCRIPT,
        "host_kind": "paste",
        "tie": "corpus",
        "item_count": 1,
        "post_id": "x:1",
        "account_id": HOSTILE,
        "first_high_at": invented_case.START,
        "is_certain": True,
        "post_count": 4,
        "account_count": 3,
        **PLACE,
        **RUN,
    }
    bridge = {
        "dimension": "platform",
        "scope": HOSTILE,
        "account_id": "x:bringer",
        "crossing_count": 7,
        "object_count": 9,
        "expected": 1.5,
        "p_value": 0.0001,
        "q_value": 0.004,
        **RUN,
    }
    chance = {**bridge, "account_id": "x:by-chance", "q_value": 0.051}
    return {
        "crossing": [step],
        "crossing_order": [order, quiet],
        "rehost": [copy],
        "bridge_account": [bridge, chance],
    }


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    case = invented_case.make(tmp_path_factory.mktemp("reports") / "crossed", more=rows())
    with case.view() as view:
        yield Pages(view, write(view), write(view, key=b"one key"))


@pytest.mark.parametrize("edition", ["working", "public"])
@pytest.mark.parametrize("check", ALWAYS, ids=lambda one: one.__name__)
def test_what_holds_for_every_page_holds_here(crossed: Pages, check: Any, edition: str) -> None:
    check(crossed, edition)


@pytest.mark.parametrize("check", OF_THE_WORKING_COPY, ids=lambda one: one.__name__)
def test_what_holds_for_a_working_copy_holds_here(crossed: Pages, check: Any) -> None:
    check(crossed)


def test_an_order_that_a_clock_explains_is_told_as_none(crossed: Pages) -> None:
    told = section(crossed.working.html, "crossings")
    assert "no order: lags pile up at whole quarter hours" in told
    assert "25 / 60" in told, told
    assert "platform, hashtag" not in told  # too few
    assert "Bridges" in told
    assert "x:bringer" in told
    assert "7 of 9" in told
    assert "x:by-chance" not in told
    assert "x:bringer" not in crossed.public.html.decode()
    assert re.search(r"paste\s+corpus\s", told), told
    assert '<a href="#crossings">' in crossed.working.html.decode()
    assert "<script>" not in crossed.public.html.decode()
