"""Offline proofs by the names that detector files use; each says where its format comes from.

A module is imported when the first of its proofs is needed: most files have nothing to prove, and
start-up counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from keysift.detect.proofs.base import (
    REGISTRY,
    Candidate,
    Description,
    Outcome,
    Proof,
    Proven,
    Refuted,
    Undecided,
)

_MODULES: Final[dict[str, tuple[str, ...]]] = {
    "aws": (
        "aws-bedrock-key",
        "aws-key-id",
        "aws-secret",
        "aws-session-token",
        "signed-url",
    ),
    "azure": (
        "azure-client-secret",
        "azure-devops-token",
        "azure-identifiable-key",
        "azure-messaging-signature",
        "azure-sas",
        "azure-storage-key",
    ),
    "checksums": (
        "age-secret-key",
        "atlassian-checksum",
        "bitbucket-app-password",
        "confluent-checksum",
        "crc32-suffix",
        "github-checksum",
        "github-fine-grained",
        "gitlab-routable",
        "grafana-service-account",
        "npm-checksum",
        "nuget-key",
        "polar-checksum",
        "thunderstore-checksum",
    ),
    "ethereum": ("ethereum-key",),
    "flyio": ("flyio-macaroon",),
    "identifiers": (
        "airtable-ids",
        "asana-ids",
        "braintree-ids",
        "clickup-ids",
        "doppler-ids",
        "dynatrace-ids",
        "facebook-app-ids",
        "fullstory-ids",
        "gitlab-feed-ids",
        "google-client-ids",
        "harness-ids",
        "hubspot-ids",
        "kubernetes-bootstrap-ids",
        "mailchimp-ids",
        "new-relic-ids",
        "notify-ids",
        "paddle-ids",
        "salesforce-ids",
        "sendgrid-ids",
        "sentry-dsn-ids",
        "sourcegraph-ids",
        "tailscale-ids",
        "teams-webhook-ids",
        "test-or-live",
        "twilio-ids",
        "twitch-stream-ids",
        "twitter-ids",
        "yandex-dictionary-ids",
    ),
    "jwt": (
        "jwt",
        "jwt-claims",
        "supabase-jwt",
    ),
    "keys": (
        "der-private-key",
        "gcp-service-account",
        "pem-private-key",
    ),
    "macaroon": ("pypi-macaroon",),
    "openpgp": ("pgp-private-key",),
    "password": (
        "real-base64-password",
        "real-basic-credentials",
        "real-host",
        "real-password",
        "real-uri-credentials",
    ),
    "payloads": (
        "cloudflare-tunnel-token",
        "elastic-api-key",
        "encoded-key-id",
        "grafana-cloud",
        "jfrog-reference-token",
        "mapbox-token",
        "onepassword-service-account",
        "sentry-organization-token",
    ),
    "putty": ("putty-private-key",),
    "readable": ("encoded-text", "public-name", "random-text"),
    "tokens": (
        "discord-bot",
        "discord-webhook",
        "password-hash",
        "slack-token",
        "telegram-bot",
    ),
    "tools": (
        "ansible-vault",
        "minisign-key",
        "signify-key",
        "vault-token",
        "wireguard-key",
    ),
    "wallets": (
        "bip39-mnemonic",
        "bitcoin-key",
        "extended-key",
        "nkey-seed",
        "nostr-key",
        "solana-key",
        "stellar-seed",
        "tezos-key",
        "xrp-seed",
    ),
}
"""The proofs of each module."""

_HOMES: Final = {name: module for module, names in _MODULES.items() for name in names}


class _Proofs(Mapping[str, Proof]):
    """The proofs by name."""

    def __getitem__(self, name: str) -> Proof:
        return describe(name).judge

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_HOMES))

    def __len__(self) -> int:
        return len(_HOMES)

    def __contains__(self, name: object) -> bool:
        return name in _HOMES


PROOFS: Final = _Proofs()
"""Every proof; the names are permanent, like detector ids."""


def describe(name: str) -> Description:
    """Return what a proof says about itself.

    Raises:
        KeyError: No proof has the name.
    """
    import_module(f"{__name__}.{_HOMES[name]}")
    return REGISTRY[name]


__all__ = [
    "PROOFS",
    "Candidate",
    "Description",
    "Outcome",
    "Proof",
    "Proven",
    "Refuted",
    "Undecided",
    "describe",
]
