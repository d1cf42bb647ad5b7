"""Bodies taken apart, and messages found in them: by hand, against a slow way, and hostile ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.leak.quote_match import find
from tamis.analyses.leak.quote_text import dissect, letters, marked, sentences, tokens

P = (
    "Hello Bob,\n\nWe pay 1000 euros on Monday, not before. The hall in Lyon is hired until ten. "
    "Please bring the list of donors\nwith you because the treasurer asks for it every day.\n\n"
    "Alice"
)
LEADS = (
    "Le 5 mai 2017 à 10:32, Alice Martin <a@b.example> a écrit :",
    "On Fri, May 5, 2017 at 10:32 AM, Alice Martin\n<a@b.example> wrote:",
    "Am 05.05.2017 um 10:32 schrieb Alice:",
)
BLOCKS = (
    "-----Message d'origine-----\nDe : Alice\nEnvoyé : mardi 5 mai 2017\nÀ : Bob\nObjet : x\n",
    "________________________________\nFrom: Alice\nSent: Friday\nTo: Bob\nSubject: x\n",
    "---------- Forwarded message ---------\nFrom: Alice\nDate: Fri\nSubject: x\nTo: Bob\n",
)


def prefixed(text: str, depth: int = 1) -> str:
    return "\n".join((">" * depth + " " + line).rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("lead", LEADS)
def test_an_attribution_in_several_languages_is_nobodys_words(lead: str) -> None:
    body = dissect(f"Fine.\n\n{lead}\n{prefixed(P)}\n")
    assert (body.style, body.layout, body.own.strip()) == ("prefix", "top", "Fine.")
    assert letters(body.quoted) == letters(P)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_header_block_quotes_all_that_follows(block: str) -> None:
    body = dissect(f"Fine.\n\n{block}\n{P}")
    assert (body.style, body.own.strip()) == ("block", "Fine.")
    assert letters(body.quoted) == letters(P)
    inner = dissect(f"Fine.\n\n{LEADS[0]}\n{prefixed(f'{block}{chr(10)}{P}')}")
    assert {line.depth for line in inner.lines if "1000" in line.text} == {2}


def test_an_answer_between_the_lines_and_a_page() -> None:
    body = dissect(f"{LEADS[0]}\n> one two\n\nmy answer\n\n>> three\n> four")
    assert (body.layout, body.own.strip()) == ("inline", "my answer")
    assert [line.depth for line in body.lines if line.depth] == [1, 2, 1]
    page = (
        f"<p>Fine.</p><p>{LEADS[1]}</p><blockquote><p>a</p><blockquote>b</blockquote></blockquote>"
    )
    assert marked(page).split("\n")[-2:] == ["> a", ">> b"]
    assert dissect("ordinary | text\n| a | b |\n>From here on").style is None


def outcome(quote: str, style: str = "prefix") -> str | None:
    body = prefixed(quote) if style == "prefix" else quote
    lead = {"prefix": LEADS[0], "bare": f"{LEADS[0]}\n", "block": BLOCKS[0]}[style]
    return find(f"Fine.\n\n{lead}\n{body}", P).difference


def test_local_differences_in_a_quotation() -> None:
    assert outcome(P) is None
    assert outcome(P.replace("1000", "9000")) == "replaced"
    assert outcome(P.replace("1000", "9000"), "block") == "replaced"
    assert outcome(P.replace("Lyon", "Marseille")) == "replaced"
    assert outcome(P.replace("Lyon", "Marseille"), "bare") is None, "people write into such"
    assert outcome(P.replace("until ten.", "until ten. Burn this letter.")) == "more_in_quote"
    assert outcome(P.replace("until ten.", "until ten. Burn this letter."), "block") is None
    gone = P.replace("The hall in Lyon is hired until ten. ", "")
    assert outcome(gone) == "missing_in_quote"


@pytest.mark.parametrize(
    "quote",
    [
        P.replace(" ", "\n"),
        P.replace("We pay", "We  pay").replace("Lyon", "lyon").replace("ten.", "ten !"),
        P.replace("The hall in Lyon is hired until ten. ", "[...] "),
        P.replace("The hall in Lyon is hired until ten. ", "… "),
        P.replace("\n\nWe pay 1000 euros on Monday, not before.", "\n\n"),
        P.replace("treasurer", "tresurer"),
        P.replace("with you because the treasurer asks for it every day.\n\nAlice", ""),
        "\n".join(P.split("\n")[2:3]),
    ],
)
def test_what_people_and_programs_do_to_quotations_is_no_difference(quote: str) -> None:
    assert outcome(quote) is None


def test_a_paragraph_left_out_does_not_slide_into_a_line() -> None:
    paragraphs = (
        "We met the printer on Friday and he was very tired of it.",
        "The amount goes from 260 to 3810 crowns and is still reasonable to us.",
        "The coach is full from Lyon onwards and nobody will wait for it there.",
    )
    text = "\n\n".join(paragraphs)
    quote = prefixed("\n\n".join((paragraphs[0], paragraphs[2])))
    assert find(f"Fine.\n\n{LEADS[0]}\n{quote}", text).difference is None


def test_only_a_quotation_without_gaps_holds_a_message_whole() -> None:
    def whole(quote: str, style: str = "") -> bool:
        return find(f"Fine.\n\n{style or LEADS[0]}\n{quote}", P).is_whole

    assert whole(prefixed(P))
    assert whole(P, BLOCKS[1])
    assert not whole(prefixed(P.replace("Alice", "")))
    assert not whole(P.replace("until ten.", "until ten. Burn this."), BLOCKS[1])
    link = f"{P}\nhttps://a.example/x"
    answer = f"Fine.\n\n{LEADS[0]}\n{prefixed(link.replace('a.example', 'b.example'))}"
    assert not find(answer, link).is_whole


def test_an_inline_answer_never_counts_as_words_of_the_quotation() -> None:
    lines = P.split("\n")[2].split(". ")
    body = "\n\nNo, on Tuesday!\n\n".join(f"> {line}." for line in lines)
    assert find(f"{LEADS[0]}\n{body}", P).difference is None


LINES = st.lists(st.text("ab cd.,>|", max_size=12), max_size=8)


@given(LINES)
def test_every_character_of_a_body_stands_in_one_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    body = dissect(text)
    shown = [text[one.start : one.end] for one in body.lines]
    assert "\n".join(shown) == (text.removesuffix("\n"))
    slow = [len(line) - len(line.lstrip("> |")) > 0 for line in shown]
    for one, begins in zip(body.lines, slow, strict=True):
        assert not one.depth or begins or one.is_loose or body.style in {"block", "mixed"}


WORD = st.sampled_from(["pay", "hall", "five", "not", "lyon", "zoe", "ten"])
WORDS = st.lists(WORD, min_size=6, max_size=30)


@given(WORDS, st.integers(20, 60))
def test_a_message_is_whole_in_any_wrapping_of_its_quotation(words: list[str], width: int) -> None:
    import textwrap

    text = " ".join(words)
    quote = prefixed("\n".join(textwrap.wrap(text, width)))
    found = find(f"Fine.\n\n{LEADS[0]}\n{quote}", text)
    assert (found.difference, found.is_whole, found.share) == (None, True, 1.0)


def test_sentences_are_the_same_in_every_wrapping() -> None:
    one = "We pay a thousand euros on Monday. The hall is hired until ten tonight."
    assert dict(sentences(one)) == dict(sentences(one.replace(" ", "\n")))
    assert len(dict(sentences(one))) == 2
    assert not dict(sentences("Best regards.\n\nSee you soon."))


def test_hostile_bodies_take_linear_time() -> None:
    started = time.process_time()
    for text in (
        "> " * 200_000,
        "\n".join([">" * 300] * 1000),
        "From: a\nSent: b\nTo: c\n" * 12_000,
        "On 1 a, b wrote:\n" * 20_000,
        "on " * 100_000,
        "_" * 400_000,
        "<blockquote>" * 30_000,
    ):
        dissect(text)
        marked(text)
    assert find("> a b c d e f\n" * 20_000, "a b c d e f " * 20_000).matched_words >= 0
    assert time.process_time() - started < 20


TOKENS = st.permutations(
    [f"{word}{number}" for word in ("pay", "hall", "ten") for number in range(9)]
)


@given(TOKENS, st.integers(0, 8), st.sampled_from(["", "5", "x"]))
def test_the_quick_look_says_what_the_slow_one_says(
    words: list[str], before: int, change: str
) -> None:
    text = " ".join(words[before:])
    told = " ".join([*words[:before], words[before] + change, *words[before + 1 :]])
    quoting = f"Fine.\n\n{LEADS[0]}\n{prefixed(told)}"
    quick = tokens(text) in tokens(dissect(quoting).quoted)
    slow = find(quoting, text)
    assert (slow.is_whole, slow.share == 1.0) == (quick, quick) == (not change, not change)
