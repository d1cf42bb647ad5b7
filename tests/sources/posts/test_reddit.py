from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.sources.posts.reddit import READER

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
AT = int(WHEN.timestamp())


def submission(native: str = "abc12", **more: Any) -> dict[str, Any]:
    return {
        "id": native,
        "author": "One_Writer",
        "created_utc": AT,
        "title": "A title",
        "selftext": "",
        "subreddit": "Politics",
        "url": "https://paste.example/x?utm_source=y",
        "domain": "paste.example",
        "permalink": "/r/x/",
        "is_self": False,
        "num_comments": 4,
        "edited": False,
        "retrieved_on": AT + 9000,
        "score": -3,
        **more,
    }


def comment(native: str = "def34", **more: Any) -> dict[str, Any]:
    return {
        "id": native,
        "author": "Two",
        "created_utc": AT + 60,
        "subreddit": "Politics",
        "body": "Words of u/One_Writer",
        "parent_id": "t3_abc12",
        "link_id": "t3_abc12",
        "edited": False,
        "retrieved_on": AT + 9000,
        "score": 1,
        **more,
    }


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


EXPORT = lines(submission(), comment(), comment("ghi56", parent_id="t1_def34"))


def test_a_thread_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, second, third = found["post"]
    assert first["post_id"] == "reddit:t3_abc12"
    assert (first["posted_at"], first["clock"], first["precision_s"]) == (WHEN, "platform", 1.0)
    assert first["text"] == "A title"
    assert first["account_id"] == "reddit:one_writer"
    assert first["container_id"] == "reddit:r/politics"
    assert first["collected_at"].timestamp() == AT + 9000
    assert second["thread_id"] == third["thread_id"] == first["thread_id"] == "reddit:t3_abc12"
    acts = {
        (a["type"], a["target_post_id"], a["target_account_id"], a["grade"])
        for a in found["action"]
    }
    assert acts == {
        ("reply", "reddit:t3_abc12", None, "native"),
        ("reply", "reddit:t1_def34", None, "native"),
        ("mention", None, "reddit:one_writer", "text_pattern"),
    }
    assert {r["object_id"]: r["role"] for r in found["post_object"]} == {
        "url:https://paste.example/x": "embed",
        "domain:paste.example": "embed",
    }
    assert found["account"][0]["handle"] == "One_Writer"
    assert found["post_snapshot"][0]["reply_count"] == 4
    assert found["post_snapshot"][0]["like_count"] is None


@pytest.mark.parametrize("created", [AT, str(AT), float(AT), f"{AT}.0"])
def test_times_as_number_or_text(created: Any) -> None:
    (one,) = read(READER, lines(submission(created_utc=created)))["post"]
    assert one["posted_at"] == WHEN


def test_a_crosspost_inherits_the_address_and_keeps_its_title() -> None:
    data = lines(
        submission(
            "new",
            crosspost_parent="t3_old",
            title="Other words",
            crosspost_parent_list=[{"author": "Root"}],
        )
    )
    found = read(READER, data)
    (act,) = found["action"]
    assert (act["type"], act["target_post_id"], act["target_account_id"]) == (
        "crosspost",
        "reddit:t3_old",
        "reddit:root",
    )
    assert {r["role"] for r in found["post_object"]} == {"inherited"}
    assert found["post"][0]["text_hash"] is not None


def test_what_is_gone_is_an_inferred_deletion() -> None:
    found = read(
        READER,
        lines(
            submission("a", author="[deleted]", selftext="[deleted]"),
            comment("b", body="[removed]"),
        ),
    )
    first, second = found["post"]
    assert first["account_id"] is None
    assert first["text"] == "A title"
    assert (second["text"], second["account_id"]) == (None, "reddit:two")
    gone = [a for a in found["action"] if a["type"] == "delete"]
    assert {a["target_post_id"] for a in gone} == {"reddit:t3_a", "reddit:t1_b"}
    assert all(a["grade"] == "inferred" and a["acted_at"] is None for a in gone)
    assert gone[0]["acted_low_at"] == WHEN
    assert gone[0]["acted_high_at"].timestamp() == AT + 9000


def test_what_was_deleted_after_the_archive_saw_it_keeps_its_words() -> None:
    later = {"was_deleted_later": True, "removal_type": "moderator", "retrieved_2nd_on": AT + 99999}
    found = read(READER, lines(comment(_meta=later)))
    assert found["post"][0]["text"] is not None
    gone = next(a for a in found["action"] if a["type"] == "delete")
    assert gone["acted_low_at"].timestamp() == AT + 9000
    assert gone["acted_high_at"].timestamp() == AT + 99999


@pytest.mark.parametrize(("edited", "at"), [(True, None), (AT + 70, AT + 70), (AT + 70.0, AT + 70)])
def test_edits_with_and_without_a_time(edited: Any, at: int | None) -> None:
    acts = read(READER, lines(comment(edited=edited)))["action"]
    edit = next(a for a in acts if a["type"] == "edit")
    assert (edit["acted_at"] and edit["acted_at"].timestamp()) == at
    assert edit["acted_low_at"] is not None


def test_addresses_in_markdown() -> None:
    body = "[it](https://en.site.example/A_(b)) and (https://two.example/x), https://reddit.com/r/a/comments/zz9/t/yy8/"
    found = read(READER, lines(comment(body=body)))
    urls = {o["canonical"] for o in found["object"] if o["kind"] == "url"}
    assert urls == {
        "https://en.site.example/A_(b)",
        "https://two.example/x",
        "https://reddit.com/r/a/comments/zz9/t/yy8",
    }
    linked = next(a for a in found["action"] if a["type"] == "link_to_post")
    assert linked["target_post_id"] == "reddit:t1_yy8"


def test_a_parent_that_is_a_number_is_left_out_and_said() -> None:
    found = read(READER, lines(comment(parent_id=123)))
    assert {a["type"] for a in found["action"]} == {"mention"}
    assert "bare number" in found["intake_count"][0]["note"]


def test_retrieved_before_it_was_posted() -> None:
    found = read(READER, lines(submission(retrieved_on=AT - 5)))
    assert found["post"][0]["collected_at"] is None
    assert "retrieved before" in found["intake_count"][0]["note"]


@pytest.mark.parametrize(
    "bad",
    [
        *(7, {}, submission(id=None), submission(id=5.0), submission(created_utc=None)),
        *(submission(created_utc="May"), submission(title=5), submission(num_comments="x")),
        *(submission(created_utc=True), comment(body=[]), {"id": "x", "kind": "t5"}),
    ],
)
def test_a_bad_line_costs_itself_only(bad: Any) -> None:
    found = read(READER, lines(submission("a"), bad, comment("b")))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_as_the_api_wraps_things() -> None:
    assert len(read(READER, lines({"kind": "t3", "data": submission()}))["post"]) == 1


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 90
    assert READER.recognises(glimpse(b'{"id": "1", "created_utc": 5, "text": "x"}')) == 0


@pytest.mark.parametrize("full", [None, "t2_abc", 5])
def test_an_account_is_the_same_with_and_without_its_full_name(full: Any) -> None:
    with_it = submission("b", author_fullname=full) if full else submission("b")
    found = read(READER, lines(submission("a"), with_it))
    assert {p["account_id"] for p in found["post"]} == {"reddit:one_writer"}
    assert len(found["account"]) == 1


@pytest.mark.parametrize(
    "seen", [AT + 9000, str(AT + 9000), AT + 9000.0, f"{AT + 9000}", f"{AT + 9000}.0"]
)
@pytest.mark.parametrize("name", ["retrieved_on", "retrieved_utc"])
def test_the_time_of_retrieval_in_every_form(name: str, seen: Any) -> None:
    one = submission()
    del one["retrieved_on"]
    (post,) = read(READER, lines({**one, name: seen}))["post"]
    assert post["collected_at"].timestamp() == AT + 9000


@pytest.mark.parametrize("edited", [str(AT + 70), f"{AT + 70}.0"])
def test_an_edit_whose_time_is_text(edited: str) -> None:
    acts = read(READER, lines(comment(edited=edited)))["action"]
    edit = next(a for a in acts if a["type"] == "edit")
    assert edit["acted_at"].timestamp() == AT + 70


@pytest.mark.parametrize("parent", [None, "", "abc12", "t5_abc"])
def test_old_files_without_a_crosspost_parent(parent: Any) -> None:
    one = submission(crosspost_parent=parent) if parent is not None else submission()
    found = read(READER, lines(one))
    assert not found["action"]
    assert {r["role"] for r in found["post_object"]} == {"embed"}
