from __future__ import annotations

import random
import struct

import pytest

from tamis.syntax.mapi import lzfu

# The two worked examples of MS-OXRTFCP, sections 3.1.1 and 3.1.2.
SIMPLE = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c090020627705b06c647d0a800fa0"
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def test_the_worked_examples_of_the_standard() -> None:
    """MS-OXRTFCP 3.1.1: `{\\rtf1\\ansi\\ansicpg1252\\pard hello world}` in 45 bytes."""
    assert lzfu.expand(SIMPLE) == (b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", None)
    assert lzfu.expand(CROSSING) == (b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", None)


def test_stored_without_compression() -> None:
    text = b"{\\rtf1 a}"
    raw = struct.pack("<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text
    assert lzfu.expand(raw) == (text, None)
    assert lzfu.expand(raw[:-3]).problem == "the text is cut off"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "shorter than its header"),
        (SIMPLE[:8] + b"XXXX" + SIMPLE[12:], "unknown kind"),
        (SIMPLE[:12] + b"\0\0\0\0" + SIMPLE[16:], "checksum"),
        (SIMPLE[:30], "cut off"),
    ],
)
def test_damage_is_told_and_what_can_be_read_is_kept(raw: bytes, problem: str) -> None:
    found = lzfu.expand(raw)
    assert found.problem is not None
    assert problem in found.problem


def test_output_is_bounded() -> None:
    # References of two bytes that copy seventeen, from where nothing is being written.
    body = b"\x00abcdefgh" + b"\x80" + b"abcdefg\x00\x0f"
    raw = struct.pack("<IIII", 0, 0xFFFFFFFF, 0x75465A4C, 0) + body * 20_000
    found = lzfu.expand(raw, limit=100_000)
    assert len(found.data) == 100_000
    assert found.problem is not None
    assert "longer than 100,000" in found.problem


def test_any_bytes_give_an_answer() -> None:
    dice = random.Random(1)
    for _ in range(500):
        data = bytearray(SIMPLE)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert len(lzfu.expand(bytes(data), limit=1000).data) <= 1000
