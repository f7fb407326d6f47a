"""What the dashboard is told, from options, configuration and environment."""

from __future__ import annotations

import argparse
import html
import os
import secrets
import tempfile
import webbrowser
from contextlib import suppress
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Self

from keysift.catalogue import Catalogue
from keysift.cli.advice import advice
from keysift.cli.asking import audit_directory, planner_of
from keysift.cli.configuration import Configuration
from keysift.cli.environment import Environment
from keysift.cli.listening import Place
from keysift.cli.people import user_name
from keysift.errors import ConfigurationError
from keysift.model import Role, Secret
from keysift.report.escape import visible
from keysift.web.settings import TOKEN_CHARACTERS, Network, Proxying, WebSettings
from keysift.web.verifying import Verifying

VARIABLE: Final = "KEYSIFT_SERVE_TOKEN"
_TOKEN_BYTES: Final = 32
_CONNECTIONS: Final = 500
_HEADERS_BYTES: Final = 32_768


def settings_of(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    place: Place,
    catalogue: Catalogue,
) -> WebSettings:
    """Return what the dashboard is told.

    Raises:
        ConfigurationError: The token is too short, or what is said of a proxy makes no sense.
        CatalogueError: A detector file is wrong.
    """
    return WebSettings(
        token=_token(environment),
        hosts=place.hosts,
        port=place.port,
        starter=user_name(environment),
        catalogue=catalogue,
        is_tls=place.is_tls,
        proxying=_proxying(options, configured),
        advice=advice(configured, environment, catalogue),
        verifying=Verifying(
            planner=planner_of(options, configured, environment, catalogue),
            limits=configured.verify.limits,
            audit=audit_directory(environment),
        ),
        report=partial(_report, environment),
    )


def uvicorn_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return what uvicorn is told.

    It writes no log of requests, whose addresses may hold the token, nor of errors, whose messages
    may hold values: the dashboard reports errors itself. It believes no proxy's headers: the
    dashboard looks at them, and wants to know who really connects.
    """
    return {
        "http": "h11",
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "log_level": "critical",
        "proxy_headers": False,
        "server_header": False,
        "limit_concurrency": _CONNECTIONS,
        "h11_max_incomplete_event_size": _HEADERS_BYTES,
        "timeout_graceful_shutdown": 3,
        "ssl_certfile": options.tls_certificate,
        "ssl_keyfile": options.tls_key,
    }


class Opening:
    """Says where the dashboard is, and opens it in a browser when that is asked for.

    The browser gets the name of a private file that leads to the address: the command line of a
    process, where the token would stand, can be read by everybody on the machine.
    """

    def __init__(
        self, options: argparse.Namespace, environment: Environment, place: Place, token: Secret
    ) -> None:
        self._wants_browser: bool = options.open
        self._environment = environment
        self._address = f"{place.origin}/login?token={token.reveal_text()}"
        self._file: Path | None = None

    def __enter__(self) -> Self:
        environment = self._environment
        print(f"The dashboard is at\n\n    {self._address}\n", file=environment.stdout)
        print("Whoever has this address is logged in. Ctrl-C ends it.", file=environment.stdout)
        environment.stdout.flush()
        if self._wants_browser:
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink()

    def _open(self) -> None:
        number, name = tempfile.mkstemp(prefix="keysift-", suffix=".html")
        self._file = Path(name)
        address = html.escape(self._address)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(
                '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
                f'<meta http-equiv="refresh" content="0; url={address}">'
                f'<title>keysift</title><a href="{address}">To the dashboard</a>'
            )
        if not webbrowser.open(self._file.as_uri()):
            print("keysift: there is no browser to open", file=self._environment.stderr)


def _token(environment: Environment) -> Secret:
    given = environment.variables.get(VARIABLE)
    if given is None:
        return Secret(secrets.token_urlsafe(_TOKEN_BYTES).encode())
    if len(given) < TOKEN_CHARACTERS or not _is_plain(given):
        raise ConfigurationError(
            f"{VARIABLE}: a token has {TOKEN_CHARACTERS} letters and digits at least, such as "
            "`openssl rand -hex 32` makes them"
        )
    return Secret(given.encode())


def _is_plain(token: str) -> bool:
    return token.isascii() and all(char.isalnum() or char in "-_.~" for char in token)


def _proxying(options: argparse.Namespace, configured: Configuration) -> Proxying:
    if options.proxy_user_header and not options.trusted_proxy:
        raise ConfigurationError(
            "--proxy-user-header needs --trusted-proxy: anybody else could send that header"
        )
    if options.proxy_roles_header and not options.proxy_user_header:
        raise ConfigurationError("--proxy-roles-header needs --proxy-user-header")
    roles = configured.serve.proxy_roles
    if options.proxy_roles_header and not roles:
        raise ConfigurationError(
            "--proxy-roles-header needs the roles of the groups, in the configuration: "
            '[tool.keysift.serve.proxy-roles] with lines such as "security-team" = "reveal"'
        )
    return Proxying(
        networks=tuple(_network(text) for text in options.trusted_proxy),
        is_only_way=bool(options.trusted_proxy) and not options.tls_certificate,
        user_header=options.proxy_user_header,
        roles_header=options.proxy_roles_header,
        roles=roles,
        role=Role(options.proxy_role),
    )


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ConfigurationError(
            f"--trusted-proxy {text}: is neither an address nor a network such as 10.0.0.0/24"
        ) from None


def _report(environment: Environment, text: str) -> None:
    for line in text.splitlines():
        print(f"keysift: {visible(line)}", file=environment.stderr, flush=True)
