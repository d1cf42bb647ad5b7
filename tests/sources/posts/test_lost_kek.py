from __future__ import annotations

import io
import json
from typing import Any

from backports import zstd
from post_reading import glimpse, read

from tamis.run.intake_stream import needs_room, unpack
from tamis.sources.posts import fourchan
from tamis.sources.posts.lost_kek import READER

EXPORT = b"".join(
    json.dumps(
        {
            "posts": [
                {
                    "no": number,
                    "now": "05/05/17(Fri)14:49:00",
                    "time": 1494010140,
                    "resto": 0,
                    "com": "See https://paste.example/x",
                    "id": "Ab12",
                    "country": "FR",
                    "extracted_poster_id": "Ab12",
                    "entities": [{"entity_text": "x"}],
                    "perspectives": {"TOXICITY": 0.1},
                },
                {
                    "no": number + 1,
                    "now": "05/05/17(Fri)14:50:00",
                    "time": 1494010200,
                    "resto": number,
                    "com": f'<a href="#p{number}" class="quotelink">&gt;&gt;{number}</a>',
                    "extracted_poster_id": "Cd34",
                    "entities": None,
                    "perspectives": {},
                },
            ]
        }
    ).encode()
    + b"\n"
    for number in (123000, 124000)
)


def test_threads_line_by_line() -> None:
    found = read(READER, EXPORT)
    assert [p["post_id"] for p in found["post"]] == [
        "4chan:pol/123000",
        "4chan:pol/123001",
        "4chan:pol/124000",
        "4chan:pol/124001",
    ]
    assert found["post"][1]["account_id"] == "4chan:pol/123000/Cd34"
    assert len(found["account"]) == 4  # one id in two threads is two posters
    assert {a["target_post_id"] for a in found["action"]} == {
        "4chan:pol/123000",
        "4chan:pol/124000",
    }
    assert found["post"][2]["byte_start"] > EXPORT.index(b"\n")


def test_a_torn_line_costs_itself_alone() -> None:
    first, second, _ = EXPORT.split(b"\n")
    found = read(READER, first + b"\n" + second[:-40] + b"\n" + first.replace(b"123", b"125"))
    assert len(found["post"]) == 5
    assert "cut off" in found["rejected"][0]["reason"]


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 95
    assert fourchan.READER.recognises(glimpse(EXPORT)) == 0


def test_the_archive_s_long_window_is_opened_where_there_is_room() -> None:
    options = {
        zstd.CompressionParameter.window_log: 31,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    packer: Any = zstd.ZstdCompressor(options=options)
    packed = packer.compress(EXPORT[:50]) + packer.compress(EXPORT[50:]) + packer.flush()
    assert needs_room(packed)
    stream, _ = unpack(io.BytesIO(packed), is_wide=True)
    found = read(READER, stream.read())
    assert len(found["post"]) == 4
    narrow, packing = unpack(io.BytesIO(packed))
    assert (narrow.read(), packing is not None and packing.damage is not None) == (b"", True)


def test_what_was_computed_of_a_post_is_neither_its_text_nor_its_object() -> None:
    computed = EXPORT.replace(b'"entity_text": "x"', b'"entity_text": "https://ner.example/x"')
    found = read(READER, computed)
    assert {o["object_id"] for o in found["object"]} == {
        *("url:https://paste.example/x", "domain:paste.example")
    }
