"""Published claims beside what this collection holds: confirmed, contradicted or not testable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.syntax.invented import DOMAIN_MARKS, HANDLE_MARK, is_invented

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

VERSION = 3
NAME = "spread.claims"
READS = ("claim", "post", "post_object", "object", "action", "account")
WRITES = ("claim_check",)
PARAMS: Mapping[str, Any] = {"election": "", "jurisdictions": [], "selectors": []}

_ENDS = " OR ".join(f"ends_with(post_object.object_id, '{mark}')" for mark in DOMAIN_MARKS)
# Files of which at least half of the handles, or of the sites, can belong to nobody.
INVENTED_FILES = Query(
    "invented_files",
    f"""
    SELECT DISTINCT source_item_id FROM (
        SELECT source_item_id FROM account WHERE handle IS NOT NULL
        GROUP BY source_item_id HAVING 2 * count(*) FILTER (WHERE ends_with(handle, $mark))
            >= count(*)
        UNION ALL SELECT post_object.source_item_id FROM post_object
        WHERE starts_with(post_object.object_id, 'domain:')
        GROUP BY post_object.source_item_id HAVING 2 * count(*) FILTER (WHERE {_ENDS}) >= count(*)
    ) AS marked
    """,  # noqa: S608 - the marks are constants
    {"mark": HANDLE_MARK},
)
REGIMES = Query(
    "claim_regimes",
    """
    SELECT platform, min(posted_at) AS first_at, max(posted_at) AS last_at,
        bool_or(sampling IN ('stream_sample', 'browser')) AS is_sample,
        bool_and(sampling = 'full') AS is_full,
        bool_and(sampling IN ('full', 'query')) AS is_searched
    FROM post GROUP BY platform ORDER BY platform
    """,
)


# Whether every post of the subject that is held came of a search or a full export.
SEARCHED = Query(
    "claim_searched",
    """
    SELECT platform, bool_and(is_held) AS is_searched FROM (
        SELECT post.platform AS platform, post.post_id AS post_id,
            bool_or(post.sampling IN ('full', 'query')) AS is_held
        FROM post JOIN post_object ON post_object.post_id = post.post_id
        WHERE list_contains($subjects, post_object.object_id)
        GROUP BY post.platform, post.post_id) AS told
    GROUP BY platform ORDER BY platform
    """,
)


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection is: of which incident, invented or not, which platforms, times, samples."""

    election: str
    selectors: tuple[str, ...]
    invented: str | None
    regimes: tuple[Mapping[str, Any], ...]

    def world(self, incident: str | None) -> tuple[str, str] | None:
        """Why a claim about that incident is none about this collection; None when it is."""
        if self.invented is not None:
            if incident and is_invented(incident) and incident == self.election:
                return None
            return "invented_collection", (
                f"{self.invented}, and an invented collection says nothing of a claim about "
                f"{incident or 'the real world'}"
            )
        if incident and is_invented(incident):
            return "invented_claim", f"the claim is about the invented incident {incident}"
        if incident and incident != self.election:
            told = self.election or "no election that case.toml names"
            return "other_incident", f"the claim is about {incident}, the case about {told}"
        return None

    def of(self, platform: str | None) -> list[Mapping[str, Any]]:
        """What is known of the posts of a platform, or of all."""
        return [row for row in self.regimes if platform in {None, row["platform"]}]

    def completeness(self, platform: str | None, searched: Mapping[str, bool] | None) -> str:
        """Of the posts that count: complete, incomplete, or a sample.

        Input     `searched` of a subject that was searched for: by platform, whether a search or a
                  full export holds each of its posts; None of any other subject. A post of it that
                  no search holds shows that the searches missed some.
        """
        rows = self.of(platform)
        if any(row["is_sample"] for row in rows):
            return "sample"
        if all(row["is_full"] for row in rows):
            return "complete"
        if searched is None:
            return "incomplete"
        held = [searched.get(row["platform"], row["is_searched"]) for row in rows]
        return "complete" if all(held) else "incomplete"

    def is_selector(self, forms: Iterable[str]) -> bool:
        """Whether a thing was searched for when the posts were collected."""
        asked = {_plain(one) for one in self.selectors}
        return any(_plain(form) in asked for form in forms)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the collection says of a claim, and why."""

    outcome: str
    reason: str
    words: str
    measured: float | None = None
    measured_text: str | None = None


def collection_of(
    settings: Mapping[str, Any], files: Sequence[str], regimes: Iterable[Mapping[str, Any]]
) -> Collection:
    """The collection as settings and marks of its files tell it."""
    election = str(settings["election"])
    invented = None
    places = [election, *settings["jurisdictions"]]
    if files:
        invented = f"the handles or sites of {len(files)} files belong to nobody"
    elif named := [one for one in places if one and is_invented(one)]:
        invented = f"case.toml names {named[0]}, which is no country's"
    return Collection(election, tuple(settings["selectors"]), invented, tuple(regimes))


def judge(
    claim: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], completeness: str
) -> Outcome:
    """The outcome of a claim whose query gave these rows.

    Source    comparison with the claimed value and its tolerance. A collection that lacks posts
              can contradict a number that is too small, or a first post that is too late, and
              confirm neither; a sample counts nothing.
    Limits    posts that were deleted before the collection are missing from a complete one too
    """
    if claim["kind"] == "time":
        return _time(claim, rows, completeness)
    if claim["kind"] == "order":
        return _order(claim, rows, completeness)
    measured = rows[0]["measured"] if rows else None
    if measured is None:
        return Outcome("not_testable", "not_held", "the collection holds nothing to count")
    return _number(claim, float(measured), completeness)


def _number(claim: Mapping[str, Any], measured: float, completeness: str) -> Outcome:
    low, high, within = claim["value_low"], claim["value_high"], claim["tolerance"]
    is_share = claim["kind"] == "share"
    below = low - within if is_share else low * (1 - within)
    above = high + within if is_share else high * (1 + within)
    text = f"{measured:.1%}" if is_share else f"{measured:,.0f}"
    text = f"place {text}" if claim["kind"] == "rank" else text
    told: dict[str, Any] = {"measured": measured, "measured_text": text}
    is_count = claim["kind"] in {"count", "range"}
    if is_count and measured > above:
        return Outcome("contradicted", "differs", f"the collection holds more: {text}", **told)
    if completeness != "complete":
        words = {
            "sample": f"a sample counts nothing (it holds {text})",
            "incomplete": f"the collection may lack posts (it holds {text})",
        }[completeness]
        return Outcome("not_testable", completeness, words, **told)
    if below - 1e-9 <= measured <= above + 1e-9:
        return Outcome("confirmed", "agrees", f"the collection gives {text}", **told)
    return Outcome("contradicted", "differs", f"the collection gives {text}", **told)


def _time(
    claim: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], completeness: str
) -> Outcome:
    if not rows:
        return Outcome("not_testable", "not_held", "no post of it has a time")
    low, high = rows[0]["low_at"], rows[0]["high_at"]
    within = timedelta(seconds=claim["tolerance"])
    text = " to ".join(dict.fromkeys((_shown(low), _shown(high))))
    told: dict[str, Any] = {"measured_text": text}
    if high < claim["value_from_at"] - within:
        words = f"the collection holds an earlier one: {text}"
        return Outcome("contradicted", "differs", words, **told)
    if low > claim["value_to_at"] + within:
        words = f"the earliest that the collection holds is later: {text}"
        if completeness == "complete":
            words += "; an earlier one may have been deleted"
        return Outcome("not_testable", "incomplete", words, **told)
    if completeness == "sample":
        return Outcome("not_testable", "sample", f"the earliest of a sample is {text}", **told)
    if completeness != "complete":
        words = f"the earliest of this collection agrees ({text}), but earlier posts may be missing"
        return Outcome("not_testable", "incomplete", words, **told)
    return Outcome("confirmed", "agrees", f"the earliest of this collection is {text}", **told)


def _order(
    claim: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], completeness: str
) -> Outcome:
    names = order_names(claim["of_what"])
    found = {int(row["position"]): row for row in rows}
    if len(found) < len(names):
        missing = next(name for at, name in enumerate(names, 1) if at not in found)
        return Outcome(
            "not_testable", "not_held", f"the collection holds no such post of {missing}"
        )
    text = " > ".join(names[int(row["position"]) - 1] for row in rows)
    if completeness != "complete":
        return Outcome("not_testable", completeness, "posts may be missing", measured_text=text)
    steps = list(zip(sorted(found), sorted(found)[1:], strict=False))
    if any(found[later]["high_at"] < found[first]["low_at"] for first, later in steps):
        return Outcome("contradicted", "differs", f"the order is {text}", measured_text=text)
    if all(found[first]["high_at"] < found[later]["low_at"] for first, later in steps):
        return Outcome("confirmed", "agrees", f"the order is {text}", measured_text=text)
    words = "clocks are too coarse to tell the order"
    return Outcome("not_testable", "clock_too_coarse", words, measured_text=text)


def order_names(text: str | None) -> list[str]:
    """What an order names, first to last."""
    return [name.strip() for name in (text or "").split(">") if name.strip()]


def conflicts(claims: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """By file and name of a claim, those that say otherwise of the same thing.

    These are claims of one subject, measure, time and place with other values, and those that a
    file itself says to be in conflict; nobody is right by being counted.
    """
    found: dict[tuple[str, str], set[str]] = {}
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for claim in claims:
        for other in claim["conflicts_with"]:
            found.setdefault((claim["source_item_id"], claim["claim_id"]), set()).add(other)
            found.setdefault((claim["source_item_id"], other), set()).add(claim["claim_id"])
        if claim["measure"] is not None:
            groups.setdefault(_same(claim), []).append(claim)
    for group in groups.values():
        for one in group:
            key = (one["source_item_id"], one["claim_id"])
            others = {two["claim_id"] for two in group if _value(two) != _value(one)}
            if others:
                found.setdefault(key, set()).update(others)
    return {key: sorted(names) for key, names in found.items()}


_THING = (*("incident", "subject_kind", "measure", "platform", "from_at", "to_at", "window_s"),)


def _same(claim: Mapping[str, Any]) -> tuple[Any, ...]:
    of = None if claim["kind"] == "order" else claim["of_what"]
    return (_plain(claim["subject"] or ""), of, *(claim[name] for name in _THING))


def _value(claim: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("value_low", "value_high", "value_from_at", "value_to_at")
    order = claim["of_what"] if claim["kind"] == "order" else None
    return (order, *(claim[name] for name in names))


def _plain(text: str) -> str:
    return text.strip().lstrip("#@").lower()


def _shown(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
