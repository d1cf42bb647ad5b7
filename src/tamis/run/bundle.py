"""`tamis bundle`: one message with all that another person and program need to judge it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from tamis.cell import Cell, Job, Span, Workplace
from tamis.errors import FormatError, InputError
from tamis.plan import Query
from tamis.run.bundle_task import TASK
from tamis.run.explain import explain
from tamis.run.leak import write_keys
from tamis.run.leak_task import REBUILT
from tamis.syntax.mail.dkim_rules import ALGORITHMS
from tamis.syntax.visible import escape_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tamis.case import Case, CaseView
    from tamis.run.explain import Explanation

_KEYS = Query(
    "keys_named",
    """
    SELECT key_name, txt, source, source_label, seen_from_at, seen_to_at, submitted_at,
        is_private_published, source_item_id
    FROM dkim_key WHERE list_contains($names, key_name) ORDER BY ALL
    """,
)
_ROWS = {
    name: Query(f"bundled_{name}", f"SELECT * FROM {name} WHERE {where} ORDER BY ALL")  # noqa: S608
    for name, where in (
        ("place", "item_id = $item_id"),
        ("repair", "item_id = $item_id"),
        ("copy_pair", "item_a = $item_id OR item_b = $item_id"),
        ("quote_match", "item_id = $item_id OR quoted_item_id = $item_id"),
        ("reference_match", "item_id = $item_id"),
        ("header_anomaly", "item_id = $item_id"),
        ("arc_chain", "item_id = $item_id"),
    )
}
_FILE = re.compile(r"(?P<part>header|body|signature|key)-(?P<number>[0-9]{1,3})(?:\.pem)?")
_FILES = {
    "header": "header.bin",
    "body": "body.bin",
    "signature": "signature.bin",
    "key": "key.pem",
}
_UNUSABLE = "the worker that laid out the signatures gave no usable answer"
_MOST_SIGNATURES = 1000  # as many as `_FILE` has digits for
_BASE64 = re.compile(r"[A-Za-z0-9+/]{0,120}={0,2}")
_MESSAGE, _STORED = "message.eml", "stored.bin"
_NO_MESSAGE = (
    "it was rebuilt from an Outlook store: stored.bin holds what the store kept, and there is no "
    "message as it was sent, no signature to check"
)
_NOTHING = "it carries no DKIM signature that could be laid out, nothing can be checked"
_OPEN = '[ "$status" -ne 0 ] || status=2'
# The last bh= of a header is that of its own signature, which comes last (RFC 6376 section 3.7).
_STATED = (
    "-e 's/[Dd][Kk][Ii][Mm]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]:/;/g' -e 's/.*;bh=//' -e 's/;.*//'"
)
_README = """\
One message, and all that tamis knows of it.

message.eml       the message, byte for byte; its SHA-256 is its item id
stored.bin        instead, where an Outlook store kept properties and not the message: those, in
                  the form in which tamis keeps them
explanation.txt   the verdict, the rule that decided, every fact, and what would change it
explanation.json  the same for programs
facts/            rows of the fact tables about it: copies, quotations, repairs, originals
keys.json         every record known of the keys that its signatures name, with the sources
signature-N/      what signature N was computed over: header.bin, body.bin, signature.bin,
                  and key.pem where a key is known
repaired.eml      the bytes after the repair that makes a signature hold, where there is one
case.json         when the leak was known (a key that came later attests nothing), known sealers
verify.sh         openssl lines that check the signatures again, without tamis: it ends with 0 where
                  all of it holds, 1 where something does not, 2 where something cannot be checked
SHA256SUMS        the hash of each file

A signature that holds says that the holder of the key signed these fields and this body. It does
not say who wrote the message, that its date is right, or that what it says is true. A signature
that does not hold says nothing: it is no sign of forgery (RFC 6376 section 6.1).

header.bin and body.bin were cut out of message.eml by the rules of RFC 6376 section 3.4; any other
DKIM program does the same from message.eml and the keys.
"""


def write_bundle(case: Case, name: str, folder: Path) -> list[str]:
    """Lines on what was written into `folder`, which is made.

    Input     `name` is an item id or its beginning, a Message-ID, or a path
    Errors    InputError when no message is meant, or the folder holds something already
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: expected a new or empty folder to write the bundle into")
    with case.view() as view:
        told = explain(view, name)
        item_id = told.message["item_id"]
        is_rebuilt = told.own["rule_id"] == REBUILT
        item = _STORED if is_rebuilt else _MESSAGE
        folder.mkdir(parents=True, exist_ok=True)
        (folder / item).write_bytes(view.read_item(item_id))
        _write_facts(view, folder, told)
        _write_settings(view, folder)
        entries = [] if is_rebuilt else _sign(view, folder, item_id)
        _write_keys(view, folder, [one["key_name"] for one in entries])
        for row in view.query(_ROWS["repair"], {"item_id": item_id}).to_pylist():
            if row["repaired_item_id"]:
                (folder / "repaired.eml").write_bytes(view.read_item(row["repaired_item_id"]))
    (folder / "verify.sh").write_text(_script(item_id, item, entries), encoding="utf-8")
    (folder / "README.txt").write_text(_README, encoding="utf-8")
    count = _write_sums(folder)
    told_of = [_NO_MESSAGE] if is_rebuilt else _lines(entries)
    return [f"{folder}: {count} files about message {item_id}", *told_of]


def _write_facts(view: CaseView, folder: Path, told: Explanation) -> None:
    (folder / "explanation.txt").write_text("\n".join(told.lines()) + "\n", encoding="utf-8")
    (folder / "explanation.json").write_text(told.jsonl() + "\n", encoding="utf-8")
    facts = folder / "facts"
    facts.mkdir()
    for name, query in _ROWS.items():
        rows = view.query(query, {"item_id": told.message["item_id"]}).to_pylist()
        if rows:
            lines = (
                escape_json(orjson.dumps(row, option=orjson.OPT_UTC_Z).decode()) for row in rows
            )
            (facts / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_settings(view: CaseView, folder: Path) -> None:
    """The settings of the case that bear on what a key or a seal is worth."""
    settings = view.settings
    told = {"leak_at": settings.leak_at or None, "known_sealers": list(settings.known_sealers)}
    (folder / "case.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _sign(view: CaseView, folder: Path, item_id: str) -> list[dict[str, Any]]:
    """What each signature was computed over, laid out in folders of its own by the cell."""
    spool = view.scratch()
    path, offset, length = view.locate_item(item_id)
    item = {"item_id": item_id, "input": 1}
    job = Job(item_id, TASK, (write_keys(view, spool), Span(path, offset, length)), (item,))
    with Cell(1, spool, Workplace(preload=("tamis.run.bundle_task",))) as cell:
        (outcome,) = list(cell.run([job]))
        if outcome.status != "done":
            (folder / "not-checked.txt").write_text(f"{outcome.reason}\n", encoding="utf-8")
            return []
        for name, place in outcome.files.items():
            if found := _FILE.fullmatch(name):
                target = folder / f"signature-{found['number']}"
                target.mkdir(exist_ok=True)
                (target / _FILES[found["part"]]).write_bytes(place.read_bytes())
        outcome.discard()
    return _entries(outcome.result)


def _entries(result: Any) -> list[dict[str, Any]]:
    """A worker's answer, each signature checked.

    Errors    FormatError for an answer of another shape.
    """
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        raise FormatError(_UNUSABLE)
    return [_checked(one) for one in result]


def _checked(one: Mapping[str, Any]) -> dict[str, Any]:
    """What a worker says of one signature, as far as it may stand in a shell script.

    Errors    FormatError for anything else: a worker that was taken over writes no script.
    """
    position, body_hash = one.get("position"), one.get("body_hash")
    checks = (
        type(position) is int and 0 <= position < _MOST_SIGNATURES,
        one.get("hash") in ("sha1", "sha256"),
        one.get("algorithm") in tuple(ALGORITHMS),
        isinstance(body_hash, str) and _BASE64.fullmatch(body_hash),
        type(one.get("unsigned_count", 0)) is int,
    )
    if not all(checks):
        raise FormatError(_UNUSABLE)
    told = {name: bool(one.get(name)) for name in ("has_key", "header_verifies", "body_matches")}
    return {**one, **told, "key_name": str(one.get("key_name"))}


def _write_keys(view: CaseView, folder: Path, names: Sequence[str]) -> None:
    rows = view.query(_KEYS, {"names": list(dict.fromkeys(names))}).to_pylist()
    text = json.dumps(rows, indent=1, default=str)
    (folder / "keys.json").write_text(text + "\n", encoding="utf-8")


def _script(item_id: str, item: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """A shell script of openssl lines: what it prints is decided by openssl alone."""
    lines = [
        "#!/bin/sh",
        "# Checks the signatures again with openssl; run it in this folder.",
        'cd "$(dirname "$0")" || exit 2',
        "status=0",
        'say() { if [ "$1" -eq 0 ]; then echo "$2: yes"; else echo "$2: NO"; status=1; fi; }',
        f'sum=$(openssl dgst -sha256 -r {item} | cut -d" " -f1)',
        f'[ "$sum" = {item_id} ]; say $? "{item} is item {item_id}"',
    ]
    for one in entries:
        lines += _script_of(one)
    if not entries:
        lines += [f'echo "{item}: {_NOTHING}"', _OPEN]
    return "\n".join([*lines, "exit $status", ""])


def _script_of(one: Mapping[str, Any]) -> list[str]:
    here, digest = f"signature-{one['position']}", one["hash"]
    count = one.get("unsigned_count", 0)
    body = f"the body but for its last {count} bytes" if count else "the body"
    lines = [
        f"hash=$(openssl dgst -{digest} -binary {here}/body.bin | openssl base64 -A)",
        # The hash that the signed header itself states, not one that this script brings along.
        f"stated=$(tr -d ' \\t\\r\\n' < {here}/header.bin | sed {_STATED})",
        f'[ "$hash" = "$stated" ]; say $? "{here}: {body} is the one that was signed"',
    ]
    if count:
        lines += [f'echo "{here}: anything may stand in the last {count} bytes of the body"', _OPEN]
    if not one["has_key"]:
        told = f'echo "{here}: no key is known, the headers cannot be checked"'
        return [*lines, told, _OPEN]
    what = f'say $? "{here}: the header signature holds under key.pem"'
    if one["algorithm"] == "ed25519-sha256":
        return [
            *lines,
            f"openssl dgst -sha256 -binary {here}/header.bin > {here}/header.sha256",
            (
                f"openssl pkeyutl -verify -pubin -inkey {here}/key.pem -rawin "
                f"-in {here}/header.sha256 -sigfile {here}/signature.bin > /dev/null; {what}"
            ),
        ]
    return [
        *lines,
        (
            f"openssl dgst -{digest} -verify {here}/key.pem -signature {here}/signature.bin "
            f"{here}/header.bin > /dev/null; {what}"
        ),
    ]


def _write_sums(folder: Path) -> int:
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    lines = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder)}"
        for one in files
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(files) + 1


def _lines(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    if not entries:
        return ["it carries no DKIM signature that could be laid out"]
    told = [
        f"signature {one['position']}: header "
        f"{'holds' if one['header_verifies'] else 'not shown to hold'}, body "
        f"{'matches' if one['body_matches'] else 'does not match'}"
        for one in entries
    ]
    return [*told, "check them again without tamis: sh verify.sh"]
