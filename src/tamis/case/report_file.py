"""The pages of reports inside the case folder: written whole, found again for an audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.case import pin
from tamis.case.layout import write_atomic
from tamis.case.lock import commit_lock

if TYPE_CHECKING:
    from pathlib import Path


def page_path(root: Path, report_id: str) -> Path:
    """Where the page of a report stands: beside its pin.

    Errors    InputError for an id that could not be a file name.
    """
    return pin.path_of(root, report_id).with_suffix(".html")


def write_page(root: Path, report_id: str, content: bytes) -> Path:
    """The path of the page, which holds `content` on the disk.

    The caller holds the writer lock, and notes the page's hash with the commit that follows; a
    page whose commit never came is named by no pin and means nothing.
    Errors    InputError for an id that could not be a file name.
    """
    path = page_path(root, report_id)
    with commit_lock(root):
        write_atomic(path, content)
    return path
