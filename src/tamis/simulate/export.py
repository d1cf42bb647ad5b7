"""Files as collectors leave them: raw pages of API v2, compressed parts, flattened lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from tamis.simulate import clock
from tamis.simulate.accounts import account, user_json
from tamis.simulate.archive import StoredGzip
from tamis.simulate.dice import mixed
from tamis.simulate.posts import exported, rendered

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate.posts import Post

PAGE = 100
PART = 200_000  # posts in one file
_COUNTS = ("row_count", "post_count", "rejected_count", "skipped_count")
_QUERY = (
    "https://api.twitter.com/2/tweets/search/all?expansions=author_id%2Creferenced_tweets.id"
    "&tweet.fields=author_id%2Ccreated_at%2Centities%2Clang&max_results=100&query="
)


def _stamp(query: str) -> dict[str, str]:
    return {
        "url": _QUERY + query,
        "version": "2.3.1",
        "retrieved_at": clock.iso(clock.COLLECTED_AT)[:-1] + "+00:00",
    }


class Pages:
    """Raw responses, one a line, in parts; a name ending in .gz is compressed."""

    def __init__(self, folder: Path, stem: str, suffix: str, query: str) -> None:
        self._folder, self._stem, self._suffix = folder, stem, suffix
        self._stamp = orjson.dumps(_stamp(query))
        self._waiting: list[Post] = []
        self._file: BinaryIO | None = None
        self._out: BinaryIO | StoredGzip | None = None
        self.files: dict[str, dict[str, int]] = {}
        self._name = ""

    def add(self, post: Post) -> None:
        """Take one post; a full page is written."""
        self._waiting.append(post)
        if len(self._waiting) >= PAGE:
            self._flush()

    def _open(self) -> BinaryIO | StoredGzip:
        if self._out is not None and self.files[self._name]["post_count"] < PART:
            return self._out
        self._shut()
        self._name = f"{self._stem}_{len(self.files):04d}{self._suffix}"
        self.files[self._name] = dict.fromkeys(_COUNTS, 0)
        self._file = (self._folder / self._name).open("wb")
        compressed = self._suffix.endswith(".gz")
        self._out = StoredGzip(self._file, self._name[:-3]) if compressed else self._file
        return self._out

    def _flush(self) -> None:
        """Write one page, newest post first, with the accounts and posts it speaks of."""
        page = self._waiting[::-1]
        self._waiting = []
        targets = {p.target.native_id: p.target for p in page if p.target is not None}
        gone = [t for t in targets.values() if t.group == "gone"]
        held = [t for t in targets.values() if t.group != "gone"]
        numbers = dict.fromkeys([p.number for p in page] + [t.number for t in held])
        users = b",".join(map(user_json, numbers))
        more = b""
        if gone:
            more = b',"errors":' + orjson.dumps([_missing(post) for post in gone])
        meta = {
            "newest_id": str(page[0].native_id),
            "oldest_id": str(page[-1].native_id),
            "result_count": len(page),
            "next_token": f"b26v89c19zqg8o3f{mixed(page[0].native_id):016x}",
        }
        out = self._open()
        out.write(
            b'{"data":[' + b",".join(map(rendered, page)) + b'],"includes":{"users":[' + users
            + b'],"tweets":[' + b",".join(map(rendered, held)) + b"]}" + more
            + b',"meta":' + orjson.dumps(meta) + b',"__twarc":' + self._stamp + b"}\n"
        )  # fmt: skip
        counts = self.files[self._name]
        counts["row_count"] += 1
        counts["post_count"] += len(page)

    def _shut(self) -> None:
        if isinstance(self._out, StoredGzip):
            self._out.close()
        if self._file is not None:
            self._file.close()

    def close(self) -> None:
        """Write what waits, and close the last part."""
        if self._waiting:
            self._flush()
        self._shut()


def _missing(post: Post) -> dict[str, str]:
    """What the API says of a referenced post that is gone."""
    native = str(post.native_id)
    return {
        "value": native,
        "detail": f"Could not find tweet with referenced_tweets.id: [{native}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "referenced_tweets.id",
        "resource_id": native,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


class Lines:
    """Flattened posts, one a line, each with its author and what it refers to written out."""

    def __init__(self, path: Path, query: str) -> None:
        self._stream = path.open("wb")
        self._stamp = _stamp(query)
        self.counts = dict.fromkeys(_COUNTS, 0)

    def add(self, post: Post) -> None:
        """Write one post."""
        out = exported(post) | {"author": account(post.number).exported()}
        if post.target is not None:
            reference: dict[str, Any] = {"type": post.kind, "id": str(post.target.native_id)}
            if post.target.group != "gone":
                reference |= exported(post.target)
                reference["author"] = account(post.target.number).exported()
            out["referenced_tweets"] = [reference]
        out["__twarc"] = self._stamp
        self._stream.write(orjson.dumps(out) + b"\n")
        self.counts["row_count"] += 1
        self.counts["post_count"] += 1

    def close(self) -> None:
        """End the file as a collector that was stopped does: a blank line, and half a line."""
        self._stream.write(b'\n{"id":"14288')
        self._stream.close()
        self.counts["row_count"] += 2
        self.counts["skipped_count"] += 1
        self.counts["rejected_count"] += 1
