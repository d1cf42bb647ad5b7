"""The publish-or-hold gate: the case's answers asked anew, people's answers kept as decisions."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis.errors import InputError
from tamis.reports.desk import Desk
from tamis.reports.edition import Edition
from tamis.reports.figures import FigureBook
from tamis.reports.gate.questions import ASKED, DECISION, OUTCOMES, QUESTIONS, UNKNOWNS
from tamis.reports.moments import Clock
from tamis.reports.sections import gate as section
from tamis.run.sayings import refresh, repeat, said
from tamis.run.withhold import withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tamis.case import Case, CaseView, Writer
    from tamis.case.decisions import Decision

_ANSWER, _STATE = "gate_answer", "gate_state"
NO_PERMISSION = "No answer says that something may be published."


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer; `answer` is None where a person has yet to answer."""

    number: int
    question: str
    asked_of: str
    answer: str | None
    author: str
    said_at: datetime | None
    command: str

    def row(self) -> dict[str, Any]:
        """The line as a row for scripts."""
        return {name: getattr(self, name) for name in self.__slots__}


def lines(case: Case) -> tuple[Line, ...]:
    """The eighteen questions with their answers over the newest generation."""
    words = {row["question"]: row for row in _words(case.decisions())}
    with case.view() as view:
        of_case = section.answers(_desk(case, view))
    name = case.path.name or "CASE"
    told = []
    for one in QUESTIONS:
        if one.is_asked:
            told.append(_of_person(one.number, one.text, words.get(one.number), name))
        else:
            answer = of_case[one.number]
            told.append(
                Line(one.number, one.text, "case", answer.text, "", None, answer.command(name))
            )
    return tuple(told)


def _of_person(number: int, text: str, word: Mapping[str, Any] | None, name: str) -> Line:
    if word is None:
        verb = (
            f"decide {'|'.join(OUTCOMES)} --why TEXT"
            if number == DECISION
            else f"answer {number} TEXT"
        )
        command = f"tamis gate {name} {verb} --by NAME"
        return Line(number, text, "person", None, "", None, command)
    answer = word["answer"] + (f": {word['why']}" if word["why"] else "")
    if word["reviewer"]:
        answer += f" (reviewed by {word['reviewer']})"
    return Line(number, text, "person", answer, word["author"], word["said_at"], "")


def _desk(case: Case, view: CaseView) -> Desk:
    clock = Clock(view.settings.display_zone)
    name = case.path.name or "CASE"
    return Desk(FigureBook(view), Edition(), clock, name, withheld=withheld(view))


def answer(case: Case, number: int, text: str, author: str) -> str:
    """A remark on the tables (empty when they are up to date); the answer is kept.

    Errors    InputError for a question that the case answers or nobody asks, or an empty text.
    """
    if number == DECISION:
        raise InputError(f"question {DECISION} is decided: tamis gate CASE decide")
    if number not in ASKED:
        known = ", ".join(str(one) for one in ASKED)
        raise InputError(f"question {number} is not one that a person answers; those are {known}")
    case.decide(
        _ANSWER,
        [str(number)],
        said("an answer", text, 4_000),
        "",
        said("--by", author),
    )
    return refresh(case, settle)


def decide(case: Case, outcome: str, why: str, author: str, reviewer: str) -> str:
    """A remark as above; the decision is kept, with what the case answers at this moment.

    Errors    InputError for an unknown outcome, no reason, or while question 8 has no answer:
              what is not known is written down before it is decided.
    """
    if outcome not in OUTCOMES:
        raise InputError(f"{outcome!r} is none of: {', '.join(OUTCOMES)}")
    answered = {row["question"] for row in _words(case.decisions())}
    if UNKNOWNS not in answered:
        raise InputError(
            "what is not known has to be written before it is decided: tamis gate CASE answer "
            f"{UNKNOWNS} TEXT --by NAME"
        )
    author = said("--by", author)
    if reviewer and " ".join(reviewer.split()).casefold() == " ".join(author.split()).casefold():
        raise InputError("--reviewer is somebody else than who decides; leave it out without one")
    subjects = [
        str(DECISION),
        *([f"reviewer:{said('--reviewer', reviewer)}"] if reviewer else []),
    ]
    with case.view() as view:
        state = {str(n): section.kept(one) for n, one in section.answers(_desk(case, view)).items()}
    case.decide(_ANSWER, subjects, outcome, said("--why", why), author)
    case.decide(_STATE, sorted(state), json.dumps(state, sort_keys=True), "", author)
    return refresh(case, settle)


def settle(writer: Writer, taken: Iterable[Decision]) -> None:
    """Bring the two tables up to the decisions; equal rows change nothing."""
    decisions = tuple(taken)
    repeat(writer, {"gate_word": _words(decisions), "gate_state": _states(decisions)})


def _words(taken: Iterable[Decision]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    changes: Counter[int] = Counter()
    for one in taken:
        if one.kind != _ANSWER:
            continue
        number = int(one.subject_ids[0])
        reviewer = "".join(
            s.removeprefix("reviewer:") for s in one.subject_ids[1:] if s.startswith("reviewer:")
        )
        found[number] = {
            "question": number,
            "answer": one.value,
            "why": one.why or None,
            "author": one.author,
            "reviewer": reviewer or None,
            "said_at": datetime.fromisoformat(one.decided_at),
            "change_count": changes[number],
            "decision_number": one.decision_id,
        }
        changes[number] += 1
    return [found[number] for number in sorted(found)]


def _states(taken: Iterable[Decision]) -> list[dict[str, Any]]:
    last = next((one for one in reversed(tuple(taken)) if one.kind == _STATE), None)
    if last is None:
        return []
    told = {
        "stated_at": datetime.fromisoformat(last.decided_at),
        "decision_number": last.decision_id,
    }
    return [
        {"question": int(number), "answer": text, **told}
        for number, text in sorted(json.loads(last.value).items(), key=lambda one: int(one[0]))
    ]


def shown(told: Iterable[Line]) -> Iterator[str]:
    """The gate for people."""
    for line in told:
        yield f"{line.number:>2}  {line.question}"
        if line.answer is None:
            yield f"    NOT ANSWERED; a person answers: {line.command}"
            continue
        yield f"    {line.answer}"
        if line.said_at is not None:
            yield f"    {line.author}, {line.said_at:%Y-%m-%dT%H:%M:%SZ}"
        elif line.command:
            yield f"    rows: {line.command}"
    yield NO_PERMISSION
