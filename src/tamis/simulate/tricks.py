"""What happens to mail that is not honest any more, or not whole: alterations, forgeries, damage.

Every function says by construction what a verifier may conclude; none asks a verifier.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.simulate import clock, words
from tamis.simulate.letters import (
    FOOTER,
    Draft,
    Made,
    carried,
    composed,
    letter_text,
    message_id,
    signed,
    stranger,
)
from tamis.simulate.mime import Content, File, Mail, mailbox
from tamis.simulate.mime import words as encoded
from tamis.simulate.people import (
    CAMPAIGN,
    HOLDERS,
    LIST_DOMAIN,
    LOOKALIKE,
    THIRD_PARTY,
    Person,
    person,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamis.simulate.dice import Dice
    from tamis.simulate.people import Provider

    Providers = Mapping[str, Provider]
    Trick = Callable[[Dice, Providers, Person, int], list[Made]]

_PLAIN = "quoted-printable"


def _draft(dice: Dice, sender: Person, reader: Person, at_s: int, content: Content) -> Draft:
    subject = words.subject(dice, sender.language)
    return Draft(sender, reader, subject, at_s, content, message_id(dice, sender))


def _colleague(dice: Dice, reader: Person) -> Person:
    """Somebody of the campaign who is not the reader."""
    others = [p for _, p in HOLDERS if p.address != reader.address and p.domain == CAMPAIGN]
    return dice.pick(others)


def _genuine(
    dice: Dice, providers: Providers, reader: Person, at_s: int, domain: str, content: Content
) -> tuple[Draft, Mail]:
    """An honest signed message to spoil, not carried yet."""
    sender = _colleague(dice, reader) if domain == CAMPAIGN else stranger(dice, domain)
    draft = _draft(dice, sender, reader, at_s, content)
    return draft, signed(composed(draft, dice), providers[domain].signer, at_s + 1)


def _letter(dice: Dice, reader: Person) -> Content:
    return Content(letter_text(dice, reader, reader), encoding=_PLAIN)


def altered_body(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A sentence slipped into a signed message; the first field signature still holds."""
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _letter(dice, reader))
    head, _, tail = mail.body.partition(b"\r\n\r\n")
    slipped = b"Et surtout, pas un mot au tresorier avant lundi."
    false = replace(mail, body=head + b"\r\n\r\n" + slipped + b"\r\n\r\n" + tail)
    why = "a sentence was added after signing"
    out = [_altered(carried(false, draft, dice), "altered_body", ("body_differs",), why, at_s)]
    if dice.chance(0.5):
        out.append(
            Made(carried(mail, draft, dice), "twin_of_altered", "genuine", ("verified",),
                 "the untouched copy of an altered message", at_s=at_s)
        )  # fmt: skip
    return out


def _altered(mail: Mail, made_as: str, expected: tuple[str, ...], why: str, at_s: int) -> Made:
    return Made(mail, made_as, "altered", expected, why, ("altered_copy",), at_s=at_s)


def altered_subject(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A signed subject replaced: the field signature fails."""
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _letter(dice, reader))
    false = mail.changed("Subject", encoded("À DÉTRUIRE : " + draft.subject))
    why = "the subject was changed after signing"
    return [_altered(carried(false, draft, dice), "altered_subject", ("unverifiable",), why, at_s)]


def altered_attachment(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """An attached table replaced inside a signed message."""
    table = File("comptes.csv", "text/csv", b"poste;couronnes\r\nsalle;1200\r\ncars;800\r\n")
    content = replace(_letter(dice, reader), files=(table,))
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, content)
    other = File("comptes.csv", "text/csv", b"poste;couronnes\r\nsalle;1200\r\ncars;8000\r\n")
    false_mail = composed(replace(draft, content=replace(content, files=(other,))), dice)
    boundary = mail.get("Content-Type").partition('boundary="')[2].rstrip('"')
    false_boundary = false_mail.get("Content-Type").partition('boundary="')[2].rstrip('"')
    body = false_mail.body.replace(false_boundary.encode(), boundary.encode())
    why = "an attachment was replaced after signing"
    false = carried(replace(mail, body=body), draft, dice)
    return [_altered(false, "altered_attachment", ("body_differs",), why, at_s)]


def _prepended(name: str) -> Trick:
    def trick(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
        content = replace(_letter(dice, reader), html=name == "Content-Type")
        draft, mail = _genuine(dice, providers, reader, at_s, "courriel-libre.example", content)
        mail = carried(mail, draft, dice)
        value = {
            "From": mailbox(HOLDERS[0][1].name, HOLDERS[0][1].address),
            "To": mailbox(HOLDERS[1][1].name, HOLDERS[1][1].address),
            "Subject": encoded("Virement convenu, à effacer"),
            "Date": clock.mail_date(at_s + 86_400 * 9),
            "Content-Type": 'multipart/alternative; boundary="rien"',
        }[name]
        why = f"a second {name} stands above the signed one"
        made_as = f"prepended_{name.lower().replace('-', '_')}"
        return [_altered(mail.topped((name, value)), made_as, ("display_conflict",), why, at_s)]

    return trick


def footer_added(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A list appended its footer and left the rest: the field signature holds."""
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _plain(dice, reader))
    mail = replace(mail, body=mail.body + FOOTER.encode())
    mail = mail.topped(("List-Id", f"<benevoles.{LIST_DOMAIN}>"), ("Precedence", "list"))
    return [_damaged(carried(mail, draft, dice), "footer_added", "body_differs", at_s, bulk=True)]


def _plain(dice: Dice, reader: Person) -> Content:
    return Content(letter_text(dice, reader, reader, ascii_only=True), encoding="7bit")


def _damaged(mail: Mail, made_as: str, now: str, at_s: int, *, bulk: bool = False) -> Made:
    return Made(mail, made_as, "genuine_damaged", (now,), "changed in transport, not by a forger",
                ("damaged", "consistent"), is_bulk=bulk, at_s=at_s,
                person_to_person=not bulk)  # fmt: skip


def subject_tagged(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A list tagged the subject and appended its footer: the field signature fails."""
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _plain(dice, reader))
    mail = mail.changed("Subject", "[benevoles] " + encoded(draft.subject))
    mail = replace(mail, body=mail.body + FOOTER.encode())
    mail = mail.topped(("List-Id", f"<benevoles.{LIST_DOMAIN}>"), ("Precedence", "list"))
    return [_damaged(carried(mail, draft, dice), "subject_tagged", "unverifiable", at_s, bulk=True)]


def blanks_broke(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A gateway left blanks at line ends of a body signed "simple": the body differs."""
    domain = "tresor-nord.example"
    draft, mail = _genuine(dice, providers, reader, at_s, domain, _plain(dice, reader))
    mail = replace(mail, body=mail.body.replace(b",\r\n", b", \r\n"))
    return [_damaged(carried(mail, draft, dice), "blanks_broke", "body_differs", at_s)]


def blanks_harmless(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """The same blanks under "relaxed" change nothing."""
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _plain(dice, reader))
    mail = replace(mail, body=mail.body.replace(b",\r\n", b", \t\r\n") + b"\r\n\r\n")
    return [
        Made(carried(mail, draft, dice), "blanks_harmless", "genuine", ("verified",),
             "blanks that relaxed canonicalisation forgives", at_s=at_s)
    ]  # fmt: skip


def _forged(mail: Mail, made_as: str, expected: str, why: str, at_s: int) -> Made:
    return Made(mail, made_as, "forged", (expected,), why, ("contradicted",), at_s=at_s)


def forged_unsigned(dice: Dice, _providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """Written by the leakers under a colleague's name, never signed."""
    draft = _draft(dice, _colleague(dice, reader), reader, at_s, _letter(dice, reader))
    mail = carried(composed(draft, dice), draft, dice)
    return [_forged(mail, "forged_unsigned", "unverifiable", "never signed", at_s)]


def forged_key(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """Signed in the campaign's name with a key that is not the campaign's."""
    draft = _draft(dice, _colleague(dice, reader), reader, at_s, _letter(dice, reader))
    real, other = providers[CAMPAIGN].signer, providers[LOOKALIKE].signer
    false = replace(real, key=other.key) if real is not None and other is not None else None
    mail = carried(signed(composed(draft, dice), false, at_s + 1), draft, dice)
    return [_forged(mail, "forged_key", "unverifiable", "signed with somebody else's key", at_s)]


def transplanted(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A real signature taken from one message and put on another."""
    _, donor = _genuine(dice, providers, reader, at_s, CAMPAIGN, _letter(dice, reader))
    draft = _draft(dice, _colleague(dice, reader), reader, at_s, _letter(dice, reader))
    mail = composed(draft, dice).topped(("DKIM-Signature", donor.get("DKIM-Signature")))
    why = "the signature belongs to another message"
    return [_forged(carried(mail, draft, dice), "transplanted", "unverifiable", why, at_s)]


def lookalike(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A look-alike domain that signs for itself: verified, for that domain and nothing more."""
    name = _colleague(dice, reader).name
    sender = Person(name, name.split(" ")[0].encode("ascii", "ignore").decode().lower()
                    + f"@{LOOKALIKE}")  # fmt: skip
    draft = _draft(dice, sender, reader, at_s, _letter(dice, reader))
    mail = signed(composed(draft, dice), providers[LOOKALIKE].signer, at_s + 1)
    why = "look-alike domain, signed by itself"
    mail = carried(mail, draft, dice)
    return [Made(mail, "lookalike", "lookalike", ("verified",), why, at_s=at_s)]


def decoy(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """Planted by the campaign in its own mailboxes, and signed by it: genuine, and bait."""
    text = letter_text(dice, reader, reader) + (
        f"\n\nIdentifiant du coffre : perle-{dice.between(1000, 9999)} (ne pas transmettre)"
    )
    content = Content(text, encoding=_PLAIN)
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, content)
    return [
        Made(carried(mail, draft, dice), "decoy", "decoy", ("verified",),
             "planted by the campaign, signed by the campaign", ("decoy", "decoy_asserted"),
             at_s=at_s)
    ]  # fmt: skip


def signed_twice(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """The sender's own signature, and a relay's beside it, which holds or not."""
    relay = providers[THIRD_PARTY].signer
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, _letter(dice, reader))
    mail = signed(mail, relay, at_s + 3)
    if dice.chance(0.5) and relay is not None:
        broken = mail.get("DKIM-Signature").replace("bh=", "bh=AAAA", 1)
        mail = replace(mail, fields=(("DKIM-Signature", broken), *mail.fields[1:]))
    return [
        Made(carried(mail, draft, dice), "signed_twice", "genuine", ("verified",),
             "an aligned signature, beside one of a relay", at_s=at_s)
    ]  # fmt: skip


def from_line(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """A line of the text begins with "From ": an mbox must quote it and a reader unquote it."""
    text = letter_text(dice, reader, reader, ascii_only=True)
    text += "\n\nFrom the second page on, nothing changes.\nFrom there, see you tomorrow."
    content = Content(text, encoding="7bit")
    draft, mail = _genuine(dice, providers, reader, at_s, CAMPAIGN, content)
    return [
        Made(carried(mail, draft, dice), "from_line", "genuine", ("verified",),
             "verifies once the mbox quoting is undone", at_s=at_s)
    ]  # fmt: skip


def third_party(dice: Dice, providers: Providers, reader: Person, at_s: int) -> list[Made]:
    """Sent through a service that signs with its own domain only."""
    provider = providers[THIRD_PARTY]
    draft = _draft(
        dice, person(dice, provider.domain), reader, at_s, Content(words.paragraph(dice, "fr", 5))
    )
    mail = signed(composed(draft, dice), provider.signer, at_s + 1)
    return [
        Made(carried(mail, draft, dice), "third_party", "genuine", provider.verdicts,
             provider.why, at_s=at_s)
    ]  # fmt: skip


TRICKS: tuple[tuple[str, int, Trick], ...] = (  # name, how many at scale 1, how
    ("altered_body", 8, altered_body),
    ("altered_subject", 4, altered_subject),
    ("altered_attachment", 3, altered_attachment),
    *(
        (f"prepended_{name}", 1, _prepended(name))
        for name in ("From", "To", "Subject", "Date", "Content-Type")
    ),
    ("footer_added", 4, footer_added),
    ("subject_tagged", 4, subject_tagged),
    ("blanks_broke", 3, blanks_broke),
    ("blanks_harmless", 3, blanks_harmless),
    ("forged_unsigned", 6, forged_unsigned),
    ("forged_key", 3, forged_key),
    ("transplanted", 2, transplanted),
    ("lookalike", 3, lookalike),
    ("decoy", 6, decoy),
    ("signed_twice", 4, signed_twice),
    ("from_line", 5, from_line),
    ("third_party", 6, third_party),
)
