"""What a reader of documents said about some bytes, collected by a stand-in for the sink."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Source

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Rows:
    item: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    properties: list[dict[str, Any]] = field(default_factory=list)
    children: dict[str, bytes] = field(default_factory=dict)
    absent_names: list[str] = field(default_factory=list)

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        if table == "property":
            assert values["value"] is None or isinstance(values["value"], str)
            self.properties.append(dict(values))
        else:
            getattr(self, table).update(values)

    def child(self, name: str, *, content: bytes | None = None, **_: Any) -> str:
        assert content is not None
        self.children[name] = content
        return hashlib.sha256(content).hexdigest()

    def absent(self, name: str, *_: Any, **__: Any) -> None:
        self.absent_names.append(name)

    def values(self, namespace: str) -> dict[str, str | None]:
        """The values of one namespace by name."""
        return {
            row["name"]: row["value"] for row in self.properties if row["namespace"] == namespace
        }

    def at(self, namespace: str, name: str) -> str | None:
        """The moment of one property, in UTC."""
        for row in self.properties:
            if (row["namespace"], row["name"]) == (namespace, name):
                moment = row["noted_at"]
                return None if moment is None else moment.isoformat()
        raise AssertionError(f"no property {namespace} {name}")


def read(reader: LeakReader, data: bytes, name: str = "x", **options: Any) -> Rows:
    rows = Rows()
    source = Source(hashlib.sha256(data).hexdigest(), name, len(data), name, options)
    reader.read(io.BytesIO(data), source, rows)  # type: ignore[arg-type]
    return rows


def score(reader: LeakReader, data: bytes, name: str = "x") -> int:
    return reader.recognises(Glimpse(name, data[:65536], len(data), data[-4096:]))
