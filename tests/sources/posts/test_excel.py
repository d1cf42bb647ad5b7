from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape

import pytest
from post_reading import glimpse, read
from tables import START

from tamis.errors import FormatError
from tamis.sources.posts.excel import READER

_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def cell(value: Any, reference: str) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):  # a shared string, or a number in a style
        kind, number = value
        mark = 't="s"' if kind == "s" else f's="{kind}"'
        return f'<c r="{reference}" {mark}><v>{number}</v></c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{value!r}</v></c>'


def sheet(*rows: tuple[Any, ...]) -> str:
    made = "".join(
        f'<row r="{n}">'
        + "".join(cell(v, f"{'ABCDEFGH'[at]}{n}") for at, v in enumerate(row))
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    return f"<worksheet {_SPACE}><sheetData>{made}</sheetData></worksheet>"


def workbook(*sheets: str, date1904: str = "0", prolog: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        names = "".join(f'<sheet name="S{n}" r:id="r{n}"/>' for n in range(len(sheets)))
        package.writestr("xl/workbook.xml", f'{prolog}<workbook {_SPACE} {_LINKS}><workbookPr '
                         f'date1904="{date1904}"/><sheets>{names}</sheets></workbook>')  # fmt: skip
        links = "".join(f'<Relationship Id="r{n}" Target="worksheets/sheet{n}.xml"/>'
                        for n in range(len(sheets)))  # fmt: skip
        package.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        package.writestr("xl/styles.xml", f'<styleSheet {_SPACE}><numFmts><numFmt numFmtId="170" '
                         'formatCode="yyyy\\-mm\\-dd hh:mm"/><numFmt numFmtId="171" '
                         'formatCode="&quot;days&quot; 0"/></numFmts><cellXfs><xf numFmtId="0"/>'
                         '<xf numFmtId="170"/><xf numFmtId="22"/><xf numFmtId="171"/></cellXfs>'
                         '</styleSheet>')  # fmt: skip
        package.writestr("xl/sharedStrings.xml", f"<sst {_SPACE}><si><r><t>Shared </t></r><r><t>"
                         "#Vote</t></r><rPh><t>no</t></rPh></si></sst>")  # fmt: skip
        for n, made in enumerate(sheets):
            package.writestr(f"xl/worksheets/sheet{n}.xml", made)
    return out.getvalue()


HEAD = ("id", "user", "time", "text")
DAY = 42860 + (18 * 60 + 49) / 1440  # 5 May 2017, 18:49


def test_a_sheet_is_a_table() -> None:
    data = workbook(sheet(HEAD, ("1", "u", "2017-05-05T20:49:00+02:00", ("s", 0)), (), (2, "u",
                    1494010140, None)))  # fmt: skip
    found = read(READER, data)
    assert [p["posted_at"] for p in found["post"]] == [START, START]
    assert [p["native_id"] for p in found["post"]] == ["1", "2"]
    assert [p["text"] for p in found["post"]] == ["Shared #Vote", None]
    assert found["post"][0]["byte_start"] is None
    assert {o["object_id"] for o in found["object"]} == {"hashtag:vote"}
    assert READER.recognises(glimpse(data, "a.xlsx")) == 40


@pytest.mark.parametrize(
    ("style", "days", "system"), [("1", DAY, "0"), ("2", DAY, "0"), ("1", DAY - 1462, "1")]
)
def test_dates_are_wall_times_without_a_zone(style: str, days: float, system: str) -> None:
    data = workbook(sheet(HEAD, ("1", "u", (style, days), "x")), date1904=system)
    with pytest.raises(FormatError, match=r"'time'.*--assume-zone"):
        read(READER, data)
    (post,) = read(READER, data, assume_zone="UTC")["post"]
    assert post["posted_at"] == START


def test_a_format_with_words_is_no_date() -> None:
    data = workbook(sheet(HEAD, ("1", "u", ("3", 1494010140), "x")))
    assert read(READER, data)["post"][0]["posted_at"] == START


def test_ids_that_excel_rounded_are_rejected() -> None:
    rows = [("1", "u", 1494010140, "x"), (8.605670194670470e17, "u", 1494010140, "x"),
            ("4", "u", None, "x"), ("5", "u", 1494010140, "x", "surplus")]  # fmt: skip
    found = read(READER, workbook(sheet(HEAD, *rows)))
    assert [p["native_id"] for p in found["post"]] == ["1"]
    reasons = [r["reason"] for r in found["rejected"]]
    for reason, part in zip(reasons, ("digits", "no time", "5 columns"), strict=True):
        assert part in reason
    assert found["rejected"][0]["byte_start"] is None


def test_every_sheet_that_holds_a_table_is_read() -> None:
    one = sheet(HEAD, ("1", "u", 1494010140, "x"))
    found = read(
        READER, workbook(sheet(("Notes", "More"), ("a", "b")), one, one.replace("x<", "y<"))
    )
    assert [(p["version"], p["text"]) for p in found["post"]] == [(1, "x"), (2, "y")]
    assert "'S0' holds no table" in found["intake_count"][0]["note"]


def test_what_is_no_table_of_posts_is_refused() -> None:
    with pytest.raises(FormatError, match="--columns"):
        read(READER, workbook(sheet(("Notes", "More"), ("a", "b"))))
    own = {"account": "Notes", "time": "More", "text": "Other"}
    data = workbook(sheet(("Notes", "More", "Other"), ("u", 1494010140, "x")))
    assert read(READER, data, columns=own)["post"]
    with pytest.raises(FormatError):
        read(READER, workbook("<broken"))
    with pytest.raises(FormatError, match="document type"):
        read(READER, workbook(sheet(HEAD), prolog='<!DOCTYPE x [<!ENTITY a "b">]>'))
    with pytest.raises(FormatError):
        read(READER, b"PK\x03\x04 and no more")


def test_a_computed_cell_gives_its_stored_value_and_an_error_gives_nothing() -> None:
    made = sheet(HEAD, ("1", "u", 1494010140, "x"))
    made = made.replace(
        '<c r="D2" t="inlineStr"><is><t>x</t></is></c>',
        '<c r="D2" t="str"><f>A1&amp;"https://no.example/"</f><v>stored #Vote</v></c>',
    )
    found = read(READER, workbook(made))
    assert found["post"][0]["text"] == "stored #Vote"
    assert {o["object_id"] for o in found["object"]} == {"hashtag:vote"}
    broken = made.replace('t="str"', 't="e"').replace("stored #Vote", "#REF!")
    assert read(READER, workbook(broken))["post"][0]["text"] is None


def test_ids_at_the_edge_of_what_a_cell_can_hold() -> None:
    rows = [(9_007_199_254_740_991, "u", 1494010140, "x"), (1e15, "u", 1494010140, "x"),
            (860567019467047009.0, "u", 1494010140, "x")]  # fmt: skip
    found = read(READER, workbook(sheet(HEAD, *rows)))
    assert [p["native_id"] for p in found["post"]] == ["9007199254740991", "1000000000000000"]
    assert len(found["rejected"]) == 1


def test_cells_left_out_and_a_hidden_sheet() -> None:
    made = sheet(HEAD, ("1", "u", 1494010140, None), ("2", None, 1494010140, "x"))
    found = read(READER, workbook(made))
    assert [p["native_id"] for p in found["post"]] == ["1"]
    assert "names no account" in found["rejected"][0]["reason"]
