"""The text extractor's PDF library, unpacked before the walls of the cell stand.

The extractor carries the library inside itself and unpacks it into a temporary folder when the
first PDF comes. A worker of the cell can make no folder, so this is done once, outside, without
any leaked byte, and the workers may read the result.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

_FOLDER, _LIBRARY = "kreuzberg-pdfium", "libpdfium.so"
_ASK = (
    "import sys, kreuzberg\n"
    "config = kreuzberg.ExtractionConfig(use_cache=False, disable_ocr=True)\n"
    "kreuzberg.extract_bytes_sync(sys.stdin.buffer.read(), 'application/pdf', config)\n"
)
_EMPTY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n"
)
_WAIT_S = 60


def ready(folder: Path) -> str | None:
    """The folder, from the root, that workers take for their temporary one, with the library in it.

    Missing   None when the extractor did not unpack it: then PDF files are read without text,
              and say so
    """
    content = _library()
    if content is None:
        return None
    place = folder / _FOLDER
    place.mkdir(parents=True, mode=0o700)
    (place / _LIBRARY).write_bytes(content)
    return str(folder.resolve())


@cache
def _library() -> bytes | None:
    """The library's bytes, unpacked by a process of its own, once for this one."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TMPDIR": folder}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        try:
            subprocess.run(
                [sys.executable, "-I", "-c", _ASK],
                input=_EMPTY_PDF,
                capture_output=True,
                check=False,
                timeout=_WAIT_S,
                env=environment,
            )
            return (Path(folder) / _FOLDER / _LIBRARY).read_bytes()
        except (OSError, subprocess.SubprocessError):
            return None
