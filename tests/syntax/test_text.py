from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.text import (
    hashtag,
    normalise,
    reposted_handle,
    text_hash,
    without_half_characters,
    written,
)


def test_the_same_words_behind_other_links_hash_alike() -> None:
    first = "Lisez  ÇA maintenant https://t.co/aaa"
    second = "lisez ça\nmaintenant HTTP://t.co/BBB \u200b"
    third = "Lisez c\u0327a maintenant www.paper.example"
    assert len({text_hash(first), text_hash(second), text_hash(third)}) == 1
    assert normalise(first) == "lisez ça maintenant"


def test_names_and_tags_stay_in_the_text() -> None:
    assert text_hash("read this @one") != text_hash("read this @two")
    assert text_hash("vote #a") != text_hash("vote #b")


def test_nothing_but_a_link_has_no_hash() -> None:
    assert text_hash(" https://t.co/aaa \n") is None


@given(st.text(st.sampled_from(" \t\n\u00a0\u2003\u3000\x1f\u200b\ufe0f\u00adaB\u00e9\ufb01/:.")))
def test_white_space_and_invisible_characters_go_as_in_the_slow_way(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", folded)
    hidden = "\u200b\ufe0f\u00ad"
    kept = "".join(one for one in " ".join(folded.split()) if one not in hidden)
    if "://" not in text and "www." not in text.lower():
        assert normalise(text) == " ".join(kept.split())


def test_emoji_variation_and_soft_hyphen_do_not_show() -> None:
    assert normalise("le\u00ads \u2764\ufe0f") == normalise("les \u2764")


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("#Vote", "vote"),
        ("\uff03ÉLECTION", "élection"),
        ("Straße", "strasse"),
        ("\uff26\uff35\uff2c\uff2c", "full"),
        ("#", ""),
    ],
)
def test_hashtags_are_folded(tag: str, canonical: str) -> None:
    assert hashtag(tag) == canonical


def test_scripts_that_look_alike_stay_apart() -> None:
    assert hashtag("vоte") != hashtag("vote")  # noqa: RUF001 - the first o is Cyrillic


def test_written_finds_tags_names_and_addresses() -> None:
    found = written(
        "voir (https://paper.example/a_(b)). #Été #2017 @some_one mail@paper.example #x!"
    )
    assert found.hashtags == ("Été", "x")
    assert found.mentions == ("some_one",)
    assert found.urls == ("https://paper.example/a_(b)",)


@pytest.mark.parametrize(
    ("text", "tag", "canonical"),
    [
        ("#E\u0301te\u03012031 b", "E\u0301te\u03012031", "été2031"),  # composed by nobody
        ("#मोदी_वापस जाओ", "मोदी_वापस", "मोदी_वापस"),
        ("#เลือกตั้ง66", "เลือกตั้ง66", "เลือกตั้ง66"),
        ("#தேர்தல்", "தேர்தல்", "தேர்தல்"),
        ("x #مُسَرَّب", "مُسَرَّب", "مُسَرَّب"),
        ("#می\u200cخواهم نه", "می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001 - Persian
        ("#leak\u200d", "leak", "leak"),
        ("#leak\ufe0f\u2764\ufe0f", "leak", "leak"),
    ],
)
def test_marks_belong_to_the_letters_they_stand_on(text: str, tag: str, canonical: str) -> None:
    assert written(text).hashtags == (tag,)
    assert hashtag(tag) == canonical


@pytest.mark.parametrize("text", ["#\ufe0f\u20e3 keys", "#1\ufe0f\u20e3", "#\u0301", "#2031"])
def test_a_key_cap_and_a_lone_mark_are_no_hashtags(text: str) -> None:
    assert written(text).hashtags == ()


def test_a_fragment_is_no_hashtag() -> None:
    assert written("https://paper.example/#top").hashtags == ()


def test_a_repost_by_hand_names_its_account() -> None:
    assert reposted_handle("RT @Some_One: look") == "Some_One"
    assert reposted_handle("so true RT @Some_One: look") is None


def test_halves_of_characters_are_replaced_and_whole_ones_kept() -> None:
    data = b'"\\ud83d\\ude00 \\ud83d x \\\\ud83d \xff"'
    assert without_half_characters(data) == (
        b'"\\ud83d\\ude00 \\ufffd x \\\\ud83d ' + "\ufffd".encode() + b'"'
    )
    assert without_half_characters(b'{"a": 1') is None
