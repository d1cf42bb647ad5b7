from __future__ import annotations

import json

from post_reading import glimpse, read

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
