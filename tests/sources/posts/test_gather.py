"""What the batch itself adds: containers, scopes, and marks that the texts show."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tamis.registry import Source
from tamis.sources.posts.gather import Gather
from tamis.sources.posts.table_posts import times
from tamis.sources.posts.text_marks import TextMarks, fold, folded_column
from tamis.syntax.clock import moment
from tamis.syntax.hosts import KINDS, host_kind, host_kinds

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA1 = "DA39a3ee5e6b4b0d3255bfef95601890afd80709"
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


MORE = {
    "post": ("container_id", "deleted_at"),
    "action": ("origin_at", "via_post_id"),
    "account": ("scope",),
}


def gathered(texts: list[str | None], **options: Any) -> Gather:
    source = Source("ab" * 32, "f", 1, options=options)
    gather = Gather(source, "invented", times, MORE)
    for number, text in enumerate(texts):
        line = gather.place(number, number + 1, None, "full", "board")
        told = (str(number), 1, True, None, f"t/{number}", text, None, None, None, None)
        board = "board:pol" if number else None
        gone = "2017-05-06T00:00:00Z" if number else None
        gather.posts.append((*told, board, gone, line))
        gather.clocks.append(moment("2017-05-05T18:49:00Z"))
    return gather


def rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = batch.to_pylist()
    return found


def test_a_post_stands_in_its_container_and_a_forward_keeps_its_own_date() -> None:
    gather = gathered(["a", "b"])
    gather.containers.append(("board:pol", "board", "/pol/", None, 1))
    gather.actions += [
        ("1" * 32, "forward", None, "board:x", "native", None, None, 0),
        ("2" * 32, "repost", "board:9", None, "native", "2017-05-01T00:00:00Z", "board:7", 1),
    ]
    made = gather.flush()
    first, second = rows(made["post"])
    assert first["container_id"] is None
    assert second["container_id"] == "board:pol"
    assert second["deleted_at"].isoformat() == "2017-05-06T00:00:00+00:00"
    forward, repost = rows(made["action"])
    assert (forward["origin_at"], forward["via_post_id"]) == (None, None)
    assert repost["origin_at"].isoformat() == "2017-05-01T00:00:00+00:00"
    assert repost["via_post_id"] == "board:7"
    assert rows(made["container"])[0]["kind"] == "board"
    assert "container" not in gather.flush()


@pytest.mark.parametrize("scope", ["global", "thread", "instance"])
def test_an_account_says_how_far_its_id_holds(scope: str) -> None:
    gather = gathered(["a"])
    gather.accounts.append(("t/0", None, None, None, scope, 0))
    (account,) = rows(gather.flush()["account"])
    assert account["scope"] == scope


def test_hashes_magnets_and_message_ids_become_objects_of_the_post() -> None:
    texts = [
        f"sums: {MD5}, {SHA1} and {SHA256}.",
        "magnet:?xt=urn:btih:ABCDEF0123456789ABCDEF0123456789ABCDEF01&dn=x get it",
        "see <20170424101112.123abc@mail.example.org> or write to <name@example.org>",
        "Message-ID: abc@x.example.",
        "1" * 32 + " and x" + MD5 + " are no hashes",
        None,
    ]
    made = gathered(texts).flush()
    found = {(row["post_id"], row["object_id"]) for row in rows(made["post_object"])}
    assert found == {
        ("board:0", f"file_md5:{MD5}"),
        ("board:0", f"file_sha1:{SHA1.lower()}"),
        ("board:0", f"file_sha256:{SHA256}"),
        ("board:1", "url:magnet:?xt=urn:btih:abcdef0123456789abcdef0123456789abcdef01"),
        ("board:2", "email_message_id:20170424101112.123abc@mail.example.org"),
        ("board:3", "email_message_id:abc@x.example"),
    }
    assert {row["role"] for row in rows(made["post_object"])} == {"in_text"}
    kinds = {row["kind"]: row["host_kind"] for row in rows(made["object"])}
    assert kinds["url"] == "torrent"
    assert kinds["file_md5"] is None


def test_what_a_repost_shows_is_inherited_and_nothing_is_carried_twice() -> None:
    gather = gathered([MD5, MD5])
    gather.actions.append(("1" * 32, "repost", "board:9", None, "native", None, None, 1))
    gather.carry((gather.declare("file_md5", MD5, MD5),), (0,), 0)
    carried = rows(gather.flush()["post_object"])
    assert [(row["post_id"], row["role"], row["method"]) for row in carried] == [
        ("board:0", "in_text", "entity"),
        ("board:1", "inherited", "text"),
    ]


def test_phrases_are_found_whatever_their_accents_and_only_as_whole_words() -> None:
    texts = ["Les Élections  libres !", "elections libresses", "la #MacronLeaks", "é" * 3, None]
    marks = TextMarks(["élections libres", "#macronleaks", "  ", "a+b (c)"])
    assert [(index, kind, shown) for index, kind, _, shown in marks.find(pa.array(texts))] == [
        (0, "phrase", "élections libres"),
        (2, "phrase", "#macronleaks"),
    ]
    assert [mark[0] for mark in marks.find(pa.array(["an A+B\u00a0(C)!"]))] == [0]
    assert TextMarks([]).find(pa.array(texts)) == []


def test_folding_a_column_and_a_text_agree() -> None:
    texts = ["ÉCOLE", "ﬁn", "İstanbul", "Straße", "plain", "각"]
    assert folded_column(pa.array(texts)).to_pylist() == [fold(text) for text in texts]


def test_hosts_are_known_below_their_name_and_stand_on_one_list() -> None:
    assert host_kind("web.archive.org") == "archive"
    assert host_kind("pastebin.com") == "paste"
    assert host_kind("notpastebin.com") is None
    assert host_kind("docs.google.com") == "file"
    assert host_kind("google.com") is None
    every = [host for hosts in KINDS.values() for host in hosts]
    assert len(every) == len(set(every))
    assert host_kinds(
        ("domain", "url", "hashtag", "url"),
        ("mega.nz", "https://pastebin.com/x", "mega.nz", "https://[bad"),
    ) == ["file", "paste", None, None]
