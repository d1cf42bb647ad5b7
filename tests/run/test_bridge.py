"""Posts joined to items of the corpus, each way worked out by hand."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case, audit
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import Wishes, add

if TYPE_CHECKING:
    from pathlib import Path

SPOKEN = "the harbour office will pay nine invented invoices before the second sunday of may"
LETTER = (
    "From: a@example.org\r\nTo: b@example.org\r\nSubject: s\r\n"
    "Message-ID: <2017.abc12345@mail.example.org>\r\n"
    "Date: Mon, 1 May 2017 10:00:00 +0000\r\n\r\n"
    f"Dear all, {SPOKEN}, says nobody. Thank you for your attention to this matter.\r\n"
)
COMMON = (
    "From: c{n}@example.org\r\nTo: b@example.org\r\nSubject: t{n}\r\n"
    "Message-ID: <{n}@mail.example.org>\r\nDate: Mon, 1 May 2017 10:00:00 +0000\r\n\r\n"
    "Thank you for your attention to this matter and good night. Number {n}.\r\n"
)
PLAN = b"a plan of something invented\n"
TEXTS = {
    "md5": f"look {hashlib.md5(PLAN, usedforsecurity=False).hexdigest()}",
    "sha1": f"look {hashlib.sha1(PLAN, usedforsecurity=False).hexdigest().upper()}",
    "sha256": f"look {hashlib.sha256(PLAN).hexdigest()}",
    "id": "see Message-ID: <2017.abc12345@mail.example.org> !",
    "name": "https://host.example/dump/Budgét%20x secret-plan-2017.txt is real",
    "spaced": "open BUDGET of the party.TXT now",
    "twin": "double-name.txt",
    "twelve": "THE HARBOUR  office will pay nine invented invoices, before the second Sunday!",
    "nine": "so the harbour office will pay nine invented invoices",
    "seven": "the harbour office will pay nine invented",
    "common": "thank you for your attention to this matter",
    "other": "nothing of the kind in here at all, only many words that stand nowhere else",
}


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    folder: Path = tmp_path_factory.mktemp("bridge")
    (folder / "leak").mkdir()
    (folder / "leak" / "1.eml").write_text(LETTER)
    for number in range(6):
        (folder / "leak" / f"c{number}.eml").write_text(COMMON.replace("{n}", str(number)))
    (folder / "leak" / "secret-plan-2017.txt").write_bytes(PLAN)
    (folder / "leak" / "Budget of the party.txt").write_bytes(b"budget\n")
    for side in ("x", "y"):
        (folder / "leak" / side).mkdir()
        (folder / "leak" / side / "double-name.txt").write_text(side)
    lines = [
        {"id": str(number), "author_id": "9", "text": text, "created_at": "2017-05-05T18:00:00Z"}
        for number, text in enumerate(TEXTS.values(), 100)
    ]
    # The same words in a second post, and a repost of the first.
    lines.append({**lines[7], "id": "200", "author_id": "8"})
    (folder / "x.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    case = Case.create(folder / "case", title="t")
    add(case, [folder / "leak"], kind="leak")
    add(case, [folder / "x.jsonl"], kind="posts", wishes=Wishes(format_name="x_v2"))
    told = list(analyse(case, only=("spread",), progress=Silent()))
    assert any("post_item" in line for line in told)
    assert audit(case.path, None).ok
    names = {f"x:{number}": name for number, name in enumerate(TEXTS, 100)} | {"x:200": "again"}
    with case.view() as view:
        places = {row["item_id"]: row["path"] for row in view.table("place").to_pylist()}
        rows = view.table("post_item").to_pylist()
    found = {}
    for row in rows:
        found[names[row["post_id"]], places[row["item_id"]]] = row
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize(
    ("post", "item", "method", "grade"),
    [
        ("md5", "secret-plan-2017.txt", "file_md5", "strong"),
        ("sha1", "secret-plan-2017.txt", "file_sha1", "strong"),
        ("sha256", "secret-plan-2017.txt", "file_sha256", "strong"),
        ("id", "1.eml", "message_id", "strong"),
        ("name", "secret-plan-2017.txt", "file_name", "strong"),
        ("spaced", "Budget of the party.txt", "file_name", "strong"),
        ("twelve", "1.eml", "same_words", "strong"),
        ("again", "1.eml", "same_words", "strong"),
        ("nine", "1.eml", "same_words", "weak"),
    ],
)
def test_a_post_is_joined_to_what_it_names(
    joined: dict[tuple[str, str], Any], post: str, item: str, method: str, grade: str
) -> None:
    row = joined[post, item]
    assert (row["method"], row["grade"], row["candidate_count"]) == (method, grade, 1)


def test_a_name_that_two_items_bear_joins_both_weakly(joined: dict[tuple[str, str], Any]) -> None:
    for side in ("x", "y"):
        row = joined["twin", f"{side}/double-name.txt"]
        assert (row["grade"], row["candidate_count"]) == ("weak", 2)
        assert "2 items fit" in row["detail"]


def test_words_in_a_row_are_counted_once(joined: dict[tuple[str, str], Any]) -> None:
    assert joined["twelve", "1.eml"]["matched_count"] == 12
    assert joined["nine", "1.eml"]["matched_count"] == 8
    assert "the harbour office" in joined["nine", "1.eml"]["detail"]
    assert joined["md5", "secret-plan-2017.txt"]["matched_count"] is None


def test_nothing_else_is_joined(joined: dict[tuple[str, str], Any]) -> None:
    posts = {post for post, _ in joined}
    assert posts == set(TEXTS) - {"seven", "common", "other"} | {"again"}
