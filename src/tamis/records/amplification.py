"""One post that others passed on, and how many did within a window of its publication."""

from __future__ import annotations

from tamis.records.table import INT, REAL, RUN_COLUMNS, TEXT, TIME, Column, Table

_UNTESTED = "not tested: few other posts, not collected, or the collection ends before the window"

TABLE = Table(
    name="amplification",
    stage="spread",
    meaning="One post that others passed on, and how many did within a window of its publication.",
    key=("post_id", "window_s", "run_id"),
    order=("window_s", "early_count", "post_id"),
    columns=(
        Column("post_id", TEXT, "post that was passed on"),
        Column("account_id", TEXT, "its author", missing="the export hides it"),
        Column("posted_at", TIME, "when it was published", missing="not in the collection"),
        Column("window_s", REAL, "the window, from the post on", unit="seconds"),
        Column(
            "early_count",
            INT,
            "other accounts that reposted or forwarded it within the window",
            unit="accounts",
        ),
        Column("account_count", INT, "other accounts that ever did", unit="accounts"),
        Column("other_count", INT, "other posts of its author", unit="posts", missing=_UNTESTED),
        Column(
            "expected",
            REAL,
            "mean of the same count over the author's other posts",
            unit="accounts",
            missing=_UNTESTED,
        ),
        Column(
            "dispersion",
            REAL,
            "what the test took the counts to vary by: variance = mean + dispersion x mean squared",
            missing=_UNTESTED,
        ),
        Column(
            "p_value",
            REAL,
            "chance of as many or more if the post were like the author's others",
            missing=_UNTESTED,
        ),
        Column(
            "q_value",
            REAL,
            "the same after Benjamini and Hochberg over all tested posts and windows",
            missing=_UNTESTED,
        ),
        Column("test_count", INT, "tests that this is one of", unit="tests"),
        *RUN_COLUMNS,
    ),
)
