"""Evidence, verdict rules, findings and references."""

from tamis.findings.evidence import Evidence, Outcome, Ref

__all__ = ["Evidence", "Outcome", "Ref"]
