"""One table a file: Arrow schema, meaning and unit of each column."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from tamis.records.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Column", "Table", "table", "tables"]


@cache
def tables() -> Mapping[str, Table]:
    """Every table of a case by name, in alphabetical order."""
    found: dict[str, Table] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = getattr(importlib.import_module(f"{__name__}.{module.name}"), "TABLE", None)
        if isinstance(declared, Table):
            found[declared.name] = declared
    return MappingProxyType(dict(sorted(found.items())))


def table(name: str) -> Table:
    """The table called `name`.

    Errors    KeyError when no table has that name.
    """
    return tables()[name]
