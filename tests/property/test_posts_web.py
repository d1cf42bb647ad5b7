from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tamis.syntax.text import normalise
from tamis.syntax.web import link

PARTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
ADDRESSES = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["", "www.", "m.", "l."]),
    st.sampled_from(["paper.example", "facebook.com", "x.com", "youtube.com", "bücher.example"]),
    PARTS,
    PARTS,
    PARTS,
)


class TestCanonicalForm:
    """A canonical form is a fixed point: the form of a form is itself."""

    @settings(deadline=None)
    @given(ADDRESSES)
    @example("https://paper.example/amp/amp/")
    @example("https://paper.example//?a&a=&=b")
    @example("https://www.www.paper.example/%41%2f%ff")
    def test_is_a_fixed_point(self, raw: str) -> None:
        once = link(raw)
        if once is not None:
            again = link(once.canonical)
            assert again is not None
            assert again.canonical == once.canonical

    @settings(deadline=None)
    @given(st.text())
    def test_never_raises(self, raw: str) -> None:
        link(raw)

    @settings(deadline=None)
    @given(st.text())
    @example("İ ﬁ ſ \u0345")  # noqa: RUF001
    def test_normal_text_is_a_fixed_point(self, text: str) -> None:
        once = normalise(text)
        if "://" in once or "www." in once:
            return  # an address that only taking out invisible characters has made
        assert normalise(once) == once
