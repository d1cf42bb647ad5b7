"""The program as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """The folder of a finished case, and the incident it was made from."""

    incident: Path
    case: Path
    report: Path


def tamis(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The program as a person runs it."""
    command = [sys.executable, "-m", "tamis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=600)


def succeed(*arguments: str | Path, cwd: Path | None = None) -> str:
    """What the program printed, once it ended with exit code 0."""
    done = tamis(*arguments, cwd=cwd)
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout
