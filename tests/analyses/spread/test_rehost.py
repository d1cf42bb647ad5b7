"""Where copies may lie: each tie by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spread_rows import at, mark, thing

from tamis import records
from tamis.analyses.spread import rehost
from tamis.engines import open_engine

if TYPE_CHECKING:
    from pathlib import Path

RUN = {"run_id": "r1", "analysis_version": "rehost/1"}


def test_links_are_tied_to_the_dump_by_posts_then_by_hashtags(tmp_path: Path) -> None:
    links = {"a": "paste", "b": "file", "c": "torrent", "d": None, "e": "shortener"}
    things = [{**thing(f"url:{name}"), "host_kind": kind} for name, kind in links.items()]
    marks = [mark("x:1", "url:a"), mark("x:1", "hashtag:leak"), mark("x:2", "hashtag:leak")]
    marks += [mark("x:2", "url:b"), mark("x:3", "url:c"), mark("x:1", "url:d")]
    marks += [mark("x:1", "url:e"), mark("x:4", "url:c")]
    weak = {"post_id": "x:3", "item_id": "j", "method": "file_name", "grade": "weak"}
    strong = {"post_id": "x:1", "item_id": "i", "method": "file_sha256", "grade": "strong"}
    told = {"detail": "d", "candidate_count": 1, **RUN}
    firsts = [
        {
            "object_id": f"url:{name}",
            "kind": "url",
            "display": name,
            "platform": platform,
            "post_id": f"x:{n}",
            "first_low_at": at(n),
            "first_high_at": at(n),
            "clock": "platform",
            "is_certain": True,
            "rival_count": 0,
            "role": "in_text",
            "post_count": 1,
            "inherited_count": 0,
            "account_count": 1,
            "source_item_id": "f1",
            "byte_start": 0,
            "byte_end": 9,
            **RUN,
        }
        for n, name in enumerate(links)
        for platform in ("*", "x")
    ]
    tables = {
        "object": [*things, thing("hashtag:leak")],
        "post_object": marks,
        "post_item": [{**weak, **told}, {**strong, **told}],
        "first_seen": firsts,
    }
    with open_engine("duckdb", allowed=[tmp_path], scratch=tmp_path, threads=1) as engine:
        for name, rows in tables.items():
            record = records.table(name)
            engine.register(name, record.build(rows), record.schema)
        engine.run(rehost.ANALYSIS.build({}), ("rehost",), RUN)
        schema = records.table("rehost").schema
        rows = records.table("rehost").check(engine.fetch("rehost").cast(schema)).to_pylist()
    assert {r["display"]: (r["tie"], r["host_kind"], r["item_count"]) for r in rows} == {
        "a": ("corpus", "paste", 1),
        "b": ("hashtag", "file", 0),
        "c": ("host", "torrent", 0),
    }
