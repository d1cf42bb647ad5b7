"""The stage of names: models of the reader's choice over the texts, in the cell."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis import records
from tamis.cell import read_arrow
from tamis.run.name_models import name_models
from tamis.run.name_task import TASKS, model_for
from tamis.run.stages import Computed
from tamis.run.texts import Pass, text_jobs

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
    with writer.view() as view:
        models = name_models(view.settings.name_models)
        parts: list[pa.Table] = []
        counts, notes = Counter[str](), dict[str, str]()
        total = view.row_count("message") + view.row_count("document")
        context.progress.start(stage.name, total=total if models else 0, unit="texts")
        if models:
            told = {**stamp, "models": [one.told() for one in models], "key": secrets.token_hex(32)}
            one = Pass("find_names", "personal_name", told, module=TASKS)
            parts, counts, notes = _gathered(writer, context, one, models)
    rows = pa.concat_tables(parts) if parts else records.table("personal_name").schema.empty_table()
    paging = [(name, "ascending") for name in records.table("personal_name").paging]
    writer.replace("personal_name", rows.sort_by(paging))
    searched = _searched(counts, models, stamp)
    writer.replace("name_search", searched)
    what = f"{rows.num_rows:,} names" if models else "no model given: names are not searched"
    context.progress.finish(what)
    return Computed({"personal_name": rows.num_rows, "name_search": searched.num_rows}, notes)


def _gathered(
    writer: Writer, context: RunContext, one: Pass, models: Sequence[NameModel]
) -> tuple[list[pa.Table], Counter[str], dict[str, str]]:
    schema = records.table("personal_name").schema
    parts: list[pa.Table] = []
    counts: Counter[str] = Counter()
    failed: list[str] = []
    folders = tuple(Path(model.folder) for model in models)
    with (
        writer.view() as view,
        context.cell(writer.spool(), (TASKS,), folders) as cell,
    ):
        for outcome in cell.run(text_jobs(view, writer.spool(), one, _BATCH_CHARACTERS)):
            context.progress.advance(len(outcome.job.items))
            if outcome.status == "done":
                parts += [read_arrow(path, schema) for path in outcome.files.values()]
                counts.update(outcome.result)
            else:
                failed += [f"{item['item_id']}: {outcome.reason}" for item in outcome.job.items]
            outcome.discard()
    notes = {"models": "; ".join(f"{model.name} {model.sha256}" for model in models)}
    if failed:
        notes["failed_count"] = f"{len(failed)}"
        notes["failed_first"] = "; ".join(sorted(failed)[:5])
    return parts, counts, notes


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
