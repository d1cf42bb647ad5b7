"""Mail intake (hash, headers, parts, text, rows written) against mail-parser's parse alone.

Both are counted in processor seconds, ours with all its workers, because several readers share a
machine. Budgets (design section 8): 1,500 small messages a second and core, 1.3 times mail-parser;
a large mailbox streams in less than 400 MB.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MESSAGES_A_SECOND, RATIO, MEMBERS_MB = 1_500, 1.3, 400
_ADD = """
import resource, sys
from pathlib import Path
from tamis.case import Case
from tamis.run.intake import add
case = Case.create(Path(sys.argv[1]), title="bench")
report = add(case, [Path(sys.argv[2])], kind="leak", jobs=1)
own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
cpu = sum(r.ru_utime + r.ru_stime for r in (own, workers))
print(report.rows["message"], cpu, own.ru_maxrss // 1024, workers.ru_maxrss // 1024)
"""


def write_messages(count: int, seed: int = 2017) -> list[bytes]:
    """Small messages of ordinary shape: half plain, half with an HTML part, some with a file."""
    dice = random.Random(seed)
    words = ["".join(dice.choices("abdeilmnoprstu", k=dice.randint(2, 9))) for _ in range(3_000)]
    return [_message(number, dice, words) for number in range(count)]


def _message(number: int, dice: random.Random, words: list[str]) -> bytes:
    text = "\r\n".join(" ".join(dice.choices(words, k=11)) for _ in range(dice.randint(8, 30)))
    head = (
        f"Received: from a{number % 7}.example by b.example with ESMTPS; "
        f"Fri, 05 May 2017 10:{number % 60:02d}:00 +0200\r\n"
        f"From: Person {number % 97} <p{number % 97}@x.example>\r\nTo: desk@y.example\r\n"
        f"Subject: {' '.join(dice.choices(words, k=4))}\r\n"
        f"Date: Fri, 05 May 2017 10:{number % 60:02d}:00 +0200\r\n"
        f"Message-ID: <{number}@x.example>\r\nMIME-Version: 1.0\r\n"
    )
    plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    if number % 2:
        return (head + plain).encode()
    html = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + text.replace("\r\n", "<br>")
    return (
        f"{head}Content-Type: multipart/alternative; boundary=cut{number}\r\n\r\n"
        f"--cut{number}\r\n{plain}--cut{number}\r\n{html}</p>\r\n--cut{number}--\r\n"
    ).encode()


def _mbox(messages: list[bytes], path: Path) -> None:
    with path.open("wb") as file:
        for message in messages:
            file.write(b"From p@x.example Fri May  5 10:00:00 2017\r\n" + message + b"\r\n")


def _intake(source: Path) -> tuple[int, float, int, int]:
    """Messages, processor seconds, and peak memory in MB of the program and of its workers."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _ADD, str(Path(folder) / "case"), str(source)],
            capture_output=True,
            text=True,
            check=True,
        )
    count, cpu, own, workers = done.stdout.split()
    return int(count), float(cpu), int(own), int(workers)


def _peer(messages: list[bytes]) -> float:
    import mailparser  # noqa: PLC0415 (only for the comparison)

    began = time.process_time()
    for message in messages:
        parsed = mailparser.parse_from_bytes(message)
        _ = parsed.body, parsed.subject, parsed.from_
    return time.process_time() - began


def main(arguments: list[str]) -> int:
    """Print messages per processor second of both, the ratio, and the memory of a long mailbox."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--mailbox-mib", type=int, default=1_024)
    chosen = parser.parse_args(arguments)
    messages = write_messages(chosen.count)
    sample = messages[:2_000]
    rates, ratios = [], []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "messages.mbox"
        _mbox(messages, source)
        for _ in range(chosen.pairs):
            count, cpu, _, _ = _intake(source)
            if count != chosen.count:
                print(f"{count:,} of {chosen.count:,} messages came out")
                return 1
            rates.append(count / cpu)
            ratios.append(rates[-1] / (len(sample) / _peer(sample)))
        own, workers = _long_mailbox(messages, Path(folder) / "long.mbox", chosen.mailbox_mib)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"intake: {statistics.median(rates):,.0f} messages a processor second (all processes)")
    print(f"ratio to mail-parser's parse: {middle:.2f} [{low:.2f}-{high:.2f}], budget {RATIO}")
    print(f"{chosen.mailbox_mib:,} MiB mbox: program {own:,} MB, largest worker {workers:,} MB")
    is_missed = high < RATIO or max(rates) < MESSAGES_A_SECOND or max(own, workers) > MEMBERS_MB
    return int(is_missed)


def _long_mailbox(messages: list[bytes], path: Path, size_mib: int) -> tuple[int, int]:
    written = 0
    with path.open("wb") as file:
        while written < size_mib << 20:
            for message in messages:
                unique = message.replace(b"<", b"<%d." % written, 1)
                written += file.write(
                    b"From p@x.example Fri May  5 10:00:00 2017\r\n" + unique + b"\r\n"
                )
    _, _, own, workers = _intake(path)
    os.sync()
    return own, workers


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main(sys.argv[1:]))
