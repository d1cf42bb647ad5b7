"""Signature facts against dkimpy over mail of ordinary size: interleaved pairs, processor time.

Budgets: at least 3 times dkimpy, at least 3,000 messages a second on one core, RSA-2048; a budget
is missed only if even the upper quartile of the pairs misses it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import logging
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import dkim_signer  # noqa: E402 (the tests' own signer, which shares no code with tamis)
from tamis.analyses.leak.dkim import KeyRing, verify_message  # noqa: E402
from tamis.syntax.mail.display import read_display  # noqa: E402
from tamis.syntax.mail.dkim_facts import read_signatures  # noqa: E402
from tamis.syntax.mail.headers import split  # noqa: E402

TEXT = """dear all the campaign office needs your answer before noon please find the agenda of
tomorrow's meeting below and tell us  which points you would like to add thank you"""
WORDS = TEXT.replace("\n", " ").split(" ")


def make(count: int, seed: int) -> list[bytes]:
    """`count` signed messages of 2 to 12 KB with the trace fields of ordinary mail."""
    chance = random.Random(seed)
    return [_message(chance, rank) for rank in range(count)]


def _message(chance: random.Random, rank: int) -> bytes:
    lines = chance.randint(15, 150)
    body = "".join(" ".join(chance.choices(WORDS, k=11)) + "\r\n" for _ in range(lines))
    fields = [
        ("From", f"Ada Lovelace <ada{rank}@example.org>"),
        ("To", "Charles Babbage <charles@example.net>"),
        ("Subject", f"Agenda {rank}"),
        ("Date", "Thu, 04 May 2017 10:00:00 +0200"),
        ("Message-ID", f"<{rank}@example.org>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="UTF-8"'),
    ]
    signed = "from:to:subject:date:message-id:mime-version:content-type"
    letter = dkim_signer.sign(fields, body.encode(), signed=signed, extra=" t=1493884800;")
    trace = "".join(
        f"Received: from mx{hop}.example.net (mx{hop}.example.net [192.0.2.{hop}])\r\n"
        f"        by mail.example.net with ESMTPS id {hashlib.sha256(letter).hexdigest()[:12]};\r\n"
        f"        Thu, 04 May 2017 10:00:0{hop} +0200\r\n"
        for hop in range(1, 4)
    )
    return trace.encode() + letter


def _facts(raw: bytes, keys: KeyRing) -> bool:
    headers = split(raw)
    (found,) = read_signatures(raw, headers, read_display(headers), keys)
    return bool(found.header_verifies and found.body_matches)


def _verdict(raw: bytes, keys: KeyRing) -> bool:
    return verify_message(raw, keys).verdict.word == "verified"


def _timed(function: Any, messages: list[bytes]) -> float:
    start = time.process_time()  # the budget is per core: what other programs take is not counted
    held = sum(map(function, messages))
    spent = time.process_time() - start
    assert held == len(messages), f"only {held} of {len(messages)} hold"
    return len(messages) / spent


def _told(name: str, values: list[float], unit: str) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    print(f"{name:<34} median {middle:9.2f} {unit}  quartiles {low:.2f} - {high:.2f}")
    return low, middle, high


def _oracle() -> Any:
    """The package dkimpy, whose module `dkim` must not be looked for beside this file."""
    import dkim  # noqa: PLC0415

    assert "site-packages" in (dkim.__file__ or ""), dkim.__file__
    return dkim


def main(argv: list[str] | None = None) -> int:
    """Print the figures; 1 if a budget is missed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args(argv)
    oracle, quiet = _oracle(), logging.getLogger("dkimpy")
    quiet.addHandler(logging.NullHandler())
    row = dkim_signer.key_row()
    keys, txt = KeyRing([row]), row["txt"].encode()
    messages = make(options.messages, seed=7)
    size = sum(map(len, messages)) / len(messages)
    bits = len(base64.b64decode(dkim_signer.public_text(dkim_signer.rsa_key())))
    print(f"{len(messages)} messages, {size:.0f} bytes on average, RSA-2048 ({bits} bytes of key)")

    def other(raw: bytes) -> bool:
        return bool(oracle.verify(raw, logger=quiet, dnsfunc=lambda *_, **__: txt))

    rates, ratios, whole = [], [], []
    for _ in range(options.pairs):
        ours = _timed(lambda raw: _facts(raw, keys), messages)
        theirs = _timed(other, messages)
        rates.append(ours)
        ratios.append(ours / theirs)
        whole.append(_timed(lambda raw: _verdict(raw, keys), messages))
    _, _, best_rate = _told("signature facts", rates, "messages/s")
    _told("with display, reading and verdict", whole, "messages/s")
    _, _, best_ratio = _told("signature facts over dkimpy", ratios, "times")
    return int(best_rate < 3000 or best_ratio < 3)


if __name__ == "__main__":
    sys.exit(main())
