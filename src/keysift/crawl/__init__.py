"""From targets to findings: the worker that scans artifacts, and the runners that feed it."""

from __future__ import annotations
