"""The messages themselves, a bounded number of each verdict, each with its facts."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, tag
from tamis.reports.sections.intake_figures import EXPOSED_SUBJECT, FIRST_PLACE, SUBJECT
from tamis.reports.sections.verdicts import JUDGED, badge
from tamis.reports.words import SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

# Person-to-person first, then by stated date: no order that looks like suspicion.
_CHOSEN = f"""
    SELECT verdict.*, {SUBJECT} AS subject, message.from_address, message.from_name,
        message.sent_at, message.sent_offset_s, coalesce(message.is_bulk, false) AS is_bulk
    FROM verdict JOIN item ON item.item_id = verdict.item_id
        LEFT JOIN message ON message.item_id = verdict.item_id
        LEFT JOIN ({EXPOSED_SUBJECT}) AS secret ON secret.item_id = verdict.item_id
    WHERE (item.kind = 'leak' OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
    QUALIFY row_number() OVER (
        PARTITION BY verdict.verdict
        ORDER BY coalesce(message.is_bulk, false), message.sent_at NULLS LAST, verdict.item_id
    ) <= $each
"""
_YES = {True: "yes", False: "no", None: "could not be said"}


def listed(each: int) -> Figure:
    """The messages printed, at most `each` of a verdict."""
    return Figure(
        "message_list",
        "Messages of the dump with their verdicts",
        f"""
        WITH chosen AS ({_CHOSEN}), found AS ({FIRST_PLACE})
        SELECT chosen.item_id AS item_id, chosen.verdict AS verdict, chosen.roll_up AS roll_up,
            chosen.rule_id AS rule_id, chosen.rule_version AS rule_version,
            chosen.signature_position AS signature_position, chosen.claims AS claims,
            chosen.does_not_claim AS does_not_claim, chosen.kept_from AS kept_from,
            chosen.subject AS subject, chosen.from_address AS from_address,
            chosen.from_name AS from_name, chosen.sent_at AS sent_at,
            chosen.sent_offset_s AS sent_offset_s, chosen.is_bulk AS is_bulk,
            found.path AS path, found.place_count AS place_count
        FROM chosen LEFT JOIN found ON found.item_id = chosen.item_id
        ORDER BY chosen.verdict, chosen.is_bulk, chosen.sent_at NULLS LAST, chosen.item_id
        """,
        {"each": each},
        Keeps.DIGEST,
    )


def signatures(each: int) -> Figure:
    """The signature facts of the messages printed."""
    return Figure(
        "message_signatures",
        "Signature facts of the messages printed",
        f"""
        WITH chosen AS ({_CHOSEN})
        SELECT signature.item_id AS item_id, signature.position AS position,
            signature.kind AS kind, signature.domain AS domain, signature.selector AS selector,
            signature.algorithm AS algorithm, signature.key_bits AS key_bits,
            signature.signed_headers AS signed_headers, signature.signed_at AS signed_at,
            signature.body_matches AS body_matches, signature.header_verifies AS header_verifies,
            signature.covers_whole_body AS covers_whole_body, signature.alignment AS alignment,
            signature.key_source AS key_source, signature.key_label AS key_label,
            signature.key_status AS key_status, signature.key_covers AS key_covers,
            signature.conforms AS conforms, signature.violations AS violations,
            signature.detail AS detail
        FROM chosen JOIN signature ON signature.item_id = chosen.item_id
        ORDER BY signature.item_id, signature.position
        """,
        {"each": each},
        Keeps.DIGEST,
    )


def of_verdict(verdict: str) -> Figure:
    """How many messages of the dump have one verdict."""
    return Figure(
        f"messages_{verdict}",
        f"Messages of the dump: {verdict.replace('_', ' ')}",
        """
        SELECT count(*) AS messages FROM verdict JOIN item ON item.item_id = verdict.item_id
        WHERE (item.kind = 'leak'
            OR item.item_id IN (SELECT item_id FROM place WHERE kind = 'leak'))
          AND verdict.verdict = $verdict
        """,
        {"verdict": verdict},
    )


def render(desk: Desk) -> Markup | None:
    """The section of messages; nothing when none has a verdict."""
    if not value_of(desk.ask(JUDGED)):
        return None
    each = desk.limits.messages_each
    facts: dict[str, list[Mapping[str, Any]]] = {}
    for row in desk.ask(signatures(each)).rows:
        facts.setdefault(row["item_id"], []).append(row)
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in desk.ask(listed(each)).rows:
        groups.setdefault(row["verdict"], []).append(row)
    order = {word.verdict: rank for rank, word in enumerate(SCALE)}
    blocks = [
        _group(desk, verdict, groups[verdict], facts)
        for verdict in sorted(groups, key=lambda name: (order.get(name, len(order)), name))
    ]
    intro = tag(
        "p",
        "By verdict, what is established first. Dates are as each sender's computer stated them. "
        "Open a message for its rule and its signatures. "
        "Printed here: ",
        desk.row_count(listed(each)),
        " messages with ",
        desk.row_count(signatures(each)),
        " signatures, of ",
        desk.number(JUDGED),
        " messages; all: ",
        desk.whole("verdict"),
    )
    return tag("section", tag("h2", "The messages"), intro, *blocks, id="messages")


def _group(
    desk: Desk,
    verdict: str,
    rows: list[Mapping[str, Any]],
    facts: Mapping[str, list[Mapping[str, Any]]],
) -> Markup:
    word = next((word for word in SCALE if word.verdict == verdict), None)
    # Verdict words come from rules, yet a table may have been written by others.
    name = word.verdict if word else "other"
    total = of_verdict(verdict) if word else JUDGED
    each = desk.limits.messages_each
    heading = tag(
        "h3",
        badge(verdict, rows[0]["roll_up"]),
        tag(
            "span",
            " showing ",
            desk.part(listed(each), len(rows)),
            " of ",
            desk.number(total),
            class_="showing",
        ),
    )
    meaning = tag("p", word.says, class_="says") if word else None
    entries = [_message(desk, row, facts.get(row["item_id"], [])) for row in rows]
    return tag(
        "div",
        heading,
        meaning,
        tag("ol", *entries, class_="messages", data_figure=desk.trace(listed(each))),
        class_="group",
        id=f"messages-{name}",
    )


def _message(desk: Desk, row: Mapping[str, Any], facts: list[Mapping[str, Any]]) -> Markup:
    edition = desk.edition
    subject = tag("span", edition.text(row["subject"]), class_="subject")
    line = tag(
        "span",
        edition.person(row["from_address"], row["from_name"]),
        " · ",
        edition.sent(row["sent_at"], row["sent_offset_s"]),
        " · bulk" if row["is_bulk"] else None,
        class_="meta",
    )
    details = tag(
        "dl",
        *_term("Rule", f"{row['rule_id']}, version {row['rule_version']}"),
        *(
            _term("Kept from verified by", edition.remark(row["kept_from"]))
            if row["kept_from"]
            else ()
        ),
        *_term("Says", _sentences(desk, row["claims"])),
        *_term("Does not say", _sentences(desk, row["does_not_claim"])),
        *_term("Found in", _places(desk, row)),
        *_term("SHA-256", desk.edition.digest(row["item_id"])),
    )
    shown_facts = [_signature(desk, fact, row["signature_position"]) for fact in facts]
    if not shown_facts:
        shown_facts = [tag("p", "No signature in this message.", class_="none")]
    return tag(
        "li",
        tag("details", tag("summary", subject, line), details, *shown_facts),
    )


def _places(desk: Desk, row: Mapping[str, Any]) -> Markup:
    others = (row["place_count"] or 1) - 1
    more = f" and {others:,} other place{'s' if others > 1 else ''}" if others > 0 else None
    return join(desk.edition.text(row["path"]), more)


def _signature(desk: Desk, fact: Mapping[str, Any], deciding: int | None) -> Markup:
    edition = desk.edition
    title = join(
        f"Signature {fact['position'] + 1}, {fact['kind']}",
        tag("span", " decided the verdict", class_="decided")
        if fact["position"] == deciding
        else None,
    )
    signed_at = desk.clock.show(fact["signed_at"]) if fact["signed_at"] else "not stated"
    key = join(
        fact["key_status"],
        f", source: {fact['key_source']}" if fact["key_source"] else None,
        *((" (", edition.remark(fact["key_label"], 120), ")") if fact["key_label"] else ()),
        f", {fact['key_bits']:,} bits" if fact["key_bits"] else None,
    )
    headers = ", ".join(fact["signed_headers"] or ())
    return tag(
        "div",
        tag("h4", title),
        tag("p", edition.remark(fact["detail"])),
        tag(
            "dl",
            *_term("Signing domain", edition.domain(fact["domain"])),
            *_term("Selector", edition.text(fact["selector"], 80)),
            *_term("Algorithm", edition.remark(fact["algorithm"], 40)),
            *_term("Signed at, by the signer's statement", signed_at),
            *_term("Key", key),
            *_term("Headers hold", _YES[fact["header_verifies"]]),
            *_term("Body matches", _YES[fact["body_matches"]]),
            *_term("Whole body covered", _YES[fact["covers_whole_body"]]),
            *_term("Fits the From domain", fact["alignment"] or "could not be said"),
            *_term("Key dated to the message", _YES[fact["key_covers"]]),
            *_term("Conforms to the standard", _YES[fact["conforms"]]),
            *_term("Signed fields", edition.remark(headers or None, 400)),
            *(
                _term("Departures", _sentences(desk, fact["violations"]))
                if fact["violations"]
                else ()
            ),
        ),
        class_="signature",
    )


def _sentences(desk: Desk, sentences: list[str] | None) -> Markup:
    if not sentences:
        return Markup('<span class="none">nothing</span>')
    return tag("ul", *(tag("li", desk.edition.remark(sentence)) for sentence in sentences))


def _term(name: str, content: Content) -> tuple[Markup, Markup]:
    return tag("dt", name), tag("dd", content)
