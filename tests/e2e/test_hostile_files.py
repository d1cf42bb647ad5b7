"""Hostile files through the program: refused or read in seconds, and nothing happens outside."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hostile_files as hostile
import pytest

SECONDS = 10
TOKEN = "canary-7f3b1c"  # noqa: S105 (a word to look for)
REFUSED_XML = "declares a document type"
# Each file by what becomes of it: status, and words of the reason.
OUTCOMES = {
    "bomb_1GB.zip": ("refused", "decompression bomb"),
    "traversal.zip": ("read", ""),
    "billion_laughs.docx": ("refused", REFUSED_XML),
    "xxe_file.docx": ("refused", REFUSED_XML),
    "deep3000.eml": ("partly", "nested deeper than 100 levels"),
    "refs1MB.eml": ("read", ""),
}


@dataclass
class Sandbox:
    """A home, a temporary folder and a dump of its own: all that the program may know of."""

    folder: Path
    connections: list[object] = field(default_factory=list)
    address: str = ""

    @property
    def case(self) -> Path:
        return self.folder / "case"

    def run(self, *arguments: str | Path) -> str:
        names = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")
        given = {name: os.environ[name] for name in names if name in os.environ}
        given |= {"HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp")}
        done = subprocess.run(
            [sys.executable, "-B", "-m", "tamis", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=self.folder / "work",
            env=given,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [
            json.loads(one)
            for one in self.run("show", self.case, table, "--as", "jsonl").splitlines()
        ]

    def outside(self) -> dict[str, tuple[int, str]]:
        """Everything beside the case: each path, and of files time of change and content."""
        return {
            str(path): (
                path.lstat().st_mtime_ns if path.is_file() else 0,
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            )
            for path in sorted(self.folder.rglob("*"))
            if path != self.case and self.case not in path.parents
        }


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox with a secret file, and a server that notes who comes."""
    box = Sandbox(tmp_path)
    for name in ("home", "tmp", "work", "dump", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "target" / "secret.txt").write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as server:
        box.address = f"http://127.0.0.1:{server.getsockname()[1]}/{TOKEN}.dtd"

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                box.connections.append(connection)
                connection.close()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield box
        server.shutdown(socket.SHUT_RDWR)
        listener.join(timeout=5)


def made(name: str, box: Sandbox) -> bytes:
    target = box.folder / "target"
    return {
        "bomb_1GB.zip": hostile.bomb,
        "traversal.zip": lambda: hostile.climbing(str(target)),
        "billion_laughs.docx": hostile.entity_bomb,
        "xxe_file.docx": lambda: hostile.outside_entity(f"file://{target / 'secret.txt'}"),
        "deep3000.eml": hostile.deep,
        "refs1MB.eml": hostile.references,
    }[name]()


def add_alone(box: Sandbox, name: str, raw: bytes) -> tuple[str, str]:
    """Status and reason of a file that was added alone, within its time, and nothing besides."""
    (box.folder / "dump" / name).write_bytes(raw)
    box.run("new", box.case, "--title", "hostile")
    before = box.outside()
    began = time.monotonic()
    box.run("add", box.case, box.folder / "dump" / name)
    assert time.monotonic() - began < SECONDS
    assert box.outside() == before
    assert box.connections == []
    (top,) = (row for row in box.rows("place") if row["depth"] == 0)
    (item,) = (row for row in box.rows("item") if row["item_id"] == top["item_id"])
    return item["status"], item["reason"] or ""


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_made_hostile_file_is_refused_or_read_within_limits(sandbox: Sandbox, name: str) -> None:
    status, reason = add_alone(sandbox, name, made(name, sandbox))
    assert status == OUTCOMES[name][0]
    assert OUTCOMES[name][1] in reason
    if name == "refs1MB.eml":
        (message,) = sandbox.rows("message")
        assert len(message["reference_ids"]) == 80_000


@pytest.mark.shared_data
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_shared_hostile_file_is_refused_or_read_within_limits(
    sandbox: Sandbox, shared_data: Path, name: str
) -> None:
    path = shared_data / "leak/synthetic-hostile" / name
    evil = Path("/tmp/evil.txt"), Path("/etc/abs.txt")  # noqa: S108 (where an entry wants to go)
    before = [one.exists() for one in evil]
    status, reason = add_alone(sandbox, name, path.read_bytes())
    assert status == OUTCOMES[name][0]
    assert OUTCOMES[name][1] in reason
    assert [one.exists() for one in evil] == before


def test_no_file_of_the_host_and_no_server_is_asked(sandbox: Sandbox) -> None:
    """Entities and definitions from outside, in each format that could name them."""
    dump = sandbox.folder / "dump"
    secret = f"file://{sandbox.folder / 'target' / 'secret.txt'}"
    for rank, address in enumerate((secret, sandbox.address)):
        (dump / f"entity{rank}.docx").write_bytes(hostile.outside_entity(address))
        (dump / f"definitions{rank}.docx").write_bytes(hostile.outside_definitions(address))
        entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{address}">]>'
        content = f'<?xml version="1.0"?>{entity}<office><p>A&x;B</p></office>'.encode()
        text = b"application/vnd.oasis.opendocument.text"
        (dump / f"a{rank}.odt").write_bytes(
            hostile.zipped({"mimetype": text, "content.xml": content, "meta.xml": content})
        )
        page = (
            f'<img src="{address}"><link rel="stylesheet" href="{address}"><iframe src="{address}">'
        )
        (dump / f"page{rank}.html").write_text(f"<html><body>{page}</body></html>")
        (dump / f"drawing{rank}.svg").write_text(f'{entity}<svg><image href="{address}"/>&x;</svg>')
        (dump / f"message{rank}.eml").write_bytes(
            hostile.HEAD + b"Content-Type: text/html\r\n\r\n" + page.encode()
        )
    sandbox.run("new", sandbox.case, "--title", "outside")
    before = sandbox.outside()
    sandbox.run("add", sandbox.case, dump)
    assert sandbox.outside() == before
    assert sandbox.connections == []
    statuses = {row["name"]: row["item_id"] for row in sandbox.rows("place")}
    items = {row["item_id"]: row for row in sandbox.rows("item")}
    for name in ("entity0.docx", "entity1.docx", "definitions0.docx", "definitions1.docx"):
        assert items[statuses[name]]["status"] == "refused", name
    for table in ("document", "property", "message"):
        for row in sandbox.rows(table):
            shown = json.dumps(row).replace(sandbox.address, "")
            assert TOKEN not in shown, (table, row)


def test_the_server_notes_who_comes(sandbox: Sandbox) -> None:
    """The check above can fail."""
    port = int(sandbox.address.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.recv(1)
    assert len(sandbox.connections) == 1
