"""`tamis compare`: what two incidents share, read from their cases and computed in one engine."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.analyses.response.compare import shared, traits
from tamis.engines import open_engine
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.compare_chance import chances

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tamis.case import CaseView
    from tamis.engines import Engine
    from tamis.progress import Progress

_POST_IDS = Query("post_ids", "SELECT DISTINCT post_id FROM post")
_ORDERED = Query(
    "ordered",
    "SELECT * FROM shared ORDER BY kind, largest_share, a_account_count + b_account_count DESC, "
    "a_use_count + b_use_count DESC, trait_id",
)
_TRAITS = Query(
    "trait_counts",
    "SELECT COALESCE(a.kind, b.kind) AS kind, COALESCE(a.trait_count, 0) AS a_count, "
    "COALESCE(b.trait_count, 0) AS b_count, COALESCE(s.shared_count, 0) AS shared_count "
    "FROM counted_a AS a FULL JOIN counted_b AS b ON a.kind = b.kind LEFT JOIN ("
    "SELECT kind, COUNT(*) AS shared_count FROM shared GROUP BY kind) AS s "
    "ON s.kind = COALESCE(a.kind, b.kind) ORDER BY 1",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two incidents share.

    `shared` has one row for each thing in both, rarest in either first within its kind, with the
    first use and its place in the files of both; `counts` says for each kind how many there are;
    `chances` says what chance would give, where that can be stated.
    """

    titles: tuple[str, str]
    shared: pa.Table
    counts: list[dict[str, Any]]
    chances: list[dict[str, Any]]
    common_post_count: int
    notes: tuple[str, ...] = field(default=())


def compare(
    view_a: CaseView,
    view_b: CaseView,
    *,
    populations: Mapping[str, int],
    progress: Progress,
) -> Comparison:
    """What the incidents of two cases share, and what chance would give.

    Input     `populations`: by platform, how many accounts both incidents could have drawn from
    Errors    InputError when both are one case, or a population is smaller than what was seen
    Limits    Sharing is no proof of common hands: people who write about politics, newspapers and
              well-known addresses occur in every incident. A post that stands in both cases is
              counted and else left out, because what it shows is shared by construction.
    """
    if view_a.path.resolve() == view_b.path.resolve():
        raise InputError(f"{view_a.path}: compare needs two cases, this is one")
    progress.start("compare", unit="traits")
    with tempfile.TemporaryDirectory(prefix="tamis-compare-") as folder:
        scratch = Path(folder)
        with open_engine("duckdb", allowed=[scratch], scratch=scratch / "both") as both:
            _posts_of_both(view_a, view_b, both)
            for name, view in (("a", view_a), ("b", view_b)):
                _bring(name, view, both)
            both.run(shared.STEPS, keep=[step.name for step in shared.STEPS])
            found = _told(both, view_a, view_b, populations)
    progress.finish(f"{found.shared.num_rows:,} things in both")
    return found


def _posts_of_both(view_a: CaseView, view_b: CaseView, both: Engine) -> None:
    for name, view in (("a", view_a), ("b", view_b)):
        both.register(f"posts_{name}", view.query(_POST_IDS))
    common = Query(
        "post_common", "SELECT a.post_id FROM posts_a AS a JOIN posts_b AS b USING (post_id)"
    )
    both.run([common], keep=["post_common"])


def _bring(name: str, view: CaseView, both: Engine) -> None:
    """Compute the traits of one case, and register them with the engine for both."""
    with view.engine() as engine:
        engine.register("post_common", both.fetch("post_common"))
        engine.run((*traits.POSTS, *traits.STEPS), keep=["trait", "member"])
        for table in ("trait", "member"):
            both.register(f"{table}_{name}", engine.fetch(table))


def _told(
    both: Engine, view_a: CaseView, view_b: CaseView, populations: Mapping[str, int]
) -> Comparison:
    rows = both.query(_ORDERED)
    common = both.query(Query("n", "SELECT COUNT(*) AS n FROM post_common"))
    return Comparison(
        titles=(view_a.settings.title, view_b.settings.title),
        shared=rows,
        counts=both.query(_TRAITS).to_pylist(),
        chances=chances(both, populations),
        common_post_count=common.column("n")[0].as_py(),
        notes=_notes(view_a, view_b),
    )


def _notes(view_a: CaseView, view_b: CaseView) -> tuple[str, ...]:
    missing = [
        view.settings.title for view in (view_a, view_b) if not view.row_count("cluster_member")
    ]
    return tuple(
        f"{title}: no cluster of accounts is known; if `tamis run` was not run, run it first"
        for title in missing
    )
