"""Messages that look like an attempt to steal a password, with the reasons, links as text."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named, several

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

SUSPECTED = Figure(
    "phishing",
    "Messages with reasons to suspect phishing",
    "SELECT count(*) AS messages FROM phishing",
)
STRONG = Figure(
    "phishing_strong",
    "Of these, messages with a reason that suffices alone",
    "SELECT count(*) AS messages FROM phishing WHERE has_strong_reason",
)
RESEMBLED = Figure(
    "phishing_resembled",
    "Own or well-known domains that a domain in these messages resembles",
    """
    SELECT count(DISTINCT resembled) AS domains
    FROM (SELECT unnest(resembles) AS resembled FROM phishing) AS told
    """,
)
BY_RULE = Figure(
    "phishing_by_rule",
    "By which rules",
    """
    SELECT rule_id, count(*) AS message_count
    FROM (SELECT unnest(rule_ids) AS rule_id FROM phishing) AS met
    GROUP BY rule_id ORDER BY message_count DESC, rule_id
    """,
    keeps=Keeps.ROWS,
)
_EACH = 5


def lookalikes(limit: int) -> Figure:
    """The domains that others resemble, with the domains in the messages that do."""
    return Figure(
        "phishing_lookalike_list",
        "Resembled domains, and the suspicious domains in the same messages",
        """
        WITH likeness AS (
            SELECT item_id, unnest(resembles) AS resembled, domains FROM phishing
        )
        SELECT resembled, count(*) AS message_count,
            list_sort(list_distinct(flatten(list(domains)))) AS domains
        FROM likeness GROUP BY resembled ORDER BY message_count DESC, resembled
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def suspected(limit: int) -> Figure:
    """The messages, those with a strong reason first."""
    return Figure(
        "phishing_list",
        "Each suspicious message with its reasons",
        f"""
        WITH named AS ({NAMED})
        SELECT named.*, found.reasons AS reasons, found.links AS links, found.domains AS domains,
            found.resembles AS resembles, found.has_strong_reason AS has_strong_reason
        FROM phishing AS found JOIN named ON named.item_id = found.item_id
        ORDER BY found.has_strong_reason DESC, len(found.rule_ids) DESC,
            named.sent_at NULLS LAST, named.item_id
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on suspected phishing; nothing when there is none."""
    if not value_of(desk.ask(SUSPECTED)):
        return None
    return tag(
        "section",
        tag("h2", "Possible phishing"),
        tag(
            "p",
            "Messages with reasons to suspect an attempt to steal a password: ",
            desk.number(SUSPECTED),
            "; with a reason that suffices alone: ",
            desk.number(STRONG),
            ". Own or well-known domains that a domain in them resembles: ",
            desk.number(RESEMBLED),
            ".",
        ),
        note(
            "A place to look. It does not say who sent a message, or that anybody fell for it; "
            "honest mail can meet two weak rules, and good phishing meets none. Links are text: "
            "nothing here can be clicked, and nothing was opened. A domain of the campaign that "
            "own_domains in case.toml does not name, such as its list server, stands here too."
        ),
        _rules(desk),
        _lookalikes(desk),
        # Without text and links a row would say nothing.
        None if desk.edition.is_public else _each(desk),
        id="phishing",
    )


def _rules(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (desk.edition.remark(row["rule_id"].replace("_", " "), 60), shown(row["message_count"]))
        for row in desk.ask(BY_RULE).rows
    ]
    heads = (("Rule", ""), ("Messages", "n"))
    return table(heads, rows, caption=join(BY_RULE.label, desk.mark(BY_RULE)), classes="narrow")


def _lookalikes(desk: Desk) -> Markup | None:
    listed = lookalikes(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.domain(row["resembled"]),
            several((desk.edition.domain(one) for one in row["domains"]), _EACH),
            shown(row["message_count"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Resembled domain", "who"), ("Domains in these messages", "wide"), ("Messages", "n"))
    return listing(desk, Listing("Look-alike domains", heads, listed, RESEMBLED, "phishing"), rows)


def _each(desk: Desk) -> Markup | None:
    listed = suspected(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            named(desk, row),
            several((desk.edition.text(one, 300) for one in row["reasons"]), _EACH),
            several((desk.edition.text(one, 200) for one in row["links"]), _EACH),
            "yes" if row["has_strong_reason"] else "no",
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Message", "who"),
        ("Why", "wide"),
        ("Links that gave a reason, as text", "wide"),
        ("One alone suffices", ""),
    )
    return listing(desk, Listing("The messages", heads, listed, SUSPECTED, "phishing"), rows)
