from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.sources.posts import fourchan
from tamis.sources.posts.eightkun import READER

WHEN = datetime(2019, 11, 5, 18, 49, tzinfo=UTC)
MD5 = base64.b64encode(bytes(range(16))).decode()


def post(number: int, thread: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "no": number,
        "name": "Anonymous",
        "time": int(WHEN.timestamp()),
        "resto": thread,
        "sticky": 0,
        "locked": 0,
        "cyclical": "0",
        "last_modified": 1572979740,
        **more,
    }


COM = (
    '<p class="body-line ltr "><a onclick="highlightReply(\'700100\', event);" '
    'href="/leaks/res/700001.html#700100">&gt;&gt;700100</a></p>'
    '<p class="body-line ltr quote">&gt;green</p>'
    '<p class="body-line ltr "><a href="/other/res/5.html#55">&gt;&gt;&gt;/other/55</a></p>'
    '<p class="body-line ltr "><a href="https://paste.example/x" rel="nofollow">'
    "https://paste.example/x</a> &gt;&gt;700777</p>"
)
EXPORT = json.dumps(
    {
        "posts": [
            post(700001, id="a1b2c3", sub="Bread"),
            post(
                700200,
                700001,
                id="d4e5f6",
                com=COM,
                md5=MD5,
                filename="mail",
                ext=".png",
                tim="ab" * 32,
                extra_files=[{"tim": "cd" * 32, "filename": "two", "ext": ".pdf"}],
            ),
        ]
    }
).encode()


def test_a_thread_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, second = found["post"]
    assert first["post_id"] == "8kun:leaks/700001"  # by its own links
    assert (first["posted_at"], first["clock"]) == (WHEN, "platform")
    assert second["text"].split("\n\n")[1:3] == [">green", ">>>/other/55"]
    assert {(a["target_post_id"], a["grade"]) for a in found["action"]} == {
        ("8kun:leaks/700100", "native"),
        ("8kun:other/55", "native"),
        ("8kun:leaks/700777", "text_pattern"),
    }
    assert {o["object_id"] for o in found["object"]} == {
        "url:https://paste.example/x",
        "domain:paste.example",
        f"file_sha256:{'ab' * 32}",
        f"file_sha256:{'cd' * 32}",
        f"file_md5:{bytes(range(16)).hex()}",
    }
    assert {a["scope"] for a in found["account"]} == {"thread"}
    assert second["account_id"] == "8kun:leaks/700001/d4e5f6"


def test_another_site_on_the_same_software() -> None:
    assert read(READER, EXPORT, platform="someboard")["post"][0]["platform"] == "someboard"


@pytest.mark.parametrize("bad", [5, {}, post(1, time=None), post(1, id=5), post(1, no="x")])
def test_a_bad_post_costs_itself_only(bad: Any) -> None:
    found = read(READER, json.dumps({"posts": [post(700001), bad, post(700002)]}).encode())
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 90
    assert fourchan.READER.recognises(glimpse(EXPORT)) == 0
