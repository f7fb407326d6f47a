"""How long made-up secrets work after they were published, by provider.

The numbers are guesses after what is known: providers that look for their own tokens in public
(GitHub, OpenAI, Hugging Face, Discord) turn them off within days; most others work until
somebody does something, and of those that worked in 2022 some 70 % worked years later (the State
of Secrets Sprawl of 2025). Of the secrets of PyPI that could be checked in 2023, a fifth worked.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random
from typing import Final

from msgspec import Struct

_SPREAD: Final = 1.3
_SCANNED_FROM: Final = 2021
"""The providers that look for their tokens did not before this year, or not that well."""


class Lifetime(Struct, frozen=True):
    """How long the secrets of a provider work.

    Attributes:
        dead: Part of them that does not work when it is published.
        forever: Part of the others that never stops.
        median_days: Of the rest: half of it stops within so many days.
    """

    dead: float
    forever: float
    median_days: float


_USUAL: Final = Lifetime(0.3, 0.3, 500)
_BEFORE: Final = Lifetime(0.4, 0.15, 400)
_FAST: Final = {
    "GitHub": Lifetime(0.1, 0.02, 3),
    "OpenAI": Lifetime(0.12, 0.06, 12),
    "Hugging Face": Lifetime(0.15, 0.08, 20),
    "Discord": Lifetime(0.2, 0.2, 8),
    "Anthropic": Lifetime(0.1, 0.1, 20),
    "DigitalOcean": Lifetime(0.2, 0.1, 30),
}
_SLOW: Final = {
    "AWS": Lifetime(0.35, 0.25, 300),
    "Google": Lifetime(0.2, 0.45, 900),
    "Telegram": Lifetime(0.15, 0.6, 900),
    "Slack": Lifetime(0.3, 0.2, 250),
    "Stripe": Lifetime(0.3, 0.28, 400),
    "SendGrid": Lifetime(0.4, 0.3, 200),
    "Mailchimp": Lifetime(0.35, 0.35, 600),
    "OpenRouter": Lifetime(0.15, 0.35, 120),
    "Groq": Lifetime(0.15, 0.4, 150),
}


def ended_at(provider: str, published_at: datetime, chance: Random) -> datetime | None:
    """Return when a secret stopped to work; None: it works for ever.

    Args:
        provider: Who issued it.
        published_at: When it was published.
        chance: Draws.
    """
    life = _SLOW.get(provider, _USUAL)
    if provider in _FAST:
        life = _FAST[provider] if published_at.year >= _SCANNED_FROM else _BEFORE
    if chance.random() < life.dead:
        return published_at
    if chance.random() < life.forever:
        return None
    days = chance.lognormvariate(math.log(life.median_days), _SPREAD)
    return published_at + timedelta(days=min(days, 36_500))
