from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import invented_case
import pytest
from report_pages import write

from tamis import records
from tamis.case import Case
from tamis.reports.desk import Limits
from tamis.reports.figures import recompute
from tamis.reports.question import check_question
from tamis.reports.words import SCALE

if TYPE_CHECKING:
    from pathlib import Path

    from report_pages import Pages

VOID = {"meta", "br", "hr", "col"}
KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "nav", "footer", "a"),
    *("section", "aside", "figure", "figcaption", "div", "span", "p", "h1", "h2", "h3", "h4"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "code", "pre", "strong", "sup", "time", "data", "bdi"),
    *("svg", "desc", "rect", "line", "path", "circle", "text"),
}
KNOWN_ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "role", "scope"),
    *("value", "datetime", "data-label", "data-figure", "aria-label", "aria-hidden"),
    *("viewbox", "preserveaspectratio", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx"),
    *("d", "width", "height", "stroke-width"),
}
DIGITS = re.compile(r"\d")


class Page(HTMLParser):
    """The elements of a page, and every text with the chain of elements around it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[tuple[str, dict[str, str | None]], ...], str]] = []
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content.decode())
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(params=["working", "public"])
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_nothing_but_known_elements_and_attributes(pages: Pages, edition: str) -> None:
    page = Page(getattr(pages, edition).html)
    assert {name for name, _ in page.elements} <= KNOWN
    assert {key for _, attributes in page.elements for key in attributes} <= KNOWN_ATTRIBUTES
    assert page.named("html") == [{"lang": "en"}]


def test_the_policy_forbids_everything_but_this_style(pages: Pages, edition: str) -> None:
    content = getattr(pages, edition).html.decode()
    (style,) = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = [m["content"] for m in Page(content.encode()).named("meta") if "http-equiv" in m]
    assert policy == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert content.index("Content-Security-Policy") < content.index("<style>")
    assert not re.search(r"url\(|@import|@font-face|//", style)


def test_links_lead_inside_the_page_only(pages: Pages, edition: str) -> None:
    page = Page(getattr(pages, edition).html)
    places = [a["id"] for _, a in page.elements if "id" in a]
    assert len(places) == len(set(places))
    links = [a["href"] for a in page.named("a")]
    assert links
    assert {str(link) for link in links} <= {f"#{place}" for place in places}
    assert b"http://" not in getattr(pages, edition).html
    assert b"https://" not in getattr(pages, edition).html


def test_hostile_text_never_hides_nor_runs(pages: Pages) -> None:
    content = pages.working.html.decode()
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in content
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b]", content)
    assert '<span class="ctl">⟨U+202E⟩</span>gpj.exe' in content
    assert "first 160 of 65,000 characters" in content
    assert "A" * 161 not in content
    assert "hxxps://evil[.]example" in content


def test_every_mark_leads_to_a_figure_and_tells_its_value(pages: Pages, edition: str) -> None:
    report = getattr(pages, edition)
    rows = {f"#figure-{a.number}": a for a in report.book.answers}
    page = Page(report.html)
    marked = 0
    for chain, text in page.texts:
        data = next((attributes for name, attributes in chain if name == "data"), None)
        if data is None:
            continue
        link = next(a for name, a in chain if name == "a")
        answer = rows[str(link["href"])]
        if data.get("class") == "row-count":
            assert int(str(data["value"])) == len(answer.rows)
        elif data.get("class") == "part":
            assert 0 < int(str(data["value"])) <= len(answer.rows)
        else:
            assert str(data["value"]) == str(json.loads(answer.stored)["value"])
        assert text.replace(",", "") == str(data["value"])
        marked += 1
    assert marked > 60


def test_no_number_stands_untraced(pages: Pages, edition: str) -> None:
    """Outside marks, digits stand only in what a mark's caption covers, or in fixed words."""
    page = Page(getattr(pages, edition).html)
    for chain, text in page.texts:
        if not DIGITS.search(text.replace("SHA-256", "")):
            continue
        names = {name for name, _ in chain}
        classes = {c for _, a in chain for c in str(a.get("class", "")).split()}
        is_traced = (
            names & {"data", "sup", "table", "svg", "code", "time", "title", "style", "h1"}
            or any("data-figure" in a for _, a in chain)
            or classes & {"zone", "fixed", "occasion", "stamp", "object", "handle", "id"}
            or classes & {"window", "figures", "files", "pseudonym", "isolation"}
            or "footer" in names
        )
        assert is_traced, (text, chain[-3:])


def test_every_table_has_headings_and_a_caption_with_a_mark(pages: Pages) -> None:
    content = pages.working.html.decode()
    tables = re.findall(r"<table.*?</table>", content, re.DOTALL)
    assert len(tables) > 10
    for one in tables:
        assert '<th scope="col"' in one
        caption = re.findall(r"<caption>(.*?)</caption>", one, re.DOTALL)
        assert len(caption) == 1
        assert 'href="#figure-' in caption[0]


def test_headings_go_down_one_step_at_a_time(pages: Pages) -> None:
    levels = [int(n[1]) for n, _ in Page(pages.working.html).elements if re.fullmatch("h[1-6]", n)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_all_figures_are_plain_selects_and_come_out_again(pages: Pages) -> None:
    rows = pages.working.book.table("r1", pages.view.generation).to_pylist()
    assert len({row["figure_id"] for row in rows}) == len(rows) > 50
    for row in rows:
        check_question(row["query"])
        assert recompute(row, pages.view) is None, row["figure_id"]


def test_figures_hold_no_text_of_the_dump(pages: Pages) -> None:
    rows = json.dumps(pages.working.book.table("r1", 1).to_pylist())
    for secret in ("Quarterly", "alert(", "sailor_", "Anna", "harbour.example", "box.mbox"):
        assert secret not in rows, secret


def test_each_query_stands_in_the_appendix(pages: Pages) -> None:
    text = "".join(
        t for chain, t in Page(pages.working.html).texts if chain and chain[-1][0] == "code"
    )
    flat = re.sub(r"\s+", " ", text)
    for answer in pages.working.book.answers:
        assert re.sub(r"\s+", " ", answer.figure.sql).strip() in flat


def test_counts_are_those_of_the_rows(pages: Pages) -> None:
    values = {a.figure.figure_id: a for a in pages.working.book.answers}
    assert values["files_given"].value == 3
    assert values["items"].value == 66
    assert values["items_failed"].value == 1
    assert values["items_refused"].value == values["items_partly"].value == 0
    assert values["messages"].value == 63
    assert values["messages_verified"].value == 9
    assert values["messages_unverifiable"].value == 18
    assert values["messages_personal_judged"].value + values["messages_bulk_judged"].value == 63
    assert values["messages_bulk_judged"].value == 16
    assert values["pairs"].value == values["pair_rows"].value == 11
    assert values["paired_accounts"].value == 7
    assert values["rows_rejected"].value == 2


def test_rows_of_an_older_run_are_not_added_up(pages: Pages) -> None:
    values = {a.figure.figure_id: a.value for a in pages.working.book.answers}
    posts = sum(1 + (hour * 7 + size) % size for hour in range(40) for size in (30, 12))
    assert values["posts"] == posts


def test_a_gap_is_told_in_red_and_first(pages: Pages, tmp_path: Path) -> None:
    content = pages.working.html.decode()
    assert content.count('class="wrong"') >= 3
    assert "The sums do not add up" in content
    case = invented_case.make(tmp_path / "case", is_gap=False)
    with case.view() as view:
        whole = write(view)
    assert b"The sums do not add up" not in whole.html
    assert b"Everything that came in is accounted for" in whole.html


def test_every_verdict_word_is_explained(pages: Pages) -> None:
    content = pages.working.html.decode()
    for word in SCALE:
        assert f">{word.verdict.replace('_', ' ')}<" in content
    assert re.search(r'badge unknown">unverifiable', content)
    assert not re.search(r"(wrong|disputed)[^>]*>unverifiable", content)


def test_what_is_not_claimed_stands_there(pages: Pages, edition: str) -> None:
    content = getattr(pages, edition).html.decode()
    for sentence in (
        "No significance test has been made yet",
        "a pair is no accusation",
        "earliest in this collection",
        "the verified part never speaks for the unverified part",
    ):
        assert sentence in content


def test_long_lists_are_cut_and_say_so(pages: Pages) -> None:
    limits = Limits(messages_each=2, pairs=3, amplifiers=4, evidence_each=1)
    short = write(pages.view, limits=limits)
    content = re.sub(r"<[^>]*>", "", short.html.decode())
    assert "Showing 3, figure" in content
    values = {a.figure.figure_id: a for a in short.book.answers}
    assert len(values["message_list"].rows) == 12
    assert len(values["pair_list"].rows) == 3
    assert len(values["pair_evidence"].rows) == 3
    assert len(values["amplifier_list"].rows) == 4
    assert values["pairs"].value == 11


def test_the_public_edition_names_nobody_and_quotes_nothing(pages: Pages) -> None:
    content = pages.public.html.decode()
    for secret in (
        "Anna", "ozols", "harbour.example", "harbour[.]example", "sailor_", "maladroit",
        "x:0", "x:post", "board:77", "Quarterly", "alert(&#x27;x", "box.mbox", "export.jsonl",
        "evil", "2031-05-01T", "window_s = 60",
    ):  # fmt: skip
        assert secret not in content, secret
    assert "#HarbourLetters" in content, "a tag that a crowd carried is named"
    assert re.search(r"account [0-9a-f]{8}", content)


def test_pseudonyms_hold_inside_one_report_only(pages: Pages) -> None:
    names = set(re.findall(rb"account [0-9a-f]{8}", pages.public.html))
    again = set(re.findall(rb"account [0-9a-f]{8}", write(pages.view, key=b"one key").html))
    other = set(re.findall(rb"account [0-9a-f]{8}", write(pages.view, key=b"another").html))
    assert names == again
    assert len(names) == 12
    assert not names & other


def test_an_empty_case_has_a_page_that_says_so(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case", title="Nothing yet")
    with case.view() as view:
        report = write(view)
    Page(report.html)
    assert [one.finding for one in report.statements] == ["intake"]
    assert b"No messages came in" in report.html
    assert b"No posts with a known time" in report.html
    assert b"Not computed in this case" in report.html


def test_posts_without_results_are_not_passed_over(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case", title="Not run yet")
    post = {
        "post_id": "x:1",
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": "1",
        "posted_at": invented_case.START,
        "sampling": "full",
        "source_item_id": invented_case.item_id("posts"),
    }
    with case.writer() as writer:
        writer.append("post", records.table("post").build([post]))
        writer.commit()
    with case.view() as view:
        report = write(view)
    assert b"Their spread has not been computed" in report.html
