"""Kinds of papers, for sorting a pile: labels by words and structure, each with what earned it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import log2
from typing import TYPE_CHECKING

from tamis.analyses.leak.document_kind_marks import marks
from tamis.analyses.leak.document_kind_words_en import ENGLISH
from tamis.analyses.leak.document_kind_words_fr import FRENCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

OTHER = "other"
LABELS = tuple(FRENCH)
_WORDS = {"fr": FRENCH, "en": ENGLISH}
_LOOKED_AT = 20_000
# Chosen on the half `choose` of tests/data/document_kinds_mail.jsonl.
_LEAST_SCORE = 2.0
_MORE_A_DOUBLING, _SHORT_WORDS = 0.75, 40
_WEAK, _MOST_FROM_WEAK = 1.0, 2.0
# Rooms, cars and days are spoken of in papers of every kind: beside another label they count less.
_COMMON, _COMMON_SHARE = "logistics", 0.75
# A second label is shown when it comes close to the first.
_NEAR = 0.6
_START = 4
_IN_NAME = 2.0
# Addresses, and the lines a mail program writes above a quoted mail: their words and times are not
# the text's. Each is blanked to its length, so that what is shown stands where it was found.
_NOT_TEXT = re.compile(
    r"\b(?:https?|ftp|mailto)://?[^\s>]{1,300}|\bwww\.[^\s>]{1,300}"
    r"|^[> \t|]{0,10}(?:on|le)\s[^\n]{5,120}\s(?:wrote|a [ée]crit)\s?:"
    r"|^[> \t|]{0,10}(?:date|sent|envoy[ée]|delivered-to|message-id|received|cc|url)\s?:"
    r"[^\n]{0,200}",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+")
_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ"
_PLAIN = str.maketrans(_ACCENTED, "aaaaaaceeeeiiiinooooouuuuyy")
# Words that only one of the two languages has: enough of them, and the other's lists are silent.
_FUNCTION_WORDS = {
    "fr": _WORD.findall(
        "le la les des du une est et pour que qui dans sur pas nous vous je il elle au aux ce "
        "cette avec sont ne ma mes ta te ton de par ou tu ai"
    ),
    "en": _WORD.findall(
        "the of and to is in for that you we with this it are be was have will my our your not "
        "by from an he she they i"
    ),
}
_LANGUAGE_OF = {word: one for one, words in _FUNCTION_WORDS.items() for word in words}
_ENOUGH, _FEWER = 2, 4


@dataclass(frozen=True, slots=True)
class Label:
    """One label, its score, and the words and marks that earned it, as found."""

    label: str
    score: float
    words: tuple[str, ...]


def label(text: str, *, subject: str | None = None, name: str | None = None) -> list[Label]:
    """The labels of a text, best first; `other` when no rule reaches the threshold.

    Input     the first 20,000 characters, the subject and the file's name; a word there counts
              twice
    Source    Own word lists, French and English, and marks of structure; each rule counts once
              however often it is met. Lists of a language the text is not in stay silent.
              Precision and recall on a labelled set: see docs/reference/document-kinds.md.
    Limits    A facet to sort a pile by, never a finding: it sees words, not what they are about.
              Other languages come out as `other`, as do texts that are short or speak of much.
    """
    parts = [(_Part.of(text[:_LOOKED_AT]), 1.0)]
    parts += [(_Part.of(one), _IN_NAME) for one in (subject, name) if one]
    rules = _rules(_languages(stem for part, _ in parts for stem in part.stems))
    scores: dict[str, dict[str, tuple[float, str]]] = {}
    for part, factor in parts:
        for rule, found, kind, weight in _hits(part, rules):
            best = scores.setdefault(kind, {}).get(rule, (0.0, ""))
            counted = weight * factor if weight > _WEAK else weight
            if counted > best[0]:
                scores[kind][rule] = (counted, found)
    least = _least(len(parts[0][0].stems))
    labels = [_scored(kind, list(hits.values())) for kind, hits in scores.items()]
    labels = sorted((one for one in labels if one.score >= least), key=_rank)
    if not labels:
        return [Label(OTHER, 0.0, ())]
    near = _NEAR * labels[0].score
    return [one for one in labels if one.score >= near]


def _rank(one: Label) -> tuple[float, int]:
    share = _COMMON_SHARE if one.label == _COMMON else 1.0
    return -one.score * share, LABELS.index(one.label)


def _least(words: int) -> float:
    """What a text of so many words must reach: long texts meet more rules by chance."""
    return _LEAST_SCORE + _MORE_A_DOUBLING * log2(max(1.0, words / _SHORT_WORDS))


def _scored(kind: str, hits: list[tuple[float, str]]) -> Label:
    """The sum of the rules met; what is weak alone cannot add up to much."""
    weak = sum(weight for weight, _ in hits if weight <= _WEAK)
    score = sum(weight for weight, _ in hits if weight > _WEAK) + min(weak, _MOST_FROM_WEAK)
    words = tuple(found for _, found in sorted(hits, key=lambda one: (-one[0], one[1])))
    return Label(kind, round(score, 2), words)


@dataclass(frozen=True, slots=True)
class _Part:
    """A text with its words folded, and where each stands."""

    source: str
    lowered: str
    spans: Sequence[tuple[int, int]]
    stems: Sequence[str]

    @classmethod
    def of(cls, text: str) -> _Part:
        text = _NOT_TEXT.sub(lambda match: " " * len(match[0]), text)
        lowered = text.lower()
        # Letters that change their length in lower case would shift what is shown: rare, so as is.
        source = text if len(text) == len(lowered) else lowered
        spans = [match.span() for match in _WORD.finditer(lowered)]
        plain = lowered.translate(_PLAIN).replace("œ", "o")
        return cls(source, lowered, spans, [_stem(plain[start:end]) for start, end in spans])


def _languages(stems: Iterable[str]) -> tuple[str, ...]:
    """The languages whose lists speak: both, unless one is hardly there beside the other."""
    met = Counter(filter(None, map(_LANGUAGE_OF.get, stems)))
    counts = {language: met[language] for language in _FUNCTION_WORDS}
    most = max(counts.values())
    if most < _ENOUGH:
        return tuple(counts)
    return tuple(one for one, count in counts.items() if count * _FEWER >= most)


def _hits(part: _Part, rules: _Rules) -> Iterator[tuple[str, str, str, float]]:
    """Each rule met: its name, the words as found, its label and weight."""
    stems = part.stems
    at = 0
    while at < len(stems):
        phrase, length = _longest(stems, at, rules)
        earned = rules.whole.get(phrase, {})
        found = part.source[part.spans[at][0] : part.spans[at + length - 1][1]]
        for kind, weight in earned.items():
            yield f"{kind}:{phrase}", found, kind, weight
        if length == 1:
            for start, kind, weight in rules.starts.get(phrase[:_START], ()):
                if phrase.startswith(start) and kind not in earned:
                    yield f"{kind}:{start}", found, kind, weight
        at += length
    for mark in marks(part.source, part.lowered):
        for kind, weight in mark.weights.items():
            yield f"{kind}:{mark.words}", f"({mark.words})", kind, weight


def _longest(stems: Sequence[str], at: int, rules: _Rules) -> tuple[str, int]:
    """The longest phrase of a rule that begins here, and its words: "budget de campagne" is not
    also "budget"; the word itself where there is none.
    """
    for length in range(min(rules.longest.get(stems[at], 0), len(stems) - at), 1, -1):
        phrase = " ".join(stems[at : at + length])
        if phrase in rules.whole:
            return phrase, length
    return stems[at], 1


def _stem(word: str) -> str:
    """A word without the mark of the plural, nor the second e of a French feminine."""
    if len(word) > 3 and word[-1] in "sx" and word[-2] != "s":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("ee") else word


@dataclass(frozen=True, slots=True)
class _Rules:
    """Phrases with the labels they speak for; for a first word, the most words of a phrase."""

    whole: dict[str, dict[str, float]]
    longest: dict[str, int]
    starts: dict[str, list[tuple[str, str, float]]]


@cache
def _rules(languages: tuple[str, ...]) -> _Rules:
    found = _Rules({}, {}, {})
    for language in languages:
        for kind, by_weight in _WORDS[language].items():
            for weight, words in by_weight.items():
                for phrase in words.split(","):
                    _add(found, phrase.replace("œ", "o").split(), kind, float(weight))
    return found


def _add(found: _Rules, words: list[str], kind: str, weight: float) -> None:
    stems = [_stem(one) for one in words]
    if stems[0].endswith("*"):
        start = stems[0][:-1]
        found.starts.setdefault(start[:_START], []).append((start, kind, weight))
        return
    rules = found.whole.setdefault(" ".join(stems), {})
    # Weight 0: the phrase is taken, and speaks for nothing.
    if weight:
        rules[kind] = max(rules.get(kind, 0.0), weight)
    found.longest[stems[0]] = max(found.longest.get(stems[0], 0), len(stems))
