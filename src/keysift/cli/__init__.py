"""The command line: thin, one file a command. Only this layer prints or reads the environment."""

from __future__ import annotations
