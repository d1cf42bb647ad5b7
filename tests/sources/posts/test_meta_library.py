from __future__ import annotations

import json
from typing import Any

import pytest
from post_reading import glimpse, read
from tables import START, kinds, table

from tamis.errors import FormatError
from tamis.sources.posts.meta_library import READER


def record(native: str = "5", **more: Any) -> dict[str, Any]:
    return {
        "id": native,
        "creation_time": "2017-05-05T18:49:00+0000",
        "text": "Words #Vote",
        "lang": "fr",
        "post_owner": {"id": "9", "name": "A page", "username": "apage"},
        "surface": {"id": "8", "type": "Page", "name": "A page"},
        "link_attachment": {"link": "https://paper.example/a"},
        "statistics": {"like_count": 3, "share_count": 2, "comment_count": 1},
        **more,
    }


def flat(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in one.items():
        if isinstance(value, dict):
            found.update({f"{name}.{inner}": deeper for inner, deeper in value.items()})
        else:
            found[name] = value
    return found


@pytest.mark.parametrize("form", ["lines", "array", "table"])
def test_a_record(form: str) -> None:
    data = {"lines": json.dumps(record()).encode() + b"\n", "table": table(flat(record())),
            "array": json.dumps([record()]).encode()}[form]  # fmt: skip
    found = read(READER, data)
    (post,) = found["post"]
    assert (post["post_id"], post["account_id"]) == ("meta_library:5", "meta_library:9")
    assert post["posted_at"] == START
    assert post["container_id"] == "meta_library:8"
    assert kinds(found, post["post_id"]) == {
        "url:https://paper.example/a": "card", "domain:paper.example": "card",
        "hashtag:vote": "in_text"}  # fmt: skip
    assert found["post_snapshot"][0]["like_count"] == 3
    assert "join nothing" in found["intake_count"][0]["note"]
    assert READER.recognises(glimpse(data)) >= 90


def test_a_time_without_zone_is_asked_about_and_hidden_owners_stay_hidden() -> None:
    data = table(flat(record(creation_time="2017-05-05 18:49:00", post_owner={"id": ""})))
    with pytest.raises(FormatError, match=r"'creation_time'.*--assume-zone"):
        read(READER, data)
    (post,) = read(READER, data, assume_zone="UTC")["post"]
    assert (post["posted_at"], post["account_id"]) == (START, None)


def test_rows_that_cannot_be_used() -> None:
    found = read(READER, table(flat(record()), flat(record("")), flat(record("6.5E+17"))))
    assert (len(found["post"]), len(found["rejected"])) == (1, 2)
