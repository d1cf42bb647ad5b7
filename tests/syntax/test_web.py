from __future__ import annotations

import pytest

from tamis.syntax.web import domain, link

SAME = "https://paper.example/story?a=1&b=2"


@pytest.mark.parametrize(
    "raw",
    [
        "http://paper.example/story?b=2&a=1",
        "https://www.paper.example/story/?a=1&b=2",
        "HTTPS://Paper.EXAMPLE:443/x/../story?a=1&b=2",
        "https://m.paper.example/story?a=1&utm_source=mail&b=2&fbclid=Q#top",
        "https://reader:secret@paper.example/story/amp/?a=1&b=2",
        "paper.example/story?a=1&b=2",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fpaper.example%2Fstory%3Fb%3D2%26a%3D1&h=AT",
        "https://www.google.fr/url?q=https://paper.example/story?a%3D1%26b%3D2&sa=D",
        "https://paper.example/%73tory?a=1&b=2",
    ],
)
def test_shares_of_one_page_are_one_link(raw: str) -> None:
    found = link(raw)
    assert found is not None
    assert found.canonical == SAME
    assert found.domain == "paper.example"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (
            "https://www.google.com/amp/s/www.paper.example/story/amp/",
            "https://paper.example/story",
        ),
        ("https://paper-example.cdn.ampproject.org/c/s/paper.example/x", "https://paper.example/x"),
        ("https://en.m.wikipedia.org/wiki/Leak", "https://en.wikipedia.org/wiki/Leak"),
        ("https://youtu.be/abcDEF12345?t=30", "https://youtube.com/watch?v=abcDEF12345"),
        (
            "https://youtube.com/shorts/abcDEF12345?feature=share",
            "https://youtube.com/watch?v=abcDEF12345",
        ),
        ("https://www.youtube.com/playlist?list=AB", "https://youtube.com/playlist?list=AB"),
        ("https://twitter.com/Some_One?s=20", "https://x.com/some_one"),
        ("https://t.co/AbCdEf", "https://t.co/AbCdEf"),
        ("https://paper.example/a%2fb", "https://paper.example/a%2Fb"),
        ("https://paper.example/#!/story", "https://paper.example/#!/story"),
        ("https://paper.example:8080/", "https://paper.example:8080/"),
        ("http://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://telegram.me/s/canal", "https://t.me/canal"),
        (
            "magnet:?dn=x&xt=urn:btih:ABCDEF0123456789ABCDEF0123456789ABCDEF01",
            "magnet:?xt=urn:btih:abcdef0123456789abcdef0123456789abcdef01",
        ),
    ],
)
def test_forms(raw: str, canonical: str) -> None:
    found = link(raw)
    assert found is not None
    assert found.canonical == canonical


@pytest.mark.parametrize(
    "raw",
    [
        "https://twitter.com/Some_One/status/861000000000000001?s=20&t=x",
        "https://x.com/i/web/status/861000000000000001",
        "https://mobile.twitter.com/other/statuses/861000000000000001",
        "http://x.com/i/status/861000000000000001/",
    ],
)
def test_a_post_of_x_is_one_link_under_every_name(raw: str) -> None:
    found = link(raw)
    assert found is not None
    assert found.canonical == "https://x.com/i/status/861000000000000001"
    assert found.status_id == "861000000000000001"
    assert not found.is_media_of_status


def test_a_picture_of_a_post_says_so() -> None:
    found = link("https://twitter.com/a/status/5/photo/1")
    assert found is not None
    assert found.is_media_of_status


@pytest.mark.parametrize(
    "raw",
    ["", "   ", "http://", "https://paper.exam…", "http://localhost/x", "ftp://paper.example/x",
     "javascript:alert(1)", "http://exa mple.com/", "x" * 20_000, "magnet:?xt=urn:other"],
)  # fmt: skip
def test_what_is_no_address_is_none(raw: str) -> None:
    assert link(raw) is None


def test_a_redirector_inside_a_redirector_ends() -> None:
    raw = "https://paper.example/x"
    for _ in range(9):
        raw = "https://l.facebook.com/l.php?u=" + raw.replace("%", "%25").replace(
            ":", "%3A"
        ).replace("?", "%3F").replace("&", "%26")
    found = link(raw)
    assert found is not None
    assert found.domain in {"facebook.com", "paper.example"}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.paper.co.uk", "paper.co.uk"),
        ("co.uk", None),
        ("mine.blogspot.com", "mine.blogspot.com"),
    ],
)
def test_domain_is_one_label_under_its_public_suffix(host: str, expected: str | None) -> None:
    assert domain(host) == expected


def test_an_ip_address_has_no_domain() -> None:
    found = link("http://192.0.2.7/a")
    assert found is not None
    assert found.domain is None
