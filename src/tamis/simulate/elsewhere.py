"""Every post file but the two X searches, and what is true of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.simulate import boards, clock, copies, planning, timelines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Elsewhere:
    """The other files below one folder; what they hold is counted as they are written."""

    def __init__(self, folder: Path, seed: int, scale: float) -> None:
        self._folder = folder
        self._options: dict[str, Any] = {"seed": seed, "scale": scale}
        self.files: dict[str, dict[str, int]] = {}
        self.counts: dict[str, int] = {}
        self.copies: list[dict[str, str]] = []
        self.first_link: dict[str, str] = {}
        self.first_tag: dict[str, str] = {}
        self.page_first: dict[str, object] = {}
        self.timeline_reposts = 0

    def write_timelines(self) -> list[dict[str, Any]]:
        """The habits of the accounts whose half year lies in the v1.1 file."""
        (self._folder / "x_api_v1").mkdir()
        made, habits = timelines.posts(**self._options)
        name = "x_api_v1/timelines.jsonl"
        self._note("x", name, timelines.write_timelines(self._folder / name, made))
        self.timeline_reposts = sum(post.kind == "retweeted" for post in made)
        return habits

    def write_boards(self, first_at: str) -> dict[str, str]:
        """The origin; the board's and the pages' CSV are written.

        Input     `first_at`: when link and hashtag came to X
        """
        count, origin, tag_at = boards.write_board(
            self._folder / "mezzanine_agora.csv", **self._options
        )
        self._note("mezzanine", "mezzanine_agora.csv", _rows(count))
        count, first = boards.write_pages(self._folder / "pagora_pages.csv", **self._options)
        self._note("pagora", "pagora_pages.csv", _rows(count))
        self.page_first = first
        page_at = str(first["at"])
        self.first_link = {"mezzanine": clock.iso(origin.at_s), "x": first_at, "pagora": page_at}
        self.first_tag = {"x": first_at, "mezzanine": clock.iso(tag_at), "pagora": page_at}
        return origin.exported()

    def write_chats(self, pushes: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
        """The planted calls; chat server, channel and image board are written."""
        for name in ("discord", "telegram", "imageboard"):
            (self._folder / name).mkdir()
        name = "discord/atelier_plans.json"
        counts, calls, first = planning.write_planning(
            self._folder / name, pushes=pushes, **self._options
        )
        self._note("discord", name, counts)
        # The chat server has no hashtags: a reader finds the link there, and only words else.
        self._first("discord", {"link": first["link"]})
        name = "telegram/result.json"
        counts, first, found = copies.write_channel(self._folder / name, **self._options)
        self._note("telegram", name, counts)
        self._first("telegram", first)
        files, first, more = copies.write_threads(self._folder / "imageboard", **self._options)
        for name, counts in files.items():
            self._note("4chan", f"imageboard/{name}", counts)
        self._first("4chan", first)
        self.copies = found + more
        return calls

    def _first(self, platform: str, first: dict[str, str]) -> None:
        self.first_link[platform] = first["link"]
        if "tag" in first:
            self.first_tag[platform] = first["tag"]

    def _note(self, platform: str, name: str, counts: dict[str, int]) -> None:
        self.files[name] = counts
        self.counts[platform] = self.counts.get(platform, 0) + counts["post_count"]


def _rows(count: int) -> dict[str, int]:
    return {"row_count": count, "post_count": count, "rejected_count": 0, "skipped_count": 0}
