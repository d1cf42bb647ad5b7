"""Times inside identifiers: worked by hand, and never an error."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.mail import stamp

AT = datetime(2017, 5, 5, 12, 0, tzinfo=UTC)
FILETIME = int((AT - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
HEX = f"{FILETIME:016x}"


@pytest.mark.parametrize(
    ("message_id", "expected"),
    [
        (f"000f{HEX[:8]}${HEX[8:]}$0a1b2c3d$@campaign.example", AT),
        ("590C6940.3050103@gmail.example", AT),
        ("1823.7.1493985600000.JavaMail.app@host", AT),
        ("149398560000.1234.5678901234@host", AT),
        ("20170505120000.3A4B5C@mx.example", AT),
        ("201705051200.v45C0abc@mx.example", AT),
        ("Pine.LNX.4.44.20170505120000.1@x", None),  # a grammar that is not known
        (f"000f{HEX[:8]}${HEX[8:]}$0a1b2c3d@campaign.example", AT),
        ("CAJ+abc=def_ghi-jklMNOPqrstuVWXYZ0123456789abcdefgh@mail.gmail.com", None),
        ("20171305120000.3A4B5C@mx.example", None),  # no thirteenth month
        ("00000001.3050103@x", None),  # 1970: a counter
        ("", None),
        (None, None),
    ],
)
def test_ids_state_their_time(message_id: str | None, expected: datetime | None) -> None:
    assert stamp.id_time(message_id) == expected


def test_boundaries_state_their_time() -> None:
    outlook = f"----=_NextPart_000_0012_{HEX[:8].upper()}.{HEX[8:].upper()}"
    assert stamp.boundary_time(outlook) == AT
    assert stamp.boundary_time("----=_Part_12_-345678.1493985600000") == AT
    assert stamp.boundary_time("001a114b2e7a6c0f5e054ed1b2f3") is None


def test_a_thread_index_states_the_start_of_its_conversation() -> None:
    head = bytes.fromhex(HEX[:12]) + bytes(16)
    began, is_start = stamp.thread_time(base64.b64encode(head).decode()) or (None, None)
    assert is_start is True
    assert began is not None
    assert timedelta(0) <= AT - began < timedelta(seconds=0.01)
    answer = stamp.thread_time(base64.b64encode(head + bytes(10)).decode())
    assert answer == (began, False)
    assert stamp.thread_time(base64.b64encode(head + bytes(4)).decode()) is None
    assert stamp.thread_time("no base64!") is None


@given(st.text(max_size=400))
def test_no_text_is_an_error(text: str) -> None:
    for found in (stamp.id_time(text), stamp.boundary_time(text)):
        assert found is None or 1990 <= found.year < 2100
    stamp.thread_time(text)


@given(st.integers(0, 3_000_000_000))
def test_outlook_ids_are_read_to_the_second(second: int) -> None:
    whole = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    number = int((whole - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    found = stamp.id_time(f"0001{number:016x}"[:12] + f"${number & 0xFFFFFFFF:08x}$00000000@x")
    assert found is not None
    assert abs(found - whole) < timedelta(seconds=0.001)
