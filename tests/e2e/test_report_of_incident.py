"""Both editions of the invented incident's report, with every section that has rows."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tamis import simulate
from tamis.case import Case

sys.path.append(str(Path(__file__).resolve().parents[1] / "reports"))
from report_pages import Pages, write
from test_leak_sections import ALWAYS
from test_page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator


class Line(Protocol):
    """The finished case that the fixture `line` of this folder gives."""

    incident: Path
    case: Path


@pytest.fixture(scope="module")
def pages(line: Line) -> Iterator[Pages]:
    with Case.open(line.case).view() as view:
        yield Pages(view, write(view), write(view, key=b"one key"))


@pytest.mark.parametrize("edition", ["working", "public"])
@pytest.mark.parametrize(
    # Sources of laws stand as plain text, so the words "https" do occur; links are asked below.
    "check",
    [one for one in ALWAYS if one.__name__ != "test_links_lead_inside_the_page_only"],
    ids=lambda one: one.__name__,
)
def test_what_holds_for_every_page_holds_here(pages: Pages, check: Any, edition: str) -> None:
    check(pages, edition)


@pytest.mark.parametrize("edition", ["working", "public"])
def test_links_lead_inside_and_no_place_stands_twice(pages: Pages, edition: str) -> None:
    page = Page(getattr(pages, edition).html)
    places = [a["id"] for _, a in page.elements if "id" in a]
    assert len(places) == len(set(places))
    assert {str(a["href"]) for a in page.named("a")} <= {f"#{place}" for place in places}
    assert not [a for _, a in page.elements if re.search(r"https?:", json.dumps(a))]


def test_the_public_edition_names_no_account_and_leads_to_no_copy(pages: Pages, line: Line) -> None:
    html = pages.public.html.decode()
    told = simulate.expectations(line.incident)
    assert re.findall(r"x:\d{6,}", html) == []
    assert "depot-libre" in pages.working.html.decode()
    for address in [told.settings["selectors"][1], *(row["url"] for row in told.story["rehosts"])]:
        host = re.sub(r"^\w+://", "", address).partition("/")[0]
        assert address not in html, address
        assert f"{host}/" not in html, address
    # By the whole hash of a file its copies are found; its head stands for it.
    with Case.open(line.case).view() as view:
        items = view.table("message", ["item_id"])["item_id"].to_pylist()
    assert any(item_id in pages.working.html.decode() for item_id in items)
    assert not [item_id for item_id in items if item_id in html]
    assert any(f"{item_id[:12]}…" in html for item_id in items)
