from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from tamis.sources.leak.magic import claimed_type

opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
assert claimed_type("a/b.png") == "image/png"
assert claimed_type("a/b.eml") == "message/rfc822"
assert claimed_type("nothing") is None
assert not opened, opened
"""


def test_claiming_a_type_reads_no_list_of_this_machine() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
