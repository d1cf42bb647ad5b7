"""The page of measured figures of the kinds of documents, computed from the labelled sets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tamis.analyses.leak.document_kind import LABELS, OTHER, label

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"
# Part of a set, its file, what it is.
PARTS = (
    (
        "fresh",
        "document_kinds_mail",
        "written after the rules were final: **what to expect**",
    ),
    (
        "report",
        "document_kinds_mail",
        "the half kept for reporting, by the hand that wrote the rules: too good",
    ),
    ("choose", "document_kinds_mail", "the half the rules were enlarged on"),
    ("last", "document_kinds", "older set; its misses were looked at"),
    ("later", "document_kinds", "older set; its misses were looked at"),
    ("test", "document_kinds", "older set; its misses were looked at"),
    ("tune", "document_kinds", "older set; its misses were looked at"),
)


class Pair(NamedTuple):
    """What a text is, and the labels it was given, best first."""

    meant: str
    given: tuple[str, ...]
    language: str


def pairs(part: str, file: str) -> list[Pair]:
    """Every text of a part with the labels it gets now."""
    lines = (DATA / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["half"] == part]
    return [
        Pair(
            row["label"],
            tuple(
                one.label
                for one in label(row["text"], subject=row.get("subject"), name=row.get("name"))
            ),
            row["language"],
        )
        for row in rows
    ]


def _summary(part: str, means: str, found: list[Pair]) -> str:
    right = sum(one.given[0] == one.meant for one in found)
    among = sum(one.meant in one.given for one in found)
    french = [one for one in found if one.language == "fr"]
    by_language = [
        f"{sum(one.given[0] == one.meant for one in some)} of {len(some)}"
        for some in (french, [one for one in found if one.language == "en"])
    ]
    labelled = [one for one in found if one.given[0] != OTHER]
    sure = sum(one.given[0] == one.meant for one in labelled)
    return (
        f"| {part} | {means} | {right} of {len(found)} | {by_language[0]} | {by_language[1]} "
        f"| {among} of {len(found)} | {sure} of {len(labelled)} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "none given"


def label_row(kind: str, parts: list[list[Pair]]) -> str:
    """The line of a label: precision and recall of the first label in each part."""
    cells = []
    for found in parts:
        meant = Counter(one.meant for one in found)
        given = Counter(one.given[0] for one in found)
        right = sum(one.given[0] == one.meant == kind for one in found)
        cells.append(f"{_share(right, given[kind])} / {_share(right, meant[kind])}")
    return f"| {kind} | {' | '.join(cells)} |"


def page() -> str:
    """docs/reference/document-kinds-measured.md: how often the labels are right."""
    found = {part: pairs(part, file) for part, file, _ in PARTS}
    lines = ["# Kinds of documents, measured", ""]
    lines += ["Made by `make docs` from the labelled sets; do not edit.", ""]
    lines += ["| part | what it is | first label right | French | English | right one among all"]
    lines[-1] += " labels given | right, where one but `other` was given |"
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [_summary(part, means, found[part]) for part, _, means in PARTS]
    lines += ["", "Precision / recall of the first label:", ""]
    shown = [part for part, _, _ in PARTS[:3]]
    lines += [f"| label | {' | '.join(shown)} |", "|---|" + "---|" * len(shown)]
    lines += [label_row(kind, [found[part] for part in shown]) for kind in LABELS]
    return "\n".join([*lines, ""])
