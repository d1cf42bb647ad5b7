"""Which of two posts was earlier: the one rule, as an expression for a query.

Source    intervals [low, high], both ends included; see `syntax.clock.order`, which says the same
          of two intervals, and a test that compares the two.
"""

from __future__ import annotations

from tamis.plan import identifier


def before(one: str, other: str) -> str:
    """An SQL condition: row `one` is earlier than row `other` whatever the true times are.

    Input     aliases of rows with low_at and high_at
    Missing   NULL, hence not asserted, where an end of either interval is unknown
    """
    return f"{identifier(one)}.high_at < {identifier(other)}.low_at"


def may_precede(one: str, other: str) -> str:
    """An SQL condition, never NULL: nothing says that row `one` is later than row `other`."""
    return f"NOT COALESCE({before(other, one)}, FALSE)"
