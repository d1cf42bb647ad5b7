"""In what way two texts differ, by hand and against a slow way."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.leak.text_kinds import is_rewritten, kinds, pieces, split

TEXT = (
    "Bonjour, nous payons 1 000,50 euros le 5 mai à Lyon. Voir https://a.example/x. À demain, Zoé"
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (TEXT.replace(" ", "\n"), []),
        (TEXT.replace("1 000,50", "1000,50").replace("nous", "NOUS").replace("Lyon.", "LYON"), []),
        (TEXT.replace("payons", "pay\u00adons").replace(" le ", "\u00a0le\u200b "), []),
        (TEXT.replace("000,50", "000,60"), ["replaced"]),
        (TEXT.replace("000,50", "00050"), ["replaced"]),
        (TEXT.replace("nous payons", "nous ne payons pas"), ["inserted"]),
        (TEXT.replace("à Lyon", ""), ["removed"]),
        (f"ATTENTION externe\n{TEXT}", ["added_start"]),
        (f"{TEXT}\n-- \nZoé", ["added_end"]),
        (TEXT[: TEXT.index("À demain")], ["cut_end"]),
        (TEXT.encode().decode("latin-1"), ["charset"]),
        (TEXT.encode("ascii", "replace").decode(), ["charset"]),
        (TEXT.replace("https://", "https://urldefense.example/?u="), ["links"]),
        (TEXT.replace("a.example", "evil.example"), ["link_replaced"]),
        (TEXT.replace("https://a.example/x", ""), ["links"]),
        (TEXT.replace(" Voir", " 1. Voir"), ["list_marks"]),
        ("something else altogether in its place", ["unlike"]),
        ("", ["unlike"]),
    ],
)
def test_what_transport_does_and_what_a_hand_does(changed: str, expected: list[str]) -> None:
    assert kinds(TEXT, changed) == expected


def test_an_address_that_a_list_masked_is_no_difference_that_counts() -> None:
    one = "please write to zoe@campaign.example before noon on Monday"
    assert kinds(one, one.replace("zoe@", "z...@")) == ["charset"]
    assert kinds(one, one.replace("@", " at ")) == ["charset"]
    assert kinds(one, one.replace("zoe@", "max@")) == ["replaced"]


def test_what_was_put_at_the_end_does_not_pass_for_a_word_within() -> None:
    assert kinds("we meet in Paris", "we meet in Paris or elsewhere, not in Paris") == ["added_end"]


def test_only_services_and_longer_links_that_hold_the_host_are_rewriting() -> None:
    assert is_rewritten("https://a.example/x", "https://gate.example/?to=a.example")
    assert not is_rewritten("https://a.example/x", "https://evil.example/x")


WORDS = st.lists(st.sampled_from(["pay", "hall", "5", "not", "lyon", "zoé"]), max_size=14)


@given(WORDS, WORDS)
def test_the_pieces_turn_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    found = pieces(" ".join(old), " ".join(new))
    assert (not found) == ("".join(old) == "".join(new))
    slow = difflib.SequenceMatcher(None, old, new, autojunk=False)
    same = sum(block.size for block in slow.get_matching_blocks())
    # Nothing is lost: the words outside the pieces are as many on both sides.
    left = len(old) - sum(len(one.old) for one in found)
    right = len(new) - sum(len(one.new) for one in found)
    if found:
        assert left >= 0
        assert right >= 0
        assert max(len(one.old) + len(one.new) for one in found) <= len(old) + len(new)
    assert split(" ".join(old)).keys == [one.lower() for one in old]
    assert same <= min(len(old), len(new))
