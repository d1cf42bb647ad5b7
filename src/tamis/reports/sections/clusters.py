"""Could chance explain the pairs: what was tested, and the clusters that no null model explains."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration
from tamis.reports.sections.timeline import latest
from tamis.reports.words import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_TOTALS = (
    "(SELECT * FROM co_action_significance_total "
    f"WHERE run_id = ({latest('co_action_significance_total')}))"
)
_CLUSTERS = f"(SELECT * FROM cluster WHERE run_id = ({latest('cluster')}))"
_HANDLES = "SELECT account_id, max(handle) AS handle FROM account GROUP BY account_id"
_LISTED = f"""
    SELECT * FROM {_CLUSTERS} AS clusters_now
    ORDER BY grade, member_count DESC, layer, window_s, cluster_id LIMIT $row_limit
"""

TESTED = Figure(
    "pairs_tested",
    "Pairs tested against chance, each layer and window counted",
    f"SELECT CAST(coalesce(sum(pair_count), 0) AS BIGINT) AS pairs FROM {_TOTALS} AS totals_now",
)
UNEXPLAINED = Figure(
    "pairs_unexplained",
    "Pairs that no null model explains, each layer and window counted",
    f"""
    SELECT CAST(coalesce(sum(unexplained_count), 0) AS BIGINT) AS pairs
    FROM {_TOTALS} AS totals_now
    """,
)
WEAKER = Figure(
    "pairs_weaker",
    "Further pairs that nothing explains but a source inferred to be theirs alone",
    f"SELECT CAST(coalesce(sum(weaker_count), 0) AS BIGINT) AS pairs FROM {_TOTALS} AS totals_now",
)
FIRST = Figure(
    "clusters_first",
    "Clusters of accounts whose pairs no null model explains, each layer counted",
    f"SELECT count(*) AS clusters FROM {_CLUSTERS} AS clusters_now WHERE grade = 'first'",
)
SECOND = Figure(
    "clusters_second",
    "Weaker clusters: a source that only these accounts would follow explains them too",
    f"SELECT count(*) AS clusters FROM {_CLUSTERS} AS clusters_now WHERE grade = 'second'",
)
EVERY = Figure(
    "clusters_every",
    "Clusters of both grades, each layer counted",
    f"SELECT count(*) AS clusters FROM {_CLUSTERS} AS clusters_now",
)
TESTS = Figure(
    "significance_by_layer",
    "Tests by layer and window, and what the placebo found",
    f"""
    SELECT layer, window_s, pair_count, test_count, unexplained_count, weaker_count,
        placebo_factor
    FROM {_TOTALS} AS totals_now WHERE pair_count > 0 ORDER BY layer, window_s
    """,
    keeps=Keeps.ROWS,
)


def listed(limit: int) -> Figure:
    """The clusters, those of the first grade and the largest first."""
    return Figure(
        "cluster_list",
        "The clusters printed",
        f"""
        SELECT cluster_id, grade, layer, window_s, member_count, core_count, edge_count,
            object_count, evidence_count, stability, detail, limits
        FROM ({_LISTED}) AS chosen
        ORDER BY grade, member_count DESC, layer, window_s, cluster_id
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def members(limit: int) -> Figure:
    """The accounts of the clusters printed, those with most partners first."""
    return Figure(
        "cluster_members",
        "The accounts of the clusters printed",
        f"""
        WITH chosen AS ({_LISTED}), handles AS ({_HANDLES})
        SELECT member.cluster_id AS cluster_id, member.account_id AS account_id,
            member.role AS role, handles.handle AS handle
        FROM cluster_member AS member JOIN chosen ON chosen.cluster_id = member.cluster_id
            AND chosen.run_id = member.run_id
            LEFT JOIN handles ON handles.account_id = member.account_id
        ORDER BY member.cluster_id, member.core_number DESC, member.account_id
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """What the tests say, and the clusters; nothing where no pair was tested."""
    if not value_of(desk.ask(TESTED)):
        return None
    return join(
        tag("h3", "Could chance explain it"),
        tag(
            "p",
            "Of ",
            desk.number(TESTED),
            " pairs tested, no null model (bursts, hours, reactions, sessions, shared sources) "
            "explains ",
            desk.number(UNEXPLAINED),
            "; ",
            desk.number(WEAKER),
            " more are explained by nothing but a source that only the two would follow. Corrected "
            "over all pairs that could have been. Clusters, each layer counted: ",
            desk.number(FIRST),
            "; weaker ones: ",
            desk.number(SECOND),
            ".",
        ),
        _tests(desk),
        _clusters(desk),
    )


def _tests(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            LAYERS.get(row["layer"], desk.edition.remark(row["layer"], 40)),
            duration(row["window_s"]),
            shown(row["pair_count"]),
            shown(row["test_count"]),
            shown(row["unexplained_count"]),
            shown(row["weaker_count"]),
            shown(row["placebo_factor"]),
        )
        for row in desk.ask(TESTS).rows
    ]
    heads = (
        ("Layer", ""),
        ("Window", "n"),
        ("Pairs tested", "n"),
        ("Corrected over", "n"),
        ("Not explained", "n"),
        ("Weaker", "n"),
        ("Placebo factor", "n"),
    )
    caption = join("Tests by layer; a placebo factor of 1 is as promised", desk.mark(TESTS))
    return table(heads, rows, caption=caption)


def _clusters(desk: Desk) -> Markup | None:
    limit = desk.limits.rows
    figure = listed(limit)
    rows = desk.ask(figure).rows
    if not rows:
        return None
    held: dict[str, list[Mapping[str, Any]]] = {}
    for row in desk.ask(members(limit)).rows:
        held.setdefault(row["cluster_id"], []).append(row)
    entries = [_cluster(desk, row, held.get(row["cluster_id"], [])) for row in rows]
    return join(
        tag("h3", "Clusters ", desk.mark(figure)),
        note(
            "Not explained by these models is no proof of an agreement: one program that posts for "
            "several people, alerts that only they get, or one person with several accounts look "
            "the same. A weaker cluster is a place to look, no finding.",
            kind="limit",
        ),
        tag("ol", *entries, class_="groups", data_figure=desk.trace(figure)),
        desk.showing(figure, EVERY, "cluster"),
    )


def _cluster(desk: Desk, row: Mapping[str, Any], inside: list[Mapping[str, Any]]) -> Markup:
    layer = LAYERS.get(row["layer"], desk.edition.remark(row["layer"], 40))
    grade = "not explained by any null model" if row["grade"] == "first" else "weaker"
    names = [desk.edition.account(one["account_id"], one["handle"]) for one in inside]
    summary = tag(
        "summary",
        tag("span", f"{row['member_count']:,} accounts: {grade}", class_="subject"),
        tag("span", layer, f" within {duration(row['window_s'])}", class_="meta"),
    )
    facts = (
        f"{row['evidence_count']:,} rows of evidence; {row['core_count']:,} accounts in its core; "
        f"stability over windows and thresholds {row['stability']:.2f}."
    )
    return tag(
        "li",
        tag(
            "details",
            summary,
            tag("p", desk.edition.remark(row["detail"], 900)),
            tag("p", facts),
            tag("p", "Accounts: ", join(*names, by=", "), "."),
            tag("p", desk.edition.remark(row["limits"], 900), class_="meta"),
        ),
    )
