"""How much of an object's traffic few accounts, reposts, clusters and copies make, with bases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.benchmarks import SCHEMA as BENCHMARK_SCHEMA
from tamis.analyses.spread.benchmarks import benchmark_table
from tamis.analyses.spread.flow_shares import share_steps
from tamis.analyses.spread.flow_steps import shared_steps
from tamis.analyses.spread.manipulation_panel import SCHEMA, panel
from tamis.analyses.spread.manipulation_steps import window_steps
from tamis.plan import Kernel, Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 2
PARAMS: Mapping[str, Any] = {
    "selectors": [],
    "most_objects": 40,
    "least_posts": 50,
    "most_stretches": 12,
    "most_base": 400,
    "draws": 500,
    "replayed": 10,
}
_STAMPED = "SELECT *, $run_id AS run_id, $analysis_version AS analysis_version FROM "


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts to the panel and what stands beside it.

    Input     post, post_object, object, action, account; community_member; cluster,
              cluster_member and text_cluster_member where coordination was computed
    Output    manipulation: one row per object, platform and window
              manipulation_benchmark: one row per published value
              crowd_share: one row per object, platform, measure and window
              creation_spike: one row per object, platform and day that stands out
              minute_replay: one row per minute, platform, language, community and cluster
    Missing   a post whose account is hidden is counted apart; one without time lies in `all` only
    Source    see flow_figures.coefficient and flow_figures.interval. We differ from the published
              use in stating N, duration and an interval, in stretches of a fixed number of posts,
              and in refusing small, sampled and repost-only data, where the figure means nothing.
    Limits    A description of traffic, no finding of manipulation. The interval is over accounts:
              on heavy-tailed accounts a nominal 95 % interval held the true value 90 to 94 times
              in 100 (benchmarks/ctm_interval.py). Looked at are the objects that most posts
              carry, and the case's selectors.
    """
    draws = {**PARAMS, **params}["draws"]
    return (
        *shared_steps(),
        *window_steps(),
        Kernel("panel", 1, panel, "window_class", SCHEMA, params={"draws": draws}),
        Query("manipulation", _STAMPED + "panel"),
        Kernel("benchmark", 1, benchmark_table, "lasting", BENCHMARK_SCHEMA),
        Query("manipulation_benchmark", _STAMPED + "benchmark"),
        *share_steps(),
    )


ANALYSIS = Analysis(
    name="flow",
    version=VERSION,
    question="spread",
    reads=(
        *("post", "post_object", "object", "action", "account", "cluster", "cluster_member"),
        *("text_cluster_member", "community_member"),
    ),
    writes=(
        *("manipulation", "manipulation_benchmark", "crowd_share", "creation_spike"),
        "minute_replay",
    ),
    params=PARAMS,
    build=build,
)
