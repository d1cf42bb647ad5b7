"""`tamis keys recover` on a case: what comes out is `recovered`, and proves no domain."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa

import dkim_signer
from tamis.case import Case
from tamis.cli import cli
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.stages import stages

NAME = "s1._domainkey.example.org"


@cache
def key(bits: int, exponent: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def run_leak(case: Case) -> set[str]:
    with case.writer() as writer:
        for stage in stages(("leak",)):
            if stage.name == "leak.signatures":
                run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    with case.view() as view:
        return set(view.table("signature_verdict")["verdict"].to_pylist())


def make(
    root: Path,
    private: rsa.RSAPrivateKey,
    altered: tuple[int, ...],
    count: int,
    selector: str = "s1",
) -> Case:
    (root / "in").mkdir()
    for number in range(count):
        fields = [(name, text) for name, text in dkim_signer.LETTER if name != "Subject"]
        fields.append(("Subject", f"letter {number}"))
        signed = "from:to:subject:date:mime-version:content-type"
        named = {"s": selector}
        data = dkim_signer.sign(fields, dkim_signer.BODY, signed=signed, key=private, replace=named)
        if number in altered:
            data = data.replace(b"Subject: letter", b"Subject: changed")
        (root / "in" / f"{number}.eml").write_bytes(data)
    case = Case.create(root / "case", title="x")
    add(case, (root / "in",), kind="leak", workers=Workers(jobs=1))
    run_leak(case)
    return case


def recover(case: Case, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["keys", "recover", str(case.path), *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_recovered_key_is_consistent_at_most(tmp_path: Path, bits: int) -> None:
    case = make(tmp_path, key(bits, 3), (), 3)
    code, shown = recover(case)
    assert code == 0
    assert f"{bits} bits, e=3; holds for 1 of 1 other signatures" in shown
    case = Case.open(case.path)
    with case.view() as view:
        (row,) = view.table("dkim_key").to_pylist()
    assert (row["key_name"], row["source"], row["key_bits"]) == (NAME, "recovered", bits)
    assert "recovered_key" in {line.event for line in case.custody()}
    assert run_leak(case) == {"key_consistent"}
    # Once more there is nothing left to recover.
    assert recover(Case.open(case.path))[0] == 1


def test_one_altered_message_spoils_one_pair(tmp_path: Path) -> None:
    case = make(tmp_path, key(1024, 3), (0,), 4)
    code, shown = recover(case, "--seconds", "2", "--pairs", "6")
    assert code == 0, shown
    assert "holds for 1 of 2 other signatures" in shown


def test_a_name_that_is_a_path_is_left_alone(tmp_path: Path) -> None:
    case = make(tmp_path, key(1024, 3), (), 2, selector="../../../../x")
    code, shown = recover(case)
    assert code == 1
    assert shown.startswith("0 keys recovered")


def test_one_signature_is_no_pair(tmp_path: Path) -> None:
    code, shown = recover(make(tmp_path, key(1024, 3), (), 1))
    assert code == 1
    assert f"{NAME}: not recovered: 1 usable signatures of this name, two are needed" in shown


@pytest.mark.slow
def test_a_wrong_pair_ends_within_its_limit(tmp_path: Path) -> None:
    import gmpy2  # noqa: F401  the suites install the extra [recover]

    case = make(tmp_path, key(2048, 65537), (1,), 2)
    started = time.monotonic()
    code, shown = recover(case, "--seconds", "8")
    assert time.monotonic() - started < 40
    assert code == 1
    assert f"{NAME}: not recovered from 1 pairs" in shown
    with Case.open(case.path).view() as view:
        assert view.row_count("dkim_key") == 0


@pytest.mark.slow
def test_the_usual_exponent_is_recovered_in_the_cell(tmp_path: Path) -> None:
    import gmpy2  # noqa: F401

    case = make(tmp_path, key(1024, 65537), (), 2)
    code, shown = recover(case, "--seconds", "300")
    assert code == 0, shown
    assert run_leak(Case.open(case.path)) == {"key_consistent"}
