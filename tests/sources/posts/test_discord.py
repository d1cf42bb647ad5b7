from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.sources.posts.discord import EPOCH_MS, READER

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


def number(second: float) -> str:
    return str(int((WHEN.timestamp() + second) * 1000) - EPOCH_MS << 22)


def account(native: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": native, "name": name, "discriminator": "0000", "nickname": name.title(), **more}


def message(second: float, **more: Any) -> dict[str, Any]:
    local = (WHEN + timedelta(seconds=second, hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return {
        "id": number(second),
        "type": "Default",
        "timestamp": f"{local}+02:00",
        "timestampEdited": None,
        "content": f"Invented {second}",
        "author": account("11", "one"),
        "attachments": [],
        "embeds": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def export(*messages: Any, count: int | None = None, indent: int | None = 2, **more: Any) -> bytes:
    whole = {
        "guild": {"id": "7", "name": "The guild"},
        "channel": {
            "id": "77",
            "type": "GuildTextChat",
            "categoryId": "70",
            "category": "News",
            "name": "leaks",
            "topic": None,
        },
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2017-05-08T10:00:00+02:00",
        **more,
        "messages": list(messages),
        "messageCount": len(messages) if count is None else count,
    }
    return json.dumps(whole, indent=indent).encode()


EXPORT = export(
    message(
        0,
        content="Look: https://paste.example/abc #general",
        reactions=[{"emoji": {"name": "x"}, "count": 3}, {"emoji": {"name": "y"}, "count": 2}],
    ),
    message(
        5,
        type="Reply",
        author=account("22", "two", discriminator="0042"),
        reference={"messageId": number(0), "channelId": "77", "guildId": "7"},
        mentions=[account("11", "one")],
        timestampEdited="2017-05-05T21:00:00+02:00",
    ),
    message(
        9,
        content="",
        reference={"type": "Forward", "messageId": number(-500), "channelId": "99", "guildId": "9"},
        forwardedMessage={
            "content": "Old https://site.example/x",
            "timestamp": "2017-05-05T20:40:40+02:00",
            "attachments": [{"id": "501", "fileName": "mail.eml"}],
            "embeds": [],
        },
    ),
)


def test_a_channel_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, reply, forward = found["post"]
    assert first["posted_at"] == first["posted_low_at"] == WHEN
    assert (first["clock"], first["precision_s"]) == ("platform", 0.001)
    assert first["container_id"] == "discord:77"
    assert first["collected_at"] == datetime(2017, 5, 8, 8, tzinfo=UTC)
    assert json.loads(EXPORT[first["byte_start"] : first["byte_end"]])["id"] == number(0)
    acts = {a["type"]: a for a in found["action"]}
    assert acts["reply"]["target_post_id"] == f"discord:{number(0)}"
    assert (acts["mention"]["target_account_id"], acts["mention"]["grade"]) == (
        "discord:11",
        "native",
    )
    assert acts["forward"]["target_post_id"] == f"discord:{number(-500)}"
    assert acts["forward"]["origin_at"] == WHEN - timedelta(seconds=500)
    assert acts["forward"]["acted_at"] == WHEN + timedelta(seconds=9)
    assert acts["edit"]["target_post_id"] == reply["post_id"]
    assert acts["edit"]["acted_at"] == datetime(2017, 5, 5, 19, tzinfo=UTC)
    assert forward["text_hash"] is None
    assert forward["text"].startswith("Old")
    roles = {(r["post_id"], r["object_id"]): r["role"] for r in found["post_object"]}
    assert roles == {
        (first["post_id"], "url:https://paste.example/abc"): "in_text",
        (first["post_id"], "domain:paste.example"): "in_text",
        (forward["post_id"], "url:https://site.example/x"): "inherited",
        (forward["post_id"], "domain:site.example"): "inherited",
        (forward["post_id"], "media:discord:501"): "inherited",
    }
    assert [(c["kind"], c["parent_id"]) for c in found["container"]] == [
        ("guild", None),
        ("category", "discord:7"),
        ("channel", "discord:70"),
    ]
    assert {a["account_id"]: a["handle"] for a in found["account"]} == {
        "discord:11": "one",
        "discord:22": "two#0042",
    }
    assert found["post_snapshot"][0]["like_count"] == 5


def test_no_hashtags_are_taken_from_channel_names() -> None:
    assert not [o for o in read(READER, EXPORT)["object"] if o["kind"] == "hashtag"]


def test_a_time_that_contradicts_the_id_widens_the_interval() -> None:
    found = read(READER, export(message(0, timestamp="2017-05-05T20:49:00+00:00")))
    (one,) = found["post"]
    assert one["posted_at"] == WHEN + timedelta(hours=2)
    assert one["posted_low_at"] == WHEN
    assert "both are kept" in found["intake_count"][0]["note"]


def test_a_time_without_a_zone_is_taken_from_the_id() -> None:
    (one,) = read(READER, export(message(0, timestamp="2017-05-05T23:11:11.5")))["post"]
    assert (one["posted_at"], one["clock"]) == (WHEN, "id_derived")


def test_a_crosspost_from_a_followed_channel() -> None:
    (act,) = read(
        READER, export(message(0, reference={"messageId": number(-9), "channelId": "5"}))
    )["action"]
    assert act["type"] == "crosspost"


def test_service_messages_are_no_posts() -> None:
    found = read(READER, export(message(0, type="GuildMemberJoin"), message(1)))
    assert len(found["post"]) == 1
    assert found["intake_count"][0]["used_count"] == 2
    assert "1 service messages" in found["intake_count"][0]["note"]


def test_partitions_with_an_overlap_and_counts_that_do_not_add_up() -> None:
    found = read(READER, export(message(0), message(0), message(0, content="Other"), count=9))
    assert [p["version"] for p in found["post"]] == [1, 2]
    assert "says it holds 9 messages, it holds 3" in found["intake_count"][0]["note"]


@pytest.mark.parametrize("indent", [None, 1, 2])
def test_a_cut_file_says_so(indent: int | None) -> None:
    whole = export(message(0), message(1), message(2), indent=indent)
    cut = whole[: whole.index(number(2).encode())]
    found = read(READER, cut)
    assert len(found["post"]) == 2
    assert "cut off" in found["rejected"][0]["reason"]
    assert cut[found["rejected"][0]["byte_start"] :].startswith(b"{")


@pytest.mark.parametrize(
    "bad",
    [
        *(5, "x", None, [1], {}, {"id": 1.5e18}, message(0, content=5), message(0, timestamp=[])),
        *(message(0, timestamp="yesterday"), message(0, reactions=[{"count": -1}])),
        *(message(0, author={"id": "x"}), message(0, embeds=[{"url": 5}])),
    ],
)
def test_a_bad_message_costs_itself_only(bad: Any) -> None:
    found = read(READER, export(message(1), bad, message(2)))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_an_export_larger_than_a_value_may_be_is_streamed() -> None:
    filler = "y" * 400_000
    whole = export(*(message(second, content=filler) for second in range(12)))
    assert len(read(READER, whole)["post"]) == 12


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 95
    assert (
        READER.recognises(glimpse(b'{"name": "x", "type": "public_channel", "messages": []}')) == 0
    )


def test_the_answer_to_a_command_is_the_bot_s_and_names_who_gave_the_command() -> None:
    bot = account("900", "A bot", isBot=True)
    told = {"id": number(1), "name": "poll", "user": account("11", "one")}
    found = read(READER, export(message(2, author=bot, interaction=told)))
    assert found["post"][0]["account_id"] == "discord:900"
    assert {a["account_id"] for a in found["account"]} == {"discord:900", "discord:11"}
    assert not found["action"]
    assert "1 messages answer a command" in found["intake_count"][0]["note"]


MARKUP = (
    "<https://a.example/x> [words](https://b.example/y_(z)) ||https://c.example/s|| "
    "**https://d.example/b** `https://e.example/c` ~~https://f.example/d~~ "
    "<@11> <#77> <:leak:5> <t:1494010140:F>"
)


def test_markdown_as_it_was_typed_leaves_no_marks_on_addresses() -> None:
    found = read(READER, export(message(0, content=MARKUP, mentions=[account("11", "one")])))
    assert {o["canonical"] for o in found["object"] if o["kind"] == "url"} == {
        *("https://a.example/x", "https://b.example/y_(z)", "https://c.example/s"),
        *("https://d.example/b", "https://e.example/c", "https://f.example/d"),
    }
    assert {o["kind"] for o in found["object"]} == {"url", "domain"}
    assert [(a["type"], a["target_account_id"]) for a in found["action"]] == [
        ("mention", "discord:11")
    ]
    assert found["post"][0]["text"] == MARKUP


def test_markdown_as_the_exporter_rendered_it_names_accounts_by_the_list_alone() -> None:
    shown = "@One, @Nobody: #leaks :leak: 5 May 2017 20:49"
    found = read(READER, export(message(0, content=shown, mentions=[account("11", "one")])))
    assert [a["target_account_id"] for a in found["action"]] == ["discord:11"]
    assert not found["object"]


def test_a_plain_reference_is_a_reply_and_a_forward_of_a_lost_original_keeps_its_id() -> None:
    plain = {"type": "Default", "messageId": number(-3), "channelId": "77", "guildId": "7"}
    lost = {"type": "Forward", "messageId": number(-60), "channelId": "5"}
    found = read(READER, export(message(0, reference=plain), message(1, reference=lost)))
    reply, forward = found["action"]
    assert (reply["type"], reply["origin_at"]) == ("reply", None)
    assert (forward["type"], forward["target_post_id"]) == ("forward", f"discord:{number(-60)}")
    assert forward["origin_at"] == WHEN - timedelta(seconds=60)
