from __future__ import annotations

import io
import random
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from document_rows import read, score
from office_building import docx, package

from tamis.sources.leak.documents import text_extraction, xml_reader, zip_package
from tamis.sources.leak.documents.ooxml import READER
from tamis.sources.leak.documents.xml_reader import XmlError, XmlRefusedError
from tamis.sources.leak.documents.zip_package import Package, PackageError, PackageRefusedError

if TYPE_CHECKING:
    from conftest import Open

CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/"><dc:creator>Ann</dc:creator>'
    "<cp:lastModifiedBy>Рошка Георгий</cp:lastModifiedBy><cp:revision>7</cp:revision>"
    "<dcterms:created>2017-03-27T10:00:00Z</dcterms:created>"
    "<dcterms:modified>2017-03-27T12:00:00</dcterms:modified></cp:coreProperties>"
)
BODY = (
    '<w:p w:rsidR="00AA0001"><w:r><w:t>kept</w:t></w:r>'
    '<w:del w:id="1" w:author="Bob" w:date="2017-04-01T09:00:00Z">'
    "<w:r><w:delText>struck out</w:delText></w:r></w:del>"
    '<w:ins w:id="2" w:author="Eve" w:date="2017-04-01T09:05:00Z">'
    "<w:r><w:t>added</w:t></w:r></w:ins>"
    '<w:r><w:instrText>INCLUDEPICTURE "http://beacon.example/x.png" \\d</w:instrText></w:r></w:p>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId9" Type="http://x/relationships/attachedTemplate" '
    'Target="http://beacon.example/t.dotm" TargetMode="External"/></Relationships>'
)
ENTITY = (
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file://{path}">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>A&x;B</w:t></w:r></w:p></w:body></w:document>"
)


def whole() -> bytes:
    return docx(
        BODY,
        docProps__core_DOT_xml=CORE,
        word___rels__document_DOT_xml_DOT_rels=LINKS,
        word__vbaProject_DOT_bin=b"not really OLE",
        word__embeddings__note_DOT_txt=b"inside",
    )


APP = (
    '<Properties xmlns="x" xmlns:vt="y"><Application>Microsoft Excel</Application><HeadingPairs>'
    "<vt:vector><vt:variant><vt:lpstr>Листы</vt:lpstr></vt:variant><vt:variant><vt:i4>1</vt:i4>"
    "</vt:variant></vt:vector></HeadingPairs><TitlesOfParts><vt:vector><vt:lpstr>Budget</vt:lpstr>"
    "</vt:vector></TitlesOfParts></Properties>"
)


def test_the_language_that_the_program_spoke_is_kept_and_titles_are_no_part_of_it() -> None:
    found = read(READER, docx(BODY, docProps__app_DOT_xml=APP), "a.docx")
    app = found.values("app")
    assert (app["heading"], app["software"]) == ("Листы", "Microsoft Excel")


def test_what_a_document_keeps_beside_its_text() -> None:
    found = read(READER, whole(), "a.docx")
    assert found.item["status"] == "read", found.item
    assert "kept" in found.document["text"]
    assert "added" in found.document["text"]
    assert (found.document["kind"], found.document["is_encrypted"]) == ("text", False)
    assert found.document["has_macros"] is True
    core = found.values("core")
    assert (core["creator"], core["last_author"], core["revision"]) == ("Ann", "Рошка Георгий", "7")
    assert found.at("core", "created") == "2017-03-27T10:00:00+00:00"
    assert found.at("core", "modified") is None, "no zone, no moment"
    revision = found.values("revision")
    assert revision["deletion"] == "Bob, 2017-04-01T09:00:00Z"
    assert revision["deleted_text"] == "Bob: struck out"
    assert revision["insertion_count"] == "1"
    assert found.at("revision", "deletion") is None, "Word's Z is the editor's local time"
    assert found.values("rsid")["used"] == "00AA0001, 1 times"
    link = found.values("link")
    assert link["attachedTemplate"] == "http://beacon.example/t.dotm"
    assert link["includepicture"].startswith('"http://beacon.example/x.png"')
    assert found.children == {
        "word/vbaProject.bin": b"not really OLE",
        "word/embeddings/note.txt": b"inside",
    }
    assert found.ledger == {"expected_count": 2, "emitted_count": 2, "failed_count": 0}


def test_files_inside_are_read_in_turn(opened: Open) -> None:
    inner = docx("<w:p><w:r><w:t>inner words</w:t></w:r></w:p>")
    raw = docx("<w:p><w:r><w:t>outer words</w:t></w:r></w:p>", word__embeddings__b_DOT_docx=inner)
    found = opened(raw, "a.docx")
    assert found.is_balanced()
    assert found.top["status"] == "read"
    texts = {(row["text"] or "").strip() for row in found.rows["document"]}
    assert texts == {"outer words", "inner words"}


def test_hidden_sheets_rows_and_the_folder_it_was_saved_in() -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    raw = package(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": (
                f'<workbook {space} xmlns:x="urn:x"><x:absPath url="C:\\Users\\ann\\Desktop\\"/>'
                '<sheets><sheet name="shown"/><sheet name="secret" state="veryHidden"/></sheets>'
                "</workbook>"
            ),
            "xl/worksheets/sheet1.xml": (
                f'<worksheet {space}><sheetData><row r="1" hidden="1"/><row r="2"/></sheetData>'
                "</worksheet>"
            ),
        }
    )
    found = read(READER, raw, "a.xlsx")
    assert found.values("hidden") == {
        "hidden_sheet": "secret (veryHidden)",
        "hidden_row_count": "1",
    }
    assert found.values("app") == {"saved_in_folder": "C:\\Users\\ann\\Desktop\\"}
    assert found.document["page_count"] == 1
    assert found.item["status"] == "partly", "a workbook without its relations gives no text"


def test_a_hidden_slide_and_text_where_the_extractor_finds_none() -> None:
    space = 'xmlns:a="urn:a" xmlns:p="urn:p"'
    raw = package(
        {
            "[Content_Types].xml": "<Types/>",
            "ppt/slides/slide1.xml": (
                f'<p:sld {space} show="0"><a:p><a:r><a:t>unseen</a:t></a:r></a:p></p:sld>'
            ),
        }
    )
    found = read(READER, raw, "a.pptx")
    assert found.values("hidden") == {"hidden_slide": "slide1.xml"}
    assert "unseen" in found.document["text"]
    assert found.document["text_reader"]


def test_entities_expand_to_nothing_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not leak")
    for code in ("utf-8", "utf-16"):
        raw = docx("", word__document_DOT_xml=ENTITY.format(path=secret).encode(code))
        found = read(READER, raw, "a.docx")
        assert found.item["status"] == "refused", code
        assert "document type" in found.item["reason"]
        assert found.document == {}
        assert "do not leak" not in repr(found)


def test_a_bomb_of_entities_is_refused_at_once() -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(12))
    started = time.monotonic()
    found = read(READER, docx("", word__styles_DOT_xml=f"<!DOCTYPE a [{laughs}]><a>&l11;</a>"))
    assert found.item["status"] == "refused"
    assert time.monotonic() - started < 2


def test_a_packed_bomb_is_refused() -> None:
    raw = docx("", word__document_DOT_xml=b" " * (20 << 20))
    found = read(READER, raw, "a.docx")
    assert found.item["status"] == "refused"
    assert "only bombs do" in found.item["reason"]


@pytest.mark.parametrize("cut", [40, 200, 600])
def test_a_cut_package_fails_with_a_reason(cut: int) -> None:
    found = read(READER, whole()[:-cut], "a.docx")
    assert found.item["status"] == "failed"
    assert "ZIP package" in found.item["reason"]


def test_a_damaged_part_costs_that_part_alone() -> None:
    raw = docx(BODY, docProps__core_DOT_xml=CORE.replace("</dc:creator>", "</dc:other>"))
    found = read(READER, raw, "a.docx")
    assert found.item["status"] == "partly"
    assert "docProps/core.xml" in found.item["reason"]
    assert "kept" in found.document["text"]


def test_mutated_packages_never_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    # The extractor is left out: what it does with such bytes is the cell's matter.
    nothing = text_extraction.Extraction(None)
    monkeypatch.setattr(text_extraction, "extract", lambda *_: nothing)
    chance, raw = random.Random(3), whole()
    statuses = Counter()
    for _ in range(600):
        data = bytearray(raw)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.choice([0, 255, chance.randrange(256)])
        statuses[read(READER, bytes(data), "a.docx").item["status"]] += 1
    assert set(statuses) <= {"read", "partly", "failed", "refused"}
    assert len(statuses) > 1


def test_who_takes_which_zip() -> None:
    assert score(READER, whole(), "x") == 90
    assert score(READER, package({"word/notes.txt": b"x"}), "holiday.zip") == 0
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.docx", whole())
    assert score(READER, outer.getvalue(), "documents.zip") == 0, "a package inside is no package"


def test_xml_is_read_within_bounds() -> None:
    deep = b"<a>" * (xml_reader.MAX_DEPTH + 1)
    with pytest.raises(XmlError, match="deep"):
        list(xml_reader.events([deep]))
    with pytest.raises(XmlRefusedError):
        list(xml_reader.events([b"<!DOCTYPE a><a/>"]))
    assert [one.name for one in xml_reader.events([b"<!DOCTYPE a><a/>"], allow_doctype=True)] == [
        "a",
        "a",
    ]
    with pytest.raises(XmlRefusedError):
        list(xml_reader.events([b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"], allow_doctype=True))
    with pytest.raises(XmlError, match="broken"):
        list(xml_reader.events([b"<a>"]))


def test_a_package_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_package, "MAX_MEMBERS", 3)
    with pytest.raises(PackageRefusedError, match="parts"):
        Package(io.BytesIO(package({str(rank): b"" for rank in range(4)})))
    with pytest.raises(PackageError, match="list of contents"):
        Package(io.BytesIO(b"PK\x03\x04 nothing"))


def test_times_of_the_package_have_no_zone() -> None:
    raw = package(
        {"[Content_Types].xml": "<Types/>", "word/document.xml": "<a/>"},
        time=(2017, 3, 27, 9, 8, 6),
    )
    found = read(READER, raw, "a.docx")
    assert found.values("zip")["modified"] == "2017-03-27T09:08:06"
    assert found.at("zip", "modified") is None


@pytest.mark.shared_data
def test_real_documents_give_their_reviser(shared_data: Path) -> None:
    path = shared_data / "leak/docs/revisions-poi/document__delins.docx"
    found = read(READER, path.read_bytes(), path.name)
    assert found.values("revision")["deletion_count"] == "4"
    assert found.values("settings")["language"] == "ru-RU"
    assert found.values("app")["company"] == "Jet Infosystem"


@pytest.mark.shared_data
def test_macros_and_binary_sheets_give_their_text(shared_data: Path) -> None:
    for name in ("testEXCEL_various.xlsb", "testEXCEL_macro.xlsm", "testWORD_macros.docm"):
        path = shared_data / f"leak/docs/tika/test-documents__{name}"
        found = read(READER, path.read_bytes(), path.name)
        assert found.item["status"] == "read", found.item
        assert "macroEnabled.12" in found.item["media_type"]
        assert found.document["text_reader"].startswith("kreuzberg"), name


@pytest.mark.shared_data
def test_hostile_documents_are_refused_within_seconds(shared_data: Path) -> None:
    started = time.monotonic()
    told: dict[str, Any] = {}
    for path in (shared_data / "leak/synthetic-hostile").glob("*.docx"):
        told[path.name] = read(READER, path.read_bytes(), path.name).item["status"]
    assert told == {"billion_laughs.docx": "refused", "xxe_file.docx": "refused"}
    assert time.monotonic() - started < 10
