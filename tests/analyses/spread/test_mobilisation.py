"""Calls to act: every pattern's own example, labelled posts, hostile texts, what follows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tamis.analyses.spread.mobilisation.calls import call_steps
from tamis.analyses.spread.mobilisation.follow import Sightings, corrected, followed, rise
from tamis.analyses.spread.mobilisation.patterns import KINDS, patterns
from tamis.engines import open_engine
from tamis.simulate.calls import labelled, templates

PARAMS = {"follow_s": 3_600.0, "shifts": 99, "others": 99}


def _calls(texts: list[str], scratch: Path) -> dict[str, dict[str, Any]]:
    posts = pa.table({"post_id": [str(n) for n in range(len(texts))], "text": texts})
    with open_engine("duckdb", allowed=[], scratch=scratch) as engine:
        engine.register("post_text", posts)
        engine.run(call_steps(), keep=("call",))
        return {row["post_id"]: row for row in engine.fetch("call").to_pylist()}


def test_every_pattern_hits_its_own_example(tmp_path: Path) -> None:
    known = patterns().patterns
    found = _calls([one.example for one in known], tmp_path)
    for number, one in enumerate(known):
        assert str(number) in found, (one.pattern_id, one.example)
        assert found[str(number)]["language"] == one.language or one.kind in {"raid", "schedule"}
    assert {one.kind for one in known} == set(KINDS)
    assert {one.language for one in known} == {"en", "fr", "de", "es", "it", "pt", "nl", "ru"}


def test_planted_calls_are_found_and_ordinary_talk_is_not(tmp_path: Path) -> None:
    """On a half of the project's own templates that was looked at since: a test, no measurement."""
    posts = labelled("report")
    assert not {p.template for p in posts} & {p.template for p in labelled("tuning")}
    found = _calls([post.text for post in posts], tmp_path)
    told = [str(n) in found for n in range(len(posts))]
    hits = sum(t and p.is_call for t, p in zip(told, posts, strict=True))
    assert hits / sum(told) >= 0.95
    assert hits / sum(p.is_call for p in posts) >= 0.95


NO_CALLS = (
    "The choir meets at 8 pm, free entry #music",
    "The games start at 7 pm #cup",
    "push to main at 5pm and tell me if the build breaks",
    "TROPICAL STORM #Hanna: warning issued at 5:00 PM",
    "so a rt means a lot to me",
    "Hoffnung auf ein Abkommen #USA #Handel",
    "Nutzt den schönen Tag #sonne",
    "Die Zeitung schreibt heute über #politik",
    "Konzert um 20 Uhr im Park #musik",
    "Un bon plat à partager en famille",
    "Concert ce soir 20h salle Pleyel #musique",
    "La charla es a las 19:00 en el museo #cultura",
    "Concerto alle 21:00 in piazza #musica",
    "as 20 pessoas do grupo #kpop",
    "Show às 21h no teatro #cultura",
    "Concert om 20:00 uur in de kerk #muziek",
    "Лекция в 19:00 в музее #наука",
)
CALLS = (
    "everyone get on #leak tonight",
    "Bitte RT, die Medien schweigen",
    "denunciad todos esta cuenta, enlace abajo",
    "Postatelo in ogni gruppo in cui siete",
    "a partir de agora usem apenas #vazamento",
    "besoin de bras pour traduire et poster dans les groupes",
    "кидаем жалобы на этот аккаунт",
)


def test_notices_of_events_and_talk_of_posting_are_no_calls(tmp_path: Path) -> None:
    """Kinds of text that were taken for calls once, and kinds of calls that were missed."""
    found = _calls([*NO_CALLS, *CALLS], tmp_path)
    assert {int(n) for n in found} == set(range(len(NO_CALLS), len(NO_CALLS) + len(CALLS)))


def test_there_are_enough_labelled_posts() -> None:
    every = [*labelled("tuning"), *labelled("report")]
    assert sum(p.is_call for p in every) >= 400
    assert sum(not p.is_call for p in every) >= 1_500
    assert len(templates()) == 8


def test_hostile_texts_cost_no_more_than_their_length(tmp_path: Path) -> None:
    bad = ["use " * 250_000, "#" * 1_000_000, "share this a " + "b " * 500_000, "\u0301" * 300_000]
    begun = time.perf_counter()
    _calls(bad * 5, tmp_path)
    assert time.perf_counter() - begun < 20


def test_a_rise_counts_strictly_after_the_call() -> None:
    times = np.array([10, 20, 20, 30, 40])
    assert rise(times, np.array([20]), 10).tolist() == pytest.approx([(1 - 3) / 5**0.5])
    assert rise(times, np.array([100]), 10).tolist() == [0.0]


def test_calls_without_effect_have_even_chances() -> None:
    rng = np.random.default_rng(5)
    parts = [np.sort(rng.integers(0, 10 * 86_400_000_000, 300)) for _ in range(40)]
    starts = np.arange(41) * 300
    seen = Sightings(
        starts, np.concatenate(parts), np.ones(12_000, np.int64), np.array(["hashtag"] * 40)
    )
    calls = [(int(rng.integers(40)), int(rng.integers(86_400e6, 9 * 86_400e6))) for _ in range(200)]
    chances = [followed(seen, thing, (0, at), PARAMS).p_value for thing, at in calls]
    told = np.array([p for p in chances if p is not None])
    assert len(told) == 200
    assert np.mean(told <= 0.05) <= 0.08
    assert min(corrected(chances)) > 0.05  # type: ignore[type-var]


def test_too_little_to_compare_with_has_no_chance() -> None:
    seen = Sightings(np.array([0, 1]), np.array([5]), np.array([1]), np.array(["url"]))
    found = followed(seen, 0, (0, 1), PARAMS)
    assert (found.before, found.after, found.p_value) == (0, 1, None)
    assert corrected([None, 0.01, 0.5]) == [None, 0.02, 0.5]
