"""Intake of many generated posts in compressed files: time, CPU and memory of one `tamis add`.

    python benchmarks/posts_17m.py --posts 1700000 --files 16 --packed zst --jobs 2 [--folder DIR]
    python benchmarks/posts_17m.py --sizes 1 2 4 8      one NDJSON file of so many GB after another

Files are made once in the folder and used again; each line is one X API v2 post with its own id,
time, author, text and links, most bytes being context that nobody reads, as in real exports. Not
part of `make bench`: the full size (17 million) takes minutes. Exit 1 when the full size misses
its budget: 9 minutes on 2 cores, below 8 GB. `--sizes` gives each size a process of its own and
prints the high-water mark (VmHWM) of that process and of its largest worker; its files go.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from backports import zstd

from posts import WORDS, account, post
from tamis.case import Case
from tamis.run.intake import Workers, add

_LINE_BYTES = 1_880
TEMPLATES = 2_000
FULL, BUDGET_S, BUDGET_BYTES = 17_000_000, 540, 8_000_000_000
_FIRST_ID = 860_000_000_000_000_000


def template(rng: random.Random, number: int) -> bytes:
    """One line with places for what differs: ids, author, time, words and link of each post."""
    one = post(rng, number, account(rng, 5_000))
    del one["context_annotations"][1:]
    one["id"] = one["conversation_id"] = "@ID@"
    one["edit_history_tweet_ids"] = ["@ID@"]
    one["author_id"] = "@AU@"
    one["author"]["id"], one["author"]["username"] = "@AU@", "invented_@AU@"
    one["created_at"] = "2017-05-05T@HH@:@MM@:@SS@.000Z"
    one["text"] = f"@W1@ {one['text']} @W2@"
    if rng.random() < 0.6:
        one["referenced_tweets"] = [{"type": "retweeted", "id": "@RT@"}]
        one["text"] = f"RT @invented_{number}: {one['text']}"[:139] + "\u2026"
    for address in one["entities"].get("urls", ()):
        address["unwound_url"] = address["expanded_url"] + "&page=@PG@"
    one["__twarc"] = {"version": "2.13.0", "retrieved_at": "2023-01-05T17:34:04+00:00"}
    text = json.dumps(one).replace("%", "%%")
    for mark, form in (
        *(("@ID@", "%(id)d"), ("@AU@", "%(author)d"), ("@HH@", "%(hour)02d")),
        *(("@MM@", "%(minute)02d"), ("@SS@", "%(second)02d"), ("@W1@", "%(first)s")),
        *(("@W2@", "%(second)d%(first)s"), ("@RT@", "%(original)d"), ("@PG@", "%(page)d")),
    ):
        text = text.replace(mark, form)
    return text.encode() + b"\n"


def fill(file: Any, templates: list[bytes], first: int, count: int) -> int:
    """The size of so many lines, written to an open file."""
    rng = random.Random(first)
    size = 0
    words = [word.encode() for word in WORDS]
    for at in range(first, first + count):
        share = rng.random()
        second = (at * 24 * 3600) // FULL if at < FULL else at % 86_400
        line = templates[int(share * 1e6) % len(templates)] % {
            b"id": _FIRST_ID + at * 4_194_304 // 16,
            b"author": 10_000 + int(2_000_000 * share * share),
            b"hour": second // 3600,
            b"minute": second // 60 % 60,
            b"second": second % 60,
            b"first": words[at % 15] + b" " + words[at // 15 % 15] + b" %d" % (at % 9973),
            b"original": _FIRST_ID + int(400_000 * share**3) * 4_194_304,
            b"page": int(20_000 * share**2),
        }
        size += len(line)
        file.write(line)
    return size


def opened(path: Path, packed: str) -> Any:
    if packed == "gz":
        return gzip.open(path, "wb", compresslevel=3)
    if packed == "zst":
        return zstd.open(path, "wb", level=3)
    return path.open("wb")


def generate(folder: Path, options: argparse.Namespace) -> int:
    """The bytes of content in all files, made unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "size.txt"
    if told.exists():
        return int(told.read_text())
    rng = random.Random(1)
    templates = [template(rng, number) for number in range(TEMPLATES)]
    each = options.posts // options.files
    size = 0
    suffix = "" if options.packed == "none" else f".{options.packed}"
    (folder / "files").mkdir(exist_ok=True)
    for number in range(options.files):
        with opened(folder / "files" / f"{number:04}.jsonl{suffix}", options.packed) as file:
            size += fill(file, templates, number * each, each)
    told.write_text(str(size))
    return size


class Peak(threading.Thread):
    """The largest sum of resident memory of this process and all below it, looked at often."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self.own = 0
        self.worker_mark = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look until told that it is over."""
        me = Path("/proc/self/stat").read_text().split()[0]
        while not self.is_over.wait(0.5):
            parents = {}
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    with suppress(OSError):
                        fields = (entry / "stat").read_text().rpartition(")")[2].split()
                        parents[entry.name] = fields[1]
            below = [pid for pid in parents if _is_below(pid, me, parents)]
            sizes = {pid: _told(pid, "smaps_rollup", "Pss:") for pid in below}
            self.most = max(self.most, sum(sizes.values()))
            self.own = max(self.own, sizes.get(me, 0))
            marks = [_told(pid, "status", "VmHWM:") for pid in sizes if pid != me]
            self.worker_mark = max(self.worker_mark, *marks, 0)


def _told(pid: str, file: str, name: str) -> int:
    """Bytes of memory of a process by its own file in /proc; 0 once it is gone.

    Pss are resident pages, those that several share divided among them; VmHWM the most so far.
    """
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def _is_below(pid: str, top: str, parents: dict[str, str]) -> bool:
    while pid in parents:
        if pid == top:
            return True
        pid = parents[pid]
    return False


def main() -> int:
    options = _options()
    return _each_size(options) if options.sizes else _one(options)


def _each_size(options: argparse.Namespace) -> int:
    """1 when a size failed; every size in a fresh process, for its own high-water mark."""
    status = 0
    for size in options.sizes:
        folder = Path(tempfile.mkdtemp(prefix="posts-", dir=options.folder))
        posts = str(int(size * 1e9 / _LINE_BYTES))
        command = [sys.executable, __file__, "--files", "1", "--packed", "none", "--posts", posts]
        command += ["--jobs", str(options.jobs), "--folder", str(folder)]
        status |= subprocess.run(command, check=False).returncode
        shutil.rmtree(folder)
    return status


def _one(options: argparse.Namespace) -> int:
    folder = options.folder or Path(tempfile.mkdtemp(prefix="posts-"))
    content = generate(folder, options)
    shutil.rmtree(folder / "case", ignore_errors=True)
    case = Case.create(folder / "case", title="generated")
    peak = Peak()
    peak.start()
    started, before = time.monotonic(), time.process_time()
    report = add(case, [folder / "files"], kind="posts", workers=Workers(jobs=options.jobs))
    took, parent = time.monotonic() - started, time.process_time() - before
    peak.is_over.set()
    peak.join()
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    below = workers.ru_utime + workers.ru_stime
    posts = report.rows["post"]
    print("\n".join(report.lines()))
    print(
        f"{posts:,} posts, {content / 1e9:.2f} GB of content in {options.files} files "
        f"({options.packed}), {options.jobs} workers: {took:.1f} s ({posts / took:,.0f} posts/s, "
        f"{content / 1e6 / took:.0f} MB/s), CPU {parent:.1f} s here and {below:.1f} s in workers, "
        f"memory {peak.most / 1e9:.2f} GB, of it {peak.own / 1e9:.2f} GB here"
    )
    mark = _told("self", "status", "VmHWM:")
    print(
        f"high-water mark (VmHWM): {mark / 1e6:,.0f} MB here, "
        f"{peak.worker_mark / 1e6:,.0f} MB in the largest worker",
        flush=True,
    )
    scaled = (parent + below) / posts * FULL
    print(f"CPU for {FULL:,} posts at this rate: {scaled:.0f} s, {scaled / 2:.0f} s on two cores")
    if options.folder is None:
        shutil.rmtree(folder)
    return 0 if posts < FULL or (took <= BUDGET_S and peak.most < BUDGET_BYTES) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=FULL)
    parser.add_argument("--files", type=int, default=160)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--packed", choices=("zst", "gz", "none"), default="zst")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--sizes", type=float, nargs="+", metavar="GB")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
