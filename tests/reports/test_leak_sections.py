"""What the report says of mailboxes, holes, originals, exposures, phishing and documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import invented_case
import invented_leak
import pytest
import test_page
from hypothesis import given
from hypothesis import strategies as st
from report_pages import write

from tamis import records
from tamis.case import Case
from tamis.reports.desk import Limits
from tamis.reports.sections.named import months

if TYPE_CHECKING:
    from pathlib import Path

    from report_pages import Pages

SECTIONS = (
    *("documents", "mailboxes", "holes", "reference", "exposure", "phishing"),
    *("cohorts", "times", "board"),
)
ALWAYS = (
    test_page.test_nothing_but_known_elements_and_attributes,
    test_page.test_links_lead_inside_the_page_only,
    test_page.test_every_mark_leads_to_a_figure_and_tells_its_value,
    test_page.test_no_number_stands_untraced,
)
OF_THE_WORKING_COPY = (
    test_page.test_hostile_text_never_hides_nor_runs,
    test_page.test_every_table_has_headings_and_a_caption_with_a_mark,
    test_page.test_headings_go_down_one_step_at_a_time,
    test_page.test_all_figures_are_plain_selects_and_come_out_again,
    test_page.test_figures_hold_no_text_of_the_dump,
    test_page.test_each_query_stands_in_the_appendix,
)


def section(content: bytes, name: str) -> str:
    """The text of one section, without its marks."""
    found = re.search(rf'<section id="{name}">(.*?)</section>', content.decode(), re.DOTALL)
    assert found is not None, name
    bare = re.sub(r"<sup>.*?</sup>|<span class=\"aside\">.*?</span>", "", found[1])
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare))


def values(pages: Pages) -> dict[str, Any]:
    return {answer.figure.figure_id: answer for answer in pages.working.book.answers}


@pytest.mark.parametrize("edition", ["working", "public"])
@pytest.mark.parametrize("check", ALWAYS, ids=lambda one: one.__name__)
def test_what_holds_for_every_page_holds_here(leak_pages: Pages, check: Any, edition: str) -> None:
    check(leak_pages, edition)


@pytest.mark.parametrize("check", OF_THE_WORKING_COPY, ids=lambda one: one.__name__)
def test_what_holds_for_a_working_copy_holds_here(leak_pages: Pages, check: Any) -> None:
    check(leak_pages)


def test_the_sections_stand_in_the_contents_and_not_without_rows(
    leak_pages: Pages, pages: Pages
) -> None:
    content = leak_pages.working.html.decode()
    assert all(f'<a href="#{name}">' in content for name in SECTIONS)
    without = pages.working.html.decode()
    for name in SECTIONS[1:]:
        assert f'<section id="{name}">' not in without
        assert f'<a href="#{name}">' not in without


def test_counts_are_those_of_the_rows(leak_pages: Pages) -> None:
    found = {name: answer.value for name, answer in values(leak_pages).items()}
    expected = {
        "documents": 3,
        "documents_marked": 2,
        "kinds": 4,
        "languages": 2,
        "mailboxes": 2,
        "mailboxes_held": 1,
        "mailboxes_bound": 2,
        "mailboxes_bound_by_one": 1,
        "holes": 29,
        "holes_messages": 25,
        "holes_messages_replied": 1,
        "holes_messages_in_reference": 1,
        "holes_attachments": 1,
        "holes_months": 3,
        "holes_months_mailboxes": 1,
        "holes_containers": 0,
        "reference_matched": 25,
        "reference_covered": 2,
        **{f"reference_{outcome}": 5 for outcome in ("differs", "in_reference", "not_compared")},
        **{f"reference_{outcome}": 5 for outcome in ("not_in_reference", "outside_coverage")},
        "exposures": 30,
        "exposure_items": 29,
        "exposure_addresses": 2,
        "exposures_ownerless": 10,
        "cohorts": 2,
        "cohorts_differing": 1,
        "cohort_files": 3,
        "time_conflicts": 1,
        "time_conflict_documents": 1,
        "revision_events": 2,
        "revision_events_pointed": 2,
        "board_hypotheses": 2,
        "board_cells": 3,
        "phishing": 3,
        "phishing_strong": 1,
        "phishing_resembled": 1,
    }
    assert {name: found[name] for name in expected} == expected


def test_documents_count_what_they_keep(leak_pages: Pages) -> None:
    rows = {row["kind"]: row for row in values(leak_pages)["documents_by_kind"].rows}
    marks = ("is_encrypted", "has_macros", "has_changes", "has_comments", "has_hidden")
    assert [rows["pdf"][name] for name in marks] == [1, 0, 0, 0, 0]
    # An author of revisions, one state and no hidden slides are no mark: two documents, one row.
    assert [rows["text"][name] for name in marks] == [0, 1, 1, 1, 1]
    assert rows["text"]["has_states"] == 0
    assert rows["text"]["document_count"] == 2


def test_the_words_that_earned_a_label_are_counted_by_item(leak_pages: Pages) -> None:
    (row,) = values(leak_pages)["kind_list"].rows
    assert (row["label"], row["message_count"], row["document_count"]) == ("finance", 2, 1)
    assert row["second_count"] == 1
    assert dict(zip(row["words"], row["word_items"], strict=True))["bank"] == 3
    assert "bank 3" in section(leak_pages.working.html, "documents")


def test_a_mailbox_names_its_holder_with_the_evidence_and_the_limits(leak_pages: Pages) -> None:
    text = section(leak_pages.working.html, "mailboxes")
    assert "anna.ozols@harbour.example professional: the case&#x27;s own domain 95%" in text
    assert "it hangs on this one alone" in text
    assert "not established" in text
    assert "could be written by whoever held it" in text
    assert "Nothing bounds the theft from above" in text


def test_an_outcome_says_what_it_does_not_say_and_where_it_was_looked(leak_pages: Pages) -> None:
    text = section(leak_pages.working.html, "reference")
    assert "who changed it, and on which side, is not said" in text
    assert "neither cleared nor accused" in text
    assert "6 stretches, 2031-01-23 to 2031-03-19" in text
    assert "+ Subject: &lt;script&gt;" in text
    assert "lines more: see reference_match" in text


def test_a_secret_in_a_subject_is_not_shown_anywhere(leak_pages: Pages, pages: Pages) -> None:
    assert b"Quarterly figures" in pages.working.html
    item = invented_case.item_id("message7")
    for answer in leak_pages.working.book.answers:
        for row in answer.rows:
            if row.get("item_id") == item and row.get("subject") is not None:
                assert row["subject"] == "Quarterly [secret]"
    assert "Quarterly [secret]" in section(leak_pages.working.html, "exposure")


def test_links_are_text_and_long_lists_say_how_many_there_are(leak_pages: Pages) -> None:
    text = section(leak_pages.working.html, "phishing")
    assert "first 200 of 426 characters" in text
    assert "… and 5 more" in text
    assert "harb0ur[.]example" in text
    assert "hxxp://" in text
    short = write(leak_pages.view, limits=Limits(rows=4, words=1, languages=1))
    for name, shown, total in (
        ("holes", 4, 25),
        ("exposure", 4, 30),
        ("documents", 1, 2),
        ("reference", 4, 5),
    ):
        assert f"Showing {shown} of {total} ; all rows: tamis show case" in re.sub(
            r" +", " ", section(short.html, name)
        )


def test_the_public_edition_gives_counts_and_no_map(leak_pages: Pages) -> None:
    content = leak_pages.public.html.decode()
    for secret in (
        "Anna", "ozols", "harbour.example", "harbour[.]example", "harb0ur", "alert(&#x27;x",
        "gone0", "plan", "Quarterly", invented_leak.MASKED, "characters 1", "loan",
    ):  # fmt: skip
        assert secret not in content, secret
    text = section(leak_pages.public.html, "exposure")
    assert "look alive: 30" in re.sub(r" +", " ", text)
    assert "not in the public edition" in text


def test_the_board_shows_who_said_what_and_concludes_nothing(leak_pages: Pages) -> None:
    text = section(leak_pages.working.html, "board")
    assert "draws no conclusion" in text
    assert re.search(r"H1 Somebody .*? consistent not applicable neutral", text)
    assert re.search(r"H2 Somebody .*? not said not said not said", text)
    assert "no longer in the case" in text, "a cohort that the case does not hold"
    assert text.count("Prosecutor Vane") == 5
    for word in ("score", "total", "rank", "likely", "most consistent", "%"):
        assert word not in text.lower()
    public = section(leak_pages.public.html, "board")
    assert "draws no conclusion" in public
    assert "Vane" not in leak_pages.public.html.decode()


def test_cohorts_and_times_tell_their_limits(leak_pages: Pages) -> None:
    text = section(leak_pages.working.html, "cohorts")
    assert "Metadata are easily set by anybody" in text
    assert "0.003" in text
    times = section(leak_pages.working.html, "times")
    assert "every zone would conflict" in times
    assert "the life of each document pointed at" in times


def test_findings_name_the_tables_behind_them(leak_pages: Pages) -> None:
    told = {one.finding: one for one in leak_pages.working.statements}
    assert told["reference"].table_name == "reference_match"
    assert "5 differ" in told["reference"].text
    assert told["exposure"].text.startswith("30 secrets")


def test_formats_balance_or_say_so_in_red(tmp_path: Path, pages: Pages) -> None:
    rows = values(pages)["items_by_format"].rows
    box = next(row for row in rows if row["reader"] == "mbox")
    assert (box["declared_count"], box["balance_out"], box["balance_lost"]) == (80, 63, 0)
    assert rows[0] == box, "what does not add up stands first"
    content = pages.working.html.decode()
    assert re.search(r'class="wrong">1 of 1 do not add up: declared 80, out 63, lost 0<', content)
    case = invented_case.make(tmp_path / "case", is_gap=False)
    with case.view() as view:
        whole = write(view)
    assert "63 = 63 + 0" in whole.html.decode()


def test_reference_originals_are_no_part_of_the_dump(tmp_path: Path) -> None:
    more = invented_leak.rows()
    case = invented_case.make(tmp_path / "case", more=more)
    original = {"item_id": "0" * 64, "kind": "reference", "size_bytes": 1, "status": "read"}
    document = {**more["document"][0], "item_id": "0" * 64}
    with case.writer() as writer:
        writer.append("item", records.table("item").build([original]))
        writer.append("document", records.table("document").build([document]))
        writer.commit()
    with Case.open(case.path).view() as view:
        found = {a.figure.figure_id: a.value for a in write(view).book.answers}
    assert found["documents"] == 3


@given(st.sets(st.integers(min_value=0, max_value=400)))
def test_months_in_a_row_are_one_stretch_and_none_is_lost(numbers: set[int]) -> None:
    names = [f"{2000 + n // 12:04}-{n % 12 + 1:02}" for n in sorted(numbers)]
    spelled: list[int] = []
    for stretch in months(names):
        first, _, last = stretch.partition(" to ")
        ends = [int(one[:4]) * 12 + int(one[5:]) - 1 - 24_000 for one in (first, last or first)]
        assert not spelled or ends[0] > spelled[-1] + 1, "stretches do not touch"
        spelled += range(ends[0], ends[1] + 1)
    assert spelled == sorted(numbers)
