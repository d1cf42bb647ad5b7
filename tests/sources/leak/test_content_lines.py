from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"
    "SUMMARY:Réunion\\, bureau\r\n"
    "DTSTART;TZID=Europe/Paris:20170505T230000\r\n"
    "DTEND:20170505T220000Z\r\nDTSTAMP:20170505T220000\r\n"
    "DESCRIPTION:one long\r\n  line\\nand another\r\n"
    'ATTENDEE;CN="Doe; John":mailto:doe@example.org\r\n'
    "ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=note.txt:"
    + base64.b64encode(b"attached words").decode()
    + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()


def values(found: Any) -> dict[str, dict[str, Any]]:
    return {row["name"].partition(";")[0]: row for row in found.rows["property"]}


def test_a_calendar_is_text_properties_and_attachments(opened: Open) -> None:
    found = opened(ICS, "x.ics")
    text = found.rows["document"][0]["text"]
    assert "Summary: Réunion, bureau" in text
    assert "Description: one long line\nand another" in text
    assert "Attendee: Doe; John <doe@example.org>" in text
    told = values(found)
    assert told["DTSTART"]["noted_at"].isoformat() == "2017-05-05T21:00:00+00:00"
    assert told["DTEND"]["noted_at"].isoformat() == "2017-05-05T22:00:00+00:00"
    assert told["DTSTAMP"]["noted_at"] is None  # no zone is stated
    start, end = told["SUMMARY"]["byte_start"], told["SUMMARY"]["byte_end"]
    assert found.raw[start:end] == "SUMMARY:Réunion\\, bureau\r\n".encode()
    assert found.bytes("note.txt") == b"attached words"
    assert found.top["media_type"] == "text/calendar"
    assert found.top["status"] == "read"


def test_hostile_zones_and_missing_ends(opened: Open) -> None:
    raw = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
        b"DTSTART;TZID=../../etc/passwd:20170505T230000\nDTEND;TZID=:99999999T999999\n"
        b"SUMMARY:\xff\xfe\n:nameless\nno value\n"
    )
    found = opened(raw, "x.ics")
    told = values(found)
    assert told["DTSTART"]["noted_at"] is None
    assert told["DTEND"]["noted_at"] is None
    assert "2 parts do not end" in found.top["reason"]


def test_cards_of_the_old_version(opened: Open) -> None:
    raw = (
        b"\xef\xbb\xbfBEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Max M=C3=BC=\r\n=C3=BCller\r\n"
        b"PHOTO;JPEG;BASE64:\r\n " + base64.b64encode(b"\xff\xd8\xff picture") + b"\r\n\r\n"
        b"END:VCARD\r\nBEGIN:VCARD\r\nFN:Second\r\nEND:VCARD\r\n"
    )
    found = opened(raw, "x.vcf")
    text = found.rows["document"][0]["text"]
    assert "Name: Max Müüller" in text
    assert "Name: Second" in text
    assert found.bytes("photo") == b"\xff\xd8\xff picture"
    names = [row for row in found.rows["property"] if row["name"].startswith("FN")]
    assert [row["part_name"] for row in names] == ["VCARD 1", "VCARD 2"]
    assert found.raw[names[1]["byte_start"] : names[1]["byte_end"]] == b"FN:Second\r\n"


@pytest.mark.shared_data
def test_real_files(opened: Open, shared_data: Path) -> None:
    root = shared_data / "leak/mixed/ingest-file"
    card = opened((root / "fixtures__john-doe.vcf").read_bytes(), "john-doe.vcf")
    assert "E-mail: johnDoe@example.org" in card.rows["document"][0]["text"]
    quoted = (root / "fixtures__multiline_quoted_printable.vcf").read_bytes()
    assert "Name: Max Müüüüüller" in opened(quoted, "q.vcf").rows["document"][0]["text"]
    meeting = opened((root / "fixtures__meetup.ics").read_bytes(), "meetup.ics")
    assert "Attendee: pudo@occrp.org" in meeting.rows["document"][0]["text"]
    start = values(meeting)["DTSTAMP"]["noted_at"]
    assert start.isoformat() == "2020-11-17T19:17:45+00:00"
