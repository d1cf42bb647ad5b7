"""What was said of a dump with truth, beside what is true of it: tables and shares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ACCUSED = frozenset({"altered_copy", "contradicted"})
_BELIEVED = frozenset({"verified", "supported"})
_WHOLE = frozenset({"verified", "verified_partly", "damaged", "consistent"})
_FALSE = frozenset({"altered", "forged"})


@dataclass(slots=True)
class Figures:
    """Counts of one dump, or of several added up.

    `table`: (class, evidence available, verdict) and how many; `found` and `all` by kind: altered
    copies said to be altered, damage undone; `believed`: altered or forged messages that roll up
    as verified or supported; `accused`: honest, damaged or planted ones called altered or
    contradicted; `expected_false`: how many of them the header rule states by chance.
    """

    table: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    believed: list[Mapping[str, Any]] = field(default_factory=list)
    accused: list[Mapping[str, Any]] = field(default_factory=list)
    missed: list[Mapping[str, Any]] = field(default_factory=list)
    expected_false: float = 0.0

    def share(self, kind: str) -> float:
        """The share found of one kind; 1 where there is none."""
        return self.found[kind] / self.all[kind] if self.all[kind] else 1.0

    def add(self, other: Figures) -> None:
        """Count another dump in."""
        for name in ("table", "found", "all"):
            getattr(self, name).update(getattr(other, name))
        for name in ("believed", "accused", "missed"):
            getattr(self, name).extend(getattr(other, name))
        self.expected_false += other.expected_false

    def lines(self) -> list[str]:
        """The confusion table, and the shares by kind."""
        verdicts = sorted({verdict for _, _, verdict in self.table})
        rows = sorted({(true_class, evidence) for true_class, evidence, _ in self.table})
        out = [f"{'':<28}" + "".join(f"{name:>17}" for name in verdicts)]
        out += [
            f"{true_class + ' ' + evidence:<28}"
            + "".join(f"{self.table[true_class, evidence, one]:>17,}" for one in verdicts)
            for true_class, evidence in rows
        ]
        out += [
            f"{kind:<44}{self.found[kind]:>6,} of {self.all[kind]:>6,}  {self.share(kind):.3f}"
            for kind in sorted(self.all)
        ]
        accused = Counter(one["said"]["verdict"] for one in self.accused)
        out.append(
            f"altered or forged, and counted as verified or supported: {len(self.believed)}; "
            f"honest, and altered_copy {accused['altered_copy']}, "
            f"contradicted {accused['contradicted']} (expected at most {self.expected_false:.2f})"
        )
        return out


def figures_of(
    truth: Sequence[Mapping[str, Any]],
    verdicts: Iterable[Mapping[str, Any]],
    *,
    repaired: Mapping[str, str],
    expected_false: float = 0.0,
) -> Figures:
    """The figures of one dump.

    Input     rows of `simulate.dump.write_dump`, rows of `verdict`, the outcome of `repair` by
              item; a message that several mailboxes hold byte for byte is one item
    """
    said = {one["item_id"]: one for one in verdicts}
    figures = Figures(expected_false=expected_false)
    for row in truth:
        item_id = row["sha256"] if row["sha256"] in said else row["sha256_unquoted"]
        verdict = said.get(item_id, {"verdict": "no verdict", "roll_up": "none", "rule_id": ""})
        told = {**row, "item_id": item_id, "said": verdict}
        _count(figures, told, repaired.get(item_id, ""))
    return figures


def _count(figures: Figures, told: Mapping[str, Any], repair: str) -> None:
    true_class, verdict = told["true_class"], told["said"]["verdict"]
    around = told["evidence"] or f"key {told['key']}"
    if true_class == "damaged":
        around = f"{'undoable' if told['is_undoable'] else 'for good'}, {around}"
    figures.table[true_class, around, verdict] += 1
    if true_class in _FALSE and told["said"]["roll_up"] in _BELIEVED:
        figures.believed.append(told)
    if true_class not in _FALSE and verdict in _ACCUSED:
        figures.accused.append(told)
    if true_class == "altered":
        _seen(figures, told, "altered", verdict == "altered_copy", told["evidence"])
    if true_class == "damaged" and told["is_undoable"] and told["key"] == "known":
        is_undone = repair == "damage" or verdict in _WHOLE
        _seen(figures, told, "damaged", is_undone, "undoable, key known")


def _seen(figures: Figures, told: Mapping[str, Any], what: str, is_found: bool, kind: str) -> None:  # noqa: FBT001
    for name in (f"{what}: {kind}", f"{what}: {kind}: {told['made_as']}"):
        figures.all[name] += 1
        figures.found[name] += is_found
    if not is_found:
        figures.missed.append(told)
