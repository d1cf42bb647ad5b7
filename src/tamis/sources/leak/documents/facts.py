"""The properties of one file on their way to the sink, counted and kept within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tamis.registry import Sink

MAX_PROPERTIES = 5_000
MAX_VALUE = 4_000
CUT = "… [cut]"


class Facts:
    """Where a reader of documents puts properties, what failed, and what it could not do."""

    def __init__(self, sink: Sink) -> None:
        """Write to `sink`; the notes are collected for the item's reason."""
        self.sink = sink
        self.notes: list[str] = []
        self.emitted = 0
        self.failed = 0
        self._count = 0

    def add(
        self,
        namespace: str,
        name: str,
        value: object,
        *,
        part: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Add one property; nothing for None or an empty text."""
        if value is None or value == "":
            return
        self._count += 1
        if self._count > MAX_PROPERTIES:
            return
        text = str(value)
        if len(text) > MAX_VALUE:
            text = text[:MAX_VALUE] + CUT
        self.sink.row(
            "property",
            {
                "namespace": namespace,
                "name": name[:MAX_VALUE],
                "value": text,
                "noted_at": at,
                "part_name": part,
            },
        )

    def child(self, name: str, content: bytes, *, at: datetime | None = None) -> None:
        """Hand over a file that lies inside, with its path there, so that it is read in turn."""
        self.sink.child(
            name,
            content=content,
            position=self.emitted + self.failed,
            is_path=True,
            container_modified_at=at,
        )
        self.emitted += 1

    def lost(self, name: str, why: str) -> None:
        """List a file inside that could not be taken out."""
        self.sink.absent(name, "failed", why, position=self.emitted + self.failed, is_path=True)
        self.failed += 1
        self.note(f"{name}: {why}")

    def note(self, text: str) -> None:
        """Say once what a person should know about this file."""
        if text not in self.notes and len(self.notes) < 20:
            self.notes.append(text[:500])

    def close(self, media_type: str | None, *, is_refused: bool = False) -> None:
        """The ledger and the status of the file, from what was said on the way."""
        if self._count > MAX_PROPERTIES:
            self.note(f"{self._count:,} properties: the first {MAX_PROPERTIES:,} are kept")
        if self.emitted or self.failed:
            self.sink.row(
                "ledger",
                {
                    "expected_count": self.emitted + self.failed,
                    "emitted_count": self.emitted,
                    "failed_count": self.failed,
                },
            )
        reason = "; ".join(self.notes)[:2000] or None
        status = "refused" if is_refused else "partly" if reason else "read"
        self.sink.row("item", {"status": status, "media_type": media_type, "reason": reason})

    def refuse(self, media_type: str | None, reason: str) -> None:
        """The status of a file that was not opened, with the reason."""
        self.sink.row("item", {"status": "refused", "media_type": media_type, "reason": reason})
