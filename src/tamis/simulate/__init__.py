"""An invented incident with known answers.

`write(folder, seed=2017, scale=1.0)` writes it, `expectations(folder)` reads its answers.
"""

from __future__ import annotations

from tamis.simulate.incident import Incident, write
from tamis.simulate.truth import Truth, expectations

__all__ = ["Incident", "Truth", "expectations", "write"]
