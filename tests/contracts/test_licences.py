from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution, requires

COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
LESSER = re.compile(r"LGPL|Lesser", re.IGNORECASE)


def _runtime(name: str, seen: dict[str, str]) -> dict[str, str]:
    """Licence text of `name` and of everything it needs at run time, by distribution name."""
    if name in seen:
        return seen
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return seen
    metadata = found.metadata
    seen[name] = " | ".join(
        [
            str(metadata.get("License-Expression") or ""),
            str(metadata.get("License") or "")[:200],
            *[c for c in metadata.get_all("Classifier") or [] if c.startswith("License")],
        ]
    )
    for requirement in found.requires or []:
        if "extra ==" not in requirement:
            _runtime(re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0], seen)
    return seen


def test_no_runtime_dependency_is_under_gpl_or_agpl() -> None:
    seen: dict[str, str] = {}
    for requirement in requires("tamis") or []:
        # The extra [recover] is looked at where it is installed: it is under the LGPL.
        if "extra ==" not in requirement or "recover" in requirement.partition(";")[2]:
            _runtime(re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0], seen)
    assert len(seen) >= 10, "the dependency walk found next to nothing"
    bad = {n: t for n, t in seen.items() if COPYLEFT.search(t) and not LESSER.search(t)}
    assert bad == {}
    assert [n for n, t in seen.items() if not t.strip(" |")] == [], "a licence is not declared"
