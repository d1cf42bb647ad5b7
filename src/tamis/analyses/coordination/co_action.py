"""Which accounts acted on the same object within a window, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tamis.analyses.coordination.case_actions import case_actions
from tamis.analyses.coordination.fast_repost import fast_repost
from tamis.analyses.coordination.layers import CASE_LAYERS, LAYERS
from tamis.analyses.coordination.located import located
from tamis.analyses.coordination.network import (
    WEIGHTS,
    evidence_steps,
    is_directed,
    left_out_steps,
    network_steps,
)
from tamis.analyses.coordination.walk.schema import WALKED
from tamis.analyses.coordination.whole import whole_steps
from tamis.errors import PlanError
from tamis.plan import Kernel, identifier
from tamis.registry import Analysis

if TYPE_CHECKING:
    import pyarrow as pa

    from tamis.plan import Partition, Step

VERSION = 2
# None: each layer has its own window and least weight (see `layers`). `windows_s` may also map
# layers to windows.
PARAMS: Mapping[str, Any] = {
    "windows_s": None,
    "min_weight": None,
    "weights": ("distinct_objects",),
    "layers": CASE_LAYERS,
    "evidence_limit": 1_000_000,
    "pair_budget": 2_000_000_000,
    "object_limit": 10_000_000,
}


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from a case's tables to the co-action network and its evidence.

    Input     action, post, post_object, object
    Output    co_action: one row per layer, window, kind of weight and pair of accounts
              co_action_evidence: one row per pair of actions behind a kept pair of accounts
              co_action_total: one row per layer and window: what was looked at
              co_action_left_out: rows and objects left out, by layer and reason
    Missing   rows without account or time take no part and are counted in co_action_left_out
    Source    co-action within a sliding window as in CooRTweet 2.1.3 and the Coordination Network
              Toolkit 1.5.2. `co_pairs` counts pairs of actions (CooRTweet); `distinct_messages`
              is the larger of the two directed counts of own posts (the Toolkit keeps both);
              `distinct_objects`, the default, cannot be raised by repetition. Unlike them we
              never pair an account with itself, order the pair by text and keep every figure
              on its own side, and every pair of actions stays visible as evidence. The TF-IDF
              cosine is that of Pacheco et al. 2021, but only objects shared within the window
              meet; in a window as long as the data it is theirs. fast_repost follows Luceri et
              al. 2024, but keeps who was reposted by whom instead of projecting it.
    Limits    acting together is no proof of a common will: sessions, alerts and influencers
              produce it too; without a null model the weight alone accuses nobody. An object with
              more than `object_limit` pairs of actions in the window is left out and named:
              each one can hide one shared object of a pair, and pairs that share nothing else.
    """
    settled = {**PARAMS, **params}
    found = merged(settled, has_excluded=True)
    return (*case_actions(tuple(settled["layers"])), *located(found))


def merged(params: Mapping[str, Any], *, has_excluded: bool = False) -> tuple[Step, ...]:
    """The steps from tables called `<layer>_action` (columns: schema.ACTIONS) to the results.

    `has_excluded`: there is a table co_action_excluded of rows that were left out before.

    Errors    PlanError for a kind of weight, a window or a minimum that makes no sense.
    """
    settled = {**PARAMS, **params}
    _check(settled)
    layers = [identifier(layer) for layer in settled["layers"]]
    least = {layer: least_of(layer, settled) for layer in layers}
    weights = tuple(settled["weights"])
    walks = tuple(_walked(layer, settled) for layer in layers)
    in_parts = (
        *left_out_steps(layers, int(settled["object_limit"]), has_excluded=has_excluded),
        *network_steps(least, weights, int(settled["evidence_limit"])),
    )
    if any(is_directed(layer) for layer in layers):  # their walk settles no pair
        return (*walks, *in_parts, *evidence_steps())
    whole = whole_steps(least, weights, has_excluded=has_excluded)
    return (
        *walks,
        *(replace(step, of_parts=True) for step in in_parts),
        *(replace(step, of_parts=False) for step in whole),
        *evidence_steps(),
    )


def windows_of(layer: str, params: Mapping[str, Any]) -> tuple[float, ...]:
    """The windows in which a layer is looked at."""
    given = params["windows_s"]
    if isinstance(given, Mapping):
        given = given.get(layer)
    own = LAYERS[layer if layer in LAYERS else "co_object"].window_s
    return (own,) if given is None else tuple(float(window) for window in given)


def least_of(layer: str, params: Mapping[str, Any]) -> int:
    """The least weight with which a pair of accounts is kept in a layer."""
    given = params["min_weight"]
    own = LAYERS[layer if layer in LAYERS else "co_object"].min_weight
    return own if given is None else int(given)


def _check(params: Mapping[str, Any]) -> None:
    wrong = [kind for kind in params["weights"] if kind not in WEIGHTS]
    if wrong or not params["weights"]:
        raise PlanError(f"weight {wrong[:1] or 'list'} is unknown; use {', '.join(WEIGHTS)}")
    if not params["layers"]:
        raise PlanError("name at least one layer")
    for layer in params["layers"]:
        windows = windows_of(layer, params)
        if not windows or any(not 0 <= window < 10**9 for window in windows):
            raise PlanError("a window is a number of seconds from 0 up")
    if params["min_weight"] is not None and int(params["min_weight"]) < 1:
        raise PlanError("min_weight is at least 1")
    if int(params["object_limit"]) < 1:
        raise PlanError("object_limit is at least 1 pair of actions")


def _walk(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    from tamis.analyses.coordination.walk.kernel import walk  # noqa: PLC0415  # imports numba

    return walk(table, params, part)


def _walked(layer: str, params: Mapping[str, Any]) -> Kernel:
    windows = windows_of(layer, params)
    names = ("weights", "evidence_limit", "pair_budget", "object_limit")
    given = {
        "layer": layer,
        "windows_s": windows,
        "min_weight": least_of(layer, params),
        **{name: params[name] for name in names},
    }
    directed = is_directed(layer)
    return Kernel(
        name=f"{layer}_walked",
        version=VERSION,
        function=fast_repost if directed else _walk,
        source=f"{layer}_action",
        output_schema=WALKED,
        partition_by=("object_id",),
        order_by=("acted_at",),
        halo_s=None if directed else max(windows),
        is_sorted=False,
        params=given,
    )


ANALYSIS = Analysis(
    name="co_action",
    version=VERSION,
    question="coordination",
    reads=("action", "post", "post_object", "object", "text_cluster_member"),
    writes=("co_action", "co_action_evidence", "co_action_total", "co_action_left_out"),
    params=PARAMS,
    build=build,
)
