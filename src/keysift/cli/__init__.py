"""The command line: thin, one file a command. The only layer that prints or reads the environment."""

from __future__ import annotations
