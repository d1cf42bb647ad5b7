"""From the finished case to a folder that openssl alone can check."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from program import Line, succeed, tamis


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_a_verified_message_is_explained_bundled_and_checked(line: Line, tmp_path: Path) -> None:
    where = ("--where", "rule_id = 'dkim.verified'", "--limit", "1", "--as", "jsonl")
    item_id = json.loads(succeed("show", line.case, "verdict", *where))["item_id"]
    told = succeed("explain", line.case, item_id[:12])
    assert "Verdict: verified (counted as verified)" in told
    assert json.loads(succeed("explain", line.case, item_id, "--as", "jsonl"))["evidence"]
    succeed("bundle", line.case, item_id[:12], "-o", tmp_path / "proof")
    for byte, code in ((0, 0), (1, 1)):
        body = tmp_path / "proof" / "signature-0" / "body.bin"
        body.write_bytes(bytes([body.read_bytes()[0] ^ byte]) + body.read_bytes()[1:])
        done = subprocess.run(["sh", tmp_path / "proof" / "verify.sh"], capture_output=True)
        assert done.returncode == code, done.stdout


def test_what_is_meant_by_nothing_ends_with_two(line: Line, tmp_path: Path) -> None:
    for command in (("explain", line.case, "nothing"), ("bundle", line.case, "nothing", "-o", "b")):
        done = tamis(*command, cwd=tmp_path)
        assert done.returncode == 2
        assert "names no message of the case" in done.stderr
    assert list(tmp_path.iterdir()) == []
