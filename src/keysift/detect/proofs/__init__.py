"""Offline proofs by the names that detector files use; each says where its format comes from."""

from __future__ import annotations

from typing import Final

from keysift.detect.proofs import (
    azure,
    checksums,
    clouds,
    keys,
    macaroon,
    openpgp,
    password,
    payloads,
    readable,
    tokens,
)
from keysift.detect.proofs.base import Candidate, Outcome, Proof, Proven, Refuted, Undecided

PROOFS: Final[dict[str, Proof]] = {
    "age-secret-key": checksums.age_secret_key,
    "atlassian-checksum": checksums.atlassian_checksum,
    "aws-key-id": clouds.aws_key_id,
    "aws-secret": clouds.aws_secret,
    "azure-client-secret": azure.azure_client_secret,
    "azure-devops-token": azure.azure_devops_token,
    "azure-identifiable-key": azure.azure_identifiable_key,
    "azure-sas": clouds.azure_sas,
    "azure-storage-key": clouds.azure_storage_key,
    "bitbucket-app-password": checksums.atlassian_checksum,
    "confluent-checksum": checksums.confluent_checksum,
    "crc32-suffix": checksums.crc32_suffix,
    "discord-bot": tokens.discord_bot,
    "gcp-service-account": keys.gcp_service_account,
    "github-checksum": checksums.github_checksum,
    "github-fine-grained": checksums.crc32_suffix,
    "gitlab-routable": checksums.gitlab_routable,
    "grafana-cloud": payloads.grafana_cloud,
    "grafana-service-account": checksums.grafana_service_account,
    "jwt": payloads.json_web_token,
    "mapbox-token": payloads.mapbox,
    "npm-checksum": checksums.npm_checksum,
    "password-hash": tokens.password_hash,
    "pem-private-key": keys.pem_private_key,
    "pgp-private-key": openpgp.pgp_private_key,
    "putty-private-key": keys.putty_private_key,
    "pypi-macaroon": macaroon.pypi_macaroon,
    "random-text": readable.random_text,
    "real-base64-password": password.real_base64_password,
    "real-basic-credentials": password.real_basic_credentials,
    "real-host": password.real_host,
    "real-password": password.real_password,
    "real-uri-credentials": password.real_uri_credentials,
    "sentry-organization-token": payloads.sentry_organization_token,
    "slack-token": tokens.slack_token,
    "supabase-jwt": payloads.supabase_service_role,
    "telegram-bot": tokens.telegram_bot,
}
"""Every proof; the names are permanent, like detector ids."""

__all__ = ["PROOFS", "Candidate", "Outcome", "Proof", "Proven", "Refuted", "Undecided"]
