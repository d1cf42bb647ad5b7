"""What is rebuilt from an Outlook store is never judged by its bytes; mail kept whole in it is."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from cfb_writer import attachment, compound_file, message
from dkim_signer import LETTER, key_row, sign
from tamis.case import Case, audit
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.stages import stages_for
from tamis.syntax.mapi.rebuilt import MAGIC

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"The engine weaves.\r\n"
SIGNED = sign(LETTER, BODY)
HEADERS = SIGNED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
STORED = {
    0x001A001F: "IPM.Note",
    0x0037001F: "The engine",
    0x1000001F: BODY.decode(),
    0x007D001F: HEADERS.decode(),
}


def judged(tmp_path: Path, data: bytes, name: str = "a.msg") -> dict[str, dict[str, Any]]:
    """The verdicts by path, under the right key."""
    row = key_row()
    (tmp_path / "keys.json").write_text(json.dumps({row["key_name"]: row["txt"]}))
    (tmp_path / name).write_bytes(data)
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / name], kind="leak", workers=Workers(jobs=1))
    add(case, [tmp_path / "keys.json"], kind="keys", workers=Workers(jobs=1))
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r", "duckdb", 1, Silent()))
    with case.view() as view:
        paths = {one["item_id"]: one["path"] for one in view.table("place").to_pylist()}
        verdicts = view.table("signature_verdict").to_pylist()
        assert len(view.table("message")) == len(verdicts)
        signed = {one["item_id"] for one in view.table("signature").to_pylist()}
    return {
        paths[one["item_id"]]: one | {"is_signed": one["item_id"] in signed} for one in verdicts
    }


def test_headers_signed_and_body_equal_are_still_no_proof(tmp_path: Path) -> None:
    found = judged(tmp_path, compound_file(message(STORED)))
    row = found.pop("a.msg/message")
    assert not found
    assert (row["verdict"], row["rule_id"]) == ("unverifiable", "store.rebuilt")
    assert row["kept_from"].startswith("rebuilt from an Outlook store: ")
    assert row["claims"] == []
    assert not row["is_signed"]


def test_mail_kept_whole_inside_is_judged_as_mail(tmp_path: Path) -> None:
    whole = {
        0x37050003: 1,
        0x3707001F: "kept.eml",
        0x370E001F: "message/rfc822",
        0x37010102: SIGNED,
    }
    found = judged(tmp_path, compound_file(message(STORED, (), (attachment(whole),))))
    words = {path: row["verdict"] for path, row in found.items()}
    assert words == {"a.msg/message": "unverifiable", "a.msg/message/kept.eml": "verified"}


def test_a_file_that_only_looks_rebuilt_gains_nothing_by_it(tmp_path: Path) -> None:
    told = {
        "attachments": [],
        "headers": [0, len(HEADERS)],
        "origin": "msg",
        "page": 0,
        "problems": [],
        "properties": [],
        "recipients": [],
        "attachment_count": None,
        "recipient_count": None,
    }
    data = MAGIC + json.dumps(told).encode() + b"\n" + HEADERS + BODY
    row = judged(tmp_path, data, "x.eml")["x.eml"]
    assert (row["verdict"], row["rule_id"]) == ("unverifiable", "store.rebuilt")


def test_rows_point_at_bytes_that_the_case_gives_back(tmp_path: Path) -> None:
    inner = message({0x0037001F: "inner"}, head=24)
    file = attachment({0x37050003: 1, 0x3707001F: "a.txt", 0x37010102: b"text of the file"})
    top = message(STORED, (), (attachment({0x37050003: 5, 0x3001001F: "held"}, inner), file))
    (tmp_path / "a.msg").write_bytes(compound_file(top))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "a.msg"], kind="leak", workers=Workers(jobs=1))
    with case.view() as view:
        items = {row["item_id"]: row for row in view.table("item").to_pylist()}
        for item_id in items:
            assert hashlib.sha256(view.read_item(item_id)).hexdigest() == item_id
        (rebuilt,) = [row for row in view.table("header").to_pylist() if row["name"] == "From"]
        data = view.read_item(rebuilt["item_id"])
        assert data[rebuilt["byte_start"] : rebuilt["byte_end"]].startswith(b"From: Ada")
        places = {row["path"]: row for row in view.table("place").to_pylist()}
        assert set(places) == {
            "a.msg",
            "a.msg/message",
            "a.msg/message/held",
            "a.msg/message/a.txt",
        }
        contents = {row["content_item_id"] for row in view.table("part").to_pylist()}
        assert places["a.msg/message/a.txt"]["item_id"] in contents
        assert view.read_item(places["a.msg/message/a.txt"]["item_id"]) == b"text of the file"
        boxes = view.table("mailbox").to_pylist()
        assert sum(box["message_count"] for box in boxes) <= 1
    assert audit(case.path, None).ok
