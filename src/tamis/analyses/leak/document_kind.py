"""Kinds of papers, for sorting a pile: labels by words and structure, each with what earned it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tamis.analyses.leak.document_kind_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "other"
LABELS = (*WORDS, OTHER)
_LOOKED_AT = 20_000
_LEAST_SCORE = 2.0
# A second label is shown when it comes close to the first.
_NEAR = 0.6
_START = 4
_IN_NAME = 2.0
_WORD = re.compile(r"[^\W_]+")
_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ"
_PLAIN = str.maketrans(_ACCENTED, "aaaaaaceeeeiiiinooooouuuuyy")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?(?:h\s?\d{0,2}(?!\w)|:\d{2}|(?:am|pm)(?!\w))", re.IGNORECASE)
_MONEY = re.compile(r"[€£$]\s?\d|\d\s?(?:[kM]?[€£$]|(?:EUR|euros?)\b)", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:^|[.\n])\s{0,4}(?:article|clause|section)\s\d{1,3}\b", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:login|user(?:name)?|utilisateur|identifiant)\b[^\n]{0,60}\bpass(?:word|e|wd)?\b",
    re.IGNORECASE,
)
# What the build of a text tells: pattern, how often it must occur, label, weight, words for it.
_STRUCTURE = (
    (_TIME, 2, "logistics", 1.5, "several times of day"),
    (_MONEY, 3, "invoice", 1.0, "several amounts of money"),
    (_MONEY, 1, "finance", 0.75, "an amount of money"),
    (_CLAUSE, 2, "contract", 2.0, "numbered articles"),
    (_SECRET, 1, "credentials", 2.0, "a user name beside a password"),
)


@dataclass(frozen=True, slots=True)
class Label:
    """One label, its score, and the words and marks that earned it, as found."""

    label: str
    score: float
    words: tuple[str, ...]


def label(text: str, *, subject: str | None = None, name: str | None = None) -> list[Label]:
    """The labels of a text, best first; `other` alone when no rule reaches the threshold.

    Input     the first 20,000 characters, the subject and the file's name; a word there counts
              twice
    Source    Own word lists, French and English, and marks of structure; each rule counts once
              however often it is met. Precision and recall on a labelled set: see
              docs/reference/document-kinds.md.
    Limits    A facet to sort a pile by, never a finding: it sees words, not what they are about.
              Other languages come out as `other`, as do texts that are short or speak of much.
    """
    scores: dict[str, dict[str, tuple[float, str]]] = {}
    for part, factor in ((text[:_LOOKED_AT], 1.0), (subject, _IN_NAME), (name, _IN_NAME)):
        for rule, found, kind, weight in _hits(part or ""):
            best = scores.setdefault(kind, {}).get(rule, (0.0, ""))
            if weight * factor > best[0]:
                scores[kind][rule] = (weight * factor, found)
    labels = [
        Label(
            kind,
            round(sum(weight for weight, _ in hits.values()), 2),
            tuple(found for _, found in sorted(hits.values(), key=lambda one: (-one[0], one[1]))),
        )
        for kind, hits in scores.items()
    ]
    labels = sorted(labels, key=lambda one: (-one.score, LABELS.index(one.label)))
    if not labels or labels[0].score < _LEAST_SCORE:
        return [Label(OTHER, 0.0, ())]
    least = max(_LEAST_SCORE, _NEAR * labels[0].score)
    return [one for one in labels if one.score >= least]


def _hits(text: str) -> Iterator[tuple[str, str, str, float]]:
    """Each rule met: its name, the words as found, its label and weight."""
    lowered = text.lower()
    # Letters that change their length in lower case would shift what is shown: rare, so as is.
    source = text if len(text) == len(lowered) else lowered
    spans = [match.span() for match in _WORD.finditer(lowered)]
    plain = lowered.translate(_PLAIN).replace("œ", "o")
    stems = [_stem(plain[start:end]) for start, end in spans]
    rules = _rules()
    at = 0
    while at < len(stems):
        taken = 1
        # The longest phrase wins: "budget de campagne" is not also "budget".
        for length in range(min(rules.longest.get(stems[at], 0), len(stems) - at), 0, -1):
            phrase = " ".join(stems[at : at + length])
            if earned := rules.whole.get(phrase):
                found = source[spans[at][0] : spans[at + length - 1][1]]
                for kind, weight in earned.items():
                    yield f"{kind}:{phrase}", found, kind, weight
                taken = length
                break
        else:
            for start, kind, weight in rules.starts.get(stems[at][:_START], ()):
                if stems[at].startswith(start):
                    yield f"{kind}:{start}", source[slice(*spans[at])], kind, weight
        at += taken
    for pattern, count, kind, weight, words in _STRUCTURE:
        if sum(1 for _ in pattern.finditer(text)) >= count:
            yield f"{kind}:{words}", f"({words})", kind, weight


def _stem(word: str) -> str:
    """A word without the mark of the plural."""
    is_plural = len(word) > 3 and word[-1] in "sx" and word[-2] != "s"
    return word[:-1] if is_plural else word


@dataclass(frozen=True, slots=True)
class _Rules:
    """Phrases with the labels they speak for; for a first word, the most words of a phrase."""

    whole: dict[str, dict[str, float]]
    longest: dict[str, int]
    starts: dict[str, list[tuple[str, str, float]]]


@cache
def _rules() -> _Rules:
    found = _Rules({}, {}, {})
    for kind, by_weight in WORDS.items():
        for weight, words in by_weight.items():
            for phrase in words.split(","):
                stems = [_stem(one) for one in phrase.replace("œ", "o").split()]
                if stems[0].endswith("*"):
                    start = stems[0][:-1]
                    found.starts.setdefault(start[:_START], []).append((start, kind, float(weight)))
                    continue
                rules = found.whole.setdefault(" ".join(stems), {})
                rules[kind] = max(rules.get(kind, 0.0), float(weight))
                longest = found.longest.get(stems[0], 0)
                found.longest[stems[0]] = max(longest, len(stems))
    return found
