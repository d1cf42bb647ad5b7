"""Edits of somebody who wants not to be seen, and changes that stores make honestly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from test_reference import A, B, Pair, letter, match

from tamis.case import Case
from tamis.run.intake import add
from tamis.simulate import reference as made_up
from tamis.simulate.reference import Letter

Edit = Callable[[Letter, random.Random], Letter | None]
Raw = Callable[[bytes, Letter], bytes | None]


def digit(letter: Letter, dice: random.Random) -> Letter:
    """One digit of the amount, in the text alone: the page keeps the true one."""
    head, _, tail = letter.text.partition("The amount is ")
    figure, _, rest = tail.partition(" ")
    place = dice.randrange(len(figure))
    other = str((int(figure[place]) + dice.randint(1, 9)) % 10)
    changed = figure[:place] + other + figure[place + 1 :]
    return replace(letter, text=f"{head}The amount is {changed} {rest}")


def two_digits(letter: Letter, dice: random.Random) -> Letter | None:
    """Two neighbouring digits of the amount change places, in text and page."""
    figure = letter.text.partition("The amount is ")[2].partition(" ")[0]
    if figure[0] == figure[1]:
        return None
    changed = figure[1] + figure[0] + figure[2:]
    old, new = f"The amount is {figure} ", f"The amount is {changed} "
    page = letter.page and letter.page.replace(old, new)
    return replace(letter, text=letter.text.replace(old, new), page=page)


def page_digit(letter: Letter, dice: random.Random) -> Letter | None:
    """One digit in the page alone, which is what most readers show."""
    if letter.page is None:
        return None
    edited = digit(letter, dice)
    figures = (
        one.text.partition("The amount is ")[2].partition(" ")[0] for one in (letter, edited)
    )
    old, new = (f"The amount is {one} " for one in figures)
    return replace(letter, page=letter.page.replace(old, new))


def file_swapped(letter: Letter, dice: random.Random) -> Letter | None:
    """Another file of the same name, type and length."""
    return replace(letter, file=dice.randbytes(len(letter.file))) if letter.file else None


def file_gone(letter: Letter, _: random.Random) -> Letter | None:
    return replace(letter, file=None) if letter.file else None


def file_added(letter: Letter, dice: random.Random) -> Letter | None:
    return None if letter.file else replace(letter, file=dice.randbytes(300))


def year(letter: Letter, _: random.Random) -> Letter | None:
    """The same day, a year later or earlier: often outside the coverage."""
    if letter.at is None or (letter.at.month, letter.at.day) == (2, 29):
        return None
    return replace(letter, at=letter.at.replace(year=2016 + (letter.at.year == 2016)))


def second(letter: Letter, _: random.Random) -> Letter | None:
    return letter.at and replace(letter, at=letter.at + timedelta(seconds=1))


def recipient_letter(letter: Letter, _: random.Random) -> Letter | None:
    """One letter in the address of an outsider."""
    if letter.receiver.endswith(made_up.DOMAIN):
        return None
    return replace(letter, receiver=letter.receiver.replace("person", "persom"))


def recipient_added(letter: Letter, _: random.Random) -> Letter:
    return replace(letter, receiver=f"{letter.receiver}, banker@bank.example")


def copied_gone(letter: Letter, _: random.Random) -> Letter | None:
    return replace(letter, copied="") if letter.copied else None


def copied_to_receiver(letter: Letter, _: random.Random) -> Letter | None:
    """Who was copied becomes one to whom it was addressed."""
    if not letter.copied:
        return None
    return replace(letter, receiver=f"{letter.receiver}, {letter.copied}", copied="")


def not_added(letter: Letter, _: random.Random) -> Letter | None:
    old, new = " the ", " not the "
    if old not in letter.text:
        return None
    return replace(letter, text=letter.text.replace(old, new, 1))


def look_alike(letter: Letter, _: random.Random) -> Letter:
    """A Cyrillic letter that looks as the Latin one did, in the subject."""
    return replace(letter, subject=letter.subject.translate({ord("e"): 0x435, ord("a"): 0x430}))


def subject_number(letter: Letter, _: random.Random) -> Letter:
    return replace(letter, subject=letter.subject[:-1] + str((int(letter.subject[-1]) + 1) % 10))


EDITS: tuple[Edit, ...] = (
    *(digit, two_digits, page_digit, file_swapped, file_gone, file_added, year, second),
    *(recipient_letter, recipient_added, copied_gone, copied_to_receiver, not_added),
    *(look_alike, subject_number),
)


def in_another_zone(data: bytes, letter: Letter) -> bytes | None:
    """The same moment, written in another zone."""
    if letter.at is None:
        return None
    old = format_datetime(letter.at).encode()
    moved = letter.at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    return data.replace(b"Date: " + old, b"Date: " + format_datetime(moved).encode())


def folded(data: bytes, letter: Letter) -> bytes | None:
    """The subject on two lines, and the fields in another order."""
    head, _, body = data.partition(b"\n\n")
    lines = head.split(b"\n")
    first = next(rank for rank, line in enumerate(lines) if line.startswith(b"Content-Type"))
    top, rest = lines[:first], lines[first:]
    top = [
        line.replace(b" ", b"\n ", 2).replace(b"\n ", b" ", 1) if line[:8] == b"Subject:" else line
        for line in reversed(top)
    ]
    return b"\n".join([*top, *rest]) + b"\n\n" + body


def named(data: bytes, letter: Letter) -> bytes | None:
    """The addressee with a name, as some stores write it from their address book."""
    old = f"To: {letter.receiver}\n".encode()
    return data.replace(old, f'To: "Somebody" <{letter.receiver.upper()}>\n'.encode(), 1)


def encoded_subject(data: bytes, letter: Letter) -> bytes | None:
    old = f"Subject: {letter.subject}".encode()
    words = letter.subject.replace(" ", "_")
    return data.replace(old, f"Subject: =?utf-8?q?{words}?=".encode(), 1)


def marked(data: bytes, _: Letter) -> bytes | None:
    """More transport fields, as every hop and filter adds them."""
    return b"X-Spam-Score: 3\nReceived: by more.example with SMTP\nReturn-Path: <a@b>\n" + data


HONEST: tuple[Raw, ...] = (in_another_zone, folded, named, encoded_subject, marked)


def corpus(folder: Path, seed: int, count: int) -> dict[str, str]:
    """File names of the leak and what was done to each; every letter lies in the originals."""
    dice = random.Random(seed)
    done: dict[str, str] = {}
    turns: Counter[str] = Counter()
    rank = 0
    while len(done) < count:
        rank += 1
        letter = made_up._letter(dice, rank)
        for holder in letter.holders:
            if holder == "dave":
                continue
            made_up._write(
                folder / "reference" / holder, made_up._rendered(letter, holder, is_leak=False)
            )
            data, how = made_up._rendered(letter, holder, is_leak=True), "genuine"
            draw = dice.randrange(3)
            if draw == 1:
                edit = EDITS[turns["edit"] % len(EDITS)]
                other = edit(letter, dice)
                if other is not None and other != letter:
                    turns["edit"] += 1
                    data = made_up._rendered(other, holder, is_leak=True)
                    how = f"edited: {edit.__name__}"
            elif draw == 2:
                change = HONEST[turns["honest"] % len(HONEST)]
                changed = change(data, letter)
                if changed is not None and changed != data:
                    turns["honest"] += 1
                    data, how = changed, f"honest: {change.__name__}"
            name = f"{len(done):05}.eml"
            (folder / "leak" / holder).mkdir(parents=True, exist_ok=True)
            (folder / "leak" / holder / name).write_bytes(data)
            done[name] = how
    return done


def told(folder: Path, done: dict[str, str]) -> Counter[tuple[str, str]]:
    """How often each kind of change came out as each outcome."""
    case = Case.create(folder / "case", title="adversary")
    for side in ("leak", "reference"):
        add(case, [folder / side], kind=side)
    found = match(case)
    with case.view() as view:
        places = view.table("place").to_pylist()
    return Counter(
        (done[row["name"]], found[row["item_id"]]["outcome"])
        for row in places
        if row["kind"] == "leak" and row["depth"] == 0
    )


@pytest.mark.parametrize("seed", [3, pytest.param(31, marks=pytest.mark.long)])
def test_no_edit_is_missed_and_no_honest_copy_accused(tmp_path: Path, seed: int) -> None:
    done = corpus(tmp_path, seed, 600)
    found = told(tmp_path, done)
    assert sum(found.values()) == len(done)
    wanted = {
        (how, outcome): ("differs" if how.startswith("edited") else "in_reference")
        for how, outcome in found
    }
    wrong = {pair: found[pair] for pair, right in wanted.items() if pair[1] != right}
    assert not wrong
    assert {how for how, _ in found} >= {f"edited: {one.__name__}" for one in EDITS}
    assert {how for how, _ in found} >= {f"honest: {one.__name__}" for one in HONEST}


TEXT = "We pay 12 euros on Monday and it is no table matter."
FOOTED = f"{TEXT}\r\n-----\r\nSend the other 90000 to Panama."
_MENU = (
    'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\n\r\nhi\r\n--q\r\n'
    'Content-Type: application/pdf; name="{}"\r\n\r\n%PDF\r\n--q--\r\n'
)


def by_hand(number: int, **more: str) -> bytes:
    given = {"sender": B, "receiver": A, "body": TEXT, **more}
    sender, receiver = given.pop("sender"), given.pop("receiver")
    return letter(number, 5, sender, receiver, **given)


def with_file(number: int, name: str) -> bytes:
    return by_hand(number, body="").removesuffix(b"\r\n\r\n") + _MENU.format(name).encode()


# What the comparison lets pass, each by a rule made for honest lists, gateways or stores. Whoever
# closes one of them takes it off this list.
EVASIONS = {
    "text below a line, and a Received field": {"Received": "by x", "body": FOOTED},
    "text below a line, and a List-Id": {"List_Id": "<x.y>", "body": FOOTED},
    "another recipient, and a List-Id": {"List_Id": "<x.y>", "receiver": "banker@bank.example"},
    "another sender 'via' a list": {"List_Id": "<x.y>", "sender": '"B via x" <m@gov.example>'},
    "another display name of the sender": {"sender": f'"The Minister" <{B}>'},
    "words joined": {"body": TEXT.replace("no table", "notable")},
}


def test_edits_in_the_clothes_of_honest_changes_are_known(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    names = {}
    for number, (name, changed) in enumerate(EVASIONS.items()):
        pair.put("reference", by_hand(number))
        names[name] = pair.put("leak", by_hand(number, **changed))
    pair.put("reference", with_file(50, "menu.pdf"))
    names["another name of an attachment"] = pair.put("leak", with_file(50, "bribe.pdf"))
    plain = pair.put("leak", by_hand(0, body=TEXT.replace("12", "13")))
    found = pair.match()
    assert found[plain]["outcome"] == "differs"
    assert {name for name, path in names.items() if found[path]["outcome"] == "in_reference"} == {
        *EVASIONS,
        "another name of an attachment",
    }
    open_kinds = {
        "another display name of the sender": ("display name of the sender", "The Minister"),
        "words joined": ("words joined or parted", "notable"),
        "another name of an attachment": ("names of attached files", "bribe.pdf"),
    }
    for name, (kind, shown) in open_kinds.items():
        row = found[names[name]]
        assert row["uncounted"] == [kind]
        assert f"the copies differ in: {kind}." in row["detail"]
        assert "agree" not in row["detail"]
        assert shown in row["changes"]
        assert row["differing"] == []


def test_names_and_spaces_that_only_transport_changes_are_not_named(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    told = {
        "quoted": ({"sender": f"Bob Town <{B}>"}, {"sender": f'"Bob  Town" <{B.upper()}>'}),
        "encoded": ({"sender": f"Zoé <{B}>"}, {"sender": f"=?utf-8?q?Zo=C3=A9?= <{B}>"}),
        "wrapped": ({"body": TEXT}, {"body": TEXT.replace(" ", "\r\n")}),
        "spaced signs": ({"body": f"{TEXT} (a - b)"}, {"body": f"{TEXT} ( a -b )"}),
    }
    paths = {}
    for number, (name, (original, leaked)) in enumerate(told.items()):
        pair.put("reference", by_hand(number, **original))
        paths[name] = pair.put("leak", by_hand(number, **leaked, X_A="y"))
    found = pair.match()
    assert {name: found[path]["uncounted"] for name, path in paths.items()} == {
        "quoted": [],
        "encoded": [],
        "wrapped": [],
        "spaced signs": ["spacing"],
    }
