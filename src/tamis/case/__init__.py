"""The case folder: settings, blobs, tables by generation, custody, decisions."""

from tamis.case.custody import Head
from tamis.case.decisions import Decision
from tamis.case.folder import Case
from tamis.case.settings import Settings
from tamis.case.transform import TRANSFORMS, transform
from tamis.case.view import CaseView
from tamis.case.writer import Writer

__all__ = [
    "TRANSFORMS",
    "Case",
    "CaseView",
    "Decision",
    "Head",
    "Settings",
    "Writer",
    "transform",
]
