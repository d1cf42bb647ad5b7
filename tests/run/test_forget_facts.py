"""Forgetting a message leaves none of its words in the facts about it and about others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
from signed_case import FULL, letter

from dkim_signer import key_row, sign
from tamis.case import Case, audit
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import add
from tamis.run.report import write_report

WORD = "zyzzogeton"
TEXT = [
    "The treasurer asked for the second invoice of the printer before Friday evening.",
    "Please bring the signed contract for the hall in Lyon to the meeting tomorrow.",
    f"Nobody but {WORD} has answered the question about the buses for the volunteers.",
]
OTHER = [*TEXT[:2], "Nobody but Charles has answered the question about the buses for volunteers."]
FACTS = ("repair", "copy_pair", "quote_match", "reference_match", "verdict", "evidence")
FOOTER = b"-- \r\nsent to the engine mailing list\r\nhttps://lists.example.net/engine\r\n"


def traces(root: Path) -> list[str]:
    """Files of the case in which the word still stands, packed ones opened."""
    found = []
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        text = path.read_bytes()
        if path.suffix == ".parquet":
            text += str(pq.read_table(path).to_pylist()).encode()
        if WORD.encode() in text.lower():
            found.append(str(path.relative_to(root)))
    return sorted(found)


def body(lines: list[str]) -> bytes:
    return ("\r\n\r\n".join(lines) + "\r\n").encode()


def test_none_of_its_words_stays(tmp_path: Path) -> None:
    """Forgotten is a damaged message, with a verified copy, a reply that quotes, an original."""
    whole = sign(letter(1, f"about {WORD}"), body(TEXT), signed=FULL)
    damaged = whole + FOOTER
    edited = sign(letter(3, "hall"), body(TEXT), signed=FULL).replace(b"second", b"seventh")
    twin = sign(letter(1, "about Charles"), body(OTHER), signed=FULL)
    quoted = "".join(f"> {line}\r\n" for one in TEXT for line in (one, ""))
    reply_fields = [*letter(2, "Re: hall"), ("In-Reply-To", "<1@example.org>")]
    reply = sign(reply_fields, f"Yes.\r\n\r\nAda wrote:\r\n{quoted}".encode(), signed=FULL)
    boxes = {"bob": [damaged, edited], "alice": [twin], "carl": [reply]}
    for name, messages in boxes.items():
        (tmp_path / "leak" / name).mkdir(parents=True)
        for rank, raw in enumerate(messages):
            (tmp_path / "leak" / name / f"{rank}.eml").write_bytes(raw)
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "0.eml").write_bytes(whole.replace(b"Friday", b"Monday"))
    (tmp_path / "keys.json").write_text(f'{{"{key_row()["key_name"]}": "{key_row()["txt"]}"}}')
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "leak"])
    add(case, [tmp_path / "original"], kind="reference")
    add(case, [tmp_path / "keys.json"], kind="keys")
    list(analyse(case, only=("leak",), progress=Silent()))
    write_report(case, tmp_path / "report.html", public=False, progress=Silent())
    before = traces(case.path)
    with case.view() as view:
        repairs = view.table("repair").to_pylist()
        facts = {name: view.row_count(name) for name in FACTS}
    assert all(facts.values()), facts
    repaired = {row["repaired_item_id"] for row in repairs if row["outcome"] == "damage"}
    assert repaired
    assert any(one.rpartition("/")[2] in repaired for one in before), "the repaired bytes are kept"
    for raw in (damaged, edited, reply, whole.replace(b"Friday", b"Monday")):
        case.forget(hashlib.sha256(raw).hexdigest(), "she asked")
    with case.view() as view:
        assert view.row_count("message") == 1
    assert traces(case.path) == []
    assert audit(case.path).ok
