from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("numba", "scipy", "pyspark", "tantivy", "kreuzberg", "duckdb", "pyarrow", "pandas")


def test_the_door_opens_without_heavy_imports() -> None:
    code = "import json, sys, tamis.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert loaded.isdisjoint(HEAVY)
