"""The stage of personal data, and one text with labels in the place of such data."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.personal import REGIONS
from tamis.cell import Cell, Workplace
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.name_models import name_models
from tamis.run.personal_task import TASKS
from tamis.run.texts import Pass, over_texts, text_job

if TYPE_CHECKING:
    from tamis.case import CaseView, Writer
    from tamis.run.analyse import RunContext
    from tamis.run.stages import Computed, Stage

_TEXT = Query(
    "text_of_item",
    """
    SELECT item_id, subject, body_text AS text, true AS is_message FROM message
    WHERE item_id = $item_id
    UNION ALL
    SELECT item_id, NULL, text, false FROM document WHERE item_id = $item_id
    """,
)
_NAMED = Query(
    "items_named",
    "SELECT item_id FROM item WHERE starts_with(item_id, $name) ORDER BY item_id LIMIT 2",
)
_LEAST_NAME = 6


def compute_personal_data(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `personal_data`: each value about a person, masked, and whose it may be.

    Source and Limits    as `analyses.leak.personal.find`
    """
    with writer.view() as view:
        told = {**_people(view), "key": secrets.token_hex(32)}
    one = Pass("find_personal", "personal_data", told, module=TASKS)
    return over_texts(writer, stage, context, one)


def _people(view: CaseView) -> dict[str, Any]:
    settings = view.settings
    countries = tuple(one.upper() for one in settings.jurisdictions if len(one) == 2)
    return {
        "own_domains": list(settings.own_domains),
        "public_figures": list(settings.public_figures),
        # Mail crosses borders: a number of a neighbour is a number too.
        "regions": list(dict.fromkeys((*countries, *REGIONS))),
    }


def redacted(view: CaseView, name: str, spool: Path, *, keeps_public: bool) -> dict[str, Any]:
    """The redacted words of one item, the counts by kind, and how many were kept.

    Input     `name` is an item id or its beginning
    Errors    InputError when no item or several are meant, or it has no words.
    """
    found = view.query(_NAMED, {"name": name.lower()})["item_id"].to_pylist()
    if len(name) < _LEAST_NAME or len(found) != 1:
        what = "several items begin" if len(found) > 1 else "no item begins"
        raise InputError(f"{name}: {what} so; give at least {_LEAST_NAME} digits of an item id")
    rows = view.query(_TEXT, {"item_id": found[0]}).to_pylist()
    if not rows or not any(row["text"] or row["subject"] for row in rows):
        raise InputError(f"{name}: the item has no words that were read; nothing to redact")
    models = name_models(view.settings.name_models)
    args = {**_people(view), "keeps_public": keeps_public, "models": [one.told() for one in models]}
    told = Pass("redact_text", "text", args, module=TASKS)
    job = text_job(spool / "text.arrow", rows[:1], told)
    folders = tuple(Path(one.folder) for one in models)
    with Cell(1, spool, Workplace(readable=folders, preload=("pyarrow", TASKS))) as cell:
        (outcome,) = cell.run(iter([job]))
        if outcome.status != "done":
            raise InputError(f"{name}: it could not be redacted: {outcome.reason}")
        text = outcome.files["text"].read_text(encoding="utf-8")
        outcome.discard()
    return {"text": text, **outcome.result}
