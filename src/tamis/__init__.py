"""tamis: what in a leaked dump is real, who spread it, who acted together, on what evidence."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
