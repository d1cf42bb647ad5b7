"""Clusters as rows of the case: found in each layer and in all of them together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.coordination.clusters.communities import (
    communities,
    members_of,
    stability,
)
from tamis.analyses.coordination.clusters.portrait import Portrait, portrait
from tamis.analyses.coordination.significance.correction import PRINTED_LEAST
from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.analyses.coordination.significance.layer import Layer
    from tamis.analyses.coordination.walk.text import Array

ALPHA = 0.05
LEAST_MEMBERS = 3
_STRICTER = (0.2, 0.02)
_SHOWN = 5
MERGED = "merged"
FIRST, SECOND = "first", "second"
SECOND_LIMITS = (
    "Weaker: not explained by the bursts of the objects, by hours, by usual reactions, by sessions "
    "or by known publishers; a source that these accounts alone follow explains it as well. It is "
    "a place to look, no finding. It names no author and no intent."
)
LIMITS = (
    "Not explained by the bursts of the objects, by hours, by usual reactions, by sessions or by "
    "sources that we know or infer; a cause that only these accounts meet, such as one program "
    "that posts for all of them or alerts that only they get, is not excluded. It names no "
    "author and no intent."
)


@dataclass(frozen=True, slots=True)
class Network:
    """The judged pairs of one layer and window.

    `pairs`: two account codes a row, the same codes in every layer; `chances`: their family-wise
    p-values over all possible pairs (and over all layers and windows looked at). `grade`: FIRST
    where they are of all nulls, SECOND where inferred sources are left out. `evidence`: rows of
    evidence of each pair.
    """

    layer_name: str
    window_s: float
    layer: Layer
    pairs: Array
    chances: Array
    grade: str = FIRST
    evidence: Array | None = None

    def significant(self, alpha: float) -> Array:
        """The pairs at most `alpha`."""
        return self.pairs[self.chances <= alpha]


@dataclass(frozen=True, slots=True)
class Names:
    """What codes stand for: texts of accounts and, by layer, of objects; creation times in µs.

    `platform_mark` ends the platform in every account id; None where ids do not name one.
    """

    accounts: Sequence[str]
    objects: Mapping[str, Sequence[str]]
    created: Mapping[int, int]
    platform_mark: str | None = None


def cluster_rows(
    networks: Sequence[Network], names: Names, run: Mapping[str, str], alpha: float = ALPHA
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of `cluster` and of `cluster_member`.

    Each layer and window has its clusters. Where there are several layers, the pairs of all of
    them at one window are joined, each weighing as many as layers agree on it, and clustered as
    layer `merged`; a cluster whose pairs all come from one layer is that layer's alone.

    Input     run: `run_id` and `analysis_version`
    Errors    PlanError when the networks' codes do not belong together
    Limits    see LIMITS and SECOND_LIMITS, one of which every row carries
    """
    if len({network.layer.account_count for network in networks}) > 1:
        raise PlanError("layers to be merged must share their account codes")
    clusters: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    for network in networks:
        others = [_groups([other], ALPHA) for other in networks if _is_like(other, network)]
        others += [_groups([network], step) for step in _STRICTER]
        for group in _groups([network], alpha):
            _append((clusters, members), _row([network], group, others, names), run)
    for window_s in sorted({network.window_s for network in networks}):
        layers = [network for network in networks if network.window_s == window_s]
        if len(layers) < 2:
            continue
        others = [_groups(layers, step) for step in _STRICTER]
        for group in _groups(layers, alpha):
            if sum(_count(network, group) > 0 for network in layers) < 2:
                continue
            _append((clusters, members), _row(layers, group, others, names), run)
    return clusters, members


def _is_like(other: Network, network: Network) -> bool:
    return other.layer_name == network.layer_name and other.window_s != network.window_s


def _groups(networks: Sequence[Network], alpha: float) -> list[Array]:
    pairs, weights = _joined(networks, alpha)
    return members_of(pairs, communities(pairs, weights), LEAST_MEMBERS)


def _joined(networks: Sequence[Network], alpha: float) -> tuple[Array, Array]:
    """Each pair once, the smaller code first, with the number of layers that agree on it."""
    kept = [np.sort(network.significant(alpha), axis=1) for network in networks]
    pairs, counts = np.unique(np.concatenate(kept), axis=0, return_counts=True)
    return pairs.reshape(-1, 2), counts.astype(np.float64)


def _append(
    tables: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    found: tuple[dict[str, Any], list[dict[str, Any]]],
    run: Mapping[str, str],
) -> None:
    tables[0].append({**found[0], **run})
    tables[1].extend({**member, **run} for member in found[1])


def _row(
    networks: Sequence[Network], group: Array, others: list[list[Array]], names: Names
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    pairs, _ = _joined(networks, ALPHA)
    inside = [network for network in networks if _count(network, group)]
    pictures = [
        portrait(network.layer, round(network.window_s * 1e6), group, pairs) for network in inside
    ]
    layer = networks[0].layer_name if len(networks) == 1 else MERGED
    accounts = [names.accounts[code] for code in group]
    grade = networks[0].grade
    text = "\n".join([layer, str(networks[0].window_s), grade, *sorted(accounts)])
    cluster_id = hashlib.sha256(text.encode()).hexdigest()[:32]
    mark = names.platform_mark
    row = {
        "cluster_id": cluster_id,
        "grade": grade,
        "layer": layer,
        "window_s": networks[0].window_s,
        "layers": sorted(network.layer_name for network in inside),
        "stability": stability(group, others),
        "p_value": max(PRINTED_LEAST, *(_worst(network, group) for network in inside)),
        "platforms": sorted({name.partition(mark)[0] for name in accounts}) if mark else None,
        "evidence_count": sum(_evidence(network, group) for network in inside),
        "limits": LIMITS if grade == FIRST else SECOND_LIMITS,
        **_figures(pictures),
        **_created(group, names),
    }
    row["top_objects"] = [
        names.objects[network.layer_name][code]
        for network, picture in zip(inside, pictures, strict=True)
        for code in picture.objects[:_SHOWN]
    ]
    row["detail"] = _sentence(row)
    return row, _members(cluster_id, accounts, pictures, group, names)


def _count(network: Network, group: Array) -> int:
    return int(np.isin(network.significant(ALPHA), group).all(axis=1).sum())


def _evidence(network: Network, group: Array) -> int:
    if network.evidence is None:
        return 0
    return int(network.evidence[np.isin(network.pairs, group).all(axis=1)].sum())


def _worst(network: Network, group: Array) -> float:
    inside = np.isin(network.pairs, group).all(axis=1) & (network.chances <= ALPHA)
    return float(network.chances[inside].max())


def _figures(pictures: Sequence[Portrait]) -> dict[str, Any]:
    one = pictures[0]
    lags = np.concatenate([picture.lags_s for picture in pictures])
    crowd = [picture for picture in pictures if picture.crowd_objects]
    return {
        "member_count": len(one.members),
        "core_count": int((one.cores == one.cores.max()).sum()),
        "edge_count": int(one.degrees.sum()) // 2,
        "density": one.density,
        "object_count": sum(len(picture.objects) for picture in pictures),
        "lag_median_s": float(np.nanmedian(lags)),
        "first_at": min(picture.first for picture in pictures),
        "last_at": max(picture.last for picture in pictures),
        "member_within_share": float(np.mean([picture.member_within for picture in pictures])),
        "crowd_within_share": float(np.mean([picture.crowd_within for picture in crowd]))
        if crowd
        else None,
        "crowd_object_count": sum(picture.crowd_objects for picture in crowd),
    }


def _created(group: Array, names: Names) -> dict[str, Any]:
    known = [names.created[int(code)] for code in group if int(code) in names.created]
    return {
        "created_first_at": min(known, default=None),
        "created_last_at": max(known, default=None),
        "created_known_count": len(known),
    }


def _sentence(row: Mapping[str, Any]) -> str:
    crowd = (
        f"; of others on the same objects {row['crowd_within_share']:.1%}"
        if row["crowd_within_share"] is not None
        else "; nobody else used these objects"
    )
    by = (
        "any null model"
        if row["grade"] == FIRST
        else "anything but a source that these accounts alone would follow (weaker)"
    )
    return (
        f"{row['member_count']} accounts met on {row['object_count']} objects within "
        f"{row['window_s']:g} s; {row['edge_count']} of their pairs are not explained by {by} "
        f"(family-wise over all possible pairs, p at most {row['p_value']:.2g}). Of the "
        f"members' pairs of uses {row['member_within_share']:.1%} lie within the window{crowd}."
    )


def _members(
    cluster_id: str,
    accounts: Sequence[str],
    pictures: Sequence[Portrait],
    group: Array,
    names: Names,
) -> list[dict[str, Any]]:
    one = pictures[0]
    counts = np.sum([picture.object_counts for picture in pictures], axis=0)
    rows = []
    for place, account in enumerate(accounts):
        lags = [float(p.lags_s[place]) for p in pictures if not np.isnan(p.lags_s[place])]
        rows.append(
            {
                "cluster_id": cluster_id,
                "account_id": account,
                "role": "core" if one.cores[place] == one.cores.max() else "periphery",
                "core_number": int(one.cores[place]),
                "edge_count": int(one.degrees[place]),
                "object_count": int(counts[place]),
                "lag_median_s": float(np.median(lags)) if lags else None,
                "created_at": names.created.get(int(group[place])),
            }
        )
    return rows
