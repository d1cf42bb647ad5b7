"""A dump with known copies: honest ways of mail, replies as people write them, and alterations."""

from __future__ import annotations

import base64
import html
import quopri
import random
import textwrap
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from cfb_writer import attachment, compound_file, message
from tamis.simulate import words
from tamis.simulate.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Callable

QUOTED = "@@quoted@@"
START = datetime(2016, 3, 1, 8, tzinfo=UTC)
PEOPLE = [
    (f"{first} {last}", f"{first}.{last}@{domain}.example".lower())
    for first, last, domain in zip(
        ("Alice", "Bob", "Carole", "Denis", "Emma", "Farid", "Gilles", "Helene", "Ines", "Jean"),
        ("Martin", "Durand", "Petit", "Moreau", "Blanc", "Haddad", "Leroy", "Simon", "Roy", "Noir"),
        ("campaign", "town", "press", "campaign", "bank", "town", "lab", "press", "shop", "farm"),
        strict=True,
    )
]
_SYLLABLES = ("ba", "co", "dri", "fen", "gal", "hu", "lim", "mo", "nar", "pe", "quo", "ris", "sol")
_SMALL = ("the", "of", "and", "to", "we", "le", "de", "et", "pour", "nous", "will", "not", "une")
_LEADS = (
    "Le {day} mai 2016 à 10:32, {name} <{address}> a écrit :",
    "On Tue, May {day}, 2016 at 10:32 AM, {name} <{address}> wrote:",
    "Am {day}.05.2016 um 10:32 schrieb {name} <{address}>:",
    "El {day} de mayo de 2016, 10:32, {name} <{address}> escribió:",
    "On {day} May 2016, at 10:32, {name}\n<{address}> wrote:",
    "{name} <{address}> a écrit :",
)
_SIGNATURES = (
    "",
    "\n\n-- \nTél. 01 02 03 04 05",
    "\n\nEnvoyé de mon iPhone",
    "\n\nSent from my phone",
    "\n\nCordialement,\nle secrétariat\nPensez à la planète avant d'imprimer ce message.",
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message before it is written as some program writes it."""

    number: int
    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    at: datetime
    text: str
    parent: str | None = None
    file: bytes | None = None
    message_id: str = ""

    @property
    def named(self) -> str:
        return self.message_id or f"{self.number}@mail.example"


@dataclass(slots=True)
class Made:
    """One file of the dump, and what is true of it."""

    data: bytes
    box: str
    kind: str
    is_verified: bool = False
    is_altered: bool = False
    suffix: str = "eml"


@dataclass
class Corpus:
    """All files of a dump."""

    made: list[Made] = field(default_factory=list)

    def add(self, data: bytes, box: str, kind: str, **more: Any) -> None:
        self.made.append(Made(data, box, kind, **more))


def sentence(dice: random.Random, plain: Dice) -> str:
    """A stock sentence that others write too, or one that nobody else writes."""
    if dice.random() < 0.3:
        return words.sentence(plain, dice.choice(("fr", "en")))
    made = [
        dice.choice(_SMALL)
        if dice.random() < 0.4
        else "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(2, 3)))
        for _ in range(dice.randint(6, 16))
    ]
    if dice.random() < 0.5:
        made.insert(dice.randrange(1, len(made)), f"{dice.randint(11, 99999)}")
    if dice.random() < 0.1:
        made.append(f"https://www.site{dice.randint(1, 99)}.example/page/{dice.randint(1, 999)}")
    return " ".join(made).capitalize() + dice.choice((".", ".", ".", " !", "…"))


def letter(dice: random.Random, plain: Dice, number: int) -> Mail:
    """A new message between two people."""
    sender, to = dice.sample(PEOPLE, 2)
    parts = [
        " ".join(sentence(dice, plain) for _ in range(dice.randint(1, 5)))
        for _ in range(dice.randint(1, 4))
    ]
    text = "\n\n".join([f"Bonjour {to[0].split()[0]},", *parts, f"Merci,\n{sender[0]}"])
    return Mail(
        number,
        sender,
        to,
        f"{words.subject(plain, 'fr')} {number}",
        START + timedelta(minutes=dice.randrange(500_000)),
        text,
        file=dice.randbytes(400) if dice.random() < 0.4 else None,
    )


def rendered(mail: Mail, dice: random.Random, *, received: bool = True, **more: Any) -> bytes:
    """The bytes as one program writes them: fields, encoding, wrapping and pages of its own."""
    lines = [f"{name}: {value}" for name, value in more.get("extra", ())]
    if received:
        lines.append(f"Received: from a by mx{dice.randint(1, 9)}.example; x")
        lines.append(f"Delivered-To: {more.get('holder', mail.to)[1]}")
    if more.get("with_id", True):
        lines.append(f"Message-ID: <{mail.named}>")
    if mail.parent:
        lines += [f"In-Reply-To: <{mail.parent}>", f"References: <{mail.parent}>"]
    lines += [
        f"From: {mail.sender[0]} <{mail.sender[1]}>",
        f"To: {mail.to[1]}",
        f"Subject: =?utf-8?b?{base64.b64encode(mail.subject.encode()).decode()}?=",
        f"Date: {format_datetime(mail.at)}",
        "MIME-Version: 1.0",
    ]
    face = more.get("face") or dice.choice(("text", "text", "both"))
    parts = _bodies(mail.text, dice, face, is_wrapped=more.get("wrap", dice.random() < 0.4))
    if mail.file is not None and more.get("with_file", True):
        parts = [_joined("mixed", dice, [*parts, _filed(mail.file)])]
    for inner in more.get("inside", ()):
        parts = [_joined("mixed", dice, [*parts, b"Content-Type: message/rfc822\n\n" + inner])]
    return "\n".join(lines).encode() + b"\n" + parts[0]


def _bodies(text: str, dice: random.Random, face: str, *, is_wrapped: bool) -> list[bytes]:
    plain = text
    if face != "page" and is_wrapped:
        plain = wrapped(text, dice.choice((66, 72, 76)))
    page = "<html><body>" + "".join(
        f"<p>{html.escape(line)}</p>\n" for line in text.split("\n") if line.strip()
    )
    if QUOTED in text:  # as web mail programs mark what they quote
        page = page.replace(f"<p>{QUOTED}</p>", '<div class="gmail_quote"><blockquote>', 1)
        page += "</blockquote></div>"
    told = {"text": [("plain", plain)], "page": [("html", page)]}
    kinds = told.get(face, [("plain", plain), ("html", page)])
    parts = [_encoded(kind, body, dice) for kind, body in kinds]
    return parts if len(parts) == 1 else [_joined("alternative", dice, parts)]


def _encoded(kind: str, text: str, dice: random.Random) -> bytes:
    way = dice.choice(("quoted-printable", "base64", "8bit"))
    charset = dice.choice(("utf-8", "utf-8", "windows-1252"))
    data = text.encode(charset, "replace")
    body = {
        "quoted-printable": lambda: quopri.encodestring(data),
        "base64": lambda: base64.encodebytes(data),
        "8bit": lambda: data,
    }[way]()
    head = f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {way}\n\n"
    return head.encode() + body


def _joined(kind: str, dice: random.Random, parts: list[bytes]) -> bytes:
    mark = f"b{dice.randrange(10**9)}"
    inside = b"".join(f"--{mark}\n".encode() + part + b"\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n'
    return head.encode() + inside + f"--{mark}--\n".encode()


def _filed(data: bytes) -> bytes:
    head = b'Content-Type: application/pdf; name="note.pdf"\nContent-Transfer-Encoding: base64\n'
    return head + b"Content-Disposition: attachment\n\n" + base64.encodebytes(b"%PDF-1.4" + data)


def wrapped(text: str, width: int, prefix: str = "") -> str:
    """The text with its lines broken."""
    return "\n".join(
        "\n".join(
            textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        )
        for line in text.split("\n")
    ).replace("\n", f"\n{prefix}")


# --- honest ways -------------------------------------------------------------------------------


def way_reencoded(mail: Mail, dice: random.Random) -> bytes:
    return rendered(mail, dice)


def way_page_only(mail: Mail, dice: random.Random) -> bytes:
    return rendered(mail, dice, face=dice.choice(("page", "text")))


def way_list(mail: Mail, dice: random.Random) -> bytes:
    foot = "\n_______________________________\nequipe mailing list\nhttps://lists.example/equipe"
    if dice.random() < 0.3:
        foot = "\n\nVous recevez ce message car vous êtes abonné au groupe equipe."
    shown = replace(
        mail,
        subject=f"[equipe] {mail.subject}",
        text=mail.text + foot,
        to=("Equipe", "equipe@lists.example"),
        sender=(f"{mail.sender[0]} via Equipe", "equipe@lists.example")
        if dice.random() < 0.5
        else mail.sender,
        file=None if dice.random() < 0.3 else mail.file,
    )
    return rendered(shown, dice, extra=[("List-Id", "<equipe.lists.example>")])


def way_gateway(mail: Mail, dice: random.Random) -> bytes:
    top = dice.choice(("", "ATTENTION : message externe, ne cliquez pas.\n\n", "[EXTERNAL]\n\n"))
    foot = dice.choice(("", "\n\nThis e-mail was scanned by Gate 3000.", "\n\n-- \nAntivirus ok"))
    tag = dice.choice(("", "[EXT] ", "***SPAM*** ", "{Spam?} ", "[SUSPECT 12] "))
    text = mail.text.replace(
        "https://www.", "https://urldefense.example.com/v2/url?u=https-3A__www."
    ) if dice.random() < 0.5 else mail.text  # fmt: skip
    shown = replace(mail, text=f"{top}{text}{foot}", subject=f"{tag}{mail.subject}")
    return rendered(shown, dice)


def way_sent(mail: Mail, dice: random.Random) -> bytes:
    shown = replace(mail, at=mail.at + timedelta(seconds=dice.choice((0, 0, 3, 40))))
    has_id = shown.at != mail.at or dice.random() < 0.6
    extra = [("Bcc", "chef@campaign.example")] if dice.random() < 0.3 else []
    with_file = dice.random() < 0.7
    return rendered(shown, dice, received=False, with_id=has_id, extra=extra, with_file=with_file)


def way_attached(mail: Mail, dice: random.Random) -> bytes:
    inner = rendered(mail, dice, received=False, with_file=dice.random() < 0.5)
    around = replace(
        mail,
        number=mail.number + 5_000_000,
        sender=mail.to,
        to=dice.choice(PEOPLE),
        text="Pour info.",
        subject="Fwd",
        file=None,
    )
    return rendered(around, dice, inside=[inner])


def way_charset(mail: Mail, dice: random.Random) -> bytes:
    ways: list[Callable[[str], str]] = [
        lambda t: t.encode().decode("cp1252", "replace"),
        lambda t: t.encode("ascii", "replace").decode(),
        lambda t: t.replace("é", "e").replace("à", "a").replace("è", "e").replace("ê", "e"),
    ]
    return rendered(replace(mail, text=dice.choice(ways)(mail.text)), dice)


def way_bounce(mail: Mail, dice: random.Random) -> bytes:
    short = replace(mail, text=mail.text[: len(mail.text) // 2], file=None)
    inner = rendered(short, dice, received=True)
    around = replace(
        mail,
        number=mail.number + 6_000_000,
        sender=("Mailer", "mailer-daemon@mx.example"),
        text="Undelivered.",
        subject="Undelivered Mail",
        file=None,
    )
    return rendered(around, dice, inside=[inner])


def way_outlook(mail: Mail, dice: random.Random) -> bytes:
    """A .msg file: as Outlook keeps what it got, or what it sent."""
    text = mail.text.replace("\n", "\r\n").replace(
        "https://www.", "https://www."
    )  # the store keeps what Outlook made of it
    if dice.random() < 0.5:
        text = text.replace("\r\n\r\n", "\r\n \r\n").replace("…", "...")
    properties: dict[int, Any] = {
        0x001A001F: "IPM.Note",
        0x0037001F: mail.subject,
        0x1000001F: text,
    }
    recipients: tuple[dict[int, Any], ...] = ()
    if dice.random() < 0.6:
        properties[0x007D001F] = (
            f"Received: from a by b.example; x\r\nMessage-ID: <{mail.named}>\r\n"
            f"From: {mail.sender[0]} <{mail.sender[1]}>\r\nTo: {mail.to[1]}\r\n"
            f"Subject: {mail.subject.encode('ascii', 'replace').decode()}\r\n"
            f"Date: {format_datetime(mail.at)}\r\n\r\n"
        )
    else:
        moment = int((mail.at - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        properties |= {
            0x1035001F: f"<{mail.named}>",
            0x0C1A001F: mail.sender[0],
            0x0C1E001F: "EX" if dice.random() < 0.5 else "SMTP",
            0x00390040: moment,
        }
        properties[0x0C1F001F] = (
            f"/O=ORG/CN=RECIPIENTS/CN={mail.sender[0].upper()}"
            if properties[0x0C1E001F] == "EX"
            else mail.sender[1]
        )
        recipients = ({0x0C150003: 1, 0x3001001F: mail.to[0], 0x39FE001F: mail.to[1]},)
    files = ()
    if mail.file is not None:
        data = b"%PDF-1.4" + mail.file
        files = (attachment({0x37050003: 1, 0x3707001F: "note.pdf", 0x37010102: data}),)
    return compound_file(message(properties, recipients, files))


HONEST = (
    way_reencoded,
    way_page_only,
    way_list,
    way_gateway,
    way_sent,
    way_attached,
    way_charset,
    way_bounce,
    way_outlook,
)


# --- replies -----------------------------------------------------------------------------------


def _lead(mail: Mail, dice: random.Random) -> str:
    return dice.choice(_LEADS).format(
        day=dice.randint(1, 28), name=mail.sender[0], address=mail.sender[1]
    )


def _block(mail: Mail, dice: random.Random) -> str:
    if dice.random() < 0.5:
        return (
            f"-----Message d'origine-----\nDe : {mail.sender[0]} [mailto:{mail.sender[1]}]\n"
            f"Envoyé : mardi 3 mai 2016 10:32\nÀ : {mail.to[0]}\nObjet : {mail.subject}\n"
        )
    return (
        f"________________________________\nFrom: {mail.sender[0]} <{mail.sender[1]}>\n"
        f"Sent: Tuesday, May 3, 2016 10:32 AM\nTo: {mail.to[0]}\nCc: x\nSubject: {mail.subject}\n"
    )


def _marked(text: str, dice: random.Random) -> str:
    text = wrapped(text, dice.choice((60, 70, 500, 500)))
    mark = dice.choice(("> ", "> ", ">"))
    lines = [(mark + line).rstrip() if line else ">" for line in text.split("\n")]
    return "\n".join(lines)


def _broken(text: str, dice: random.Random) -> str:
    """Prefixed first and wrapped later: the rest of a long line stands without its prefix."""
    lines = [f"> {line}" for line in text.split("\n")]
    return wrapped("\n".join(lines), 72)


STYLES = ("marked", "block", "bare", "broken", "page")
CUTS = ("whole", "whole", "ends", "middle", "elided", "sentence_elided", "inline", "answered")


def quoted(mail: Mail, dice: random.Random, style: str, cut: str = "whole") -> str:
    """The body of a reply: the answer and what it quotes."""
    text = trimmed(mail.text, dice, cut)
    answer = f"{words.chat(Dice(dice.randrange(10**9), 'x'), 'fr')}"
    tail = dice.choice(_SIGNATURES)
    if style == "block":
        told = f"{answer}{tail}\n\n{_block(mail, dice)}\n{text}"
        return told + (f"\n{answer}" if cut == "answered" else "")
    lead = _lead(mail, dice)
    if style in {"bare", "page"}:
        lead = _LEADS[dice.choice((0, 1))].format(
            day=4, name=mail.sender[0], address=mail.sender[1]
        )
        mark = f"{QUOTED}\n" if style == "page" else ""
        return f"{answer}{tail}\n\n{lead}\n\n{mark}{text}"
    if style == "broken":
        return f"{answer}\n\n{lead}\n{_broken(text, dice)}"
    if cut == "inline":
        pieces = [_marked(piece, dice) for piece in text.split("\n\n")]
        return f"{lead}\n" + f"\n\n{answer}\n\n".join(pieces) + tail
    if dice.random() < 0.2:
        return f"{lead}\n\n{_marked(text, dice)}\n\n{answer}{tail}"
    return f"{answer}{tail}\n\n{lead}\n{_marked(text, dice)}"


def trimmed(text: str, dice: random.Random, cut: str) -> str:
    """The text as people cut what they quote."""
    paragraphs = text.split("\n\n")
    if cut == "ends" and len(paragraphs) > 2:
        return "\n\n".join(paragraphs[1:-1])
    if cut == "middle" and len(paragraphs) > 3:
        del paragraphs[dice.randrange(1, len(paragraphs) - 1)]
        return "\n\n".join(paragraphs)
    if cut == "elided" and len(paragraphs) > 3:
        paragraphs[dice.randrange(1, len(paragraphs) - 1)] = dice.choice(("[...]", "[…]", "(...)"))
        return "\n\n".join(paragraphs)
    if cut == "sentence_elided":
        at = dice.randrange(len(paragraphs))
        told = paragraphs[at].split(". ")
        if len(told) > 2:
            told[1] = "[...]"
            paragraphs[at] = ". ".join(told)
        return "\n\n".join(paragraphs)
    return text


# --- alterations -------------------------------------------------------------------------------

TEXT_EDITS = ("digit", "name", "inserted", "removed", "paragraph")
TWIN_EDITS = (*TEXT_EDITS, "recipient", "file", "date")


def altered(mail: Mail, dice: random.Random, edit: str) -> Mail | None:
    """The message with one thing changed by a hand; None where it has no such thing."""
    if edit == "recipient":
        return replace(mail, to=("Banker", "banker@offshore.example"))
    if edit == "date":
        return replace(mail, at=mail.at + timedelta(hours=dice.choice((26, -30, 240, 5))))
    if edit == "file":
        file = mail.file
        return None if file is None else replace(mail, file=file[:-1] + bytes([file[-1] ^ 1]))
    text = _edited_text(mail.text, dice, edit)
    return None if text is None else replace(mail, text=text)


def _edited_text(text: str, dice: random.Random, edit: str) -> str | None:
    paragraphs = text.split("\n\n")
    inner = range(1, len(paragraphs) - 1)
    at = dice.choice(inner)
    told = paragraphs[at].split(". ")
    if edit == "digit":
        words_of = text.split(" ")
        spots = [n for n, one in enumerate(words_of) if one.strip(".!…").isdigit()]
        if not spots:
            return None
        spot = dice.choice(spots)
        old = words_of[spot]
        words_of[spot] = (("9" if old[0] != "9" else "4") + old[1:]) if old else old
        return " ".join(words_of)
    if edit == "name":
        words_of = paragraphs[at].split(" ")
        if len(words_of) < 8:
            return None
        words_of[dice.randrange(3, len(words_of) - 3)] = "Panamera"
        paragraphs[at] = " ".join(words_of)
    elif edit == "inserted":
        if len(told) < 2:
            return None
        told.insert(
            dice.randrange(1, len(told)) if len(told) > 1 else 0, "Burn this after reading it"
        )
        paragraphs[at] = ". ".join(told)
    elif edit == "removed":
        if len(told) < 3:
            return None
        del told[1]
        paragraphs[at] = ". ".join(told)
    else:
        paragraphs.insert(at, "Transfer the rest to the usual account before Friday.")
    return "\n\n".join(paragraphs)


def build(seed: int, count: int) -> Corpus:
    """A dump of some `count` threads: honest ones, and one altered copy in every third of them."""
    dice, plain = random.Random(seed), Dice(seed, "copies")
    corpus = Corpus()
    for number in range(count):
        mail = letter(dice, plain, number)
        edit = dice.choice(TWIN_EDITS) if number % 3 == 0 else None
        false = altered(mail, dice, edit) if edit else None
        is_quote = number % 2 == 0 and (edit is None or edit in TEXT_EDITS)
        if false is not None and is_quote:
            data = rendered(false, dice, received=dice.random() < 0.7)
            style = dice.choice(STYLES)
            way = {"block": "unmarked", "bare": "unmarked", "broken": "torn"}.get(style, "marked")
            corpus.add(data, "stolen", f"quote:{way}:{edit}", is_altered=True)
            _answered(corpus, mail, dice, style)
            continue
        if false is not None:
            data = rendered(mail, dice)
            corpus.add(data, "to", "original", is_verified=True)
            data = rendered(false, dice, holder=mail.to)
            corpus.add(data, "stolen", f"twin:{edit}", is_altered=True)
            continue
        corpus.add(rendered(mail, dice), "to", "original", is_verified=True)
        for way in dice.sample(HONEST, 2):
            suffix = "msg" if way is way_outlook else "eml"
            corpus.add(way(mail, dice), "other", way.__name__, suffix=suffix)
        _answered(corpus, mail, dice)
    return corpus


def _answered(corpus: Corpus, mail: Mail, dice: random.Random, given: str | None = None) -> None:
    """Verified replies: whole ones to what is false, else as people write them; a deeper one."""
    style = given or dice.choice(STYLES)
    cut = "whole" if given else dice.choice(CUTS)
    answer = replace(
        mail,
        number=mail.number + 1_000_000,
        sender=mail.to,
        to=mail.sender,
        subject=f"Re: {mail.subject}",
        at=mail.at + timedelta(hours=2),
        text=quoted(mail, dice, style, cut),
        parent=mail.named,
        file=None,
    )
    face = "page" if style == "page" else "text"
    wrap = {"wrap": False} if given in {"marked", "page"} else {}
    data = rendered(answer, dice, face=face, **wrap)
    corpus.add(data, "from", f"reply:{style}:{cut}", is_verified=True)
    if given is None and dice.random() < 0.4:
        deeper = replace(
            answer,
            number=mail.number + 2_000_000,
            sender=mail.sender,
            to=mail.to,
            at=mail.at + timedelta(hours=4),
            text=quoted(
                replace(answer, text=answer.text.replace(f"{QUOTED}\n", "")),
                dice,
                dice.choice(("marked", "block", "broken")),
            ),
            parent=answer.named,
        )
        corpus.add(rendered(deeper, dice, face="text"), "to", "deeper", is_verified=True)
