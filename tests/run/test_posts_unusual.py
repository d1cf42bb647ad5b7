"""Files that a person would drop in: read, or one line on what to do."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from tamis.case import Case
from tamis.cell import Limits
from tamis.registry import Glimpse
from tamis.run import intake, intake_stream
from tamis.run.intake import add
from tamis.run.intake_rooms import packed_limits
from tamis.sources.posts.advice import is_description

HEAD = "post_id,account_id,created_at,text\n"
ROW = "1,a,2017-05-05T18:49:00Z,hé\n"
AT = dt.datetime(2017, 5, 5, 18, 49, tzinfo=dt.UTC)


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("t.csv.gz", gzip.compress((HEAD + ROW).encode()))
    return made.getvalue()


# Name: bytes, and what its reason must say.
UNREAD: dict[str, tuple[bytes, str]] = {
    "telegram.html": (b'<!DOCTYPE html><div class="page_wrap">x</div>', "result.json"),
    "discord.html": (b'<!DOCTYPE html><div class="chatlog__message">x</div>', "as JSON"),
    "page.html": (b"<html><p>x</p></html>", "WARC"),
    "account.js": (b"window.YTD.account.part0 = [{}]", "tweets.js"),
    "facebook.json": (b'[{"timestamp": 1, "data": [{"post": "x"}]}]', "Facebook or Instagram"),
    "instagram.json": (b'[{"media": [{"creation_timestamp": 1}]}]', "Facebook or Instagram"),
    "whatsapp.txt": (b"[05/05/2017, 20:49:12] Name: hello\n", "WhatsApp"),
    "ids.txt": (b"860000000000000001\n860000000000000002\n", "list of ids"),
    "archive.zip": (zipped(), "unpack it"),
    "schema.json": (
        (
            b'[{"type": "object", "usage": "always", "schema": {"id": [], "author_id": [], '
            b'"edit_history_tweet_ids": [{"type": "string"}]}}]'
        ),
        "a JSON schema",
    ),
    "standard.schema.json": (
        (
            b'{"title": "Post", "$schema": "https://json-schema.org/draft/2020-12/schema", '
            b'"properties": {"id": {}, "author_id": {}, "public_metrics": {}}}'
        ),
        "a JSON schema",
    ),
    "empty.csv": (b"", "empty"),
    "blank.jsonl": (b"\n \n", "empty"),
    "utf16.json": ('[{"post_id": "1"}]'.encode("utf-16"), "UTF-8"),
    "nodes.csv": (b"Id,Label,timeset\n1,a,\n", "no column for account"),
    "unknown.json": (b'{"foo": [1]}', "no column for account"),
}
# Name: text or bytes, the account read.
READ: dict[str, tuple[str | bytes, str]] = {
    "semicolon.csv": ("post_id;account_id;created_at;text\n" + ROW.replace(",", ";"), "a"),
    "tab.txt": ((HEAD + ROW).replace(",", "\t"), "a"),
    "pipe.csv": ((HEAD + ROW).replace(",", "|"), "a"),
    "quoted.csv": (HEAD + '1,a,2017-05-05T18:49:00Z,"a\n""b"""\n', "a"),
    "utf16.csv": ((HEAD + ROW).encode("utf-16"), "a"),
    "utf16le.csv": ((HEAD + ROW).encode("utf-16-le"), "a"),
    "utf16be.csv": ((HEAD + ROW).encode("utf-16-be"), "a"),
    "latin.csv": ((HEAD + ROW).encode("latin-1"), "a"),
    "csv.json": (HEAD + ROW, "a"),
    "json.csv": (
        json.dumps({"post_id": 1, "account_id": "a", "created_at": "2017-05-05T18:49:00Z",
                    "text": "x"}),
        "a",
    ),
    "hoaxy.csv": (
        ("canonical_url,date_published,from_user_id,id,tweet_created_at,tweet_id,url_raw\n"
        "http://p.example/x,2017-05-04T10:00:00Z,7,3,2017-05-05T18:49:00Z,5,http://p.example/x\n"),
        "7",
    ),
    "coortweet.csv": ("object_id,account_id,content_id,timestamp_share\no,a,c,1494010140\n", "a"),
    "discord.csv": (
        ('AuthorID,Author,Date,Content,Attachments,Reactions\n'
        '"123","me#0","2017-05-05T20:49:00.0000000+02:00","hi","",""\n'),
        "123",
    ),
    "preamble.csv": (
        ('Report:,"Bulk Mentions Download"\nFrom:,"May 1"\nBrand:,x\n\n'
        "Query Id,Date,Author,Full Text\n1,2017-05-05T18:49:00Z,a,words\n"),
        "a",
    ),
    "seconds.csv": (HEAD + "1,a,1494010140,x\n", "a"),
    "milliseconds.csv": (HEAD + "1,a,1494010140000,x\n", "a"),
    "microseconds.csv": (HEAD + "1,a,1494010140000000,x\n", "a"),
    "nanoseconds.csv": (HEAD + "1,a,1494010140000000000,x\n", "a"),
}  # fmt: skip


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Rows of `item`, with their posts, by the name of the file."""
    folder = tmp_path_factory.mktemp("unusual")
    files = folder / "files"
    files.mkdir()
    for name, (content, _) in UNREAD.items():
        (files / f"no {name}").write_bytes(content)
    for name, (given, _) in READ.items():
        (files / name).write_bytes(given if isinstance(given, bytes) else given.encode())
    case = Case.create(folder / "case", title="t")
    add(case, [files], kind="posts")
    with case.view() as view:
        found = {row["item_id"]: {**row, "posts": []} for row in view.table("item").to_pylist()}
        for row in view.table("post").to_pylist():
            found[row["source_item_id"]]["posts"].append(row)
        return {row["name"]: found[row["item_id"]] for row in view.table("place").to_pylist()}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_not_read_says_what_to_do(items: dict[str, dict[str, Any]], name: str) -> None:
    item = items[f"no {name}"]
    assert item["status"] in {"refused", "failed"}
    assert UNREAD[name][1] in item["reason"]


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is(items: dict[str, dict[str, Any]], name: str) -> None:
    item = items[name]
    assert (item["status"], item["reason"]) == ("read", None)
    (post,) = item["posts"]
    assert (post["account_id"], post["posted_at"]) == (f"table:{READ[name][1]}", AT)


def test_a_table_without_rows_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEAD)
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "t.csv"], kind="posts")
    with case.view() as view:
        (item,) = view.table("item").to_pylist()
    assert (item["status"], item["reason"]) == ("read", "it holds no rows")


def test_a_data_frame_with_structs_decimals_and_zones(tmp_path: Path) -> None:
    table = pa.table(
        {
            "post_id": pa.array([Decimal(860000000000000001)], pa.decimal128(20, 0)),
            "author": pa.array([{"id": "7", "deep": {"er": 1}}]),
            "created_at": pa.array([AT], pa.timestamp("ns", "Europe/Paris")),
            "text": ["x"],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "t.parquet"], kind="posts")
    with case.view() as view:
        (post,) = view.table("post").to_pylist()
    assert (post["native_id"], post["account_id"]) == ("860000000000000001", "table:7")
    assert post["posted_at"] == AT


def test_a_compressed_export_has_room_for_its_content_and_never_the_whole_disk() -> None:
    usual, disk = Limits(), 500 << 30
    roomy = packed_limits(usual, disk)
    assert roomy.output_bytes == 32 * usual.output_bytes
    size = 1 << 30  # holds 17 GiB; at 10 MiB a second that is half an hour
    assert roomy.seconds(size)[0] > 17 * 1024 / 10
    assert packed_limits(usual, 8 << 30).output_bytes == 8 << 30
    assert packed_limits(usual, 0).output_bytes == usual.output_bytes


def test_large_compressed_exports_are_read_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_PACKED_BYTES", 100)
    seconds: list[float] = []
    opened = intake.Rooms._cell

    def note(self: Any, limits: Any) -> Any:
        seconds.append(limits.seconds_per_mib)
        return opened(self, limits)

    monkeypatch.setattr(intake.Rooms, "_cell", note)
    rows = "".join(f"{n},a,2017-05-05T18:49:00Z,{n * 7919}\n" for n in range(500))
    (tmp_path / "t.csv.zst").write_bytes(zstd.compress((HEAD + rows).encode()))
    (tmp_path / "t.csv").write_text(HEAD + ROW)
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "t.csv", tmp_path / "t.csv.zst"], kind="posts")
    assert seconds == [1.0, 32.0]
    with case.view() as view:
        assert view.row_count("post") == 501


def test_what_unpacks_without_end_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_stream, "_BOMB_FROM", 1 << 20)
    for data in (gzip.compress(bytes(8 << 20)), zstd.compress(bytes(64 << 20))):
        stream, unpacked = intake_stream.unpack(io.BytesIO(data))
        size = len(stream.read())
        assert unpacked is not None
        assert "times its size" in str(unpacked.damage)
        assert size < 8 << 20
    plain = (HEAD + "".join(f"{n},a,2017-05-05T18:49:00Z,words\n" for n in range(90_000))).encode()
    stream, unpacked = intake_stream.unpack(io.BytesIO(zstd.compress(plain)))
    assert stream.read() == plain
    assert unpacked is not None
    assert unpacked.damage is None


def test_a_folder_of_descriptions_alone_is_no_dump(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(UNREAD["schema.json"][0])
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "in"])
    with case.view() as view:
        (item,) = view.table("item").to_pylist()
    assert (item["kind"], item["status"]) == ("posts", "refused")
    assert "holds no posts" in item["reason"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"type": "object", "id": "5", "text": "x", "author_id": "7"}',
        b'{"id": "1", "text": "{\\"$schema\\": \\"https://json-schema.org/x\\"}"}',
        b'{"title": "A title", "description": "x", "id": "abc", "created_utc": 5}',
        b'id,text\n1,"{""$schema"": ""https://json-schema.org/x""}"\n',
        b'{"type": "message", "schema": 1}',
    ],
)
def test_a_record_is_no_description(data: bytes) -> None:
    assert not is_description(Glimpse("x", data, len(data)))
