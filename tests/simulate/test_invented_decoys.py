"""The decoys of the invented campaign: proofs that hold, times that stand, truth that fits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages_for
from tamis.simulate import clock
from tamis.simulate.authority import authority
from tamis.simulate.decoys import AUTHORITIES
from tamis.syntax import seal
from tamis.syntax.mail.certificates import read_certificate
from tamis.syntax.pem import certificates_in
from tamis.syntax.timestamp_trust import judge

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate import Incident
    from tamis.syntax.mail.certificates import Certificate
    from tamis.syntax.seal import Proof

LEAK_AT = clock.moment(clock.LEAK_AT)


def proofs(incident: Incident) -> list[Proof]:
    paths = sorted(incident.decoys.glob("proof-*.json"))
    return [seal.proof_of(seal.members_of(path.read_bytes(), seal.FORMATS)) for path in paths]


def roots(data: bytes) -> list[Certificate]:
    found = [read_certificate(der) for der in certificates_in(data)]
    return [one for one in found if one is not None]


def test_every_proof_holds_under_both_authorities_at_the_time_that_the_truth_says(
    tiny: Incident,
) -> None:
    trusted = roots((tiny.decoys / "roots.pem").read_bytes())
    assert len(trusted) == len(AUTHORITIES)
    expected = {row["decoy_id"]: row["expected"] for row in tiny.truth.decoys}
    shown = {row["decoy_id"] for row in tiny.truth.decoys if row["is_shown"] == "True"}
    told = proofs(tiny)
    assert {one.entry.decoy_id for one in told} == shown
    for one in told:
        assert one.problems() == ()
        judged = [judge(reply, one.commitment.digest, trusted) for reply in one.replies]
        assert [token.problems for token in judged] == [(), ()]
        assert {token.authority for token in judged} == {
            f"{name} (invented root)" for name in AUTHORITIES
        }
        latest = min(token.latest_at for token in judged if token.latest_at is not None)
        is_before = latest < LEAK_AT
        assert expected[one.entry.decoy_id] == ("decoy" if is_before else "decoy_asserted")


def test_the_dump_holds_what_the_truth_names_and_not_what_was_never_taken(tiny: Incident) -> None:
    taken = {row["sha256"] for row in tiny.truth.decoys if row["path"]}
    made = {row["sha256"] for row in tiny.truth.messages if row["made_as"] == "decoy"}
    made |= {row["sha256"] for row in tiny.truth.documents if row["true_class"] == "decoy"}
    assert taken == made
    never = [row for row in tiny.truth.decoys if not row["path"]]
    assert [(row["is_shown"], row["expected"]) for row in never] == [("False", "")] * 2
    everything = b"".join(path.read_bytes() for path in tiny.decoys.iterdir())
    assert all(row["sha256"].encode() not in everything for row in never)


@pytest.mark.parametrize("at", [40, 300, -30])
def test_a_changed_reply_holds_no_more(at: int) -> None:
    one = authority(2017, AUTHORITIES[0])
    digest = bytes(range(32))
    reply = one.reply(digest, LEAK_AT, 7)
    trusted = roots(one.root_pem)
    whole = judge(reply, digest, trusted)
    assert whole.holds
    assert whole.latest_at == LEAK_AT + timedelta(seconds=1)
    changed = bytearray(reply)
    changed[at] ^= 1
    assert not judge(bytes(changed), digest, trusted).holds
    assert not judge(reply, bytes(32), trusted).holds
    assert not judge(reply, digest, roots(authority(2017, AUTHORITIES[1]).root_pem)).holds
    assert not judge(reply, digest, roots(authority(7, AUTHORITIES[0]).root_pem)).holds


@pytest.mark.parametrize("leak_at", [clock.iso(clock.LEAK_AT), ""])
def test_a_case_finds_them_as_the_truth_says(tiny: Incident, tmp_path: Path, leak_at: str) -> None:
    case = Case.create(tmp_path / "case", title="t", leak_at=leak_at)
    add(case, [tiny.leak], kind="leak")
    add(case, [tiny.decoys], kind="decoys")
    with case.writer() as writer:
        for stage in stages_for("decoy_match"):
            run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    with case.view() as view:
        found = {(r["item_id"], r["standing"]) for r in view.table("decoy_match").to_pylist()}
    made = {(row["sha256"], row["expected"]) for row in tiny.truth.decoys if row["expected"]}
    if not leak_at:
        # Who does not say when the leak was is told of no decoy sealed before it.
        made = {(sha256, "decoy_asserted") for sha256, _ in made}
    assert found == made
