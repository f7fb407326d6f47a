"""Compiled Python modules: the constants of every code object, with the names they were given."""

from __future__ import annotations

from keysift.unpack.formats.pyc.module import read_pyc

__all__ = ["read_pyc"]
