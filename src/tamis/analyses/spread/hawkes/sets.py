"""Rows of `influence`: objects studied group by group, or the sentence why they are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.spread.hawkes.features import Events, flat_rhythm
from tamis.analyses.spread.hawkes.reading import judged
from tamis.analyses.spread.hawkes.study import Settings, study

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tamis.analyses.spread.hawkes.reading import Judged
    from tamis.analyses.spread.hawkes.study import Study

    Ints = npt.NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOVED = 2


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of one object in time: moments, group, resolution, whether of a sample."""

    object_id: str
    grouping: str
    names: tuple[str, ...]
    at_us: Ints
    groups: Ints
    precision_s: npt.NDArray[np.float64]
    is_sampled: bool
    unseen: npt.NDArray[np.float64]


def refusal(posts: Posts, sizes: Ints, params: Mapping[str, Any]) -> str:
    """Why the object cannot be studied, or nothing."""
    least = params["least_group"]
    if posts.is_sampled:
        return "the collection holds a sample of the posts, so that most parents are missing"
    if (sizes > 0).sum() < 2:
        return f"it was seen in one {posts.grouping} only"
    if (sizes >= least).sum() < 2:
        return f"fewer than two groups have {least} posts of it"
    if float(np.median(posts.precision_s)) > min(Settings().delays_s) / 2:
        return "times are coarser than half the shortest delay that is looked for (60 s)"
    return ""


def influence_rows(posts: Posts, params: Mapping[str, Any], jobs: int) -> list[dict[str, Any]]:
    """The rows of one object: one for each pair of its groups, or one that refuses.

    Limits    only groups with enough posts, the largest first, and the first posts of them; posts
              of other groups are left out, as those of any place that was not collected
    """
    sizes = np.bincount(posts.groups, minlength=len(posts.names))
    head = {"object_id": posts.object_id, "grouping": posts.grouping}
    if reason := refusal(posts, sizes, params):
        return [{**head, **_REFUSED, "reading": f"Influence is not estimated: {reason}."}]
    large = np.flatnonzero(sizes >= params["least_group"])
    large = np.sort(large[np.argsort(-sizes[large], kind="stable")][: params["most_groups"]])
    kept = np.flatnonzero(np.isin(posts.groups, large))[: params["most_posts"]]
    groups = np.searchsorted(large, posts.groups[kept])
    counts = np.bincount(groups, minlength=len(large))
    if (counts >= params["least_group"]).sum() < len(large) or posts.at_us[kept[-1]] == posts.at_us[
        kept[0]
    ]:
        reason = "its first posts are nearly all of one group, or of one moment"
        return [{**head, **_REFUSED, "reading": f"Influence is not estimated: {reason}."}]
    settings = Settings(replays=params["replays"], jobs=jobs)
    drawn = [_events(posts, kept, groups, len(large), seed) for seed in range(1 + _MOVED)]
    found = study(drawn[0], tuple(drawn[1:]), settings)
    unseen = posts.unseen[large] / np.maximum(sizes[large], 1)
    verdict = judged(found, float(unseen.max()))
    names = [posts.names[group] for group in large]
    span = {"first_at": _moment(posts.at_us[kept[0]]), "last_at": _moment(posts.at_us[kept[-1]])}
    return [
        {
            **head,
            **span,
            **_pair(found, verdict, counts, (one, other)),
            "source_group": names[one],
            "target_group": names[other],
            "unseen_share": float(unseen[other]),
            "reading": _reading(found, verdict, names, (one, other), counts),
        }
        for one in range(len(large))
        for other in range(len(large))
    ]


_REFUSED = {"status": "refused", "is_influence": False}


def nothing_to_study() -> dict[str, Any]:
    """The row of a collection without any object that many posts carry."""
    said = "Influence is not estimated: no object has 20 posts with a time to the minute."
    return {**_REFUSED, "object_id": None, "grouping": "platform", "reading": said}


def _events(posts: Posts, kept: Ints, groups: Ints, count: int, seed: int) -> Events:
    """The events, each somewhere in the interval that its clock leaves open."""
    rng = np.random.default_rng(seed)
    times = posts.at_us[kept] / 1e6 + rng.uniform(0.0, 1.0, len(kept)) * posts.precision_s[kept]
    begin = posts.at_us[kept[0]] / 1e6
    order = np.argsort(times, kind="stable")
    span = float(times.max() - begin) + 1.0
    hour = (begin / 3_600.0) % 24.0
    return Events(times[order] - begin, groups[order], count, span, flat_rhythm(count), hour)


def _pair(found: Study, verdict: Judged, counts: Ints, pair: tuple[int, int]) -> dict[str, Any]:
    one, other = pair
    per_target = counts[one] / max(int(counts[other]), 1)
    return {
        "status": verdict.status,
        "is_influence": bool(verdict.called[pair]),
        "weight": float(found.fit.weights[pair]),
        "weight_low": float(found.low[pair]),
        "weight_high": float(found.high[pair]),
        "p_value": float(verdict.family[pair] if one != other else found.p_value[pair]),
        "order_p_value": float(found.order_p[pair]) if one != other else None,
        "caused_share": min(1.0, float(found.fit.caused[pair] / max(int(counts[other]), 1))),
        "caused_low": min(1.0, float(found.low[pair] * per_target)),
        "caused_high": min(1.0, float(found.high[pair] * per_target)),
        "background_share": min(
            1.0, float(found.fit.background[other] / max(int(counts[other]), 1))
        ),
        "source_count": int(counts[one]),
        "target_count": int(counts[other]),
        "together_share": found.together,
        "lumps_share": found.lumps,
        "gaps_share": found.gaps,
        "jitter": float(found.jitter[pair]),
    }


def _reading(
    found: Study, verdict: Judged, names: list[str], pair: tuple[int, int], counts: Ints
) -> str:
    one, other = pair
    ratio = counts[one] / max(int(counts[other]), 1)
    low, high = (min(1.0, float(x[pair] * ratio)) for x in (found.low, found.high))
    span = f"{low:.0%} to {high:.0%} of the posts on {names[other]}"
    if verdict.reason:
        return f"Not identifiable: {verdict.reason}."
    if one == other:
        return f"{span} followed earlier posts there (90 % interval)."
    if verdict.called[pair]:
        return (
            f"In this collection {span} followed posts on {names[one]} (90 % interval); an order "
            "in time that the model reads as influence. It is no proof that anybody read them, nor "
            "that no place outside the collection reached one group first and the other later."
        )
    if verdict.unclear[pair]:
        return (
            f"{span} followed posts on {names[one]} (90 % interval), but not clearly more than the "
            "other way round: a source outside the collection may drive both. No influence is told."
        )
    return f"No influence of {names[one]} shown: {span} at most could have followed it."


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(at_us))
