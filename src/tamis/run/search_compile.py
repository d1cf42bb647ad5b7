"""From what a query asks for to what the index is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tamis.errors import ExpressionError
from tamis.run import index_schema
from tamis.run.index_schema import DATE_FIELD, VALUE_FIELDS, WORD_FIELDS
from tamis.run.search_query import Every, Node, Not, Term
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    import tantivy

_LEAST_PREFIX = 2
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_VALUE = re.compile(r"[a-z0-9_.+/-]{1,60}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Compiler:
    """Turns the parts of one query into queries of the index; days are days in `zone`."""

    def __init__(self, schema: tantivy.Schema, zone: str) -> None:
        import tantivy as engine  # noqa: PLC0415  loaded by those who search or index only

        self._schema = schema
        self._zone = ZoneInfo(zone)
        self._make = engine.Query
        self._occur = engine.Occur
        self._analyser = index_schema.analyser()

    def compile(self, node: Node) -> Any:
        """The query of the index for one part.

        Errors    ExpressionError for a date or value that cannot be, or a prefix too short.
        """
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Not):
            return self._all((node,))
        if isinstance(node, Every):
            return self._all(node.parts)
        return self._make.boolean_query(
            [(self._occur.Should, self.compile(part)) for part in node.parts]
        )

    def _all(self, parts: tuple[Node, ...]) -> Any:
        asked: list[tuple[Any, Any]] = [
            (self._occur.MustNot, self.compile(part.of))
            if isinstance(part, Not)
            else (self._occur.Must, self.compile(part))
            for part in parts
        ]
        if all(isinstance(part, Not) for part in parts):
            # Of nothing nothing can be left out: begin with everything.
            asked.append((self._occur.Must, self._make.all_query()))
        return self._make.boolean_query(asked)

    def _term(self, term: Term) -> Any:
        if term.field == DATE_FIELD:
            return self._dates(term.text)
        if term.field in VALUE_FIELDS:
            return self._value(term)
        words = self._analyser.analyze(index_schema.compose(term.text))
        if not words:
            shown = show_hidden(term.text, limit=40)
            raise ExpressionError(f"query: {shown!r} holds no letter or digit to search for")
        fields = WORD_FIELDS if term.field is None else {term.field: 1.0}
        return self._make.boolean_query(
            [
                (self._occur.Should, self._make.boost_query(self._words(name, words, term), weight))
                for name, weight in fields.items()
            ]
        )

    def _words(self, field: str, words: list[str], term: Term) -> Any:
        if term.is_prefix:
            if len(words) > 1:
                return self._make.phrase_prefix_query(self._schema, field, [*words])
            return self._prefix(field, words[0])
        if len(words) > 1:
            return self._make.phrase_query(self._schema, field, [*words])
        return self._make.term_query(self._schema, field, words[0])

    def _prefix(self, field: str, start: str) -> Any:
        if len(start) < _LEAST_PREFIX:
            raise ExpressionError(
                f"query: {start}* begins half the words there are; give at least "
                f"{_LEAST_PREFIX} letters before the *"
            )
        return self._make.regex_query(self._schema, field, re.escape(start) + ".*")

    def _value(self, term: Term) -> Any:
        value = term.text.lower()
        if not _VALUE.fullmatch(value):
            shown = show_hidden(term.text, limit=40)
            raise ExpressionError(
                f"query: {term.field}:{shown} is no value; expected a word such as "
                "kind:message, language:fr, verdict:verified, side:leak"
            )
        if term.is_prefix:
            return self._prefix(str(term.field), value)
        return self._make.term_query(self._schema, str(term.field), value)

    def _dates(self, text: str) -> Any:
        import tantivy as engine  # noqa: PLC0415  see above

        low, dots, high = text.partition("..")
        bounds = (
            self._moment(low, text)[0] if low else None,
            self._moment(high if dots else low, text)[1] if high or not dots else None,
        )
        if bounds == (None, None):
            raise _no_date(text)
        if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
            raise ExpressionError(f"query: date:{text} ends before it begins")
        return self._make.range_query(self._schema, DATE_FIELD, engine.FieldType.Integer, *bounds)

    def _moment(self, text: str, whole: str) -> tuple[int, int]:
        """The first second and the last of a year, month, day, minute or second."""
        match = _MOMENT.fullmatch(text)
        if match is None:
            raise _no_date(whole)
        given = [int(one) for one in match.groups()[:6] if one is not None]
        try:
            zone = _zone(match[7]) if match[7] else self._zone
            first = datetime(*(given + [1, 1, 0, 0, 0][len(given) - 1 :]), tzinfo=zone)  # type: ignore[arg-type,misc]
            after = _after(first, len(given))
            return _seconds(first), _seconds(after) - 1
        except (ValueError, OverflowError):
            raise _no_date(whole) from None


def _after(first: datetime, parts: int) -> datetime:
    if parts == 1:
        return first.replace(year=first.year + 1)
    if parts == 2:
        return (first + timedelta(days=32)).replace(day=1)
    steps = {3: timedelta(days=1), 5: timedelta(minutes=1), 6: timedelta(seconds=1)}
    return first + steps[parts]


def _seconds(moment: datetime) -> int:
    past = moment.astimezone(UTC) - _EPOCH
    return past.days * 86_400 + past.seconds


def _zone(text: str) -> Any:
    return datetime.strptime(text, "%z").tzinfo


def _no_date(text: str) -> ExpressionError:
    return ExpressionError(
        f"query: date:{show_hidden(text, limit=60)} is no date; expected date:2017-05-05, "
        "date:2017-05, date:2017-05-01..2017-05-05, date:2017-05-05T20:00+02:00.. or date:..2016"
    )
