"""What chance would give two incidents to share: the rows of `tamis compare` about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from tamis.analyses.coordination.significance.correction import PRINTED_LEAST
from tamis.analyses.response.compare.chance import (
    Stratum,
    explaining_population,
    from_population,
    merged,
    stratified,
)
from tamis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.engines import Engine

_LADDER = (10, 100, 1_000)
_DRAWN = "both drew at random from {population:,} accounts"
_MATCHED = "they were drawn at random from the accounts of {side} of like activity"
_LAID = (
    "the accounts in both fell into clusters at random among those of like activity; corrected for "
    "{tests:,} pairs of clusters"
)
_LEAST_OTHERS = 50


def chances(both: Engine, populations: Mapping[str, int]) -> list[dict[str, Any]]:
    """For accounts by platform, accounts of clusters, and pairs of clusters: observed, expected.

    Errors    InputError for a population that is smaller than what was seen, or of a platform
              that neither incident has
    """
    return [*_accounts(both, populations), *_members(both), *_cluster_pairs(both)]


def _row(what: str, observed: int, expected: float, p_value: float, null: str) -> dict[str, Any]:
    return {
        "what": what,
        "observed": observed,
        "expected": round(expected, 6),
        "p_value": max(PRINTED_LEAST, p_value),
        "null": null,
    }


def _accounts(both: Engine, populations: Mapping[str, int]) -> list[dict[str, Any]]:
    rows = both.fetch("by_platform").to_pylist()
    if unknown := sorted(set(populations) - {row["platform"] for row in rows}):
        raise InputError(f"--population {unknown[0]}: neither incident has such accounts")
    return [told for row in rows for told in _of_platform(row, populations.get(row["platform"]))]


def _of_platform(row: Mapping[str, Any], population: int | None) -> list[dict[str, Any]]:
    """One line for the population that was told, else for three that are only examples."""
    counts = row["a_count"], row["b_count"], int(row["shared_count"])
    seen = counts[0] + counts[1] - counts[2]
    if not counts[0] or not counts[1]:
        return []
    if population is not None and population < seen:
        raise InputError(
            f"--population {row['platform']}={population}: fewer than the {seen:,} accounts that "
            "both incidents show; state from how many accounts they could have drawn"
        )
    what = f"{row['platform']} accounts"
    told = []
    for size in (population,) if population else tuple(seen * times for times in _LADDER):
        chance = from_population(size, *counts)
        row = _row(what, counts[2], chance.expected, chance.p_value, _DRAWN.format(population=size))
        row["population"] = size
        row["is_example"] = population is None
        row["explaining_population"] = explaining_population(*counts)
        told.append(row)
    return told


def _members(both: Engine) -> list[dict[str, Any]]:
    """Accounts of the clusters of one incident that the other shows, against its other accounts."""
    told = []
    for side, other in (("a", "b"), ("b", "a")):
        rows = both.fetch(f"classes_{side}").to_pylist()
        if not sum(row["member_count"] for row in rows):
            continue
        strata = merged(
            [Stratum(row["account_count"], row["seen_count"], row["member_count"]) for row in rows],
            _LEAST_OTHERS,
        )
        observed = int(sum(row["seen_member_count"] for row in rows))
        chance = stratified(observed, strata)
        what = f"accounts in clusters of {side.upper()} that {other.upper()} shows"
        null = _MATCHED.format(side=side.upper())
        told.append(_row(what, observed, chance.expected, chance.p_value, null))
    return told


def _cluster_pairs(both: Engine) -> list[dict[str, Any]]:
    """Each cluster of A with each of B that has an account of it; like ones of layers once."""
    level = {row["account_id"]: row["activity_class"] for row in both.fetch("in_both").to_pylist()}
    clusters = {side: _clusters(both, side) for side in ("a", "b")}
    tests = len(clusters["a"]) * len(clusters["b"])
    sizes = Counter(level.values())
    told = []
    for members_a, name_a in clusters["a"].items():
        for members_b, name_b in clusters["b"].items():
            if not (common := members_a & members_b):
                continue
            a, b = (Counter(level[m] for m in one if m in level) for one in (members_a, members_b))
            strata = [Stratum(sizes[one], a[one], b[one]) for one in sorted(sizes)]
            chance = stratified(len(common), merged(strata, _LEAST_OTHERS))
            row = _row(
                f"accounts in cluster {name_a} of A and {name_b} of B",
                len(common),
                chance.expected,
                min(1, chance.p_value * tests),
                _LAID.format(tests=tests),
            )
            told.append({**row, "account_ids": sorted(common)})
    return sorted(told, key=lambda row: (row["p_value"], -row["observed"], row["what"]))


def _clusters(both: Engine, side: str) -> dict[frozenset[str], str]:
    """The clusters of one incident by their accounts, each with the first of its names."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in both.fetch(f"member_{side}").to_pylist():
        found[row["cluster_id"]].add(row["account_id"])
    return {frozenset(members): name for name, members in sorted(found.items(), reverse=True)}
