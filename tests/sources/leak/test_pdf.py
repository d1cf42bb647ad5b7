from __future__ import annotations

import io
import random
import zlib
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from document_rows import Rows, read, score

from tamis.case import Case
from tamis.run import intake_extractor
from tamis.run.intake import add
from tamis.sources.leak.documents import pdf_objects, pdf_revisions, stated_time, xmp
from tamis.sources.leak.documents.pdf import READER

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"BT /F1 24 Tf 72 720 Td (Hello from the campaign) Tj ET"
OBJECTS = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
    b" /Resources << /Font << /F1 5 0 R >> >> >>",
    4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(CONTENT), CONTENT),
    5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    6: b"<< /Producer (first tool) /ModDate (D:20170424101500+02'00') /CreationDate (D:2017) >>",
}
LATER = b"<< /Producer (second tool) /ModDate (D:20170505231000Z) >>"


def appended(before: bytes, objects: dict[int, bytes], previous: int | None) -> bytes:
    """The file with a section of objects, a table of them, and an end mark behind it."""
    out = bytearray(before)
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    linked = b"" if previous is None else b" /Prev %d" % previous
    out += b"trailer\n<< /Size 20 /Root 1 0 R /Info 6 0 R%s >>\n" % linked
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def start_of(data: bytes) -> int:
    return int(data.rpartition(b"startxref\n")[2].split()[0])


def one_state() -> bytes:
    return appended(b"%PDF-1.4\n", OBJECTS, None)


def two_states() -> tuple[bytes, bytes]:
    first = one_state()
    page = OBJECTS[3].replace(b"612", b"500")
    return first, appended(first, {3: page, 6: LATER, 7: b"<< /Type /Annot >>"}, start_of(first))


def with_library(change: Any, **saving: Any) -> bytes:
    with pikepdf.open(io.BytesIO(one_state())) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, **saving)
    return out.getvalue()


def test_text_pages_and_dates_with_and_without_a_zone() -> None:
    rows = read(READER, one_state())
    assert rows.item == {"status": "read", "media_type": "application/pdf", "reason": None}
    document = rows.document
    assert document["text"].strip() == "Hello from the campaign"
    assert (document["kind"], document["page_count"]) == ("pdf", 1)
    assert (document["is_encrypted"], document["has_macros"]) == (False, False)
    assert rows.values("docinfo")["Producer"] == "first tool"
    assert rows.at("docinfo", "ModDate") == "2017-04-24T08:15:00+00:00"
    assert rows.at("docinfo", "CreationDate") is None
    assert list(rows.values("docinfo")) == ["CreationDate", "ModDate", "Producer"]
    assert rows.values("revision") == {
        "count": "1",
        "1": f"bytes 0-{len(one_state())} are this state",
    }


def test_properties_come_in_the_same_order_in_every_process() -> None:
    def change(pdf: Any) -> None:
        for number in range(12):
            pdf.docinfo[f"/Key{number:02}"] = f"value {number}"

    names = list(read(READER, with_library(change)).values("docinfo"))
    assert len(names) >= 12
    assert names == sorted(names)


def test_an_earlier_state_keeps_its_bytes_its_time_and_what_changed() -> None:
    first, both = two_states()
    found = pdf_revisions.survey(both)
    assert [(one.byte_start, one.byte_end) for one in found.revisions] == [
        (0, len(first)),
        (len(first), len(both)),
    ]
    later = found.revisions[1]
    assert (later.changed, later.added, later.removed) == ((3, 6), (7,), ())
    assert later.kinds == {3: "Page", 7: "Annot"}
    assert (found.unlinked_ends, found.notes) == ([], [])
    rows = read(READER, both)
    told = rows.values("revision")
    assert told["1"] == f"bytes 0-{len(first)} are this state"
    assert told["2 changed"] == "3 (Page), 6"
    assert told["2 added"] == "7 (Annot)"
    assert told["1 docinfo Producer"] == "first tool"
    assert told["2 docinfo Producer"] == "second tool"
    assert rows.at("revision", "1 docinfo ModDate") == "2017-04-24T08:15:00+00:00"
    assert rows.at("revision", "2 docinfo ModDate") == "2017-05-05T23:10:00+00:00"


@pytest.mark.parametrize("predictor", [None, 12])
def test_a_state_listed_in_a_stream(predictor: int | None) -> None:
    first = one_state()
    place = len(first)
    out = bytearray(first + b"5 0 obj\n<< /Type /Font >>\nendobj\n")
    table = len(out)
    rows = [(1, place), (1, table), (0, 0)]
    packed = [kind.to_bytes(1) + where.to_bytes(3) + b"\0" for kind, where in rows]
    extra = b""
    if predictor:
        above, coded = bytes(5), []
        for row in packed:
            coded.append(b"\2" + bytes((a - b) & 255 for a, b in zip(row, above, strict=True)))
            above = row
        packed = coded
        extra = b" /DecodeParms << /Predictor 12 /Columns 5 >>"
    body = zlib.compress(b"".join(packed))
    out += (
        b"9 0 obj\n<< /Type /XRef /W [1 3 1] /Index [5 1 9 1 4 1] /Size 20 /Root 1 0 R /Prev %d"
        b" /Filter /FlateDecode%s /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % (start_of(first), extra, len(body), body, table)
    )
    found = pdf_revisions.survey(bytes(out))
    assert len(found.revisions) == 2
    later = found.revisions[1]
    assert (later.changed, later.added, later.removed) == ((5,), (9,), (4,))


def test_a_second_listing_without_new_bytes_is_no_state() -> None:
    first = one_state()
    at = start_of(first)
    listed = first[at : first.rindex(b"trailer")]
    out = first + listed + b"trailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\n" % at
    out += b"startxref\n%d\n%%%%EOF\n" % len(first)
    found = pdf_revisions.survey(out)
    assert [(one.byte_start, one.byte_end) for one in found.revisions] == [(0, len(out))]


def test_a_linearized_file_is_one_state_and_what_follows_it_another() -> None:
    plain = with_library(lambda _: None, linearize=True)
    found = pdf_revisions.survey(plain)
    assert found.is_linearized
    assert [one.byte_end for one in found.revisions] == [len(plain)]
    assert found.unlinked_ends == []
    more = appended(plain, {30: b"<< >>"}, start_of(plain))
    found = pdf_revisions.survey(more)
    assert [one.byte_end for one in found.revisions] == [len(plain), len(more)]


def test_a_pdf_inside_a_pdf_is_no_state_of_it() -> None:
    inner = one_state()
    holder = {8: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(inner), inner)}
    out = appended(b"%PDF-1.4\n", {**OBJECTS, **holder}, None)
    found = pdf_revisions.survey(out)
    assert len(found.revisions) == 1
    assert found.unlinked_ends == [out.index(b"%%EOF") + 6]


def test_circles_and_lies_in_the_chain_end_it() -> None:
    table = len(b"%PDF-1.4\n")
    loop = b"%%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Prev %d >>\n" % table
    loop += b"startxref\n%d\n%%%%EOF\n" % table
    assert "circle" in pdf_revisions.survey(loop).notes[0]
    nowhere = loop.replace(b"/Prev 9", b"/Prev 999999999999")
    assert "no cross-reference section" in pdf_revisions.survey(nowhere).notes[0]
    claimed = b"xref\n0 9999999999\n" + b"0000000009 00000 n \n" * 3
    many = loop.replace(b"xref\n0 1\n0000000000 65535 f \n", claimed, 1)
    assert len(pdf_revisions.survey(many).revisions[0].added) == 2
    assert "cut off" in pdf_revisions.survey(b"%PDF-1.4\n").notes[0]


def test_actions_are_told_as_text() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        script = pdf.make_stream(b"app.alert('x');")
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
        page = pdf.pages[0]
        page.AA = pikepdf.Dictionary(
            O=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="http://b.test/p")
        )
        window = pikepdf.Dictionary(F="cmd.exe", P="/c calc")
        page.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(A=pikepdf.Dictionary(S=pikepdf.Name.Launch, Win=window)),
                pikepdf.Dictionary(
                    A=pikepdf.Dictionary(S=pikepdf.Name.GoToR, F="\\\\server\\share\\a.pdf")
                ),
            ]
        )

    rows = read(READER, with_library(change))
    assert rows.values("action") == {
        "on opening": "JavaScript",
        "JavaScript": "app.alert('x');",
        "automatic action": "on /O",
        "URI": "http://b.test/p",
        "Launch": "cmd.exe /c calc",
        "GoToR": "\\\\server\\share\\a.pdf",
    }
    assert rows.document["has_macros"] is True


def attach(pdf: pikepdf.Pdf, name: str, content: bytes) -> None:
    spec = pikepdf.AttachedFileSpec(pdf, content, filename=name, mod_date="D:20170424101500+02'00'")
    pdf.attachments[name] = spec


def test_attached_files_come_out_and_a_bomb_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        attach(pdf, "budget.txt", b"1,000 euros")
        attach(pdf, "bomb.bin", bytes(2_000_000))

    monkeypatch.setattr(pdf_objects, "MAX_ATTACHMENT", 1_000_000)
    rows = read(READER, with_library(change))
    assert rows.children == {"budget.txt": b"1,000 euros"}
    assert rows.absent_names == ["bomb.bin"]
    assert rows.item["status"] == "partly"
    assert "1,000,000 bytes" in rows.item["reason"]
    assert (rows.ledger["expected_count"], rows.ledger["failed_count"]) == (2, 1)
    assert rows.at("attachment", "budget.txt ModDate") == "2017-04-24T08:15:00+00:00"


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_stream_that_unpacks_to_gigabytes_costs_the_text_only(rounds: int) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    for _ in range(rounds - 1):
        packed = zlib.compress(packed, 9)
    filters = b"/FlateDecode " * rounds
    body = b"<< /Filter [%s] /Length %d >>\nstream\n%s\nendstream" % (filters, len(packed), packed)
    rows = read(READER, appended(b"%PDF-1.4\n", {**OBJECTS, 4: body}, None))
    assert rows.item["status"] == "partly"
    assert "256 MiB" in rows.item["reason"]
    assert rows.document["text"] is None
    assert rows.values("docinfo")["Producer"] == "first tool"


def locked(user: str, revision: int = 6) -> bytes:
    is_new = revision >= 4
    return with_library(
        lambda pdf: attach(pdf, "a.txt", b"inside"),
        encryption=pikepdf.Encryption(
            owner="the owner's", user=user, R=revision, aes=is_new, metadata=is_new
        ),
    )


def test_encrypted_is_listed_and_opened_when_the_list_holds_the_password() -> None:
    for passwords in ([], ["wrong"]):
        rows = read(READER, locked("Élysée"), passwords=passwords)
        assert rows.item["status"] == "refused"
        assert "a password is needed" in rows.item["reason"]
        assert (rows.document["is_encrypted"], rows.document["text"]) == (True, None)
        assert rows.values("revision")["count"] == "1"
    rows = read(READER, locked("Élysée"), passwords=["wrong", "Élysée"])
    assert rows.item["status"] == "read"
    assert "Hello from the campaign" in rows.document["text"]
    assert rows.document["is_encrypted"] is True
    assert rows.children == {"a.txt": b"inside"}
    assert "a password of the list" in (rows.values("pdf")["encryption"] or "")


@pytest.mark.parametrize("revision", [2, 3, 4, 5, 6])
@pytest.mark.filterwarnings("ignore:Encryption R=5 is deprecated")
@pytest.mark.parametrize("password", ["plain", "Élysée", "œuvre à 5 €"])
def test_each_revision_opens_with_its_own_spelling_of_a_password(
    revision: int, password: str
) -> None:
    raw = locked(password, revision)
    assert read(READER, raw, passwords=["Elysee"]).item["status"] == "refused"
    for known in (password, "the owner's"):
        rows = read(READER, raw, passwords=["wrong", known])
        assert (rows.item["status"], rows.document["is_encrypted"]) == ("read", True)
        assert f"revision {revision};" in (rows.values("pdf")["encryption"] or "")
        assert rows.children == {"a.txt": b"inside"}
        assert "Hello from the campaign" in rows.document["text"]


def test_a_password_of_compatible_characters_opens_as_the_format_prepares_it() -> None:
    rows = read(READER, locked("office"), passwords=["o\ufb03ce"])
    assert rows.item["status"] == "read"


def test_an_empty_password_opens_and_is_noted() -> None:
    rows = read(READER, locked(""))
    assert rows.item["status"] == "read"
    assert rows.document["is_encrypted"] is False
    assert "opens without a password" in (rows.values("pdf")["encryption"] or "")
    assert rows.children == {"a.txt": b"inside"}


PACKET = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:m="http://ns.adobe.com/xap/1.0/mm/" xmlns:e="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
 xmp:CreateDate="2017-04-24T10:15:00+02:00" xmp:ModifyDate="2017-04-24T10:15:00">
<dc:creator><rdf:Seq><rdf:li>A. Author</rdf:li><rdf:li>B. Author</rdf:li></rdf:Seq></dc:creator>
<m:History><rdf:Seq><rdf:li e:action="saved" e:when="2017-04-24T08:00:00Z"/></rdf:Seq></m:History>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def test_xmp_is_flattened_and_a_time_needs_a_zone() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Metadata = pdf.make_stream(PACKET, Type=pikepdf.Name.Metadata)

    rows = read(READER, with_library(change))
    assert rows.values("xmp") == {
        "xmp:CreateDate": "2017-04-24T10:15:00+02:00",
        "xmp:ModifyDate": "2017-04-24T10:15:00",
        "dc:creator[1]": "A. Author",
        "dc:creator[2]": "B. Author",
        "xmpMM:History[1]/stEvt:action": "saved",
        "xmpMM:History[1]/stEvt:when": "2017-04-24T08:00:00Z",
    }
    assert rows.at("xmp", "xmp:CreateDate") == "2017-04-24T08:15:00+00:00"
    assert rows.at("xmp", "xmp:ModifyDate") is None


def test_xmp_with_entities_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read")
    head = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'.encode()
    body = PACKET.partition(b"?>")[2].replace(b"A. Author", b"&a;")
    values, problem = xmp.values(head + body)
    assert values == []
    assert "document type" in (problem or "")


def test_a_signature_is_a_fact_and_is_not_verified() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Sig = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Sig,
                SubFilter=pikepdf.Name("/adbe.pkcs7.detached"),
                M="D:20170505231000+02'00'",
                Name="A. Signer",
                ByteRange=pikepdf.Array([0, 100, 200, 50]),
                Contents=b"\x30\x00",
            )
        )

    data = with_library(change)
    rows = read(READER, data)
    told = rows.values("signature")
    assert told["signature 1"] == (
        f"present, not verified; covers bytes 0-100, 200-250; {len(data) - 250:,} bytes were "
        "added after it"
    )
    assert told["signature 1 Name"] == "A. Signer"
    assert rows.at("signature", "signature 1 M") == "2017-05-05T21:10:00+00:00"


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("D:20170505101112+02'00'", "2017-05-05T08:11:12+00:00"),
        ("D:20170505101112Z", "2017-05-05T10:11:12+00:00"),
        ("20170505101112-05", "2017-05-05T15:11:12+00:00"),
        ("D:2017050510-05'30", "2017-05-05T15:30:00+00:00"),
        ("D:20170505101112", None),
        ("2017-05-05T10:11:12Z", None),
        ("D:20170230101112Z", None),
        ("D:00000000000000Z", None),
        ("D:00010101000000+23'59'", None),
        ("D:99991231235959-23'59'", None),
        ("", None),
    ],
)
def test_pdf_times(stated: str, moment: str | None) -> None:
    found = stated_time.pdf_time(stated)
    assert (None if found is None else found.isoformat()) == moment


def test_what_is_recognised() -> None:
    assert score(READER, one_state()) == 95
    assert score(READER, b"\xef\xbb\xbf" + one_state()) == 90
    assert score(READER, b"From: a@b\n\n%PDF-1.4") == 0
    assert score(READER, b"plain") == 0


def test_a_ruin_is_a_failure_with_a_reason() -> None:
    rows = read(READER, b"%PDF-1.7\nnothing of a document")
    assert rows.item["status"] == "failed"
    assert "damaged" in rows.item["reason"]
    assert "0x" not in rows.item["reason"]


def mutated(base: bytes, dice: random.Random) -> bytes:
    raw = bytearray(base)
    for _ in range(dice.randrange(1, 8)):
        place = dice.randrange(len(raw))
        piece = dice.choice([b"", b"\0", b"9", b"xref", b"obj", b"<<", b"startxref\n5\n%%EOF\n"])
        raw[place : place + dice.randrange(6)] = piece
    return bytes(raw)


def test_mutated_structures_never_raise_and_states_stay_in_order() -> None:
    dice = random.Random(32000)
    _, both = two_states()
    streams = with_library(lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for base in (both, streams):
        for _ in range(1_000):
            raw = mutated(base, dice)
            found = pdf_revisions.survey(raw)
            last = 0
            for one in found.revisions:
                assert last == one.byte_start <= one.byte_end <= len(raw)
                last = one.byte_end


def test_mutated_packets_never_raise() -> None:
    dice = random.Random(16684)
    for _ in range(1_000):
        xmp.values(mutated(PACKET, dice))


def in_the_cell(tmp_path: Path, name: str) -> list[dict[str, Any]]:
    """The documents of a case to which one PDF was added."""
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(one_state())
    case = Case.create(tmp_path / name, title="t")
    add(case, [folder], kind="leak")
    with case.view() as view:
        statuses = view.table("item").to_pydict()["status"]
        return [{**row, "statuses": statuses} for row in view.table("document").to_pylist()]


def test_the_text_comes_out_of_the_cell_too(tmp_path: Path) -> None:
    (row,) = in_the_cell(tmp_path, "case")
    assert (row["text"] or "").strip() == "Hello from the campaign"
    assert row["text_reader"].startswith("kreuzberg ")


def test_without_the_extractors_library_a_pdf_is_partly_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_extractor, "_library", lambda: None)
    (row,) = in_the_cell(tmp_path, "case")
    assert (row["text"], row["page_count"], row["statuses"]) == (None, 1, ["partly"])


def test_mutated_files_each_get_a_status_from_the_cell(tmp_path: Path) -> None:
    dice = random.Random(1)
    folder = tmp_path / "dump"
    folder.mkdir()
    bases = (two_states()[1], locked(""), with_library(lambda pdf: attach(pdf, "a", b"b" * 99)))
    for number in range(60):
        (folder / f"{number}.pdf").write_bytes(mutated(bases[number % 3], dice))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [folder], kind="leak")
    with case.view() as view:
        items = view.table("item").to_pylist()
        tops = [row["item_id"] for row in view.table("place").to_pylist() if row["depth"] == 0]
    assert len(tops) == 60
    told = {row["item_id"]: row for row in items}
    assert all(told[one]["reason"] or told[one]["status"] == "read" for one in tops)
    unexpected = [row["reason"] for row in items if "unexpected" in (row["reason"] or "")]
    assert unexpected == []


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    counts: dict[str, Rows] = {}
    for path in sorted((shared_data / "leak").rglob("*.pdf")):
        counts[path.name.partition("__")[2]] = read(READER, path.read_bytes())
    assert len(counts) == 27
    assert sum(rows.item["status"] == "read" for rows in counts.values()) == 24
    states = {name: rows.values("revision")["count"] for name, rows in counts.items()}
    assert {name: count for name, count in states.items() if count != "1"} == {
        "testPDF_bookmarks.pdf": "2",
        "testPDF_incrementalUpdates.pdf": "3",
        "testPDF_twoAuthors.pdf": "2",
    }
    assert len(counts["testPDF_multiFormatEmbFiles.pdf"].children) == 4
    assert [rows.item["status"] for rows in counts.values()].count("refused") == 3
    path = next((shared_data / "leak").rglob("*owner_user.pdf"))
    assert read(READER, path.read_bytes(), passwords=["user"]).item["status"] == "read"
