"""keysift: finds the secrets that packages carry."""

from __future__ import annotations

__version__ = "0.1.0"
