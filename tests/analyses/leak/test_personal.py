"""Recognisers on planted values and look-alikes, in templates that tuning did not use."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[3] / "benchmarks"))

from personal_data import KINDS, LEAST_PRECISION, LEAST_RECALL, measure
from tamis.analyses.leak.personal import LABELS, People, find, redact

LETTER = (
    "Jean (né le 12/03/1975), tél 06 12 34 56 78 ou +33 (0)1 42 68 53 00, jean.dupont@example.org, "
    "12 bis rue de la Paix, 75002 Paris. Encore : 06 12 34 56 78, et press@campaign.example."
)


@pytest.mark.parametrize("kind", KINDS)
def test_planted_values_are_found_and_look_alikes_are_not(kind: str) -> None:
    told = measure(kind, is_tuning=False, count=250)
    assert told.recall >= LEAST_RECALL, told.false.most_common(3)
    assert told.precision >= LEAST_PRECISION, told.false.most_common(3)


def test_a_redacted_letter_holds_none_of_the_values_and_one_label_a_value() -> None:
    done = redact(LETTER, find(LETTER), lambda one: one.normal == "press@campaign.example")
    assert done.text == (
        "Jean (né le [date of birth 1]), tél [telephone number 1] ou [telephone number 2], "
        "[e-mail address 1], [postal address 1]. Encore : [telephone number 1], et "
        "press@campaign.example."
    )
    assert done.counts == {"birth_date": 1, "phone": 3, "email": 1, "address": 1}
    assert done.kept_count == 1


def test_who_is_not_known_is_a_third_party() -> None:
    people = People.of(["Campaign.example"], ["Chief@Party.example", "+33 1 42 68 53 00"])
    text = "a@mail.campaign.example chief@party.example b@notcampaign.example 01 42 68 53 00"
    assert [people.standing(one)[0] for one in find(text)] == [
        *("own_people", "public_figure", "third_party", "public_figure")
    ]


def test_no_mask_shows_a_value() -> None:
    for one in find(LETTER):
        assert one.normal not in one.masked
        assert LETTER[one.start : one.end] not in one.masked


@given(st.text(alphabet="0123456789 +().-/@:aABfFeE\n'éÉ,", max_size=120))
def test_finds_are_apart_in_order_and_redaction_keeps_the_rest(text: str) -> None:
    found = find(text)
    places = [(one.start, one.end) for one in found]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    assert all(one.kind in LABELS for one in found)
    assert redact(text, found, lambda _: True).text == text
