from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from post_reading import glimpse, read, read_file

from tamis.sources.posts.mastodon import READER

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


def account(name: str, host: str = "a.example", **more: Any) -> dict[str, Any]:
    acct = name if host == "a.example" else f"{name}@{host}"
    return {
        "id": str(sum(map(ord, name))),
        "acct": acct,
        "display_name": name.title(),
        "url": f"https://{host}/@{name}",
        **more,
    }


def status(number: int, name: str = "one", host: str = "a.example", **more: Any) -> dict[str, Any]:
    own = number if host == "a.example" else f"x{number}"
    return {
        "id": str(number),
        "created_at": "2017-05-05T18:49:00.000Z",
        "uri": f"https://{host}/users/{name}/statuses/{own}",
        "content": f"<p>Invented {number}</p>",
        "account": account(name, host),
        "language": "fr",
        "spoiler_text": "",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "card": None,
        "reblogs_count": 2,
        "favourites_count": 3,
        "replies_count": 1,
        **more,
    }


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


CONTENT = (
    '<p><a href="https://b.example/@two" class="u-url mention">@<span>two</span></a> '
    '<a href="https://a.example/tags/Vote" class="mention hashtag" rel="tag">#<span>Vote</span></a>'
    '<br>See <a href="https://site.example/very/long"><span class="invisible">https://</span>'
    '<span class="ellipsis">site.example/very</span><span class="invisible">/long</span></a> &amp;'
    "</p><p>Second</p>"
)
FIRST = status(
    101,
    content=CONTENT,
    tags=[{"name": "vote", "url": "x"}],
    spoiler_text="Warned",
    mentions=[account("two", "b.example")],
    card={"url": "https://card.example/c"},
    media_attachments=[{"id": "5", "url": "https://files.example/5.png", "blurhash": "UFBWY:8"}],
    edited_at="2017-05-05T18:59:00.000Z",
    application={"name": "An app"},
)
EXPORT = lines(
    FIRST,
    status(
        102,
        "two",
        "b.example",
        in_reply_to_id="101",
        mentions=[account("one")],
        in_reply_to_account_id="322",
    ),
    status(
        103,
        "three",
        content="",
        reblog=FIRST,
        uri="https://a.example/users/three/statuses/103/activity",
    ),
    status(
        104, "four", quote={"state": "accepted", "quoted_status": status(90, "old", "c.example")}
    ),
    status(105, "four", quote={"state": "accepted", "quoted_status_id": "101"}),
    {"event": "delete", "payload": "102"},
)


def test_statuses_with_all_their_parts() -> None:
    found = read(READER, EXPORT)
    posts = {p["post_id"].rsplit("/statuses/")[1]: p for p in found["post"]}
    assert set(posts) == {"101", "x102", "103/activity", "x90", "104", "105"}
    first = posts["101"]
    assert first["text"] == "Warned\n\n@two #Vote\nSee https://site.example/very/long &\n\nSecond"
    assert (first["account_id"], first["client"]) == ("mastodon:one@a.example", "An app")
    assert (first["posted_at"], first["clock"], first["precision_s"]) == (WHEN, "platform", 0.001)
    assert posts["x102"]["clock"] == "client_claimed"
    assert posts["103/activity"]["text_hash"] is None
    base = "mastodon:https://{}/users/{}/statuses/{}"
    one = base.format("a.example", "one", "101")
    acts = {
        (
            a["post_id"] and a["post_id"].rsplit("/statuses/")[1],
            a["type"],
            a["target_post_id"],
            a["target_account_id"],
            a["grade"],
        )
        for a in found["action"]
    }
    assert acts == {
        ("101", "mention", None, "mastodon:two@b.example", "native"),
        (None, "edit", one, None, "native"),
        ("x102", "reply", one, "mastodon:one@a.example", "id_reference"),
        ("x102", "mention", None, "mastodon:one@a.example", "native"),
        ("103/activity", "repost", one, "mastodon:one@a.example", "native"),
        (
            "104",
            "quote",
            base.format("c.example", "old", "x90"),
            "mastodon:old@c.example",
            "native",
        ),
        ("105", "quote", one, None, "id_reference"),
        (None, "delete", base.format("b.example", "two", "x102"), None, "native"),
    }
    roles = {
        (r["post_id"].rsplit("/statuses/")[1], r["object_id"]): r["role"]
        for r in found["post_object"]
    }
    mine = {
        "url:https://site.example/very/long": "in_text",
        "domain:site.example": "in_text",
        "hashtag:vote": "in_text",
        "url:https://card.example/c": "card",
        "domain:card.example": "card",
        "media:mastodon:https://files.example/5.png": "attachment",
    }
    assert roles == {
        **{("101", name): role for name, role in mine.items()},
        **{("103/activity", name): "inherited" for name in mine},
    }
    assert {c["container_id"] for c in found["container"]} == {
        "mastodon:a.example",
        "mastodon:b.example",
        "mastodon:c.example",
    }


def test_a_thread_of_ones_own_is_joined_by_its_numbers() -> None:
    made = status(202, in_reply_to_id="201", in_reply_to_account_id="322")
    (act,) = read(READER, lines(made))["action"]
    assert act["target_post_id"].endswith("/users/one/statuses/201")
    assert act["target_account_id"] == "mastodon:one@a.example"


def test_an_answer_to_a_number_nobody_knows() -> None:
    made = status(
        202,
        "two",
        "b.example",
        in_reply_to_id="77",
        in_reply_to_account_id="322",
        mentions=[{**account("one"), "id": "322"}],
    )
    acts = {a["type"]: a for a in read(READER, lines(made))["action"]}
    assert acts["reply"]["target_post_id"] is None
    assert acts["reply"]["target_account_id"] == "mastodon:one@a.example"


def test_the_same_number_on_two_instances_is_two_posts() -> None:
    other = status(
        101, uri="https://b.example/users/one/statuses/101", account=account("one", "b.example")
    )
    found = read(READER, lines(FIRST, other))
    assert len({p["post_id"] for p in found["post"]}) == 2
    assert len({p["account_id"] for p in found["post"]}) == 2


def test_events_of_the_stream() -> None:
    data = lines(
        {"event": "update", "payload": json.dumps(FIRST)},
        {"event": "update", "payload": "{"},
        {"event": "delete", "payload": "7"},
        {"event": "dance", "payload": ""},
    )
    found = read(READER, data)
    assert len(found["post"]) == 1
    assert len(found["rejected"]) == 3


@pytest.mark.parametrize(
    "bad",
    [
        *(7, {}, status(1, uri=None), status(1, created_at=None), status(1, created_at="May")),
        *(status(1, content=5), status(1, account={}), status(1, favourites_count=-1)),
        *(status(1, account={"acct": "x"}), status(1, tags=[{}]), {"quoted_status_id": "5"}),
        {"id": "8", "name": "x", "url": "https://a.example/tags/x", "history": []},
    ],
)
def test_a_bad_line_costs_itself_only(bad: Any) -> None:
    found = read(READER, lines(status(8), bad, status(9)))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_pretty_printed_and_in_an_array() -> None:
    for indent in (None, 2):
        assert (
            len(read(READER, json.dumps([status(1), status(2)], indent=indent).encode())["post"])
            == 2
        )


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 85
    assert READER.recognises(glimpse(b'{"id": "1", "text": "x"}')) == 0


@pytest.mark.shared_data
def test_real_entities(shared_data: Path) -> None:
    expected = {"Account": (0, 1), "Status": (1, 1), "Quote": (1, 1)}
    for path in sorted((shared_data / "posts" / "mastodon").iterdir()):
        found = read_file(READER, path)
        posts, accounts = expected.get(path.stem.partition("_")[0], (0, 0))
        assert (len(found["post"]), len(found["account"])) == (posts, accounts), path.name
        assert len(found["rejected"]) == (0 if posts or accounts else 1)
        for post in found["post"]:
            whole = json.loads(path.read_text())
            assert post["native_id"] == whole.get("quoted_status", whole)["uri"]


@pytest.mark.parametrize("state", ["pending", "rejected", "revoked", "deleted", "unauthorized"])
def test_a_quotation_that_may_not_be_shown_names_nothing(state: str) -> None:
    found = read(READER, lines(status(1, quote={"state": state, "quoted_status": None})))
    assert len(found["post"]) == 1
    assert not found["rejected"]
    assert {a["target_post_id"] for a in found["action"]} <= {None}


def test_an_account_is_the_same_seen_from_home_and_from_afar() -> None:
    home = status(1, "two", "b.example")
    home["account"] = {**account("two"), "acct": "two", "url": "https://b.example/@two"}
    found = read(READER, lines(home, status(2, "two", "b.example")))
    assert {p["account_id"] for p in found["post"]} == {"mastodon:two@b.example"}


def test_a_boost_of_a_boosted_reply_keeps_the_address_of_its_instance() -> None:
    far = status(7, "old", "c.example", in_reply_to_id="6", in_reply_to_account_id="1")
    boost = status(8, "three", content="", reblog=far, language=None)
    found = read(READER, lines(boost))
    act = next(a for a in found["action"] if a["type"] == "repost")
    assert act["target_post_id"] == "mastodon:https://c.example/users/old/statuses/x7"
