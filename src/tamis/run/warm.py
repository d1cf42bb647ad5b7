"""The fork server that a run's cells share, started before the run itself is loaded."""

from __future__ import annotations

from tamis.cell import Nursery

_INTAKE = ("tamis.run.intake_leak", "tamis.run.intake_tasks")
_STAGES = (
    *("tamis.run.leak_task", "tamis.run.text_tasks", "tamis.run.repair_task"),
    *("tamis.run.quotes_task", "tamis.run.pair_task", "tamis.run.copies_task"),
)


def warm_nursery(*, with_intake: bool = False) -> Nursery:
    """A server that loads what the tasks of the leak stages need while its owner does the same.

    Nothing here is needed for a right result: a cell has loaded what it needs in any case.
    """
    nursery = Nursery()
    try:
        nursery.load((*(_INTAKE if with_intake else ()), *_STAGES))
    except BaseException:
        nursery.close()
        raise
    return nursery
