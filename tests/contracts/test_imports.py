from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import tamis

HEAVY = ("numba", "scipy", "pyspark", "tantivy", "kreuzberg", "duckdb", "pyarrow", "pandas")


def test_the_door_opens_without_heavy_imports() -> None:
    code = "import json, sys, tamis.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert loaded.isdisjoint(HEAVY)


ROOT = Path(tamis.__file__).parent
NETWORK = {
    "socket",
    "ssl",
    "http",
    "ftplib",
    "smtplib",
    "imaplib",
    "poplib",
    "telnetlib",
    "asyncio",
}
NETWORK |= {"socketserver", "xmlrpc", "urllib.request", "urllib3", "requests", "httpx", "dns"}
LOOKUP = "run/dns_lookup.py"


def _imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


def test_one_module_alone_reaches_the_network() -> None:
    reaching = {}
    for path in ROOT.rglob("*.py"):
        found = {
            name
            for name in _imported(ast.parse(path.read_text()))
            if name in NETWORK or name.split(".", maxsplit=1)[0] in NETWORK
        }
        if found:
            reaching[str(path.relative_to(ROOT))] = found
    # The cell talks to its workers through sockets of its own that have no address.
    cell = {name: found for name, found in reaching.items() if name.startswith("cell/")}
    assert all(found <= {"socket"} for found in cell.values()), cell
    for name in cell:
        text = (ROOT / name).read_text()
        assert "AF_INET" not in text, name
        assert ".connect(" not in text, name
        assert "create_connection" not in text, name
    assert set(reaching) - set(cell) == {LOOKUP}


def test_the_network_module_is_loaded_by_the_fetching_of_keys_alone() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if "tamis.run.dns_lookup" in _imported(ast.parse(path.read_text()))
    }
    assert users == {"run/keys_fetch.py"}
