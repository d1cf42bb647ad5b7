"""Claims as ClaimReview, a template: what a publisher has to fill in stands there in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tamis.syntax.visible import escape_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tamis.run.claim_ledger import Entry

_FILL = "FILL IN: "
_RATINGS = {
    "corroborated": "Corroborated by the evidence named",
    "contradicted": "Contradicted by the evidence named",
    "open": "Open",
}


def claim_reviews(told: Sequence[Entry]) -> str:
    """A JSON-LD graph with one ClaimReview a claim on which a person set a status.

    Source    schema.org ClaimReview and Claim: claimReviewed, itemReviewed, reviewRating, url
    Limits    no rating in numbers: a status is no place on a scale. Address, publisher and words
              of the review are the publisher's own, and say so until they are filled in.
    """
    graph = [_review(one, one.word) for one in told if one.word is not None]
    made = {"@context": "https://schema.org", "@graph": graph}
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    # It is made to stand inside a page: a claim must not end the element it stands in.
    return escape_json(orjson.dumps(made, option=option).decode()).replace("<", "\\u003c")


def _review(one: Entry, word: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "ClaimReview",
        "url": f"{_FILL}address of the published review of {one.claim['claim_id']}",
        "author": {"@type": "Organization", "name": f"{_FILL}who publishes the review"},
        "datePublished": f"{_FILL}day of publication",
        "claimReviewed": one.said,
        "reviewRating": {"@type": "Rating", "alternateName": _RATINGS[word["status"]]},
        "itemReviewed": _claim(one),
    }


def _claim(one: Entry) -> dict[str, Any]:
    claim = one.claim
    made: dict[str, Any] = {"@type": "Claim"}
    if one.speaker is not None:
        made["author"] = {"@type": "Thing", "name": one.speaker}
        if claim["speaker_role"]:
            made["author"]["description"] = claim["speaker_role"]
    if moment := _day(claim["said_at"] or claim["reported_at"]):
        made["datePublished"] = moment
    if claim["source_address"]:
        made["appearance"] = {"@type": "CreativeWork", "url": claim["source_address"]}
    return made


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
