"""What a hand changes in the letters of the dump with truth, and what it invents."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.simulate import words
from tamis.simulate.dump_cast import attacker
from tamis.simulate.dump_mail import Letter, Wanted, changed, letter, sentence, written
from tamis.simulate.keys import rsa_key
from tamis.simulate.mime import File
from tamis.simulate.mime import words as encoded
from tamis.simulate.people import CAMPAIGN, LOOKALIKE, Person
from tamis.simulate.signing import Signer, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.simulate.dice import Dice
    from tamis.simulate.letters import Draft
    from tamis.simulate.mime import Mail

# One place, and nothing of what stood there is lost but a digit, a letter or a date: what was
# signed can be computed from what stands there.
LOCAL = ("figure", "letter", "word_in", "sentence_in", "paragraph_in", "subject", "day")
# The same, but gateways do it too: no search can tell whose hand it was.
AS_CARRIERS = ("subject_prefix",)
# What stood there is gone.
LOST = ("name", "sentence_out", "passage", "file", "recipient")
# What a quotation of the text can show.
QUOTABLE = ("figure", "name", "sentence_in", "sentence_out", "passage")
FORGERIES = (
    *("unsigned", "wrong_key", "transplanted", "recovered_key", "second_subject"),
    *("false_thread", "planted_twice"),
)
_NUMBER = re.compile(r"(?<= )\d{2,}(?=[ .])")
_LETTER = re.compile(r"(?<=[a-z])[aeiou](?=[a-z])")
_WORD = re.compile(r"(?<= )[a-zà-ÿ]{5,}(?= )")


def edited(one: Letter, edit: str, dice: Dice) -> Mail | None:
    """The letter with one thing changed under its old signature; None where it has no such thing.

    Output    `edit` is one of LOCAL and LOST
    """
    draft = _EDITS[edit](one.draft, dice)
    if draft is None or draft == one.draft:
        return None
    return one.rewritten(draft)


def _on_text(change: Callable[[str, Dice], str | None]) -> Callable[[Draft, Dice], Draft | None]:
    """An edit of the words of the letter's own text, above what it quotes."""

    def edit(draft: Draft, dice: Dice) -> Draft | None:
        own, mark, quoted = draft.content.text.partition("\n\nLe ")
        if not mark:
            own, mark, quoted = draft.content.text.partition("\n\n-----")
        text = change(own, dice)
        if text is None:
            return None
        return replace(draft, content=replace(draft.content, text=text + mark + quoted))

    return edit


def _at(pattern: re.Pattern[str], text: str, dice: Dice) -> re.Match[str] | None:
    """A place in the paragraphs between greeting and signature."""
    low, high = text.find("\n\n"), text.rfind("\n\n")
    found = list(pattern.finditer(text, low, high))
    return dice.pick(found) if found else None


def _put(pattern: re.Pattern[str], new: Callable[[str, Dice], str]) -> Callable[..., str | None]:
    def change(text: str, dice: Dice) -> str | None:
        found = _at(pattern, text, dice)
        if found is None:
            return None
        return text[: found.start()] + new(found[0], dice) + text[found.end() :]

    return change


def _figure(here: str, dice: Dice) -> str:
    place = dice.below(len(here))
    return here[:place] + str((int(here[place]) + dice.between(1, 8)) % 10) + here[place + 1 :]


def _other_letter(here: str, dice: Dice) -> str:
    return dice.pick([one for one in "aeiou" if one != here])


def _paragraphs(change: Callable[[list[str], Dice], list[str] | None]) -> Callable[..., str | None]:
    """An edit of the sentences of one paragraph."""

    def edit(text: str, dice: Dice) -> str | None:
        paragraphs = text.split("\n\n")
        if len(paragraphs) < 3:
            return None
        at = dice.between(1, len(paragraphs) - 2)
        told = change(re.split(r"(?<=[.!?]) ", paragraphs[at]), dice)
        if told is None:
            return None
        paragraphs[at] = " ".join(told)
        return "\n\n".join(paragraphs)

    return edit


def _sentence_in(told: list[str], dice: Dice) -> list[str] | None:
    if len(told) < 2:
        return None
    at = dice.between(1, len(told) - 1)
    return [*told[:at], "Et surtout pas un mot au tresorier avant lundi.", *told[at:]]


def _sentence_out(told: list[str], dice: Dice) -> list[str] | None:
    if len(told) < 3:
        return None
    at = dice.between(1, len(told) - 2)
    return [*told[:at], *told[at + 1 :]]


def _passage(told: list[str], dice: Dice) -> list[str] | None:
    if len(told) < 3:
        return None
    at = dice.between(1, len(told) - 2)
    return [*told[:at], sentence(dice, "fr"), *told[at + 1 :]]


def _paragraph_in(text: str, dice: Dice) -> str:
    paragraphs = text.split("\n\n")
    at = dice.between(1, len(paragraphs) - 1)
    put = "Le reste part sur le compte habituel avant vendredi."
    return "\n\n".join([*paragraphs[:at], put, *paragraphs[at:]])


def _file(draft: Draft, dice: Dice) -> Draft | None:
    if not draft.content.files:
        return None
    one = draft.content.files[0]
    at = dice.between(len(one.data) // 2, len(one.data) - 9)
    data = one.data[:at] + bytes([one.data[at] ^ 1]) + one.data[at + 1 :]
    file = File(one.name, one.media_type, data)
    return replace(draft, content=replace(draft.content, files=(file,)))


def _amid(text: str, word: str) -> str:
    """The text with a word in its middle."""
    words_of = text.split(" ")
    half = len(words_of) // 2
    return " ".join([*words_of[:half], word, *words_of[half:]])


def _recipient(draft: Draft, dice: Dice) -> Draft:
    banker = Person("Banque des Îles", f"gestion{dice.below(99)}@banque-des-iles.example")
    return replace(draft, recipient=banker)


_EDITS: dict[str, Callable[[Draft, Dice], Draft | None]] = {
    "figure": _on_text(_put(_NUMBER, _figure)),
    "letter": _on_text(_put(_LETTER, _other_letter)),
    "word_in": _on_text(_put(_WORD, lambda here, dice: f"{here} {dice.pick(('pas', 'secret'))}")),
    "sentence_in": _on_text(_paragraphs(_sentence_in)),
    "paragraph_in": _on_text(_paragraph_in),
    "subject": lambda draft, _: replace(draft, subject=_amid(draft.subject, "offshore")),
    "subject_prefix": lambda draft, _: replace(draft, subject=f"Offshore : {draft.subject}"),
    "day": lambda draft, dice: replace(draft, at_s=draft.at_s + 86_400 * dice.between(1, 9)),
    "name": _on_text(_put(_WORD, lambda _here, _dice: "Panamera")),
    "sentence_out": _on_text(_paragraphs(_sentence_out)),
    "passage": _on_text(_paragraphs(_passage)),
    "file": _file,
    "recipient": _recipient,
}


def forged(dice: Dice, seed: int, kind: str, people: tuple[Person, Person], at_s: int,
           model: Letter) -> list[Mail]:  # fmt: skip
    """Messages that their sender never wrote, in one of the ways of FORGERIES.

    Input     `model` is a genuine letter of the campaign to the same reader
    """
    text = f"Bonjour,\n\n{sentence(dice, 'fr')} {sentence(dice, 'fr')}\n\nÀ toi"
    draft = letter(dice, seed, people, at_s, Wanted(text=text, form="plain")).draft
    bare = written(draft)
    if kind == "recovered_key":  # two, so that the key can be computed from them
        own = attacker(seed)
        more = written(letter(dice, seed, people, at_s + 900, Wanted(form="plain")).draft)
        return [one.topped(sign(one.fields, one.body, own, at_s)) for one in (bare, more)]
    if kind == "second_subject":
        bare = model.mail.topped(("Subject", encoded("Virement convenu, à effacer")))
    elif kind == "wrong_key":
        bare = bare.topped(sign(bare.fields, bare.body, _false_signer(seed), at_s + 1))
    elif kind == "transplanted" and model.signature is not None:
        bare = bare.topped(model.signature)
    elif kind == "false_thread":  # quotes a genuine letter, to look like a part of its thread
        lines = "\n".join(f"> {line}" for line in model.draft.content.text.split("\n"))
        content = replace(draft.content, text=f"{draft.content.text}\n\n{lines}")
        bare = written(replace(draft, content=content, parents=(model.draft.message_id,)))
    return [bare]


def _false_signer(seed: int) -> Signer:
    """The campaign's name and selector, and somebody else's key."""
    return Signer(CAMPAIGN, "s2021", rsa_key(seed, LOOKALIKE, 1024))


def lookalike(dice: Dice, seed: int, people: tuple[Person, Person], at_s: int) -> Letter:
    """A letter from a domain that looks like the campaign's and signs for itself."""
    name = people[0].name
    address = f"{people[0].address.partition('@')[0]}@{LOOKALIKE}"
    return letter(dice, seed, (Person(name, address), people[1]), at_s)


def decoy(dice: Dice, seed: int, people: tuple[Person, Person], at_s: int) -> Letter:
    """A letter that the campaign planted in its own mailbox: genuine, signed, and bait."""
    told = f"Coffre perle-{dice.between(1000, 9999)} : {words.sentence(dice, 'fr')}"
    wanted = Wanted(text=f"Bonjour,\n\n{told}\n{sentence(dice, 'fr')}\n\nMerci,\n{people[0].name}")
    return letter(dice, seed, people, at_s, wanted)


def tagged(one: Letter, tag: str) -> Mail:
    """The letter with words before its subject."""
    return one.mail.changed("Subject", f"{tag} {encoded(changed(one).subject)}")
