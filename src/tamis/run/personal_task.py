"""What runs inside the cell for personal data: texts in, masked rows or a redacted text out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak import names, personal
from tamis.run.name_task import model_for
from tamis.run.text_tasks import field_of, rows_in
from tamis.syntax.language import detect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

TASKS = "tamis.run.personal_task"
_STAMP = ("run_id", "analysis_version")


def find_personal(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many texts were looked through and cut; rows of `personal_data` go to `out`."""
    people = personal.People.of(args["own_domains"], args["public_figures"])
    stamp = {name: args[name] for name in _STAMP}
    key = bytes.fromhex(args["key"])
    told = {"texts": 0, "texts_cut": 0}
    for row in rows_in(items, inputs):
        for name, text in {"subject": row["subject"], field_of(row): row["text"]}.items():
            if not text:
                continue
            told["texts"] += 1
            told["texts_cut"] += len(text) > personal.MAX_CHARACTERS
            seen: dict[tuple[str, str], dict[str, Any]] = {}
            for one in personal.find(text, args["regions"]):
                if (one.kind, one.normal) in seen:
                    seen[one.kind, one.normal]["occurrence_count"] += 1
                    continue
                value = f"{one.kind}\x1f{one.normal}".encode("utf-8", "surrogatepass")
                standing, basis = people.standing(one)
                seen[one.kind, one.normal] = {
                    "item_id": row["item_id"],
                    "field_name": name,
                    "kind": one.kind,
                    "rule_id": one.rule_id,
                    "value_hash": hashlib.blake2b(value, key=key, digest_size=16).hexdigest(),
                    "masked": one.masked,
                    "standing": standing,
                    "standing_basis": basis,
                    "char_start": one.start,
                    "char_end": one.end,
                    "occurrence_count": 1,
                }
            for values in seen.values():
                out.row("personal_data", {**values, **stamp})
    return told


def redact_text(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, Any]:
    """Counts by kind; the redacted subject and words go to `out`."""
    people = personal.People.of(args["own_domains"], args["public_figures"])
    (row,) = rows_in(items, inputs)
    subject = f"Subject: {row['subject']}\n\n" if row["subject"] else ""
    text = subject + (row["text"] or "")

    def kept(one: Any) -> bool:
        return args["keeps_public"] and people.standing(one)[0] == personal.PUBLIC

    found = personal.find(text, args["regions"])
    model = model_for(detect(text), args["models"])
    if model is not None:
        named = [one.found for one in names.find(text, model["folder"])]
        found = personal.apart([*found, *named], len(text))
    done = personal.redact(text[: personal.MAX_CHARACTERS], found, kept)
    with out.blob("text") as file:
        file.write(done.text.encode("utf-8", "replace"))
    is_cut = len(text) > personal.MAX_CHARACTERS
    told = {"counts": dict(done.counts), "kept_count": done.kept_count, "is_cut": is_cut}
    return {**told, "model": model and model["name"]}
