from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from document_rows import read, score

from tamis.sources.leak.documents import csv_table, file, text, text_charset
from tamis.sources.leak.documents.text import READER

if TYPE_CHECKING:
    from pathlib import Path

FRENCH = "La réunion du comité est fixée à jeudi, à l'Élysée, avec le trésorier. " * 3
RUSSIAN = "Совещание по бюджету кампании назначено на четверг утром в главном зале. " * 3


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        (FRENCH.encode(), "utf-8 (fits)"),
        (FRENCH.encode("utf-8-sig"), "utf-8 (byte order mark)"),
        (FRENCH.encode("utf-16"), "utf-16-le (byte order mark)"),
        (FRENCH.encode("utf-16-be"), "utf-16-be (zero bytes at every other place)"),
        (b"\xff\xfe\0\0" + FRENCH.encode("utf-32-le"), "utf-32-le (byte order mark)"),
        (FRENCH.encode("cp1252"), "cp1252 (guessed from its bytes)"),
        (RUSSIAN.encode("cp1251"), "cp1251 (guessed from its bytes)"),
    ],
)
def test_charsets_are_found_and_said(raw: bytes, charset: str) -> None:
    assert score(READER, raw) == 10
    rows = read(READER, raw)
    assert rows.item == {"status": "read", "media_type": "text/plain", "reason": None}
    assert rows.document["text"] == (RUSSIAN if "1251" in charset else FRENCH)
    assert rows.values("text")["charset"] == charset


@pytest.mark.parametrize(
    ("told", "charset"),
    [
        (
            "Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi w godności. ",
            "cp1250",
        ),
        (RUSSIAN, "koi8-r"),
        (FRENCH, "mac-roman"),
        (FRENCH, "cp850"),
        ("“Größe” … 12 € • Señor Müller, Übergröße ", "cp1252"),
    ],
)
def test_other_charsets_give_their_text(told: str, charset: str) -> None:
    assert text_charset.decode((told * 5).encode(charset)).text == told * 5


def test_bytes_that_fit_nothing_are_replaced_and_counted() -> None:
    rows = read(READER, "é".encode("utf-16")[:2] + b"a\0\xd8")
    assert rows.item["status"] == "partly"
    assert "1 places do not fit" in rows.item["reason"]
    assert rows.document["text"] == "a\ufffd"
    own = text_charset.decode("one \ufffd of its own".encode("utf-8-sig"))
    assert own.replaced_count == 0


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (b"-----BEGIN PRIVATE KEY-----\nMC4=\n", "application/pem-certificate-chain"),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
    ],
)
def test_keys_json_and_xml_stay_text(raw: bytes, media_type: str) -> None:
    rows = read(READER, raw)
    assert rows.item["media_type"] == media_type
    assert rows.document["text"] == raw.decode()
    assert rows.document["kind"] == "plain"


def test_what_is_no_text_is_left_to_the_file_reader() -> None:
    dice = random.Random(3)
    for raw in (b"", b"\0" * 100, dice.randbytes(5000), b"MZ\x90\0", b"%PDF-1.4", b"PK\x03\x04"):
        assert score(READER, raw) == 0
    assert score(READER, b"\x1b[1mbold\x1b[0m text with a form feed\x0c and more of it" * 2) == 10


def test_a_long_text_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_BYTES", 1 << 20)
    rows = read(READER, b"words and\n" * 200_000)
    assert rows.item["status"] == "partly"
    assert "first 1 MiB" in rows.item["reason"]


def test_the_file_reader_says_what_it_is_and_that_nobody_opened_it() -> None:
    rows = read(file.READER, b"\x7fELF\0\0\0\0")
    assert rows.item["status"] == "refused"
    assert "Linux program" in rows.item["reason"]
    assert "no reader for this kind of file" in rows.item["reason"]


TABLE = "nom;montant;note\n" + "Dupont;1 000,50;payé\n" * 5


def test_a_table_and_its_dialect() -> None:
    reader = csv_table.READER
    raw = TABLE.encode("cp1252")
    assert score(reader, raw, "paie.csv") == 30
    assert score(reader, raw, "paie.txt") == 12
    assert score(reader, b"Dear all,\nwe meet, as said, on Thursday\n") == 0
    rows = read(reader, raw, "paie.csv")
    assert rows.item == {"status": "read", "media_type": "text/csv", "reason": None}
    assert rows.document["kind"] == "table"
    assert rows.document["text"] == TABLE
    told = rows.values("csv")
    assert (told["delimiter"], told["row count"], told["column count"]) == (";", "6", "3")
    assert told["first row"] == "nom | montant | note"


@pytest.mark.parametrize(("delimiter", "told"), [(",", ","), ("\t", "tab"), ("|", "|")])
def test_other_delimiters_and_quotes(delimiter: str, told: str) -> None:
    rows = [["a", "b;c", "d"], ["1", f'x{delimiter}"y"\nz', "3"], ["4", "5", "6"]]
    quoted = "\r\n".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    )
    found = read(csv_table.READER, quoted.encode(), "a.csv").values("csv")
    assert (found["delimiter"], found["row count"], found["column count"]) == (told, "3", "3")


def test_cells_that_compute_are_told_and_signed_numbers_are_not() -> None:
    cells = ["=1+1", "+33 6 12 34 56 78", "-12,5", "@SUM(A1)", "-12.5%", "=HYPERLINK(x)", "- item"]
    raw = "name,cell\n" + "".join(f'x,"{cell}"\n' for cell in cells)
    told = read(csv_table.READER, raw.encode(), "a.csv").values("csv")
    assert told["formula in row 2, column 2"] == "=1+1"
    assert told["formula in row 5, column 2"] == "@SUM(A1)"
    assert told["formula in row 7, column 2"] == "=HYPERLINK(x)"
    assert not {"formula in row 3, column 2", "formula in row 4, column 2"} & told.keys()
    assert "formula in row 6, column 2" not in told


def test_rows_of_another_width_and_a_cell_too_long_are_told() -> None:
    raw = b"a,b\n1,2\n3,4,5\n"
    assert read(csv_table.READER, raw, "a.csv").values("csv")["rows of another width"] == "1"
    long = b"a,b\n1,2\n" + b"x" * 200_000 + b",1\n"
    rows = read(csv_table.READER, long, "a.csv")
    assert rows.item["status"] == "partly"
    assert "row 2" in rows.item["reason"]
    assert len(rows.document["text"]) == len(long)


def test_mutated_bytes_never_raise() -> None:
    dice = random.Random(4180)
    for _ in range(1_000):
        raw = bytearray(TABLE.encode(dice.choice(["utf-8", "cp1252", "utf-16"])))
        for _ in range(dice.randrange(1, 8)):
            place = dice.randrange(len(raw))
            raw[place : place + dice.randrange(4)] = dice.choice([b'"', b"\0", b"\xff", b"\r", b""])
        data = bytes(raw)
        csv_table.recognises(glimpse(data))
        decoded = text_charset.decode(data).text
        csv_table.survey(decoded, csv_table.dialect(decoded) or ",")


def glimpse(data: bytes) -> csv_table.Glimpse:
    return csv_table.Glimpse("x.csv", data, len(data))


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    tables = sorted((shared_data / "leak").rglob("*.csv"))
    assert len(tables) == 3
    for path in tables:
        assert score(csv_table.READER, path.read_bytes(), path.name) == 30
        assert read(csv_table.READER, path.read_bytes(), path.name).item["status"] == "read"
    german = next(path for path in tables if "nonutf" in path.name)
    assert "ü" in read(csv_table.READER, german.read_bytes()).document["text"]
