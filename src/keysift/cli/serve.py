"""``keysift serve``: the dashboard."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from keysift.cli import options as shared
from keysift.cli import serve_people
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.signals import Interruptions
from keysift.cli.stores import add_store_option, demo_store, opened
from keysift.errors import ConfigurationError

if TYPE_CHECKING:
    from keysift.cli.configuration import Configuration
    from keysift.store.database import Store
    from keysift.web.settings import WebSettings

_PORT: Final = 8765
_MADE_UP: Final = "Everything here is made up: projects, secrets and what providers say."
_EXTRA: Final = frozenset({"altair", "argon2", "jinja2", "litestar", "markupsafe", "uvicorn"})

_EXAMPLES: Final = """\
examples:
  keysift serve                                  the dashboard of your store, for you alone
  keysift serve --demo                           with made-up findings, to look around
  keysift serve user add ada --role triage       an account for a colleague
  keysift serve --host 0.0.0.0 --host-name keys.example.org \\
      --tls-certificate keys.pem --tls-key keys.key    for a team

docs/dashboard.md says who may do what, how to put it behind a proxy, and what is written down.
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve",
        help="show the store in a browser: look, triage, reveal",
        description=(
            "Serve a dashboard over the store, on this machine alone unless told otherwise. The "
            "address that is printed logs in whoever has it."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument(
        "--demo", action="store_true", help="of a made-up store, which is deleted at the end"
    )
    _add_where(parser)
    _add_proxy(parser)
    group = parser.add_argument_group("what")
    add_store_option(group)
    shared.add_config_option(group)
    # What is due is what `keysift verify` asks about without more options.
    parser.set_defaults(run=run, ask_also=None, endpoint=None, detector=None)
    actions = parser.add_subparsers(title="accounts and tokens", metavar="ACTION")
    serve_people.add_user_parser(actions)
    serve_people.add_token_parser(actions)


def _add_where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where")
    group.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="to listen on (default: 127.0.0.1)"
    )
    group.add_argument(
        "--port", type=_port, default=_PORT, help=f"0 for any that is free (default: {_PORT})"
    )
    group.add_argument(
        "--host-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that people reach it by; may be repeated",
    )
    group.add_argument("--tls-certificate", metavar="FILE", help="certificates, as PEM")
    group.add_argument("--tls-key", metavar="FILE", help="the key of the certificate, as PEM")


def _add_proxy(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("behind a proxy that ends TLS")
    group.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="where the proxy connects from (10.0.0.5, 10.0.0.0/24); may be repeated",
    )
    group.add_argument(
        "--proxy-user-header", metavar="NAME", help="the header in which it names the person"
    )
    group.add_argument(
        "--proxy-roles-header",
        metavar="NAME",
        help="the header in which it names their groups; the configuration gives them roles",
    )
    group.add_argument(
        "--proxy-role",
        choices=serve_people.ROLES,
        default="read",
        help="of everybody, when it names no groups (default: read)",
    )


def run(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Serve the dashboard until it is interrupted, which is how it ends well."""
    try:
        import uvicorn  # noqa: PLC0415 (start-up time)

        from keysift.web.app import application  # noqa: PLC0415 (the same)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise ConfigurationError(
            "the dashboard needs more packages: pip install 'keysift[serve]'"
        ) from None
    from keysift.cli.listening import listen  # noqa: PLC0415 (start-up time)
    from keysift.cli.serving import Opening, settings_of, uvicorn_settings  # noqa: PLC0415
    from keysift.store.summaries import refresh  # noqa: PLC0415 (the same)
    from keysift.web.figures import Figures  # noqa: PLC0415 (the same)

    configured = shared.configuration(options, environment)
    with ExitStack() as stack:
        place = stack.enter_context(listen(options))
        catalogue = shared.known_detectors(configured, environment)
        settings = settings_of(options, configured, environment, place, catalogue)
        store, settings = stack.enter_context(_store(options, configured, environment, settings))
        figures = stack.enter_context(Figures(store, refresh, settings.report))
        made = application(store, settings, figures)
        server = uvicorn.Server(uvicorn.Config(made, **uvicorn_settings(options)))
        stack.enter_context(Opening(options, environment, place, settings.token))
        interruptions = stack.enter_context(Interruptions())
        # uvicorn ends in order, and then sends itself the signal again.
        with interruptions.asks(lambda: None):
            server.run(sockets=[place.socket])
    return ExitCode.CLEAN


@contextmanager
def _store(
    options: argparse.Namespace,
    configured: Configuration,
    environment: Environment,
    settings: WebSettings,
) -> Iterator[tuple[Store, WebSettings]]:
    """Give the store, and the settings with what opens its values."""
    from keysift.cli.sealing import sealer  # noqa: PLC0415 (start-up time)
    from keysift.store.made_up import made_up  # noqa: PLC0415 (the same)
    from keysift.store.sealing import KEY_BYTES, Sealer  # noqa: PLC0415 (the same)

    opens: Sealer | None
    if options.demo:
        opens = Sealer(secrets.token_bytes(KEY_BYTES))
        giving = demo_store(options, environment, "a store", sealer=opens)
    else:
        opens = sealer(environment)
        giving = opened(options, configured, environment)
    with giving as store:
        with store.reading() as connection:
            notice = _MADE_UP if made_up(connection) is not None else settings.notice
        yield store, replace(settings, sealer=opens, notice=notice)


def _port(text: str) -> int:
    if not (text.isdecimal() and len(text) <= len("65535") and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)
