"""Real files, damaged: bits, lengths, ends, chunks; seeded, so that a case can be made again."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

LARGEST = 256 << 10  # of larger files most formats have few, and each would take the time of many
LARGE_SHARE = 0.02
# Endings that some reader opens: their files are damaged five times as often as the others.
_OPENED = (
    ".7z .bz2 .csv .doc .docm .docx .eml .emlx .fodt .gif .gz .html .ics .jpg .mbox .mhtml .msg "
    ".ods .odt .pdf .png .ppt .pptm .pptx .pst .rar .rtf .tar .tgz .tif .tiff .tnef .txt .vcf "
    ".webp .xls .xlsb .xlsm .xlsx .zip .zst"
)
OPENED = frozenset(_OPENED.split())


class Mutant(NamedTuple):
    """One damaged file: its name tells its rank and keeps the ending of the file it was."""

    name: str
    how: str
    data: bytes


def flipped(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 1, 3, 20, 200))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def truncated(data: bytearray, dice: random.Random) -> bytes:
    return bytes(data[: dice.randrange(len(data))])


def with_lengths_edited(data: bytearray, dice: random.Random) -> bytes:
    """Numbers that may be lengths or places (no larger than the file) become other numbers."""
    for _ in range(dice.choice((1, 2, 8))):
        for _ in range(40):
            form = dice.choice(("<I", ">I", "<H", ">H", "<Q"))
            size = struct.calcsize(form)
            if len(data) < size:
                return bytes(data)
            place = dice.randrange(len(data) - size + 1)
            (number,) = struct.unpack_from(form, data, place)
            if 0 < number <= len(data):
                break
        most = (1 << 8 * size) - 1
        near = (number + 1, number - 1, number * 2, number ^ 0x80)
        edits = (0, 1, most, most >> 1, len(data), *near)
        struct.pack_into(form, data, place, min(max(dice.choice(edits), 0), most))
    return bytes(data)


def _chunk(data: bytearray, dice: random.Random) -> tuple[int, int]:
    length = min(len(data), dice.choice((1, 16, 512, 4096, len(data) // 3 + 1)))
    start = dice.randrange(len(data) - length + 1)
    return start, start + length


def with_chunk_doubled(data: bytearray, dice: random.Random) -> bytes:
    start, end = _chunk(data, dice)
    times = dice.choice((1, 1, 2, 20)) if end - start <= 4096 else 1
    return bytes(data[:end] + data[start:end] * times + data[end:])


def with_chunks_swapped(data: bytearray, dice: random.Random) -> bytes:
    first, second = sorted(_chunk(data, dice)[0] for _ in range(2))
    length = min(dice.choice((16, 512, 4096)), second - first, len(data) - second)
    a, b = data[first : first + length], data[second : second + length]
    data[first : first + length], data[second : second + length] = b, a
    return bytes(data)


def with_chunk_emptied(data: bytearray, dice: random.Random) -> bytes:
    start, end = _chunk(data, dice)
    data[start:end] = bytes([dice.choice((0, 0xFF, 0x20))]) * (end - start)
    return bytes(data)


PLAIN: tuple[Callable[[bytearray, random.Random], bytes], ...] = (
    flipped,
    truncated,
    with_lengths_edited,
    with_chunk_doubled,
    with_chunks_swapped,
    with_chunk_emptied,
)


def spliced(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """The head of one file and the tail of another."""
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def with_member_damaged(data: bytes, dice: random.Random) -> bytes | None:
    """A package whose sums are right and one of whose parts is damaged; None for no package."""
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            listed = [one for one in package.infolist() if one.file_size < LARGEST]
            parts = {one.filename: package.read(one) for one in listed}
    except Exception:  # noqa: BLE001 (the hostile ones among the real files are no package here)
        return None
    able = sorted(name for name, part in parts.items() if part)
    if not able:
        return None
    chosen = dice.choice(able)
    parts[chosen] = dice.choice(PLAIN)(bytearray(parts[chosen]), dice)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return made.getvalue()


class Corpus:
    """Real files by their ending; an ending counts, not how many files have it."""

    def __init__(self, folder: Path) -> None:
        self.kinds: dict[str, list[Path]] = {}
        self.large: list[Path] = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size > LARGEST and path.suffix != ".pst":
                self.large.append(path)
            elif path.is_file() and path.stat().st_size:
                self.kinds.setdefault(_ending(path), []).append(path)
        self.endings = sorted(self.kinds)
        self.weights = [5 if ending in OPENED else 1 for ending in self.endings]

    def mutants(self, seed: int, count: int) -> Iterator[Mutant]:
        """The same `count` damaged files for the same seed."""
        dice = random.Random(seed)
        for rank in range(count):
            if self.large and dice.random() < LARGE_SHARE:
                path = dice.choice(self.large)
            else:
                (ending,) = dice.choices(self.endings, self.weights)
                path = dice.choice(self.kinds[ending])
            how, data = self._damaged(path, dice)
            yield Mutant(f"{rank:05}-{how}{_ending(path)}", how, data)

    def _damaged(self, path: Path, dice: random.Random) -> tuple[str, bytes]:
        data = path.read_bytes()
        draw = dice.random()
        if draw < 0.15:
            kind = _ending(path) if dice.random() < 0.7 else dice.choice(self.endings)
            other = dice.choice(self.kinds.get(kind) or [path])
            return "spliced", spliced(data, other.read_bytes(), dice)
        if draw < 0.35 and data[:2] == b"PK" and (made := with_member_damaged(data, dice)):
            return "member", made
        damage = dice.choice(PLAIN)
        return damage.__name__, damage(bytearray(data), dice)


def _ending(path: Path) -> str:
    """The ending that tells a format; of names without a plain one, nothing."""
    ending = path.suffix.lower()
    return ending if ending[1:].isalnum() and len(ending) < 9 else ""
