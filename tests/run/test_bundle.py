"""A bundle re-verifies with openssl alone, and with nothing else once a byte is changed."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from signed_case import FULL, HOSTILE, letter, make, messages

from dkim_signer import BODY, key_row, public_text, sign
from tamis.errors import FormatError, InputError
from tamis.run import bundle as bundle_module
from tamis.run.bundle import write_bundle
from tamis.run.intake import add

if TYPE_CHECKING:
    from tamis.case import Case

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
HOLDING = ("rsa", "ed25519", "sha1", "hostile")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, str]]:
    return make(tmp_path_factory.mktemp("signed"), messages())


@pytest.fixture
def bundled(signed: tuple[Case, dict[str, str]], tmp_path: Path) -> Callable[[str], Path]:
    def write(name: str) -> Path:
        case, ids = signed
        folder = tmp_path / name
        write_bundle(case, ids[name], folder)
        return folder

    return write


def run_script(folder: Path) -> tuple[int, str]:
    """The script in an environment that holds nothing of tamis or Python."""
    done = subprocess.run(
        ["sh", "verify.sh"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", HOLDING)
def test_it_verifies_and_stops_to_when_one_byte_changes(
    bundled: Callable[[str], Path], name: str
) -> None:
    folder = bundled(name)
    code, said = run_script(folder)
    assert (code, said.count(": yes"), said.count(": NO")) == (0, 3, 0), said
    for file in ("message.eml", "signature-0/header.bin", "signature-0/body.bin",
                 "signature-0/signature.bin"):  # fmt: skip
        path = folder / file
        kept = path.read_bytes()
        for at in (0, len(kept) // 2, len(kept) - 1):
            path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
            code, said = run_script(folder)
            assert (code, said.count(": NO")) == (1, 1), (file, at, said)
        path.write_bytes(kept)
    assert run_script(folder)[0] == 0


def test_what_does_not_hold_is_said_not_to(bundled: Callable[[str], Path]) -> None:
    code, said = run_script(bundled("changed"))
    assert (code, said.count(": NO")) == (1, 1)
    assert "signature-0: the body is the one that was signed: NO" in said
    code, said = run_script(bundled("no_key"))
    assert code == 2
    assert "no key is known, the headers cannot be checked" in said
    code, said = run_script(bundled("length"))
    assert (code, said.count(": yes"), said.count(": NO")) == (2, 3, 0)
    assert "the body but for its last 34 bytes is the one that was signed: yes" in said
    folder = bundled("unsigned")
    code, said = run_script(folder)
    assert (code, said.count(": yes")) == (2, 1)
    assert "nothing can be checked" in said
    assert not list(folder.glob("signature-*"))


def test_another_body_with_its_own_hash_in_the_script_does_not_pass(
    bundled: Callable[[str], Path],
) -> None:
    folder = bundled("rsa")
    script, body = folder / "verify.sh", folder / "signature-0" / "body.bin"
    old = base64.b64encode(hashlib.sha256(body.read_bytes()).digest()).decode()
    body.write_bytes(b"Pay Eve.\r\n")
    new = base64.b64encode(hashlib.sha256(body.read_bytes()).digest()).decode()
    script.write_text(script.read_text().replace(old, new))
    code, said = run_script(folder)
    assert (code, said.count(": NO")) == (1, 1)


def test_the_key_that_holds_is_given_where_one_file_states_several(tmp_path: Path) -> None:
    fields = letter(1, "a; bh=AAAA; b=x")
    case, ids = make(tmp_path, {"rsa": sign(fields, BODY, signed=FULL)})
    other = rsa.generate_private_key(65537, 2048)
    more = {key_row()["key_name"]: [{"txt": f"v=DKIM1; p={public_text(other)}"}]}
    (tmp_path / "keys.json").write_text(json.dumps(more))
    add(case, [tmp_path / "keys.json"], kind="keys")
    write_bundle(case, ids["rsa"], tmp_path / "bundle")
    assert len(json.loads((tmp_path / "bundle" / "keys.json").read_text())) == 2
    assert run_script(tmp_path / "bundle")[0] == 0


def test_the_repaired_bytes_are_there_and_hold(
    signed: tuple[Case, dict[str, str]], bundled: Callable[[str], Path]
) -> None:
    folder = bundled("damaged")
    code, said = run_script(folder)
    assert (code, said.count(": NO")) == (1, 1), "as found the body is another"
    repaired = (folder / "repaired.eml").read_bytes()
    assert b"mailing list" not in repaired
    row = json.loads((folder / "facts" / "repair.jsonl").read_text())
    assert row["repaired_item_id"] == hashlib.sha256(repaired).hexdigest()
    assert row["outcome"] == "damage"


def test_every_file_is_in_the_sums_and_the_keys_name_their_sources(
    bundled: Callable[[str], Path],
) -> None:
    folder = bundled("rsa")
    told = dict(
        reversed(one.split("  ")) for one in (folder / "SHA256SUMS").read_text().split("\n") if one
    )
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(told) == files - {"SHA256SUMS"}
    assert all(sha(folder / name) == digest for name, digest in told.items())
    (key,) = json.loads((folder / "keys.json").read_text())
    assert key["key_name"] == "s1._domainkey.example.org"
    assert key["source"]
    listed = {line.split()[0] for line in (folder / "README.txt").read_text().split("\n")
              if "  " in line and not line.startswith(" ")}  # fmt: skip
    tops = {path.name for path in folder.iterdir()} - {"README.txt"}
    assert {one.replace("signature-0", "signature-N/") for one in tops} <= {
        *listed, *(one.rstrip("/") for one in listed)
    }  # fmt: skip


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_hostile_text_is_escaped_and_no_part_of_the_script(bundled: Callable[[str], Path]) -> None:
    folder = bundled("hostile")
    told = (folder / "explanation.txt").read_text()
    assert not {"\x1b", "\u202e", "\u2028"} & set(told)
    assert "⟨U+202E⟩" in told
    assert "evil" not in (folder / "verify.sh").read_text()
    assert HOSTILE.encode() in (folder / "message.eml").read_bytes()


GOOD: dict[str, Any] = {
    "position": 0,
    "hash": "sha256",
    "algorithm": "rsa-sha256",
    "body_hash": "0X+38T1rvZb/RXgwqaku6vK8/TN1vHJLYzDMIIlLPZ8=",
    "key_name": "k",
    "has_key": True,
    "header_verifies": True,
    "body_matches": True,
}


@pytest.mark.parametrize(
    "bad",
    [
        {"position": "0; touch /tmp/x"},
        {"position": True},
        {"position": -1},
        {"position": 1000},
        {"hash": "sha256 $(id)"},
        {"hash": ["sha256"]},
        {"algorithm": "rsa-sha256; id"},
        {"body_hash": '"; id; "'},
        {"body_hash": "AAAA\nid"},
        {"body_hash": "A" * 4000},
        {"body_hash": None},
    ],
)
def test_a_worker_that_was_taken_over_writes_no_script(bad: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="no usable answer"):
        bundle_module._checked({**GOOD, **bad})


def test_what_a_worker_names_its_key_reaches_no_script() -> None:
    entry = bundle_module._checked(
        {**GOOD, "key_name": "$(id)", "more": "$(id)", "has_key": "`id`"}
    )
    assert "id)" not in bundle_module._script("0" * 64, "message.eml", [entry])
    assert entry["has_key"] is True


@pytest.mark.parametrize("answer", [None, "text", 7, {"position": 0}])
def test_an_answer_of_another_shape_is_refused(answer: Any) -> None:
    with pytest.raises(FormatError, match="no usable answer"):
        bundle_module._entries(answer)


def test_unknown_and_ambiguous_names_and_full_folders_are_refused(
    signed: tuple[Case, dict[str, str]], tmp_path: Path
) -> None:
    case, ids = signed
    for name in ("0" * 64, ids["rsa"][:5], "", "nothing.eml", "%", "' OR 1=1 --"):
        with pytest.raises(InputError, match="names no message"):
            write_bundle(case, name, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for folder in ("full", "file"):
        with pytest.raises(InputError, match="new or empty folder"):
            write_bundle(case, ids["rsa"], tmp_path / folder)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.shared_data
def test_a_message_rebuilt_from_a_store_says_what_its_bytes_are(
    shared_data: Path, tmp_path: Path
) -> None:
    path = next((shared_data / "leak" / "outlook").rglob("*unicode.msg"))
    case, _ = make(tmp_path, {})
    _judge(case, path)
    with case.view() as view:
        item_id = view.table("message", ["item_id"]).column("item_id").to_pylist()[0]
    lines = write_bundle(case, item_id, tmp_path / "b")
    assert any("no message as it was sent" in line for line in lines)
    assert not (tmp_path / "b" / "message.eml").exists()
    assert run_script(tmp_path / "b")[0] == 2
    assert "store.rebuilt" in (tmp_path / "b" / "explanation.txt").read_text()


def _judge(case: Case, path: Path) -> None:
    from tamis.progress import Silent
    from tamis.run.analyse import RunContext, run_stage
    from tamis.run.intake import add
    from tamis.run.stages import stages_for

    add(case, [path])
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r2", "duckdb", 2, Silent()))
