"""The eighteen questions, who answers each, and what an answer of a person must be."""

from __future__ import annotations

from dataclasses import dataclass

DECISION = 17
UNKNOWNS = 8
OUTCOMES = ("publish", "hold", "about_the_hack_only")


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `is_asked` says that a person answers it."""

    number: int
    text: str
    is_asked: bool = False


QUESTIONS = (
    Question(1, "Is the mail tied to its senders by signatures, and over which fields?"),
    Question(2, "Do other copies or versions of it differ?"),
    Question(3, "Is any of it a registered decoy, with proof dated before the leak?"),
    Question(4, "How much of the dump is verified, contradicted, unknown?"),
    Question(5, "Where was it first seen, by an account of what age, on which way?"),
    Question(6, "How much of its spread came from clusters of accounts, after 1, 6 and 24 hours?"),
    Question(7, "Which accounts that many follow repeat it, and whom did they have it from?"),
    Question(
        UNKNOWNS,
        "What do we not know of the source and of its motive?",
        is_asked=True,
    ),
    Question(9, "Does the moment fall into a silence: where, and for whom?"),
    Question(10, "Who signed for the law, knowing the rule and its date?", is_asked=True),
    Question(11, "What personal data does it hold, and whose?"),
    Question(12, "Is each private thing that would be shown needed?", is_asked=True),
    Question(13, "Does our draft lead readers to the dump, or tell somebody that they read it?"),
    Question(14, "Does our draft repeat words that accounts copied from each other?"),
    Question(15, "Were those concerned asked to reply, and when?", is_asked=True),
    Question(16, "Can it still move the vote, measured by past errors of polls?"),
    Question(
        DECISION,
        "Publish, hold, or publish about the hack only: why, and who reviewed it?",
        is_asked=True,
    ),
    Question(18, "What has changed in the evidence since it was decided?"),
)
ASKED = tuple(one.number for one in QUESTIONS if one.is_asked)
