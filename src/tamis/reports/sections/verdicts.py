"""How the messages of the dump come out: verdicts, person-to-person and bulk apart."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.charts import bar, strip
from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.words import ROLL_UPS, SCALE, SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.reports.desk import Desk

# Reference originals are a yardstick, not part of the dump: they are never counted here.
MESSAGES = Figure(
    "messages",
    "Messages of the dump",
    """
    SELECT count(*) AS messages FROM message JOIN item ON item.item_id = message.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
    """,
)
JUDGED = Figure(
    "messages_judged",
    "Messages of the dump that have a verdict",
    """
    SELECT count(*) AS messages FROM verdict JOIN item ON item.item_id = verdict.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
    """,
)
VERDICTS = Figure(
    "verdicts",
    "Messages of the dump by verdict, person-to-person and bulk apart",
    """
    SELECT verdict.verdict AS verdict, verdict.roll_up AS roll_up,
        count(*) FILTER (WHERE NOT coalesce(message.is_bulk, false)) AS personal_count,
        count(*) FILTER (WHERE coalesce(message.is_bulk, false)) AS bulk_count
    FROM verdict JOIN item ON item.item_id = verdict.item_id
        LEFT JOIN message ON message.item_id = verdict.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
    GROUP BY verdict.verdict, verdict.roll_up ORDER BY verdict.verdict, verdict.roll_up
    """,
    keeps=Keeps.ROWS,
)
KEPT_FROM = Figure(
    "kept_from_verified",
    "What kept messages from verified",
    """
    SELECT verdict.kept_from AS kept_from, verdict.verdict AS verdict,
        count(*) FILTER (WHERE NOT coalesce(message.is_bulk, false)) AS personal_count,
        count(*) FILTER (WHERE coalesce(message.is_bulk, false)) AS bulk_count
    FROM verdict JOIN item ON item.item_id = verdict.item_id
        LEFT JOIN message ON message.item_id = verdict.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
      AND verdict.kept_from IS NOT NULL
    GROUP BY verdict.kept_from, verdict.verdict
    ORDER BY count(*) DESC, kept_from, verdict LIMIT 15
    """,
    keeps=Keeps.DIGEST,
)
SIGNATURES = Figure(
    "signatures_by_key",
    "Signatures on messages of the dump, by kind and by what is known of the key",
    """
    SELECT signature.kind AS kind, signature.key_status AS key_status,
        count(*) AS signature_count,
        count(*) FILTER (WHERE signature.header_verifies) AS header_count,
        count(*) FILTER (WHERE signature.body_matches) AS body_count,
        count(*) FILTER (WHERE signature.header_verifies AND signature.body_matches
            AND signature.covers_whole_body) AS whole_count
    FROM signature JOIN item ON item.item_id = signature.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
    GROUP BY signature.kind, signature.key_status
    ORDER BY signature.kind, signature.key_status
    """,
    keeps=Keeps.ROWS,
)


def counted(roll_up: str | None, *, is_bulk: bool) -> Figure:
    """How many messages of one traffic are rolled up into one word; None counts all judged."""
    traffic = "bulk" if is_bulk else "personal"
    kind = "bulk" if is_bulk else "person-to-person"
    word = roll_up or "judged"
    where = "" if roll_up is None else "AND verdict.roll_up = $roll_up"
    params: dict[str, Any] = {"is_bulk": is_bulk}
    if roll_up is not None:
        params["roll_up"] = roll_up
    return Figure(
        f"messages_{traffic}_{word}",
        f"Messages of the dump, {kind}, {word}",
        f"""
        SELECT count(*) AS messages FROM verdict JOIN item ON item.item_id = verdict.item_id
            LEFT JOIN message ON message.item_id = verdict.item_id
        WHERE (item.kind = 'leak'
            OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
          AND coalesce(message.is_bulk, false) = $is_bulk {where}
        """,
        params,
    )


def render(desk: Desk) -> Markup:
    """The section on verdicts."""
    heading = tag("h2", "What is real in the mail")
    if not value_of(desk.ask(MESSAGES)):
        empty = tag("p", "No messages came in: messages of the dump: ", desk.number(MESSAGES), ".")
        return tag("section", heading, empty, id="verdicts")
    if not value_of(desk.ask(JUDGED)):
        todo = tag("p", "Messages came in, but their signatures have not been checked: run ")
        command = tag("code", f"tamis run {desk.case_name} --only leak")
        return tag("section", heading, todo, command, _coverage(desk), id="verdicts")
    return tag(
        "section",
        heading,
        _coverage(desk),
        _strips(desk),
        note(SHARES, kind="limit"),
        _by_verdict(desk),
        _kept_from(desk),
        _signatures(desk),
        id="verdicts",
    )


def _coverage(desk: Desk) -> Markup:
    return tag(
        "p",
        desk.number(JUDGED),
        " of ",
        desk.number(MESSAGES),
        " messages of the dump were checked. Each has one verdict: the strongest statement its "
        "facts allow.",
    )


def _strips(desk: Desk) -> Markup:
    pieces = []
    for is_bulk, title in ((False, "Person-to-person mail"), (True, "Bulk and automatic mail")):
        total = counted(None, is_bulk=is_bulk)
        parts = [(word, counted(word, is_bulk=is_bulk)) for word in ROLL_UPS]
        legend = [
            tag(
                "li",
                tag("span", class_=f"swatch {word}", aria_hidden="true"),
                tag("span", word, class_="word"),
                " ",
                desk.number(figure),
            )
            for word, figure in parts
        ]
        pieces.append(
            tag(
                "figure",
                tag("figcaption", tag("strong", title), ": ", desk.number(total), " messages"),
                strip(
                    [(word, value_of(desk.ask(figure))) for word, figure in parts],
                    f"{title} by rolled-up verdict; the numbers follow as a list.",
                ),
                tag("ul", *legend, class_="legend"),
                class_="traffic",
            )
        )
    return tag("div", *pieces, class_="pair")


def _by_verdict(desk: Desk) -> Markup:
    found = {row["verdict"]: row for row in desk.ask(VERDICTS).rows}
    largest = max(
        (row[name] for row in found.values() for name in ("personal_count", "bulk_count")),
        default=0,
    )
    known = [word.verdict for word in SCALE]
    rows: list[tuple[Content, ...]] = []
    for word in SCALE:
        row = found.get(word.verdict, {"personal_count": 0, "bulk_count": 0})
        meaning = join(word.says, tag("span", "Not: ", word.does_not_say, class_="not"))
        rows.append(
            (badge(word.verdict, word.roll_up), *_counts(row, word.roll_up, largest), meaning)
        )
    for verdict in sorted(found.keys() - set(known)):
        row = found[verdict]
        name = badge(verdict, row["roll_up"])
        rows.append(
            (name, *_counts(row, row["roll_up"], largest), "A word this report does not know.")
        )
    heads = (
        ("Verdict", ""),
        ("Person-to-person", "n"),
        ("Bulk", "n"),
        ("What it says, and what it does not", "wide"),
    )
    return table(heads, rows, caption=join("All verdicts", desk.mark(VERDICTS)), classes="scale")


def _counts(row: Mapping[str, Any], roll_up: str, largest: int) -> tuple[Markup, Markup]:
    personal, bulk = row["personal_count"], row["bulk_count"]
    return (
        _counted(personal, largest, roll_up),
        _counted(bulk, largest, roll_up),
    )


def _counted(count: int, largest: int, roll_up: str) -> Markup:
    if not count:
        return tag("span", shown(count), class_="zero")
    return join(shown(count), bar(count, largest, roll_up))


def _kept_from(desk: Desk) -> Markup | None:
    rows: Sequence[Mapping[str, Any]] = desk.ask(KEPT_FROM).rows
    if not rows:
        return None
    return join(
        tag("h3", "What kept messages from “verified”"),
        table(
            (("Reason", "wide"), ("Verdict", ""), ("Person-to-person", "n"), ("Bulk", "n")),
            [
                (
                    desk.edition.remark(row["kept_from"]),
                    badge(row["verdict"]),
                    shown(row["personal_count"]),
                    shown(row["bulk_count"]),
                )
                for row in rows
            ],
            caption=join("The most frequent reasons", desk.mark(KEPT_FROM)),
        ),
    )


def _signatures(desk: Desk) -> Markup | None:
    rows = desk.ask(SIGNATURES).rows
    if not rows:
        return None
    counts = ("signature_count", "header_count", "body_count", "whole_count")
    return join(
        tag("h3", "Signatures and keys"),
        table(
            (
                ("Kind", ""),
                ("Key", ""),
                ("Signatures", "n"),
                ("Headers hold", "n"),
                ("Body matches", "n"),
                ("Both, whole body", "n"),
            ),
            [
                (row["kind"], row["key_status"], *(shown(row[name]) for name in counts))
                for row in rows
            ],
            caption=join("By what is known of the key", desk.mark(SIGNATURES)),
        ),
    )


def badge(verdict: str, roll_up: str | None = None) -> Markup:
    """A verdict's word in the colour of its roll-up; the word itself carries the meaning."""
    known = {word.verdict: word.roll_up for word in SCALE}
    group = known.get(verdict, roll_up if roll_up in ROLL_UPS else "unknown")
    return tag("span", verdict.replace("_", " "), class_=f"badge {group}")
