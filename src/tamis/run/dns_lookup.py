"""The only network code of tamis: one TXT record asked of one resolver, when the user says so."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tamis.errors import InputError
from tamis.syntax.dns import (
    MAX_ALIASES,
    MAX_MESSAGE_BYTES,
    DnsError,
    Reply,
    UnrelatedError,
    is_askable,
    make_question,
    read_answer,
)

_PORT = 53
# A liar on the way can send as many strange datagrams as it likes; only so many are looked at.
_MAX_STRANGERS = 64
_SYSTEM_RESOLVERS = Path("/etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Who is asked, how long one answer may take, and how often a question is repeated."""

    address: str
    port: int = _PORT
    timeout_s: float = 4.0
    tries: int = 2

    def __str__(self) -> str:
        """Address and port as people write them."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{shown}:{self.port}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One message that came back, with who sent it, how and when; `answer` is None for silence."""

    name: str
    resolver: str
    transport: str
    asked_at: datetime
    answer: bytes | None
    reply: Reply


def read_resolver(text: str | None, timeout_s: float = 4.0) -> Resolver:
    """The resolver that a person named as IP, IP:PORT or [IPv6]:PORT, or the system's first one.

    Errors    InputError when it is no address, or the system names no resolver.
    """
    if text is None:
        return Resolver(_system_resolver(), timeout_s=timeout_s)
    address, port = text, str(_PORT)
    if text.startswith("[") and "]" in text:
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    try:
        number = int(port)
        ipaddress.ip_address(address)
    except ValueError:
        number = 0
    if not 0 < number < 1 << 16:
        raise InputError(f"--resolver {text}: expected an IP address such as 9.9.9.9 or [::1]:53")
    return Resolver(address, number, timeout_s)


def _system_resolver() -> str:
    try:
        lines = _SYSTEM_RESOLVERS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                return str(ipaddress.ip_address(words[1]))
            except ValueError:
                continue
    raise InputError("the system names no DNS resolver; name one with --resolver IP")


def ask(name: str, resolver: Resolver) -> tuple[Asked, ...]:
    """Every answer on the way to the TXT records of `name`; the last one decides.

    Follows aliases that the resolver leaves open, and asks again over TCP when an answer is cut
    short. Never raises for what comes, or does not come, from the network.
    Source    RFC 1035 sections 4.2 and 7.3; RFC 5452 section 9: an answer counts only from the
              address asked, with the number and the question that were sent.
    Limits    Plain DNS: whoever sits on the way can read the question and forge the answer.
    """
    found: list[Asked] = []
    current, seen = name, {name.lower()}
    for _ in range(MAX_ALIASES):
        found += _ask_once(current, resolver)
        alias = found[-1].reply.alias
        if alias is None:
            break
        if alias.lower() in seen or not is_askable(alias):
            found.append(_end(found[-1], "malformed"))
            break
        seen.add(alias.lower())
        current = alias
    return tuple(found)


def _end(last: Asked, outcome: str) -> Asked:
    """A last entry that says why nothing was asked any more."""
    now = datetime.now(UTC)
    return Asked(last.name, last.resolver, last.transport, now, None, Reply(outcome))


def _ask_once(name: str, resolver: Resolver) -> list[Asked]:
    """The answers to one question: over UDP, and over TCP when that one is cut short."""
    found = [_exchange(name, resolver, "udp")]
    for _ in range(resolver.tries - 1):
        if found[-1].reply.outcome != "no_answer":
            break
        found[-1] = _exchange(name, resolver, "udp")
    if found[-1].reply.outcome == "truncated":
        found.append(_exchange(name, resolver, "tcp"))
    return found


def _exchange(name: str, resolver: Resolver, transport: str) -> Asked:
    number = secrets.randbelow(1 << 16)
    question = make_question(name, number)
    at = datetime.now(UTC)
    answer: bytes | None = None
    send = _send_udp if transport == "udp" else _send_tcp
    try:
        answer = send(question, (name, number), resolver)
        reply = Reply("no_answer") if answer is None else read_answer(answer, name, number)
    except DnsError:
        reply = Reply("malformed")
    except TimeoutError:
        reply = Reply("no_answer")
    except OSError as problem:
        reply = Reply(f"unreachable: {problem.strerror or 'no connection'}")
    return Asked(name, str(resolver), transport, at, answer, reply)


def _open(resolver: Resolver, kind: socket.SocketKind) -> socket.socket:
    family = socket.AF_INET6 if ":" in resolver.address else socket.AF_INET
    made = socket.socket(family, kind)
    made.settimeout(resolver.timeout_s)
    return made


def _send_udp(question: bytes, asked: tuple[str, int], resolver: Resolver) -> bytes | None:
    """The first datagram that answers this question; others are passed over, up to a limit."""
    end = time.monotonic() + resolver.timeout_s
    with _open(resolver, socket.SOCK_DGRAM) as wire:
        # A connected socket takes datagrams from the address asked only.
        wire.connect((resolver.address, resolver.port))
        wire.send(question)
        for _ in range(_MAX_STRANGERS):
            wire.settimeout(max(end - time.monotonic(), 0.001))
            answer = wire.recv(MAX_MESSAGE_BYTES)
            if not _is_stranger(answer, asked):
                return answer
    return None


def _is_stranger(answer: bytes, asked: tuple[str, int]) -> bool:
    try:
        read_answer(answer, *asked)
    except UnrelatedError:
        return True
    except DnsError:
        # Too short to hold a number: it answers nothing.
        return len(answer) < 12
    return False


def _send_tcp(question: bytes, asked: tuple[str, int], resolver: Resolver) -> bytes | None:
    """The answer over TCP, None when it answers another question or ends early."""
    end = time.monotonic() + resolver.timeout_s
    with _open(resolver, socket.SOCK_STREAM) as wire:
        wire.connect((resolver.address, resolver.port))
        wire.sendall(struct.pack("!H", len(question)) + question)
        head = _receive(wire, 2, end)
        if len(head) < 2:
            return None
        size = struct.unpack("!H", head)[0]
        answer = _receive(wire, size, end)
    return answer if len(answer) == size and not _is_stranger(answer, asked) else None


def _receive(wire: socket.socket, size: int, end: float) -> bytes:
    """Up to `size` bytes; fewer when the other side closes."""
    got = bytearray()
    while len(got) < size:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wire.settimeout(left)
        piece = wire.recv(size - len(got))
        if not piece:
            break
        got += piece
    return bytes(got)
