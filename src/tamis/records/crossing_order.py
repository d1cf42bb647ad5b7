"""Which of two scopes had objects first, beside what their shares of introductions explain."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, Column, Table

_NONE = "no object of that kind"
_UNTESTED = "fewer objects than the test asks for"

TABLE = Table(
    name="crossing_order",
    stage="spread",
    meaning=(
        "Of two platforms, languages, communities or clock profiles, which had objects of one "
        "kind first, how long before the other, and whether that is more than its share of the "
        "introductions explains. First is not cause."
    ),
    key=("dimension", "kind", "scope_a", "scope_b", "run_id"),
    order=("dimension", "kind", "scope_a", "scope_b"),
    columns=(
        Column("dimension", TEXT, "platform, language, community or clock"),
        Column("kind", TEXT, "kind of object"),
        Column("scope_a", TEXT, "smaller name of the pair"),
        Column("scope_b", TEXT, "larger name"),
        Column("object_count", INT, "objects that accounts of both introduced", unit="objects"),
        Column("a_first_count", INT, "of these a was first, whatever the true times are"),
        Column("b_first_count", INT, "of these b was first"),
        Column("open_count", INT, "of these nothing says which was first"),
        Column("median_lag_s", REAL, "median lag between both", unit="seconds", missing=_NONE),
        Column("a_median_lag_s", REAL, "the same where a was first", unit="seconds", missing=_NONE),
        Column("b_median_lag_s", REAL, "the same where b was first", unit="seconds", missing=_NONE),
        Column(
            "tested_count",
            INT,
            "objects that came up first once both were collected: the null looks at these",
            unit="objects",
        ),
        Column("tested_a_first_count", INT, "of these a was first", unit="objects"),
        Column("tested_b_first_count", INT, "of these b was first", unit="objects"),
        Column(
            "a_expected",
            REAL,
            "in how many a would be first if labels were permuted among the introductions",
            unit="objects",
            missing=_UNTESTED,
        ),
        Column(
            "a_null_low",
            REAL,
            "2.5 % of permutations are below",
            unit="objects",
            missing=_UNTESTED,
        ),
        Column(
            "a_null_high",
            REAL,
            "2.5 % of permutations are above",
            unit="objects",
            missing=_UNTESTED,
        ),
        Column(
            "null_lag_s",
            REAL,
            "median lag with permuted labels",
            unit="seconds",
            missing=_UNTESTED,
        ),
        Column(
            "p_a",
            REAL,
            "chance that a is first as often or more under the null",
            unit="0-1",
            missing=_UNTESTED,
        ),
        Column("p_b", REAL, "the same for b", unit="0-1", missing=_UNTESTED),
        Column(
            "q_value",
            REAL,
            "twice the smaller of both, after Benjamini and Hochberg over all pairs tested",
            unit="0-1",
            missing=_UNTESTED,
        ),
        Column(
            "thinned_object_mean",
            REAL,
            "objects left, on average, when the denser scope is thinned to the other's density",
            unit="objects",
            missing=_UNTESTED,
        ),
        Column(
            "a_thinned_low_share",
            REAL,
            "low end (95 %) of the share in which a is then first",
            unit="0-1",
            missing=_UNTESTED,
        ),
        Column(
            "a_thinned_high_share", REAL, "high end of that share", unit="0-1", missing=_UNTESTED
        ),
        Column(
            "clock_shift_s",
            REAL,
            "whole quarter hours at which lags of b after a pile up, as where a zone was misread",
            unit="seconds",
            missing="lags do not pile up so, or too few objects",
        ),
        Column(
            "shifted_a_first_count",
            INT,
            "of object_count, objects that a had first if b's clock is put back by that",
            missing="no clock_shift_s",
        ),
        Column("shifted_b_first_count", INT, "the same for b", missing="no clock_shift_s"),
        Column(
            "reading",
            TEXT,
            (
                "a_first or b_first (more than the null explains, and it holds when thinned), "
                "unequal_sampling (it does not hold), clock_shift (check the zones of both clocks "
                "before anything is read), rates (the null explains it) or too_few"
            ),
        ),
        *RUN_COLUMNS,
    ),
)
