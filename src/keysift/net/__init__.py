"""The only HTTP client: who we say we are, retries, credentials, downloads."""

from __future__ import annotations
