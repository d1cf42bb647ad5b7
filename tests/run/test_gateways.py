"""Honest ways of mail accuse nobody, and what a hand does is still found: the two tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway_case import SETTINGS, judged
from gateway_ways import EDITS, HONEST, PAIRS

if TYPE_CHECKING:
    from pathlib import Path

    from gateway_case import Said

ACCUSED = {"altered_copy", "contradicted"}
FAVOURED = {"verified", "supported"}
# A quotation shows words alone, and only such as no answerer cuts or writes between.
QUOTED = {"a word", "a figure", "a sentence taken out"}
# A document that the witness lacks may have been taken out there: before the house signed, or by
# the owner before the export. An unsigned original of another house under the same Message-ID is
# vouched for by nobody, and a stranger may have sent it: beside it a From that differs stays open.
OPEN = {
    "sent": {"a document added"},
    "reference": {"a document added"},
    "export": {"a document added", "the From address"},
}
# What shows the same in every field and byte that counts may be `consistent`; nothing else may.
SETTINGS_QUICK = ("twin", "reference", "quote")


def told(rows: list[Said]) -> str:
    return "\n".join(f"{one.way} ({one.base}): {one.verdict} {one.row['claims']}" for one in rows)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(one, marks=() if one in SETTINGS_QUICK else pytest.mark.slow)
        for one in SETTINGS
    ],
)
def test_no_honest_way_accuses(tmp_path: Path, setting: str) -> None:
    ways = {**HONEST, **{name: after for name, (_, after) in PAIRS.items()}}
    rows = judged(tmp_path, ways, setting, {name: before for name, (before, _) in PAIRS.items()})
    assert len({one.way for one in rows}) >= (60 if setting == "sent" else 70)
    accused = [one for one in rows if one.verdict in ACCUSED]
    assert not accused, told(accused)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(one, marks=() if one in SETTINGS_QUICK else pytest.mark.slow)
        for one in SETTINGS
    ],
)
def test_what_a_hand_does_is_still_found(tmp_path: Path, setting: str) -> None:
    rows = judged(tmp_path, EDITS, setting)
    wanted = QUOTED if setting == "quote" else set(EDITS) - OPEN.get(setting, set())
    missed = [one for one in rows if one.way in wanted and one.verdict != "altered_copy"]
    assert not missed, told(missed)
    assert {one.way for one in rows} == set(EDITS)
    favoured = [one for one in rows if one.roll_up in FAVOURED]
    assert not favoured, "a withheld accusation is no support\n" + told(favoured)
