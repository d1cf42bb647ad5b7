"""What newspapers of the invented country published about the incident, right and wrong."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "claim_id", "kind", "statement", "incident", "subject_kind", "subject", "measure", "of",
    "platform", "window_s", "value", "tolerance", "unit", "reported_by", "source_address",
)  # fmt: skip
ELECTION = "xo-2021-presidence"
_PAPERS = ("courrier-mirecombe.example", "revue-ostrevane.example")


def _claims(story: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is true of each claim, and the claim."""
    tag = {"subject_kind": "hashtag", "subject": f"#{story['hashtag']}"}
    link = {"subject_kind": "url", "subject": story["archive_url"]}
    first = {"subject_kind": "post", "subject": story["first_hashtag"]["post_id"]}
    reposts = story["first_post_reposts"]
    posts = story["hashtag_posts_all"]["12600"]
    english = story["hashtag_posts_by_language"].get("en", 0) / story["hashtag_posts_total"]
    order = " > ".join(one["account_id"] for one in story["amplifier_order"])
    wrong = " > ".join(one["account_id"] for one in reversed(story["amplifier_order"]))
    on_x = {"platform": "x"}
    yes, no, open_ = "confirmed", "contradicted", "not_testable"
    return [
        # Right, but how some of the platforms were collected is not known.
        (open_, _claim("C01", "time", "The link was first posted on the board.", **link,
                       measure="first_post", value=story["origin"]["at"])),
        (yes, _claim("C02", "time", "The first post with the hashtag on X.", **tag, **on_x,
                     measure="first_post", value=story["first_hashtag"]["at"])),
        (yes, _claim("C03", "count", "Reposts of the first post within a minute.", **first,
                     measure="reposts", window_s=60, value=reposts["60"])),
        (yes, _claim("C04", "count", "Reposts of the first post within five minutes.", **first,
                     measure="reposts", window_s=300, value=reposts["300"])),
        (yes, _claim("C05", "count", "Posts with the hashtag within 3.5 hours.", **tag, **on_x,
                     measure="posts", window_s=12_600, value=posts, tolerance=0.05)),
        (yes, _claim("C06", "share", "About half of them were not in the country's language.",
                     **tag, **on_x, measure="language_share", of="en",
                     value=f"{english:.2f}", tolerance=0.02)),
        (yes, _claim("C07", "order", "How the loudest accounts came to it.", **tag, **on_x,
                     measure="account_order", of=order)),
        (yes, _claim("C08", "rank", "The publisher was repeated more than anybody.", **tag, **on_x,
                     measure="reposted_rank", of=story["publisher"]["account_id"], value=1)),
        (no, _claim("C09", "count", "Reposts of the first post within five minutes.", **first,
                    measure="reposts", window_s=300, value=3 * reposts["300"])),
        (no, _claim("C10", "order", "The publisher was first.", **tag, **on_x,
                    measure="account_order", of=wrong)),
        (open_, _claim("C11", "count", "The archive was downloaded in the first night.", **link,
                       measure="downloads", value=9_000)),
        (open_, _claim("C12", "count", "Posts with a hashtag of another country's incident.",
                       incident="", subject_kind="hashtag", subject="#AnotherLeak",
                       measure="posts", window_s=12_600, value=47_000)),
    ]  # fmt: skip


def _claim(claim_id: str, kind: str, statement: str, **more: Any) -> dict[str, Any]:
    paper = _PAPERS[int(claim_id[1:]) % len(_PAPERS)]
    told = {
        "claim_id": claim_id, "kind": kind, "statement": statement, "incident": ELECTION,
        "reported_by": paper.partition(".")[0],
        "source_address": f"https://{paper}/2021/08/23/{int(claim_id[1:]) * 811 + 10_000}",
    }  # fmt: skip
    return {**told, **more}


def write_claims(folder: Path, story: dict[str, Any]) -> None:
    """Nothing; `claims/claims.csv` and, beside the truth, what is true of each claim."""
    rows = _claims(story)
    with (folder / "claims" / "claims.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n", restval="")
        table.writeheader()
        table.writerows(row for _, row in rows)
    with (folder / "truth" / "claims.csv").open("w", encoding="utf-8", newline="") as stream:
        plain = csv.writer(stream, lineterminator="\n")
        plain.writerow(("claim_id", "expected"))
        plain.writerows((row["claim_id"], expected) for expected, row in rows)
