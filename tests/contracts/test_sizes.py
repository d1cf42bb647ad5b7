from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tamis

ROOT = Path(tamis.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
FORBIDDEN = {"utils", "helpers", "common"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_class_and_function_sizes(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, "a module has at most 400 lines"
    assert path.stem not in FORBIDDEN
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"
        if isinstance(node, ast.ClassDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 150, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_prints_outside_the_door(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] == "cli":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_catches_every_exception_outside_run_and_cell(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] in {"run", "cell"}:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
            assert not names & {"Exception", "BaseException"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_engines_open_an_engine_and_nobody_pickles(path: Path) -> None:
    inside = path.relative_to(ROOT).parts[0]
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.split(".", maxsplit=1)[0]
            assert top not in {"pickle", "marshal", "shelve", "requests", "httpx", "aiohttp"}
            if top in {"duckdb", "pyspark"}:
                assert inside == "engines"


def test_public_names_stay_few() -> None:
    assert len(tamis.__all__) < 15
