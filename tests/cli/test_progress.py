from __future__ import annotations

import pytest

from tamis.cli.progress import amount


@pytest.mark.parametrize(
    ("count", "unit", "told"),
    [
        (0, "bytes", "0 B"),
        (1023, "bytes", "1,023 B"),
        (1024, "bytes", "1.0 KiB"),
        (5 << 30, "bytes", "5.0 GiB"),
        (5 << 40, "bytes", "5,120.0 GiB"),
        (12345, "messages", "12,345 messages"),
    ],
)
def test_amounts_are_told_for_people(count: int, unit: str, told: str) -> None:
    assert amount(count, unit) == told
