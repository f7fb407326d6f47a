"""Which types of secrets the demo has, how often, and when they came up.

The weights of the types in ``COUNTED`` are what GitHub's secret scanning reported of a mirror of
PyPI until February 2026 (``stats/github_secret_totals.json`` of the repository pypi-data/data,
59,426 alerts of 171 types), put on the detectors that find the same; where several detectors share
a type, the split between them is a guess. That scanning looks for tokens of its partners, and for
nothing that only its context makes a secret. What ``GUESSED`` holds besides (passwords, private
keys, addresses with log-ins) are about a third, which is less than others find.

A trend says when: Telegram bots doubled in early 2021 and multiplied in 2023, keys of Google's
APIs have a peak in 2020, log-ins of databases rose in 2022 (the scan of all of PyPI by GitGuardian
and Tom Forbes, November 2023); keys of AI services grow since 2023. It moves a type between years,
and leaves its total as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Final

from msgspec import Struct

STEADY: Final = ((2005, 1.0),)
RISING: Final = ((2012, 0.4), (2026, 1.6))
FADING: Final = ((2012, 1.0), (2017, 1.0), (2026, 0.15))
GOOGLE: Final = ((2012, 0.5), (2018, 1.0), (2020, 2.4), (2021, 1.2), (2026, 1.3))
TELEGRAM: Final = ((2015, 0.1), (2020, 0.5), (2021, 1.2), (2022, 1.4), (2023, 4.0), (2026, 2.5))
DATABASES: Final = ((2012, 0.7), (2021, 1.0), (2022, 2.2), (2026, 1.8))
GITHUB: Final = ((2021, 0.6), (2022, 1.2), (2026, 1.0))
PACKAGES: Final = ((2019, 0.3), (2021, 1.0), (2026, 2.0))
AI: Final = ((2021, 0.1), (2022, 0.3), (2023, 3.0), (2024, 4.0), (2026, 9.0))
OPENAI: Final = ((2021, 0.1), (2022, 0.5), (2023, 3.0), (2026, 3.0))
LATE_AI: Final = ((2023, 0.2), (2024, 1.5), (2025, 5.0), (2026, 9.0))
NEW: Final = ((2023, 0.2), (2024, 1.0), (2026, 2.0))
"""Trends: how frequent a type is among all secrets of a year, relative to its other years. Between
two years it is interpolated; before the first year the type was not there."""


class Weight(Struct, frozen=True):
    """A type of secret in the demo.

    Attributes:
        detector: Id of the detector.
        count: How many there are, relative to the others.
        trend: When they came up.
    """

    detector: str
    count: float
    trend: tuple[tuple[int, float], ...] = STEADY

    def at(self, year: float) -> float:
        """Return how frequent it is in a year, relative to its other years."""
        before = self.trend[0]
        if year < before[0]:
            return 0.0
        for point in self.trend:
            if year < point[0]:
                part = (year - before[0]) / (point[0] - before[0])
                return before[1] + part * (point[1] - before[1])
            before = point
        return before[1]


COUNTED: Final = (
    Weight("google-api-key", 9441, GOOGLE),
    Weight("alibaba-access-key", 927),
    Weight("alibaba-access-key-secret", 4209),
    Weight("openai-api-key", 3600, OPENAI),
    Weight("openai-project-key", 950, LATE_AI),
    Weight("openai-service-account-key", 150, LATE_AI),
    Weight("openai-admin-key", 26, LATE_AI),
    Weight("openai-key-in-context", 100, OPENAI),
    Weight("tencent-cloud-secret", 1519),
    Weight("tencent-cloud-secret-id", 2000),
    Weight("pypi-api-token", 2702, PACKAGES),
    Weight("aws-access-key", 2230, RISING),
    Weight("aws-secret-access-key", 340),
    Weight("aws-temporary-access-key", 150, RISING),
    Weight("aws-temporary-access-key-id", 581, RISING),
    Weight("aws-session-token", 144),
    Weight("telegram-bot-token", 1702, TELEGRAM),
    Weight("telegram-bot-token-in-context", 500, TELEGRAM),
    Weight("google-oauth-access-token", 1992, RISING),
    Weight("google-oauth-refresh-token", 173),
    Weight("google-oauth-client-id", 485),
    Weight("google-oauth-client-secret", 447),
    Weight("google-private-key-id", 1235),
    Weight("google-service-account", 264, RISING),
    Weight("google-fcm-server-key", 9, FADING),
    Weight("slack-bot-token", 1141),
    Weight("slack-user-token", 420, FADING),
    Weight("slack-legacy-token", 200, FADING),
    Weight("slack-app-token", 80, RISING),
    Weight("slack-incoming-webhook", 1592),
    Weight("wechat-app-id", 1627),
    Weight("stripe-live-secret-key", 1397),
    Weight("stripe-test-secret-key", 364),
    Weight("stripe-webhook-secret", 253, RISING),
    Weight("stripe-legacy-key", 146, FADING),
    Weight("stripe-live-restricted-key", 20),
    Weight("sendgrid-api-key", 1385, FADING),
    Weight("mailgun-api-key", 1000, FADING),
    Weight("mailgun-private-key", 353, FADING),
    Weight("mailchimp-api-key", 1305, FADING),
    Weight("vault-legacy-service-token", 702),
    Weight("vault-service-token", 414, GITHUB),
    Weight("twilio-account-sid", 1027, FADING),
    Weight("twilio-api-key", 23),
    Weight("github-pat", 521, GITHUB),
    Weight("github-fine-grained-pat", 160, NEW),
    Weight("github-oauth-token", 327, GITHUB),
    Weight("github-app-installation-token", 181, GITHUB),
    Weight("gitlab-pat", 507, GITHUB),
    Weight("uri-mongodb-atlas", 491, DATABASES),
    Weight("huggingface-user-token", 370, AI),
    Weight("azure-storage-key", 342),
    Weight("azure-entra-client-secret", 209),
    Weight("azure-devops-pat", 46, NEW),
    Weight("azure-function-key", 32),
    Weight("azure-openai-key", 23, AI),
    Weight("azure-app-configuration-connection-string", 13),
    Weight("azure-search-key", 11),
    Weight("discord-bot-token", 278, RISING),
    Weight("volcengine-access-key", 244, NEW),
    Weight("dynatrace-api-token", 217),
    Weight("databricks-pat", 193),
    Weight("openrouter-api-key", 193, LATE_AI),
    Weight("groq-api-key", 172, LATE_AI),
    Weight("notion-integration-token", 164, RISING),
    Weight("asana-legacy-token", 142, FADING),
    Weight("login-with-amazon-client-secret", 133),
    Weight("new-relic-license-key", 117),
    Weight("grafana-project-api-key", 108, FADING),
    Weight("grafana-cloud-token", 89, RISING),
    Weight("yandex-translate-key", 84, FADING),
    Weight("jfrog-api-key", 83),
    Weight("jfrog-access-token", 24),
    Weight("anthropic-api-key", 81, AI),
    Weight("dropbox-access-token", 81, FADING),
    Weight("facebook-access-token", 49, FADING),
    Weight("mistral-api-key", 49, AI),
    Weight("circleci-project-token", 46),
    Weight("npm-access-token", 46, GITHUB),
    Weight("postman-collection-key", 32),
    Weight("hubspot-api-key", 29, FADING),
    Weight("deepseek-api-key", 24, LATE_AI),
    Weight("terraform-cloud-api-token", 24),
    Weight("supabase-service-role-key", 22, NEW),
    Weight("salesforce-access-token", 21),
    Weight("fastly-api-token", 21),
    Weight("cohere-api-key", 19, AI),
    Weight("apify-api-token", 18, NEW),
    Weight("shopify-private-app-password", 17),
    Weight("square-access-token", 12),
    Weight("digitalocean-pat", 11),
    Weight("perplexity-api-key", 8, LATE_AI),
    Weight("replicate-api-token", 8, AI),
    Weight("docker-pat", 5, NEW),
    Weight("xai-api-key", 5, LATE_AI),
    Weight("figma-token", 3),
    Weight("atlassian-api-token", 98, RISING),
)
"""Types that were counted."""

GUESSED: Final = (
    Weight("generic-assigned-secret", 3200),
    Weight("generic-assigned-password", 2800),
    Weight("generic-api-key", 2200, RISING),
    Weight("generic-password", 1200),
    Weight("generic-env-secret", 700, RISING),
    Weight("generic-header-secret", 500),
    Weight("generic-url-secret", 400),
    Weight("json-web-token", 2600, RISING),
    Weight("private-key-rsa", 2400),
    Weight("private-key-pkcs8", 1300),
    Weight("private-key-openssh", 700, RISING),
    Weight("private-key-ec", 500),
    Weight("private-key-pkcs8-encrypted", 160),
    Weight("private-key-pgp", 80, FADING),
    Weight("uri-postgres", 2700, DATABASES),
    Weight("uri-mysql", 1700, DATABASES),
    Weight("uri-mongodb", 900, DATABASES),
    Weight("uri-redis", 800, DATABASES),
    Weight("uri-amqp", 500, DATABASES),
    Weight("uri-http", 800),
    Weight("connection-string-password", 500, DATABASES),
    Weight("web-framework-django-secret-key", 900),
    Weight("discord-webhook", 600, RISING),
    Weight("pypirc-password", 260, FADING),
    Weight("github-token-in-url", 260),
    Weight("docker-config-auth", 90),
    Weight("npmrc-auth", 70),
    Weight("netrc-password", 50),
    Weight("langsmith-personal-key", 60, LATE_AI),
    Weight("pinecone-api-key", 60, LATE_AI),
    Weight("tavily-api-key", 60, LATE_AI),
    Weight("elevenlabs-api-key", 50, LATE_AI),
    Weight("sentry-user-token", 30),
)
"""Types that were not counted there, with a guess."""

WEIGHTS: Final = COUNTED + GUESSED


class Draw:
    """Draws types of secrets for a year.

    Args:
        volume: How many secrets come up in each year, relative to the other years.
    """

    def __init__(self, volume: Mapping[int, float]) -> None:
        self._first, self._last = min(volume), max(volume)
        totals = [
            sum(weight.at(year) * share for year, share in volume.items()) for weight in WEIGHTS
        ]
        self._cumulated = {
            year: list(
                accumulate(
                    weight.count * weight.at(year) / total if total else 0.0
                    for weight, total in zip(WEIGHTS, totals, strict=True)
                )
            )
            for year in volume
        }
        self._detectors = [weight.detector for weight in WEIGHTS]

    def detector(self, chance: Random, year: int) -> str:
        """Return the id of a detector whose secrets came up in a year."""
        year = min(max(year, self._first), self._last)
        return chance.choices(self._detectors, cum_weights=self._cumulated[year])[0]
