"""`tamis explain`: every fact about one message, the rule that fired, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tamis.errors import InputError
from tamis.findings.remedies import remedies
from tamis.findings.verdict import Word
from tamis.plan import Query
from tamis.reports.words import SCALE
from tamis.syntax.visible import escape_json, show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.case import CaseView

_LEAST_PREFIX = 6
_FIND = Query(
    "items_named",
    """
    SELECT DISTINCT message.item_id AS item_id FROM message
    WHERE (length($name) >= $least AND starts_with(message.item_id, lower($name)))
        OR message.message_id = $name
    UNION
    SELECT DISTINCT place.item_id FROM place JOIN message ON message.item_id = place.item_id
    WHERE place.path = $name
    ORDER BY item_id LIMIT 20
    """,
)
_MESSAGE = Query(
    "explained_message",
    """
    SELECT message.*, (SELECT list(path ORDER BY path)[1:10] FROM place
        WHERE place.item_id = message.item_id) AS paths
    FROM message WHERE message.item_id = $item_id
    """,
)
_OF_ITEM = {
    name: Query(f"explained_{name}", f"SELECT * FROM {name} WHERE {column} = $item_id {order}")  # noqa: S608
    for name, column, order in (
        ("verdict", "item_id", ""),
        ("signature_verdict", "item_id", ""),
        ("signature", "item_id", "ORDER BY kind, position"),
        ("evidence", "subject_id", "ORDER BY check_name, evidence_id"),
        ("header_anomaly", "item_id", "ORDER BY anomaly"),
    )
}
# The words themselves: what was signed, quoted, kept elsewhere (-), and what stands here (+).
_CHANGES = Query(
    "explained_changes",
    """
    SELECT 'repair' AS source, repaired_item_id AS other_id,
        concat('- ', before_text, chr(10), '+ ', after_text) AS changes
    FROM repair WHERE item_id = $item_id AND coalesce(before_text, after_text) IS NOT NULL
    UNION ALL
    SELECT 'copy', item_a, changes FROM copy_pair WHERE item_b = $item_id AND changes <> ''
    UNION ALL
    SELECT 'quote', item_id, changes FROM quote_match
    WHERE quoted_item_id = $item_id AND changes <> ''
    UNION ALL
    SELECT 'reference', reference_item_id, changes FROM reference_match
    WHERE item_id = $item_id AND changes <> ''
    ORDER BY source, other_id
    """,
)
_CHANGED = {
    "repair": "Signed bytes, restored (-), and this message (+)",
    "copy": "The copy {other} (-), and this message (+)",
    "quote": "The quotation in {other} (-), and this message (+)",
    "reference": "The owner's original {other} (-), and this message (+)",
}
_MOST_CHANGES, _MOST_LINES, _LONGEST_LINE = 10, 40, 300
_SHORT = 12
_MEANINGS = {word.verdict: word.says for word in SCALE}
_TITLES = {
    "dkim": "Its own signatures (DKIM)",
    "seal": "S/MIME and OpenPGP",
    "arc": "Seals of relays on its way (ARC)",
    "repair": "Undoing damage and edits until a signature holds",
    "twin": "Messages that show the same, byte for byte",
    "copy": "Other copies of the same message",
    "reference": "The owner's originals",
    "quote": "Replies that quote it",
    "attachment": "Its attachments in other mail",
    "forensics": "Its headers beside those of verified mail",
}
_MARKS = {"supports": "+", "contradicts": "-", "neutral": "·", "unable": "?"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that stands behind one verdict, as rows."""

    message: Mapping[str, Any]
    verdict: Mapping[str, Any]
    own: Mapping[str, Any]
    signatures: tuple[Mapping[str, Any], ...]
    evidence: tuple[Mapping[str, Any], ...]
    anomalies: tuple[Mapping[str, Any], ...]
    changes: tuple[Mapping[str, Any], ...]
    remedies: tuple[str, ...]

    def jsonl(self) -> str:
        """One JSON object with all of it."""
        told = {
            "item_id": self.message["item_id"],
            "message": self.message,
            "verdict": self.verdict,
            "by_its_own_bytes": self.own,
            "signatures": self.signatures,
            "evidence": self.evidence,
            "header_anomalies": self.anomalies,
            "changes": self.changes,
            "would_change_it": self.remedies,
        }
        return escape_json(orjson.dumps(told, option=orjson.OPT_UTC_Z).decode())

    def lines(self) -> Iterator[str]:
        """The explanation for people, each line fit to be shown."""
        for line in self._told():
            yield show_hidden(line)

    def _told(self) -> Iterator[str]:
        verdict, own = self.verdict, self.own
        yield from self._head()
        yield ""
        yield f"Verdict: {verdict['verdict']} (counted as {verdict['roll_up']})"
        yield f"  In general: {_MEANINGS[verdict['verdict']]}"
        yield f"  Decided by rule {verdict['rule_id']}, version {verdict['rule_version']}"
        yield ""
        yield from _listed("What it says of this message", verdict["claims"])
        yield from _listed("What kept it from verified", self._kept_from())
        if own["rule_id"] != verdict["rule_id"]:
            yield f"By its own signatures alone it is {own['verdict']} ({own['rule_id']})"
            yield f"Every verdict that some fact earned, strongest first: {_all(verdict)}"
        yield ""
        yield "Facts, by the check that found them"
        yield "  (+ speaks for it, - speaks against it, · neither, ? could not be judged)"
        yield from self._facts()
        yield from self._changes()
        yield ""
        yield from _listed("What it does not say", verdict["does_not_claim"])
        yield ""
        yield from _listed("What would change it", self.remedies)

    def _kept_from(self) -> list[str]:
        """The reasons, without those that the verdict itself says already."""
        verdict = self.verdict
        if verdict["verdict"] == Word.VERIFIED:
            return ["nothing did"]
        told = [self.own["kept_from"]] if self.own["kept_from"] else []
        why = (verdict["kept_from"] or "").removeprefix(told[0] if told else "").lstrip("; ")
        return [*told, *([why] if why and why not in verdict["claims"] else [])]

    def _facts(self) -> Iterator[str]:
        by_check: dict[str, list[str]] = {}
        for one in sorted(self.evidence, key=_order):
            told = f"    {_MARKS.get(one['outcome'], '·')} {one['detail']}"
            by_check.setdefault(one["check_name"], []).append(told)
        for one in self.anomalies:
            by_check.setdefault("forensics", []).append(f"    · {one['detail']}")
        known = [name for name in _TITLES if name in by_check]
        for name in (*known, *sorted(by_check.keys() - _TITLES.keys())):
            yield f"  {_TITLES.get(name, name)}:"
            yield from by_check[name]

    def _changes(self) -> Iterator[str]:
        """The differing words themselves; what is left out is said."""
        if not self.changes:
            return
        yield ""
        yield "What differs"
        for one in self.changes[:_MOST_CHANGES]:
            other = (one["other_id"] or "")[:_SHORT]
            yield f"  {_CHANGED[one['source']].format(other=other)}:"
            lines = one["changes"].split("\n")
            for line in lines[:_MOST_LINES]:
                yield f"    {show_hidden(line, limit=_LONGEST_LINE)}"
            if len(lines) > _MOST_LINES:
                yield f"    … {len(lines) - _MOST_LINES} more lines; `tamis bundle` writes all"
        if len(self.changes) > _MOST_CHANGES:
            left = len(self.changes) - _MOST_CHANGES
            yield f"  … {left} more comparisons; `tamis bundle` writes all"

    def _head(self) -> Iterator[str]:
        message = self.message
        yield f"Item {message['item_id']}"
        to = ", ".join(message["to_addresses"] or ())
        told = (
            *(("From", message["from_raw"]), ("To", to)),
            *(("Subject", message["subject"]), ("Date", message["sent_raw"])),
        )
        for name, value in told:
            yield f"  {name}: {show_hidden(value or '(none)', limit=200)}"
        for path in message["paths"] or ():
            yield f"  at {show_hidden(path, limit=200)}"


def _listed(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if not sentences:
        yield f"{title}: nothing"
        return
    yield f"{title}:"
    for one in sentences:
        yield f"  {one}"


def _all(verdict: Mapping[str, Any]) -> str:
    return ", ".join(verdict["granted"])


def _order(row: Mapping[str, Any]) -> tuple[int, str]:
    """What speaks against a message first, then what speaks for it."""
    ranks = {"contradicts": 0, "supports": 1, "neutral": 2}
    return ranks.get(row["outcome"], 3), row["detail"]


def find_message(view: CaseView, name: str) -> str:
    """The item id of the message that an id, its beginning, a Message-ID or a path stands for.

    Errors    InputError when no message or more than one is meant.
    """
    told = name.strip().removeprefix("<").removesuffix(">")
    found = view.query(_FIND, {"name": told, "least": _LEAST_PREFIX}).column(0).to_pylist()
    if not found:
        raise InputError(
            f"{name!r} names no message of the case; expected an item id (its first "
            f"{_LEAST_PREFIX} digits are enough), a Message-ID, or the path of its file"
        )
    if len(found) > 1:
        raise InputError(f"{name!r} names several messages: {', '.join(found)}")
    item_id: str = found[0]
    return item_id


def explain(view: CaseView, name: str) -> Explanation:
    """All that stands behind the verdict on one message.

    Errors    InputError when no message is meant, or it has no verdict yet.
    """
    item_id = find_message(view, name)
    params = {"item_id": item_id}
    rows = {one: view.query(query, params).to_pylist() for one, query in _OF_ITEM.items()}
    if not rows["verdict"]:
        raise InputError(f"{name!r}: no verdict yet; `tamis run` makes it")
    (message,) = view.query(_MESSAGE, params).to_pylist()
    return Explanation(
        message=message,
        verdict=rows["verdict"][0],
        own=rows["signature_verdict"][0],
        signatures=tuple(rows["signature"]),
        evidence=tuple(rows["evidence"]),
        anomalies=tuple(rows["header_anomaly"]),
        changes=tuple(view.query(_CHANGES, params).to_pylist()),
        remedies=tuple(remedies(rows["verdict"][0], rows["signature"])),
    )
