"""The library that draws: Altair, which is an optional dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keysift.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType


def altair(missing: str) -> ModuleType:
    """Return Altair.

    Args:
        missing: What to tell who lacks it: how it is installed.

    Raises:
        UsageError: It is not installed, or what turns its charts into pictures is not.
    """
    try:
        import altair as alt  # noqa: PLC0415 (an optional dependency)
        import vl_convert  # noqa: F401, PLC0415 (the same; Altair imports it only when it saves)
    except ModuleNotFoundError:
        raise UsageError(missing) from None
    return alt
