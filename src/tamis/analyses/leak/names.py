"""Names of people in a text, as a model of the reader's choice sees them; needs tamis[ner]."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.personal_fold import fold
from tamis.analyses.leak.personal_found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHARACTERS = 200_000
LEAST_SCORE = 0.5
PERSON = ("PER", "PERSON")
_PIECE = 20_000
_TOGETHER = 64
_PARTS = re.compile(r"\n[ \t\r]*\n")
# Readings that are kept beside one another, and the share below which one is dropped.
_BEAM_WIDTH, _BEAM_DENSITY = 8, 0.001


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its place, and what the model made of it."""

    found: Found
    score: float


def find(text: str, folder: str) -> list[Named]:
    """The names of people in one text, as `find_all`."""
    return find_all([text], folder)[0]


def find_all(texts: Sequence[str], folder: str) -> list[list[Named]]:
    """The names of people that a model sees in each text, in order of place, none in another.

    Input     of a longer text the first 200,000 characters; `folder`: a spaCy pipeline with a
              step `ner` that knows people. Only data is read from it, and only in the cell.
    Source    the model's own; its score is the weighted share of readings that have the name
              (beam search of 8 readings)
    Limits    A model misses names and takes other words for names, more often in short, small
              or mixed text than in news. Nobody's name is confirmed by being found, and no text
              is free of names because none is found. Names under a score of 0.5 are left out.
    """
    folded = [fold(text[:MAX_CHARACTERS]) for text in texts]
    pieces = [(rank, *one) for rank, text in enumerate(folded) for one in _pieces(text.text)]
    named: list[list[Named]] = [[] for _ in texts]
    read = _read([piece for _, _, piece in pieces], folder)
    for (rank, at, piece), spans in zip(pieces, read, strict=True):
        for start, end, score in spans:
            # No name goes over a blank line; of what the model drew together the longest is one.
            told = max(_PARTS.split(piece[start:end]), key=len).strip(" \t\r\n,;:.>-")
            if any(character.isalpha() for character in told):
                began = at + piece.index(told, start)
                one = Found("name", "name", began, began + len(told), _normal(told), _mask(told))
                named[rank].append(Named(folded[rank].unfolded(one), score))
    return named


def _normal(told: str) -> str:
    return " ".join(told.lower().split())


def _mask(told: str) -> str:
    return " ".join(f"{word[:1]}…" for word in told.split())


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Parts of a text that end with a line where there is one."""
    at = 0
    while at < len(text):
        end = at + _PIECE
        if end < len(text):
            end = 1 + max(text.rfind("\n", at, end), text.rfind(" ", end - 200, end), end - 1)
        yield at, text[at:end]
        at = end


def _read(pieces: Sequence[str], folder: str) -> Iterator[list[tuple[int, int, float]]]:
    """For each piece, character ranges with scores in order of place."""
    model = model_of(folder)
    step = model.get_pipe("ner")
    for first in range(0, len(pieces), _TOGETHER):
        documents = list(model.pipe(pieces[first : first + _TOGETHER], disable=["ner"]))
        beams = step.beam_parse(documents, _BEAM_WIDTH, beam_density=_BEAM_DENSITY)
        for document, beam in zip(documents, beams, strict=True):
            yield _best(document, step.moves.get_beam_parses(beam))


def _best(document: Any, readings: Any) -> list[tuple[int, int, float]]:
    """What the readings hold of people; of what overlaps the one with the highest score."""
    scores: dict[tuple[int, int], float] = defaultdict(float)
    for weight, entities in readings:
        for start, end, label in entities:
            if label in PERSON:
                scores[start, end] += weight
    taken: set[int] = set()
    kept = []
    for (start, end), score in sorted(scores.items(), key=lambda one: (-one[1], one[0])):
        if score >= LEAST_SCORE and taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            span = document[start:end]
            kept.append((span.start_char, span.end_char, min(1.0, round(score, 6))))
    return sorted(kept)


@cache
def model_of(folder: str) -> Any:
    """The pipeline of a folder, without the steps that names do not need."""
    import spacy  # noqa: PLC0415  the extra [ner]; loads in the worker only
    from spacy.util import load_config  # noqa: PLC0415

    steps = load_config(f"{folder}/config.cfg")["nlp"]["pipeline"]
    needed = {"ner", "tok2vec", "transformer"}
    return spacy.load(folder, exclude=[step for step in steps if step not in needed])
