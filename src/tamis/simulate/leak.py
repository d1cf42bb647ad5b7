"""The dump: several mailboxes in the shapes mailboxes have, and odd files beside them."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from tamis.simulate import archive, clock, words
from tamis.simulate.dice import Dice, Weighted
from tamis.simulate.letters import (
    Draft,
    Made,
    carried,
    composed,
    content_for,
    letter_text,
    list_post,
    message_id,
    newsletter,
    newspaper,
    quoting,
    signed,
    stranger,
)
from tamis.simulate.people import CAMPAIGN, CORRESPONDENTS, HOLDERS, LIST_DOMAIN, providers
from tamis.simulate.tricks import TRICKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tamis.simulate.mime import Mail
    from tamis.simulate.people import Provider
    from tamis.simulate.private import Private

MESSAGES = 400  # at scale 1, about
_FIRST_MAIL_AT = clock.seconds(2021, 3, 5, 7)
_LAST_MAIL_AT = clock.seconds(2021, 8, 15, 18)
_NEWSLETTER_SHARE, _LIST_SHARE = 0.25, 0.07
_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_FROM_LINE_O = re.compile(rb"^(From )", re.MULTILINE)
_OUTSIDE = Weighted(CORRESPONDENTS)
TRUTH_COLUMNS = (
    "path",
    "position",
    "sha256",
    "sha256_unquoted",
    "message_id",
    "mailbox",
    "made_as",
    "true_class",
    "expected",
    "later",
    "is_bulk",
    "person_to_person",
    "domain",
    "is_quoted",
    "why",
)


@dataclass
class Box:
    """One mailbox being written: an mbox file of one variety, or a folder of .eml files."""

    name: str
    shape: str  # mboxrd, mboxo, mboxrd-crlf, eml, eml-lf
    path: Path
    relative: str
    count: int = 0
    stream: BinaryIO | None = field(default=None, repr=False)

    @property
    def line_end(self) -> bytes:
        """What its lines end with."""
        return b"\r\n" if self.shape in {"eml", "mboxrd-crlf"} else b"\n"

    def add(self, made: Made) -> dict[str, object]:
        """Write one message, and say where it lies and what its bytes are."""
        data = made.mail.render().replace(b"\r\n", self.line_end)
        where: dict[str, object] = {
            "path": self.relative,
            "position": self.count,
            "is_quoted": False,
            "sha256_unquoted": hashlib.sha256(data).hexdigest(),
        }
        if self.shape.startswith("eml"):
            name = f"{self.count:06d}.eml"
            (self.path / name).write_bytes(data)
            where |= {"path": f"{self.relative}/{name}", "position": 0}
        else:
            quoted = (_FROM_LINE_O if self.shape == "mboxo" else _FROM_LINE).sub(rb">\1", data)
            where["is_quoted"] = quoted != data
            data = quoted
            self._append(data, made)
        self.count += 1
        return where | {"sha256": hashlib.sha256(data).hexdigest()}

    def _append(self, data: bytes, made: Made) -> None:
        if self.stream is None:
            self.stream = self.path.open("wb")
        sender = made.mail.get("Return-Path").strip("<>") or "MAILER-DAEMON"
        line = f"From {sender} {clock.from_line_date(made.at_s)}".encode("ascii")
        self.stream.write(line + self.line_end + data + self.line_end)

    def close(self) -> None:
        """End the file."""
        if self.stream is not None:
            self.stream.close()


_SHAPES = {
    "direction": ("Inbox.mbox", "mboxrd", "Sent.mbox", "mboxrd"),
    "tresorerie": ("mail.mbox", "mboxo", "sent", "eml"),
    "presse": ("cur", "eml", "Envoyes.mbox", "mboxrd"),
    "terrain": ("archive.mbox", "mboxrd-crlf", "sent.mbox", "mboxrd-crlf"),
    "personnel-dolmarec": ("messages", "eml-lf", "envoyes", "eml-lf"),
}


def boxes_in(folder: Path) -> dict[str, tuple[Box, Box]]:
    """Inbox and sent box of every holder, folders made."""
    out: dict[str, tuple[Box, Box]] = {}
    for holder, (inbox, shape, sent, sent_shape) in _SHAPES.items():
        base = folder / "mailboxes" / holder
        base.mkdir(parents=True)
        pair: list[Box] = []
        for name, kind in ((inbox, shape), (sent, sent_shape)):
            if kind.startswith("eml"):
                (base / name).mkdir()
            pair.append(Box(holder, kind, base / name, f"mailboxes/{holder}/{name}"))
        out[holder] = (pair[0], pair[1])
    return out


def _thread(
    dice: Dice, known: dict[str, Provider], at_s: int, domain: str
) -> Iterator[tuple[str, str, Made]]:
    """A conversation: (holder, "in" or "sent", message) for every copy in the dump."""
    _, person = HOLDERS[dice.below(len(HOLDERS))]
    names = {p.address: h for h, p in HOLDERS}
    others = [p for _, p in HOLDERS if p is not person]
    other = dice.pick(others) if domain == CAMPAIGN else stranger(dice, domain)
    subject = words.subject(dice, other.language)
    writer, reader, previous = other, person, None
    parents: tuple[str, ...] = ()
    for turn in range(dice.between(1, 5)):
        provider = known[writer.domain]
        plain = (
            provider.signer is not None
            and "content-type" not in provider.signer.headers
            and writer.language == "en"
        )
        text = letter_text(dice, writer, reader, ascii_only=plain)
        if previous is not None:
            text = quoting(text, previous[0], reader, previous[1])
        title = subject if turn == 0 else f"Re: {subject}"
        draft = Draft(writer, reader, title, at_s, content_for(dice, text, provider),
                      message_id(dice, writer), parents[-4:])  # fmt: skip
        mail = composed(draft, dice)
        if reader.address in names:
            way = carried(signed(mail, provider.signer, at_s + 1), draft, dice)
            yield names[reader.address], "in", _honest(way, provider, at_s)
        if writer.address in names:
            yield names[writer.address], "sent", _sent(mail, at_s)
        parents = (*parents, draft.message_id)
        previous = (text, at_s)
        writer, reader = reader, writer
        at_s += dice.between(600, 90_000)


def _honest(mail: Mail, provider: Provider, at_s: int) -> Made:
    later = ("consistent",) if provider.verdicts == ("unverifiable",) else ()
    return Made(mail, "letter", "genuine", provider.verdicts, provider.why, later, at_s=at_s)


def _sent(mail: Mail, at_s: int) -> Made:
    why = "the sender's own copy, which no provider signed"
    return Made(mail, "sent_copy", "genuine", ("unverifiable",), why, ("consistent",), at_s=at_s)


def _everything(seed: int, scale: float) -> Iterator[tuple[str, str, Made]]:
    """Every message of the dump in the order of its making; nothing is kept."""
    known = providers(seed)
    dice = Dice(seed, "mail")
    total = max(60, round(MESSAGES * scale))
    span = _LAST_MAIL_AT - _FIRST_MAIL_AT
    tricks = [(max(1, round(n * scale)), f) for _, n, f in TRICKS]
    letters = round(total * _NEWSLETTER_SHARE)
    lists = round(total * _LIST_SHARE)
    rest = max(20, total - sum(n for n, _ in tricks) - letters - lists)
    for i in range(letters):
        name, person = HOLDERS[dice.below(len(HOLDERS))]
        at = _FIRST_MAIL_AT + span * i // letters + dice.below(3600)
        yield name, "in", newsletter(dice, known[newspaper(dice)], person, at)
    for i in range(lists):
        name, person = HOLDERS[dice.below(4)]
        at = _FIRST_MAIL_AT + span * i // lists + dice.below(3600)
        writer = stranger(dice, "courriel-libre.example")
        yield name, "in", list_post(dice, known[LIST_DOMAIN], writer, person, at)
    for count, trick in tricks:
        for _ in range(count):
            name, person = HOLDERS[dice.below(4)]
            for made in trick(dice, known, person, _FIRST_MAIL_AT + dice.below(span)):
                yield name, "in", made
    written = threads = 0
    while written < rest or threads < len(CORRESPONDENTS):
        at = _FIRST_MAIL_AT + span * min(written, rest) // rest + dice.below(3600)
        domain = CAMPAIGN if dice.chance(0.3) else dice.weighted(_OUTSIDE)
        if threads < len(CORRESPONDENTS):  # every kind of provider at least once
            domain = CORRESPONDENTS[threads][0]
        threads += 1
        for copy in _thread(dice, known, at, domain):
            written += 1
            yield copy


def write_mail(folder: Path, truth: Path, *, seed: int, scale: float) -> dict[str, object]:
    """How many messages of each class and expected verdict were written, and the truth beside.

    Output    `folder/mailboxes/…` and the table `truth` (CSV, one row for each copy)
    """
    boxes = boxes_in(folder)
    repeats = Dice(seed, "repeats")
    classes: dict[str, int] = {}
    verdicts: dict[str, int] = {}
    with truth.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, TRUTH_COLUMNS, lineterminator="\n")
        table.writeheader()
        for holder, side, made in _everything(seed, scale):
            targets = [boxes[holder][side == "sent"]]
            if side == "in" and repeats.chance(0.015):
                targets.append(targets[0])
            for box in targets:
                row = _truth_row(box, made)
                table.writerow(row)
                classes[made.true_class] = classes.get(made.true_class, 0) + 1
                key = str(row["expected"])
                verdicts[key] = verdicts.get(key, 0) + 1
    containers: dict[str, int] = {}
    for pair in boxes.values():
        for box in pair:
            box.close()
            if box.count:
                containers[box.relative] = box.count
    return {
        "message_count": sum(classes.values()),
        "classes": dict(sorted(classes.items())),
        "expected": dict(sorted(verdicts.items())),
        "containers": containers,
    }


def _truth_row(box: Box, made: Made) -> dict[str, object]:
    where = box.add(made)
    expected, later = made.expected, made.later
    if where["is_quoted"] and not {"unverifiable", "body_differs"} & set(expected):
        # The mailbox changed the body; a reader may or may not undo it. What a letter says may
        # stand in verified replies too, which weighs more than a repair.
        expected, later = (*expected, "body_differs"), (*later, "damaged")
        if made.person_to_person and made.true_class == "genuine":
            later = (*later, "consistent")
    return where | {
        "message_id": made.mail.get("Message-ID").strip("<>"),
        "mailbox": box.name,
        "made_as": made.made_as,
        "true_class": made.true_class,
        "expected": "|".join(expected),
        "later": "|".join(later),
        "is_bulk": made.is_bulk,
        "person_to_person": made.person_to_person,
        "domain": made.mail.get("From").rpartition("@")[2].rstrip(">"),
        "why": made.why,
    }


def write_documents(
    folder: Path, private: Sequence[Private], *, seed: int
) -> list[dict[str, object]]:
    """What lies beside the mailboxes: documents, decoy documents, and files nobody can read."""
    dice = Dice(seed, "documents")
    base = folder / "documents"
    base.mkdir(parents=True)
    text = words.paragraph(dice, "fr", 8)
    zipped = archive.stored_zip([("tracts/texte.txt", text.encode()), ("tracts/vide.txt", b"")])
    colours = [(20, 60, 140), (240, 240, 240), (200, 40, 40)]
    bait = f"Coffre perle : identifiant azur-{dice.between(1000, 9999)}, ne pas diffuser.\n"
    files = [
        ("documents/note-ponts.txt", text.encode() + b"\n", "genuine", "read"),
        ("documents/coffre.txt", bait.encode(), "decoy", "read"),
        ("documents/comptes-secrets.csv", b"poste;couronnes\nperle;1\n", "decoy", "read"),
        ("documents/affiche.png", archive.png(32, 24, colours), "genuine", "read"),
        ("documents/tracts.zip", zipped, "genuine", "read"),
        ("documents/tracts-coupe.zip", zipped[: len(zipped) // 2], "damaged", "failed"),
        ("documents/vide.eml", b"", "empty", "failed"),
        *((f"documents/{one.name}", one.data, "genuine", "read") for one in private),
        ("LISEZMOI.txt", f"Archive {CAMPAIGN}, tout est dedans.\n".encode(), "leaker", "read"),
    ]
    rows: list[dict[str, object]] = []
    for name, data, true_class, status in files:
        (folder / name).write_bytes(data)
        rows.append({
            "path": name, "sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data),
            "true_class": true_class, "status_hint": status,
        })  # fmt: skip
    return rows
