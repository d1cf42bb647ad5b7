from __future__ import annotations

import pytest
from click.testing import CliRunner

from tamis import records, registry
from tamis.cli import cli
from tamis.engines.portable import translated
from tamis.errors import PlanError
from tamis.plan import Query
from tamis.run.stages import QUESTIONS, stages


@pytest.mark.parametrize("group", ["leak", "posts", "context"])
def test_every_reader_says_what_it_keeps_and_what_it_cannot_know(group: str) -> None:
    found = registry.plugins(group)
    assert found
    for reader in found.values():
        assert len(reader.keeps) > 10
        assert len(reader.cannot_know) > 10


def test_every_check_and_analysis_prints_its_source_and_limits() -> None:
    for check in registry.plugins("checks").values():
        assert check.check.__doc__ is not None
        for word in ("Source", "Limits"):
            assert word in check.check.__doc__
    for analysis in registry.plugins("analyses").values():
        assert analysis.build.__doc__ is not None
        for word in ("Source", "Limits"):
            assert word in analysis.build.__doc__


def test_every_analysis_reads_and_writes_tables_of_the_case() -> None:
    known = set(records.tables())
    for analysis in registry.plugins("analyses").values():
        assert set(analysis.reads) <= known
        assert set(analysis.writes) <= known
        built = {step.name for step in analysis.build(analysis.params)}
        assert set(analysis.writes) <= built


@pytest.mark.parametrize("name", sorted(registry.plugins("analyses")))
def test_every_query_that_calls_itself_portable_translates(name: str) -> None:
    analysis = registry.plugins("analyses")[name]
    given = {"run_id": "r", "analysis_version": "v", "run_at": "2031-05-03T18:00:00Z"}
    steps = analysis.build({**analysis.params, **given})
    tables = {*records.tables(), *(step.name for step in steps)}
    for step in steps:
        if isinstance(step, Query) and step.portable:
            values = {**analysis.params, **given, **step.params}
            assert "SELECT" in translated(step, values, tables)


def test_an_analysis_that_is_not_wholly_portable_is_computed_by_the_embedded_engine() -> None:
    chosen = {stage.name: stage.engine("spark") for stage in stages(QUESTIONS)}
    for analysis in registry.plugins("analyses").values():
        queries = [s for s in analysis.build(analysis.params) if isinstance(s, Query)]
        expected = "spark" if all(query.portable for query in queries) else "duckdb"
        assert chosen.pop(f"{analysis.question}.{analysis.name}") == expected
    assert set(chosen.values()) == {"duckdb"}
    assert {stage.engine("duckdb") for stage in stages(QUESTIONS)} == {"duckdb"}


def test_each_result_table_has_one_writer() -> None:
    written = [t for a in registry.plugins("analyses").values() for t in a.writes]
    assert len(written) == len(set(written))


def test_a_task_outside_tamis_is_refused() -> None:
    with pytest.raises(PlanError, match="not inside tamis"):
        registry.resolve("os:system")


@pytest.mark.parametrize(
    ("group", "name", "words"),
    [
        ("posts", "table", ("unique_userid", "retweet_tweetid", "source_platform")),
        ("context", "claims_csv", ("first_post", "mentioned_rank", "window_s", "conflicts_with")),
    ],
)
def test_tables_that_people_make_say_their_columns(
    group: str, name: str, words: tuple[str, ...]
) -> None:
    columns = registry.plugins(group)[name].columns
    told = CliRunner().invoke(cli, ["formats"]).stdout
    for word in words:
        assert word in str(columns)
        assert word in told
