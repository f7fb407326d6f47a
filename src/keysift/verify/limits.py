"""How much is asked of providers, and how patiently."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, structs

# Without an end, threads would run out, and clocks over: TOML has numbers such as ``inf``.
_Rate: TypeAlias = Annotated[float, Meta(ge=0.0001, le=1000)]
_Count: TypeAlias = Annotated[int, Meta(ge=1, le=1000)]
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=10**9)]
_Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=86400)]


class ProviderLimits(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Bounds of one provider that differ from those of all.

    Attributes:
        rate: Requests a second.
        concurrency: Requests at the same time.
        daily: Requests a day (UTC); 0: it is not asked at all.
    """

    rate: _Rate | None = None
    concurrency: _Count | None = None
    daily: _Number | None = None


class Limits(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Bounds of asking.

    Attributes:
        rate: Requests a second to one provider.
        concurrency: Requests at the same time to one provider.
        daily: Requests a day (UTC) to one provider.
        total_concurrency: Requests at the same time to all.
        total_daily: Requests a day (UTC) to all.
        retries: How often a request is tried again where that may help: no connection, no answer
            in time, errors of the server, too many requests.
        failures: Failures in a row after which a provider is left alone for ``pause``.
        pause: Seconds; twice as many the next time, and after that it is not asked in this run.
        patience: Seconds that a run waits at most for a provider that asked to be left alone.
        providers: Other bounds, by the name of the provider.
    """

    rate: _Rate = 2.0
    concurrency: _Count = 2
    daily: _Number = 2000
    total_concurrency: _Count = 32
    total_daily: _Number = 50_000
    retries: _Number = 2
    failures: _Count = 5
    pause: _Seconds = 30.0
    patience: _Seconds = 300.0
    providers: dict[str, ProviderLimits] = {}

    def of(self, provider: str) -> Limits:
        """Return the bounds of one provider."""
        other = self.providers.get(provider)
        if other is None:
            return self
        changed = {
            name: value for name, value in structs.asdict(other).items() if value is not None
        }
        return structs.replace(self, **changed)
