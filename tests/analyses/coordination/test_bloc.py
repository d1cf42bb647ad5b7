"""Strings of actions: the golden ones of BLOC's own samples, and a few by hand."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tamis.analyses.coordination.bloc import actions

if TYPE_CHECKING:
    from pathlib import Path


def _letter(post: dict[str, Any]) -> str:
    own = post["user"]["id"]
    if "retweeted_status" in post:
        return (
            "\N{GREEK SMALL LETTER RHO}" if post["retweeted_status"]["user"]["id"] == own else "r"
        )
    if post.get("in_reply_to_user_id") or post.get("in_reply_to_status_id"):
        return "π" if post.get("in_reply_to_user_id") == own else "p"
    return "T"


@pytest.mark.parametrize("name", ["tweets_0", "tweets_1"])
def test_strings_equal_the_golden_ones(name: str, shared_data: Path) -> None:
    """Weeks are those of the local time, five hours behind UTC, in which the samples were made."""
    path = shared_data / "posts" / "bloc" / f"{name}.json.gz"
    sample = json.loads(gzip.decompress(path.read_bytes()))
    made = [
        (dt.datetime.strptime(post["created_at"], "%a %b %d %H:%M:%S %z %Y"), _letter(post))
        for post in sample["tweets"]
    ]
    made.sort(key=lambda pair: pair[0])
    seconds = np.asarray([moment.timestamp() for moment, _ in made])
    weeks = [(moment - dt.timedelta(hours=5)).isocalendar()[:2] for moment, _ in made]
    assert actions(seconds, [letter for _, letter in made], weeks) == sample["bloc"]["action"]


def test_pauses_by_hand() -> None:
    pauses = np.array([60, 61, 300, 301, 3_600, 3_601, 86_401, 604_801, 2_700_000, 40_000_000])
    seconds = np.concatenate([[0], np.cumsum(pauses)])
    assert actions(seconds, "Tprrrrrrrrr") == "Tp□r□r⚀r⚀r⚁r⚂r⚃r⚄r⚅r"
    assert actions(np.array([5.0]), "T") == "T"
    assert actions(np.array([0, 1, 2]), "TTp", [1, 1, 2]) == "TT | p "
