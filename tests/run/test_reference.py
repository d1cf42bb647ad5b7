"""Leaked messages beside the originals: edited, inserted and missing ones, and what is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages
from tamis.simulate.reference import Sizes, confusion, write_reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STAGES = ("leak.traffic", "leak.mailboxes", "leak.reference")
A, B, C = "alice@campaign.example", "bob@town.example", "carol@town.example"


def match(case: Case) -> dict[str, dict[str, Any]]:
    """The rows of reference_match by item."""
    with case.writer() as writer:
        for stage in stages(["leak"]):
            if stage.name in STAGES:
                run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    with case.view() as view:
        return {row["item_id"]: row for row in view.table("reference_match").to_pylist()}


def check_simulated(tmp_path: Path, sizes: Sizes) -> None:
    truth = write_reference(tmp_path / "data", sizes)
    case = Case.create(tmp_path / "case", title="t")
    for side in ("leak", "reference"):
        add(case, [tmp_path / "data" / side], kind=side)
    found = match(case)
    table = "\n".join(confusion(truth, ((one, row["outcome"]) for one, row in found.items())))
    wrong = {one for one, made in truth.leaked.items() if found[one]["outcome"] != made.expected}
    assert not wrong, table
    edited = {
        (made.true_class, *found[one]["differing"])
        for one, made in truth.leaked.items()
        if made.true_class.startswith("edited")
    }
    named = {"figure": "text", "file": "attachments", "page": "html", "link": "links"}
    assert all(named.get(what := told[0][8:], what) in told[1:] for told in edited), edited
    assert all(len(told) == 2 for told in edited), "each edit shows as one difference"
    assert all(row["changes"] for row in found.values() if row["differing"])


def test_a_small_corpus_with_edits_insertions_and_holes(tmp_path: Path) -> None:
    check_simulated(tmp_path, Sizes(500, 20, 20, 20))


@pytest.mark.slow
def test_five_thousand_messages_with_a_hundred_of_each(tmp_path: Path) -> None:
    check_simulated(tmp_path, Sizes())


def letter(number: int, day: int, sender: str, receiver: str, **more: str) -> bytes:
    given = {
        "From": sender,
        "To": receiver,
        "Subject": f"letter {number}",
        "Date": f"{day:02} May 2017 10:00:00 +0000",
        "Message-ID": f"<{number}@x.example>",
        **{name.replace("_", "-"): value for name, value in more.items() if name != "body"},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"{head}\r\n{more.get('body', f'text of {number}')}\r\n".encode()


class Pair:
    """A case with one leaked and one original mailbox of alice, filled by hand."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.case = Case.create(folder / "case", title="t", **settings)
        self.count = 0
        for day in range(1, 11):
            self.put("reference", letter(900 + day, day, B, A))
            self.put("reference", letter(950 + day, day, A, C))
            self.put("leak", letter(900 + day, day, B, A, X_Store="other"))
            self.put("leak", letter(950 + day, day, A, C, X_Store="other"))

    def put(self, side: str, data: bytes, box: str = "alice") -> str:
        self.count += 1
        path = self.folder / side / box / f"{self.count}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path.name

    def match(self) -> Mapping[str, dict[str, Any]]:
        for side in ("leak", "reference"):
            add(self.case, [self.folder / side], kind=side)
        found = match(self.case)
        with self.case.view() as view:
            places = view.table("place").to_pylist()
        return {
            row["name"]: found[row["item_id"]]
            for row in places
            if row["kind"] == "leak" and row["item_id"] in found
        }


def test_what_counts_as_different_and_what_never_does(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    text = "We pay 1000 euros on Monday and nothing more."
    pair.put("reference", letter(1, 5, B, A, Cc=C, body=text))
    same = pair.put(
        "leak", letter(1, 5, B, A, Cc=C, Received="by x", X_A="y", body=text.replace(" ", "\r\n"))
    )
    listed = pair.put(
        "leak",
        letter(1, 5, B, "list@x.example", Subject="[news] letter 1", List_Id="<news.x>",
               body=f"{text}\r\n_______________\r\nnews mailing list"),
    )  # fmt: skip
    false_list = pair.put(
        "leak",
        letter(1, 5, B, A, List_Id="<news.x>", body=f"{text} And bring the cash."),
    )
    edited = pair.put("leak", letter(1, 5, B, A, Cc=C, body=text.replace("1000", "9000")))
    bytes_alike = letter(2, 6, B, A)
    pair.put("reference", bytes_alike)
    equal = pair.put("leak", bytes_alike)
    pair.put("reference", letter(3, 6, A, C))
    no_id = pair.put("leak", letter(3, 6, A, C, Message_ID="", X_Sent="folder"))
    found = pair.match()
    assert {name: (found[name]["outcome"], found[name]["basis"]) for name in found} == {
        **dict.fromkeys(found, ("in_reference", "same_message_id")),
        listed: ("in_reference", "through_list"),
        false_list: ("differs", "through_list"),
        edited: ("differs", "same_message_id"),
        equal: ("in_reference", "same_bytes"),
        no_id: ("in_reference", "same_fields"),
    }
    assert found[same]["uncounted"] == []
    assert "footer of a list or gateway" in found[listed]["uncounted"]
    assert found[false_list]["differing"] == ["text"]
    assert found[edited]["differing"] == ["text"]
    assert found[edited]["changes"] == (
        "- We pay 1000 euros on Monday and nothing more.\n"
        "+ We pay 9000 euros on Monday and nothing more."
    )
    assert 0.8 < found[edited]["similarity"] < 1


FILED = 'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\n\r\nhi\r\n--q\r\n'


def filed(number: int, kind: str, data: str, *, is_unix: bool = False, **more: str) -> bytes:
    """A letter with one thing attached, as it stands."""
    head = letter(number, 5, B, A, body="", **more).removesuffix(b"\r\n\r\n")
    body = f"{FILED}Content-Type: {kind}\r\n\r\n{data}\r\n--q--\r\n"
    raw = head + body.encode()
    return raw.replace(b"\r\n", b"\n") if is_unix else raw


def test_attachments_count_by_what_they_hold(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    notes = 'text/csv; name="a.csv"'
    pair.put("reference", filed(1, notes, "a;b\r\n1;2"))
    unix = pair.put("leak", filed(1, notes, "a;b\r\n1;2", is_unix=True))
    edited = pair.put("leak", filed(1, notes, "a;b\r\n1;3"))
    inner = "From: x@y.example\r\nSubject: inner\r\n\r\n"
    pair.put("reference", filed(2, "message/rfc822", f"{inner}one"))
    kept = pair.put("leak", filed(2, "message/rfc822", f"{inner}one", is_unix=True))
    changed = pair.put("leak", filed(2, "message/rfc822", f"{inner}two"))
    pair.put("reference", filed(3, "text/plain", "x"))
    sealed = pair.put("leak", filed(3, 'application/pkcs7-mime; name="smime.p7m"', "abc"))
    found = pair.match()
    assert found[unix]["outcome"] == found[kept]["outcome"] == "in_reference"
    assert found[edited]["differing"] == found[changed]["differing"] == ["attachments"]
    assert found[sealed]["outcome"] == "not_compared"
    assert "encrypted" in found[sealed]["detail"]


def test_a_gateway_may_add_a_banner_below_a_line_and_nothing_else(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    text = "We pay on Monday."
    pair.put("reference", letter(1, 5, B, A, body=text))
    passed = pair.put(
        "leak",
        letter(1, 5, B, A, Received="by gate", Subject="[EXT] letter 1",
               body=f"{text}\r\n-----\r\nThis mail was scanned."),
    )  # fmt: skip
    more = pair.put("leak", letter(1, 5, B, A, Received="by gate", body=f"{text} In cash."))
    tagged = pair.put("leak", letter(1, 5, B, A, Received="by gate", Subject="[fraud] letter 1",
                                     body=text))  # fmt: skip
    found = pair.match()
    assert found[passed]["outcome"] == "in_reference"
    assert found[more]["differing"] == ["text"]
    assert "gateway" in found[more]["detail"]
    assert found[tagged]["differing"] == ["subject"]


def test_mail_under_another_address_of_the_holder_is_not_taken_for_received(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    alias = pair.put("leak", letter(1, 5, "alias@other.example", C))
    came = pair.put("leak", letter(2, 5, "alias@other.example", C, Received="by x"))
    found = pair.match()
    assert found[alias]["outcome"] == "outside_coverage"
    assert found[came]["outcome"] == "not_in_reference"


def test_nothing_is_said_outside_the_coverage(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    inside = pair.put("leak", letter(1, 5, B, A))
    before = pair.put("leak", letter(2, 1, B, A, Date="1 Apr 2017 10:00:00 +0000"))
    after = pair.put("leak", letter(3, 11, B, A))
    undated = pair.put("leak", letter(4, 5, B, A, Date="Fri, 31 Dec 9999 23:59:59 +0000"))
    for day in range(1, 6):
        pair.put("leak", letter(70 + day, day, B, C), "carol")
    others = pair.put("leak", letter(5, 5, B, C), "carol")
    beside = pair.put("leak", letter(6, 5, A, C), "carol")
    found = pair.match()
    told = {name: (found[name]["outcome"], found[name]["basis"]) for name in found}
    assert told[inside] == ("not_in_reference", "mailbox")
    assert told[beside] == ("not_in_reference", "address"), "what alice sent is covered as well"
    assert {told[name] for name in (before, after, undated, others)} == {("outside_coverage", None)}
    assert "Date" in found[undated]["detail"]
    assert "deleted before the export" in found[inside]["detail"]


def test_a_silence_is_no_coverage_and_the_case_may_narrow_it(tmp_path: Path) -> None:
    pair = Pair(tmp_path, reference_spans=("2017-05-03..2017-05-04", f"{A} 2017-06-01..2017-06-30"))
    for day in (20, 21):
        pair.put("reference", letter(800 + day, day, B, A, Date=f"{day} Jun 2017 10:00:00 +0000"))
    inside = pair.put("leak", letter(1, 4, B, A))
    narrowed = pair.put("leak", letter(2, 5, B, A))
    silent = pair.put("leak", letter(3, 5, B, A, Date="5 Jun 2017 10:00:00 +0000"))
    june = pair.put("leak", letter(4, 5, B, A, Date="20 Jun 2017 12:00:00 +0000"))
    found = pair.match()
    told = {name: found[name]["outcome"] for name in (inside, narrowed, silent, june)}
    assert told == {
        inside: "not_in_reference",
        narrowed: "outside_coverage",
        silent: "outside_coverage",
        june: "not_in_reference",
    }
    with pair.case.view() as view:
        rows = view.table("reference_coverage").to_pylist()
    assert {row["narrowed_by"] for row in rows} == set(pair.case.settings.reference_spans)


def test_without_originals_nothing_is_said_at_all(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case", title="t")
    (tmp_path / "leak").mkdir()
    (tmp_path / "leak" / "1.eml").write_bytes(letter(1, 5, B, A))
    add(case, [tmp_path / "leak"])
    assert match(case) == {}


def test_another_recipients_copy_of_a_mailing_is_no_twin(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.put("reference", letter(1, 5, B, A, List_Unsubscribe="<x>", body="Dear Alice"))
    copy = pair.put("leak", letter(1, 5, B, C, List_Unsubscribe="<x>", body="Dear Carol"), "carol")
    assert pair.match()[copy]["outcome"] == "outside_coverage"


def test_a_comparison_that_dies_accuses_nobody_and_clears_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tamis.run.pair_compare.TASK", "tamis.run.pair_task:nothing")
    pair = Pair(tmp_path)
    page = "Content-Type: text/html\r\n\r\n<p>hello</p>"
    head = letter(1, 5, B, A, body="").partition(b"\r\n\r\n")[0] + b"\r\n"
    pair.put("reference", head + page.encode())
    seen = pair.put("leak", head + b"X-A: b\r\n" + page.encode())
    row = pair.match()[seen]
    assert row["outcome"] == "not_compared"
    assert "the rest could not be" in row["detail"]
