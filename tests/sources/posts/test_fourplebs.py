from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from post_reading import ITEM, glimpse, read

from tamis.errors import InputError
from tamis.registry import Source
from tamis.sources.posts.fourplebs import READER
from tamis.sources.posts.fourplebs_rows import COLUMNS, fields, records

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
TRUE = int(WHEN.timestamp())
PACKED = TRUE - 4 * 3600  # 14:49 in New York, taken for UTC
MD5 = base64.b64encode(bytes(range(16))).decode()


def row(number: int, **more: Any) -> bytes:
    told: dict[str, Any] = dict.fromkeys(COLUMNS)
    told.update(
        num=number,
        subnum=0,
        thread_num=123000,
        op=0,
        timestamp=PACKED,
        timestamp_expired=0,
        deleted=0,
        spoiler=0,
        sticky=0,
        locked=0,
        name="Anonymous",
        poster_hash="Ab12",
    )
    told.update(more)
    return ",".join(map(cell, told.values())).encode() + b"\n"


def cell(value: Any) -> str:
    if value is None:
        return "N"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n") + '"'


def upload(second: int = 0) -> str:
    return f"{TRUE + second}123.jpg"


EXPORT = row(
    123000,
    op=1,
    title="Leak",
    comment='Say "hi", \\o/\nhttps://paste.example/x',
    poster_country="FR",
) + row(
    123001,
    comment=">>123000\n>>>/g/777\n>green",
    media_hash=MD5,
    media_orig=upload(),
    media_filename="mail.png",
    deleted=1,
)


def named(data: bytes, name: str, **options: Any) -> list[dict[str, Any]]:
    made = READER.read(io.BytesIO(data), Source(ITEM, name, len(data), options=options))
    return [one for part in made if "post" in part for one in part["post"].to_pylist()]


def test_a_board_with_all_its_parts() -> None:
    found = read(READER, EXPORT, assume_zone="America/New_York")
    first, second = found["post"]
    assert first["text"] == 'Leak\n\nSay "hi", \\o/\nhttps://paste.example/x'
    assert (first["posted_at"], first["clock"], first["precision_s"]) == (WHEN, "archive", 1.0)
    assert EXPORT[second["byte_start"] : second["byte_end"]].startswith(b"123001,")
    prefix = f"4chan:unknown-{ITEM[:12]}"
    assert {(a["type"], a["target_post_id"], a["grade"]) for a in found["action"]} == {
        ("quotelink", f"{prefix}/123000", "text_pattern"),
        ("quotelink", "4chan:g/777", "text_pattern"),
        ("delete", f"{prefix}/123001", "native"),
    }
    assert {o["object_id"] for o in found["object"]} == {
        *("url:https://paste.example/x", "domain:paste.example"),
        f"file_md5:{bytes(range(16)).hex()}",
    }
    assert found["account"][0]["scope"] == "thread"
    assert found["account_snapshot"][0]["location"] == "FR"


@pytest.mark.parametrize("name", ["pol.csv", "4plebs-pol.csv", "pol.2017.csv"])
def test_the_board_is_the_files_name(name: str) -> None:
    assert named(EXPORT, name)[0]["post_id"] == "4chan:pol/123000"


def test_without_a_zone_the_time_stays_open() -> None:
    found = read(READER, EXPORT)
    first, second = found["post"]
    assert first["posted_at"] is None
    assert first["posted_low_at"] < WHEN < first["posted_high_at"]
    assert (first["posted_high_at"] - first["posted_low_at"]) == timedelta(hours=26)
    assert second["posted_at"] == WHEN  # its own upload tells
    assert "--assume-zone" in found["intake_count"][0]["note"]


def test_uploads_that_agree_tell_the_zone() -> None:
    data = b"".join(row(123100 + n, timestamp=PACKED + n, media_orig=upload(n)) for n in range(20))
    found = read(READER, data + EXPORT)
    assert all(p["posted_at"] is not None for p in found["post"])
    assert found["post"][-1]["posted_at"] == WHEN
    assert "21 of 21 uploads agree" in found["intake_count"][0]["note"]
    right = b"".join(row(123100 + n, timestamp=TRUE + n, media_orig=upload(n)) for n in range(20))
    assert read(READER, right + row(5, timestamp=TRUE))["post"][-1]["posted_at"] == WHEN


def test_uploads_that_disagree_tell_nothing() -> None:
    data = b"".join(
        row(n, timestamp=PACKED + n, media_orig=upload(n + 9000 * (n % 2))) for n in range(60)
    )
    assert read(READER, data + row(99))["post"][-1]["posted_at"] is None


def test_a_stated_zone_against_an_upload_keeps_both() -> None:
    found = read(READER, row(1, media_orig=upload()), assume_zone="UTC")
    (one,) = found["post"]
    assert one["posted_high_at"] >= WHEN
    assert one["posted_low_at"].timestamp() == PACKED
    with pytest.raises(InputError):
        read(READER, EXPORT, assume_zone="Nowhere")


def test_an_hour_that_came_twice() -> None:
    back = int(datetime(2017, 11, 5, 1, 30, tzinfo=UTC).timestamp())
    (one,) = read(READER, row(1, timestamp=back), assume_zone="America/New_York")["post"]
    assert (one["posted_high_at"] - one["posted_low_at"]).total_seconds() >= 3600


def test_nothing_is_written_as_n() -> None:
    assert fields(b'N,"N",\\N,"\\\\N",""') == [None, "N", None, "\\N", None]
    assert fields(b'"a""b","c') == []


def test_ghost_posts_are_counted_only() -> None:
    found = read(READER, EXPORT + row(123001, subnum=1))
    assert len(found["post"]) == 2
    assert "archive itself" in found["intake_count"][0]["note"]


@pytest.mark.parametrize(
    "bad",
    [
        *(b"1,2,3\n", b"text\n", row(1, timestamp="x"), row(1, num="x"), row(1, timestamp=10**11)),
        row(7)[:-30] + b"\n",
        row(7, comment="torn").replace(b'torn"', b"torn"),
    ],
)
def test_a_bad_row_costs_itself_only(bad: bytes) -> None:
    found = read(READER, row(1) + bad + row(2) + row(3), assume_zone="UTC")
    assert [p["native_id"][-2:] for p in found["post"]] == ["/1", "/2", "/3"]
    assert len(found["rejected"]) == 1
    assert found["rejected"][0]["byte_start"] == len(row(1))


def test_rows_over_chunk_borders_and_a_last_one_without_an_end() -> None:
    data = b"".join(row(n, comment="y" * 300_000 + "\nz") for n in range(1, 9))[:-1]
    spans = [(one.start, one.end) for one in records(io.BytesIO(data))]
    assert len(spans) == 8
    assert spans[-1][1] == len(data)
    assert all(data[start:end].count(b"\n") == 1 for start, end in spans)


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 90
    assert READER.recognises(glimpse(b"num,subnum,thread_num\n1,2,3\n")) == 0


def test_what_a_camera_wrote_breaks_no_row_and_is_no_text() -> None:
    told = '{"Make":"A, \\"B\\"","Comment":"line\\nhttps://camera.example/x >>123000","Time":"N"}'
    data = row(1, exif=told, comment="words") + row(2, exif=told, comment="more")
    found = read(READER, data, assume_zone="America/New_York")
    assert [p["text"] for p in found["post"]] == ["words", "more"]
    assert not found["object"]
    assert not found["action"]
    assert READER.recognises(glimpse(data)) == 90


def test_sizes_and_expiry_are_no_times_of_the_post() -> None:
    more = {"timestamp_expired": PACKED + 86_400, "media_size": 10**9, "capcode": "M"}
    (one,) = read(READER, row(1, **more), assume_zone="America/New_York")["post"]
    assert one["posted_at"] == WHEN
