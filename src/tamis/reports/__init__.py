"""The way out: one self-contained page whose every figure can be asked again."""

from __future__ import annotations

from tamis.reports.figures import Difference, recompute
from tamis.reports.page import Order, Report, compose
from tamis.reports.sections.making import Making

__all__ = ["Difference", "Making", "Order", "Report", "compose", "recompute"]
