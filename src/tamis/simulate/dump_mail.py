"""The letters of the dump with truth: written, signed, answered with quotations, carried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.dice import Dice
from tamis.simulate.dump_cast import houses, mailer_of
from tamis.simulate.letters import Draft, attachment, composed
from tamis.simulate.mime import Content, Mail
from tamis.simulate.signing import sign

if TYPE_CHECKING:
    from tamis.simulate.people import Person
    from tamis.simulate.signing import Field

_SYLLABLES = (
    *("ba", "co", "dri", "fen", "gal", "hu", "lim", "mo", "nar", "pe", "quo", "ris", "sol", "tur"),
    *("vé", "ol", "mar", "sta", "ni", "cor", "del", "our", "pla", "gné"),
)
_SMALL_FR = ("la", "le", "de", "et", "pour", "nous", "avec", "une", "dans", "pas", "sur", "que")
_SMALL_EN = ("the", "of", "and", "to", "we", "will", "not", "with", "in", "that", "for", "our")
_FORMS = (*("plain",) * 4, *("coded",) * 2, *("page",) * 3, *("mixed",) * 2)
_BYES = {"fr": ("Bien à toi,", "Merci,", "À demain,"), "en": ("Best,", "Thanks,")}
STYLES = ("marked", "marked", "marked", "wrapped", "block", "page")
_BLOCK = (
    "-----Message d'origine-----\nDe : {name} [mailto:{address}]\nEnvoyé : {date}\n"
    "À : {to}\nObjet : {subject}\n"
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as its sender's house let it go.

    `key` is what is known of the signing key: known, rotated, absent, or none (not signed);
    `text` is what its writer wrote, without what is quoted.
    """

    draft: Draft
    mail: Mail
    key: str
    text: str

    @property
    def signature(self) -> Field | None:
        """The signature on top, if there is one."""
        first = self.mail.fields[0]
        return first if first[0] == "DKIM-Signature" else None

    def rewritten(self, draft: Draft) -> Mail:
        """What another draft looks like under the same signature, boundaries and all."""
        mail = written(draft)
        return mail if self.signature is None else mail.topped(self.signature)


def written(draft: Draft) -> Mail:
    """The message as the sender's program writes it; the same draft gives the same bytes."""
    return composed(draft, Dice(0, "boundaries", draft.message_id))


def sentence(dice: Dice, language: str) -> str:
    """A stock sentence that others write as well, or one that nobody else writes."""
    if dice.chance(0.35):
        return words.sentence(dice, language)
    small = _SMALL_FR if language == "fr" else _SMALL_EN
    told = [
        dice.pick(small)
        if dice.chance(0.4)
        else "".join(dice.pick(_SYLLABLES) for _ in range(dice.between(2, 3)))
        for _ in range(dice.between(6, 16))
    ]
    if dice.chance(0.5):
        told.insert(dice.between(1, len(told) - 1), str(dice.between(11, 99_999)))
    if dice.chance(0.1):
        told.append(f"https://www.site{dice.between(1, 99)}.example/page/{dice.between(1, 999)}")
    text = " ".join(told)
    return text[0].upper() + text[1:] + dice.pick((".", ".", ".", " !", "."))


def prose(dice: Dice, writer: Person, reader: Person) -> str:
    """Greeting, one to three paragraphs, signature."""
    hello = f"{'Bonjour' if writer.language == 'fr' else 'Dear'} {reader.name.split(' ')[0]},"
    parts = [
        " ".join(sentence(dice, writer.language) for _ in range(dice.between(2, 5)))
        for _ in range(dice.between(1, 3))
    ]
    return "\n\n".join([hello, *parts, f"{dice.pick(_BYES[writer.language])}\n{writer.name}"])


def content_of(dice: Dice, text: str, form: str, *, is_open: bool) -> Content:
    """How the sender's program writes a text; where Content-Type is unsigned, in parts.

    Input     `is_open`: the sender's house leaves Content-Type unsigned
    """
    if form == "page" or (is_open and not text.isascii()):
        return Content(text, html=True)
    if form == "mixed" and not is_open:
        return Content(text, files=(attachment(dice),))
    if text.isascii():
        return Content(text, encoding="7bit")
    if form == "coded":
        return Content(text, encoding="base64")
    return Content(text, encoding=dice.pick(("8bit", "quoted-printable")))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a letter shall be, where chance should not decide: its text, form, subject, parents."""

    text: str | None = None
    form: str | None = None
    subject: str | None = None
    parents: tuple[str, ...] = ()
    also: tuple[Person, ...] = ()
    quotation: str = ""


def letter(
    dice: Dice, seed: int, people: tuple[Person, Person], at_s: int, wanted: Wanted | None = None
) -> Letter:
    """A message from the first to the second of `people`, signed by the sender's house."""
    told = wanted or Wanted()
    sender, reader = people
    signer, key = houses(seed)[sender.domain].signs_at(at_s, seed)
    text = told.text or prose(dice, sender, reader)
    is_open = signer is not None and "content-type" not in signer.headers
    content = content_of(dice, text + told.quotation, told.form or dice.pick(_FORMS),
                         is_open=is_open)  # fmt: skip
    mailer = mailer_of(sender)
    extra: list[Field] = [("Cc", ", ".join(one.address for one in told.also))] if told.also else []
    if mailer.field:
        extra.append((mailer.field, mailer.version(at_s)))
    subject = told.subject or f"{words.subject(dice, sender.language)} {dice.between(10, 9999)}"
    named = mailer.identified(dice, at_s, sender.domain)
    draft = Draft(sender, reader, subject, at_s, content, named, told.parents, tuple(extra))
    mail = written(draft)
    if signer is not None:
        mail = mail.topped(sign(mail.fields, mail.body, signer, at_s + 1))
    return Letter(draft, mail, key, text)


def answer(dice: Dice, seed: int, first: Letter, at_s: int, style: str | None = None) -> Letter:
    """An answer to a letter, with the letter quoted whole in one of the ways of programs."""
    draft = first.draft
    way = style or dice.pick(STYLES)
    wanted = Wanted(
        form="page" if way == "page" else "plain" if style else None,
        subject=draft.subject if draft.subject.startswith("Re: ") else f"Re: {draft.subject}",
        parents=(*draft.parents, draft.message_id)[-4:],
        quotation=quotation(draft, way),
    )
    return letter(dice, seed, (draft.recipient, draft.sender), at_s, wanted)


def quotation(draft: Draft, style: str) -> str:
    """What an answer puts below the answerer's words."""
    text = draft.content.text
    if style == "block":
        head = _BLOCK.format(name=draft.sender.name, address=draft.sender.address,
                             date=clock.spoken_fr(draft.at_s), to=draft.recipient.name,
                             subject=draft.subject)  # fmt: skip
        return f"\n\n{head}\n{text}"
    lead = f"\n\nLe {clock.spoken_fr(draft.at_s)}, {draft.sender.name} a écrit :\n"
    lines = text.split("\n")
    if style == "wrapped":
        lines = [piece for line in lines for piece in wrapped(line, 72)]
    return lead + "\n".join(f"> {line}" if line else ">" for line in lines)


def wrapped(line: str, width: int) -> list[str]:
    """A line broken between words."""
    out: list[str] = [""]
    for word in line.split(" "):
        if out[-1] and len(out[-1]) + len(word) >= width:
            out.append(word)
        else:
            out[-1] = f"{out[-1]} {word}".strip()
    return out


def sent_copy(one: Letter) -> Mail:
    """What the Sent folder keeps: the message before anybody signed it."""
    return written(one.draft)


def changed(one: Letter, **values: object) -> Draft:
    """The letter's draft with other values."""
    return replace(one.draft, **values)  # type: ignore[arg-type]
