"""What a person may ask of `coordinate`, and what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.analyses.coordination.co_action import PARAMS
from tamis.errors import InputError
from tamis.run.coordinate_chance import chance_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

AUTO = "auto"
_WINDOW = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_NAMED = 5
_STEPS = {60: "minutes", 3_600: "hours", 86_400: "days"}
# Fewer may be whole minutes by chance.
_LEAST_ROWS = 10
CAUTION = (
    "Acting on the same object within the window is no proof of an agreement: shared sources, "
    "push alerts, influencers and chance do it too."
)


@dataclass(frozen=True, slots=True)
class CoordinateOptions:
    """What a person may ask of `coordinate`."""

    windows: tuple[str, ...] = ("60s",)
    min_weight: int = 2
    weight: str = "distinct_objects"
    layers: tuple[str, ...] = ()
    engine: str = "duckdb"
    assume_zone: str | None = None
    evidence_limit: int = int(PARAMS["evidence_limit"])
    pair_budget: int = int(PARAMS["pair_budget"])
    object_limit: int = int(PARAMS["object_limit"])
    is_tested: bool = True

    @property
    def is_estimated(self) -> bool:
        """Whether a window is to be estimated from the data."""
        return AUTO in self.windows

    def params(
        self, layers: Sequence[str], estimated: Mapping[str, float] | None = None
    ) -> dict[str, Any]:
        """The same in the analysis's words; `estimated` are the windows found, by layer.

        Errors    InputError for a window that is no length of time.
        """
        named = [_window(text) for text in self.windows if text != AUTO]
        found = {
            layer: tuple(dict.fromkeys([*named, *_at(estimated or {}, layer)])) for layer in layers
        }
        return {
            "windows_s": {layer: held for layer, held in found.items() if held}
            if self.is_estimated
            else tuple(dict.fromkeys(named)),
            "min_weight": self.min_weight,
            "weights": (self.weight,),
            "layers": tuple(layers),
            "evidence_limit": self.evidence_limit,
            "pair_budget": self.pair_budget,
            "object_limit": self.object_limit,
        }


@dataclass(frozen=True, slots=True)
class CoordinateResult:
    """Where the network is, and what it holds."""

    folder: Path
    summary: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The answer for a person."""
        found = []
        for file in self.summary["files"]:
            read_as = ", ".join(
                f"{count:,} as {how}" for how, count in file["time_read_as"].items()
            )
            found.append(f"{file['name']}: {many(file['row_count'], 'row')}; times read: {read_as}")
            found += _read(file)
            found += self._coarse(file)
            for lack, count in file["left_out"].items():
                layer, _, what = lack.rpartition(": ")
                have = f"{layer}: {many(count, 'row')} with {what}"
                found.append(
                    f"  {have}" if layer else f"  left out: {many(count, 'row')} with {what}"
                )
            reasons = dict.fromkeys(one["why"] for one in file["examples"])
            found += [f"    such as: {why}" for why in list(reasons)[:_NAMED]]
        found += [
            f"{layer}: {many(count, 'row')} had stood before (same account, object, time and "
            "post) and counted once"
            for layer, count in self.summary["counted_once"].items()
        ]
        for layer, told in self.summary["windows_estimated"].items():
            found.append(f"{layer}: window estimated as {told['window_s']:g} s")
            found += [f"  {reason}" for reason in told["reasons"]]
        for part in self.summary["networks"]:
            found += self._network(part)
        return [*found, *chance_lines(self.summary), CAUTION, f"written to {self.folder}"]

    def _coarse(self, file: Mapping[str, Any]) -> list[str]:
        """That a clock was read in larger steps than a window is long."""
        step = file["time_step_s"]
        short = [part for part in self.summary["networks"] if step and part["window_s"] < step]
        if not short or file["row_count"] < _LEAST_ROWS:
            return []
        told = (
            f"  CAUTION: all its times are whole {_STEPS[step]}: what looks simultaneous may lie "
            f"up to {step:,} s apart, and a window below that means nothing"
        )
        return [told]

    def _network(self, part: Mapping[str, Any]) -> list[str]:
        """One layer and window, and what is missing in it."""
        acts, edges = many(part["pair_count"], "pair"), many(part["edge_count"], "pair")
        told = (
            f"{part['layer']}, {part['window_s']:g} s: {acts} of actions "
            f"of different accounts, {edges} of accounts with "
            f"{part['weight_kind']} of {self.summary['min_weight']} or more"
        )
        found = [told]
        if part["account_count"] == 1:
            found.append("  one account alone acts here: there is nobody to pair it with")
        if len(part["platforms"]) > 1:
            across = part["edge_across_count"]
            found.append(
                f"  {many(across, 'of these pairs joins', 'of these pairs join')} two of the "
                f"platforms {', '.join(part['platforms'])}"
                + (
                    ""
                    if across
                    else "; people often post elsewhere minutes or hours later: "
                    "a longer --window shows those"
                )
            )
        if part["edge_without_evidence_count"]:
            found.append(
                f"  {part['edge_without_evidence_count']:,} of them, the weakest, have no "
                f"evidence rows: the limit is {self.summary['evidence_limit']:,} rows"
            )
        if part["large_objects"]:
            named = ", ".join(
                f"{one['object_id']} ({one['action_count']:,} actions, {one['pair_count']:,} pairs)"
                for one in part["large_objects"][:_NAMED]
            )
            count = len(part["large_objects"])
            rest = f" and {count - _NAMED:,} more" if count > _NAMED else ""
            found.append(
                f"  LEFT OUT: {many(count, 'object')} with more than "
                f"{self.summary['object_limit']:,} pairs of actions in the window, "
                f"{part['left_out_pair_count']:,} of the pairs above: {named}{rest}; "
                f"a pair of accounts can lack up to {count:,} shared "
                "objects (co_action_left_out.parquet)"
            )
        if part["no_original_count"]:
            reposts = many(part["no_original_count"], "repost")
            found.append(f"  left out: {reposts} of posts that no file holds")
        return found


def many(count: int, one: str, more: str | None = None) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _read(file: Mapping[str, Any]) -> list[str]:
    """Which columns were taken for what, and the span of the times."""
    roles = ", ".join(f"{role}: {name}" for role, name in file["columns"].items())
    layers = ", ".join(f"{layer} from {name}" for layer, name in file["layers"].items())
    found = [f"  columns: {roles}; {layers}"]
    if file["first_at"]:
        found.append(f"  times from {file['first_at']} to {file['last_at']}")
    return found


def _window(text: str) -> float:
    found = _WINDOW.fullmatch(str(text).strip().lower())
    if found is None:
        raise InputError(f"{text!r} is no window; write a number and a unit, such as 60s or 5min")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _at(estimated: Mapping[str, float], layer: str) -> tuple[float, ...]:
    return (estimated[layer],) if layer in estimated else ()
