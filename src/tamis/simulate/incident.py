"""The whole incident written into a folder: leak, keys, posts and the truth about them."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.errors import InputError
from tamis.progress import Silent
from tamis.simulate import clock, leak, truth
from tamis.simulate.accounts import FIRST_POSTER, INFLUENCERS, NEWSPAPERS, PUBLISHER
from tamis.simulate.claims import write_claims
from tamis.simulate.context import write_context
from tamis.simulate.copies import told_copy
from tamis.simulate.decoys import write_decoys
from tamis.simulate.dice import Dice
from tamis.simulate.elsewhere import Elsewhere
from tamis.simulate.export import Lines, Pages
from tamis.simulate.people import ARCHIVE_URL, COUNTRY, HASHTAG, JURISDICTION, key_file
from tamis.simulate.private import PIXEL_HOST, private_documents
from tamis.simulate.stream import Incident2021

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.progress import Progress

_NOTABLE = frozenset((FIRST_POSTER, PUBLISHER, *NEWSPAPERS, *INFLUENCERS))
TITLE = "Azurine leaks (an invented incident)"
ELECTION = "xo-2021-presidence"
SETTINGS = {
    "title": TITLE,
    "election": ELECTION,
    "country": COUNTRY,
    "polling_days": [clock.POLLING_DAY],
    "polls_open": clock.iso(clock.POLLS_OPEN_AT),
    "polls_close": clock.iso(clock.POLLS_CLOSE_AT),
    "silence_from": clock.iso(clock.SILENCE_FROM_AT),
    "jurisdictions": [JURISDICTION],
    "own_domains": ["azurine.example"],
    "selectors": [f"#{HASHTAG}", ARCHIVE_URL],
    "display_zone": "Etc/GMT-2",
    "leak_at": clock.iso(clock.LEAK_AT),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """What was written: the folders to add to a case, and the answers."""

    folder: Path
    leak: Path
    keys: Path
    posts: Path
    claims: Path
    decoys: Path
    truth: truth.Truth
    message_count: int
    post_count: int
    title: str = TITLE
    election: str = ELECTION


def write(
    folder: Path, *, seed: int = 2017, scale: float = 1.0, progress: Progress | None = None
) -> Incident:
    """The invented incident, written below `folder` (made if absent, and empty).

    Output    `leak/`, `keys/keys.json`, `posts/`, `claims/claims.csv`, `decoys/`, `truth/`;
              about 400 messages and 10,500 posts at scale 1; the same bytes for the same seed
              and scale on every machine
    Errors    InputError if the folder holds something already, or the scale is not above 0
    """
    if scale <= 0:
        raise InputError(f"--scale {scale}: expected a number above 0")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(f"{folder}: expected an empty folder to write the incident into")
    shown = progress or Silent()
    for name in ("leak", "keys", "posts", "claims", "decoys", "truth"):
        (folder / name).mkdir()
    write_context(folder / "context")
    shown.start("writing the invented mail", unit="messages")
    mail = leak.write_mail(
        folder / "leak", folder / "truth" / "messages.csv", seed=seed, scale=scale
    )
    private = private_documents(Dice(seed, "private"))
    documents = leak.write_documents(folder / "leak", private, seed=seed)
    _write_rows(folder / "truth" / "files.csv", documents)
    _write_rows(
        folder / "truth" / "personal.csv",
        [
            {"path": f"documents/{one.name}", "kind": kind, "value": value}
            for one in private for kind, value in one.values
        ],
    )  # fmt: skip
    rows = truth.rows_of(folder / "truth" / "messages.csv")
    decoys = write_decoys(
        folder / "decoys", folder / "truth" / "decoys.csv", (rows, documents), seed=seed
    )
    _write_json(folder / "keys" / "keys.json", key_file(seed))
    shown.finish(f"{mail['message_count']} messages")
    shown.start("writing the invented posts", unit="posts")
    answers = _write_posts(folder, seed, scale, shown)
    shown.finish(f"{answers['story']['post_count']} posts")
    answers |= {
        "version": truth.VERSION, "seed": seed, "scale": scale, "settings": SETTINGS,
        "leak": mail | {
            "documents": len(documents), "decoys": decoys, "pixel_hosts": [PIXEL_HOST],
        },
    }  # fmt: skip
    _write_json(folder / "truth" / "truth.json", answers)
    (folder / "truth" / "README.md").write_text(truth.README, encoding="utf-8", newline="\n")
    known = truth.expectations(folder)
    return Incident(
        folder, folder / "leak", folder / "keys" / "keys.json", folder / "posts",
        folder / "claims" / "claims.csv", folder / "decoys", known,
        int(known.leak["message_count"]), int(known.story["post_count"]),
    )  # fmt: skip


def _write_posts(folder: Path, seed: int, scale: float, progress: Progress) -> dict[str, Any]:
    """The post files, and what is true of them."""
    world = Incident2021(seed, scale)
    tally = truth.Tally(world.story.first)
    files = _write_x(folder / "posts" / "x_api_v2", world, tally, progress)
    first_at = clock.iso(world.story.first.at_s)
    places = Elsewhere(folder / "posts", seed, scale)
    habits = places.write_timelines()
    origin = places.write_boards(first_at)
    calls = places.write_chats(world.cell.called())
    rehosts = [
        told_copy(post.urls[0], post.post_id, post.at_s) for post in world.story.rehosts
    ] + places.copies
    counts = {"x": tally.post_count + places.counts.pop("x"), **places.counts}
    story = truth.story_answers(tally)
    story["x_repost_count"] += places.timeline_reposts
    story |= {
        "origin": origin,
        "first_link": places.first_link,
        "first_tag": places.first_tag,
        "pagora_first": places.page_first,
        "first_crossing": truth.crossing(origin, story),
        "bridge": story["first_hashtag"]["account_id"],
        "rehosts": sorted(rehosts, key=lambda row: (row["at"], row["url"])),
        "calls": calls,
        "clocks": habits,
        "post_count": sum(counts.values()),
        "posts_by_platform": counts,
    }
    write_claims(folder, story)
    return {
        "story": story,
        "cell": truth.cell_answers(world.cell.pairs(), folder / "truth", scale),
        "files": files | places.files,
    }


def _write_x(
    base: Path, world: Incident2021, tally: truth.Tally, progress: Progress
) -> dict[str, dict[str, int]]:
    """What each X file holds: two searches in pages, and the timelines of notable accounts.

    From the leak on, notable accounts lie in two files, as they do in real collections.
    """
    base.mkdir()
    before = Pages(base, "search_ostrevane", ".jsonl", "ostrevane")
    after = Pages(base, "search_leak", ".jsonl.gz", "azurineleaks")
    flat = Lines(base / "timelines_flat.jsonl", "timelines")
    leak_ms = clock.LEAK_AT * 1000
    for post in world.posts():
        tally.add(post)
        notable = post.number in _NOTABLE
        if notable:
            flat.add(post)
        if post.at_ms >= leak_ms:
            after.add(post)
        elif not notable:
            before.add(post)
        if not tally.post_count % 10_000:
            progress.advance(10_000)
    for sink in (before, after, flat):
        sink.close()
    files = {f"{base.name}/{name}": n for part in (before, after) for name, n in part.files.items()}
    return files | {f"{base.name}/timelines_flat.jsonl": flat.counts}


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
