"""The figures as tables: what every view of them shows, with what each counts.

``tables`` gives all of them in the order of a report. A view decides how a table looks, never what
is in it.
"""

from __future__ import annotations

from keysift.statistics.tables.all import sections, tables
from keysift.statistics.tables.values import Line, Measure, Section, Table, Unit, Value

__all__ = ["Line", "Measure", "Section", "Table", "Unit", "Value", "sections", "tables"]
