"""The answers in short: one sentence a question, each with what it does not say."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from tamis.reports.desk import Desk, Statement, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Markup, join, tag
from tamis.reports.moments import duration
from tamis.reports.sections import (
    clusters,
    coordination,
    exposure,
    first_sights,
    intake_figures,
    left_out,
    reference,
    verdicts,
)
from tamis.reports.sections.timeline import latest

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEEN = f"(SELECT * FROM first_seen WHERE run_id = ({latest('first_seen')}))"
_PAIRS = f"(SELECT * FROM co_action WHERE run_id = ({latest('co_action')}))"
_MARKS = re.compile(r'<sup>.*?</sup>|<span class="aside">.*?</span>|<[^>]*>')

# Links and hashtags before sites: a site is carried by everybody who links anywhere on it.
LEADING = Figure(
    "first_sight_leading",
    "The link, file or hashtag that most accounts carried, and its earliest post",
    f"""
    WITH handles AS (
        SELECT account_id, max(handle) AS handle FROM account GROUP BY account_id
    )
    SELECT seen.object_id AS object_id, seen.kind AS kind, seen.display AS display,
        seen.post_id AS post_id, seen.account_id AS account_id, handles.handle AS handle,
        seen.first_low_at AS first_low_at, seen.first_high_at AS first_high_at,
        seen.is_certain AS is_certain, seen.account_count AS account_count
    FROM {_SEEN} AS seen LEFT JOIN handles ON handles.account_id = seen.account_id
    WHERE seen.platform = '*' AND seen.kind <> 'domain'
    ORDER BY seen.account_count DESC, seen.post_count DESC, seen.object_id LIMIT 1
    """,
    keeps=Keeps.DIGEST,
)
LEADING_ACCOUNTS = Figure(
    "first_sight_leading_accounts",
    "Accounts that carried that link, file or hashtag",
    f"""
    SELECT account_count FROM {_SEEN} AS seen WHERE platform = '*' AND kind <> 'domain'
    ORDER BY account_count DESC, post_count DESC, object_id LIMIT 1
    """,
)
STRONGEST = Figure(
    "pair_strongest",
    "Different things shared by the pair that shared most",
    f"SELECT max(shared_count) AS shared_count FROM {_PAIRS} AS rows_now",
)
WINDOW = Figure(
    "pair_window",
    "The widest window used, in seconds",
    f"SELECT max(window_s) AS window_s FROM {_PAIRS} AS rows_now",
)


def statements(desk: Desk) -> tuple[Statement, ...]:
    """The headline answers that this case has rows for."""
    parts = (_intake, _mail, _beside, _exposed, _first, _together)
    return tuple(answer for part in parts for answer in part(desk))


def render(answers: tuple[Statement, ...]) -> Markup:
    """The section that stands first."""
    entries = [
        tag(
            "li",
            tag("p", answer.sentence, class_="answer"),
            tag(
                "p", tag("span", "Not said: ", class_="lead"), " ".join(answer.limits), class_="not"
            ),
        )
        for answer in answers
    ]
    return tag("section", tag("h2", "In short"), tag("ul", *entries, class_="answers"), id="short")


def _statement(
    finding: str, sentence: Markup, limits: tuple[str, ...], table_name: str, row_filter: str
) -> Statement:
    text = html.unescape(_MARKS.sub("", sentence))
    return Statement(finding, sentence, text, limits, table_name, row_filter)


def _intake(desk: Desk) -> Iterator[Statement]:
    sentence = join(
        desk.number(intake_figures.FILES),
        " files came in, holding ",
        desk.number(intake_figures.ITEMS),
        " distinct items. ",
        desk.number(intake_figures.FAILED),
        " could not be read, ",
        desk.number(intake_figures.PARTLY),
        " only in part; ",
        desk.number(intake_figures.REFUSED),
        " were kept and hashed but not opened.",
    )
    if value_of(desk.ask(intake_figures.LEDGER_GAPS)) + value_of(desk.ask(intake_figures.ROW_GAPS)):
        wrong = tag("strong", " The sums do not add up: see below.", class_="wrong")
        sentence = join(sentence, wrong)
    else:
        sentence = join(sentence, " Everything that came in is accounted for.")
    limit = "What was never collected, or was removed before, is not here."
    yield _statement("intake", sentence, (limit,), "item", "status <> 'read'")


def _mail(desk: Desk) -> Iterator[Statement]:
    if not value_of(desk.ask(verdicts.JUDGED)):
        return
    for is_bulk, kind in ((False, "person-to-person"), (True, "bulk or automatic")):
        total = verdicts.counted(None, is_bulk=is_bulk)
        if not value_of(desk.ask(total)):
            continue
        count = {
            word: desk.number(verdicts.counted(word, is_bulk=is_bulk))
            for word in ("verified", "supported", "disputed", "decoy", "unknown")
        }
        sentence = join(
            "Of ",
            desk.number(total),
            f" {kind} messages, ",
            count["verified"],
            " are verified by a signature of the sender's domain over all that is displayed; ",
            count["supported"],
            " have something real behind them, short of that; in ",
            count["disputed"],
            " something does not fit; ",
            count["decoy"],
            " are sealed decoys; for ",
            count["unknown"],
            " nothing can be said either way.",
        )
        limits = (
            (
                "Verified does not mean written by a certain person, true, or complete.",
                "Unknown is the ordinary case and no suspicion.",
            )
            if not is_bulk
            else ("Newsletters verify often; they say nothing about letters between people.",)
        )
        where = f"roll_up IN ({', '.join(repr(word) for word in count)})"
        yield _statement(
            f"mail_{'bulk' if is_bulk else 'personal'}", sentence, limits, "verdict", where
        )


def _beside(desk: Desk) -> Iterator[Statement]:
    if not value_of(desk.ask(reference.MATCHED)):
        return
    sentence = join(
        "Of ",
        desk.number(reference.MATCHED),
        " messages held against the originals, ",
        desk.number(reference.of_outcome("in_reference")),
        " are there, ",
        desk.number(reference.of_outcome("differs")),
        " differ, ",
        desk.number(reference.of_outcome("not_in_reference")),
        " are missing from stretches of time that the originals cover; for ",
        desk.number(reference.of_outcome("outside_coverage")),
        " the originals can say nothing.",
    )
    limits = (
        "Who changed or wrote a message is not said; gateways and stores change messages too.",
        "A holder may have deleted a missing one before the export.",
    )
    where = "outcome IN ('differs', 'not_in_reference')"
    yield _statement("reference", sentence, limits, "reference_match", where)


def _exposed(desk: Desk) -> Iterator[Statement]:
    if not value_of(desk.ask(exposure.EXPOSED)):
        return
    sentence = join(
        desk.number(exposure.EXPOSED),
        " secrets and account numbers stand readable and look alive; addresses to warn: ",
        desk.number(exposure.WARNED),
        ".",
    )
    limit = "Nothing was tried, and whose they are may be wrong."
    yield _statement("exposure", sentence, (limit,), "exposure", "TRUE")


def _first(desk: Desk) -> Iterator[Statement]:
    if not value_of(desk.ask(first_sights.OBJECTS)) or not desk.ask(LEADING).rows:
        return
    row = desk.ask(LEADING).rows[0]
    named = desk.edition.object(row["kind"], row["display"], row["object_id"], row["account_count"])
    sure = "" if row["is_certain"] else " Another post may be as early."
    sentence = join(
        "What most accounts carried is ",
        tag("span", named, class_="object"),
        " (",
        desk.number(LEADING_ACCOUNTS),
        " accounts). Its earliest post in this collection is by ",
        desk.edition.account(row["account_id"], row["handle"]),
        ", ",
        desk.clock.interval(row["first_low_at"], row["first_high_at"]),
        desk.mark(LEADING),
        ".",
        sure,
    )
    limit = "Earliest in this collection is not first in the world, and first is not the source."
    yield _statement("first_sight", sentence, (limit,), "first_seen", "platform = '*'")


def _groups(desk: Desk) -> Markup:
    """The clusters before the pairs, where pairs were tested."""
    if not value_of(desk.ask(clusters.TESTED)):
        return join("Not tested against chance: ")
    return join(
        "Clusters of accounts that acted together as no null model explains, each layer counted: ",
        desk.number(clusters.FIRST),
        "; weaker ones: ",
        desk.number(clusters.SECOND),
        ". They come from ",
        desk.number(clusters.UNEXPLAINED),
        " of the pairs tested. In all, ",
    )


def _together(desk: Desk) -> Iterator[Statement]:
    if not value_of(desk.ask(coordination.PAIRS)):
        return
    window = desk.ask(WINDOW)
    sentence = join(
        _groups(desk),
        desk.number(coordination.PAIRS),
        " pairs of accounts acted on the same things within ",
        tag("span", duration(window.value), desk.mark(WINDOW), class_="window"),
        " of each other; the pair that shared most shared ",
        desk.number(STRONGEST),
        " different things.",
    )
    if value_of(desk.ask(left_out.LARGE)):
        sentence = join(
            sentence,
            " Left out, as they would join nearly everybody: ",
            desk.number(left_out.LARGE),
            " things, named below.",
        )
    limits = (
        "News, push alerts and popular accounts make pairs; the section says what chance explains.",
        "Neither a pair nor a cluster is an accusation.",
    )
    yield _statement("pairs", sentence, limits, "co_action", "weight_kind = 'distinct_objects'")
