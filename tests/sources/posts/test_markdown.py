from __future__ import annotations

import time

import pytest

from tamis.sources.posts.markdown import addresses


@pytest.mark.parametrize(
    "text",
    [
        *("https://a.example/x", "<https://a.example/x>", "**https://a.example/x**"),
        *("*https://a.example/x*", "__https://a.example/x__", "_https://a.example/x_"),
        *("||https://a.example/x||", "~~https://a.example/x~~", "`https://a.example/x`"),
        *("[w](https://a.example/x)", "[w](<https://a.example/x>)", "***https://a.example/x***"),
        *('[w](https://a.example/x "A title")', "> https://a.example/x", "(https://a.example/x)"),
    ],
)
def test_marks_are_no_part_of_an_address(text: str) -> None:
    assert addresses(f"Words {text} more") == addresses(text) == ("https://a.example/x",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://a.example/x_y_z", "https://a.example/x_y_z"),
        ("https://a.example/_x_", "https://a.example/_x_"),
        (r"https://a.example/x\_y", "https://a.example/x_y"),
        ("https://a.example/*x*?q=~1", "https://a.example/*x*?q=~1"),
        ("[w](https://a.example/A_(b))", "https://a.example/A_(b)"),
    ],
)
def test_signs_that_belong_to_an_address_stay(text: str, told: str) -> None:
    assert addresses(text) == (told,)


def test_an_address_behind_words_and_written_out_is_one() -> None:
    assert addresses("[https://a.example/x](https://b.example/y) https://b.example/y") == (
        *("https://b.example/y",),
    )
    assert addresses("no address") == ()


@pytest.mark.parametrize("piece", ["*http://", "[", "[](http://", "__http://a", "`", "\\_"])
def test_hostile_texts_take_no_time(piece: str) -> None:
    begun = time.process_time()
    addresses("http " + piece * (60_000 // len(piece)))
    assert time.process_time() - begun < 5
