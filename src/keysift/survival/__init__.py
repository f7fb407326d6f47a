"""How long something lasts that is only looked at now and then: statistics, and nothing else.

``observe`` makes a span under risk of the answers about one secret, ``spread`` places deaths
between checks, ``estimate`` makes a curve of many spans (Kaplan-Meier, with late entry), and
``logrank`` compares groups of them. Ages are in days, from the publication on. Nothing here knows a
database, a provider or a package.
"""

from __future__ import annotations

from keysift.survival.curve import Curve, Estimate, Median, Step, estimate
from keysift.survival.logrank import Comparison, logrank
from keysift.survival.observe import GRACE_DAYS, LeftOut, Span, observe
from keysift.survival.spread import spread

__all__ = [
    "GRACE_DAYS",
    "Comparison",
    "Curve",
    "Estimate",
    "LeftOut",
    "Median",
    "Span",
    "Step",
    "estimate",
    "logrank",
    "observe",
    "spread",
]
