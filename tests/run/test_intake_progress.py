"""Progress inside one large compressed file: its bytes, its rows, and sums that are right."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tamis.case import Case
from tamis.cell import crew, pool
from tamis.progress import Silent
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 90_000


class Watched(Silent):
    """What was shown, step by step: bytes and rows so far."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[tuple[int, int]] = []
        self._rows = self._bytes = 0

    def start(self, stage: str, *, total: int | None = None, unit: str = "items") -> None:
        assert (stage, unit) == ("add", "bytes")
        self.total = total

    def advance(self, count: int) -> None:
        self._bytes += count
        self.steps.append((self._bytes, self._rows))

    def also(self, count: int, unit: str) -> None:
        assert unit == "rows"
        self._rows += count


@pytest.mark.parametrize("ending", [b"", b"{torn\n"])
def test_a_compressed_file_moves_before_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    monkeypatch.setattr(crew, "_LISTEN_S", 0.02)
    monkeypatch.setattr(pool, "_HEED_S", 0.02)
    lines = b"".join(
        b'{"id":"%d","text":"words %d","author_id":"7","public_metrics":{}}\n' % (n, n * 7919)
        for n in range(1, ROWS + 1)
    )
    file = tmp_path / "x.jsonl.gz"
    file.write_bytes(gzip.compress(lines + ending, 1))
    shown = Watched()
    add(Case.create(tmp_path / "case", title="t"), [file], kind="posts", progress=shown)
    size = file.stat().st_size
    between = {step for step in shown.steps if 0 < step[0] < size}
    assert len({at for at, _ in between}) >= 3, "several steps of the one file"
    assert len({rows for _, rows in shown.steps}) >= 3, "rows as batches arrive"
    assert [at for at, _ in shown.steps] == sorted(at for at, _ in shown.steps)
    assert shown.total == size
    assert shown.steps[-1] == (size, ROWS + bool(ending))
