"""Folders that cannot be sealed as they are, what a seal forgets of them, and what match reads."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.decoy_check import Matching, match
from tamis.run.decoy_seal import Sealing, load, reveal, seal_files
from tamis.run.intake import Wishes, add
from tamis.syntax import seal
from tamis.syntax.timestamp import write_request
from time_authority import OPENSSL, WHY_NOT, Authority

needs_openssl = pytest.mark.skipif(OPENSSL is None, reason=WHY_NOT)


def words(number: int, count: int = 90) -> str:
    dice = random.Random(number)
    return " ".join("".join(dice.choices("abdegiklmnoprstu", k=6)) for _ in range(count))


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    folder = tmp_path / "decoys"
    folder.mkdir()
    for number in range(3):
        (folder / f"note{number}.txt").write_text(words(number))
    return folder


def odd_name(folder: Path) -> Path:
    """A path whose name is no UTF-8."""
    return Path(os.fsdecode(os.fsencode(folder) + b"/n\xff\xfe.txt"))


def leaves(registry: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = load(registry / "registry.json", (seal.REGISTRY,))["leaves"]
    return found


def asked(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["decoy", *map(str, arguments)])


def test_a_file_whose_name_is_no_utf8_is_sealed_by_its_bytes(decoys: Path, tmp_path: Path) -> None:
    odd_name(decoys).write_text(words(9))
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    hashes = {one["sha256"] for one in leaves(tmp_path / "r")}
    assert hashes == {hashlib.sha256(words(n).encode()).hexdigest() for n in (0, 1, 2, 9)}


def test_a_leaked_copy_under_such_a_name_is_matched(decoys: Path, tmp_path: Path) -> None:
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    (tmp_path / "dump").mkdir()
    odd_name(tmp_path / "dump").write_text(f"{words(70)} {words(1)}")
    how = Matching(tmp_path / "r" / "registry.json")
    rows, _ = match(how, [tmp_path / "dump"], Silent())
    assert [one["relation"] for one in rows] == ["shares_text"]


def test_by_reference_such_a_file_is_copied_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    odd_name(tmp_path / "dump").write_text("words of a letter")
    case = Case.create(tmp_path / "case", title="t")
    told = add(case, [tmp_path / "dump"], kind="leak", wishes=Wishes(by_reference=True))
    assert any("copied, since its path is no Unicode text" in line for line in told.lines())
    with case.view() as view:
        assert view.table("item", ["status"])["status"].to_pylist() == ["read"]
        assert view.table("blob", ["storage"])["storage"].to_pylist() == ["blob"]


@pytest.mark.parametrize("what", ["empty", "link", "pipe"])
def test_what_has_no_bytes_of_its_own_is_not_sealed(
    decoys: Path, tmp_path: Path, what: str
) -> None:
    odd = decoys / "odd.txt"
    {
        "empty": lambda: odd.write_bytes(b""),
        "link": lambda: odd.symlink_to("/etc/hostname"),
        "pipe": lambda: os.mkfifo(odd),
    }[what]()
    with pytest.raises(InputError, match=r"odd\.txt: .*take it out of the folder"):
        seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    assert not (tmp_path / "r").exists()


def test_the_registry_is_not_written_among_the_decoys(decoys: Path) -> None:
    with pytest.raises(InputError, match="whoever takes them would take the registry too"):
        seal_files([decoys], decoys / "registry", Sealing(), Silent())


def test_a_decoy_at_the_end_of_a_long_text_is_matched(decoys: Path, tmp_path: Path) -> None:
    """Before, words beyond the first 2,000,000 characters were left out without a word."""
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    (tmp_path / "long.txt").write_text("filler words " * 200_000 + words(1))
    rows, _ = match(Matching(tmp_path / "r/registry.json"), [tmp_path / "long.txt"], Silent())
    assert [one["relation"] for one in rows] == ["shares_text"]


def test_a_proof_of_an_empty_file_is_none() -> None:
    """An older registry may hold one, and every dump has empty files."""
    entry = seal.Entry(b"s" * 32, hashlib.sha256(b"").digest(), b"k" * 32)
    proof = seal.Proof(entry, seal.Commitment(entry.leaf, 1), 0, (), ())
    assert proof.problems() == ("sha256: it is that of an empty file, whose bytes everybody has",)


def test_an_ordinary_file_is_not_sealed_as_a_decoy(decoys: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "other-name.txt").write_text(words(1))
    with pytest.raises(InputError, match=r"note1\.txt: the same bytes stand in the background"):
        seal_files([decoys], tmp_path / "r", Sealing((plain,)), Silent())


def test_the_same_bytes_are_sealed_once_and_shown_by_either_name(
    decoys: Path, tmp_path: Path
) -> None:
    (decoys / "again.txt").write_text(words(2))
    told = seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    assert told.commitment.leaf_count == 3
    assert any("again.txt and note2.txt: the same bytes" in note for note in told.notes)
    shown = [
        reveal(tmp_path / "r/registry.json", [name], (), tmp_path / "o", shows_sketch=False)
        for name in ("again.txt", "note2.txt")
    ]
    assert shown[0] == shown[1]


def test_files_with_few_runs_of_their_own_are_named(decoys: Path, tmp_path: Path) -> None:
    (decoys / "short.txt").write_text(words(5, count=40))
    told = seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    (note,) = [one for one in told.notes if "may be missed" in one]
    assert "1 files" in note
    assert "short.txt" in note


def test_a_folder_is_compared_with_its_registry(decoys: Path, tmp_path: Path) -> None:
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    wanted = ("verify", "--registry", tmp_path / "r/registry.json", "--sealed", decoys)
    done = asked(*wanted)
    assert (done.exit_code, "3 sealed files: holds" in done.stdout) == (0, True)
    assert "when was not asked" in done.stdout
    (decoys / "note0.txt").rename(decoys / "moved.txt")  # the bytes are what counts
    assert asked(*wanted).exit_code == 0
    with (decoys / "note1.txt").open("a") as file:
        file.write("x")
    (decoys / "note2.txt").unlink()
    (decoys / "new.txt").write_text("new")
    done = asked(*wanted)
    assert done.exit_code == 1
    for name, told in (
        ("note1.txt", "it was changed since it was sealed"),
        ("note2.txt", "it is sealed, and no file here has its bytes"),
        ("new.txt", "it is not sealed"),
    ):
        assert any(name in line and told in line for line in done.stdout.splitlines()), name
    for unusable in (("verify", "--sealed", decoys), (*wanted[:-1], tmp_path / "gone")):
        assert isinstance(asked(*unusable).exception, InputError)


def test_no_certificate_and_no_file_are_said(decoys: Path, tmp_path: Path) -> None:
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    (proof,) = reveal(
        tmp_path / "r/registry.json", ["note0.txt"], (), tmp_path / "o", shows_sketch=False
    )
    (tmp_path / "root.pem").write_text("no certificate")
    done = asked("verify", proof, "--roots", tmp_path / "root.pem")
    assert done.exit_code == 1
    assert "root 1: it holds no certificate that can be read; get it again" in done.stdout
    assert "no file was compared with the proof; give --file" in done.stdout


@needs_openssl
def test_roots_of_a_case_in_der_and_what_is_none(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "a", "own")
    request = tmp_path / "a" / "one.tsq"
    request.write_bytes(write_request(b"d" * 32, 5))
    der = x509.load_pem_x509_certificate(authority.root_pem).public_bytes(Encoding.DER)
    (tmp_path / "root.der").write_bytes(der)
    (tmp_path / "reply.tsr").write_bytes(authority.answer(request).read_bytes())
    (tmp_path / "torn.pem").write_bytes(authority.root_pem[:200])
    case = Case.create(tmp_path / "case", title="t")
    names = ("root.der", "reply.tsr", "torn.pem")
    told = add(case, [tmp_path / name for name in names], kind="decoys").lines()
    assert "A reply (.tsr) comes with its proof" in " ".join(" ".join(told).split())
    with case.view() as view:
        assert view.row_count("time_root") == 1
        states = sorted(view.table("item", ["status"])["status"].to_pylist())
        assert states == ["failed", "failed", "read"]


def test_what_could_not_be_compared_is_told(decoys: Path, tmp_path: Path) -> None:
    seal_files([decoys], tmp_path / "r", Sealing(), Silent())
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    rows, notes = match(Matching(tmp_path / "r/registry.json"), [tmp_path / "dump"], Silent())
    assert rows == []
    assert any("1 items were not compared, such as broken.pdf: " in one for one in notes), notes
