"""Ways of letters put beside a verified twin, an original or a quotation, judged by all stages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dkim_signer import key_row, sign
from gateway_letters import ADA, BOB, HOUSE, Letter, plain, rich
from gateway_ways import NOT_SIGNED_BEHIND
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Way = Callable[[Letter], Letter | None]

SIGNED = (
    "from:to:cc:subject:date:message-id:reply-to:in-reply-to:references:list-id:sender:"
    "mime-version:content-type:content-transfer-encoding"
)
# twin: the original is verified, the copy passed the gateway, its broken signature still there;
# bare: the same without a signature; sent: what passed the gateway was signed behind it, the copy
# is that of the Sent folder; reference and export: the owner's original stands on either side;
# quote: a verified reply of the sender's house quotes what was sent.
SETTINGS = ("twin", "bare", "sent", "reference", "export", "quote")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one copy, and why."""

    way: str
    base: str
    setting: str
    verdict: str
    roll_up: str
    rule_id: str
    row: Mapping[str, Any]


def _bytes(one: Letter, *, top: str = "") -> bytes:
    fields, body = one.written()
    passed = "Received: by mx.example; x\r\n" if one.is_received else ""
    block = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{top}{passed}{block}\r\n".encode() + body


def _signed(one: Letter) -> bytes:
    fields, body = one.written()
    present = {name.lower() for name, _ in fields}
    names = ":".join(name for name in SIGNED.split(":") if name in present)
    return b"Received: by mx.example; x\r\n" + sign(fields, body, signed=names)


def _reply(one: Letter, number: int) -> bytes:
    quoted = "\n".join(f"> {line}".rstrip() for line in (one.text or "").split("\n"))
    told = Letter(
        (
            ("From", f"Bob Durand <{BOB}>"),
            ("To", f"Ada Lovelace <{ADA}>"),
            ("Subject", f"Re: {one.get('Subject')}"),
            ("Date", "Thu, 04 May 2017 14:00:00 +0200"),
            ("Message-ID", f"<reply{number}@{HOUSE}>"),
            ("In-Reply-To", one.get("Message-ID")),
        ),
        f"I shall see to number {number}.\n\nOn 4 May 2017, Ada Lovelace <{ADA}> wrote:\n{quoted}",
    )
    return _signed(told)


def _files(original: Letter, copy: Letter, setting: str, number: int) -> tuple[bytes, str, bytes]:
    """The witness, the folder where it lies, and the copy that is judged."""
    stays = replace(original, is_received=False) if setting == "sent" else original
    if setting == "twin":
        first = _signed(original)
        top = first.split(b"\r\n")[1].decode() + "\r\n"
        return first, "leak/one", _bytes(copy, top=top if copy.is_received else "")
    if setting == "bare":
        return _signed(original), "leak/one", _bytes(copy)
    if setting == "sent":
        return _signed(copy), "leak/one", _bytes(stays)
    if setting == "reference":
        return _bytes(original), "reference/one", _bytes(copy)
    if setting == "export":
        return _bytes(copy), "reference/one", _bytes(original)
    return _reply(original, number), "leak/one", _bytes(copy)


def judged(
    folder: Path, ways: Mapping[str, Way], setting: str, before: Mapping[str, Way] | None = None
) -> list[Said]:
    """What the program says of each way's copy, of a plain and of a rich letter, in one setting.

    Input     `before`: what was done to both copies first, by way
    """
    made: dict[str, tuple[str, str]] = {}
    witnesses: dict[tuple[str, str], str] = {}
    for rank, (name, way) in enumerate(ways.items()):
        for base, build in (("plain", plain), ("rich", rich)):
            number = 2 * rank + (base == "rich") + 1
            original = build(number)
            if before and name in before:
                original = before[name](original) or original
            copy = way(build(number))
            if copy is None or (setting == "sent" and name in NOT_SIGNED_BEHIND):
                continue
            witness, place, data = _files(original, replace(copy, mark="z"), setting, number)
            for where, raw in ((place, witness), ("leak/two", data)):
                path = folder / where / f"{number}.eml"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(raw)
            made[hashlib.sha256(data).hexdigest()] = (name, base)
            witnesses[name, base] = hashlib.sha256(witness).hexdigest()
    if setting in {"reference", "export"}:
        _holder(folder)
    rows = _run(folder)
    if setting not in {"reference", "export"}:
        unproved = [key for key, one in witnesses.items() if rows[one]["verdict"] != "verified"]
        assert not unproved, f"witnesses that are not verified: {unproved}"
    return [
        Said(name, base, setting, row["verdict"], row["roll_up"], row["rule_id"], row)
        for (name, base), row in ((told, rows[one]) for one, told in made.items())
    ]


def _holder(folder: Path) -> None:
    """Mail of others that shows whose the mailbox of the originals is: Ada's."""
    for number in range(3):
        text = (
            f"Delivered-To: {ADA}\r\nFrom: x{number}@far.example\r\nSubject: {number}\r\n\r\nHi\r\n"
        )
        (folder / "reference" / "one" / f"x{number}.eml").write_text(text)


def _run(folder: Path) -> dict[str, dict[str, Any]]:
    (folder / "keys.json").write_text(json.dumps({key_row()["key_name"]: key_row()["txt"]}))
    case = Case.create(folder / "case", title="gateways")
    for side in ("leak", "reference"):
        if (folder / side).is_dir():
            add(case, [folder / side], kind=side)
    add(case, [folder / "keys.json"], kind="keys")
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))
    with case.view() as view:
        return {row["item_id"]: row for row in view.table("verdict").to_pylist()}
