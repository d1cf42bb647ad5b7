"""Every PST and MSG of the shared material: as many messages, and the same words, as told apart."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cfb_writer import compound_file, message
from tamis.case import Case
from tamis.run.intake import add

CODECS = {"test-documents__testMSG_chinese.msg": "big5"}
_CYRILLIC = "Смета на апрель", "Уважаемый Георгий Петрович, счёт № 5 оплачен.\r\n"


class Told(NamedTuple):
    """What a program that is not tamis says of one file: counts, and subject and body of each."""

    listed: int
    declared: int
    texts: list[tuple[str, str]]


def told_by_libpff(path: Path) -> Told:
    """By pypff's own accessors, and by the count that each folder declares."""
    pypff: Any = importlib.import_module("pypff")
    file = pypff.file()
    file.open(str(path))
    listed, declared, texts = 0, 0, []
    waiting = [file.root_folder]
    while waiting:
        folder = waiting.pop()
        listed += folder.number_of_sub_messages
        declared += _declared(folder)
        for rank in range(folder.number_of_sub_messages):
            one = folder.get_sub_message(rank)
            texts.append((one.subject or "", (one.plain_text_body or b"").decode()))
        waiting += [folder.get_sub_folder(rank) for rank in range(folder.number_of_sub_folders)]
    return Told(listed + file.number_of_orphan_items, declared, texts)


def _declared(folder: Any) -> int:
    """PidTagContentCount of a folder that is no search folder."""
    if folder.identifier & 0x1F == 0x03:
        return 0
    for rank in range(folder.number_of_record_sets):
        record = folder.get_record_set(rank)
        for place in range(record.number_of_entries):
            entry = record.get_entry(place)
            if entry.entry_type == 0x3602:
                return int.from_bytes(entry.data, "little")
    return 0


def told_by_olefile(path: Path) -> Told:
    """One message, its subject and body from the named streams."""
    olefile: Any = importlib.import_module("olefile")
    with olefile.OleFileIO(str(path)) as file:
        texts = [tuple(_stream(file, number, path.name) for number in ("0037", "1000"))]
    return Told(1, 1, texts)  # type: ignore[arg-type]


def _stream(file: Any, number: str, name: str) -> str:
    for kind, codec in (("001F", "utf-16-le"), ("001E", CODECS.get(name, "cp1252"))):
        if file.exists(f"__substg1.0_{number}{kind}"):
            raw: bytes = file.openstream(f"__substg1.0_{number}{kind}").read()
            return raw.decode(codec).rstrip("\0")
    return ""


def words(text: str) -> str:
    return " ".join(re.sub(r"[\s\0]+", " ", text).split())


def found_in(case: Case, path: str) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """The ledger of a file, the rows of its direct children, and the texts of all of them."""
    with case.view() as view:
        places = view.table("place").to_pylist()
        top = next(row["item_id"] for row in places if row["path"] == path)
        (ledger,) = (
            row for row in view.table("ledger").to_pylist() if row["container_item_id"] == top
        )
        inside = {row["item_id"] for row in places if row["parent_item_id"] == top}
        items = [row for row in view.table("item").to_pylist() if row["item_id"] in inside]
        texts = []
        for name, columns in (("message", ("subject", "body_text")), ("document", ("text",))):
            rows = (row for row in view.table(name).to_pylist() if row["item_id"] in inside)
            texts += [words(" ".join(row[one] or "" for one in columns)) for row in rows]
        texts += [words(view.read_item(one).decode("utf-8", "replace")) for one in sorted(inside)]
    return ledger, items, texts


@pytest.mark.shared_data
def test_every_store_and_message_gives_what_others_count(shared_data: Path, tmp_path: Path) -> None:
    leak = shared_data / "leak"
    stores = sorted(leak.rglob("*.pst"))
    messages = [
        path for path in sorted(leak.rglob("*.msg")) if path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0"
    ]
    case = Case.create(tmp_path / "case", title="outlook")
    add(case, [*stores, *messages], kind="leak")
    table = [f"{'file':<44}{'listed':>8}{'declared':>10}{'tamis':>7}{'ledger':>8}"]
    for path in (*stores, *messages):
        told = told_by_libpff(path) if path in stores else told_by_olefile(path)
        ledger, items, texts = found_in(case, path.name)
        counts = told.listed, told.declared, len(items), ledger["emitted_count"]
        table.append("{:<44}{:>8}{:>10}{:>7}{:>8}".format(path.name[-43:], *counts))
        assert set(counts) == {told.listed}, table[-1]
        assert (ledger["expected_count"], ledger["failed_count"]) == (told.listed, 0)
        assert {row["status"] for row in items} == {"read"}
        for subject, body in told.texts:
            assert any(words(subject) in one and words(body)[:500] in one for one in texts), subject
    print("\n".join(table))  # noqa: T201 (the table of the shows)
    assert (len(stores), len(messages)) == (3, 15)


@pytest.mark.parametrize("is_narrow", [False, True])
def test_cyrillic_subjects_and_bodies(tmp_path: Path, *, is_narrow: bool) -> None:
    subject, body = _CYRILLIC
    kind = 0x1E if is_narrow else 0x1F
    given: dict[int, Any] = {0x3FFD0003: 1251, 0x001A001F: "IPM.Note"}
    for number, text in ((0x0037, subject), (0x1000, body)):
        given[number << 16 | kind] = text.encode("cp1251") if is_narrow else text
    (tmp_path / "a.msg").write_bytes(compound_file(message(given)))
    case = Case.create(tmp_path / "case", title="cyrillic")
    add(case, [tmp_path / "a.msg"], kind="leak")
    with case.view() as view:
        (row,) = view.table("message").to_pylist()
    assert row["subject"] == subject
    assert words(row["body_text"]) == words(body)
