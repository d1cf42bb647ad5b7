from __future__ import annotations

import io
from pathlib import Path

from tamis import records
from tamis.analyses.leak.signed_mail import signers_of
from tamis.case import Case
from tamis.progress import Silent
from tamis.registry import Glimpse, Source
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.stages import stages
from tamis.sources.context import signers

GOLDEN = Path(__file__).parents[2] / "analyses/leak/golden_openpgp"
KEYS = (GOLDEN / "keys.asc").read_bytes()


def test_armoured_keys_are_read_and_found_again() -> None:
    assert signers.recognises(Glimpse("k", KEYS[:65_536], len(KEYS))) == 90
    (first, *_) = signers.read(io.BytesIO(KEYS), Source("0" * 64, "k.asc", len(KEYS)))
    rows = first["signer_key"].to_pylist()
    assert {name for row in rows for name in row["names"]} == {"ada@example.org"}
    assert {holder.source for holder in signers_of(rows).holders} == {"party"}
    assert len({holder.key.key_id for holder in signers_of(rows).holders}) >= 5


def test_what_holds_no_key_is_rejected_and_counted() -> None:
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    found = list(signers.read(io.BytesIO(bad * 3), Source("0" * 64, "c.pem", 1)))
    tables = {name: batch.to_pylist() for one in found for name, batch in one.items()}
    assert len(tables["rejected"]) == 3
    assert tables["intake_count"][0]["rejected_count"] == 3
    records.table("rejected").build(tables["rejected"])
    for head in (b"", b"\x30", b"\x30\x82\xff\xff", b"\x99\x01", b"From: a\r\n", b"{}"):
        assert signers.recognises(Glimpse("x", head, len(head))) == 0


def test_a_key_given_to_a_case_attests_a_signature_in_its_mail(tmp_path: Path) -> None:
    text = (GOLDEN / "rsa.clear").read_bytes()
    letter = (
        b"From: Ada <ada@example.org>\nTo: b@example.org\nSubject: s\n"
        b"Date: Thu, 26 Nov 2026 23:59:30 +0000\n\n" + text
    )
    (tmp_path / "1.eml").write_bytes(letter)
    (tmp_path / "ada.asc").write_bytes(KEYS)
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "1.eml"], kind="leak", workers=Workers(jobs=1))
    add(case, [tmp_path / "ada.asc"], kind="keys", workers=Workers(jobs=1))
    with case.writer() as writer:
        stage = next(one for one in stages(("leak",)) if "signature" in one.writes)
        run_stage(writer, stage, RunContext("r", "duckdb", 1, Silent()))
    with case.view() as view:
        (row,) = view.table("signature").to_pylist()
    assert (row["kind"], row["header_verifies"], row["body_matches"]) == ("openpgp", True, True)
    assert (row["key_source"], row["key_label"][:8]) == ("party", "ada.asc:")
    assert row["covers_whole_body"] is True
    assert row["alignment"] == "exact"
