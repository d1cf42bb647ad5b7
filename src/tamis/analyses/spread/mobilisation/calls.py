"""Posts that call to act: the pattern that hit, and the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.spread.mobilisation.patterns import patterns
from tamis.plan import Query

if TYPE_CHECKING:
    from tamis.analyses.spread.mobilisation.patterns import Pattern

# A longer text is looked at so far.
LOOKED_AT = 1_000
AROUND = 60

_FOLDED = (
    "regexp_replace(lower(strip_accents(replace(left(text, $looked_at), '\u2019', ''''))), "
    "'\\s+', ' ', 'g')"
)


def call_steps(source: str = "post_text") -> tuple[Query, ...]:
    """The steps from `source` (post_id, text) to `call` (post_id, pattern_id, words, ...).

    Output    one row a post: the first pattern of the list that hits, its language and kind, the
              folded words that it hit and up to 60 characters on both sides
    Limits    patterns over words: irony, quotation and new turns of speech are beyond them. Texts
              are folded (small letters, no accents) and cut after 1,000 characters. All matching
              is RE2's, whose time grows with the length of the text and no faster.
    """
    known = patterns()
    steps = [
        Query(
            "gated",
            f"SELECT post_id, {_FOLDED} AS said FROM {source} "  # noqa: S608  # constants
            "WHERE regexp_matches(left(text, $looked_at), $gate)",
            {"gate": known.gate, "looked_at": LOOKED_AT},
        )
    ]
    every = []
    for language, own in known.languages().items():
        union = "|".join(f"(?:{one.pattern})" for one in own)
        name = f"gated_{language}"
        steps.append(
            Query(
                name,
                "SELECT post_id, said FROM gated WHERE regexp_matches(said, $every)",
                {"every": union},
            )
        )
        every += [_hits(name, number, one) for number, one in enumerate(own)]
    steps += every
    steps.append(
        Query("hit", " UNION ALL ".join(f"SELECT * FROM {one.name}" for one in every))  # noqa: S608
    )
    steps += [_REFUSAL, _CALL]
    return tuple(steps)


def _hits(source: str, number: int, one: Pattern) -> Query:
    return Query(
        f"hit_{one.pattern_id}",
        "SELECT post_id, $pattern_id AS pattern_id, $language AS language, $kind AS kind, "  # noqa: S608
        f"{number} AS place, words_hit AS words, "
        "left(said, position(words_hit IN said) - 1) AS before, "
        "substr(said, position(words_hit IN said) + length(words_hit)) AS after FROM ("
        f"SELECT post_id, said, regexp_extract(said, $pattern) AS words_hit FROM {source}) AS seen "
        "WHERE words_hit <> ''",
        {
            "pattern_id": one.pattern_id,
            "language": one.language,
            "kind": one.kind,
            "pattern": one.pattern,
        },
    )


def _refusals() -> Query:
    rows = []
    params: dict[str, str] = {}
    for number, one in enumerate(patterns().refusals):
        params |= {
            f"language_{number}": one.language,
            f"before_{number}": one.before,
            # No text matches this: an end before a begin.
            f"after_{number}": one.after or "[^\\s\\S]",
        }
        rows.append(
            f"(language = $language_{number} AND (regexp_matches(right(before, 60), "
            f"$before_{number}) OR regexp_matches(left(after, 60), $after_{number})))"
        )
    return Query(
        "standing",
        "SELECT * FROM hit WHERE NOT regexp_matches(words || left(after, 20), $code) "  # noqa: S608
        f"AND NOT ({' OR '.join(rows)})",
        {**params, "code": patterns().code},
    )


_REFUSAL = _refusals()
_CALL = Query(
    "call",
    "SELECT post_id, pattern_id, language, kind, words, right(before, 60) AS before, "
    "left(after, 60) AS after FROM standing QUALIFY row_number() OVER (PARTITION BY post_id "
    "ORDER BY length(words) DESC, language, place) = 1",
)
