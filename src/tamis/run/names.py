"""The stage of names: models of the reader's choice over the texts, in the cell."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.run.name_models import name_models
from tamis.run.name_task import TASKS, model_for
from tamis.run.stages import Computed
from tamis.run.texts import Pass, gathered, text_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.case import Writer
    from tamis.run.analyse import RunContext
    from tamis.run.name_models import NameModel
    from tamis.run.stages import Stage

# A model reads some fifty thousand characters a second.
_BATCH_CHARACTERS = 200_000


def compute_names(writer: Writer, stage: Stage, context: RunContext) -> Computed:
    """Rows of `personal_name` and `name_search`; none where the case names no model.

    Source and Limits    as `analyses.leak.names.find`
    """
    stamp = {"run_id": context.run_id, "analysis_version": stage.analysis_version}
    rows = records.table("personal_name").schema.empty_table()
    counts, notes = Counter[str](), dict[str, str]()
    with writer.view() as view:
        models = name_models(view.settings.name_models)
        total = view.row_count("message") + view.row_count("document")
        context.progress.start(stage.name, total=total if models else 0, unit="texts")
        if models:
            told = {**stamp, "models": [one.told() for one in models], "key": secrets.token_hex(32)}
            one = Pass("find_names", "personal_name", told, module=TASKS)
            jobs = text_jobs(view, writer.spool(), one, _BATCH_CHARACTERS)
            folders = tuple(Path(model.folder) for model in models)
            with context.cell(writer.spool(), (TASKS,), folders) as cell:
                rows, counts, notes = gathered(cell, jobs, "personal_name", context.progress)
            notes["models"] = "; ".join(f"{model.name} {model.sha256}" for model in models)
    writer.replace("personal_name", rows)
    searched = _searched(counts, models, stamp)
    writer.replace("name_search", searched)
    what = f"{rows.num_rows:,} names" if models else "no model given: names are not searched"
    context.progress.finish(what)
    return Computed({"personal_name": rows.num_rows, "name_search": searched.num_rows}, notes)


def _searched(
    counts: Mapping[str, int], models: Sequence[NameModel], stamp: Mapping[str, str]
) -> pa.Table:
    told = [one.told() for one in models]
    rows: list[dict[str, Any]] = []
    for language in sorted({name.partition(" ")[0] for name in counts}):
        model = model_for(language, told)
        rows.append(
            {
                "language_detected": language,
                "model_name": model and model["name"],
                "model_sha256": model and model["sha256"],
                "text_count": counts.get(f"{language} texts", 0),
                "cut_count": counts.get(f"{language} cut", 0),
                **stamp,
            }
        )
    return pa.Table.from_pylist(rows, records.table("name_search").schema)
