"""Rows and bytes for the small cases that these tests build."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis import records

if TYPE_CHECKING:
    from tamis.case import Writer

WORD = "the-word-nobody-else-writes"
LETTERS = [
    f"From: a@example.org\nSubject: letter {n}\n\nbody {n}{' ' + WORD if n == 1 else ''}\n"
    for n in range(3)
]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(writer: Writer, table: str, **row: Any) -> None:
    record = records.table(table)
    filled = {
        column.name: _plain(column.kind) for column in record.columns if not column.is_nullable
    }
    writer.append(table, record.build([filled | row]))


def _plain(kind: Any) -> Any:
    name = str(kind)
    if name.startswith("list"):
        return []
    return {"string": "x", "int64": 0, "double": 0.0, "bool": False}.get(name)


def add_bytes(writer: Writer, folder: Path, data: bytes, **place: Any) -> str:
    source = folder / f"{sha(data)[:12]}.source"
    source.write_bytes(data)
    item_id, size = writer.store(source)
    put(writer, "item", item_id=item_id, size_bytes=size, status="read")
    put(writer, "place", item_id=item_id, **({"path": "a.eml", "name": "a.eml"} | place))
    return item_id


def add_letter(writer: Writer, data: bytes, **place: Any) -> str:
    """A message that is known by its place in a container only."""
    item_id = sha(data)
    put(writer, "item", item_id=item_id, size_bytes=len(data), status="read")
    put(writer, "place", item_id=item_id, **place)
    text = data.decode()
    put(writer, "message", item_id=item_id, subject=text.splitlines()[1], body_text=text)
    put(writer, "header", item_id=item_id, name="Subject", value=text.splitlines()[1])
    return item_id


def add_mbox(writer: Writer, folder: Path) -> tuple[str, list[str]]:
    """One mbox with three letters; the second holds a word that stands nowhere else."""
    data, starts = b"", []
    for letter in LETTERS:
        data += b"From x Thu Jan  1 00:00:00 2017\n"
        starts.append(len(data))
        data += letter.encode() + b"\n"
    mbox = add_bytes(writer, folder, data, path="inbox.mbox", name="inbox.mbox")
    letters = [
        add_letter(
            writer,
            letter.encode(),
            parent_item_id=mbox,
            path=f"inbox.mbox/{position}",
            name=str(position),
            position=position,
            byte_start=starts[position],
            byte_end=starts[position] + len(letter.encode()),
        )
        for position, letter in enumerate(LETTERS)
    ]
    return mbox, letters


def everything(root: Path) -> dict[str, bytes]:
    """Every file of a case folder that is not a lock."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.parent.name not in {"locks", "leases"}
    }
