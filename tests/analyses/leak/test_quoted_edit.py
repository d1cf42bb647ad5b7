"""Edits of texts in quoted-printable that were broken anew, and sentences taken out of lines."""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.leak.repair.aim import Budget
from tamis.analyses.leak.repair.edit_moves import _sentences_removed, passes
from tamis.analyses.leak.repair.parts import quote
from tamis.analyses.leak.repair.quoted_edit import quote_line_by_line, quoted_texts
from tamis.syntax.mail.mime import leaves, walk

if TYPE_CHECKING:
    from tamis.analyses.leak.repair.aim import Aim

FIELDS = [
    (b"Content-Type", b"text/plain; charset=utf-8"),
    (b"Content-Transfer-Encoding", b"quoted-printable"),
]
TEXT = "Chère équipe,\r\n\r\n" + "Le budget de la fête passe à 1200 couronnes. " * 4 + "\r\nÀ toi"


def aim_at(body: bytes) -> Aim:
    """As much of an aim as the search over a text asks for."""
    facts = SimpleNamespace(body_length_signed=None)
    wanted = hashlib.sha256(body).digest()
    return cast("Aim", SimpleNamespace(facts=facts, body_hash=wanted, new=hashlib.sha256))


@given(st.text(alphabet="aé=\t .\r\n", max_size=300), st.sampled_from((76, 75, 72)))
def test_lines_are_quoted_as_by_the_slow_way(text: str, width: int) -> None:
    data = text.replace("\r", "").replace("\n", "\r\n").encode()
    assert quote_line_by_line(data, width) == quote(data, width)


@pytest.mark.parametrize("width", [76, 75, 72])
@pytest.mark.parametrize(
    "put", ["Brûlez cette lettre après lecture, et pas un mot à personne d'autre. ", "secret "]
)
def test_what_was_put_into_a_text_broken_anew_is_taken_out(width: int, put: str) -> None:
    signed = quote(TEXT.encode(), width) + b"\r\n"
    place = TEXT.index("Le budget", 60)
    false = quote((TEXT[:place] + put + TEXT[place:]).encode(), width) + b"\r\n"
    aim: Any = aim_at(signed)
    (found,) = quoted_texts(false, list(leaves(walk(false, FIELDS, 0))), aim)
    hits = [
        found.sweep(false, moves, aim, Budget(10**10))
        for moves in passes(found.data, [(0, len(found.data))])
    ]
    (hit, *_) = [one for one in hits if one is not None]
    assert hit.rstrip() == TEXT.encode()
    assert hmac.compare_digest(found.write(hit) + b"\r\n", signed)


def test_text_that_no_known_program_broke_so_is_left_alone() -> None:
    body = quote(TEXT.encode(), 76).replace(b"=\r\n", b"=\r\n=20", 1) + b"\r\n"
    odd = body.replace(b"=20", b"=2", 1)
    aim: Any = aim_at(body)
    for one in (odd, TEXT.encode("latin-1")):
        assert quoted_texts(one, list(leaves(walk(one, FIELDS, 0))), aim) == []


def test_sentences_of_a_line() -> None:
    form = b"One here. Two there! Three.\r\nFour. Five.\r\n"
    taken = {
        form[place:end]
        for place, options in _sentences_removed(form, (0, len(form)))
        for end, _ in options
    }
    assert {b"One here. ", b"Two there! ", b" Two there! Three.", b" Five.", b"Four. "} <= taken
    assert not any(b"\n" in one for one in taken)
