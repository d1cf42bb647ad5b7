"""Shapes of identifiers and families of mailers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.mail import grammar, mailer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CAJ+abc=def_ghi-jklMNOPqrstuVWXYZ0123456789abcdefgh", "CA:b"),
        ("5f1c2d3e-0001-4abc-8def-0123456789ab", "u"),
        ("5F1C2D3E-0001-4ABC-8DEF-0123456789AB", "U"),
        ("000f01d2bd9c$a1b2c3d0$0a1b2c3d$", "h12$h8$h8$"),
        ("590C6940.3050103", "H8.d"),
        ("Apple-Mail=_5F1C2D3E-0001-4ABC-8DEF-0123456789AB", "apple-mail=_U"),
        ("----=_NextPart_000_0012_01D2BD9C.A1B2C3D0", "----=_nextpart_d_d_H8.H8"),
        ("20170505120000.3A4B5C", "d14.H6"),
        ("xYz9", "m4"),
        ("  ", None),
        (None, None),
    ],
)
def test_shapes(text: str | None, expected: str | None) -> None:
    assert grammar.shape(text) == expected


@given(st.text())
def test_every_text_has_a_short_shape(text: str) -> None:
    found = grammar.shape(text)
    assert found is None if not text.strip() else found
    assert len(found or "") < 400


@pytest.mark.parametrize(
    ("told", "family", "released"),
    [
        ("Apple Mail (2.3273)", "apple mail", None),
        ("iPhone Mail (14E304)", "iphone mail", datetime(2016, 9, 13, tzinfo=UTC)),
        ("Microsoft Outlook 16.0", "microsoft outlook", datetime(2015, 9, 22, tzinfo=UTC)),
        ("Microsoft Outlook Express 6.00.2800.1158", "microsoft outlook express", None),
        ("Mozilla/5.0 (X11; rv:52.0) Gecko/20100101 Thunderbird/52.1.0", "thunderbird",
         datetime(2017, 4, 4, tzinfo=UTC)),
        ("Postier 1.2", "postier", None),
        ("7bit", "other", None),
        ("", "none", None),
        (None, "none", None),
    ],
)  # fmt: skip
def test_mailers(told: str | None, family: str, released: datetime | None) -> None:
    assert mailer.family(told) == family
    assert mailer.released_at(told) == released
