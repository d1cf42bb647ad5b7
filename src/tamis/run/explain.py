"""`tamis explain`: every fact about one message, the rule that fired, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tamis.errors import InputError
from tamis.findings.remedies import remedies
from tamis.plan import Query
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_MARKS = {"supports": "+", "contradicts": "-", "neutral": "·", "unable": "?"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that stands behind one verdict, as rows."""

    message: Mapping[str, Any]
    verdict: Mapping[str, Any]
    own: Mapping[str, Any]
    signatures: tuple[Mapping[str, Any], ...]
    evidence: tuple[Mapping[str, Any], ...]
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
            "would_change_it": self.remedies,
        }
        return orjson.dumps(told, option=orjson.OPT_UTC_Z).decode()

    def lines(self) -> Iterator[str]:
        """The explanation for people."""
        yield from self._head()
        yield ""
        yield f"Verdict: {self.verdict['verdict']} (counted as {self.verdict['roll_up']})"
        yield f"  rule {self.verdict['rule_id']}, version {self.verdict['rule_version']}"
        yield from _listed("It says", self.verdict["claims"])
        if self.verdict["kept_from"]:
            yield f"  Kept from verified by: {self.verdict['kept_from']}"
        yield f"  Every word earned, strongest first: {', '.join(self.verdict['granted'])}"
        if self.own["verdict"] != self.verdict["verdict"]:
            yield f"  By its own bytes alone: {self.own['verdict']} ({self.own['rule_id']})"
        yield ""
        yield "Facts ( + supports, - contradicts, · neutral, ? could not be judged)"
        for one in self.evidence:
            yield f"  {_MARKS.get(one['outcome'], '·')} {one['check_name']}: {one['detail']}"
        yield ""
        yield from _listed("It does not say", self.verdict["does_not_claim"], indent="")
        yield ""
        yield from _listed("What would change it", self.remedies, indent="")

    def _head(self) -> Iterator[str]:
        message = self.message
        yield f"Item {message['item_id']}"
        for name, column in (("From", "from_raw"), ("Subject", "subject"), ("Date", "sent_raw")):
            yield f"  {name}: {show_hidden(message[column] or '(none)', limit=200)}"
        for path in message["paths"] or ():
            yield f"  at {show_hidden(path, limit=200)}"


def _listed(title: str, sentences: Any, indent: str = "  ") -> Iterator[str]:
    if not sentences:
        yield f"{indent}{title}: nothing"
        return
    yield f"{indent}{title}:"
    for one in sentences:
        yield f"{indent}  {one}"


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
        remedies=tuple(remedies(rows["verdict"][0], rows["signature"])),
    )
