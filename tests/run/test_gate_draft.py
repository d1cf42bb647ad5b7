"""A draft held against a case: each kind of flaw is found, and an innocent draft has none."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from tamis import records
from tamis.case import Case
from tamis.errors import InputError
from tamis.run.gate_draft import Flaw, check_draft

if TYPE_CHECKING:
    from pathlib import Path

SAID = "We shall never pay the harbour dues before the vote"
WRAPPED = "We shall never pay the\n> harbour dues before the vote"
ACCENTED = "Le trésorier a payé la note du théâtre à l'été"
COPIED = "this is the proof that they sold the whole harbour to strangers"
POSTED = "https://files.example/dump/one.zip"
HELD = hashlib.sha256(b"held").hexdigest()
AT = dt.datetime(2031, 5, 3, tzinfo=dt.UTC)
SOURCE = {"source_item_id": HELD, "byte_start": 0, "byte_end": 1}


def message(number: int, words: str, roll_up: str) -> dict[str, list[dict[str, Any]]]:
    item = hashlib.sha256(f"m{number}".encode()).hexdigest()
    return {
        "message": [
            {
                **{key: [] for key in ("reference_ids", "to_addresses", "cc_addresses")},
                "item_id": item,
                "bcc_addresses": [],
                "received_count": 0,
                "is_bulk": False,
                "body_text": words,
                "body_raw_bytes": 1,
                "line_ends": "lf",
            }
        ],
        "verdict": [
            {
                "item_id": item,
                "verdict": roll_up,
                "roll_up": roll_up,
                "rule_id": "r",
                "granted": [],
                "rule_version": 1,
                "evidence_ids": [],
                "claims": "c",
                "does_not_claim": [],
                "run_id": "r",
                "analysis_version": "a/1",
            }
        ],
    }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = Case.create(tmp_path_factory.mktemp("draft") / "case", title="t")
    post = {
        "post_id": "x:1",
        "version": 1,
        "is_latest": True,
        "platform": "x",
        "native_id": "1",
        "account_id": "x:9",
        "posted_at": AT,
        "posted_low_at": AT,
        "posted_high_at": AT,
        "clock": "platform",
        "precision_s": 1.0,
        "text": f"{COPIED}!",
        "text_hash": "c" * 16,
        "sampling": "full",
        **SOURCE,
    }
    url = {"object_id": f"url:{POSTED}", "kind": "url", "canonical": POSTED, "display": POSTED}
    with made.writer() as writer:
        for rows in (
            message(1, f"Dear all,\n> {WRAPPED}.", "verified"),
            message(3, f"Bonjour, {ACCENTED}.", "verified"),
            message(2, "Nobody vouches for this strange sentence here.", "unknown"),
            {
                "post": [post],
                "object": [url],
                "post_object": [
                    {
                        "post_id": "x:1",
                        "object_id": url["object_id"],
                        "role": "in_text",
                        "method": "text",
                        **SOURCE,
                    }
                ],
                "place": [
                    {
                        "item_id": HELD,
                        "root": "/leak",
                        "kind": "leak",
                        "path": "a.pdf",
                        "name": "a.pdf",
                        "position": 0,
                        "depth": 0,
                    }
                ],
                "rehost": [
                    {
                        "object_id": "url:https://copies.example/all",
                        "display": "https://copies.example/all",
                        "host_kind": "unlisted",
                        "tie": "name",
                        "item_count": 0,
                        "post_id": "x:1",
                        "first_high_at": AT,
                        "is_certain": True,
                        "post_count": 1,
                        "account_count": 1,
                        **SOURCE,
                        "run_id": "r",
                        "analysis_version": "a/1",
                    }
                ],
                "text_cluster": [
                    {
                        "kind": "copypasta",
                        "cluster_id": "c" * 16,
                        "text_count": 1,
                        "post_count": 9,
                        "account_count": 7,
                        "languages": ["en"],
                        "run_id": "r",
                        "analysis_version": "a/1",
                    }
                ],
            },
        ):
            for name, told in rows.items():
                writer.append(name, records.table(name).build(told))
        writer.commit()
    return made


def flaws(case: Case, tmp_path: Path, text: str, name: str = "draft.md") -> list[tuple[str, int]]:
    return [(one.kind, one.line) for one in found(case, tmp_path, text, name)]


def found(case: Case, tmp_path: Path, text: str, name: str = "draft.md") -> tuple[Flaw, ...]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with case.view() as view:
        return check_draft(view, tmp_path / name)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"See {POSTED} for all.", "link"),
        ("See https://mega.nz/folder/abc.", "link"),
        ("See https://pastebin.com/raw/abc.", "link"),
        ("See https://bit.ly/abc.", "link"),
        ("See http://abcdefghijklmnop.onion/x.", "link"),
        ("See magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=x", "link"),
        (f"Its hash is {HELD.upper()}.", "hash"),
        ("He wrote “they all knew it from the very first day” to us.", "quotation"),
        ("He wrote “Nobody vouches for this strange sentence”.", "quotation"),
        ("Il écrit « Nobody vouches for this strange sentence ».", "quotation"),
        ('A 5" pipe is long. "Nobody vouches for this strange sentence" he said', "quotation"),
        ("「they all knew it from the very first day」", "quotation"),
        ("> they all knew it\n> from the very first day", "quotation"),
        (f"“{'they all knew it ' * 60}”", "quotation"),
        ("“He said “they all knew it from the very first day” to us.", "quotation"),
        ("See hxxps://mega[.]nz/folder/abc.", "link"),
        (f"Indeed, {COPIED.capitalize()}.", "copied words"),
        ("See mega.nz/folder/abc for all.", "link"),
        ("See MEGA.NZ/folder/abc.", "link"),
        ("See files.example/dump/one.zip, all of it.", "link"),
        ("See abcdefghijklmnop.onion now.", "link"),
        ("It lies on copies.example.", "link"),
        ("See mega (dot) nz/folder/abc.", "link"),
        ("See h**ps[:]//mega{.}nz[/]folder/abc.", "link"),
        ("See hXXp://mega [.] nz/folder/abc.", "link"),
        ("See [all](https://mega.nz/folder/abc 'the archive')", "link"),
        ("[1]: https://mega.nz/folder/abc", "link"),
        ("![](https://count.example/x.gif)", "beacon"),
        ('<img src="https://count.example/x.gif">', "beacon"),
        (f'[x](/own "own title") „{"Nobody vouches for this strange sentence"}“', "quotation"),
    ],
)
def test_each_flaw_is_found_on_its_line(case: Case, tmp_path: Path, line: str, kind: str) -> None:
    assert flaws(case, tmp_path, f"# Title\n\n{line}\n") == [(kind, 3)]


@pytest.mark.parametrize(
    "line",
    [
        "See https://www.lemonde.example/article for more.",
        f"He wrote “{SAID}”.",
        f"He wrote « {SAID.upper()} ».",
        f"He wrote “{unicodedata.normalize('NFD', ACCENTED)}”.",
        f"> {SAID}",
        'A pipe of 5" and one of 7" and so on and on and on are there.',
        "The “big secret” is out.",
        f"Another hash is {'0' * 64}.",
        "They sold the whole harbour.",
        "They put it on mega.nz and on pastebin.com, file.md and readme.txt are there.",
        "The end.Next sentence, e.g. version 1.2.3, by press@mega.nz and lemonde.example/a.",
        "[x](/own 'a') and an ![image](own.png) with ![one][ref]\n\n[ref]: /own.png",
        '[x](https://paper.example/a "t") he said nothing of it in the whole of it [y](/b "t")',
    ],
)
def test_an_innocent_line_has_no_flaw(case: Case, tmp_path: Path, line: str) -> None:
    assert flaws(case, tmp_path, line) == []


def test_a_page_that_tells_on_readers(case: Case, tmp_path: Path) -> None:
    page = '<p>text</p>\n<img src="https://count.example/x.gif">\n<a href="https://mega.nz/f">x</a>'
    assert flaws(case, tmp_path, page, "draft.html") == [("beacon", 2), ("link", 3)]
    assert flaws(case, tmp_path, '<p>text</p><img src="own.png">', "draft.html") == []


def test_a_page_may_hide_an_address_in_entities_and_tags(case: Case, tmp_path: Path) -> None:
    for words in ("mega&#46;nz/folder/abc", "me<b>ga</b>.nz/folder/abc", "mega.nz/folder/abc"):
        assert [one[0] for one in flaws(case, tmp_path, f"<p>{words}</p>", "draft.html")] == [
            "link"
        ]
    page = '<a href="hxxps://mega[.]nz/folder/abc">x</a>'
    assert flaws(case, tmp_path, page, "draft.html") == [("link", 1)]


def test_an_image_that_is_named_below_is_a_beacon_too(case: Case, tmp_path: Path) -> None:
    text = "![x][pic] and ![pic]\n\n[pic]: https://count.example/x.gif"
    assert flaws(case, tmp_path, text) == [("beacon", 3)]
    assert flaws(case, tmp_path, text, "draft.txt") == []


def test_what_is_said_of_a_quotation_names_what_stands_behind_it(
    case: Case, tmp_path: Path
) -> None:
    (none,) = found(case, tmp_path, "“they all knew it from the very first day”")
    assert none.why == "these words stand in no text of the case"
    (unknown,) = found(case, tmp_path, "“Nobody vouches for this strange sentence”")
    assert "nothing vouches for (unknown)" in unknown.why


def test_other_formats_and_other_bytes_are_refused(case: Case, tmp_path: Path) -> None:
    for name, content, told in (
        ("draft.docx", b"PK", "save it as one of them"),
        ("draft.txt", b"\xff\xfe\x00", "expected UTF-8"),
        ("draft.txt", SAID.encode("utf-16-le"), "zero bytes"),
        ("draft.txt", b"x" * 4_000_001, "at most 4,000,000 bytes"),
    ):
        (tmp_path / name).write_bytes(content)
        with case.view() as view, pytest.raises(InputError, match=told):
            check_draft(view, tmp_path / name)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_counts_lines(case: Case, tmp_path: Path, end: str) -> None:
    text = f"one{end}two{end}See https://mega.nz/folder/abc."
    (tmp_path / "draft.txt").write_bytes(text.encode())
    with case.view() as view:
        assert [one.line for one in check_draft(view, tmp_path / "draft.txt")] == [3]


def test_quotations_that_a_browser_marks(case: Case, tmp_path: Path) -> None:
    page = (
        f"<p><q>{SAID}</q></p>\n<q cite=x>they all knew it from the very first day</q>\n"
        "<blockquote><p>Nobody vouches for “this strange</p><p>sentence” at all</blockquote>"
    )
    assert flaws(case, tmp_path, page, "draft.html") == [("quotation", 2), ("quotation", 3)]


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("draft.html", '<img src="https://a{n}.example/?a&amp;{n}">\n'),
        ("draft.html", '<img src="https:&#47;&#47;a{n}.example/">\n'),
        ("draft.txt", "“a quotation number {n} of the many”\n"),
        ("draft.txt", '“ « " {n} '),
        ("draft.txt", "see a{n}.example/x{n} and https://b{n}.example\n"),
        ("draft.md", "![a{n}](//c{n}.example/x) [a{n}]: ( . ) "),
        ("draft.txt", "a (.) b"),
    ],
)
def test_a_long_draft_takes_linear_time(case: Case, tmp_path: Path, name: str, piece: str) -> None:
    took = []
    for count in (2_000, 16_000):
        text = "".join(piece.replace("{n}", str(n)) for n in range(count))
        begin = time.process_time()
        found(case, tmp_path, text, name)
        took.append(time.process_time() - begin)
    assert took[1] < 24 * took[0] + 0.5, took
