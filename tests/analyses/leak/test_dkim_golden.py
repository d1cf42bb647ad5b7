"""Messages signed once, by the tests' own signer with keys since thrown away: a checkout alone
proves what tamis says of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dkim_signer import key_row
from tamis.analyses.leak.dkim import KeyRing, verify_message

GOLDEN = Path(__file__).parent / "golden"
KEYS = KeyRing(
    key_row(txt, key_name=name)
    for name, txt in json.loads((GOLDEN / "keys.json").read_text()).items()
)


@pytest.mark.parametrize(
    ("name", "word", "kept_from"),
    [
        ("type_unsigned", "verified", None),
        ("stored_with_lf", "verified", None),
        ("ed25519", "verified", None),
        (
            "second_subject",
            "display_conflict",
            "subject stands 2 times, signed is number 2 from the top",
        ),
        (
            "body_changed",
            "body_differs",
            "the header signature holds, but the body is not the one that was signed",
        ),
    ],
)
def test_verdict_on_a_golden_message(name: str, word: str, kept_from: str | None) -> None:
    verdict = verify_message((GOLDEN / f"{name}.eml").read_bytes(), KEYS).verdict
    assert (verdict.word, verdict.kept_from) == (word, kept_from)
