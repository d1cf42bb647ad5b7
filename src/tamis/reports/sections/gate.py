"""Publish or hold: what the case answers, what people answered, and what nobody answered yet."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note
from tamis.reports.figures import Figure, Keeps
from tamis.reports.gate import law_answers, leak_answers, spread_answers
from tamis.reports.gate.answer import Answered, told
from tamis.reports.gate.questions import ASKED, DECISION, QUESTIONS, UNKNOWNS
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tamis.reports.desk import Desk

WORDS = Figure(
    "gate_words",
    "What people answered to the questions of the gate",
    """
    SELECT question, answer, why, author, reviewer, said_at, change_count FROM gate_word
    ORDER BY question
    """,
    keeps=Keeps.DIGEST,
)
STATE = Figure(
    "gate_state",
    "What the case answered when it was decided",
    "SELECT question, answer, stated_at FROM gate_state ORDER BY question",
    keeps=Keeps.DIGEST,
)
_CHANGES, _ON_POLLS = 18, 16
_OF_CASE: tuple[Callable[[Desk], Answered], ...] = (
    leak_answers.ties,
    leak_answers.copies,
    leak_answers.decoys,
    leak_answers.shares,
    spread_answers.first,
    spread_answers.pushed,
    spread_answers.echoes,
    law_answers.silence,
    leak_answers.personal,
    law_answers.swing,
    spread_answers.draft_links,
    spread_answers.draft_words,
)
_OUTCOME = {
    "publish": "publish",
    "hold": "hold",
    "about_the_hack_only": "publish about the hack only",
}


def answers(desk: Desk) -> dict[int, Answered]:
    """What the case answers, by question; the last compares with what stood when it was decided."""
    found = {one.number: one for one in (answer(desk) for answer in _OF_CASE)}
    found[_CHANGES] = _changes(desk, found)
    return found


def kept(answer: Answered) -> str:
    """What is kept of an answer; of comment on polls its hash alone, as it may be withheld."""
    if answer.number == _ON_POLLS:
        return hashlib.sha256(answer.text.encode()).hexdigest()
    return answer.text


def words(desk: Desk) -> dict[int, Mapping[str, Any]]:
    """What people answered, by question."""
    return {int(row["question"]): row for row in desk.ask(WORDS).rows}


def _changes(desk: Desk, now: Mapping[int, Answered]) -> Answered:
    rows = desk.ask(STATE).rows
    if not rows:
        return told(
            _CHANGES,
            *("Nothing was decided yet: tamis gate ", desk.case_name, " decide keeps what the "),
            *("case answers at that moment.", desk.mark(STATE)),
            anchors=("gate",),
        )
    then = {int(row["question"]): row["answer"] for row in rows}
    changed = [n for n, answer in now.items() if n in then and then[n] != kept(answer)]
    parts: list[Content] = [
        "Since it was decided ",
        desk.clock.show(rows[0]["stated_at"].replace(microsecond=0)),
        desk.mark(STATE),
    ]
    if not changed:
        parts.append(", no answer of the case has changed.")
    parts += [
        tag("span", f" {n} was another.")
        if n == _ON_POLLS
        else tag("span", f" {n} was: ", desk.edition.remark(then[n]))
        for n in changed
    ]
    return told(_CHANGES, *parts, anchors=("gate",), rows=("gate_state",))


def render(desk: Desk, present: Collection[str]) -> Markup:
    """The section; `present` are the ids of the sections that the page has."""
    of_case, of_people = answers(desk), words(desk)
    rows: list[tuple[Content, ...]] = []
    for question in QUESTIONS:
        if question.is_asked:
            said, who = _word(desk, question.number, of_people.get(question.number))
        else:
            said, who = _case_cell(desk, of_case[question.number], present)
        rows.append((str(question.number), question.text, said, who))
    missing = [number for number in ASKED if number not in of_people]
    return tag(
        "section",
        tag("h2", "Publish or hold"),
        _unknowns(desk, of_people.get(UNKNOWNS)),
        tag(
            "p",
            "The case answers ",
            tag("span", str(len(of_case)), class_="fixed"),
            " questions; people answered ",
            desk.row_count(WORDS),
            " of ",
            tag("span", str(len(ASKED)), class_="fixed"),
            ". ",
            tag("span", f"Not answered: {', '.join(map(str, missing))}.", class_="fixed")
            if missing
            else "",
        ),
        table(
            (("", "num"), ("Question", "wide"), ("Answer", "wide"), ("By", "who")),
            rows,
            caption=join("The gate", desk.mark(WORDS)),
        ),
        note(
            "No answer says that something may be published. The order of the questions is that of "
            "asking, and none outweighs another."
        ),
        id="gate",
    )


def _unknowns(desk: Desk, word: Mapping[str, Any] | None) -> Markup:
    """The mandatory paragraph."""
    if word is None:
        return tag(
            "p",
            tag("strong", "What we do not know: nobody has written this yet. ", class_="wrong"),
            tag("code", f'tamis gate {desk.case_name} answer {UNKNOWNS} "..." --by NAME'),
        )
    return tag(
        "p", tag("strong", "What we do not know: "), desk.edition.text(word["answer"], 4_000)
    )


def _case_cell(desk: Desk, answer: Answered, present: Collection[str]) -> tuple[Content, Content]:
    links: list[Content] = []
    anchor = next((one for one in answer.anchors if one in present), None)
    if anchor is not None:
        links += [tag("a", "where it stands", href=f"#{anchor}"), " "]
    # What a row is chosen by can name an account or lead to the dump.
    shown = replace(answer, where="") if desk.edition.is_public else answer
    command = shown.command(desk.case_name)
    if command:
        links.append(tag("code", command))
    return join(answer.sentence, tag("span", *links, class_="meta")), "the case"


def _word(desk: Desk, number: int, word: Mapping[str, Any] | None) -> tuple[Content, Content]:
    if word is None:
        verb = "decide" if number == DECISION else f"answer {number}"
        empty = tag("strong", "not answered", class_="wrong")
        return join(empty, " ", tag("code", f"tamis gate {desk.case_name} {verb} …")), "a person"
    answer = word["answer"]
    said: list[Content] = [desk.edition.text(_OUTCOME.get(answer, answer), 1_200)]
    if word["why"]:
        said += [": ", desk.edition.text(word["why"], 1_200)]
    if word["change_count"]:
        said.append(tag("span", f"changed {word['change_count']:,} times", class_="meta"))
    who: list[Content] = [desk.edition.text(word["author"], 80)]
    if word["reviewer"]:
        who += [", reviewed by ", desk.edition.text(word["reviewer"], 80)]
    who.append(tag("span", desk.clock.show(word["said_at"].replace(microsecond=0)), class_="meta"))
    return join(*said), join(*who)
