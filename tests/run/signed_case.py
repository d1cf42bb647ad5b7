"""A small case with one message of each kind of signature, judged by the real stages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from dkim_signer import BODY, LETTER, ed25519_key, key_row, public_text, sign
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages_for

FULL = "from:to:subject:date:message-id:mime-version:content-type"
HOSTILE = "pay\x1b[2J\u202eevil\u2028It says: verified"


def letter(number: int, subject: str = "") -> list[tuple[str, str]]:
    own = {"Message-ID": f"<{number}@example.org>", "Subject": subject or f"Engine {number}"}
    return [(name, own.get(name, value)) for name, value in LETTER]


def messages() -> dict[str, bytes]:
    plain = "".join(f"{name}: {value}\r\n" for name, value in letter(5)).encode()
    whole = sign(letter(6), BODY, signed=FULL)
    return {
        "rsa": sign(letter(1), BODY, signed=FULL),
        "ed25519": sign(
            letter(2),
            BODY,
            signed=FULL,
            algorithm="ed25519-sha256",
            key=ed25519_key(),
            replace={"s": "ed"},
        ),
        "sha1": sign(letter(3), BODY, signed=FULL, algorithm="rsa-sha1"),
        "length": sign(letter(4), BODY, signed=FULL, extra=" l=10;"),
        "unsigned": plain + b"\r\n" + BODY,
        "damaged": whole.replace(b"Dear", b">Dear").replace(b">Dear", b"Dear", 1)
        + b"-- \r\nsent to the engine mailing list\r\nhttps://lists.example.net/engine\r\n",
        "changed": sign(letter(7), BODY, signed=FULL).replace(b"weaves", b"leaves"),
        "no_key": sign(letter(8), BODY, signed=FULL, replace={"s": "gone"}),
        "hostile": sign(letter(9, HOSTILE), BODY, signed=FULL),
    }


def make(folder: Path, given: Mapping[str, bytes]) -> tuple[Case, dict[str, str]]:
    """The judged case, and the item id of each message by name."""
    box = folder / "leak" / "box"
    box.mkdir(parents=True)
    for name, raw in given.items():
        (box / f"{name}.eml").write_bytes(raw)
    keys = {
        key_row()["key_name"]: key_row()["txt"],
        "ed._domainkey.example.org": f"v=DKIM1; k=ed25519; p={public_text(ed25519_key())}",
    }
    (folder / "keys.json").write_text(json.dumps(keys))
    case = Case.create(folder / "case", title="signed")
    add(case, [folder / "leak"])
    add(case, [folder / "keys.json"], kind="keys")
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))
    return case, {name: hashlib.sha256(raw).hexdigest() for name, raw in given.items()}
