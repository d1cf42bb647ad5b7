from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from post_reading import ITEM, glimpse, read, read_file

from tamis.registry import Source
from tamis.sources.posts.fourchan import READER

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
MD5 = base64.b64encode(bytes(range(16))).decode()


def post(number: int, thread: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "no": number,
        "now": "05/05/17(Fri)14:49:00",
        "name": "Anonymous",
        "time": int(WHEN.timestamp()),
        "resto": thread,
        **more,
    }


def thread(*posts: dict[str, Any]) -> bytes:
    return json.dumps({"posts": posts}).encode()


EXPORT = thread(
    post(123456, sub="Leak", com="See https://paste.example/<wbr>abc", id="Ab12Cd34", replies=2),
    post(
        123457,
        123456,
        id="Ef56Gh78",
        country="FR",
        country_name="France",
        com=(
            '<a href="#p123456" class="quotelink">&gt;&gt;123456</a><br>'
            '<a href="/pol/thread/120001#p120007" class="quotelink">&gt;&gt;120007</a><br>'
            '<a href="//boards.4chan.org/g/thread/77#p78" class="quotelink">&gt;&gt;&gt;/g/78</a>'
            '<br><span class="quote">&gt;green &amp; old</span><br>&gt;&gt;999001'
        ),
        tim=1494010140123,
        filename="mail",
        ext=".png",
        md5=MD5,
    ),
)


def named(data: bytes, name: str) -> list[dict[str, Any]]:
    made = READER.read(io.BytesIO(data), Source(ITEM, name, len(data)))
    return [row for part in made if "post" in part for row in part["post"].to_pylist()]


def test_a_thread_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, second = found["post"]
    assert first["post_id"] == "4chan:pol/123456"  # the board by the thread's own link
    assert first["text"] == "Leak\n\nSee https://paste.example/abc"
    assert second["text"].splitlines()[3:] == [">green & old", ">>999001"]
    assert (first["posted_at"], first["clock"], first["precision_s"]) == (WHEN, "platform", 1.0)
    assert first["posted_high_at"] == WHEN.replace(microsecond=999_999)
    assert second["thread_id"] == "4chan:pol/123456"
    assert second["container_id"] == "4chan:pol"
    assert json.loads(EXPORT[second["byte_start"] : second["byte_end"]])["no"] == 123457
    assert {(a["target_post_id"], a["type"], a["grade"]) for a in found["action"]} == {
        ("4chan:pol/123456", "quotelink", "native"),
        ("4chan:pol/120007", "quotelink", "native"),
        ("4chan:g/78", "quotelink", "native"),
        ("4chan:pol/999001", "quotelink", "text_pattern"),
    }
    assert {o["object_id"] for o in found["object"]} == {
        "url:https://paste.example/abc",
        "domain:paste.example",
        f"file_md5:{bytes(range(16)).hex()}",
    }
    assert {a["account_id"]: a["scope"] for a in found["account"]} == {
        "4chan:pol/123456/Ab12Cd34": "thread",
        "4chan:pol/123456/Ef56Gh78": "thread",
    }
    assert [s["location"] for s in found["account_snapshot"]] == ["France"]
    assert found["post_snapshot"][0]["reply_count"] == 2
    assert [c["container_id"] for c in found["container"]] == ["4chan:pol"]


def test_the_same_id_in_two_threads_is_two_accounts() -> None:
    data = thread(post(1001, id="Same"), post(1002, 1001, id="Same"))
    found = read(READER, data + b"\n" + thread(post(2001, id="Same")))
    assert len({p["account_id"] for p in found["post"]}) == 2
    assert len(found["account"]) == 2


@pytest.mark.parametrize("given", [{}, {"id": "Heaven"}, {"capcode": "mod", "id": "Mod"}])
def test_who_shows_nothing_has_no_account(given: dict[str, Any]) -> None:
    found = read(READER, thread(post(1001, **given)))
    assert found["post"][0]["account_id"] is None
    assert not found["account"]


def test_a_tripcode_stays_within_its_thread() -> None:
    (one,) = read(READER, thread(post(1001, trip="!Ep8pui8Vw2", name="Who")))["account"]
    assert one["scope"] == "thread"
    assert (one["handle"], one["display_name"]) == ("!Ep8pui8Vw2", "Who")


def test_the_board_comes_from_the_file_name_or_stays_unknown() -> None:
    data = thread(post(123456))
    assert named(data, "pol_123456.json")[0]["post_id"] == "4chan:pol/123456"
    assert named(data, "pol_999999.json")[0]["post_id"] == f"4chan:unknown-{ITEM[:12]}/123456"
    assert named(data, "x.json")[0]["container_id"] is None
    assert "BOARD_NUMBER" in read(READER, data)["intake_count"][0]["note"]


@pytest.mark.parametrize(
    ("now", "low_s", "high_s"),
    [
        ("05/05/17(Fri)14:49:30", 0, 0),
        ("05/05/17(Fri)18:49:00", 0, 4 * 3600),
        ("05/05/17(Fri)13:49:00", -3600, 0),
        ("no time", 0, 0),
        ("13/45/17(Fri)14:49:00", 0, 0),
    ],
)
def test_the_shown_time_is_compared(now: str, low_s: int, high_s: int) -> None:
    (one,) = read(READER, thread(post(1001, now=now)))["post"]
    assert (one["posted_low_at"] - WHEN).total_seconds() == low_s
    assert int((one["posted_high_at"] - WHEN).total_seconds()) == high_s


@pytest.mark.parametrize("seconds", [None, "1494010140", True, 10**12 * 10**6, 1.5])
def test_a_post_without_a_time_is_rejected(seconds: Any) -> None:
    found = read(READER, thread(post(1001, time=seconds), post(1002)))
    assert [p["native_id"].split("/")[1] for p in found["post"]] == ["1002"]
    assert found["rejected"][0]["byte_start"] == EXPORT.index(b"{", 1)


def test_threads_line_by_line_and_posts_alone() -> None:
    torn = EXPORT[:200]
    data = EXPORT + b"\n" + torn + b"\n" + EXPORT.replace(b"12345", b"22345") + b"\n"
    found = read(READER, data)
    assert len(found["post"]) == 4
    assert "cut off" in found["rejected"][0]["reason"]
    assert found["rejected"][0]["byte_start"] > len(EXPORT)
    alone = json.dumps(post(1001)).encode() + b"\n" + json.dumps(post(1002, 1001)).encode()
    assert len(read(READER, alone)["post"]) == 2


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 90
    assert READER.recognises(glimpse(b'{"posts": [{"no": 1, "com": "x", "time": 5}]}')) == 0


@pytest.mark.shared_data
def test_a_real_thread(shared_data: Path) -> None:
    path = shared_data / "posts" / "fourchan" / "po_570368.json"
    whole = json.loads(path.read_text())["posts"]
    found = read_file(READER, path)
    assert {p["native_id"].split("/")[1] for p in found["post"]} == {str(p["no"]) for p in whole}
    assert not found["rejected"]
    for one in found["post"]:
        given = json.loads(path.read_bytes()[one["byte_start"] : one["byte_end"]])
        assert one["posted_at"].timestamp() == given["time"]
        assert (one["posted_high_at"] - one["posted_low_at"]).total_seconds() < 1


def test_a_flag_that_the_poster_chose_is_kept_as_shown() -> None:
    chosen = post(1, com="x", id="Ab12Cd34", board_flag="EU", flag_name="European")
    (state,) = read(READER, thread(chosen))["account_snapshot"]
    assert state["location"] == "European"


def test_a_count_of_addresses_and_the_name_of_everybody_make_no_account() -> None:
    found = read(READER, thread(post(1001, unique_ips=2), post(1002, 1001, name="Anonymous")))
    assert {p["account_id"] for p in found["post"]} == {None}
    assert not found["account"]
