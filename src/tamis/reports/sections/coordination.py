"""Which accounts acted together: pairs within a window, with both posts of each evidence row."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration
from tamis.reports.network_chart import network
from tamis.reports.sections import clusters, left_out
from tamis.reports.sections.first_sights import where
from tamis.reports.sections.timeline import latest
from tamis.reports.words import LAYERS, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_ROWS = f"(SELECT * FROM co_action WHERE run_id = ({latest('co_action')}))"
_EVIDENCE = f"(SELECT * FROM co_action_evidence WHERE run_id = ({latest('co_action_evidence')}))"
_CHANCES = (
    f"(SELECT * FROM co_action_significance WHERE run_id = ({latest('co_action_significance')}))"
)


def _same_pair(name: str) -> str:
    """That rows called `name` and rows of the tests are of one pair, layer and window."""
    columns = ("layer", "window_s", "account_a", "account_b")
    return " AND ".join(f"chances_now.{column} = {name}.{column}" for column in columns)


_HANDLES = "SELECT account_id, max(handle) AS handle FROM account GROUP BY account_id"
# One weight speaks for the page: distinct objects where computed, else the first by name.
_KIND = f"""
    SELECT weight_kind FROM {_ROWS} AS kinds GROUP BY weight_kind
    ORDER BY weight_kind <> 'distinct_objects', weight_kind LIMIT 1
"""
_CHOSEN = f"""
    SELECT layer, window_s, weight_kind, account_a, account_b, weight, shared_count, pair_count,
        lag_median_s, a_first_share
    FROM {_ROWS} AS rows_now WHERE weight_kind = ({_KIND})
    ORDER BY weight DESC, pair_count DESC, layer, window_s, account_a, account_b LIMIT $row_limit
"""

PAIRS = Figure(
    "pairs",
    "Different pairs of accounts that acted on the same things within the window",
    f"""
    SELECT count(*) AS pairs FROM (
        SELECT DISTINCT account_a, account_b FROM {_ROWS} AS rows_now
        WHERE weight_kind = ({_KIND})
    ) AS distinct_pairs
    """,
)
PAIR_ROWS = Figure(
    "pair_rows",
    "The same pairs, each counted once for every layer and window it is found in",
    f"SELECT count(*) AS pair_rows FROM {_ROWS} AS rows_now WHERE weight_kind = ({_KIND})",
)
ACCOUNTS = Figure(
    "paired_accounts",
    "Accounts in at least one such pair",
    f"""
    SELECT count(*) AS accounts FROM (
        SELECT account_a AS account_id FROM {_ROWS} AS one WHERE weight_kind = ({_KIND})
        UNION SELECT account_b FROM {_ROWS} AS two WHERE weight_kind = ({_KIND})
    ) AS both_sides
    """,
)
LAYER_COUNTS = Figure(
    "pairs_by_layer",
    "Pairs by layer, window and weight",
    f"""
    SELECT layer, window_s, weight_kind, count(*) AS pair_count,
        min(weight) AS least_weight, max(weight) AS largest_weight
    FROM {_ROWS} AS rows_now GROUP BY layer, window_s, weight_kind
    ORDER BY layer, window_s, weight_kind
    """,
    keeps=Keeps.ROWS,
)
RUNS = Figure(
    "coordination_runs",
    "Runs that looked for pairs",
    "SELECT count(*) AS runs FROM run WHERE starts_with(stage, 'coordination')",
)
UNTESTED = Figure(
    "pairs_untested",
    "Pairs without a significance test, each layer counted",
    f"""
    SELECT count(*) AS pairs FROM {_ROWS} AS rows_now LEFT JOIN {_CHANCES} AS chances_now
        ON {_same_pair("rows_now")}
    WHERE rows_now.weight_kind = ({_KIND}) AND chances_now.reading IS NULL
    """,
)


def pairs(limit: int) -> Figure:
    """The strongest pairs."""
    return Figure(
        "pair_list",
        "The pairs with the largest weight",
        f"""
        WITH chosen AS ({_CHOSEN}), handles AS ({_HANDLES})
        SELECT chosen.*, one.handle AS handle_a, two.handle AS handle_b,
            chances_now.reading AS reading
        FROM chosen LEFT JOIN {_CHANCES} AS chances_now ON {_same_pair("chosen")}
            LEFT JOIN handles AS one ON one.account_id = chosen.account_a
            LEFT JOIN handles AS two ON two.account_id = chosen.account_b
        ORDER BY chosen.weight DESC, chosen.pair_count DESC, chosen.layer, chosen.window_s,
            chosen.account_a, chosen.account_b
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def evidence(limit: int, each: int) -> Figure:
    """The first pairs of actions behind each pair printed, and how many there are in all."""
    return Figure(
        "pair_evidence",
        "Pairs of actions behind the pairs printed: the earliest of each",
        f"""
        WITH chosen AS ({_CHOSEN}), ranked AS (
            SELECT proof.*, count(*) OVER (
                PARTITION BY proof.layer, proof.window_s, proof.account_a, proof.account_b
            ) AS evidence_count, row_number() OVER (
                PARTITION BY proof.layer, proof.window_s, proof.account_a, proof.account_b
                ORDER BY proof.acted_at_a, proof.acted_at_b, proof.object_id, proof.post_id_a,
                    proof.post_id_b
            ) AS rank_in_pair
            FROM {_EVIDENCE} AS proof JOIN chosen ON chosen.layer = proof.layer
                AND chosen.window_s = proof.window_s AND chosen.account_a = proof.account_a
                AND chosen.account_b = proof.account_b
        ), things AS (
            SELECT object_id, min(kind) AS kind, min(display) AS display FROM object
            GROUP BY object_id
        )
        SELECT ranked.layer AS layer, ranked.window_s AS window_s,
            ranked.account_a AS account_a, ranked.account_b AS account_b,
            ranked.object_id AS object_id, things.kind AS kind, things.display AS display,
            ranked.post_id_a AS post_id_a, ranked.post_id_b AS post_id_b,
            ranked.acted_at_a AS acted_at_a, ranked.acted_at_b AS acted_at_b,
            ranked.lag_s AS lag_s, ranked.source_item_id_a AS source_item_id_a,
            ranked.byte_start_a AS byte_start_a, ranked.source_item_id_b AS source_item_id_b,
            ranked.byte_start_b AS byte_start_b, ranked.evidence_count AS evidence_count
        FROM ranked LEFT JOIN things ON things.object_id = ranked.object_id
        WHERE ranked.rank_in_pair <= $each
        ORDER BY ranked.layer, ranked.window_s, ranked.account_a, ranked.account_b,
            ranked.rank_in_pair
        """,
        {"row_limit": limit, "each": each},
        Keeps.DIGEST,
    )


def groups(limit: int) -> Figure:
    """Accounts joined through pairs, over the strongest pairs."""
    return Figure(
        "pair_groups",
        "Accounts joined to each other through the strongest pairs, over all layers",
        f"""
        WITH RECURSIVE chosen AS ({_CHOSEN}), joined AS (
            SELECT DISTINCT account_a AS here, account_b AS there FROM chosen
            UNION SELECT DISTINCT account_b, account_a FROM chosen
        ), reached AS (
            SELECT here AS root, here AS account_id FROM joined
            UNION SELECT reached.root, joined.there FROM reached
                JOIN joined ON joined.here = reached.account_id
        ), handles AS ({_HANDLES}), grouped AS (
            SELECT account_id, min(root) AS root FROM reached GROUP BY account_id
        )
        SELECT grouped.root AS root, grouped.account_id AS account_id, handles.handle AS handle,
            count(*) OVER (PARTITION BY grouped.root) AS group_size
        FROM grouped LEFT JOIN handles ON handles.account_id = grouped.account_id
        ORDER BY group_size DESC, grouped.root, grouped.account_id
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def edges(limit: int) -> Figure:
    """The pairs that are drawn, layers added up."""
    return Figure(
        "pair_edges",
        "The pairs drawn, over all layers",
        f"""
        WITH chosen AS ({_CHOSEN})
        SELECT account_a, account_b, CAST(sum(weight) AS BIGINT) AS weight
        FROM chosen GROUP BY account_a, account_b ORDER BY account_a, account_b
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on coordination; nothing when no pair was found or the stage never ran."""
    heading = tag("h2", "Who acted together")
    if not value_of(desk.ask(PAIRS)):
        return tag("section", heading, _nothing(desk), left_out.render(desk), id="coordination")
    return tag(
        "section",
        heading,
        _lead(desk),
        note(
            "A pair acted within the window. That could be chance, a push alert, a popular account "
            "or the same news; pairs not tested against chance: ",
            desk.number(UNTESTED),
            ". Look at what they shared, and when, before drawing any conclusion; a pair is no "
            "accusation.",
            kind="limit",
        ),
        clusters.render(desk),
        _layers(desk),
        left_out.render(desk),
        _pairs(desk),
        _groups(desk),
        id="coordination",
    )


def _nothing(desk: Desk) -> Markup:
    if value_of(desk.ask(RUNS)):
        return tag("p", "Pairs of accounts found: ", desk.number(PAIRS), ".")
    command = tag("code", f"tamis run {desk.case_name} --only coordination")
    return tag("p", "Not computed in this case; runs so far: ", desk.number(RUNS), ". ", command)


def _lead(desk: Desk) -> Markup:
    kind = desk.ask(pairs(desk.limits.pairs)).rows[0]["weight_kind"]
    return tag(
        "p",
        desk.number(PAIRS),
        " pairs among ",
        desk.number(ACCOUNTS),
        " accounts did the same thing within the window; counted in each layer, ",
        desk.number(PAIR_ROWS),
        ". They are ranked by ",
        WEIGHTS.get(kind, desk.edition.remark(kind, 40)),
        ". Each pair opens to its evidence: both posts, both times, and where they stand in the "
        "files that came in.",
    )


def _layers(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            LAYERS.get(row["layer"], desk.edition.remark(row["layer"], 40)),
            duration(row["window_s"]),
            WEIGHTS.get(row["weight_kind"], desk.edition.remark(row["weight_kind"], 40)),
            shown(row["pair_count"]),
            shown(row["least_weight"]),
            shown(row["largest_weight"]),
        )
        for row in desk.ask(LAYER_COUNTS).rows
    ]
    heads = (
        ("Layer", ""),
        ("Window", "n"),
        ("Weight counts", ""),
        ("Pairs", "n"),
        ("Least weight kept", "n"),
        ("Largest", "n"),
    )
    return table(heads, rows, caption=join("Pairs by layer", desk.mark(LAYER_COUNTS)))


def _pairs(desk: Desk) -> Markup:
    limit, each = desk.limits.pairs, desk.limits.evidence_each
    proof: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in desk.ask(evidence(limit, each)).rows:
        key = (row["layer"], row["window_s"], row["account_a"], row["account_b"])
        proof.setdefault(key, []).append(row)
    entries = []
    for row in desk.ask(pairs(limit)).rows:
        key = (row["layer"], row["window_s"], row["account_a"], row["account_b"])
        entries.append(_pair(desk, row, proof.get(key, [])))
    return join(
        tag("h3", "The strongest pairs ", desk.mark(pairs(limit))),
        tag("ol", *entries, class_="pairs", data_figure=desk.trace(pairs(limit))),
        desk.showing(pairs(limit), PAIR_ROWS, "co_action"),
    )


def _pair(desk: Desk, row: Mapping[str, Any], proof: list[Mapping[str, Any]]) -> Markup:
    edition = desk.edition
    a_name = edition.account(row["account_a"], row["handle_a"])
    b_name = edition.account(row["account_b"], row["handle_b"])
    layer = LAYERS.get(row["layer"], edition.remark(row["layer"], 40))
    what = join(layer, f" within {duration(row['window_s'])}: weight {row['weight']:,}")
    facts = (
        f"{row['shared_count']:,} different things, {row['pair_count']:,} pairs of actions; "
        f"median lag {duration(row['lag_median_s'])} (second account minus first); the first "
        f"account acted first in {row['a_first_share']:.0%} of pairs"
    )
    reading = row["reading"]
    chance = "Not tested against chance." if reading is None else desk.edition.remark(reading, 600)
    summary = tag(
        "summary",
        tag("span", a_name, " and ", b_name, class_="subject"),
        tag("span", what, class_="meta"),
    )
    return tag(
        "li", tag("details", summary, tag("p", facts, ". ", chance), _evidence(desk, row, proof))
    )


def _evidence(desk: Desk, pair: Mapping[str, Any], proof: list[Mapping[str, Any]]) -> Markup:
    if not proof:
        return tag("p", "No evidence rows in this generation.", class_="wrong")
    figure = evidence(desk.limits.pairs, desk.limits.evidence_each)
    rows: list[tuple[Content, ...]] = []
    for row in proof:
        display = row["display"] or row["object_id"]
        kind = row["kind"] or ("post" if pair["layer"] in {"co_repost", "co_reply"} else "object")
        # How many carry an object is not known here, so the public edition never names it here.
        rows.append(
            (
                desk.edition.object(kind, display, row["object_id"], None),
                _act(desk, row, "a"),
                _act(desk, row, "b"),
                duration(row["lag_s"]),
            )
        )
    heads = (("What both used", ""), ("First account", ""), ("Second account", ""), ("Lag", "n"))
    total = proof[0]["evidence_count"]
    caption = join(f"Earliest {len(proof):,} of {total:,} pairs of actions", desk.mark(figure))
    return table(heads, rows, caption=caption, classes="evidence")


def _act(desk: Desk, row: Mapping[str, Any], side: str) -> Markup:
    return join(
        desk.clock.show(row[f"acted_at_{side}"]),
        tag(
            "span",
            desk.edition.post(row[f"post_id_{side}"]),
            "; ",
            where(row[f"source_item_id_{side}"], row[f"byte_start_{side}"]),
            class_="meta",
        ),
    )


def _groups(desk: Desk) -> Markup:
    limit = desk.limits.network_pairs
    figure, drawn = groups(limit), edges(limit)
    members: dict[str, list[Mapping[str, Any]]] = {}
    for row in desk.ask(figure).rows:
        members.setdefault(row["root"], []).append(row)
    entries = [_group(desk, rows) for rows in list(members.values())[:12]]
    picture = network(
        [[row["account_id"] for row in rows] for rows in members.values()],
        [(row["account_a"], row["account_b"], row["weight"]) for row in desk.ask(drawn).rows],
    )
    hidden = len(members) - len(entries)
    return join(
        tag("h3", "Connected groups"),
        tag(
            "p",
            "Accounts joined by pairs, directly or through others. Used are the pairs with the "
            "largest weights: ",
            desk.row_count(drawn),
            " of ",
            desk.number(PAIRS),
            ". A group is a way of reading the pairs, not a finding: through one busy "
            "account strangers end up in one group.",
        ),
        tag("ol", *entries, class_="groups", data_figure=desk.trace(figure)),
        tag("p", "… and ", desk.part(figure, hidden), " smaller groups.", class_="showing")
        if hidden > 0
        else None,
        tag(
            "figure",
            tag("figcaption", "Each dot an account, each line a pair", desk.mark(drawn)),
            picture,
        ),
    )


def _group(desk: Desk, rows: list[Mapping[str, Any]], most: int = 12) -> Markup:
    names = [desk.edition.account(row["account_id"], row["handle"]) for row in rows[:most]]
    rest = len(rows) - len(names)
    figure = groups(desk.limits.network_pairs)
    return tag(
        "li",
        desk.part(figure, len(rows)),
        " accounts: ",
        join(*names, by=", "),
        f" … and {rest:,} more" if rest > 0 else None,
    )
