"""`tamis search`: full text over the corpus, from the index of the case."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis.errors import ExpressionError, InputError
from tamis.run import index_schema
from tamis.run.search_compile import Compiler
from tamis.run.search_query import parse
from tamis.run.stages import stages
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.case import CaseView

_SNIPPET_CHARACTERS = 160
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that was found; its texts are safe to print, the snippet shows where."""

    rank: int
    score: float
    item_id: str
    path: str
    place_count: int
    kind: tuple[str, ...]
    side: str
    sent_at: str | None
    sender: str | None
    subject: str | None
    language: str | None
    verdict: str | None
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, how many there are in all, and what to know about the index."""

    hits: tuple[Hit, ...]
    count: int
    note: str = ""

    def table(self) -> Iterator[str]:
        """Lines for people, a few for each hit."""
        for hit in self.hits:
            facts = (hit.sent_at, ", ".join(hit.kind), hit.language, hit.verdict)
            shown = "  ".join(fact for fact in facts if fact)
            more = f" (and {hit.place_count - 1} more)" if hit.place_count > 1 else ""
            yield f"{hit.rank}. {hit.path}{more}"
            yield f"   {shown}  score {hit.score:.2f}"
            if hit.subject or hit.sender:
                yield f"   {hit.sender or ''}: {hit.subject or ''}"
            if hit.snippet:
                yield f"   … {hit.snippet} …"
            yield f"   {hit.item_id}"

    def jsonl(self) -> Iterator[str]:
        """One JSON object for each hit."""
        for hit in self.hits:
            yield json.dumps(asdict(hit), ensure_ascii=False)

    def summary(self) -> str:
        """How much was found and shown, in one line."""
        told = f"{len(self.hits):,} of {self.count:,} items shown"
        return f"{told}; {self.note}" if self.note else told


def search(view: CaseView, query: str, limit: int = 20) -> Found:
    """The items that answer a query, best first.

    Errors    ExpressionError for a query that cannot be understood; InputError when there is no
              index yet.
    Source    BM25 as tantivy computes it; a hit in the subject counts twice one in the text.
    Limits    As `run.index.build_index`: words, not meanings.
    """
    asked = parse(query)
    folder = view.index()
    if folder is None:
        raise InputError(
            f"{view.path}: there is no search index of what the case holds now; make it with: "
            f"tamis run {view.path} --only leak"
        )
    try:
        index = index_schema.open_index(str(folder))
        searcher = index.searcher()
        compiled = Compiler(index.schema, view.settings.display_zone).compile(asked)
        result = searcher.search(compiled, limit=max(1, limit), count=True)
        hits = _hits(searcher, result.hits[:limit], (compiled, index.schema))
    except (ValueError, OSError) as problem:
        raise ExpressionError(
            f"query {show_hidden(query, limit=80)}: the index refused it ({problem}); if every "
            f"query is refused, remove {folder} and run: tamis run {view.path} --only leak"
        ) from problem
    return Found(tuple(hits), int(result.count), _staleness(view))


def _staleness(view: CaseView) -> str:
    stage = next(one for one in stages(("leak",)) if one.name == "leak.search")
    mark = view.stages[stage.name].inputs_sha256
    if mark in {stage.digest(view, engine) for engine in ("duckdb", "spark")}:
        return ""
    return "the case has changed since the index was made: `tamis run` brings it up to date"


def _hits(searcher: Any, found: list[Any], asked: tuple[Any, Any]) -> list[Hit]:
    import tantivy  # noqa: PLC0415  loaded by those who search or index only

    cutter = tantivy.SnippetGenerator.create(searcher, asked[0], asked[1], "text")
    cutter.set_max_num_chars(_SNIPPET_CHARACTERS)
    read = [(score, searcher.doc(address)) for score, address in found]
    # Equal scores in an order of their own, whatever the index's files look like.
    read.sort(key=lambda one: (-round(one[0], 6), one[1].get_first("item_id")))
    return [_hit(rank, score, doc, cutter) for rank, (score, doc) in enumerate(read, 1)]


def _hit(rank: int, score: float, doc: Any, cutter: Any) -> Hit:
    paths = doc.get_all("path")
    date = doc.get_first("date")
    return Hit(
        rank=rank,
        score=round(float(score), 4),
        item_id=doc.get_first("item_id"),
        path=show_hidden(paths[0], limit=300) if paths else "",
        place_count=len(paths),
        kind=tuple(doc.get_all("kind")),
        side=doc.get_first("side"),
        sent_at=None if date is None else _time(date),
        sender=_shown(doc.get_first("from")),
        subject=_shown(doc.get_first("subject")),
        language=doc.get_first("language"),
        verdict=doc.get_first("verdict"),
        snippet=_snippet(doc, cutter),
    )


def _snippet(doc: Any, cutter: Any) -> str:
    fragment = cutter.snippet_from_doc(doc).fragment()
    if not fragment.strip():
        # The hit is not in the text, or was found by prefix: show how the text begins.
        fragment = (doc.get_first("text") or "")[: 4 * _SNIPPET_CHARACTERS]
    return show_hidden(" ".join(fragment.split())[:_SNIPPET_CHARACTERS])


def _shown(text: str | None) -> str | None:
    return None if text is None else show_hidden(text, limit=120)


def _time(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")
