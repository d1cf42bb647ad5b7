"""The case folder: settings, blobs, tables by generation, custody, decisions."""

from tamis.case.audit import AuditResult, audit
from tamis.case.custody import Head
from tamis.case.decisions import Decision
from tamis.case.folder import Case
from tamis.case.forget import Forgotten
from tamis.case.locate import Location
from tamis.case.problem import Problem
from tamis.case.settings import Settings
from tamis.case.transform import TRANSFORMS, transform
from tamis.case.view import CaseView
from tamis.case.writer import Writer

__all__ = [
    "TRANSFORMS",
    "AuditResult",
    "Case",
    "CaseView",
    "Decision",
    "Forgotten",
    "Head",
    "Location",
    "Problem",
    "Settings",
    "Writer",
    "audit",
    "transform",
]
