from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from document_rows import read, score
from office_building import package

from tamis.sources.leak.documents.odf import READER

if TYPE_CHECKING:
    from pathlib import Path

SPACES = (
    'xmlns:office="urn:office" xmlns:text="urn:text" xmlns:table="urn:table" '
    'xmlns:style="urn:style" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:meta" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:draw="urn:draw"'
)
META = (
    f"<office:document-meta {SPACES}><office:meta><meta:generator>LibreOffice/5.3</meta:generator>"
    "<meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator>"
    "<dc:date>2017-04-01T10:00:00.5</dc:date>"
    "<meta:creation-date>2017-03-27T10:00:00Z</meta:creation-date>"
    '<meta:user-defined meta:name="Case">42</meta:user-defined>'
    '<meta:template xlink:title="Letter" xlink:href="/home/ann/letter.ott"/>'
    "</office:meta></office:document-meta>"
)
TEXT = (
    f"<office:document-content {SPACES}><office:body><office:text><text:tracked-changes>"
    "<text:changed-region><text:deletion><office:change-info><dc:creator>Eve</dc:creator>"
    "<dc:date>2017-04-01T09:00:00</dc:date></office:change-info><text:p>struck out</text:p>"
    "</text:deletion></text:changed-region></text:tracked-changes>"
    "<text:p>kept<office:annotation><dc:creator>Kim</dc:creator>"
    "<dc:date>2017-04-02T09:00:00</dc:date><text:p>really?</text:p></office:annotation></text:p>"
    '<draw:image xlink:href="http://beacon.example/x.png"/>'
    '<text:section text:name="quiet" text:display="none"/>'
    "</office:text></office:body></office:document-content>"
)
SHEETS = (
    f"<office:document-content {SPACES}><office:automatic-styles>"
    '<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    '</office:automatic-styles><office:body><table:table table:name="shown" '
    'table:style-name="ta1"/><table:table table:name="secret" table:style-name="ta2"/>'
    "</office:body></office:document-content>"
)
TYPE = "application/vnd.oasis.opendocument."


def test_what_a_text_keeps_beside_its_words() -> None:
    raw = package(
        {
            "mimetype": f"{TYPE}text",
            "content.xml": TEXT,
            "meta.xml": META,
            "Pictures/a.png": b"png",
            "Basic/Standard/Module1.xml": "<m/>",
        }
    )
    assert score(READER, raw, "x") == 95
    found = read(READER, raw, "a.odt")
    assert found.item == {"status": "read", "media_type": f"{TYPE}text", "reason": None}
    assert "kept" in found.document["text"]
    assert found.document["has_macros"] is True
    core = found.values("core")
    assert (core["creator"], core["last_author"], core["software"]) == (
        "Ann",
        "Bob",
        "LibreOffice/5.3",
    )
    assert core["template"] == "Letter /home/ann/letter.ott"
    assert found.at("core", "created") == "2017-03-27T10:00:00+00:00"
    assert found.at("core", "modified") is None, "no zone, no moment"
    assert found.values("custom") == {"Case": "42"}
    revision = found.values("revision")
    assert revision["deletion"] == "Eve, 2017-04-01T09:00:00"
    assert "struck out" in (revision["deleted_text"] or "")
    assert found.values("comment")["author"] == "Kim, 2017-04-02T09:00:00"
    assert found.values("link") == {"image": "http://beacon.example/x.png"}
    assert found.values("hidden") == {"hidden_section": "quiet"}
    assert set(found.children) == {"Pictures/a.png", "Basic/Standard/Module1.xml"}


def test_hidden_sheets_are_those_whose_style_hides_them() -> None:
    raw = package({"mimetype": f"{TYPE}spreadsheet", "content.xml": SHEETS})
    found = read(READER, raw, "a.ods")
    assert found.values("hidden") == {"hidden_sheet": "secret"}
    assert found.values("sheet") == {"sheet": "shown"}
    assert found.document["page_count"] == 2


def test_a_presentation_gives_its_own_text() -> None:
    raw = package({"mimetype": f"{TYPE}presentation", "content.xml": TEXT})
    found = read(READER, raw, "a.odp")
    assert found.document["kind"] == "presentation"
    assert found.document["text_reader"] == "tamis"
    assert "kept" in found.document["text"]
    assert "struck out" not in found.document["text"]


def test_an_encrypted_file_is_listed() -> None:
    manifest = (
        '<m:manifest xmlns:m="urn:m"><m:file-entry m:full-path="content.xml">'
        "<m:encryption-data/></m:file-entry></m:manifest>"
    )
    raw = package(
        {
            "mimetype": f"{TYPE}text",
            "content.xml": b"\x8f" * 50,
            "meta.xml": META,
            "META-INF/manifest.xml": manifest,
        }
    )
    found = read(READER, raw, "a.odt")
    assert found.item["status"] == "refused"
    assert "password" in found.item["reason"]
    assert found.document["is_encrypted"] is True
    assert found.values("core")["creator"] == "Ann"


def test_a_bare_document_type_is_read_and_an_entity_is_not() -> None:
    bare = package({"mimetype": f"{TYPE}text", "content.xml": "<!DOCTYPE x>" + TEXT})
    assert read(READER, bare, "a.odt").values("revision")["author"] == "Eve"
    entity = "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/hostname'>]>" + TEXT
    raw = package({"mimetype": f"{TYPE}text", "content.xml": entity.replace("kept", "A&y;B")})
    found = read(READER, raw, "a.odt")
    assert found.item["status"] == "refused"
    assert found.properties == []


@pytest.mark.shared_data
def test_real_files_give_text_and_software(shared_data: Path) -> None:
    for path in sorted((shared_data / "leak/docs/tika").glob("*.od[ts]")):
        found = read(READER, path.read_bytes(), path.name)
        assert found.item["status"] == "read", path.name
        assert found.document["text"], path.name
        assert found.values("core")["software"], path.name
