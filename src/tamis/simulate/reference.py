"""An invented leak beside the originals of its owners: edited, inserted, and holes, all known."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START = datetime(2016, 1, 4, 8, tzinfo=UTC)
DAYS = 480
DOMAIN = "campaign.example"
HOLDERS = ("alice", "bob", "carol", "dave")
EDITS = ("text", "figure", "subject", "date", "to", "from", "cc", "file", "page", "link")
_TALK = (
    "the budget meeting moves to friday please send a list of donors before noon we hold the hall "
    "in lyon for the speech and press wants an answer about travel costs nobody signed the lease "
    "yet call me when the printer confirms our order of posters thank you for the quick work"
)
_WORDS = tuple(_TALK.split())
_OUTSIDE = tuple(f"person{number}@town{number % 7}.example" for number in range(60))


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, before it is written as one side or the other keeps it."""

    number: int
    sender: str
    receiver: str
    copied: str
    at: datetime | None
    subject: str
    text: str
    page: str | None = None
    file: bytes | None = None

    @property
    def holders(self) -> tuple[str, ...]:
        """Whose mailboxes have it."""
        local = (address.partition("@") for address in (self.sender, self.receiver))
        return tuple(name for name, _, domain in local if domain == DOMAIN and name in HOLDERS)


class Made(NamedTuple):
    """What one leaked file is, and the outcome that is right for it."""

    true_class: str
    expected: str


@dataclass(slots=True)
class ReferenceTruth:
    """Every leaked message by the SHA-256 of its file, and how many files the originals are."""

    leaked: dict[str, Made] = field(default_factory=dict)
    reference_count: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many messages the corpus has, and how many of them are not what they were."""

    count: int = 5000
    edited: int = 100
    inserted: int = 100
    in_holes: int = 20


def write_reference(folder: Path, sizes: Sizes | None = None, *, seed: int = 1) -> ReferenceTruth:
    """What is true of the corpus written below `folder`, in `leak` and `reference`.

    Four mailboxes leaked; originals exist of three. Those of alice lack two months, those of bob
    end early, those of carol hold nothing that she sent. The two sides keep a message as two
    stores do: other transport headers, other line ends, another encoding.
    """
    wanted = sizes or Sizes()
    dice = random.Random(seed)
    truth = ReferenceTruth()
    boxes: list[tuple[Letter, str]] = []
    while len(boxes) < wanted.count:
        letter = _letter(dice, len(boxes))
        boxes += [(letter, holder) for holder in letter.holders]
    kept = [pair for pair in boxes if _is_kept(*pair)]
    for letter, holder in kept:
        _write(folder / "reference" / holder, _rendered(letter, holder, is_leak=False))
        truth.reference_count += 1
    edits = _edits(dice, kept, wanted.edited)
    known = {letter.number for letter, _ in kept}
    for letter, holder in boxes:
        kind = edits.get((letter.number, holder))
        made = Made("genuine", "in_reference")
        if kind is not None:
            made = Made(f"edited: {kind}", "differs")
        elif letter.number not in known:
            made = Made("genuine, outside", "outside_coverage")
        shown = letter if kind is None else _edited(letter, kind)
        _leak(folder, truth, (shown, holder), made)
    for pair in _inserted(dice, kept, wanted.inserted):
        _leak(folder, truth, pair, Made("inserted", "not_in_reference"))
    for pair in _outside(dice, wanted.in_holes):
        _leak(folder, truth, pair, Made("inserted, outside", "outside_coverage"))
    return truth


def confusion(truth: ReferenceTruth, found: Iterable[tuple[str, str]]) -> list[str]:
    """A table in lines: what messages are, down; what was said of them, across.

    Input     pairs of item_id and outcome; a message without one is counted as "no answer"
    """
    outcomes = ("in_reference", "differs", "not_in_reference", "outside_coverage", "not_compared")
    told = dict(found)
    table: dict[str, dict[str, int]] = {}
    for item_id, made in truth.leaked.items():
        row = table.setdefault(made.true_class.partition(":")[0], {})
        outcome = told.get(item_id, "no answer")
        row[outcome] = row.get(outcome, 0) + 1
    columns = (*outcomes, "no answer")
    lines = [f"{'':<20}" + "".join(f"{name:>18}" for name in columns)]
    return lines + [
        f"{name:<20}" + "".join(f"{row.get(one, 0):>18,}" for one in columns)
        for name, row in sorted(table.items())
    ]


def _letter(dice: random.Random, number: int) -> Letter:
    holder = f"{dice.choice(HOLDERS)}@{DOMAIN}"
    others = [f"{name}@{DOMAIN}" for name in HOLDERS if not holder.startswith(name)]
    other = dice.choice(others) if dice.random() < 0.2 else dice.choice(_OUTSIDE)
    sender, receiver = (holder, other) if dice.random() < 0.5 else (other, holder)
    words = " ".join(dice.choice(_WORDS) for _ in range(dice.randint(20, 120)))
    text = f"Hello,\n\n{words}.\n\nThe amount is {dice.randint(100, 99999)} euros.\n\nRegards"
    return Letter(
        number=number,
        sender=sender,
        receiver=receiver,
        copied=dice.choice(_OUTSIDE) if dice.random() < 0.2 else "",
        at=START + timedelta(seconds=dice.randrange(DAYS * 86400)),
        subject=" ".join(dice.choice(_WORDS) for _ in range(4)) + f" {number}",
        text=text,
        page=_page(text, f"https://files.{DOMAIN}/{number}") if number % 2 else None,
        file=dice.randbytes(300) if number % 3 == 0 else None,
    )


def _page(text: str, link: str) -> str:
    shown = text.replace("\n\n", "</p>\n<p>")
    return f'<html><body><p>{shown}</p><a href="{link}">link</a></body></html>'


def _is_kept(letter: Letter, holder: str) -> bool:
    """Whether the originals of `holder` hold the letter."""
    if letter.at is None:
        return False
    days = (letter.at - START).days
    return {
        "alice": not 60 <= days < 120,
        "bob": days < 400,
        "carol": not letter.sender.startswith("carol@"),
    }.get(holder, False)


def _edits(
    dice: random.Random, kept: list[tuple[Letter, str]], count: int
) -> dict[tuple[int, str], str]:
    """Which copies are edited, and how: every kind equally often."""
    edits: dict[tuple[int, str], str] = {}
    while len(edits) < count:
        kind = EDITS[len(edits) % len(EDITS)]
        letter, holder = dice.choice(kept)
        is_able = (kind not in {"page", "link"} or letter.page) and (kind != "file" or letter.file)
        if is_able and (letter.number, holder) not in edits:
            edits[letter.number, holder] = kind
    return edits


def _edited(letter: Letter, kind: str) -> Letter:
    """The letter with one thing changed, as somebody would who wants it to say another thing."""
    page, file, at = letter.page or "", letter.file or b"", letter.at or START
    changed = {
        "text": {"text": letter.text.replace("Regards", "Burn this letter.\n\nRegards")},
        "figure": {"text": letter.text.replace("The amount is ", "The amount is 9")},
        "subject": {"subject": f"{letter.subject} offshore"},
        "date": {"at": at + timedelta(hours=26)},
        "to": {"receiver": "banker@bank.example"},
        "from": {"sender": "minister@ministry.example"},
        "cc": {"copied": "banker@bank.example"},
        "file": {"file": file[:-1] + bytes([file[-1] ^ 1]) if file else None},
        "page": {"page": page.replace("Regards", "Burn this letter. Regards")},
        "link": {"page": page.replace("https://files.", "https://evil.")},
    }
    return replace(letter, **changed[kind])  # type: ignore[arg-type]


def _inserted(
    dice: random.Random, kept: list[tuple[Letter, str]], count: int
) -> list[tuple[Letter, str]]:
    """Messages that never were, dated a minute after a real one inside the coverage."""
    lines: dict[tuple[str, bool], list[datetime]] = {}
    for letter, holder in kept:
        if letter.at is not None:
            is_sent = letter.sender.startswith(f"{holder}@")
            lines.setdefault((holder, is_sent), []).append(letter.at)
    spots = [
        (holder, is_sent, one)
        for (holder, is_sent), times in sorted(lines.items())
        for one, after in zip(sorted(times), sorted(times)[1:], strict=False)
        if timedelta(minutes=2) < after - one < timedelta(days=10)
    ]
    made = []
    for rank in range(count):
        holder, is_sent, at = dice.choice(spots)
        made.append((_false(dice, rank, (holder, is_sent), at + timedelta(minutes=1)), holder))
    return made


def _false(dice: random.Random, rank: int, way: tuple[str, bool], at: datetime | None) -> Letter:
    holder, is_sent = way
    pair = (f"{holder}@{DOMAIN}", dice.choice(_OUTSIDE))
    sender, receiver = pair if is_sent else pair[::-1]
    return Letter(10**6 + rank, sender, receiver, "", at, f"offshore {rank}", f"Send {rank} now.")


def _outside(dice: random.Random, count: int) -> list[tuple[Letter, str]]:
    """Messages that never were, where the originals cannot show it."""
    made = []
    for rank in range(count):
        days = dice.uniform(0, DAYS)
        way, at = [
            (("dave", rank % 2 == 0), START + timedelta(days=days)),
            (("alice", rank % 2 == 0), START + timedelta(days=dice.uniform(61, 118))),
            (("bob", rank % 2 == 0), START + timedelta(days=dice.uniform(401, DAYS))),
            (("carol", True), START + timedelta(days=days)),
            (("alice", False), None),
        ][rank % 5]
        made.append((_false(dice, 10**6 + rank, way, at), way[0]))
    return made


def _leak(folder: Path, truth: ReferenceTruth, pair: tuple[Letter, str], made: Made) -> None:
    data = _rendered(*pair, is_leak=True)
    _write(folder / "leak" / pair[1], data)
    truth.leaked[hashlib.sha256(data).hexdigest()] = made


def _write(folder: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(data).hexdigest()[:24]}.eml").write_bytes(data)


def _rendered(letter: Letter, holder: str, *, is_leak: bool) -> bytes:
    """The bytes as one store keeps them: what a letter says is the same in both."""
    store = "leak" if is_leak else "export"
    lines = [f"X-{store.title()}-Store: {store}"]
    if not letter.sender.startswith(f"{holder}@"):
        lines += [f"Delivered-To: {holder}@{DOMAIN}", f"Received: by {store}.example with SMTP"]
    lines += [f"From: <{letter.sender}>", f"To: {letter.receiver}"]
    lines += [f"Cc: {letter.copied}"] if letter.copied else []
    date = "Fri, 31 Dec 9999 23:59:59 +0000" if letter.at is None else format_datetime(letter.at)
    lines += [f"Subject: {letter.subject}", f"Date: {date}"]
    lines += [f"Message-ID: <{letter.number}@mail.{DOMAIN}>", "MIME-Version: 1.0"]
    lines += _body(letter, f"b-{store}-{letter.number}", is_leak=is_leak)
    return ("\n" if is_leak else "\r\n").join(lines).encode()


def _body(letter: Letter, mark: str, *, is_leak: bool) -> list[str]:
    """Header fields of the body and the body, line by line."""
    parts = [_part("text/plain; charset=utf-8", letter.text.encode(), is_coded=not is_leak)]
    if letter.page is not None:
        parts.append(_part("text/html; charset=utf-8", letter.page.encode(), is_coded=is_leak))
    body = parts[0]
    if len(parts) > 1:
        body = _multipart("alternative", f"{mark}-a", parts)
    if letter.file is not None:
        kind = 'application/pdf\nContent-Disposition: attachment; filename="note.pdf"'
        file = _part(kind, letter.file, is_coded=True)
        body = _multipart("mixed", f"{mark}-m", [body, file])
    return body


def _part(kind: str, data: bytes, *, is_coded: bool) -> list[str]:
    head = f"Content-Type: {kind}".split("\n")
    if not is_coded:
        return [*head, "Content-Transfer-Encoding: 8bit", "", *data.decode().split("\n")]
    text = base64.encodebytes(data).decode().splitlines()
    return [*head, "Content-Transfer-Encoding: base64", "", *text]


def _multipart(kind: str, mark: str, parts: list[list[str]]) -> list[str]:
    lines = [f'Content-Type: multipart/{kind}; boundary="{mark}"', ""]
    for part in parts:
        lines += [f"--{mark}", *part]
    return [*lines, f"--{mark}--", ""]
