"""What every section works with: figures and how they are marked, edition, clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.reports.figures import Keeps, plain
from tamis.reports.markup import Markup, join, tag

if TYPE_CHECKING:
    from tamis.reports.edition import Edition
    from tamis.reports.figures import Answer, Figure, FigureBook
    from tamis.reports.moments import Clock


@dataclass(frozen=True, slots=True)
class Statement:
    """One headline: a sentence with marked figures, its limits, and the rows behind it.

    `text` is the same sentence without markup, for table `finding` and for a terminal.
    """

    finding: str
    sentence: Markup
    text: str
    limits: tuple[str, ...]
    table_name: str
    row_filter: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of each list a page prints; the rest is one `tamis show` away."""

    messages_each: int = 40
    formats: int = 30
    reasons: int = 20
    failures: int = 60
    rows: int = 20
    words: int = 10
    languages: int = 12
    change_lines: int = 8
    objects_each: int = 12
    amplifiers: int = 25
    pairs: int = 30
    evidence_each: int = 6
    network_pairs: int = 300


@dataclass(frozen=True, slots=True)
class Desk:
    """The figures asked so far, who may read the page, and its clock."""

    book: FigureBook
    edition: Edition
    clock: Clock
    case_name: str
    limits: Limits = field(default_factory=Limits)
    # Why comment on polls is left out of this page.
    withheld: str | None = None

    def ask(self, figure: Figure) -> Answer:
        """The answer to a figure."""
        return self.book.ask(figure)

    def number(self, figure: Figure) -> Markup:
        """A figure's value on the page, marked so that it can be traced."""
        answer = self.ask(figure)
        value = plain(answer.value)
        data = tag("data", shown(value), value=value if value is not None else "")
        return tag("a", data, _superscript(answer), href=f"#{anchor(answer)}", class_="fig")

    def row_count(self, figure: Figure) -> Markup:
        """How many rows a list figure has, marked."""
        answer = self.ask(figure)
        count = len(answer.rows)
        data = tag("data", f"{count:,}", value=count, class_="row-count")
        return tag("a", data, _superscript(answer), href=f"#{anchor(answer)}", class_="fig")

    def part(self, figure: Figure, count: int) -> Markup:
        """How many of a list's rows stand here, marked with the list's figure."""
        answer = self.ask(figure)
        data = tag("data", f"{count:,}", value=count, class_="part")
        return tag("a", data, _superscript(answer), href=f"#{anchor(answer)}", class_="fig")

    def mark(self, figure: Figure) -> Markup:
        """The mark alone, for the caption of a list or a picture."""
        answer = self.ask(figure)
        return tag("a", _superscript(answer), href=f"#{anchor(answer)}", class_="fig")

    def trace(self, figure: Figure) -> int:
        """The number of a list's figure, for the attribute `data-figure` of what it fills."""
        return self.ask(figure).number

    def whole(self, table: str) -> Markup:
        """The command that shows all rows behind a list."""
        return tag("code", f"tamis show {self.case_name} {table}")

    def showing(self, listed: Figure, total: Figure, table: str) -> Markup:
        """How many rows a list prints, of how many, and where the rest is."""
        return tag(
            "p",
            "Showing ",
            self.row_count(listed),
            " of ",
            self.number(total),
            "; all rows: ",
            self.whole(table),
            class_="showing",
        )


def anchor(answer: Answer) -> str:
    """The address of a figure inside the page."""
    return f"figure-{answer.number}"


def shown(value: object) -> str:
    """A number as people read it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return str(value)


def quiet(count: int) -> Markup | str:
    """A count as people read it, paler where it is nought."""
    return shown(count) if count else tag("span", shown(count), class_="zero")


def value_of(answer: Answer) -> int:
    """The count that a figure keeps; no rows is nothing counted."""
    if answer.figure.keeps is not Keeps.VALUE:
        return len(answer.rows)
    return int(answer.value or 0)


def note(*content: Markup | str, kind: str = "note") -> Markup:
    """A standing remark beside a section."""
    return tag("aside", tag("p", *content), class_=kind)


def _superscript(answer: Answer) -> Markup:
    return join(
        Markup('<span class="aside">, figure </span>'),
        tag("sup", f"[{answer.number}]"),
    )
