"""The resolver's client against a server on loopback that answers well, badly and hostilely."""

from __future__ import annotations

import struct
import time

import pytest

from dns_server import Answer, alias, answer, framed, serving, txt, wire
from tamis.errors import InputError
from tamis.run.dns_lookup import Resolver, ask, read_resolver

NAME = "s1._domainkey.example.org"


def looked_up(
    answers: Answer, timeout_s: float = 2.0, tries: int = 1
) -> tuple[str, tuple[bytes, ...], list[str]]:
    with serving(answers) as server:
        found = ask(NAME, Resolver("127.0.0.1", server.port, timeout_s, tries))
        assert all(one.resolver == server.resolver for one in found)
        asked = [transport for transport, _ in server.asked]
    return found[-1].reply.outcome, found[-1].reply.texts, asked


def test_an_answer_over_udp() -> None:
    outcome, texts, asked = looked_up(lambda q, _: [answer(q, txt(b"p=", b"QUJD"))])
    assert (outcome, texts, asked) == ("answered", (b"p=QUJD",), ["udp"])


def test_a_cut_answer_is_asked_again_over_tcp() -> None:
    whole = b"v=DKIM1; p=" + b"A" * 700

    def answers(query: bytes, transport: str) -> list[bytes]:
        if transport == "udp":
            return [answer(query, flags=0x8380)]
        strings = [whole[place : place + 255] for place in range(0, len(whole), 255)]
        return [framed(answer(query, txt(*strings)))]

    assert looked_up(answers) == ("answered", (whole,), ["udp", "tcp"])


def test_strangers_are_passed_over() -> None:
    def answers(query: bytes, _: str) -> list[bytes]:
        wrong = bytes((query[0] ^ 1,)) + query[1:]
        other = query[:13] + b"Z" + query[14:]
        evil = txt(b"p=EVIL")
        good = answer(query, txt(b"p=A"))
        return [b"", b"x", answer(wrong, evil), answer(other, evil), query, good]

    assert looked_up(answers)[:2] == ("answered", (b"p=A",))


def test_a_flood_of_strangers_ends() -> None:
    def answers(query: bytes, _: str) -> list[bytes]:
        wrong = bytes((query[0] ^ 1,)) + query[1:]
        return [answer(wrong, txt(b"p=EVIL"))] * 200

    started = time.monotonic()
    assert looked_up(answers)[0] == "no_answer"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("code", "outcome"), [(3, "no_such_name"), (2, "server_failure"), (5, "refused")]
)
def test_refusals_are_outcomes(code: int, outcome: str) -> None:
    assert looked_up(lambda q, _: [answer(q, flags=0x8180 | code)])[:2] == (outcome, ())


def test_silence_is_waited_for_as_often_as_said() -> None:
    started = time.monotonic()
    outcome, _, asked = looked_up(lambda _q, _t: [], timeout_s=0.3, tries=3)
    assert (outcome, asked) == ("no_answer", ["udp"] * 3)
    assert 0.8 < time.monotonic() - started < 5


def test_nobody_there_is_said() -> None:
    with serving(lambda _q, _t: []) as server:
        port = server.port
    (one,) = ask(NAME, Resolver("127.0.0.1", port, 0.5, 1))
    assert one.reply.outcome.startswith(("unreachable", "no_answer"))
    assert one.answer is None


def test_a_malformed_answer_is_kept_and_said() -> None:
    with serving(lambda q, _: [answer(q, b"\xc0\xff")]) as server:
        (one,) = ask(NAME, Resolver("127.0.0.1", server.port, 2, 1))
    assert one.reply.outcome == "malformed"
    assert one.answer is not None


def test_open_aliases_are_asked_for_and_each_answer_is_kept() -> None:
    def answers(query: bytes, _: str) -> list[bytes]:
        if wire(NAME) in query:
            return [answer(query, alias("k1.esp.example"))]
        if wire("k1.esp.example") in query:
            return [answer(query, alias("k2.esp.example"))]
        return [answer(query, txt(b"p=K"))]

    with serving(answers) as server:
        found = ask(NAME, Resolver("127.0.0.1", server.port, 2, 1))
        names = [name for _, name in server.asked]
    assert names == [NAME, "k1.esp.example", "k2.esp.example"]
    assert [one.reply.outcome for one in found] == ["alias", "alias", "answered"]


def test_aliases_without_an_end_end() -> None:
    count = iter(range(1000))

    def onward(query: bytes, _: str) -> list[bytes]:
        return [answer(query, alias(f"k{next(count)}.example"))]

    assert looked_up(onward)[0] == "alias"
    assert next(count) <= 9

    def circle(query: bytes, _: str) -> list[bytes]:
        target = "b.example" if wire(NAME) in query else NAME
        return [answer(query, alias(target))]

    assert looked_up(circle)[0] == "malformed"


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\x01",
        struct.pack("!H", 60_000) + b"short",
        framed(b"x"),
        framed(b"\0" * 40),
    ],
)
def test_bad_streams_over_tcp_end(stream: bytes) -> None:
    def answers(query: bytes, transport: str) -> list[bytes]:
        return [answer(query, flags=0x8380)] if transport == "udp" else [stream]

    assert looked_up(answers)[0] in {"no_answer", "malformed"}


def test_a_tcp_answer_of_another_question_is_none() -> None:
    def answers(query: bytes, transport: str) -> list[bytes]:
        if transport == "udp":
            return [answer(query, flags=0x8380)]
        return [framed(answer(bytes((query[0] ^ 1,)) + query[1:], txt(b"p=EVIL")))]

    assert looked_up(answers)[:2] == ("no_answer", ())


def test_a_resolver_is_an_address() -> None:
    assert read_resolver("127.0.0.1:5353") == Resolver("127.0.0.1", 5353)
    assert read_resolver("[::1]:54") == Resolver("::1", 54)
    assert read_resolver("::1") == Resolver("::1")
    for text in ("dns.example", "1.2.3.4:0", "1.2.3.4:x", "", "[::1", "1.2.3.4:70000"):
        with pytest.raises(InputError, match="IP address"):
            read_resolver(text)
