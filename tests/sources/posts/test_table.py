from __future__ import annotations

import io
import time
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from post_reading import glimpse, read

from tamis.errors import FormatError, InputError
from tamis.sources.posts.table import READER
from tamis.sources.posts.table_cells import entries
from tamis.sources.posts.table_columns import recognise
from tamis.syntax.text import text_hash

EVENING = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
HEADER = "post_id,user_id,username,created_at,text,urls,hashtags,retweet_id\n"


def parquet(**columns: pa.Array | list[object]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_a_csv_with_quotes_line_breaks_and_a_mark() -> None:
    row = '1,u1,Name,2017-05-05T20:49:00+02:00,"two\r\nlines, ""quoted""",,,\r\n'
    data = (
        b"\xef\xbb\xbf"
        + HEADER.encode()
        + row.encode()
        + b"\n"
        + row.replace("1,", "é,", 1).encode()
    )
    found = read(READER, data)
    first, second = found["post"]
    assert first["text"] == 'two\r\nlines, "quoted"'
    assert first["posted_at"] == EVENING
    assert (first["post_id"], first["account_id"]) == ("table:1", "table:u1")
    assert (first["clock"], first["precision_s"]) == ("archive", 1.0)
    for post in (first, second):
        assert data[post["byte_start"] : post["byte_end"]].decode().strip().endswith('quoted""",,,')
    assert second["byte_end"] == len(data)
    assert found["intake_count"][0]["skipped_count"] == 1
    assert [a["handle"] for a in found["account"]] == ["Name"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_charsets(delimiter: str, encoding: str) -> None:
    text = f"author{delimiter}date{delimiter}body\nZoé{delimiter}1494010140{delimiter}été\n"
    found = read(READER, text.encode(encoding))
    assert found["post"][0]["text"] == "été"
    assert found["post"][0]["account_id"] == "table:Zoé"
    assert ("a guess" in (found["intake_count"][0]["note"] or "")) == (encoding == "cp1252")


def test_objects_of_a_row_and_of_a_repost() -> None:
    data = (
        HEADER
        + "1,u1,,1494010140,words,\"['https://paper.example/a?utm_source=x', 'https://b.example']\",[Vote],\n"
        + "2,u2,,1494010150,words,https://paper.example/a,,1\n"
    )
    found = read(READER, data.encode())
    marks = {(r["post_id"], r["object_id"], r["role"], r["method"]) for r in found["post_object"]}
    assert marks == {
        ("table:1", "url:https://paper.example/a", "in_text", "column"),
        ("table:1", "domain:paper.example", "in_text", "column"),
        ("table:1", "url:https://b.example/", "in_text", "column"),
        ("table:1", "domain:b.example", "in_text", "column"),
        ("table:1", "hashtag:vote", "in_text", "column"),
        ("table:2", "url:https://paper.example/a", "inherited", "column"),
        ("table:2", "domain:paper.example", "inherited", "column"),
    }
    (act,) = found["action"]
    assert (act["type"], act["target_post_id"], act["grade"]) == (
        "repost",
        "table:1",
        "id_reference",
    )
    assert act["acted_at"] == found["post"][1]["posted_at"]
    assert [p["text_hash"] for p in found["post"]] == [text_hash("words"), None]


def test_without_columns_for_them_objects_come_from_the_text() -> None:
    data = b"author,date,body\na,1494010140,#Vote @Two https://x.com/z/status/5\n"
    found = read(READER, data, platform="invented", sampling="browser")
    assert {r["object_id"] for r in found["post_object"]} == {
        "hashtag:vote", "url:https://x.com/i/status/5", "domain:x.com"}  # fmt: skip
    assert {(a["type"], a["target_post_id"], a["target_account_id"]) for a in found["action"]} == {
        ("mention", None, "invented:@two"),
        ("link_to_post", "x:5", None),
    }
    (post,) = found["post"]
    assert post["post_id"].startswith("invented:row-")
    assert (post["platform"], post["sampling"]) == ("invented", "browser")


def test_opaque_objects_in_long_form() -> None:
    data = parquet(
        post_id=pa.array([7, 7, 8], pa.int64()),
        account_id=["a", "a", "b"],
        timestamp=[1494010140.0, 1494010140.0, 1494010141.5],
        url_id=pa.array([1, 2, None], pa.int32()),
        phash_id=pa.array([None, None, 3], pa.int32()),
        object_id=["o", "o", None],
    )
    found = read(READER, data)
    assert [p["native_id"] for p in found["post"]] == ["7", "8"]
    assert {(r["post_id"], r["object_id"]) for r in found["post_object"]} == {
        ("table:7", "url:1"),
        ("table:7", "url:2"),
        ("table:7", "phrase:o"),
        ("table:8", "image_hash:3"),
    }
    assert found["post"][0]["byte_start"] is None
    assert found["post"][1]["precision_s"] == pytest.approx(1e-6)


def test_a_row_in_long_form_far_from_the_first_keeps_its_bytes() -> None:
    rows = "".join(f"{n},u{n},1494010140,x\n" for n in range(30_000))
    data = ("post_id,user_id,time,url_id\n0,u0,1494010140,first\n" + rows.split("\n", 1)[1]
            + "0,u0,1494010140,last\n").encode()  # fmt: skip
    found = read(READER, data)
    marks = {r["object_id"]: r for r in found["post_object"] if r["post_id"] == "table:0"}
    assert set(marks) == {"url:first", "url:last"}
    last = marks["url:last"]
    assert data[last["byte_start"] : last["byte_end"]] == b"0,u0,1494010140,last\n"
    assert len(found["post"]) == 30_000


def test_json_lines_and_arrays_with_nesting() -> None:
    lines = (
        b'{"user": {"id": 5, "name": "a"}, "id": "1", "time": 1494010140, "body": "x"}\n'
        b'\n{"user": {"id": 6}, "id": "2", "time": 1494010140, "lang": "fr", "body": "y"}\n'
        b"[1]\n{\n"
    )
    found = read(READER, lines)
    assert [p["account_id"] for p in found["post"]] == ["table:5", "table:6"]
    assert found["post"][1]["language_declared"] == "fr"
    start, end = found["post"][1]["byte_start"], found["post"][1]["byte_end"]
    assert lines[start:end].startswith(b'{"user": {"id": 6}')
    assert len(found["rejected"]) == 2
    found = read(READER, b"[" + lines.splitlines()[0] + b"]")
    assert len(found["post"]) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1.23E+17,u,1494010140,x", "last digits are lost"),
        ("860000000000000000.0,u,1494010140,x", "last digits are lost"),
        ("2,8.6e+05,1494010140,x", "last digits are lost"),
        ("2,,1494010140,x", "names no account"),
        ("2,u,,x", "names no time"),
        ("2,u,05/05/2017 20:49,x", "neither ISO 8601"),
        ("2,u,2017-05-05 20:49:00,x", "--assume-zone"),
        ("2,u,1494010140", "3 columns where the first line names 4"),
    ],
)
def test_rows_that_cannot_be_used(row: str, reason: str) -> None:
    data = f"id,user,time,text\n1,u,1494010140,x\n{row}\n3,u,1494010140,x\n".encode()
    found = read(READER, data)
    assert [p["native_id"] for p in found["post"]] == ["1", "3"]
    (rejected,) = found["rejected"]
    assert reason in rejected["reason"]
    assert rejected["byte_start"] == data.index(row.encode())


def test_a_quote_left_open_costs_rows_and_never_the_memory() -> None:
    data = b'id,user,time,text\n1,u,1494010140,"open\n' + b"2,u,1494010140,x\n" * 20_000
    found = read(READER, data)
    assert "quote left open" in found["rejected"][0]["reason"]
    assert len(found["post"]) >= 1


def test_floats_that_hold_whole_numbers_are_ids() -> None:
    data = parquet(
        id=[1.0, float("nan")], user=["a", "b"], time=[1494010140, 1494010141], text=["x", "y"]
    )
    found = read(READER, data)
    first, second = (p["native_id"] for p in found["post"])
    assert first == "1"
    assert second.startswith("row-")
    lossy = parquet(id=[8.6e17], user=["a"], time=[1494010140], text=["x"])
    assert "last digits" in read(READER, lossy)["rejected"][0]["reason"]


def test_one_id_with_other_content_is_a_further_version() -> None:
    data = b"id,user,time,text\n1,u,1494010140,x\n1,u,1494010140,x\n1,u,1494010140,changed\n"
    found = read(READER, data)
    assert [(p["version"], p["text"]) for p in found["post"]] == [(1, "x"), (2, "changed")]


NAIVE = b"Unique UserID,Timestamp,Post Content\nu1,2017-05-05 20:49:00,Words #Vote\n"


def test_times_without_a_zone_are_refused_the_same_in_every_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusals, rows = set(), []
    for zone in ("UTC", "Europe/Paris"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        with pytest.raises(FormatError) as refused:
            read(READER, NAIVE)
        refusals.add(str(refused.value))
        rows.append(read(READER, NAIVE, assume_zone="Europe/Paris"))
    monkeypatch.undo()
    time.tzset()
    assert len(refusals) == 1
    (refusal,) = refusals
    assert "invented.file" in refusal
    assert "'Timestamp'" in refusal
    assert "--assume-zone" in refusal
    assert rows[0] == rows[1]
    assert rows[0]["post"][0]["posted_at"] == EVENING


def test_a_zone_is_not_put_on_times_that_name_one() -> None:
    data = b"user,time,text\nu,2017-05-05T18:49:00Z,x\nu,1494010140,x\n"
    found = read(READER, data, assume_zone="Asia/Tokyo")
    assert {p["posted_at"] for p in found["post"]} == {EVENING}


def test_parquet_times_with_and_without_zone() -> None:
    aware = parquet(user=["a"], time=pa.array([EVENING], pa.timestamp("ms", "UTC")), text=["x"])
    assert read(READER, aware)["post"][0]["posted_at"] == EVENING
    naive = parquet(user=["a"], time=pa.array([EVENING], pa.timestamp("ms")), text=["x"])
    with pytest.raises(FormatError, match="--assume-zone"):
        read(READER, naive)


def test_too_little_recognised_names_the_columns_and_the_remedy() -> None:
    with pytest.raises(FormatError, match="account, time") as refused:
        read(READER, b"Poster,Moment,text\na,1494010140,x\n")
    assert "'Poster', 'Moment', 'text'" in str(refused.value)
    assert "--columns account=NAME" in str(refused.value)
    own = {"account": "Poster", "time": "Moment"}
    assert read(READER, b"Poster,Moment,text\na,1494010140,x\n", columns=own)["post"]
    for wrong in ({"account": "Nobody"}, {"hero": "Poster"}):
        with pytest.raises(InputError):
            read(READER, b"Poster,Moment,text\na,1,x\n", columns=wrong)


@pytest.mark.parametrize("data", [b"", b"only one column\n1\n", b"PAR1 and no more", b"{}\n"])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"invented\.file"):
        read(READER, data)


def test_names_are_compared_without_case_and_signs() -> None:
    columns = recognise(("Post ID", "User.Id", "Created-At", "Full Text", "URL_ID"))
    assert set(columns.roles) == {"id", "account", "time", "text"}
    assert columns.objects == {"URL_ID": "url"}
    assert not columns.missing


@pytest.mark.parametrize(
    ("given", "expected"),
    [("['a', 'b']", ["a", "b"]), ('["a", "b"]', ["a", "b"]), ("[a, b]", ["a", "b"]),
     ("a b", ["a", "b"]),
     ("[]", []), ("", []), (None, []), ("nan", []), (["a", None], ["a"]), ("a", ["a"])],
)  # fmt: skip
def test_lists_in_cells(given: object, expected: list[str]) -> None:
    assert entries(given) == expected


def test_recognition_leaves_room_for_a_platforms_own_reader() -> None:
    assert READER.recognises(glimpse(NAIVE, "a.csv")) == 25
    assert READER.recognises(glimpse(b"a,b\n1,2\n", "a.csv")) == 10
    assert READER.recognises(glimpse(b"a,b\n1,2\n", "a.txt")) == 0
    assert READER.recognises(glimpse(b"From: x\n", "a.eml")) == 0
    assert 0 < READER.recognises(glimpse(b"{}", "a.jsonl")) < 10


def test_the_same_row_in_two_exports_is_one_post() -> None:
    row = b"a,2017-05-05T18:35:00Z,#vote\n"
    other = b"b,2017-05-05T18:35:00Z,#vote\n"
    one = read(READER, b"author,date,body\n" + row + other)
    two = read(READER, b"author,date,body\n" + other + row + row)
    ids = [{post["post_id"] for post in found["post"]} for found in (one, two)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_the_platform_may_stand_before_the_account_id() -> None:
    data = parquet(
        post_id=["1", "2", "3"], account_id=["fb_7", "TW:9", "77"],
        timestamp=[1494010140.0] * 3, url_id=["a", "b", "c"],
    )  # fmt: skip
    found = read(READER, data, columns={"platform_prefix": "account_id"})
    assert [p["post_id"] for p in found["post"]] == ["fb:1", "tw:2", "table:3"]
    assert [p["account_id"] for p in found["post"]] == ["fb:fb_7", "tw:TW:9", "table:77"]
    assert {p["platform"] for p in read(READER, data)["post"]} == {"table"}
