"""The ledger of claims: who said what, on whose word, what evidence says; people set the status.

The program supplies `claim_check`; that a claim is corroborated or contradicted is said by a
person, with evidence, as a decision of the case. The table `claim_word` repeats the last words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.spread.claim_check import conflicts
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.board import EVIDENCE, evidence_found
from tamis.run.sayings import refresh
from tamis.run.sayings import said as said_text
from tamis.run.show import json_line
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tamis.case import Case, CaseView, Writer
    from tamis.case.decisions import Decision

STATUSES = ("corroborated", "contradicted", "open")
NO_CONCLUSION = (
    "Statements that disagree stand beside each other; none is right by being counted. A status "
    "is what the named person says on the evidence named; the program sets none."
)
_WORD = "claim_word"
# A capture is a file of the case: found by its hash, or else by the name that the claim gives.
_CAPTURES = Query(
    "claim_captures",
    """
    SELECT DISTINCT item_id, name FROM place
    WHERE list_contains($hashes, item_id) OR list_contains($names, name) ORDER BY item_id, name
    """,
)
_CHECKED = Query(
    "claim_outcomes", "SELECT source_item_id, claim_id, outcome, detail FROM claim_check"
)

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim with all that the case holds of it.

    `capture` is held, not_held, differs, ambiguous or none; `checked` is the row of
    `claim_check`, `word` that of `claim_word`, None where there is none.
    """

    claim: Mapping[str, Any]
    capture: str
    capture_sha256: str | None
    against: tuple[str, ...]
    checked: Mapping[str, Any] | None
    word: Mapping[str, Any] | None

    @property
    def said(self) -> str:
        """The claim in words, or its columns."""
        parts = (self.claim[name] for name in ("subject", "measure", "of_what", "value_text"))
        return str(self.claim["statement"] or " ".join(part for part in parts if part))

    @property
    def speaker(self) -> str | None:
        """Who said it: the speaker, else who reports it."""
        who: str | None = self.claim["speaker"] or self.claim["reported_by"]
        return who

    @property
    def check_id(self) -> str | None:
        """By what the check of the claim can be named as evidence; None where it tells nothing."""
        if self.checked is None or self.checked["outcome"] == "not_testable":
            return None
        return f"{self.claim['source_item_id'][:12]}:{self.claim['claim_id']}"

    def row(self) -> dict[str, Any]:
        """The entry as a row for scripts."""
        names = (
            *("claim_id", "source_item_id", "kind", "statement", "subject", "value_text"),
            *("speaker", "speaker_role", "authority", "is_official", "said_at", "reported_by"),
            *("reported_at", "source_address", "about_item_ids"),
        )
        word, checked = self.word or {}, self.checked or {}
        return {name: self.claim[name] for name in names} | {
            "capture": self.capture,
            "capture_sha256": self.capture_sha256,
            "conflict_ids": list(self.against),
            "outcome": checked.get("outcome"),
            "outcome_detail": checked.get("detail"),
            "check_id": self.check_id,
            "status": word.get("status"),
            "evidence_ids": word.get("evidence_ids"),
            "note": word.get("note"),
            "author": word.get("author"),
            "status_said_at": word.get("said_at"),
        }


def entries(case: Case) -> tuple[Entry, ...]:
    """Every claim of the case in the order of its file, whether or not a run was made."""
    words = {_key(row): row for row in _words(case.decisions())}
    with case.view() as view:
        claims = _claims(view)
        checked = {_key(row): row for row in view.query(_CHECKED).to_pylist()}
        captures = _captures(view, claims)
    against = conflicts(claims)
    return tuple(
        Entry(
            claim,
            *_capture(claim, captures),
            tuple(against.get(_key(claim), ())),
            checked.get(_key(claim)),
            words.get(_key(claim)),
        )
        for claim in claims
    )


def _claims(view: CaseView) -> list[dict[str, Any]]:
    rows = view.table("claim").to_pylist()
    return sorted(rows, key=lambda row: (row["source_item_id"], row["position"]))


def _key(row: Mapping[str, Any]) -> _Key:
    return row["source_item_id"], row["claim_id"]


def _captures(view: CaseView, claims: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    hashes = sorted({row["capture_sha256"] for row in claims if row["capture_sha256"]})
    names = sorted({row["capture_name"] for row in claims if row["capture_name"]})
    if not hashes and not names:
        return []
    rows = view.query(_CAPTURES, {"hashes": hashes, "names": names}).to_pylist()
    return [(row["item_id"], row["name"]) for row in rows]


def _capture(claim: Mapping[str, Any], held: Sequence[tuple[str, str]]) -> tuple[str, str | None]:
    """Whether the kept copy is in the case, and its hash."""
    stated, name = claim["capture_sha256"], claim["capture_name"]
    if stated is None and name is None:
        return "none", None
    if stated is not None and any(item_id == stated for item_id, _ in held):
        return "held", stated
    found = sorted({item_id for item_id, one in held if name is not None and one == name})
    if not found:
        return "not_held", stated
    if stated is not None:
        return "differs", stated
    return ("held", found[0]) if len(found) == 1 else ("ambiguous", None)


def set_status(case: Case, name: str, status: str, evidence_ids: Sequence[str], **said: str) -> str:
    """A remark on the table (empty when it is up to date); the status is kept as a decision.

    Input     `name` is a claim_id, or `FILE:claim_id` with the begin of its file's hash where
              several files have that id; `said`: note and author
    Errors    InputError for an unknown claim, status or piece of evidence, for a status that
              rests on none, or without a note or name.
    """
    if status not in STATUSES:
        raise InputError(f"{status!r} is none of: {', '.join(STATUSES)}")
    with case.view() as view:
        source, claim_id = _named(view, name)
        kept = _evidence(view, evidence_ids)
    if status != "open" and not kept:
        raise InputError(
            f"{status} rests on evidence: name it with --evidence, or leave the claim open"
        )
    note, author = said_text("--note", said["note"]), said_text("--by", said["author"])
    case.decide(_WORD, [f"{source}:{claim_id}", *kept], status, note, author)
    return refresh(case, settle)


def _named(view: CaseView, name: str) -> _Key:
    keys = [_key(row) for row in _claims(view)]
    found = [key for key in keys if key[1] == name]
    if not found:
        head, _, tail = name.partition(":")
        found = [key for key in keys if head and key[0].startswith(head) and key[1] == tail]
    if len(found) != 1:
        what = "several files have a claim" if found else "no claim is"
        told = ", ".join(f"{source[:8]}:{claim_id}" for source, claim_id in (found or keys)[:5])
        raise InputError(f"{what} called {name!r}; there are: {told or 'none'}")
    return found[0]


def _evidence(view: CaseView, ids: Sequence[str]) -> list[str]:
    """Each id with its table."""
    wanted = list(dict.fromkeys(ids))
    rows = evidence_found(view, wanted) if wanted else []
    tables = {one: table for table, one, _ in rows}
    if missing := [one for one in wanted if one not in tables]:
        raise InputError(
            f"no evidence is called {missing[0]!r}; ids stand in the tables {', '.join(EVIDENCE)}"
        )
    return [f"{tables[one]}:{one}" for one in wanted]


def settle(writer: Writer, taken: Iterable[Decision]) -> None:
    """Bring the table up to the decisions on claims that the case holds."""
    rows = _words(taken)
    with writer.view() as view:
        is_empty = not view.row_count(_WORD)
        known = {_key(row) for row in _claims(view)}
    # The words on claims of a forgotten file went with it.
    rows = [row for row in rows if _key(row) in known]
    if is_empty and not rows:
        return
    writer.replace(_WORD, records.table(_WORD).build(rows))
    writer.commit()


def _words(taken: Iterable[Decision]) -> list[dict[str, Any]]:
    found: dict[_Key, dict[str, Any]] = {}
    changes: Counter[_Key] = Counter()
    for one in taken:
        if one.kind != _WORD:
            continue
        source, _, claim_id = one.subject_ids[0].partition(":")
        key = source, claim_id
        found[key] = {
            "source_item_id": source,
            "claim_id": claim_id,
            "status": one.value,
            "evidence_ids": list(one.subject_ids[1:]),
            "note": one.why,
            "author": one.author,
            "said_at": datetime.fromisoformat(one.decided_at),
            "change_count": changes[key],
            "decision_number": one.decision_id,
        }
        changes[key] += 1
    return [found[key] for key in sorted(found)]


def table_lines(told: Iterable[Entry]) -> Iterator[str]:
    """The ledger for people."""
    for one in told:
        claim = one.claim
        yield f"{claim['claim_id']}  {show_hidden(one.said, limit=400)}"
        yield f"    said by {_who(one)}"
        if where := " ".join(filter(None, (claim["source_address"], _moment(claim)))):
            yield f"    {show_hidden(where)}"
        if claim["about_item_ids"]:
            yield f"    about {', '.join(item[:12] for item in claim['about_item_ids'])}"
        yield f"    capture: {one.capture.replace('_', ' ')} {one.capture_sha256 or ''}".rstrip()
        if one.checked is not None:
            named = f"  [evidence {one.check_id}]" if one.check_id else ""
            yield f"    {show_hidden(one.checked['detail'], limit=400)}{show_hidden(named)}"
        if one.against:
            yield f"    others say otherwise: {show_hidden(', '.join(one.against))}"
        yield f"    status: {_status(one)}"
    yield NO_CONCLUSION


def _who(one: Entry) -> str:
    claim = one.claim
    parts = [one.speaker or "a person not named"]
    if claim["speaker_role"]:
        parts.append(claim["speaker_role"])
    if claim["authority"]:
        parts.append(f"on the authority of {claim['authority']}")
    if claim["is_official"]:
        parts.append("in office")
    if claim["speaker"] and claim["reported_by"]:
        parts.append(f"reported by {claim['reported_by']}")
    return show_hidden(", ".join(parts))


def _moment(claim: Mapping[str, Any]) -> str | None:
    moment = claim["said_at"] or claim["reported_at"]
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _status(one: Entry) -> str:
    word = one.word
    if word is None:
        return "nobody has said"
    rests = ", ".join(word["evidence_ids"])
    told = f"{word['status']}" + (f" on {rests}" if rests else "")
    return show_hidden(f"{told}: {word['note']} ({word['author']}, {word['said_at']:%Y-%m-%d})")


def jsonl(told: Iterable[Entry]) -> Iterator[str]:
    """The ledger for scripts, one JSON object a line."""
    for one in told:
        yield json_line(one.row()).rstrip("\n")
