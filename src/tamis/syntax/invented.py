"""What marks an incident, a handle or an address as invented, so that nothing is mistaken for it.

Source    ISO 3166-1: AA, QM to QZ, XA to XZ and ZZ are given to no country (XK is in common use);
          RFC 2606 section 2: the top-level domains .example, .test and .invalid belong to nobody
"""

from __future__ import annotations

import re

HANDLE_MARK = "_zq"
DOMAIN_MARKS = (".example", ".test", ".invalid")
_NOBODY = re.compile(r"(?:aa|q[m-z]|x[a-jl-z]|zz)(?:-.*)?", re.IGNORECASE | re.DOTALL)


def is_invented(name: str) -> bool:
    """Whether the id of an incident, or of a jurisdiction, begins with the code of no country."""
    return _NOBODY.fullmatch(name.strip()) is not None
