"""Honest mail: letters and replies, newsletters and lists, signed and carried as mail is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tamis.simulate import archive, clock, words
from tamis.simulate.mime import Content, File, Mail, body_of, mailbox
from tamis.simulate.mime import words as encoded
from tamis.simulate.people import LIST_DOMAIN, NEWSLETTERS, Person, Provider, person
from tamis.simulate.signing import Signer, sign

if TYPE_CHECKING:
    from tamis.simulate.dice import Dice
    from tamis.simulate.signing import Field


@dataclass(frozen=True, slots=True)
class Made:
    """One message as it lies in the dump, and what is true of it.

    `expected` are the verdicts that header signatures and the key file allow now; `later` are
    further ones that copies, repairs or a decoy registry may reach.
    """

    mail: Mail
    made_as: str
    true_class: str
    expected: tuple[str, ...]
    why: str
    later: tuple[str, ...] = ()
    is_bulk: bool = False
    at_s: int = 0
    person_to_person: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes, before any provider touches it."""

    sender: Person
    recipient: Person
    subject: str
    at_s: int
    content: Content
    message_id: str
    parents: tuple[str, ...] = ()
    extra: tuple[Field, ...] = field(default=())


def composed(draft: Draft, dice: Dice) -> Mail:
    """The message as the sender's program hands it to the provider."""
    content_fields, body = body_of(draft.content, dice)
    offset = clock.OFFSET_S if draft.sender.language == "fr" else 3600
    fields: list[Field] = [
        ("MIME-Version", "1.0"),
        ("From", mailbox(draft.sender.name, draft.sender.address)),
        ("To", mailbox(draft.recipient.name, draft.recipient.address)),
        ("Subject", encoded(draft.subject)),
        ("Date", clock.mail_date(draft.at_s, offset)),
        ("Message-ID", f"<{draft.message_id}>"),
    ]
    if draft.parents:
        fields.append(("In-Reply-To", f"<{draft.parents[-1]}>"))
        fields.append(("References", "\r\n ".join(f"<{p}>" for p in draft.parents)))
    return Mail((*fields, *draft.extra, *content_fields), body)


def signed(mail: Mail, signer: Signer | None, at_s: int) -> Mail:
    """The message with that provider's signature on top, or as it is."""
    return mail if signer is None else mail.topped(sign(mail.fields, mail.body, signer, at_s))


def _hop(dice: Dice, source: str, host: str, whom: str, at_s: int) -> Field:
    net = dice.pick(("192.0.2", "198.51.100", "203.0.113"))
    value = (
        f"from {source} ({source} [{net}.{dice.between(1, 254)}])\r\n"
        f"\tby {host} with ESMTPS id {dice.hexadecimal(12)}\r\n"
        f"\tfor <{whom}>; {clock.mail_date(at_s, dice.pick((0, 7200, -14400)))}"
    )
    return "Received", value


def carried(mail: Mail, draft: Draft, dice: Dice) -> Mail:
    """The message with the traces of its way; three in ten honest ways run backwards in time.

    Source    `facts/leak.md`: of 517 honest mails 30 % show hops inverted by over a minute
    """
    sender, recipient = draft.sender.domain, draft.recipient.domain
    out = draft.at_s + dice.between(1, 9)
    late = out + dice.between(1, 45)
    if dice.chance(0.3):
        late = out - dice.between(61, 900)
    mail = mail.topped(
        _hop(dice, f"smtp.{sender}", f"mx1.{recipient}", draft.recipient.address, out)
    )
    return mail.topped(
        ("Delivered-To", draft.recipient.address),
        ("Return-Path", f"<{draft.sender.address}>"),
        _hop(dice, f"mx1.{recipient}", f"store.{recipient}", draft.recipient.address, late),
    )


def message_id(dice: Dice, sender: Person) -> str:
    """A fresh Message-ID; half of all mail shows another domain than its sender's."""
    host = sender.domain if dice.chance(0.5) else f"mailer-{dice.between(2, 9)}.example"
    return f"{dice.hexadecimal(20)}@{host}"


def letter_text(dice: Dice, writer: Person, reader: Person, *, ascii_only: bool = False) -> str:
    """Greeting, one to three paragraphs, signature."""
    language = "en" if ascii_only else writer.language
    first = reader.name.split(" ")[0]
    hello = f"Bonjour {first}," if language == "fr" else f"Dear {first},"
    bye = dice.pick(("Bien à toi,", "Merci,", "À demain,")) if language == "fr" else "Best,"
    parts = [words.paragraph(dice, language, dice.between(1, 4)) for _ in range(dice.between(1, 3))]
    text = "\n\n".join([hello, *parts, f"{bye}\n{writer.name}"])
    return text.encode("ascii", "ignore").decode() if ascii_only else text


def quoting(text: str, previous: str, writer: Person, at_s: int) -> str:
    """An answer above the message it answers."""
    if writer.language == "fr":
        lead = f"Le {clock.spoken_fr(at_s)}, {writer.name} a écrit :"
    else:
        lead = f"On {clock.spoken_en(at_s)}, {writer.name} wrote:"
    quoted = "\n".join(f"> {line}" if line else ">" for line in previous.split("\n"))
    return f"{text}\n\n{lead}\n{quoted}"


def attachment(dice: Dice) -> File:
    """A text, a table or a picture."""
    kind = dice.below(3)
    number = dice.between(100, 99_999)
    if kind == 0:
        text = words.paragraph(dice, "fr", 6)
        return File(f"note-{number}.txt", "text/plain", text.encode())
    if kind == 1:
        rows = ["poste;lieu;montant_couronnes"]
        rows += [
            f"{dice.pick(words.THINGS_FR)};{dice.pick(words.PLACES)};{dice.between(20, 4000)}"
            for _ in range(dice.between(4, 20))
        ]
        return File(f"tableau-{number}.csv", "text/csv", "\r\n".join(rows).encode())
    colours = [(dice.below(256), dice.below(256), dice.below(256)) for _ in range(4)]
    return File(f"affiche-{number}.png", "image/png", archive.png(24, 16, colours))


def content_for(dice: Dice, text: str, provider: Provider | None) -> Content:
    """How the sender's program writes that text.

    Where a provider leaves Content-Type unsigned, the parts inside the body carry it, or the
    text is plain ASCII: only then is what is shown evident from signed bytes.
    """
    signer = provider.signer if provider else None
    if signer is not None and "content-type" not in signer.headers:
        if text.isascii() and dice.chance(0.5):
            return Content(text, encoding="7bit")
        return Content(text, html=True)
    files = tuple(attachment(dice) for _ in range(dice.between(1, 2))) if dice.chance(0.3) else ()
    encoding = dice.pick(("quoted-printable", "quoted-printable", "base64", "8bit"))
    if text.isascii():
        encoding = "7bit"
    return Content(text, html=dice.chance(0.35), encoding=encoding, files=files)


def newsletter(dice: Dice, provider: Provider, reader: Person, at_s: int) -> Made:
    """Bulk mail from a paper or a shop, signed whole; some carry a List-Id as well."""
    desk = Person(provider.domain.partition(".")[0].title(), f"lettre@{provider.domain}")
    text = "\n\n".join(words.paragraph(dice, "fr", 4) for _ in range(4))
    text += f"\n\nLire en ligne : https://{provider.domain}/lettre/{dice.between(1000, 99999)}"
    with_id = dice.chance(0.25)
    extra: list[Field] = [
        ("List-Unsubscribe", f"<https://{provider.domain}/fin/{dice.hexadecimal(8)}>"),
        ("Precedence", "bulk"),
    ]
    if with_id:
        extra.append(("List-Id", f"<lettre.{provider.domain}>"))
    subject = f"La lettre du {clock.spoken_fr(at_s)[:-8]} : {dice.pick(words.PLACES)}"
    content = Content(text, html=True)
    draft = Draft(desk, reader, subject, at_s, content, message_id(dice, desk), (), tuple(extra))
    mail = signed(composed(draft, dice), provider.signer, at_s + 1)
    tail = provider.signer is not None and provider.signer.length is not None
    if tail:
        mail = replace(mail, body=mail.body + b"\r\n-- \r\nEnvoi assure par un routeur.\r\n")
    expected = provider.verdicts
    if with_id and not tail:  # it may have passed a list, for all that its fields say
        expected = ("verified_partly",)
    return Made(
        carried(mail, draft, dice),
        "newsletter",
        "genuine",
        expected,
        f"{provider.why}; List-Id" if with_id else provider.why,
        is_bulk=True,
        at_s=at_s,
        person_to_person=False,
    )


LIST = Person("Bénévoles", f"benevoles@{LIST_DOMAIN}")
FOOTER = (
    "\r\n_______________________\r\nListe des benevoles\r\nhttps://" + LIST_DOMAIN + "/info\r\n"
)


def list_post(dice: Dice, provider: Provider, writer: Person, reader: Person, at_s: int) -> Made:
    """A list's own mail: From munged, subject tagged, footer added, signed by the list."""
    text = letter_text(dice, writer, LIST) + FOOTER.replace("\r\n", "\n")
    sender = Person(f"{writer.name} via Bénévoles", LIST.address)
    extra: tuple[Field, ...] = (
        ("List-Id", f"<benevoles.{LIST_DOMAIN}>"),
        ("Precedence", "list"),
        ("Reply-To", mailbox(writer.name, writer.address)),
    )
    subject = "[benevoles] " + words.subject(dice, "fr")
    draft = Draft(
        sender, replace(LIST), subject, at_s, Content(text), message_id(dice, sender), (), extra
    )
    mail = signed(composed(draft, dice), provider.signer, at_s + 2)
    to_reader = replace(draft, recipient=reader)
    return Made(
        carried(mail, to_reader, dice),
        "list_post",
        "genuine",
        provider.verdicts,
        provider.why,
        is_bulk=True,
        at_s=at_s,
        person_to_person=False,
    )


def stranger(dice: Dice, domain: str) -> Person:
    """Somebody outside the campaign; one in four writes English."""
    return person(dice, domain, "en" if dice.chance(0.25) else "fr")


def newspaper(dice: Dice) -> str:
    """The domain of a newsletter."""
    return dice.pick((*NEWSLETTERS, "bulletin-cordelle.example"))
