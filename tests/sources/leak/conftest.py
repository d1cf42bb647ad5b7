"""Leaked bytes read as in an intake, in this process and into memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pytest

from tamis import records
from tamis.run import intake_leak
from tamis.run.intake_sink import TABLES


class Blob(io.BytesIO):
    """Bytes that stay readable once the file is closed."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


class Out:
    """What the cell gives a task to write to."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.RecordBatch]] = {}
        self.files: dict[str, Blob] = {}

    def arrow(self, name: str, schema: pa.Schema) -> Any:
        batches = self.tables.setdefault(name, [])

        class Writer:
            def write(self, batch: pa.RecordBatch) -> None:
                batch.validate(full=True)
                assert batch.schema.equals(schema)
                batches.append(batch)

        return Writer()

    def blob(self, name: str) -> BinaryIO:
        assert name not in self.files
        self.files[name] = Blob()
        return self.files[name]

    def mark(self, what: str) -> None:
        assert len(what) <= 64
        assert what.isascii()

    def reopen(self, name: str, start: int, end: int) -> BinaryIO:
        return io.BytesIO(self.files[name].kept[start:end])


@dataclass(frozen=True)
class Opened:
    """Everything that came out of one file."""

    raw: bytes
    rows: dict[str, list[dict[str, Any]]]
    files: dict[str, bytes]

    @property
    def top(self) -> dict[str, Any]:
        """The row of the file itself."""
        return self.item(hashlib.sha256(self.raw).hexdigest())

    @property
    def ledger(self) -> dict[str, Any]:
        top = hashlib.sha256(self.raw).hexdigest()
        (found,) = (row for row in self.rows["ledger"] if row["container_item_id"] == top)
        return found

    @property
    def children(self) -> dict[str, dict[str, Any]]:
        """The places right below the file, by the name found."""
        return {row["name"]: row for row in self.rows["place"] if row["depth"] == 1}

    def item(self, item_id: str) -> dict[str, Any]:
        (found,) = (row for row in self.rows["item"] if row["item_id"] == item_id)
        return found

    def bytes(self, name: str) -> bytes:
        """What came out under a name."""
        place = self.children[name]
        if place["item_id"] in self.files:
            return self.files[place["item_id"]]
        return self.raw[place["byte_start"] : place["byte_end"]]

    def status(self, name: str) -> str:
        found: str = self.item(self.children[name]["item_id"])["status"]
        return found

    def reason(self, name: str) -> str:
        return self.item(self.children[name]["item_id"])["reason"] or ""

    def is_balanced(self) -> bool:
        """Whether every ledger adds up, and every item has its bytes under its hash."""
        for one in self.rows["ledger"]:
            expected = one["expected_count"]
            count = one["emitted_count"] + one["failed_count"]
            if expected is not None and expected != count and not one["note"]:
                return False
        return all(hashlib.sha256(data).hexdigest() == name for name, data in self.files.items())


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def opened() -> Open:
    """Read `raw` as a file called `name`, with these passwords."""

    def run(raw: bytes, name: str, passwords: Sequence[str] = (), **args: Any) -> Opened:
        out = Out()
        item = {
            "input": 0,
            "item_id": hashlib.sha256(raw).hexdigest(),
            "path": name,
            "name": name,
            "size_bytes": len(raw),
            "reader": None,
            "mailbox_id": "0" * 64,
            "mailbox_path": "folder",
        }
        given = {"kind": "leak", "root": "/r", "is_deferred": False, **args}
        given["options"] = {"passwords": list(passwords)}
        result = intake_leak.parse([item], [io.BytesIO(raw)], given, out)
        rows = {table: [] for table in (*TABLES, "span")}
        for table, batches in out.tables.items():
            if table != "span":
                records.table(table).check(pa.Table.from_batches(batches))
            rows[table] = [row for batch in batches for row in batch.to_pylist()]
        names = result["names"]
        files = {
            names.get(one, one): file.kept
            for one, file in out.files.items()
            if one in names or not one.startswith("spool-")
        }
        return Opened(raw, rows, files)

    return run
