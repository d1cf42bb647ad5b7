"""Electoral silence: the rules with their sources, who posted on which side, the time to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.moments import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.reports.desk import Desk

_TERRITORIES = 12
_SIGHTS = {
    "leak_at": "when the case says the dump became known",
    "selector": "first sight of what was searched for",
    "leaked_item": "first post with an item of the dump",
}
_WHO = {
    "all": "all",
    "cluster_first": "in clusters, first grade",
    "cluster_second": "in clusters, second and weaker grade",
}

WINDOWS = Figure(
    "silence_windows",
    "Windows of silence: rules by territory and vote",
    "SELECT count(*) AS windows FROM silence_window",
)
RULES = Figure(
    "silence_rules",
    "Rules of silence of the case, by territory and vote, with their sources",
    """
    SELECT jurisdiction, jurisdiction_name, rule_id, kind, covers, binds, excepts, online, sanction,
        article, sources, as_of, currency, confidence, caveats, history, origin, vote_day,
        territory, start_state, start_low_at, start_high_at, start_local, end_state, end_low_at,
        end_high_at, end_local
    FROM silence_window
    ORDER BY jurisdiction, vote_day, kind <> 'campaign', kind <> 'polls', rule_id, start_low_at,
        territory
    """,
    keeps=Keeps.ROWS,
)
UNKNOWN = Figure(
    "silence_unknown",
    "Jurisdictions of the case of which no rule is known for its polling days",
    """
    SELECT json_extract_string(settings, '$.jurisdictions_without_rules') AS unknown FROM run
    WHERE stage = 'response.silence' ORDER BY started_at DESC, run_id LIMIT 1
    """,
    keeps=Keeps.ROWS,
)
DRAWN = Figure(
    "silence_drawn",
    "Campaign and broadcast silence as drawn on the timeline",
    """
    SELECT DISTINCT start_low_at, start_high_at, end_low_at, end_high_at FROM silence_window
    WHERE kind IN ('campaign', 'broadcast') AND start_low_at IS NOT NULL
        AND end_high_at IS NOT NULL
    ORDER BY start_low_at, end_high_at, start_high_at, end_low_at
    """,
    keeps=Keeps.ROWS,
)


def timing(limit: int) -> Figure:
    """Posts and actions on either side of campaign, broadcast and polls rules."""
    return Figure(
        "silence_timing",
        "Posts and actions before, inside and after each silence",
        """
        SELECT jurisdiction, vote_day, rule_id, kind, territory, counted, who, before_count,
            inside_count, after_count, unsure_count, undated_count, before_share, inside_share,
            after_share
        FROM silence_timing WHERE kind IN ('campaign', 'broadcast', 'polls')
        ORDER BY vote_day DESC, kind <> 'campaign', jurisdiction, territory, rule_id,
            counted DESC, who LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.ROWS,
    )


def answering(limit: int) -> Figure:
    """How long the accused had to answer."""
    return Figure(
        "answer_time",
        "From the first sight of the leak to the start of each silence",
        """
        SELECT sight, object_id, display, jurisdiction, vote_day, rule_id, territory, first_low_at,
            first_high_at, start_low_at, start_high_at, answer_low_s, answer_high_s
        FROM answer_time
        ORDER BY sight <> 'leak_at', first_high_at, object_id, start_low_at, territory, rule_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on silence; nothing when the case names no jurisdiction or polling day."""
    unknown = _unknown(desk)
    if not value_of(desk.ask(WINDOWS)):
        if unknown is None:
            return None
        return tag("section", tag("h2", "Electoral silence"), unknown, id="silence")
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in desk.ask(RULES).rows:
        groups.setdefault((row["jurisdiction"], row["rule_id"], row["vote_day"]), []).append(row)
    heads = (("Rule", "wide"), ("From and to", "wide"), ("Written", "wide"))
    rules: list[tuple[Content, ...]] = [
        (_rule(group[0]), _spans(desk, group), _written(group[0])) for group in groups.values()
    ]
    return tag(
        "section",
        tag("h2", "Electoral silence"),
        tag(
            "p",
            desk.number(WINDOWS),
            " windows: each rule that is known for the jurisdictions of the case, on each polling "
            "day, in each territory with a clock of its own.",
        ),
        note(
            "No legal advice. Where no rule is listed, nothing is established. Nothing here covers "
            "data that were obtained unlawfully, false news, secrecy of correspondence, defamation "
            "or data protection.",
            kind="limit",
        ),
        unknown,
        table(heads, rules, caption=join("Rules with their sources", desk.mark(RULES))),
        _sides(desk),
        _answers(desk),
        id="silence",
    )


def _unknown(desk: Desk) -> Markup | None:
    """For which jurisdictions of the case nothing is established."""
    found = desk.ask(UNKNOWN).rows
    if not found or not found[0]["unknown"]:
        return None
    return note(
        tag("strong", "Not established: "),
        f"no rule is known of {found[0]['unknown']}. Not known is not free; comment on polls is "
        "not withheld on that account. Add the rules (docs/how-to/silence.md) and run again.",
        desk.mark(UNKNOWN),
        kind="limit",
    )


def _rule(row: Mapping[str, Any]) -> Markup:
    told = [
        ("", row["covers"]),
        ("binds: ", ", ".join(row["binds"]) or "nobody"),
        ("its text excepts: ", row["excepts"]),
        ("online: ", row["online"] or "not established"),
        ("sanction: ", row["sanction"] or "not established"),
    ]
    return join(
        tag("strong", f"{row['jurisdiction_name']}: {row['kind'].replace('_', ' ')}"),
        tag("span", f" vote of {row['vote_day']}", class_="meta"),
        *(tag("p", name, value) for name, value in told if value),
    )


def _written(row: Mapping[str, Any]) -> Markup:
    stale = tag("strong", f"{row['currency']}; ") if row["currency"] != "current" else None
    more = (*row["caveats"], *(f"earlier: {one}" for one in row["history"]))
    return join(
        tag("p", row["article"] or "no article seen"),
        tag("p", stale, f"as of {row['as_of'] or 'a date not established'}; {row['origin']}"),
        tag("p", "grades: ", ", ".join(row["confidence"])),
        tag(
            "details",
            tag("summary", "sources and notes"),
            tag("ul", *(tag("li", one) for one in (*row["sources"], *more))),
        ),
    )


def _spans(desk: Desk, rows: Sequence[Mapping[str, Any]]) -> Markup:
    entries = [
        tag(
            "li",
            tag("strong", row["territory"]),
            ": from ",
            _border(desk, row, "start"),
            " to ",
            _border(desk, row, "end"),
        )
        for row in rows[:_TERRITORIES]
    ]
    if len(rows) > _TERRITORIES:
        entries.append(
            tag("li", f"and {len(rows) - _TERRITORIES:,} more: ", desk.whole("silence_window"))
        )
    return tag("ul", *entries)


def _border(desk: Desk, row: Mapping[str, Any], name: str) -> Markup:
    state = row[f"{name}_state"]
    if state == "any_time":
        return Markup("any time before")
    if row[f"{name}_low_at"] is None:
        return tag("em", "not established")
    if state == "known":
        local = f" = {row[f'{name}_local']} local"
        return join(desk.clock.show(row[f"{name}_low_at"], "minutes"), local)
    return join(
        "an hour, not established, ",
        desk.clock.interval(row[f"{name}_low_at"], row[f"{name}_high_at"]),
    )


def _sides(desk: Desk) -> Markup | None:
    listed = timing(desk.limits.rows * 2)
    found = desk.ask(listed).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            f"{row['territory']}, {row['kind']}, vote of {row['vote_day']}",
            f"{row['counted']}s, {_WHO.get(row['who'], row['who'])}",
            *(_share(row, side) for side in ("before", "inside", "after")),
            shown(row["unsure_count"] + row["undated_count"]),
        )
        for row in found
    ]
    heads = (
        *(("Silence", "wide"), ("Counted", "")),
        *(("Before", "n"), ("Inside", "n"), ("After", "n"), ("Not sure", "n")),
    )
    return join(
        note(
            "Counts of this collection. A post inside a silence is no breach: the rule may not "
            "bind its author, and where it was written is not known. Shares are of those whose "
            "side is sure.",
            kind="limit",
        ),
        table(heads, rows, caption=join("Posts on either side", desk.mark(listed))),
        tag("p", "All rows: ", desk.whole("silence_timing"), class_="showing"),
    )


def _share(row: Mapping[str, Any], side: str) -> str:
    share = row[f"{side}_share"]
    count = shown(row[f"{side}_count"])
    return count if share is None else f"{count} ({share:.1%})"


def _answers(desk: Desk) -> Markup | None:
    listed = answering(desk.limits.rows)
    found = desk.ask(listed).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            _SIGHTS.get(row["sight"], row["sight"]),
            desk.clock.interval(row["first_low_at"], row["first_high_at"]),
            f"{row['territory']}, vote of {row['vote_day']}",
            _time_left(row),
        )
        for row in found
    ]
    heads = (("Counted from", "wide"), ("Seen", ""), ("Silence", "wide"), ("Time to answer", "n"))
    return join(
        table(heads, rows, caption=join("How long the accused had", desk.mark(listed))),
        tag(
            "p",
            "A negative time: silence already ran. The first sight is that of this collection; "
            "all rows: ",
            desk.whole("answer_time"),
            class_="showing",
        ),
    )


def _time_left(row: Mapping[str, Any]) -> str:
    low, high = row["answer_low_s"], row["answer_high_s"]
    if high is None:
        return f"at least {duration(low)}"
    return duration(low) if low == high else f"{duration(low)} to {duration(high)}"
