"""The answers, counted while the incident is written, never by asking tamis."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.simulate import clock
from tamis.simulate.accounts import AMPLIFIERS, CELL, FIRST_POSTER, INFLUENCERS, PUBLISHER, account
from tamis.simulate.people import ARCHIVE_URL, CAMPAIGN, HASHTAG, HOLDERS, LIST_DOMAIN

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate.posts import Post

VERSION = 6
COUNT_AT_S = (60, 300, 12_600)
_BOUND_UP_TO = 2.0  # with more posts than that, the busiest honest accounts share more by chance


@dataclass
class Tally:
    """What is counted of the X posts while they stream by."""

    first: Post
    post_count: int = 0
    repost_count: int = 0
    by_group: dict[str, int] = field(default_factory=dict)
    first_reposts: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COUNT_AT_S, 0))
    tagged_own: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COUNT_AT_S, 0))
    tagged_all: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COUNT_AT_S, 0))
    tagged_total: int = 0
    tagged_by_language: dict[str, int] = field(default_factory=dict)
    received: dict[int, int] = field(default_factory=dict)
    tag_received: dict[int, int] = field(default_factory=dict)
    tag_first: dict[int, Post] = field(default_factory=dict)
    tag_languages: dict[str, Post] = field(default_factory=dict)

    def add(self, post: Post) -> None:
        """Count one post."""
        self.post_count += 1
        name = post.group.partition("_")[0] or "story"
        self.by_group[name] = self.by_group.get(name, 0) + 1
        if post.kind == "retweeted" and post.target is not None:
            self.repost_count += 1
            if post.target.number < 1_000:
                number = post.target.number
                self.received[number] = self.received.get(number, 0) + 1
        if not post.carries(HASHTAG):
            return
        self.tagged_total += 1
        counts = self.tagged_by_language
        counts[post.language] = counts.get(post.language, 0) + 1
        lag = post.at_s - self.first.at_s
        is_repost = post.kind == "retweeted"
        self._follow(post, is_repost=is_repost)
        for limit in COUNT_AT_S:
            if lag < limit:
                self.tagged_all[limit] += 1
                self.tagged_own[limit] += not is_repost
                self.first_reposts[limit] += is_repost and post.target is self.first

    def _follow(self, post: Post, *, is_repost: bool) -> None:
        """Who used the hashtag first, in which language, and whose posts with it were repeated."""
        if is_repost and post.target is not None:
            number = post.target.number
            self.tag_received[number] = self.tag_received.get(number, 0) + 1
        else:
            self.tag_first.setdefault(post.number, post)
            self.tag_languages.setdefault(post.language, post)

    def amplifiers(self, count: int) -> list[dict[str, Any]]:
        """Those whose posts with the hashtag were repeated most, by their first such post."""
        most = sorted(
            self.tag_received, key=lambda n: (-self.tag_received[n], account(n).account_id)
        )[:count]
        most.sort(key=lambda n: (self.tag_first[n].at_ms, account(n).account_id))
        return [
            {"account_id": account(n).account_id, "handle": account(n).handle,
             "first_at": clock.iso(self.tag_first[n].at_s), "received": self.tag_received[n]}
            for n in most
        ]  # fmt: skip


def story_answers(tally: Tally) -> dict[str, Any]:
    """What is true of the story on X."""
    first = tally.first
    return {
        "first_hashtag": {
            "platform": "x",
            "post_id": first.post_id,
            "account_id": account(FIRST_POSTER).account_id,
            "handle": account(FIRST_POSTER).handle,
            "at": clock.iso(first.at_s),
            "language": first.language,
        },
        "hashtag": HASHTAG,
        "archive_url": ARCHIVE_URL,
        "first_post_reposts": {str(k): v for k, v in tally.first_reposts.items()},
        "hashtag_posts_own": {str(k): v for k, v in tally.tagged_own.items()},
        "hashtag_posts_all": {str(k): v for k, v in tally.tagged_all.items()},
        "hashtag_posts_total": tally.tagged_total,
        "hashtag_posts_by_language": dict(sorted(tally.tagged_by_language.items())),
        "publisher": {
            "account_id": account(PUBLISHER).account_id,
            "handle": account(PUBLISHER).handle,
            "reposts_received": tally.received.get(PUBLISHER, 0),
        },
        "first_poster_reposts_received": tally.received.get(FIRST_POSTER, 0),
        "amplifier_order": tally.amplifiers(4),
        "first_hashtag_by_language": {
            language: {"post_id": post.post_id, "at": clock.iso(post.at_s)}
            for language, post in sorted(tally.tag_languages.items())
        },
        "amplifiers": [account(n).account_id for n in AMPLIFIERS],
        "influencers": [account(n).account_id for n in INFLUENCERS],
        "x_post_count": tally.post_count,
        "x_repost_count": tally.repost_count,
        "x_by_group": dict(sorted(tally.by_group.items())),
    }


def crossing(origin: dict[str, str], story: dict[str, Any]) -> dict[str, Any]:
    """How the archive's link left the place where it was first seen."""
    return {
        "object": story["archive_url"],
        "from_platform": origin["platform"],
        "from_post_id": origin["post_id"],
        "from_at": origin["at"],
        "to_platform": "x",
        "to_post_id": story["first_hashtag"]["post_id"],
        "to_at": story["first_hashtag"]["at"],
        "lag_s": clock.FIRST_HASHTAG_AT - clock.LEAK_AT,
        "account_id": story["first_hashtag"]["account_id"],
    }


def cell_answers(pairs: list[dict[str, object]], folder: Path, scale: float) -> dict[str, Any]:
    """Who the cell is; its pairs go into a table beside."""
    with (folder / "cell_pairs.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("layer", "account_a", "account_b", "shared_count"))
        for row in pairs:
            ids = sorted(account(int(str(row[k]))).account_id for k in ("a", "b"))
            table.writerow((row["layer"], *ids, row["shared_count"]))
    least = {
        layer: min(int(str(r["shared_count"])) for r in pairs if r["layer"] == layer)
        for layer in dict.fromkeys(str(r["layer"]) for r in pairs)
    }
    return {
        "members": [account(n).account_id for n in CELL],
        "handles": [account(n).handle for n in CELL],
        "window_s": 60,
        "pair_count": len(CELL) * (len(CELL) - 1) // 2,
        "least_shared": least,
        "honest_most_shared": 5 if scale <= _BOUND_UP_TO else None,
        "honest_note": (
            "keen fans share at most five reposted posts with each other; debates share one "
            "hashtag; push alerts share a link once"
        ),
    }


README = """# The truth about this incident

Everything here is invented: the country, the campaign, the people, the addresses, the accounts
and every post. Domains end in .example, account handles in _zq, and ids carry bits that no
platform gives out. It was written by `tamis.simulate` from a seed, and the same seed gives the
same bytes on every machine.

- `truth.json`     the story: origin, first sights, counts, the cell, totals of every file
- `messages.csv`   one row for each copy of a message in `leak/`: where it lies, the SHA-256 of
                   its bytes as found (and with mbox quoting undone), its true class, the
                   verdicts that its own signatures and the key file allow (`expected`), and those
                   that copies, repairs or a decoy registry may reach (`later`); alternatives are
                   joined by |
- `claims.csv`     what is true of each claim in `claims/claims.csv`
- `decoys.csv`     one row for each sealed decoy: where it lies in `leak/` (empty if it was never
                   taken), whether `decoys/` shows a proof of it, and what that makes of it
- `files.csv`      the other files of `leak/`
- `personal.csv`   one row for each piece of data about an invented person in a document
- `cell_pairs.csv` for each pair of the planted cell and each layer: on how many different things
                   both acted within 60 seconds

Counts of posts at 60, 300 and 12600 seconds begin with the first post that bears the hashtag;
"own" are posts that carry it themselves, "all" also reposts of such posts. A file's row_count is
its lines or CSV rows, of which rejected_count are broken and skipped_count blank; post_count are
the posts collected, without those that pages only refer to.
"""


@dataclass(frozen=True, slots=True)
class Truth:
    """The answers of one incident, as `expectations` reads them."""

    story: dict[str, Any]
    cell: dict[str, Any]
    files: dict[str, dict[str, int]]
    leak: dict[str, Any]
    settings: dict[str, Any]
    messages: tuple[dict[str, str], ...]
    documents: tuple[dict[str, str], ...]
    pairs: tuple[dict[str, str], ...]
    claims: tuple[dict[str, str], ...]
    decoys: tuple[dict[str, str], ...]
    personal: tuple[dict[str, str], ...]

    @property
    def holders(self) -> dict[str, str]:
        """Whose mailboxes were taken: the address by the name of the folder."""
        return {name: person.address for name, person in HOLDERS}

    @property
    def own_domains(self) -> tuple[str, ...]:
        """The domains of the campaign whose mail was taken, its list server's too."""
        return CAMPAIGN, LIST_DOMAIN

    def expected(self, sha256: str) -> frozenset[str]:
        """The verdicts allowed for those bytes; empty if they are no message of the dump."""
        return frozenset(
            word
            for message in self.messages
            if message["sha256"] == sha256
            for word in f"{message['expected']}|{message['later']}".split("|")
            if word
        )


def rows_of(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a table of the truth."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def expectations(folder: Path) -> Truth:
    """The answers that lie in `folder/truth`.

    Errors    FormatError if the folder holds no answers of this version
    """
    base = folder / "truth"
    try:
        answers = json.loads((base / "truth.json").read_bytes())
        if answers["version"] != VERSION:
            raise FormatError(f"{base}: written by another version; run simulate again")
        return Truth(
            answers["story"], answers["cell"], answers["files"], answers["leak"],
            answers["settings"], rows_of(base / "messages.csv"), rows_of(base / "files.csv"),
            rows_of(base / "cell_pairs.csv"), rows_of(base / "claims.csv"),
            rows_of(base / "decoys.csv"), rows_of(base / "personal.csv"),
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        message = f"{base}: expected the answers of a simulated incident; run simulate first"
        raise FormatError(message) from error
