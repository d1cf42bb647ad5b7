"""`tamis keys fetch`: the DNS is asked for keys, and every answer is kept as it came."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tamis.run.dns_lookup import Resolver, ask, read_resolver
from tamis.run.keys import MadeFile, list_wanted, take_made
from tamis.sources.context.dns_answers import FORMAT
from tamis.syntax.dns import is_askable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamis.case import Case
    from tamis.progress import Progress
    from tamis.run.dns_lookup import Asked

__all__ = ["Fetched", "Resolver", "choose_names", "fetch", "read_resolver"]

# What is asked is committed in stretches: an interruption loses little, and custody knows the rest.
_STRETCH = 50


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of the question for one key: its outcome, and how many records came."""

    name: str
    outcome: str
    record_count: int


def choose_names(case: Case, names: Sequence[str], limit: int) -> tuple[list[str], list[str]]:
    """The names to ask for, at most `limit` of them, and those that cannot be asked.

    Without `names` those that the messages of the case want, what decides most first.
    """
    if names:
        wanted = [name.rstrip(".").lower() for name in names]
    else:
        with case.view() as view:
            wanted = [str(name) for name in list_wanted(view)["key_name"].to_pylist()]
    unique = list(dict.fromkeys(wanted))
    askable = [name for name in unique if is_askable(name) and "._domainkey." in name]
    refused = [name for name in unique if name not in set(askable)]
    return askable[:limit], refused


def fetch(
    case: Case, names: Sequence[str], resolver: Resolver, progress: Progress
) -> Iterator[Fetched]:
    """Each name once it was asked; answers, times and resolver stand in custody by then.

    Errors    CaseLockedError when another process writes.
    """
    progress.start("keys", total=len(names), unit="look-ups")
    for start in range(0, len(names), _STRETCH):
        # A case that another process holds is refused before anything is asked.
        case.writer().close()
        looked_up: list[tuple[str, tuple[Asked, ...]]] = []
        try:
            for name in names[start : start + _STRETCH]:
                looked_up.append((name, ask(name, resolver)))
                progress.advance(1)
        finally:
            # What was asked stands in custody, also when somebody interrupts.
            if looked_up:
                _keep(case, looked_up)
        for name, asked in looked_up:
            reply = asked[-1].reply
            yield Fetched(name, reply.outcome, len(reply.texts))
    progress.finish(f"{len(names):,} names asked of {resolver}")


def _keep(case: Case, looked_up: Sequence[tuple[str, tuple[Asked, ...]]]) -> None:
    """Put the answers into the case: a file of them, and a line of custody for each name."""
    lines = [
        {"format": FORMAT, "name": name, "answers": [_told(one) for one in asked]}
        for name, asked in looked_up
    ]
    content = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    first = looked_up[0][1][0].asked_at
    made = MadeFile(
        "tamis keys fetch", f"dns-answers-{first:%Y%m%dT%H%M%S.%f}Z.jsonl", content, "dns_answers"
    )
    notes = [("asked_dns", {"name": one["name"], "answers": one["answers"]}) for one in lines]
    take_made(case, [made], notes)


def _told(one: Asked) -> dict[str, Any]:
    return {
        "asked": one.name,
        "resolver": one.resolver,
        "transport": one.transport,
        "asked_at": one.asked_at.isoformat(),
        "outcome": one.reply.outcome,
        "answer": None if one.answer is None else base64.b64encode(one.answer).decode(),
    }
