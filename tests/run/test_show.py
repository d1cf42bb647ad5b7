"""What `tamis show` writes: the same data in JSON, and nothing that a terminal obeys."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.run import show

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_json_lines_hold_the_text_as_found_and_no_control(text: str) -> None:
    (line,) = show.format_rows(pa.table({"value": [text]}), "jsonl")
    assert json.loads(line) == {"value": text}
    shown = line.removesuffix("\n")
    hidden = {"Cc", "Cf", "Zl", "Zp"}
    assert not [one for one in shown if unicodedata.category(one) in hidden], ascii(shown)


@pytest.mark.parametrize("text", ["\x1b[2Jcleared\x9b31m", "annexe\u202egnp.exe", "a\nb"])
def test_csv_is_kept_for_programs_and_fit_for_a_terminal(text: str) -> None:
    table = pa.table({"value": [text]})
    kept = list(csv.reader(io.StringIO("".join(show.format_rows(table, "csv")), newline="")))
    assert kept == [["value"], [text]]
    seen = "".join(show.format_rows(table, "csv", is_seen=True))
    assert seen.startswith("value\n")
    assert all(one == "\n" or one.isprintable() for one in seen)


def test_no_character_that_hides_is_left_out() -> None:
    hidden = {"Cc", "Cf", "Zl", "Zp"}
    every = "".join(one for one in map(chr, range(0x110000)) if unicodedata.category(one) in hidden)
    (line,) = show.format_rows(pa.table({"value": [every]}), "jsonl")
    assert line.isascii()
    assert json.loads(line) == {"value": every}
