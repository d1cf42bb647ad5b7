"""What the case answers of the spread: first sight, echoes, copied words, ways to the dump."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.figures import Figure, Keeps
from tamis.reports.gate.answer import Answered, told
from tamis.reports.markup import Content, join
from tamis.reports.moments import duration
from tamis.reports.sections.headline import LEADING
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

FOLLOWED = 10_000
"""Followers from which an account counts as one that many follow."""
_SHOWN = 5

CREATED = Figure(
    "gate_first_created",
    "When the account of that earliest post was made",
    f"""
    SELECT min(account.created_at) AS created_at FROM account
    WHERE account.account_id IN (
        SELECT account_id FROM first_seen AS seen
        WHERE seen.run_id = ({latest("first_seen")}) AND platform = '*' AND kind <> 'domain'
        ORDER BY account_count DESC, post_count DESC, object_id LIMIT 1
    )
    """,
    keeps=Keeps.DIGEST,
)
PLATFORMS = Figure(
    "gate_first_platforms",
    "Platforms on which that link, file or hashtag was seen",
    f"""
    SELECT count(*) AS platforms FROM first_seen AS seen
    WHERE seen.run_id = ({latest("first_seen")}) AND platform <> '*' AND object_id IN (
        SELECT object_id FROM first_seen WHERE platform = '*' AND kind <> 'domain'
        ORDER BY account_count DESC, post_count DESC, object_id LIMIT 1
    )
    """,
)
# What the matter is: the things bridged to the dump, else the thing that most accounts carried.
_MATTER = f"""
    SELECT DISTINCT object_id FROM post_object WHERE object_id IN (
        SELECT object_id FROM first_seen AS seen WHERE seen.run_id = ({latest("first_seen")})
          AND platform = '*' AND kind <> 'domain'
        ORDER BY account_count DESC, post_count DESC, seen.object_id LIMIT 1)
    UNION SELECT DISTINCT object_id FROM object
    WHERE kind IN ('leaked_item', 'email_message_id') OR host_kind IN ('leak', 'torrent')
"""
ECHO_COUNT = Figure(
    "gate_echo_count",
    "Accounts with that many followers or more that carried the leading or a leaked thing",
    f"""
    SELECT count(DISTINCT post.account_id) AS accounts FROM post_object
        JOIN post ON post.post_id = post_object.post_id
    WHERE post_object.object_id IN ({_MATTER}) AND post.account_id IN (
        SELECT account_id FROM account_snapshot WHERE follower_count >= $followers)
    """,
    {"followers": FOLLOWED},
)
ECHOES = Figure(
    "gate_echoes",
    "Those accounts, the first first, and whose post they carried",
    f"""
    WITH carried AS (
        SELECT post.account_id AS account_id, arg_min(post.post_id, (post.posted_at, post.post_id))
            AS post_id, min(post.posted_at) AS first_at
        FROM post_object JOIN post ON post.post_id = post_object.post_id
        WHERE post_object.object_id IN ({_MATTER}) AND post.account_id IN (
            SELECT account_id FROM account_snapshot WHERE follower_count >= $followers)
        GROUP BY post.account_id
    )
    SELECT carried.account_id AS account_id, max(account.handle) AS handle, carried.first_at
        AS first_at, carried.post_id AS post_id, min(action.target_account_id) AS source_account_id
    FROM carried LEFT JOIN account ON account.account_id = carried.account_id
        LEFT JOIN action ON action.post_id = carried.post_id
            AND action.type IN ('repost', 'quote', 'forward')
    GROUP BY carried.account_id, carried.first_at, carried.post_id
    ORDER BY carried.first_at, carried.account_id LIMIT $row_limit
    """,
    {"followers": FOLLOWED, "row_limit": _SHOWN},
    Keeps.DIGEST,
)
_AFTER = {
    "first_1h": "within 1 hour of its first post",
    "first_6h": "within 6 hours",
    "first_24h": "within 24 hours",
}
PUSHED = Figure(
    "gate_pushed",
    "Share of clusters in the posts of the leading thing, on the platform with most of them",
    f"""
    WITH thing AS (
        SELECT object_id FROM first_seen AS seen WHERE seen.run_id = ({latest("first_seen")})
          AND platform = '*' AND kind <> 'domain'
        ORDER BY account_count DESC, post_count DESC, object_id LIMIT 1
    ), shares AS (
        SELECT * FROM crowd_share WHERE run_id = ({latest("crowd_share")})
          AND measure = 'clusters' AND object_id IN (SELECT object_id FROM thing)
    )
    SELECT platform, window_kind, post_count, hit_count, hit_share, base_share FROM shares
    WHERE window_kind IN ('first_1h', 'first_6h', 'first_24h') AND platform = (
        SELECT platform FROM shares WHERE window_kind = 'all'
        ORDER BY post_count DESC, platform LIMIT 1)
    ORDER BY post_count, window_kind DESC
    """,
    keeps=Keeps.DIGEST,
)
HOSTED = Figure(
    "gate_hosted",
    "Addresses on hosts for files, pastes, archives, torrents or leaks in posts of the case",
    "SELECT count(DISTINCT object_id) AS addresses FROM object "
    "WHERE kind IN ('url', 'magnet') AND host_kind IN ('paste', 'file', 'archive', 'torrent', "
    "'leak')",
)
HASHED = Figure(
    "gate_hashed",
    "Different files of the dump whose hashes are known",
    "SELECT count(DISTINCT item_id) AS items FROM place WHERE kind = 'leak'",
)
COPYPASTA = Figure(
    "gate_copypasta",
    "Clusters of copied texts that two or more accounts posted",
    "SELECT count(*) AS clusters FROM text_cluster WHERE kind = 'copypasta' AND account_count > 1",
)


def first(desk: Desk) -> Answered:
    """Question 5."""
    rows = desk.ask(LEADING).rows
    if not rows:
        return told(5, "No posts of the case share a link, file or hashtag.", anchors=("first",))
    row = rows[0]
    made = desk.ask(CREATED).rows[0]["created_at"]
    age: tuple[Content, ...] = (", whose making the files do not say",)
    if made is not None:
        when = row["first_low_at"] or row["first_high_at"]
        age = (", made ", duration((when - made).total_seconds()), " before")
    return told(
        5,
        f"The {row['kind'].replace('_', ' ')} that most accounts carried, ",
        desk.edition.object(row["kind"], row["display"], row["object_id"], row["account_count"]),
        ", was first seen in this collection ",
        desk.clock.show(row["first_low_at"] or row["first_high_at"]),
        " by ",
        desk.edition.account(row["account_id"], row["handle"]),
        *age,
        desk.mark(LEADING),
        "; it was seen on ",
        desk.number(PLATFORMS),
        " platforms. Earliest in this collection is not earliest.",
        anchors=("first",),
        rows=("first_seen", f"object_id = '{row['object_id'].replace(chr(39), chr(39) * 2)}'"),
    )


def echoes(desk: Desk) -> Answered:
    """Question 7."""
    parts: list[Content] = [
        desk.number(ECHO_COUNT),
        f" accounts with {FOLLOWED:,} followers or more carried it",
    ]
    named: list[Content] = []
    for row in desk.ask(ECHOES).rows:
        source = row["source_account_id"]
        named += [
            "; " if named else "; first ",
            desk.edition.account(row["account_id"], row["handle"]),
            join(" from ", desk.edition.account(source, None))
            if source
            else " in a post of its own",
        ]
    return told(
        7,
        *parts,
        *named,
        ". Who of them is a politician or a medium, a person must say.",
        anchors=("amplifiers", "first"),
        rows=("amplifier",),
    )


def draft_links(desk: Desk) -> Answered:
    """Question 13, as far as it can be said without a draft."""
    return told(
        13,
        *("No draft is part of a case. It would be held against ", desk.number(HOSTED)),
        *(" addresses of hosts for files, pastes, archives and leaks, and the hashes of ",),
        *(desk.number(HASHED), " files: tamis gate CASE --draft FILE."),
        anchors=("first",),
        rows=("object", "host_kind IN ('paste', 'file', 'archive', 'torrent', 'leak')"),
    )


def draft_words(desk: Desk) -> Answered:
    """Question 14, as far as it can be said without a draft."""
    return told(
        14,
        "No draft is part of a case. It would be held against ",
        *(desk.number(COPYPASTA), " clusters of words that accounts copied from each other: "),
        "tamis gate CASE --draft FILE.",
        anchors=("coordination",),
        rows=("text_cluster", "kind = 'copypasta'"),
    )


def pushed(desk: Desk) -> Answered:
    """Question 6."""
    rows = desk.ask(PUSHED).rows
    if not rows:
        return told(
            6,
            "Not computed: the case has no posts, or clusters were not looked for: ",
            f"tamis run {desk.case_name}.",
            desk.mark(PUSHED),
            anchors=("flow", "coordination"),
        )
    parts: list[Content] = ["Of the posts of the thing that most accounts carried, clusters made"]
    for row in rows:
        share = "none counted" if row["hit_share"] is None else f"{row['hit_share']:.1%}"
        parts.append(f" {share} {_AFTER[row['window_kind']]} ({row['post_count']:,} posts);")
    base = rows[-1]["base_share"]
    whole = "unknown" if base is None else f"{base:.1%}"
    return told(
        6,
        *parts,
        f" of all posts on {rows[0]['platform']}, {whole}",
        desk.mark(PUSHED),
        ". Trending is what people reach too.",
        anchors=("flow", "coordination"),
        rows=("crowd_share", "measure = 'clusters'"),
    )
