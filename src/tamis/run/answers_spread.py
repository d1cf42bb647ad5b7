"""The demo's answers on claims, calls, copies, silence and clocks, beside what was invented."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tamis.analyses.spread.activity_clock import LEAST_POSTS
from tamis.plan import Query
from tamis.run.answer import Answer

if TYPE_CHECKING:
    from tamis.case import CaseView
    from tamis.simulate import Truth

_CLAIMS = Query("demo_claims", "SELECT claim_id, outcome FROM claim_check ORDER BY claim_id")
_CALLS = Query("demo_calls", "SELECT DISTINCT post_id FROM mobilisation ORDER BY post_id")
_COPIES = Query("demo_copies", "SELECT display, post_id FROM rehost ORDER BY display")
_ANSWER_TIME = Query(
    "demo_answer_time",
    """
    SELECT min(answer_low_s) AS low_s, max(answer_high_s) AS high_s FROM answer_time
    WHERE sight = 'leak_at'
    """,
)
_CLOCKS = Query("demo_clocks", "SELECT account_id, offsets, dst_rule FROM activity_clock")
_OUTCOMES = ("confirmed", "contradicted", "not_testable")


def spread_answers(view: CaseView, truth: Truth) -> tuple[Answer, ...]:
    """What the case says of claims, calls, copies, silence and clocks."""
    return (
        _about_claims(view, truth),
        _about_calls(view, truth),
        _about_copies(view, truth),
        _about_silence(view, truth),
        _about_clocks(view, truth),
    )


def _about_claims(view: CaseView, truth: Truth) -> Answer:
    found = {row["claim_id"]: row["outcome"] for row in view.query(_CLAIMS).to_pylist()}
    right = {row["claim_id"]: row["expected"] for row in truth.claims}
    told = [sum(outcome == one for outcome in found.values()) for one in _OUTCOMES]
    return Answer(
        f"of {len(found)} claims of newspapers, {told[0]} are confirmed, {told[1]} contradicted "
        f"and {told[2]} not testable with this collection",
        ", ".join(f"{name} {outcome}" for name, outcome in right.items()),
        found == right,
    )


def _about_calls(view: CaseView, truth: Truth) -> Answer:
    found = set(view.query(_CALLS).column("post_id").to_pylist())
    planted = {row["post_id"] for row in truth.story["calls"]}
    said = f"{len(found)} calls to act found in chats and posts"
    return Answer(
        f"{said}, the planted ones and no other" if found == planted else said,
        f"{len(planted)} planted; {len(planted - found)} missed, {len(found - planted)} besides",
        found == planted,
    )


def _about_copies(view: CaseView, truth: Truth) -> Answer:
    """A copy that bears neither the archive's name nor a known host is beyond any rule."""
    found = {(row["display"], row["post_id"]) for row in view.query(_COPIES).to_pylist()}
    planted = {(row["url"], row["post_id"]): row["sign"] for row in truth.story["rehosts"]}
    shown = {key for key, sign in planted.items() if sign != "none"}
    hidden = len(planted) - len(shown)
    return Answer(
        f"{len(found)} links to copies of the archive found; {hidden} planted "
        f"cop{'y' if hidden == 1 else 'ies'} under another name on an unknown host cannot be told",
        ", ".join(sorted(f"{url} by {sign}" for (url, _), sign in planted.items())),
        found == shown,
    )


def _about_silence(view: CaseView, truth: Truth) -> Answer:
    row = view.query(_ANSWER_TIME).to_pylist()[0]
    begins = datetime.fromisoformat(truth.settings["silence_from"])
    at = datetime.fromisoformat(truth.story["origin"]["at"])
    right = round((begins - at).total_seconds())
    low = row["low_s"]
    told = "unknown" if low is None else f"{low // 3_600} h {low % 3_600 // 60} min"
    return Answer(
        f"from the leak to the campaign silence there were {told} to answer",
        f"{right} s",
        (row["low_s"], row["high_s"]) == (right, right),
    )


def _about_clocks(view: CaseView, truth: Truth) -> Answer:
    """Where a change of clocks was found the offsets are those of winter, else of either.

    An account with fewer posts than the analysis asks for must have no clock at all.
    """
    rows = {row["account_id"]: row for row in view.query(_CLOCKS).to_pylist()}
    held = refused = 0
    for told in truth.story["clocks"]:
        row = rows.get(told["account_id"])
        if told["post_count"] < LEAST_POSTS:
            refused += row is None
        elif row is not None:
            is_either = row["dst_rule"] in {None, "none", "unclear"}
            names = ("winter_offset_s", "summer_offset_s") if is_either else ("winter_offset_s",)
            held += any(told[name] / 3_600 in row["offsets"] for name in names)
    count = len(truth.story["clocks"])
    few = sum(told["post_count"] < LEAST_POSTS for told in truth.story["clocks"])
    said = f"; {refused} have fewer than {LEAST_POSTS} posts, too few to tell" if few else ""
    return Answer(
        f"of {count} accounts with half a year of posts, the offset from UTC that they keep is "
        f"among those named for {held}{said}",
        f"{count} accounts of {len({told['rule'] for told in truth.story['clocks']})} clock rules, "
        f"{few} of them with too few posts",
        held == count - few and refused == few,
    )
