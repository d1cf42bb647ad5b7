"""What runs inside the cell for names of people: texts in, masked rows and counts out."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak import names
from tamis.run.text_tasks import field_of, rows_in
from tamis.syntax.language import UNDETERMINED, detect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

TASKS = "tamis.run.name_task"
_STAMP = ("run_id", "analysis_version")


def find_names(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """Texts and cut texts by language; rows of `personal_name` go to `out`."""
    told: Counter[str] = Counter()
    of_folder: dict[str, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for row in rows_in(items, inputs):
        for field_name, text in {"subject": row["subject"], field_of(row): row["text"]}.items():
            if not text:
                continue
            language = detect(text)
            told[f"{language} texts"] += 1
            model = model_for(language, args["models"])
            if model is not None:
                told[f"{language} cut"] += len(text) > names.MAX_CHARACTERS
                of_model = {"model_name": model["name"], "model_sha256": model["sha256"]}
                where = {"item_id": row["item_id"], "field_name": field_name, **of_model}
                of_folder[model["folder"]].append((where, text))
    stamp = {name: args[name] for name in _STAMP}
    for folder, texts in of_folder.items():
        found = names.find_all([text for _, text in texts], folder)
        for (where, _), named in zip(texts, found, strict=True):
            for values in _rows(named, bytes.fromhex(args["key"])):
                out.row("personal_name", {**where, **values, **stamp})
    return dict(told)


def model_for(language: str, models: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first model of a language; the first of all where the language is not known."""
    if language == UNDETERMINED:
        return models[0] if models else None
    return next((one for one in models if one["language"] == language), None)


def _rows(found: Sequence[names.Named], key: bytes) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for one in found:
        row = rows.get(one.found.normal)
        if row is not None:
            row["occurrence_count"] += 1
            row["score"] = max(row["score"], one.score)
            continue
        value = one.found.normal.encode("utf-8", "surrogatepass")
        rows[one.found.normal] = {
            "value_hash": hashlib.blake2b(value, key=key, digest_size=16).hexdigest(),
            "masked": one.found.masked,
            "score": one.score,
            "char_start": one.found.start,
            "char_end": one.found.end,
            "occurrence_count": 1,
        }
    return list(rows.values())
