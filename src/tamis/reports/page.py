"""One report as one file: header, sections in reading order, and the figures it asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.reports.desk import Desk, Limits, Statement
from tamis.reports.edition import Edition
from tamis.reports.figures import Answers, FigureBook
from tamis.reports.markup import Markup, join, page, tag
from tamis.reports.moments import Clock
from tamis.reports.sections import (
    amplification,
    amplifiers,
    board,
    claims,
    cohorts,
    coordination,
    crossings,
    decoys,
    document_times,
    documents,
    exposure,
    first_sights,
    gate,
    headline,
    holes,
    intake,
    mailboxes,
    making,
    manipulation,
    messages,
    personal,
    phishing,
    reactions,
    reference,
    silence,
    swing,
    timeline,
    verdicts,
)

if TYPE_CHECKING:
    import datetime as dt

    from tamis.progress import Progress
    from tamis.reports.sections.making import Making

_CONTENTS = (
    ("short", "In short"),
    ("intake", "What came in"),
    ("documents", "The documents"),
    ("mailboxes", "The mailboxes"),
    ("holes", "What is missing"),
    ("verdicts", "What is real"),
    ("reference", "Beside the originals"),
    ("messages", "The messages"),
    ("cohorts", "Saved by the same hand"),
    ("times", "When documents were made"),
    ("decoys", "Decoys"),
    ("exposure", "Whom to warn"),
    ("personal", "Before anything is published"),
    ("phishing", "Possible phishing"),
    ("timeline", "When"),
    ("first", "First sights"),
    ("crossings", "From place to place"),
    ("amplifiers", "Who carried it"),
    ("amplification", "How it was passed on"),
    ("reactions", "Bursts and calls"),
    ("flow", "How traffic is made up"),
    ("coordination", "Who acted together"),
    ("silence", "Silence"),
    ("swing", "Could it matter"),
    ("claims", "What was said of it"),
    ("board", "What people make of it"),
    ("gate", "Publish or hold"),
    ("limits", "Not claimed"),
    ("making", "How it was made"),
    ("words", "Words"),
    ("figures", "Figures"),
)


# In reading order: what there is, what is real, whom it harms, how it spread.
_SECTIONS = (
    intake,
    documents,
    mailboxes,
    holes,
    verdicts,
    reference,
    messages,
    decoys,
    cohorts,
    document_times,
    exposure,
    personal,
    phishing,
    timeline,
    first_sights,
    crossings,
    amplifiers,
    amplification,
    reactions,
    manipulation,
    coordination,
    silence,
    swing,
    claims,
    board,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a report is to be: of which case, for whom, in which zone, how long."""

    title: str
    case_name: str
    written_at: dt.datetime
    election: str | None = None
    polling_days: tuple[str, ...] = ()
    zone_name: str = "UTC"
    pseudonym_key: bytes | None = None
    limits: Limits = field(default_factory=Limits)
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A finished page, its figures, and its headline answers."""

    html: bytes
    book: FigureBook
    statements: tuple[Statement, ...]


def compose(answers: Answers, order: Order, making_of: Making, progress: Progress) -> Report:
    """The report of one generation.

    Errors    QueryError when the engine refuses a figure; SettingsError for an unknown zone.
    """
    edition = Edition(order.pseudonym_key)
    # A public page names no folder of the investigator's machine.
    name = "CASE" if edition.is_public else order.case_name
    desk = Desk(
        FigureBook(answers), edition, Clock(order.zone_name), name, order.limits, order.withheld
    )
    progress.start("report", total=None, unit="sections")
    statements = headline.statements(desk)
    sections = [headline.render(statements)]
    for section in _SECTIONS:
        rendered = section.render(desk)
        if rendered is not None:
            sections.append(rendered)
        progress.advance(1)
    sections.append(gate.render(desk, _present(sections)))
    sections += [making.limits(), making.render(desk, making_of), making.glossary()]
    # Last, so that it knows every figure that was asked.
    sections.append(making.appendix(desk, making_of))
    progress.finish(f"{len(desk.book.answers)} figures")
    body = join(
        tag("a", "Skip to the answers", href="#short", class_="skip"),
        _header(desk, order, making_of),
        tag("div", _contents(sections), tag("main", *sections), class_="frame"),
        _footer(making_of),
    )
    return Report(page(f"{order.title} · tamis report", body), desk.book, statements)


def _header(desk: Desk, order: Order, making_of: Making) -> Markup:
    edition = desk.edition
    warning = (
        "No text of messages or posts; people, accounts and domains appear under "
        "pseudonyms made for this page alone."
        if edition.is_public
        else "Contains text and names from stolen mail. Do not pass it on; "
        "make a public edition with --public."
    )
    occasion = ", ".join(part for part in (order.election, *order.polling_days) if part)
    return tag(
        "header",
        tag("p", "tamis · report on a leak and its spread", class_="kicker"),
        tag("h1", order.title),
        tag("p", occasion, class_="occasion") if occasion else None,
        tag("p", edition.name, class_=f"edition {'public' if edition.is_public else 'working'}"),
        tag("p", warning, class_="warning"),
        tag(
            "p",
            "Written ",
            desk.clock.show(order.written_at.replace(microsecond=0)),
            f" · generation {making_of.generation:,} · custody head ",
            tag("code", making_of.head_hash[:16], "…", class_="hash"),
            class_="stamp",
        ),
    )


def _present(sections: list[Markup]) -> dict[str, str]:
    """The sections that the page has, with their names in its list of contents."""
    return {
        name: label
        for name, label in _CONTENTS
        if any(section.startswith(f'<section id="{name}">') for section in sections)
    }


def _contents(sections: list[Markup]) -> Markup:
    present = _present(sections).items()
    entries = [tag("li", tag("a", label, href=f"#{name}")) for name, label in present]
    return tag("nav", tag("ol", *entries), aria_label="Contents")


def _footer(making_of: Making) -> Markup:
    return tag(
        "footer",
        tag(
            "p",
            f"tamis {making_of.version} · report ",
            tag("code", making_of.report_id),
            " · this page holds no script, loads nothing and links nowhere.",
        ),
    )
