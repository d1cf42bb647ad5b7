"""A DNS server on loopback for tests: it answers as each test says, over UDP and TCP."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[bytes, str], list[bytes]]


def question_of(message: bytes) -> bytes:
    """The question section of a message, as sent."""
    place = 12
    while message[place]:
        place += message[place] + 1
    return message[12 : place + 5]


def wire(name: str) -> bytes:
    labels = name.encode().split(b".") if name else []
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def record(owner: bytes, kind: int, data: bytes, kept: int = 1) -> bytes:
    return owner + struct.pack("!HHIH", kind, kept, 300, len(data)) + data


def txt(*strings: bytes, owner: bytes = b"\xc0\x0c") -> bytes:
    return record(owner, 16, b"".join(bytes((len(one),)) + one for one in strings))


def alias(target: str, owner: bytes = b"\xc0\x0c") -> bytes:
    return record(owner, 5, wire(target))


def answer(query: bytes, *records: bytes, flags: int = 0x8180, count: int | None = None) -> bytes:
    number = query[:2]
    count = len(records) if count is None else count
    head = number + struct.pack("!5H", flags, 1, count, 0, 0)
    return head + question_of(query) + b"".join(records)


class Server:
    """Where it listens, and every (transport, question name) it was asked."""

    def __init__(self, answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp.bind(("127.0.0.1", self.port))
        self.tcp.listen(5)
        self.udp.settimeout(0.05)
        self.tcp.settimeout(0.05)
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self._serve_udp, daemon=True),
            threading.Thread(target=self._serve_tcp, daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    @property
    def resolver(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _reply(self, transport: str, query: bytes) -> list[bytes]:
        question, labels, place = question_of(query), [], 0
        while question[place]:
            labels.append(question[place + 1 : place + 1 + question[place]].decode())
            place += question[place] + 1
        self.asked.append((transport, ".".join(labels)))
        return self.answers(query, transport)

    def _serve_udp(self) -> None:
        while not self.stop.is_set():
            try:
                query, peer = self.udp.recvfrom(4096)
            except OSError:
                continue
            for one in self._reply("udp", query):
                self.udp.sendto(one, peer)

    def _serve_tcp(self) -> None:
        while not self.stop.is_set():
            try:
                wire, _ = self.tcp.accept()
            except OSError:
                continue
            with wire, contextlib.suppress(OSError):
                wire.settimeout(2)
                size = struct.unpack("!H", wire.recv(2))[0]
                for one in self._reply("tcp", wire.recv(size)):
                    wire.sendall(one)

    def close(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(5)
        self.udp.close()
        self.tcp.close()


@contextlib.contextmanager
def serving(answers: Answer) -> Iterator[Server]:
    server = Server(answers)
    try:
        yield server
    finally:
        server.close()


def framed(message: bytes) -> bytes:
    return struct.pack("!H", len(message)) + message
