"""A sink that remembers what a reader says."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from tamis.registry import Source

if TYPE_CHECKING:
    from collections.abc import Callable


class Gathered:
    """Rows by table, and the children with their bytes or the error raised among the pieces."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.children: list[dict[str, Any]] = []

    def row(self, table: str, values: Any) -> None:
        self.rows.setdefault(table, []).append(dict(values))

    def child(self, name: str, *, content: Any = None, **place: Any) -> str:
        problem = None
        if content is None:
            content = self.data[place["byte_start"] : place["byte_end"]]
        elif not isinstance(content, bytes):
            try:
                content = b"".join(content)
            except Exception as error:  # noqa: BLE001 (the test looks at it)
                content, problem = None, error
        self.children.append({"name": name, "content": content, "problem": problem, **place})
        return "f" * 64

    def absent(self, name: str, status: str, reason: str, **place: Any) -> str:
        self.children.append({"name": name, "content": None, "problem": (status, reason), **place})
        return "e" * 64


def gather(read: Callable[..., None], data: bytes, name: str = "a") -> Gathered:
    """What a reader says about `data`."""
    sink = Gathered(data)
    read(io.BytesIO(data), Source("0" * 64, name, len(data)), sink)
    return sink
