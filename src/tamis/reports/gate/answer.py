"""One answer of the gate, and how it is put together."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.reports.markup import Content, Markup, join

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = re.compile(r'<sup>.*?</sup>|<span class="aside">.*?</span>|<[^>]*>')


@dataclass(frozen=True, slots=True)
class Answered:
    """What the case says to a question: a sentence, and where the rows behind it stand.

    `anchors` are sections of the report, best first; `table` and `where` make the command that
    shows the rows.
    """

    number: int
    sentence: Markup
    anchors: tuple[str, ...] = ()
    table: str = ""
    where: str = ""

    @property
    def text(self) -> str:
        """The sentence without markup."""
        return html.unescape(_MARKS.sub("", self.sentence))

    def command(self, case: str) -> str:
        """The command that shows the rows; empty where no table holds them."""
        if not self.table:
            return ""
        return f"tamis show {case} {self.table}" + (f' --where "{self.where}"' * bool(self.where))


def told(
    number: int, *parts: Content, rows: Sequence[str] = (), anchors: Sequence[str] = ()
) -> Answered:
    """An answer from its parts; `rows` is a table's name and, if not all of it, an expression."""
    table, where = (*rows, "", "")[:2]
    return Answered(number, join(*parts), tuple(anchors), table, where)
