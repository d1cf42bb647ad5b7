from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tamis
from tamis import simulate
from tamis.errors import FormatError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate import Incident

# Raise tamis.simulate.truth.VERSION when these change: others compare with stored results.
GOLDEN_TINY = "1bf92e38ccb300ff28517ab7a922695918cf91914559f56601fe047d0a283ab4"


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def test_the_tiny_incident_has_its_golden_bytes(tiny: Incident) -> None:
    assert digest(tiny.folder) == GOLDEN_TINY


def test_another_process_with_other_hashes_zone_and_locale_writes_the_same(
    tiny: Incident, tmp_path: Path
) -> None:
    code = f"from pathlib import Path; from tamis import simulate; simulate.write(Path({str(tmp_path / 'b')!r}), scale=0.05)"  # noqa: E501
    source = os.path.dirname(os.path.dirname(tamis.__file__))  # noqa: PTH120
    environment = {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONPATH": source}
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | environment)
    assert digest(tmp_path / "b") == digest(tiny.folder)


def test_another_seed_writes_other_bytes_and_other_keys(tiny: Incident, tmp_path: Path) -> None:
    other = simulate.write(tmp_path / "c", seed=7, scale=0.05)
    assert digest(other.folder) != digest(tiny.folder)
    assert other.keys.read_bytes() != tiny.keys.read_bytes()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="empty folder"):
        simulate.write(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_a_scale_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="above 0"):
        simulate.write(tmp_path / "x", scale=0)


def test_expectations_of_a_folder_without_answers(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="run simulate first"):
        simulate.expectations(tmp_path)
