"""The tree of everything tamis raises on purpose.

    TamisError
    ├── InputError            a file or option cannot be used          exit code 2
    │   ├── FormatError       a file is not what its reader expects
    │   ├── SettingsError     case.toml holds something unusable
    │   └── ExpressionError   a --where expression is refused
    ├── CaseError             the case folder                          exit code 2
    │   ├── NotACaseError     the folder is no case
    │   ├── CaseLockedError   another writer holds the case
    │   └── CaseBrokenError   hashes, chain or manifest do not agree
    ├── MemberError           an entry of a container came out damaged, or not at all
    ├── PlanError             a Query, Kernel or Analysis is wrong     exit code 2
    │   └── QueryError        an engine refused a named query
    ├── WithheldError         an answer that is withheld for now       exit code 1
    └── CellError             the cell itself (not one item) failed    exit code 2

A message names the file, says what was expected and what to do. What goes wrong with *one*
row or *one* item is never raised through a stage: it becomes a row of `rejected`, of `ledger`
or of `item`.
"""

from __future__ import annotations


class TamisError(Exception):
    """The root: anything tamis raises on purpose, with a message for the person who runs it."""

    exit_code = 2


class InputError(TamisError):
    """A file or an option that cannot be used."""


class FormatError(InputError):
    """A file that is not what its reader expects."""


class SettingsError(InputError):
    """Settings of a case that cannot be used."""


class ExpressionError(InputError):
    """A row expression (`--where`) outside the allowed language."""


class CaseError(TamisError):
    """Something about the case folder."""


class NotACaseError(CaseError):
    """The folder given is no case."""


class CaseLockedError(CaseError):
    """Another process writes to the case."""


class CaseBrokenError(CaseError):
    """The case's files disagree with its manifest or with its custody chain."""


class PlanError(TamisError):
    """A query, kernel or analysis that cannot be run as declared."""


class QueryError(PlanError):
    """An engine refused a query; carries the query's name and text."""

    def __init__(self, name: str, sql: str, reason: str) -> None:
        """Keep the parts, and show them: the name, the engine's reason, the text."""
        super().__init__(f"query {name!r} failed: {reason}\n--- text of {name} ---\n{sql}")
        self.name = name
        self.sql = sql
        self.reason = reason


class MemberError(TamisError):
    """An entry of a container that comes out damaged (`partly`), or not (`failed`, `refused`).

    Readers raise it from the pieces they hand to `Sink.child`; the message is the reason kept.
    """

    def __init__(self, status: str, reason: str) -> None:
        """Keep what becomes of the entry: partly, failed or refused."""
        super().__init__(reason)
        self.status = status


class WithheldError(TamisError):
    """An answer that may not be given now; the message says by which rule and until when."""

    exit_code = 1


class CellError(TamisError):
    """The cell could not be started or kept alive (one item's failure is an outcome, not this)."""
