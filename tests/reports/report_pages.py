"""Both editions of a report over one view, and how to write another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.progress import Silent
from tamis.reports import Making, Order, Report, compose
from tamis.reports.desk import Limits

if TYPE_CHECKING:
    from tamis.case import CaseView

WRITTEN = dt.datetime(2031, 5, 6, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Pages:
    """The view they were made from, and both editions."""

    view: CaseView
    working: Report
    public: Report


def write(view: CaseView, key: bytes | None = None, limits: Limits | None = None) -> Report:
    order = Order(
        title=view.settings.title,
        case_name="case",
        written_at=WRITTEN,
        zone_name=view.settings.display_zone,
        pseudonym_key=key,
        limits=limits or Limits(),
    )
    making = Making("0123456789ab", view.generation, view.head.count, view.head.hash, "0.0.0")
    return compose(view, order, making, Silent())
