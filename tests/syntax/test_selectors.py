from __future__ import annotations

import pytest

from tamis.syntax.selectors import spellings


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("#\u00c9T\u00c92031", "#\u00e9t\u00e92031"),
        ("\uff03\uff2c\uff25\uff21\uff2b", "#leak"),
        ("MacronLeaks", "macronleaks"),
        ("www.Paper.example/a/caf%c3%a9/?utm_source=x&id=1", "https://paper.example/a/caf%C3%A9?id=1"),
        ("https://www.paper.example", "paper.example"),
        ("Paper.example", "paper.example"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("MAGNET:?dn=x&xt=urn:btih:3F786850E387550FDAB836ED7E6DC881DE23001B",
         "magnet:?xt=urn:btih:3f786850e387550fdab836ed7e6dc881de23001b"),
    ],
)  # fmt: skip
def test_a_selector_stands_for_its_canonical_form(said: str, form: str) -> None:
    assert spellings([said])[0] == said
    assert form in spellings([said])


def test_words_stay_words_and_nothing_comes_twice() -> None:
    assert spellings(["secret plan", "leak", "leak", "", "#"]) == ["secret plan", "leak", "#"]
