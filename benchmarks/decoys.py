"""Recall of decoys in changed texts, and false matches, on sets that nothing was chosen on."""

from __future__ import annotations

import random
import secrets
import sys
import textwrap
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.analyses.leak.decoys import LEAST_SHARED, Sketches
from tamis.syntax.sketch import SHINGLE_WORDS, shingles, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COUNT, LEAST_RECALL, LEAST_PAIRS = 150, 0.95, 5_000
_SYLLABLES = (
    *("ba", "co", "di", "fe", "gu", "la", "mi", "no", "pe", "ra", "si", "to", "vu"),
    *("cha", "bre", "lin", "mon", "tir", "sel", "dor"),
)
_FRAMES = (
    "please find attached the {} of the {} for the {} that we discussed with {} on {}",
    "the {} has asked that the {} be sent to {} before the {} of the {}",
    "we have not yet received the {} from {} and the {} about the {} remains open",
    "as agreed with {} the {} will be moved to the {} account after the {} of {}",
    "could you tell {} whether the {} of the {} covers the {} and the {} as well",
)
_BOILERPLATE = (
    "this message and its attachments are confidential and meant for the persons named above only "
    "if you have received it by mistake please tell the sender at once and delete it from your "
    "system any use that does not agree with its purpose is forbidden the campaign accepts no "
    "liability for damage by viruses or by errors in transmission think of the environment before "
    "you print this message the office is open from monday to friday between nine and six in the "
    "evening and can be reached by telephone under the number that stands on our letters"
)


_WHO = (
    *("the mayor", "a volunteer", "our treasurer", "the printing firm", "the regional office"),
    *("the bus company", "a journalist", "the stadium", "her lawyer", "the accountant"),
    *("the youth wing", "that supplier", "a donor", "the press team", "our landlord"),
)
_DID = (
    *("cancelled", "confirmed", "postponed", "signed", "questioned", "lost", "rewrote", "refused"),
    *("returned", "approved", "copied", "ordered", "delivered", "translated", "inspected"),
)
_WHAT = (
    *("the rental contract", "four boxes of leaflets", "the sound system", "the seating plan"),
    *("an invoice over {number} euros", "a draft of the programme", "the hotel booking", "a van"),
    *("the budget line {number}", "the visit to {town}", "the interview in {town}"),
)
_WHY = (
    *("because nobody answered the phone", "after a long talk with {who}", "before Easter"),
    *("although {who} had warned us", "before the train to {town} left", "unless {who} objects"),
    *("while {who} waited in {town}", "as soon as {who} agreed", "so that {who} could travel"),
)
_TOWNS = ("Lille", "Nantes", "Metz", "Brest", "Pau", "Dijon", "Rouen", "Tours", "Agen", "Sens")


@dataclass(frozen=True)
class World:
    """Decoys and unrelated texts of one kind, and a background that holds neither."""

    decoys: list[str]
    unrelated: list[str]
    background: list[str]
    vocabulary: list[str]


def world(seed: int, count: int = COUNT) -> World:
    """The texts of one seed: shared words, shared frames of sentences, a third of boilerplate."""
    dice = random.Random(seed)
    vocabulary = sorted(
        {"".join(dice.choices(_SYLLABLES, k=dice.randint(2, 3))) for _ in range(3000)}
    )
    dice.shuffle(vocabulary)
    weights = [1 / (rank + 10) for rank in range(len(vocabulary))]

    def text() -> str:
        sentences = []
        for _ in range(dice.randint(14, 22)):
            frame = dice.choice(_FRAMES)
            sentences.append(frame.format(*dice.choices(vocabulary, weights, k=frame.count("{}"))))
        sentences.insert(dice.randrange(len(sentences)), _BOILERPLATE)
        return ". ".join(sentences)

    texts = [text() for _ in range(3 * count)]
    return World(texts[:count], texts[count : 2 * count], texts[2 * count :], vocabulary)


def notes(seed: int, count: int = COUNT) -> World:
    """Short notes of one seed: most of their phrases stand in the background too."""
    dice = random.Random(seed)

    def sentence() -> str:
        frame = " ".join(dice.choice(some) for some in (_WHO, _DID, _WHAT, _WHY))
        number, town, who = dice.randint(100, 99_999), dice.choice(_TOWNS), dice.choice(_WHO)
        return frame.format(number=number, town=town, who=who)

    def text() -> str:
        sentences = [sentence() for _ in range(dice.randint(9, 16))]
        return ". ".join([*sentences, _BOILERPLATE])

    texts = [text() for _ in range(3 * count)]
    vocabulary = sorted({word for one in texts for word in one.split()})
    return World(texts[:count], texts[count : 2 * count], texts[2 * count :], vocabulary)


def _convert(text: str, _dice: random.Random, _words: Sequence[str]) -> str:
    """As another program saves it: capitals, other spaces, other marks, ligatures."""
    marks = {".": " \u2022", "fi": "\ufb01", " the ": "\u00a0The\u00a0", " of ": " OF\u2009"}
    for old, new in marks.items():
        text = text.replace(old, new)
    return text


def _rewrap(text: str, dice: random.Random, _words: Sequence[str]) -> str:
    return textwrap.indent(textwrap.fill(text, dice.randint(40, 90)), "> ")


def _ocr(text: str, dice: random.Random, _words: Sequence[str]) -> str:
    """Five of a hundred characters read as another one, lost, or doubled."""
    alike = {"o": "0", "l": "1", "e": "c", "m": "rn", "s": "5", "i": "l", "b": "6", "g": "9"}
    out = []
    for one in text:
        if dice.random() >= 0.05:
            out.append(one)
        else:
            out.append(dice.choice((alike.get(one, "*"), "", one + one)))
    return "".join(out)


def _crop(text: str, dice: random.Random, _words: Sequence[str]) -> str:
    every = text.split()
    length = len(every) // 5
    start = dice.randrange(len(every) - length)
    return " ".join(every[start : start + length])


def _swap(text: str, dice: random.Random, vocabulary: Sequence[str]) -> str:
    return " ".join(
        dice.choice(vocabulary) if dice.random() < 0.25 else one for one in text.split()
    )


def _paste(text: str, dice: random.Random, vocabulary: Sequence[str]) -> str:
    around = " ".join(dice.choices(vocabulary, k=9 * len(text.split())))
    cut = len(around) // 2
    return f"{around[:cut]} {text} {around[cut:]}"


CHANGES: dict[str, Callable[[str, random.Random, Sequence[str]], str]] = {
    "converted": _convert,
    "re-wrapped": _rewrap,
    "OCR noise 5 %": _ocr,
    "crop 20 %": _crop,
    "25 % of words changed": _swap,
    "pasted": _paste,
}


def is_boilerplate_only(piece: str) -> bool:
    """Whether a crop holds too few words outside the boilerplate to make the least runs."""
    own = words_of(piece.replace(". ", " ."))
    common = {tuple(one) for one in _runs(words_of(_BOILERPLATE))}
    return sum(tuple(one) not in common for one in _runs(own)) < LEAST_SHARED


def _runs(every: list[str]) -> list[list[str]]:
    return [every[at : at + SHINGLE_WORDS] for at in range(len(every) - SHINGLE_WORDS + 1)]


@dataclass(frozen=True)
class Measured:
    """What one half of the decoys gave: recall by change, crops left out, false matches, pairs."""

    recall: dict[str, float]
    left_out: int
    false_count: int
    pair_count: int
    most_false: int


def measure(one: World, part: slice, seed: int) -> Measured:
    """Recall and false matches of one half of the decoys and of the unrelated texts."""
    key, dice = secrets.token_bytes(32), random.Random(seed)
    decoys, unrelated = one.decoys[part], one.unrelated[part]
    sketches = Sketches(key, [sorted(shingles(text, key)) for text in decoys])
    sketches = sketches.without([run for text in one.background for run in shingles(text, key)])
    recall, left_out, false_count, pairs, most = {}, 0, 0, 0, 0
    for name, change in CHANGES.items():
        found = total = 0
        for rank, text in enumerate(decoys):
            changed = change(text, dice, one.vocabulary)
            if name.startswith("crop") and is_boilerplate_only(changed):
                left_out += 1
                continue
            matched = {hit.rank for hit in sketches.shared_with(changed)}
            total += 1
            found += rank in matched
            false_count += len(matched - {rank})
            pairs += len(decoys) - 1
        recall[name] = found / total
    for text in unrelated:
        most = max([most, *(hit.shared_count for hit in sketches.shared_with(text, least=1))])
        false_count += sum(1 for _ in sketches.shared_with(text))
        pairs += len(decoys)
    return Measured(recall, left_out, false_count, pairs, most)


def main(_: list[str]) -> int:
    """1 when recall or false matches on the held-out sets miss what is asked.

    The numbers were chosen on other sets than these; of short notes, whose phrases are mostly
    ordinary, recall under noise is told and not asked.
    """
    is_met = True
    for name, made in (("letters", world(8)), ("short notes", notes(8))):
        began = time.process_time()
        told = measure(made, slice(len(made.decoys) // 2, None), 82)
        spent = time.process_time() - began
        print(f"{name}: an unrelated text shares at most {told.most_false} runs with a decoy")
        for change, recall in told.recall.items():
            print(f"  {change:<22} recall {recall:.3f}")
        print(f"  crops of boilerplate alone, left out: {told.left_out}")
        print(f"  false matches: {told.false_count} in {told.pair_count:,} pairs ({spent:.1f} s)")
        is_met = is_met and told.pair_count >= LEAST_PAIRS and not told.false_count
        is_met = is_met and (name != "letters" or min(told.recall.values()) >= LEAST_RECALL)
    key, texts = secrets.token_bytes(32), world(8).decoys
    began = time.process_time()
    count = sum(len(shingles(text, key)) for text in texts)
    print(f"{count / (time.process_time() - began):,.0f} runs sketched a second on one core")
    return int(not is_met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
