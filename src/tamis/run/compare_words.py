"""What `tamis compare` says: lines for people, and rows for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.coordination.significance.correction import PRINTED_LEAST
from tamis.run.show import json_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.run.compare import Comparison

CAUTION = (
    "What two incidents share is no proof of common hands: people who write about politics, "
    "newspapers and well-known addresses occur in every one."
)
_MEANING = {
    "account": "the same account id; names in both are beside it",
    "author": "the same name in the metadata of files; `admin` and the like are nobody's",
    "file": "the same bytes, by SHA-256",
    "handle": "the same handle on another account id: names can be taken over",
    "text": "the same words, of eight or more, posted and not reposted",
}


def lines(found: Comparison, limit: int) -> Iterator[str]:
    """The answer for people, with at most `limit` things of each kind, the rarest first."""
    yield f"A: {found.titles[0]}"
    yield f"B: {found.titles[1]}"
    if found.common_post_count:
        yield (
            f"{found.common_post_count:,} posts stand in both cases; they are left out of "
            "everything below, because what they show is shared by construction"
        )
    for count in found.counts:
        yield ""
        meaning = _MEANING.get(count["kind"])
        yield (
            f"{count['kind']}: {count['shared_count']:,} in both, of {count['a_count']:,} in A "
            f"and {count['b_count']:,} in B" + (f" ({meaning})" if meaning else "")
        )
        rows = _first(found, count["kind"], limit)
        yield from (f"  {_thing(row)}" for row in rows)
        if len(rows) < count["shared_count"]:
            yield f"  … {count['shared_count'] - len(rows):,} more; --as jsonl gives all"
    yield ""
    yield from _chances(found)
    yield from (f"note: {note}" for note in found.notes)
    yield CAUTION


def _first(found: Comparison, kind: str, limit: int) -> list[dict[str, Any]]:
    import pyarrow.compute as pc  # noqa: PLC0415  # a heavy import

    of_kind = found.shared.filter(pc.equal(found.shared.column("kind"), kind))
    rows: list[dict[str, Any]] = of_kind.slice(0, limit).to_pylist()
    return rows


def _thing(row: Mapping[str, Any]) -> str:
    told = f" ({_names(row)})" if _names(row) else ""
    sides = "; ".join(f"{side.upper()} {_used(row, side)}" for side in ("a", "b"))
    return f"{row['trait_id']}{told}: {sides}"


def _names(row: Mapping[str, Any]) -> str:
    """The names it has; of an account that changed them, those in A and those in B."""
    sides = [sorted(set(row[f"{side}_names"]) - {row["trait_id"], None}) for side in ("a", "b")]
    if row["kind"] == "account" and all(sides) and sides[0] != sides[1]:
        return " then ".join(", ".join(one[:4]) for one in sides)
    return ", ".join(sorted({*sides[0], *sides[1]})[:4])


def _used(row: Mapping[str, Any], side: str) -> str:
    times = f"{row[f'{side}_use_count']:,}x"
    accounts = row[f"{side}_account_count"]
    by = f" by {accounts:,} accounts" if accounts and row["kind"] != "account" else ""
    first = row[f"{side}_first_at"]
    return f"{times}{by}" + (f", first {first:%Y-%m-%dT%H:%M:%SZ}" if first else "")


def _chances(found: Comparison) -> Iterator[str]:
    yield "By chance:"
    if not found.chances:
        yield "  nothing can be stated: no accounts of one platform in both, no clusters"
    for row in found.chances:
        yield (
            f"  {row['what']}: {row['observed']:,} in both, {row['expected']:,.4g} expected "
            f"({_p(row['p_value'])}) if {row['null']}"
            + (", an example" * row.get("is_example", False))
        )
    for what, population in _explaining(found).items():
        yield (
            f"  {what}: chance gives as many as found where both drew from about {population:,}; "
            "--population PLATFORM=N states from how many they could. People who follow politics "
            "are no random draw"
        )
    if any("of like activity" in row["null"] for row in found.chances):
        yield (
            "  like activity: classes by powers of two of posts, joined from the most active down "
            "until 50 accounts outside clusters are in each; busy accounts are seen more often, "
            "whoever guides them"
        )
    yield (
        "  hosts, addresses, files, authors and texts: not stated, as nobody knows how many there "
        "could have been; those that are rare in both come first"
    )


def _p(value: float) -> str:
    return f"p below {PRINTED_LEAST:g}" if value <= PRINTED_LEAST else f"p = {value:.2g}"


def _explaining(found: Comparison) -> dict[str, int]:
    told = {row["what"]: row.get("explaining_population") for row in found.chances}
    return {what: population for what, population in told.items() if population is not None}


def rows(found: Comparison) -> Iterator[str]:
    """Every row as a line of JSON: `row` says count, chance or shared."""
    for count in found.counts:
        yield json_line({"row": "count", **count})
    for chance in found.chances:
        yield json_line({"row": "chance", **chance})
    for batch in found.shared.to_batches(max_chunksize=10_000):
        for one in batch.to_pylist():
            yield json_line({"row": "shared", **one})
