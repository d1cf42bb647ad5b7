"""The demo's headline answers: what the case says, beside what the incident was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.mailboxes import PARAMS as LEAST_MAIL
from tamis.plan import Query
from tamis.run.answer import Answer
from tamis.run.answers_spread import spread_answers

if TYPE_CHECKING:
    from datetime import datetime

    from tamis.case import CaseView
    from tamis.simulate import Truth

_VERDICTS = Query("demo_verdicts", "SELECT item_id, verdict, roll_up FROM verdict")
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
_DECOYS = Query(
    "demo_decoys", "SELECT DISTINCT item_id, standing FROM decoy_match ORDER BY item_id, standing"
)
_MAILBOXES = Query(
    "demo_mailboxes",
    """
    SELECT path, holder_address, message_count, len(gap_months) AS month_count
    FROM mailbox_profile WHERE kind = 'leak' ORDER BY path
    """,
)
_PHISHING = Query("demo_phishing", "SELECT item_id FROM phishing")
_FALSE_CLASSES = frozenset({"altered", "forged"})
_BELIEVED = frozenset({"verified", "supported"})


def answers(view: CaseView, truth: Truth) -> tuple[Answer, ...]:
    """The answers that the demo prints."""
    return (
        *_about_messages(view, truth),
        _about_decoys(view, truth),
        _about_mailboxes(view, truth),
        _about_lookalikes(view, truth),
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


def _about_messages(view: CaseView, truth: Truth) -> tuple[Answer, Answer]:
    found = {row["item_id"]: row for row in view.query(_VERDICTS).to_pylist()}
    classes = {row["sha256"]: row["true_class"] for row in truth.messages}
    wrong = [
        item for item, row in found.items()
        if item in classes and row["verdict"] not in truth.expected(item)
    ]  # fmt: skip
    missing = [item for item in classes if item not in found]
    believed = sum(row["roll_up"] in _BELIEVED for row in found.values())
    fooled = [
        item for item, row in found.items()
        if row["roll_up"] in _BELIEVED and classes.get(item) in _FALSE_CLASSES
    ]  # fmt: skip
    told = f"{len(found):,} different messages judged, each as its making allows"
    return (
        Answer(
            told if not wrong and not missing else f"{len(found):,} different messages judged",
            f"{len(missing)} messages are missing and {len(wrong)} verdicts are not allowed",
            not wrong and not missing,
        ),
        Answer(
            f"{believed:,} messages verified or supported, none of them altered or forged",
            f"{len(fooled)} of them were altered or forged",
            not fooled and believed > 0,
        ),
    )


def _about_decoys(view: CaseView, truth: Truth) -> Answer:
    """What the owner of the decoys showed; the two that nobody took are not there."""
    found = {(row["item_id"], row["standing"]) for row in view.query(_DECOYS).to_pylist()}
    made = {(row["sha256"], row["expected"]) for row in truth.decoys if row["expected"]}
    counts = [sum(one == word for _, one in found) for word in ("decoy", "decoy_asserted")]
    judged = view.query(_VERDICTS).to_pylist()
    named = {row["item_id"] for row in judged if row["verdict"] == "decoy"}
    told = (
        f"{counts[0]:,} items are decoys that the campaign had sealed before the leak, "
        f"{counts[1]:,} only asserted after it"
    )
    return Answer(
        told if found == made else f"{told}, not those that were planted",
        f"{len(made)} decoys, of which {truth.leak['decoys']['decoy']} were sealed in time",
        found == made and {item for item, word in found if word == "decoy"} >= named != set(),
    )


def _about_mailboxes(view: CaseView, truth: Truth) -> Answer:
    """A mailbox of fewer messages than the analysis asks for must be left without a holder."""
    least = int(LEAST_MAIL["least_messages"])
    rows = view.query(_MAILBOXES).to_pylist()
    counts = _mail_of([row["path"] for row in rows], truth)
    small = [row for row in rows if counts[row["path"]] < least]
    wrong = [
        row["path"] for row in rows
        if row["message_count"] != counts[row["path"]]
        or row["holder_address"]
        not in ({None} if row in small else _holders_of(row["path"], truth))
    ]  # fmt: skip
    months = sum(row["month_count"] for row in rows)
    few = (
        f"; {len(small)} of them with fewer than {least} messages, too few to tell" if small else ""
    )
    each = "each" if not small else f"{len(rows) - len(small)}"
    return Answer(
        f"{len(rows):,} mailboxes, the holder of {each} established by its own mail{few}; "
        f"{months:,} months without mail in them"
        if not wrong
        else f"{len(rows):,} mailboxes, {len(wrong):,} without their right holder",
        f"the mailboxes of {len(truth.holders)} people{few}",
        bool(rows) and not wrong,
    )


def _mail_of(paths: list[str], truth: Truth) -> dict[str, int]:
    """How many different messages were made for each mailbox: of those it lies in, the deepest."""
    held: dict[str, set[str]] = {path: set() for path in paths}
    for row in truth.messages:
        place = f"leak/{row['path']}"
        inside = [one for one in paths if place == one or place.startswith(f"{one}/")]
        if inside:
            held[max(inside, key=len)].add(row["sha256"])
    return {path: len(found) for path, found in held.items()}


def _holders_of(path: str, truth: Truth) -> set[str | None]:
    """Whose the mailbox is, by the folder it lies in."""
    folders = path.split("/")
    return {address for name, address in truth.holders.items() if name in folders}


def _about_lookalikes(view: CaseView, truth: Truth) -> Answer:
    found = set(view.query(_PHISHING).column("item_id").to_pylist())
    made = {row["sha256"] for row in truth.messages if row["made_as"] == "lookalike"}
    told = f"{len(found):,} messages suspected of phishing"
    return Answer(
        f"{told}, those from the look-alike domain and no other" if found == made else told,
        f"{len(made)} messages from the look-alike domain",
        found == made,
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
