"""Hostile bytes are parsed in here, and nowhere else."""

from __future__ import annotations

from tamis.cell.arrow import open_arrow, read_arrow
from tamis.cell.job import Isolation, Job, Limits, Outcome, Span
from tamis.cell.nursery import Nursery, Trial, Workplace
from tamis.cell.pool import Cell

__all__ = [
    "Cell",
    "Isolation",
    "Job",
    "Limits",
    "Nursery",
    "Outcome",
    "Span",
    "Trial",
    "Workplace",
    "open_arrow",
    "read_arrow",
]
