"""Compound files and Outlook messages written by hand, small enough to be read by eye."""

from __future__ import annotations

import struct
from typing import Any

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096

Storage = dict[str, Any]


def compound_file(root: Storage) -> bytes:
    """A compound file (version 3): a dict is a storage, bytes are a stream."""
    entries = _flatten(root)
    mini, mini_fat = bytearray(), []
    sectors: list[bytes] = []
    fat: list[int] = []
    starts: list[int] = []
    for _, content, _, _ in entries:
        if not isinstance(content, bytes):
            starts.append(0)
        elif not content:
            starts.append(_END)
        elif len(content) < _CUTOFF:
            starts.append(len(mini_fat))
            mini_fat += _chain(len(mini_fat), -(-len(content) // _MINI))
            mini += content.ljust(-(-len(content) // _MINI) * _MINI, b"\0")
        else:
            starts.append(_place(sectors, fat, content))
    mini_start = _place(sectors, fat, bytes(mini)) if mini else _END
    table = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    padded = table.ljust(-(-len(table) // _SECTOR) * _SECTOR, b"\xff")
    table_start = _place(sectors, fat, padded) if padded else _END
    directory = b"".join(
        _entry(rank, one, starts[rank], (mini_start, len(mini))) for rank, one in enumerate(entries)
    )
    directory_start = _place(sectors, fat, directory.ljust(-(-len(directory) // 512) * 512, b"\0"))
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    fat_places = list(range(len(fat), len(fat) + count))
    fat += [_FAT] * count
    fat += [_FREE] * (count * 128 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6x9I",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory_start),
        *(0, _CUTOFF, table_start, len(padded) // _SECTOR, _END, 0),
    )
    listed = fat_places + [_FREE] * (109 - count)
    head = header + struct.pack("<109I", *listed)
    return head + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _flatten(root: Storage) -> list[tuple[str, Any, int, int]]:
    """Entries as (name, content, right sibling, first child), the root first."""
    entries: list[list[Any]] = [["Root Entry", root, _FREE, _FREE]]
    waiting = [0]
    while waiting:
        holder = waiting.pop()
        before = None
        for name, content in entries[holder][1].items():
            entries.append([name, content, _FREE, _FREE])
            rank = len(entries) - 1
            if before is None:
                entries[holder][3] = rank
            else:
                entries[before][2] = rank
            before = rank
            if isinstance(content, dict):
                waiting.append(rank)
    return [(name, content, right, child) for name, content, right, child in entries]


def _entry(rank: int, one: tuple[str, Any, int, int], start: int, mini: tuple[int, int]) -> bytes:
    name, content, right, child = one
    raw = name.encode("utf-16-le") + b"\0\0"
    is_stream = isinstance(content, bytes)
    kind = 5 if rank == 0 else 2 if is_stream else 1
    place, size = mini if rank == 0 else (start, len(content) if is_stream else 0)
    return struct.pack(
        "<64sHBBIII16sIQQIII",
        *(raw, len(raw), kind, 1, _FREE, right, child, b"", 0, 0, 0, place, size, 0),
    )


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), _END]


def _place(sectors: list[bytes], fat: list[int], content: bytes) -> int:
    first = len(fat)
    count = -(-len(content) // _SECTOR)
    fat += _chain(first, count)
    sectors.append(content.ljust(count * _SECTOR, b"\0"))
    return first


def message(
    properties: dict[int, Any],
    recipients: tuple[dict[int, Any], ...] = (),
    attachments: tuple[Storage, ...] = (),
    *,
    head: int = 32,
) -> Storage:
    """The storage of an Outlook message; values are int, str (UTF-16) or bytes."""
    counts = struct.pack("<8xIIII", 0, 0, len(recipients), len(attachments)).ljust(head, b"\0")
    storage = _object(properties, counts[:head])
    for rank, one in enumerate(recipients):
        storage[f"__recip_version1.0_#{rank:08X}"] = _object(one, b"\0" * 8)
    for rank, attached in enumerate(attachments):
        storage[f"__attach_version1.0_#{rank:08X}"] = attached
    return storage


def attachment(properties: dict[int, Any], inside: Storage | None = None) -> Storage:
    """The storage of an attachment; `inside` is that of a message or of an OLE object."""
    storage = _object(properties, b"\0" * 8)
    if inside is not None:
        storage["__substg1.0_3701000D"] = inside
    return storage


def _object(properties: dict[int, Any], head: bytes) -> Storage:
    storage: Storage = {"__properties_version1.0": b""}
    listed = [head]
    for tag, value in properties.items():
        if isinstance(value, int):
            shown = (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little")
        else:
            raw = value.encode("utf-16-le") if isinstance(value, str) else value
            storage[f"__substg1.0_{tag:08X}"] = raw
            shown = struct.pack("<II", len(raw), 0)
        listed.append(struct.pack("<HHI8s", tag & 0xFFFF, tag >> 16, 6, shown))
    storage["__properties_version1.0"] = b"".join(listed)
    return storage
