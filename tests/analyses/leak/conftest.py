"""Keys of the real material."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dkim_signer import key_row
from tamis.syntax.mail.dkim_keys import KeyRing


@pytest.fixture
def shared_keys(shared_data: Path) -> KeyRing:
    """Every key of keys.json, as undated records of an archive."""
    names = json.loads((shared_data / "leak/keys.json").read_text())
    return KeyRing(
        key_row(entry["txt"], key_name=name, source="archive", source_label=entry["src"])
        for name, entries in names.items()
        for entry in entries
    )
