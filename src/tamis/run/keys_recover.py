"""`tamis keys recover`: keys that nobody kept, computed from pairs of signatures in the dump."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import orjson

from tamis.analyses.leak.key_recovery import MIN_BITS, to_record
from tamis.cell import Cell, Job, Limits, Span, Workplace
from tamis.plan import Query
from tamis.run.keys import MadeFile, list_wanted, take_made
from tamis.run.recover_task import to_signed
from tamis.syntax.dns import is_askable
from tamis.syntax.mail.dkim_keys import MAX_RSA_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import Case, CaseView
    from tamis.cell import Outcome
    from tamis.progress import Progress

_MOST_SIGNATURES = 12  # of one name: two make the key, the others say whether it is theirs
_BATCH = 128
_MEMORY = 3 << 30
_SIGNED_UNDER = Query(
    "messages_signed_under",
    """
    SELECT DISTINCT signature.item_id AS item_id,
        signature.selector || '._domainkey.' || signature.domain AS key_name,
        coalesce(signature.body_matches, false) AS body_matches
    FROM signature
    WHERE signature.algorithm IN ('rsa-sha256', 'rsa-sha1')
        AND list_contains($names, signature.selector || '._domainkey.' || signature.domain)
    QUALIFY row_number() OVER (PARTITION BY key_name ORDER BY body_matches DESC, item_id) <= $most
    ORDER BY item_id
    """,
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long one pair may take, how many pairs of a name are tried, how many at once."""

    seconds: float = 300
    pairs: int = 3
    jobs: int = 2


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one name: its key as a record, or why it was not recovered."""

    name: str
    txt: str | None
    detail: str


def recover_keys(
    case: Case, names: Sequence[str], effort: Effort, progress: Progress
) -> Iterator[Attempt]:
    """Each name once its pairs were tried; what was found is in the case by then, as `recovered`.

    Without `names` those that messages of the case want; a name that the DNS could not hold is
    left out. A recovered key attests nothing: what verifies under it is `key_consistent` at most.
    Errors    InputError when the signatures of the case have not been computed yet.
    """
    memory = Limits(memory_bytes=_MEMORY, cpu_s=effort.seconds, wall_s=effort.seconds)
    fast = ("gmpy2",) if find_spec("gmpy2") else ()
    with case.view() as view:
        lacking = list_wanted(view).select(["key_name", "is_known_unattested"]).to_pylist()
        wanted = [row["key_name"] for row in lacking if not row["is_known_unattested"]]
        asked = dict.fromkeys(name.rstrip(".").lower() for name in names or wanted)
        chosen = [name for name in asked if is_askable(name)]
        spool = view.scratch()
        with Cell(effort.jobs, spool, Workplace(preload=("tamis.run.recover_task",))) as cell:
            signed = _collect(cell, view, chosen)
        progress.start("recover", total=len(chosen), unit="keys")
        with Cell(
            effort.jobs, spool, Workplace(memory, preload=("tamis.run.recover_task", *fast))
        ) as cell:
            found = dict(_try_all(cell, signed, effort))
    for name in chosen:
        progress.advance(1)
        attempt = found.get(name) or Attempt(name, None, _why_untried(signed.get(name, [])))
        if attempt.txt is not None:
            _keep(case, attempt)
        yield attempt
    progress.finish(f"{sum(one.txt is not None for one in found.values()):,} keys recovered")


def _why_untried(signed: Sequence[Mapping[str, Any]]) -> str:
    return f"not recovered: {len(signed)} usable signatures of this name, two are needed"


def _collect(
    cell: Cell, view: CaseView, names: Sequence[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """Usable signatures by name, whole messages first, each hash once."""
    rows = view.query(_SIGNED_UNDER, {"names": list(names), "most": 4 * _MOST_SIGNATURES})
    ids = list(dict.fromkeys(rows["item_id"].to_pylist()))
    found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    told: list[Mapping[str, Any]] = []
    for outcome in cell.run(_collect_jobs(view, ids, names)):
        if outcome.status == "done" and isinstance(outcome.result, list):
            told += outcome.result
    for one in sorted(told, key=lambda one: (not one["body_matches"], one["item_id"])):
        bits = len(one["signature"]) * 4
        if MIN_BITS <= bits <= MAX_RSA_BITS:
            found[one["key_name"]].setdefault(one["digest"], one)
    return {name: list(by_hash.values())[:_MOST_SIGNATURES] for name, by_hash in found.items()}


def _collect_jobs(view: CaseView, ids: Sequence[str], names: Sequence[str]) -> Iterator[Job]:
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        spans: list[Path | Span] = [Span(*view.locate_item(item_id)) for item_id in some]
        items = tuple({"item_id": item_id, "input": rank} for rank, item_id in enumerate(some))
        args = {"names": list(names)}
        yield Job(f"collect-{start}", "tamis.run.recover_task:collect", tuple(spans), items, args)


def _try_all(
    cell: Cell, signed: Mapping[str, list[Mapping[str, Any]]], effort: Effort
) -> Iterator[tuple[str, Attempt]]:
    """What became of each name that has a pair; one pair of each name is tried before the next."""
    pairs = {name: _pairs(some)[: effort.pairs] for name, some in signed.items()}
    left = {name for name, some in pairs.items() if some}
    tried: dict[str, list[str]] = defaultdict(list)
    for rank in range(effort.pairs):
        jobs = [
            Job(name, "tamis.run.recover_task:try_pair", (), ({"signed": pairs[name][rank]},))
            for name in sorted(left)
            if rank < len(pairs[name])
        ]
        for outcome in cell.run(jobs):
            name = outcome.job.job_id
            attempt = _judge(name, outcome)
            if attempt.txt is None:
                tried[name].append(attempt.detail)
                continue
            left.discard(name)
            yield name, attempt
    for name in sorted(left):
        reasons = "; ".join(dict.fromkeys(tried[name]))
        yield name, Attempt(name, None, f"not recovered from {len(tried[name])} pairs: {reasons}")


def _pairs(signed: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Pairs of equally long signatures, each followed by the others of that length.

    Pairs without a member in common come first, so that one altered message spoils one of them.
    """
    ranked = [
        (first, second)
        for first, second in itertools.combinations(range(len(signed)), 2)
        if len(signed[first]["signature"]) == len(signed[second]["signature"])
    ]
    fresh: list[tuple[int, int]] = []
    used: set[int] = set()
    for pair in ranked:
        if used.isdisjoint(pair):
            fresh.append(pair)
            used.update(pair)
    order = fresh + [pair for pair in ranked if pair not in fresh]
    return [
        [*(signed[rank] for rank in pair)]
        + [
            one
            for rank, one in enumerate(signed)
            if rank not in pair and len(one["signature"]) == len(signed[pair[0]]["signature"])
        ]
        for pair in order
    ]


def _judge(name: str, outcome: Outcome) -> Attempt:
    """What a worker says of one pair, checked here: it could have been taken over."""
    signed = outcome.job.items[0]["signed"]
    if outcome.status != "done":
        return Attempt(name, None, f"stopped ({outcome.reason})")
    told = outcome.result
    if told is None:
        why = "no key makes both signatures" if find_spec("gmpy2") else _NO_GMPY2
        return Attempt(name, None, why)
    pair = [to_signed(one) for one in signed]
    try:
        modulus, exponent = int(told["modulus"], 16), int(told["exponent"])
        is_sound = modulus.bit_length() <= MAX_RSA_BITS and 0 < exponent < 1 << 32
        held = [one.holds(modulus, exponent) for one in pair] if is_sound else []
    except (KeyError, TypeError, ValueError):
        held = []
    if held[:2] != [True, True]:
        return Attempt(name, None, "the worker's answer does not verify the pair")
    detail = (
        f"computed from the signatures of {signed[0]['item_id'][:16]} and "
        f"{signed[1]['item_id'][:16]}; {modulus.bit_length()} bits, e={exponent}; holds for "
        f"{sum(held[2:])} of {len(held) - 2} other signatures tried"
    )
    return Attempt(name, to_record(modulus, exponent), detail)


_NO_GMPY2 = (
    "no key of exponent 3 makes both; for the usual exponent install the extra: "
    "pip install 'tamis[recover]'"
)


def _keep(case: Case, attempt: Attempt) -> None:
    entry = {"txt": attempt.txt, "source": "recovered", "src": attempt.detail}
    content = orjson.dumps({attempt.name: [entry]}, option=orjson.OPT_APPEND_NEWLINE)
    made = MadeFile("tamis keys recover", f"{attempt.name}.json", content, "dkim_keys_json")
    take_made(case, [made], [("recovered_key", {"name": attempt.name, "how": attempt.detail})])
