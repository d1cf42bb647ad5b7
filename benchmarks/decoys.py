"""Recall of decoys in changed texts, and false matches: chosen on one half, told of the other."""

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
    """1 when recall or false matches on the held-out half miss what is asked."""
    one = world(8)
    half = len(one.decoys) // 2
    began = time.process_time()
    chosen = measure(one, slice(0, half), 81)
    told = measure(one, slice(half, None), 82)
    spent = time.process_time() - began
    print(f"first half: an unrelated text shares at most {chosen.most_false} runs with a decoy;")
    print(f"the least number asked is {LEAST_SHARED}. Second half:")
    for name, recall in told.recall.items():
        print(f"  {name:<22} recall {recall:.3f}")
    print(f"  crops of boilerplate alone, left out: {told.left_out}")
    print(f"  false matches: {told.false_count} in {told.pair_count:,} pairs ({spent:.1f} s)")
    key = secrets.token_bytes(32)
    began = time.process_time()
    made = sum(len(shingles(text, key)) for text in one.decoys)
    print(f"  {made / (time.process_time() - began):,.0f} runs sketched a second on one core")
    is_met = min(told.recall.values()) >= LEAST_RECALL and told.pair_count >= LEAST_PAIRS
    return int(not is_met or told.false_count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
