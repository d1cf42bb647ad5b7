"""Bad exports through the whole intake: an explained row for each, never a crash, never silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case, audit
from tamis.run.intake import Wishes, add

if TYPE_CHECKING:
    from pathlib import Path


def post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(860_000_000_000_000_000 + number),
        "author_id": "7",
        "created_at": "2017-05-05T18:49:12.000Z",
        "text": f"post {number}",
        "edit_history_tweet_ids": [str(860_000_000_000_000_000 + number)],
        **more,
    }


def packed(*values: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in values)


GOOD = packed(post(1), post(2))
DELETE = {
    "id": str(860_000_000_000_000_001),
    "action": "delete",
    "created_at": "2017-05-05T18:49:12.000Z",
    "redacted_at": "2017-05-06T00:00:00.000Z",
    "reason": "deleted",
}
# name: bytes, posts, rejected rows, and what must stand in their reason
INPUTS: dict[str, tuple[bytes, int, int, str]] = {
    "truncated": (GOOD + packed(post(3))[:-40], 2, 1, "no complete JSON"),
    "two formats": (GOOD + b"id,text\n5,hello\n" + b"<xml/>\n" + packed(post(3)), 3, 3, "JSON"),
    "other content": (packed(post(901, text="post 1"), post(901, text="changed")), 2, 0, ""),
    "delete before its post": (packed(DELETE) + GOOD, 2, 0, ""),
    "half a character": (packed(post(1)).replace(b"post 1", b"post \\ud83d!"), 1, 0, ""),
    "no utf-8": (packed(post(1)).replace(b"post 1", b"post \xff\xfe"), 1, 0, ""),
    "a line of 10 MB": (packed(post(1, text="x" * 10_000_000), post(2)), 2, 0, ""),
    "an id as a float": (packed(post(1, id=8.6e17)) + GOOD, 2, 1, "last digits are lost"),
    "an id as a word": (packed(post(1, id="x")) + GOOD, 2, 1, "no number"),
    "a number for a text": (packed(post(1, text=7)) + GOOD, 2, 1, "no text"),
    "a list for a line": (GOOD + b"[1]\n", 2, 1, "JSON object was expected"),
    "nested too deep": (GOOD + b'{"id":' + b"[" * 100_000 + b"\n", 2, 1, "JSON"),
    "blank lines": (b"\n\n" + GOOD + b"  \n", 2, 0, ""),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[dict[str, Any]]]]:
    folder: Path = tmp_path_factory.mktemp("bad")
    files = folder / "files"
    files.mkdir()
    for name, (content, *_) in INPUTS.items():
        (files / f"{name}.jsonl").write_bytes(content)
    case = Case.create(folder / "case", title="t")
    add(case, [files], kind="posts", wishes=Wishes(format_name="x_v2"))
    assert audit(case.path, None).ok
    told: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with case.view() as view:
        names = {row["item_id"]: row["name"][:-6] for row in view.table("place").to_pylist()}
        for table in ("post", "action", "rejected", "intake_count", "item"):
            for row in view.table(table).to_pylist():
                item = row.get("source_item_id", row.get("item_id"))
                told.setdefault(names[item], {}).setdefault(table, []).append(row)
    return told


@pytest.mark.parametrize("name", INPUTS)
def test_every_line_is_accounted_for(found: Any, name: str) -> None:
    content, post_count, rejected_count, reason = INPUTS[name]
    rows = found[name]
    (count,) = rows["intake_count"]
    assert (
        count["row_count"]
        == count["used_count"] + count["rejected_count"] + (count["skipped_count"])
    )
    assert count["row_count"] == len(content.split(b"\n")) - content.endswith(b"\n")
    assert len(rows.get("post", ())) == count["post_count"] == post_count
    rejected = rows.get("rejected", [])
    assert len(rejected) == count["rejected_count"] == rejected_count
    for row in rejected:
        assert reason in row["reason"]
        assert content[row["byte_start"] :][:1] not in {b"", b"\n"}
        assert row["byte_start"] == 0 or content[row["byte_start"] - 1] == 10
    (item,) = rows["item"]
    assert item["status"] == ("partly" if rejected_count else "read")


def test_both_contents_of_one_id_are_kept_and_the_newer_one_is_a_later_version(found: Any) -> None:
    first, second = found["other content"]["post"]
    assert first["post_id"] == second["post_id"]
    assert {(first["version"], first["text"]), (second["version"], second["text"])} == {
        (1, "post 1"),
        (2, "changed"),
    }
    assert "other content" in found["other content"]["intake_count"][0]["note"]


def test_a_delete_stands_by_itself_until_its_post_comes(found: Any) -> None:
    (notice,) = found["delete before its post"]["action"]
    assert (notice["type"], notice["post_id"]) == ("delete", None)
    posts = {row["post_id"] for row in found["delete before its post"]["post"]}
    assert notice["target_post_id"] in posts


def test_what_is_no_character_is_shown_as_such(found: Any) -> None:
    for name in ("half a character", "no utf-8"):
        (row,) = found[name]["post"]
        assert "\ufffd" in row["text"]


def test_a_table_with_dates_that_cannot_be_says_so(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "post_id,account_id,created_at,text\n"
        "1,a,2999-01-01T00:00:00Z,future\n"
        "2,a,2017-05-05T18:49:00Z,fine\n"
        "3,a,2017-13-45T18:49:00Z,never\n"
        "8.60e+17,a,2017-05-05T18:49:00Z,float id\n"
        "5,,2017-05-05T18:49:00Z,nobody\n"
        '6,a,2017-05-05T18:49:00Z,"' + "x" * 200_000 + '"\n'
        "7,a,2017-05-05T18:49:00Z,after\n"
        "9,a,2094-05-05T18:49:00Z,not yet\n"
    )
    case = Case.create(tmp_path / "case", title="t")
    add(case, [file], kind="posts")
    with case.view() as view:
        rejected = {row["position"]: row["reason"] for row in view.table("rejected").to_pylist()}
        posts = {row["native_id"] for row in view.table("post").to_pylist()}
        (count,) = view.table("intake_count").to_pylist()
    assert "1 posts are dated later than they were collected" in count["note"]
    assert "7" in posts
    assert "2" in posts
    assert "outside the years" in rejected[0]
    assert "does not exist" in rejected[2]
    assert "last digits are lost" in rejected[3]
    assert "names no account" in rejected[4]
    assert "cannot be split" in rejected[5]
