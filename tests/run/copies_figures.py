"""What the stages say of a dump whose copies are known, counted."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from copies_corpus import Corpus, build
from leak_box import run_over

from tamis.case import Case
from tamis.run.intake import add


class Figures:
    """Honest messages accused, and altered ones found, by kind."""

    def __init__(self) -> None:
        self.accused: list[tuple[str, str, dict[str, Any]]] = []
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.altered: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.contradicted: Counter[str] = Counter()
        self.supported: Counter[str] = Counter()
        self.honest: Counter[str] = Counter()
        self.missed: list[tuple[str, list[dict[str, Any]]]] = []

    def lines(self) -> list[str]:
        told = [f"honest messages {sum(self.honest.values()):,}, contradicted {len(self.accused)}, "
                f"told to differ {len(self.told)}"]  # fmt: skip
        told += [
            f"  {kind:<28}{self.supported[kind]:>6,} of {self.honest[kind]:>6,} supported"
            for kind in sorted(self.honest)
        ]
        told += [
            f"  {kind:<28}{self.found[kind]:>5} of {self.altered[kind]:>5} differ,"
            f"{self.contradicted[kind]:>5} contradicted"
            for kind in sorted(self.altered)
        ]
        return told


def measure(folder: Path, corpus: Corpus) -> Figures:
    """The figures of one dump."""
    verified: set[str] = set()
    kinds: dict[str, str] = {}
    false: set[str] = set()
    for number, made in enumerate(corpus.made):
        path = folder / "leak" / made.box / f"{number:06}.{made.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.data)
        item_id = hashlib.sha256(made.data).hexdigest()
        kinds[item_id] = made.kind
        if made.is_verified:
            verified.add(item_id)
        if made.is_altered:
            false.add(item_id)
    case = Case.create(folder / "case", title="t")
    add(case, [folder / "leak"])
    pairs = run_over(case, verified, "copy_pair")
    with case.view() as view:
        quotes = view.table("quote_match").to_pylist()
        ids = set(view.table("message").column("item_id").to_pylist())
        holders = {row["item_id"]: row["parent_item_id"] for row in view.table("place").to_pylist()}
    figures = Figures()
    for one in sorted(ids):
        kind = kinds.get(one) or kinds.get(holders.get(one, ""), "inner")
        (figures.altered if one in false else figures.honest)[kind] += 1
    said: dict[str, set[str]] = {}
    rows = [(row["item_b"], row) for row in pairs if row["relation"] != "near_copy"]
    rows += [(row["quoted_item_id"], row) for row in quotes]
    for one, row in rows:
        kind = kinds.get(one) or kinds.get(holders.get(one, ""), "inner")
        said.setdefault(one, set()).update({row["bearing"], row["outcome"]})
        if one not in false and row.get("item_a") not in false:
            if row["bearing"] == "contradicts":
                figures.accused.append((kind, kinds.get(row.get("item_id", ""), ""), row))
            elif row["outcome"] == "differs":
                figures.told.append((kind, kinds.get(row.get("item_id", ""), ""), row))
    for one in false & ids:
        if "differs" not in said.get(one, ()):
            figures.missed.append((kinds[one], [row for name, row in rows if name == one]))
    for one, words in said.items():
        kind = kinds.get(one) or kinds.get(holders.get(one, ""), "inner")
        if one in false:
            figures.found[kind] += "differs" in words
            figures.contradicted[kind] += "contradicts" in words
        else:
            figures.supported[kind] += "supports" in words
    return figures


if __name__ == "__main__":
    for seed in map(int, sys.argv[2:]):
        with tempfile.TemporaryDirectory() as scratch:
            figures = measure(Path(scratch), build(seed, int(sys.argv[1])))
        sys.stdout.write("\n".join([f"seed {seed}", *figures.lines()]) + "\n")
        for kind, told in figures.missed:
            sys.stdout.write(f"   ? {kind}\n")
            for row in told:
                sys.stdout.write(f"      {row}\n")
        for kind, by, row in (figures.accused + figures.told)[:12]:
            sys.stdout.write(
                f"   ! {kind} {by} {row['outcome']} {row['bearing']} {row.get('differing')} {row.get('difference')}\n{row['changes']}\n"
            )  # noqa: E501
