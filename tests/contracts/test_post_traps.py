"""The list of traps names tests that exist, and every reader of posts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tamis import registry

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "reference" / "post-traps.md").read_text().splitlines()
    if line.startswith("| ") and "`test_" in line
]
# An own archive of X holds posts in the shape of x_v1.
WITHOUT_TRAPS_OF_THEIR_OWN = {"x_archive"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2])
def test_each_trap_names_a_test(row: list[str]) -> None:
    file, _, name = row[2].strip("`").partition("::")
    text = (ROOT / "tests" / "sources" / "posts" / file).read_text()
    assert re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE)


def test_every_reader_stands_in_the_list() -> None:
    readers = set(registry.plugins("posts")) - WITHOUT_TRAPS_OF_THEIR_OWN
    assert {row[0] for row in ROWS} == readers
