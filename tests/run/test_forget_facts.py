"""Forgetting a message leaves none of its words in the facts about it and about others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
from signed_case import FULL, letter

from dkim_signer import key_row, sign
from tamis.case import Case, audit
from tamis.progress import Silent
from tamis.run.analyse import RunContext, analyse, run_stage
from tamis.run.claim_ledger import set_status
from tamis.run.intake import add
from tamis.run.report import write_report
from tamis.run.stages import stages_for
from tamis.syntax import seal, sketch

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


def test_what_was_found_in_it_about_people_decoys_and_claims_goes_too(tmp_path: Path) -> None:
    """Forgotten is a mail with a pixel and a number that is a shown decoy; a claim is about it."""
    raw = (
        b"From: a@campaign.example\r\nSubject: s\r\nMessage-ID: <9@x.example>\r\n"
        b"Content-Type: text/html\r\n\r\n<p>ring 06 12 34 56 78</p>"
        b'<img src="https://' + WORD.encode() + b'.example/o.gif" width="1" height="1">\r\n'
    )
    item_id = hashlib.sha256(raw).hexdigest()
    empty = sketch.sketch_digest(bytes(32), b"")
    entry = seal.Entry(bytes(32), bytes.fromhex(item_id), empty)
    proof = seal.Proof(entry, seal.Commitment(entry.leaf, 1), 0, (), ())
    files = {
        "leak": ("m.eml", raw),
        "decoys": ("proof.json", seal.written(proof.to_json())),
        "claims": ("c.csv", f"claim_id,kind,statement,about\nA,other,fake,{item_id}\n".encode()),
    }
    case = Case.create(tmp_path / "case", title="t")
    for kind, (name, data) in files.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_bytes(data)
        add(case, [tmp_path / kind], kind=kind)
    with case.writer() as writer:
        for table in ("personal_data", "beacon", "decoy_match"):
            for stage in stages_for(table):
                run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    set_status(case, "A", "open", [], note="not known", author="Eve")
    write_report(case, tmp_path / "report.html", public=False, progress=Silent())
    tables = ("personal_data", "beacon", "decoy_match", "property", "message")
    with case.view() as view:
        held = {name: item_id in view.table(name)["item_id"].to_pylist() for name in tables}
    assert all(held.values()), held
    assert traces(case.path)
    case.forget(item_id, "she asked")
    with case.view() as view:
        for name in tables:
            assert item_id not in view.table(name)["item_id"].to_pylist(), name
        # What others said of it in public stays with its file, and so does a person's word.
        assert view.row_count("claim") == view.row_count("claim_word") == 1
    assert traces(case.path) == []
    with case.writer() as writer:
        for stage in stages_for("decoy_match"):
            run_stage(writer, stage, RunContext("r2", "duckdb", 1, Silent()))
    with case.view() as view:
        assert not view.row_count("decoy_match"), "a forgotten item is matched no more"
    assert audit(case.path).ok
