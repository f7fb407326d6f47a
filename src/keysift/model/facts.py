"""The names of facts: what is learned about a secret, offline or from its provider.

A fact is text for people and programs, never the secret or a part of it. A name means the same for
every provider, so that a report can be searched by it.
"""

from __future__ import annotations

from typing import Final

FACTS: Final[dict[str, str]] = {
    "account": "the account, tenant or customer at the provider, by number or name",
    "address": "the public address that the key controls",
    "algorithm": "the algorithm of a key or a signature",
    "app": "the application, client or bot that it belongs to",
    "audience": "the service that it is meant for",
    "bits": "the size of the key",
    "canary": "why it is known to raise an alarm when it is used",
    "cell": "the part of the provider's installation that it is routed to",
    "created": "when it was made, as a date or a month",
    "damaged": "what is missing of it",
    "database": "the database that it opens",
    "email": "the e-mail address of the account",
    "encrypted": "`yes` when a passphrase protects it",
    "expired": "`yes` when `expires` has passed",
    "expires": "until when it is valid, in ISO 8601",
    "host": "the server, or the name of the service, that accepts it",
    "issuer": "who issued it",
    "key_id": "the public identifier of this key",
    "kind": "the type of token or key, where one detector has several",
    "label": "the name that stands before it, or in its armour",
    "mode": "`live` or `test`",
    "name": "the name that its owner gave it",
    "namespace": "the namespace of a cluster",
    "network": "the network that the key is for, such as `mainnet`",
    "organization": "the organisation, team, workspace or group",
    "plan": "the plan that the account is on",
    "port": "the port of `host`",
    "project": "the project, or the projects, that it belongs to",
    "public_key": "the public half of the key, or its fingerprint",
    "quota": "what is left of a quota, or its size",
    "region": "the region or data centre",
    "registry": "the package or image registry",
    "role": "the role that it acts in",
    "scheme": "the scheme of a password hash or a URI",
    "scope": "what it may do",
    "setting": "where it stands: in a test, an example or documentation",
    "signing_key": "`example` when a token is signed with a key that tutorials use",
    "user": "who it acts as: a name, a number or an address",
}
"""What each fact means, by its name."""

CANARY_FACT: Final = "canary"
"""The fact that makes a secret a canary: it is never counted as one that opens something."""
