"""One shared AI copilot for everybody who looks at a notebook."""

from __future__ import annotations

__version__ = "0.1.0"
