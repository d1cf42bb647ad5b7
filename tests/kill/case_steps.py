"""What the kill test of the case layer runs and kills: steps that may be repeated.

Run as a program with the case and a folder of sources. Every step asks first whether it was
done; so the program may be started again after any death, until it ends by itself.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tamis import records
from tamis.case import Case, Writer

STEPS = 8
BLOBS = 40


def content(step: int, number: int) -> bytes:
    return f"step {step} file {number} ".encode() * 50


def item_id(step: int, number: int) -> str:
    return hashlib.sha256(content(step, number)).hexdigest()


def add(writer: Writer, sources: Path, step: int) -> None:
    items, places, messages = [], [], []
    for number in range(BLOBS):
        path = sources / f"{step}-{number}"
        found, size = writer.store(path)
        items.append({"item_id": found, "kind": "leak", "size_bytes": size, "status": "read"})
        place = {"item_id": found, "root": "r", "path": path.name, "name": path.name}
        places.append({**place, "position": number, "depth": 0})
        text = content(step, number).decode()
        empty = {name: [] for name in ("reference_ids", "to_addresses", "cc_addresses")}
        message = {"item_id": found, "body_text": text, "is_bulk": False, "line_ends": "lf"}
        counts = {"received_count": 0, "body_raw_bytes": size, "bcc_addresses": []}
        messages.append({**message, **empty, **counts})
    for name, rows in (("item", items), ("place", places), ("message", messages)):
        writer.append(name, records.table(name).build(rows))
    writer.note("added", step=step)
    writer.mark(f"step{step}", "0" * 64, "run")
    writer.commit()


def run(case: Case, sources: Path) -> None:
    for step in range(STEPS):
        with case.view() as view:
            is_added = f"step{step}" in view.stages
        if not is_added:
            with case.writer() as writer:
                add(writer, sources, step)
        if not any(one.value == str(step) for one in case.decisions()):
            subjects = [item_id(step, number) for number in range(BLOBS)]
            case.decide("tag", subjects, str(step), "why", "me")
        case.forget(item_id(step, 0), "why")
        if step % 3 == 2:
            case.compact()


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    run(Case.open(sys.argv[1]), Path(sys.argv[2]))
