"""`tamis trace`: where one thing came up first in this collection, and the way it took."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from tamis.analyses.spread import trace as queries
from tamis.run.trace_subject import subject_of
from tamis.syntax.visible import escape_json, show_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tamis.case import CaseView

Row = dict[str, Any]
_FEW_S = 10
_PARTIAL = {
    "stream_sample": "a sample of the stream: most posts, and probably the first, are not in it",
    "query": "what a search found: posts that it missed are not in it",
    "browser": "what was shown in a browser: posts that were not shown are not in it",
    "unknown": "how it was collected is not known",
}
_SECTIONS = (
    ("sight", queries.SIGHTS),
    ("tie", queries.TIES),
    ("coverage", queries.COVERAGE),
    ("unseen_root", queries.UNSEEN),
    ("clock_doubt", queries.BACKDATED),
    ("bridge", queries.BRIDGES),
    ("early_amplifier", queries.AMPLIFIERS),
    ("copies", queries.COPIES),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """What was found of one object: rows by section, in the order in which they are told."""

    subject: Mapping[str, Any]
    rows: Mapping[str, Sequence[Row]]

    def jsonl(self) -> Iterator[str]:
        """A JSON object a line; `section` says what it is."""
        yield escape_json(orjson.dumps({"section": "subject", **self.subject}).decode())
        for section, rows in self.rows.items():
            for row in rows:
                told = orjson.dumps({"section": section, **row}, default=str)
                yield escape_json(told.decode())

    def lines(self) -> Iterator[str]:
        """The same in words."""
        yield show_hidden(f"{self.subject['display']} ({self.subject['kind']})")
        for section, rows in self.rows.items():
            if rows:
                yield f"{_HEADS[section]}:"
            yield from (f"  {show_hidden(_WORDS[section](row))}" for row in rows)


def trace(view: CaseView, name: str) -> Trace:
    """Origin, first sights by scope, coverage, unseen roots, the way across, copies.

    Output    without a post that carries it only the sentence that says so
    Errors    InputError when several things have that name
    Limits    Earliest in this collection, never earliest: deleted, private and uncollected posts
              are not in it.
    """
    with view.engine("duckdb") as engine:
        (unread,) = engine.query(queries.UNREAD).column("row_count").to_pylist()
        subject = subject_of(engine, name.strip())
        if subject is None:
            return _nothing(name, unread)
        params = {"word": None, **subject}
        engine.run(queries.steps(subject["by"]), queries.KEPT, params)
        found = {section: engine.query(query, params).to_pylist() for section, query in _SECTIONS}
        (counts,) = engine.query(queries.TOTALS, params).to_pylist()
    if not counts["post_count"]:
        return _nothing(name, unread)
    cut = dict(_cut(found))
    rows = {"sight": found.pop("sight"), **found}
    rows["step"] = _steps(rows["sight"])
    told = {**counts, "unread_count": unread}
    rows["limit"] = [{"text": text} for text in (*_limits(rows, told), *cut.values())]
    shown = {key: subject[key] for key in ("subject", "by", "kind", "display")}
    return Trace({**shown, **told}, {name: rows[name] for name in _HEADS})


def _cut(found: Mapping[str, list[Row]]) -> Iterator[tuple[str, str]]:
    """Of a section that shows only its first rows: how many there are."""
    for section, rows in found.items():
        totals = {row.pop("total_count") for row in rows if "total_count" in row}
        if totals and (total := max(totals)) > len(rows):
            yield section, f"{_HEADS[section].lower()}: {len(rows)} of {total:,} are shown"


def _nothing(name: str, unread: int) -> Trace:
    told = (
        "no post of this collection carries it; that says nothing of what was posted elsewhere, "
        "deleted, or not collected"
    )
    subject = {"display": name, "kind": "not in this collection", "post_count": 0}
    limits = [told, *_unread(unread)]
    return Trace(subject, {"limit": [{"text": text} for text in limits]})


def _unread(count: int) -> list[str]:
    if not count:
        return []
    rows = "1 row" if count == 1 else f"{count:,} rows"
    told = (
        f"{rows} of files of posts could not be read (tamis show CASE rejected): any of them may "
        "carry it, and be earlier"
    )
    return [told]


def _steps(sights: Sequence[Row]) -> list[Row]:
    """The way between platforms, languages and communities, each step with its interval."""
    rows = []
    for dimension in ("platform", "language", "community"):
        path = [row for row in sights if row["dimension"] == dimension]
        for before, after in pairwise(path):
            rows.append(
                {
                    "dimension": dimension,
                    "from_scope": before["scope"],
                    "to_scope": after["scope"],
                    "lag_low_s": _between(before["high_at"], after["low_at"]),
                    "lag_high_s": _between(before["low_at"], after["high_at"]),
                    "account_id": after["account_id"],
                    "post_id": after["post_id"],
                }
            )
    return rows


def _between(one: datetime | None, other: datetime | None) -> float | None:
    return None if one is None or other is None else (other - one).total_seconds()


def _limits(rows: Mapping[str, Sequence[Row]], counts: Mapping[str, int]) -> Iterator[str]:
    """What this collection cannot say of the object, in sentences."""
    yield "earliest means the earliest in this collection, never the earliest"
    platforms = [row["scope"] for row in rows["sight"] if row["dimension"] == "platform"]
    if not rows["sight"]:
        yield (
            f"of {counts['post_count']:,} posts that carry it none is its author's own with a "
            "known latest time: nothing bounds its first sight"
        )
    if counts["own_count"] == 1:
        yield "one post only carries it: there is no spread to describe"
    if len(rows["coverage"]) == 1:
        yield "the collection holds one platform: of crossings between platforms it says nothing"
    if counts["undated_count"]:
        yield f"{counts['undated_count']:,} of its posts have no latest time and may be earlier"
    if counts["weak_count"]:
        yield (
            f"{counts['weak_count']:,} of its posts are tied to it by a weak trait only, such as "
            "some words in a row: they may speak of something else, or be older than the dump"
        )
    yield from _unread(counts["unread_count"])
    yield from _unplaced(counts)
    for row in rows["coverage"]:
        if row["platform"] in platforms:
            for regime in row["sampling"]:
                if regime in _PARTIAL:
                    yield f"{row['platform']}: {_PARTIAL[regime]}"


def _unplaced(counts: Mapping[str, int]) -> Iterator[str]:
    """What the scopes leave out."""
    told = []
    if counts["no_language_count"]:
        told.append(f"{counts['no_language_count']:,} declare no language")
    if counts["no_community_count"]:
        told.append(f"{counts['no_community_count']:,} are by accounts of no known community")
    if told:
        yield (
            f"of its {counts['post_count']:,} posts {' and '.join(told)}: first sights by "
            "language or community leave them out"
        )


def _sight(row: Mapping[str, Any]) -> str:
    if row["rival_count"] or row["earlier_repost_count"]:
        why = []
        if row["rival_count"]:
            why.append(f"{row['rival_count']:,} other posts may be as early")
        if row["earlier_repost_count"]:
            why.append(f"{row['earlier_repost_count']:,} reposts show that another was earlier")
        sure = f"not certain: {' and '.join(why)}"
    else:
        sure = "certain within this collection"
    where = "in all" if row["dimension"] == "all" else f"{row['dimension']} {row['scope']}"
    return (
        f"{where}: {_interval(row)} post {row['post_id']} by {row['account_id'] or 'unknown'}; "
        f"{sure}; clock {row['clock'] or 'unknown'}; {row['post_count']:,} posts, "
        f"{row['inherited_count']:,} by repost; file {row['source_item_id'][:12]} "
        f"byte {'unknown' if row['byte_start'] is None else row['byte_start']}"
    )


def _interval(row: Mapping[str, Any]) -> str:
    if row["low_at"] is None:
        return f"not later than {_iso(row['high_at'])},"
    return f"between {_iso(row['low_at'])} and {_iso(row['high_at'])},"


def _iso(moment: datetime | None) -> str:
    return "unknown" if moment is None else moment.isoformat().replace("+00:00", "Z")


def _step(row: Mapping[str, Any]) -> str:
    low, high = row["lag_low_s"], row["lag_high_s"]
    lag = (
        "lag unknown"
        if low is None or high is None
        else f"{_seconds(low)} to {_seconds(high)} s later"
    )
    open_order = "; the order is open" if low is None or low <= 0 else ""
    return (
        f"{row['dimension']} {row['from_scope']} -> {row['to_scope']}, {lag}{open_order}; "
        f"by {row['account_id'] or 'unknown'}"
    )


def _seconds(value: float) -> str:
    """Whole seconds, and milliseconds where seconds say too little."""
    return f"{value:,.0f}" if abs(value) >= _FEW_S else f"{value:.3f}".rstrip("0").rstrip(".")


def _coverage(row: Mapping[str, Any]) -> str:
    return (
        f"{row['platform']}: {row['row_count']:,} rows from {_iso(row['from_at'])} to "
        f"{_iso(row['to_at'])}, {row['known_time_share']:.1%} with a known time; "
        f"sampling {', '.join(row['sampling'])}"
    )


def _others(row: Mapping[str, Any]) -> str:
    if not row["other_count"]:
        return ""
    when = _iso(row["other_high_at"])
    return (
        f"; {row['other_count']:,} other posts of the cluster do not carry it, the earliest dated "
        f"not later than {when}"
    )


def _unseen(row: Mapping[str, Any]) -> str:
    by = "its own date as carried by the" if row["is_dated_by_origin"] else "the time of the"
    may = "may carry it" if row["type"] == "quote" else "carried it"
    return (
        f"an earlier post exists outside this collection and {may}, not later than "
        f"{_iso(row['not_later_than_at'])} ({by} {row['type']} {row['post_id']}; "
        f"target {row['target_post_id'] or 'unnamed'}; {row['deed_count']:,} times)"
    )


_WORDS: Mapping[str, Callable[[Row], str]] = {
    "sight": _sight,
    "coverage": _coverage,
    "step": _step,
    "unseen_root": _unseen,
    "clock_doubt": lambda row: f"{row['post_id']}: {row['why']}",
    "bridge": lambda row: (
        f"{row['account_id']} was first in {row['dimension']} {row['scope']} with "
        f"{row['crossing_count']} posts that brought something where {row['expected']:.1f} were "
        f"expected (q {row['q_value']:.2g})"
    ),
    "early_amplifier": lambda row: (
        f"{row['account_id']}: {row['within_60_s_count']} within 60 s, "
        f"{row['within_300_s_count']} within 300 s, soonest after {row['shortest_lag_s']:,.1f} s"
    ),
    "copies": lambda row: (
        f"text cluster {row['cluster_id']} ({row['kind']}): {row['post_count']:,} of its posts, "
        f"{row['text_count']:,} texts{_others(row)}"
    ),
    "tie": lambda row: (
        f"{row['method']}, {row['grade']}: {row['post_count']:,} posts, such as: {row['detail']}"
    ),
    "limit": lambda row: str(row["text"]),
}
_HEADS: Mapping[str, str] = {
    "sight": "Earliest in this collection",
    "tie": "What ties posts to the item",
    "step": "The way, by first sights (what came after what, not what came from where)",
    "unseen_root": "Earlier posts outside this collection",
    "clock_doubt": "Clocks in doubt",
    "bridge": "Bridges: accounts of these first sights, first more often than chance explains",
    "early_amplifier": "Who amplified its posts soonest",
    "copies": "Copies of its texts",
    "coverage": "What this collection covers",
    "limit": "Limits",
}
