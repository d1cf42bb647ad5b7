"""What the stages say of a dump whose copies are known, counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leak_box import run_over

from tamis.case import Case
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

    from copies_corpus import Corpus

Rows = list[dict[str, Any]]


@dataclass
class Figures:
    """Honest messages accused, and altered ones found, by kind."""

    accused: Rows = field(default_factory=list)
    told: Rows = field(default_factory=list)
    honest: Counter[str] = field(default_factory=Counter)
    supported: Counter[str] = field(default_factory=Counter)
    altered: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    contradicted: Counter[str] = field(default_factory=Counter)
    overpraised: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        first = f"honest messages {sum(self.honest.values()):,}"
        return [
            f"{first}, contradicted {len(self.accused)}, told to differ {len(self.told)}",
            *(
                f"  {kind:<28}{self.supported[kind]:>6,} of {self.honest[kind]:>6,} supported whole"
                for kind in sorted(self.honest)
                if not kind.startswith("reply")
            ),
            *(
                f"  {kind:<28}{self.found[kind]:>5} of {self.altered[kind]:>5} differ, "
                f"{self.contradicted[kind]:>5} contradicted, "
                f"{self.overpraised[kind]:>3} supported whole"
                for kind in sorted(self.altered)
            ),
        ]

    def add(self, other: Figures) -> None:
        self.accused += other.accused
        self.told += other.told
        for name in ("honest", "supported", "altered", "found", "contradicted", "overpraised"):
            getattr(self, name).update(getattr(other, name))


def measure(folder: Path, corpus: Corpus) -> Figures:
    """The figures of one dump."""
    kinds: dict[str, str] = {}
    marks: dict[str, set[str]] = {"verified": set(), "altered": set()}
    for number, made in enumerate(corpus.made):
        path = folder / "leak" / made.box / f"{number:06}.{made.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.data)
        item_id = hashlib.sha256(made.data).hexdigest()
        kinds[item_id] = made.kind
        for name, is_so in (("verified", made.is_verified), ("altered", made.is_altered)):
            if is_so:
                marks[name].add(item_id)
    case = Case.create(folder / "case", title="t")
    add(case, [folder / "leak"])
    rows = [row for row in run_over(case, marks["verified"], "copy_pair") if is_twin(row)]
    with case.view() as view:
        rows += view.table("quote_match").to_pylist()
        ids = view.table("message").column("item_id").to_pylist()
        for place in view.table("place").to_pylist():
            kinds.setdefault(place["item_id"], kinds.get(place["parent_item_id"], "inner"))
    return counted(rows, {one: kinds[one] for one in ids}, marks["altered"])


def is_twin(row: dict[str, Any]) -> bool:
    return bool(row["relation"] != "near_copy")


def counted(rows: Rows, kinds: dict[str, str], false: set[str]) -> Figures:
    """The figures of rows about messages whose kind is known."""
    figures = Figures()
    said: dict[str, set[str]] = {one: set() for one in kinds}
    for row in rows:
        one = row.get("item_b") or row["quoted_item_id"]
        said[one] |= {row["bearing"], row["outcome"]}
        if one in false or row.get("item_a") in false:
            continue
        if row["bearing"] == "contradicts":
            figures.accused.append(row)
        elif row["outcome"] == "differs":
            figures.told.append(row)
    for one, kind in kinds.items():
        if one in false:
            figures.altered[kind] += 1
            figures.found[kind] += "differs" in said[one]
            figures.contradicted[kind] += "contradicts" in said[one]
            figures.overpraised[kind] += "supports" in said[one]
        else:
            figures.honest[kind] += 1
            figures.supported[kind] += "supports" in said[one]
    return figures
