"""The demo's headline answers: what the case says, beside what the incident was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.run.answer import Answer
from tamis.run.answers_leak import leak_answers
from tamis.run.answers_spread import spread_answers

if TYPE_CHECKING:
    from datetime import datetime

    from tamis.case import CaseView
    from tamis.simulate import Truth

_FIRST = Query(
    "demo_first",
    """
    SELECT post_id, first_low_at, account_id FROM first_seen
    WHERE object_id = $object_id AND platform = $platform
    """,
)
_REPOSTS = Query(
    "demo_reposts",
    """
    SELECT count(DISTINCT action.post_id) AS n
    FROM action JOIN (SELECT DISTINCT post_id, posted_at FROM post) AS root
      ON root.post_id = action.target_post_id
    WHERE action.type = 'repost' AND root.post_id = $post_id
      AND epoch_us(action.acted_at) - epoch_us(root.posted_at) < CAST($limit_s AS BIGINT) * 1000000
    """,
)
_MOST_REPOSTED = Query(
    "demo_most_reposted",
    """
    SELECT target.account_id AS account_id
    FROM (SELECT DISTINCT post_id, target_post_id FROM action WHERE type = 'repost') AS repost
    JOIN (SELECT DISTINCT post_id, account_id FROM post) AS target
      ON target.post_id = repost.target_post_id
    GROUP BY target.account_id ORDER BY count(*) DESC, target.account_id LIMIT 1
    """,
)
_CROSSING = Query(
    "demo_crossing",
    """
    SELECT platform, post_id, account_id, first_low_at FROM first_seen
    WHERE object_id = $object_id AND platform <> '*'
    ORDER BY first_low_at, platform LIMIT 2
    """,
)
_AMPLIFIERS = Query(
    "demo_amplifiers",
    """
    SELECT own.account_id AS account_id, min(own.posted_at) AS first_at FROM
        (SELECT target.account_id AS account_id FROM
            (SELECT DISTINCT post_id, target_post_id FROM action WHERE type = 'repost') AS repost
            JOIN (SELECT DISTINCT post_id FROM post_object WHERE object_id = $object_id
                AND role = 'in_text') AS tagged ON tagged.post_id = repost.target_post_id
            JOIN (SELECT DISTINCT post_id, account_id FROM post) AS target
                ON target.post_id = tagged.post_id
            GROUP BY target.account_id ORDER BY count(*) DESC, target.account_id LIMIT $count
        ) AS loud JOIN post AS own ON own.account_id = loud.account_id
        JOIN post_object ON post_object.post_id = own.post_id
    WHERE post_object.object_id = $object_id AND post_object.role = 'in_text'
    GROUP BY own.account_id ORDER BY first_at, own.account_id
    """,
)
_POSTS = Query("demo_posts", "SELECT count(DISTINCT post_id) AS n FROM post")
_PAIRS = Query(
    "demo_pairs",
    """
    SELECT account_a, account_b, sum(weight) AS weight
    FROM co_action WHERE weight_kind = 'distinct_objects'
    GROUP BY account_a, account_b ORDER BY sum(weight) DESC, account_a, account_b
    """,
)
_CLUSTERS = Query(
    "demo_clusters",
    """
    SELECT cluster.cluster_id AS cluster_id, list(cluster_member.account_id) AS members
    FROM cluster JOIN cluster_member ON cluster_member.cluster_id = cluster.cluster_id
    WHERE cluster.grade = 'first' GROUP BY cluster.cluster_id
    """,
)
_UNEXPLAINED = Query(
    "demo_unexplained",
    """
    SELECT account_a, account_b FROM co_action_significance WHERE p_family <= 0.05
    GROUP BY account_a, account_b
    """,
)


def answers(view: CaseView, truth: Truth) -> tuple[Answer, ...]:
    """The answers that the demo prints."""
    return (
        *leak_answers(view, truth),
        *_about_first_sights(view, truth),
        *_about_crossing(view, truth),
        _about_reposts(view, truth),
        _about_order(view, truth),
        _about_posts(view, truth),
        _about_publisher(view, truth),
        _about_cell(view, truth),
        _about_chance(view, truth),
        *spread_answers(view, truth),
    )


def _about_first_sights(view: CaseView, truth: Truth) -> tuple[Answer, Answer]:
    origin, first = truth.story["origin"], truth.story["first_hashtag"]
    link = _first_post(view, f"url:{truth.story['archive_url']}", "*")
    tag = _first_post(view, f"hashtag:{truth.story['hashtag'].casefold()}", "x")
    return (
        Answer(
            f"the archive's link is first seen on {link['platform']}, {link['at']}, in this "
            "collection",
            f"{origin['post_id']} at {origin['at']}",
            link["post_id"] == origin["post_id"] and link["at"] == origin["at"],
        ),
        Answer(
            f"#{truth.story['hashtag']} is first seen on X {tag['at']}",
            f"{first['post_id']} at {first['at']}",
            tag["post_id"] == first["post_id"] and tag["at"] == first["at"],
        ),
    )


def _about_crossing(view: CaseView, truth: Truth) -> tuple[Answer, Answer]:
    """Where the archive's link went first, and who brought it there."""
    told = truth.story["first_crossing"]
    rows = view.query(_CROSSING, {"object_id": f"url:{told['object']}"}).to_pylist()
    if len(rows) < 2 or None in {rows[0]["first_low_at"], rows[1]["first_low_at"]}:
        nothing = Answer("the archive's link crossed to no other platform", str(told), agrees=False)
        return nothing, nothing
    one, other = rows
    lag_s = round((other["first_low_at"] - one["first_low_at"]).total_seconds())
    found = (one["post_id"], other["post_id"], lag_s)
    bridge = truth.story["bridge"]
    return (
        Answer(
            f"it first crossed from {one['platform']} to {other['platform']}, "
            f"{lag_s // 60} min later",
            f"from {told['from_post_id']} to {told['to_post_id']} after {told['lag_s']} s",
            found == (told["from_post_id"], told["to_post_id"], told["lag_s"]),
        ),
        Answer(
            f"the account that brought it there is {other['account_id']}",
            bridge,
            other["account_id"] == bridge,
        ),
    )


def _about_order(view: CaseView, truth: Truth) -> Answer:
    """The accounts whose posts with the hashtag were repeated most, in the order they came."""
    order = [row["account_id"] for row in truth.story["amplifier_order"]]
    asked = {"object_id": f"hashtag:{truth.story['hashtag'].casefold()}", "count": len(order)}
    found = view.query(_AMPLIFIERS, asked).column("account_id").to_pylist()
    return Answer(
        f"the {len(found)} accounts that were reposted most with it came in this order: "
        + ", ".join(found),
        ", ".join(order),
        found == order,
    )


def _first_post(view: CaseView, object_id: str, platform: str) -> dict[str, Any]:
    rows = view.query(_FIRST, {"object_id": object_id, "platform": platform}).to_pylist()
    if not rows:
        return {"post_id": None, "at": "never", "platform": "no platform"}
    post_id = rows[0]["post_id"]
    low = rows[0]["first_low_at"]
    at = _iso(low) if low is not None else "unknown"
    return {"post_id": post_id, "at": at, "platform": post_id.partition(":")[0]}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _about_reposts(view: CaseView, truth: Truth) -> Answer:
    first = truth.story["first_hashtag"]["post_id"]
    counts = {}
    for limit in truth.story["first_post_reposts"]:
        row = view.query(_REPOSTS, {"post_id": first, "limit_s": int(limit)})
        counts[limit] = row.column("n")[0].as_py()
    return Answer(
        "that post was reposted "
        + ", ".join(f"{n:,} times in {int(limit) // 60} min" for limit, n in counts.items()),
        str(truth.story["first_post_reposts"]),
        counts == truth.story["first_post_reposts"],
    )


def _about_posts(view: CaseView, truth: Truth) -> Answer:
    count = view.query(_POSTS).column("n")[0].as_py()
    return Answer(
        f"{count:,} posts read from {len(truth.story['posts_by_platform'])} platforms",
        f"{truth.story['post_count']:,}",
        count == truth.story["post_count"],
    )


def _about_publisher(view: CaseView, truth: Truth) -> Answer:
    found = view.query(_MOST_REPOSTED).column("account_id").to_pylist()
    publisher = truth.story["publisher"]
    return Answer(
        f"the most reposted account is {found[0] if found else 'unknown'}",
        f"{publisher['account_id']} ({publisher['handle']})",
        found == [publisher["account_id"]],
    )


def _about_cell(view: CaseView, truth: Truth) -> Answer:
    members = set(truth.cell["members"])
    pairs = view.query(_PAIRS).to_pylist()
    top = pairs[: truth.cell["pair_count"]]
    right = sum(pair["account_a"] in members and pair["account_b"] in members for pair in top)
    return Answer(
        f"{len(pairs):,} pairs of accounts used the same objects within "
        f"{truth.cell['window_s']} s; the {len(top)} strongest join {right} times two of the "
        f"{len(members)} planted accounts",
        f"{truth.cell['pair_count']} pairs of {len(members)} accounts",
        right == truth.cell["pair_count"],
    )


def _about_chance(view: CaseView, truth: Truth) -> Answer:
    """What no null model explains is the planted cell, all of it and nobody else."""
    members = frozenset(truth.cell["members"])
    groups = {frozenset(row["members"]) for row in view.query(_CLUSTERS).to_pylist()}
    pairs = view.query(_UNEXPLAINED).to_pylist()
    wrong = sum(not {pair["account_a"], pair["account_b"]} <= members for pair in pairs)
    named = ", ".join(f"{len(group)} accounts" for group in sorted(groups, key=len)) or "nobody"
    return Answer(
        f"chance, habits and shared sources do not explain {len(pairs):,} of these pairs; they "
        f"form {len(groups)} cluster{'' if len(groups) == 1 else 's'}: {named}"
        + (", the planted ones and nobody else" if groups == {members} else ""),
        f"one cluster of {len(members)} accounts; {wrong} pairs name somebody else",
        groups == {members} and not wrong,
    )
