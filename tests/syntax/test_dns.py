from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dns_server import alias, answer, record, txt, wire
from tamis.syntax.dns import (
    DnsError,
    Reply,
    UnrelatedError,
    is_askable,
    make_question,
    read_answer,
)

NAME = "s1._domainkey.example.org"
QUERY = make_question(NAME, 0x1234)


def read(message: bytes) -> Reply:
    return read_answer(message, NAME, 0x1234)


def test_the_question_is_the_golden_one() -> None:
    expected = bytes.fromhex(
        "1234 0100 0001 0000 0000 0000 02 7331 0a 5f646f6d61696e6b6579"
        "07 6578616d706c65 03 6f7267 00 0010 0001"
    )
    assert expected == QUERY


def test_strings_of_a_record_are_joined_and_records_stay_apart() -> None:
    # RFC 6376 3.6.2.2: "Strings in a TXT RR MUST be concatenated together before use with no
    # intervening whitespace."
    message = answer(QUERY, txt(b"v=DKIM1; p=" + b"A" * 244, b"B" * 255, b"C"), txt(b"other"))
    assert read(message) == Reply(
        "answered", (b"v=DKIM1; p=" + b"A" * 244 + b"B" * 255 + b"C", b"other")
    )


def test_names_are_equal_whatever_their_case() -> None:
    message = answer(QUERY, txt(b"p=", owner=wire("S1._DomainKey.EXAMPLE.org")))
    assert read(message).texts == (b"p=",)


def test_an_alias_in_the_same_answer_is_followed() -> None:
    target = wire("k.esp.example")
    others = (txt(b"p=x", owner=target), txt(b"no", owner=wire("z")))
    message = answer(QUERY, alias("k.esp.example"), *others)
    assert read(message) == Reply("answered", (b"p=x",))


def test_an_open_alias_is_named() -> None:
    assert read(answer(QUERY, alias("k.esp.example"))) == Reply("alias", alias="k.esp.example")


def test_a_record_of_another_name_is_no_answer() -> None:
    assert read(answer(QUERY, txt(b"p=evil", owner=wire("other.example")))).outcome == "no_data"


def test_a_dot_inside_a_label_is_no_border() -> None:
    owner = bytes((13,)) + b"s1._domainkey" + wire("example.org")
    assert read(answer(QUERY, txt(b"p=evil", owner=owner))).outcome == "no_data"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, "format_error"),
        (2, "server_failure"),
        (3, "no_such_name"),
        (5, "refused"),
        (11, "code_11"),
    ],
)
def test_codes(code: int, outcome: str) -> None:
    assert read(answer(QUERY, flags=0x8180 | code)).outcome == outcome


def test_a_cut_answer_is_said() -> None:
    assert read(answer(QUERY, txt(b"p="), flags=0x8380)).outcome == "truncated"


def test_other_questions_are_no_answers() -> None:
    other = make_question("s2._domainkey.example.org", 0x1234)
    address = QUERY[:-4] + struct.pack("!2H", 1, 1)
    for message in (
        answer(other, txt(b"p=")),
        answer(address, txt(b"p=")),
        b"\x12\x35" + answer(QUERY, txt(b"p="))[2:],
        QUERY,
        answer(QUERY, txt(b"p="), flags=0xA980),
    ):
        with pytest.raises(UnrelatedError):
            read(message)


@pytest.mark.parametrize(
    "records",
    [
        (record(b"\xc0\x0c", 16, b"\xffshort"),),  # a string longer than its record
        (record(b"\xc0\x0c", 16, b""),),
        (txt(b"p=")[:-1],),
        (txt(b"p=", owner=b"\xc0\x2b"),),  # a pointer to itself
        (txt(b"p=", owner=b"\xc0\xff"),),  # a pointer ahead
        (txt(b"p=", owner=b"\x41a\0"),),  # a label type that is none
        (txt(b"p=", owner=b"\x3f" + b"a" * 63 + b"\x3f" + b"b" * 63) * 3,),
        (record(b"\xc0\x0c", 5, wire("k.example") + b"x"),),
        (b"\xc0",),
        (b"\x05ab",),
    ],
)
def test_hostile_records_are_malformed(records: tuple[bytes, ...]) -> None:
    with pytest.raises(DnsError):
        read(answer(QUERY, *records))


def test_pointers_that_lead_to_each_other_end() -> None:
    # 0x2b is the first byte after the question: the pointer there leads to the next, and back.
    start = len(QUERY)
    first = struct.pack("!H", 0xC000 | (start + 2)) + struct.pack("!H", 0xC000 | start)
    with pytest.raises(DnsError, match="backwards"):
        read(answer(QUERY, first))


def test_aliases_in_a_circle_end() -> None:
    message = answer(QUERY, alias("b.example"), alias(NAME, owner=wire("b.example")))
    with pytest.raises(DnsError, match="circle"):
        read(message)


def test_more_records_than_anybody_needs_are_refused() -> None:
    with pytest.raises(DnsError, match="65,535"):
        read(answer(QUERY, txt(b"p="), count=65_535))
    with pytest.raises(DnsError):
        read(answer(QUERY, txt(b"p="), count=2))


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", "a" * 64 + ".b", "-x.example", "a b.example", "a;rm.example", "é.example",
     ".".join(["a" * 60] * 5), "a\n.example", "$(id).example", "+short.example"],
)  # fmt: skip
def test_names_that_cannot_be_asked(name: str) -> None:
    assert not is_askable(name)
    with pytest.raises(DnsError):
        make_question(name, 1)


@given(st.binary(max_size=600))
def test_any_bytes_end_in_a_reply_or_a_dns_error(message: bytes) -> None:
    try:
        read_answer(message, NAME)
    except DnsError:
        return


GOLDEN = answer(
    QUERY,
    alias("k.esp.example"),
    txt(b"v=DKIM1; p=" + b"A" * 200, b"B" * 100, owner=wire("k.esp.example")),
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOLDEN) - 1), st.integers(0, 255)), min_size=1, max_size=4
    ),
    st.integers(0, len(GOLDEN)),
)
def test_mutations_of_an_answer_never_change_a_byte_unseen(
    changes: list[tuple[int, int]], cut: int
) -> None:
    """A changed answer is refused, says something else, or says the same; it never crashes."""
    changed = bytearray(GOLDEN)
    for place, value in changes:
        changed[place] = value
    for message in (bytes(changed), GOLDEN[:cut]):
        try:
            reply = read_answer(message, NAME, 0x1234)
        except DnsError:
            continue
        if message == GOLDEN[:cut] and cut < len(GOLDEN):
            raise AssertionError("an answer that ends early was taken as whole")
        for text in reply.texts:
            assert text in message or any(text[:n] in message for n in (200, 100))
