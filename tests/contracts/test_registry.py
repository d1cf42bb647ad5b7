from __future__ import annotations

import pytest

from tamis import records, registry
from tamis.errors import PlanError


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


def test_each_result_table_has_one_writer() -> None:
    written = [t for a in registry.plugins("analyses").values() for t in a.writes]
    assert len(written) == len(set(written))


def test_a_task_outside_tamis_is_refused() -> None:
    with pytest.raises(PlanError, match="not inside tamis"):
        registry.resolve("os:system")
