"""``keysift serve user`` and ``keysift serve token``: who may use the dashboard, and its API."""

from __future__ import annotations

import argparse
import getpass
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from keysift.cli import options as shared
from keysift.cli.environment import Environment
from keysift.cli.exit import ExitCode
from keysift.cli.stores import add_store_option, opened
from keysift.errors import ConfigurationError, UsageError
from keysift.model import Role
from keysift.report.escape import visible

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from keysift.store.database import Store

ROLES: Final = tuple(role.value for role in Role)
_EXTRA: Final = "accounts need one more package: pip install 'keysift[serve]'"
_NAME_CHARACTERS: Final = 64

_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (argparse has no public name for it)
_Run: TypeAlias = Callable[[argparse.Namespace, Environment], ExitCode]


def add_user_parser(actions: _Actions) -> None:
    """Add ``keysift serve user``."""
    parser = actions.add_parser(
        "user",
        help="accounts of people",
        description="Change who may log in to the dashboard. Passwords are asked on the terminal.",
    )
    verbs = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = _verb(verbs, "add", "let somebody log in", run_user_add)
    add.add_argument("name", metavar="NAME")
    _add_role(add)
    _add_stdin(add)
    _verb(verbs, "list", "who may log in", run_user_list)
    _verb(verbs, "remove", "let somebody no longer log in", run_user_remove).add_argument(
        "name", metavar="NAME"
    )
    role = _verb(verbs, "role", "let somebody do more, or less", run_user_role)
    role.add_argument("name", metavar="NAME")
    role.add_argument("role", choices=ROLES)
    password = _verb(verbs, "password", "give somebody a new password", run_user_password)
    password.add_argument("name", metavar="NAME")
    _add_stdin(password)


def add_token_parser(actions: _Actions) -> None:
    """Add ``keysift serve token``."""
    parser = actions.add_parser(
        "token",
        help="access tokens of programs",
        description="Change which programs may use the API of the dashboard (/api/v1).",
    )
    verbs = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = _verb(verbs, "add", "make a token, and print it once", run_token_add)
    add.add_argument("name", metavar="NAME", help="what it is for")
    add.add_argument(
        "--scope",
        action="append",
        choices=ROLES,
        default=[],
        help="what it may do besides reading; may be repeated",
    )
    add.add_argument(
        "--days", type=_days, metavar="N", help="it is taken so long (default: until revoked)"
    )
    _verb(verbs, "list", "which tokens there are", run_token_list)
    _verb(verbs, "revoke", "have a token refused", run_token_revoke).add_argument(
        "name", metavar="NAME"
    )


def run_user_add(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Add an account."""
    from keysift.store import accounts  # noqa: PLC0415 (SQLAlchemy is slow to import)

    name = _name(options.name)
    password = _hashed(options, environment)
    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        accounts.add(connection, name, Role(options.role), password)
    return ExitCode.CLEAN


def run_user_list(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """List accounts."""
    from keysift.store.accounts import accounts  # noqa: PLC0415 (SQLAlchemy is slow to import)

    with _opened(options, environment) as store, store.reading() as connection:
        known = accounts(connection)
    width = max((len(visible(one.name)) for one in known), default=0)
    with environment.output() as stream:
        for one in known:
            print(
                f"{visible(one.name):<{width}}  {one.role.value:<6}  since {one.made_at:%Y-%m-%d}",
                file=stream,
            )
    return ExitCode.CLEAN


def run_user_remove(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Remove an account."""
    from keysift.store import accounts  # noqa: PLC0415 (SQLAlchemy is slow to import)

    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        accounts.remove(connection, options.name)
    return ExitCode.CLEAN


def run_user_role(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Change what an account may do."""
    from keysift.store import accounts  # noqa: PLC0415 (SQLAlchemy is slow to import)

    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        accounts.set_role(connection, options.name, Role(options.role))
    return ExitCode.CLEAN


def run_user_password(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Set the password of an account."""
    from keysift.store import accounts  # noqa: PLC0415 (SQLAlchemy is slow to import)

    password = _hashed(options, environment)
    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        accounts.set_password(connection, options.name, password)
    return ExitCode.CLEAN


def run_token_add(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Make a token, and print it."""
    from keysift.store import access  # noqa: PLC0415 (SQLAlchemy is slow to import)

    name = _name(options.name)
    expires = None if options.days is None else datetime.now(UTC) + timedelta(days=options.days)
    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        token = access.add(connection, name, [Role(word) for word in options.scope], expires)
    with environment.output() as stream:
        print(token.reveal_text(), file=stream)
    print("keysift: this is the only time that the token is shown", file=environment.stderr)
    return ExitCode.CLEAN


def run_token_list(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """List tokens."""
    from keysift.store.access import AccessToken, tokens  # noqa: PLC0415 (SQLAlchemy is slow)

    def state(one: AccessToken) -> str:
        if one.revoked_at is not None:
            return f"revoked {one.revoked_at:%Y-%m-%d}"
        until = "" if one.expires_at is None else f", until {one.expires_at:%Y-%m-%d %H:%M} UTC"
        used = "never" if one.last_used_at is None else f"{one.last_used_at:%Y-%m-%d}"
        return f"used {used}{until}"

    with _opened(options, environment) as store, store.reading() as connection:
        known = tokens(connection)
    width = max((len(visible(one.name)) for one in known), default=0)
    with environment.output() as stream:
        for one in known:
            scopes = ",".join(role.value for role in Role if role in one.scopes)
            print(f"{visible(one.name):<{width}}  {scopes:<18}  {state(one)}", file=stream)
    return ExitCode.CLEAN


def run_token_revoke(options: argparse.Namespace, environment: Environment) -> ExitCode:
    """Revoke a token."""
    from keysift.store import access  # noqa: PLC0415 (SQLAlchemy is slow to import)

    with _opened(options, environment) as store, store.writing(durable=True) as connection:
        access.revoke(connection, options.name)
    return ExitCode.CLEAN


def _verb(verbs: _Actions, name: str, text: str, run: _Run) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_store_option(parser, default=argparse.SUPPRESS)
    shared.add_config_option(parser, default=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    return parser


def _add_role(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--role", choices=ROLES, default="read", help="what they may do (default: read)"
    )


def _add_stdin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input, for scripts",
    )


def _opened(options: argparse.Namespace, environment: Environment) -> AbstractContextManager[Store]:
    return opened(options, shared.configuration(options, environment), environment)


def _name(text: str) -> str:
    name = text.strip()
    if not (name and name.isprintable() and len(name) <= _NAME_CHARACTERS):
        raise UsageError(f"a name has 1 to {_NAME_CHARACTERS} characters that can be printed")
    return name


def _hashed(options: argparse.Namespace, environment: Environment) -> str:
    try:
        from keysift.web.passwords import hashed  # noqa: PLC0415 (an optional package)
    except ModuleNotFoundError:
        raise ConfigurationError(_EXTRA) from None
    if options.password_stdin:
        stdin = environment.stdin
        line = b"" if stdin is None else stdin.readline()
        return hashed(line.decode("utf-8", "surrogateescape").rstrip("\r\n"))
    return hashed(_asked(environment))


def _asked(environment: Environment) -> str:
    """Ask for a password on the terminal, twice, without showing it."""
    with warnings.catch_warnings():
        # Without a terminal it would be read from standard input, and shown.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            password = getpass.getpass("Password: ", environment.stderr)
            again = getpass.getpass("Again: ", environment.stderr)
        except (getpass.GetPassWarning, EOFError, OSError):
            raise ConfigurationError(
                "there is no terminal to ask for the password; use --password-stdin"
            ) from None
    if password != again:
        raise UsageError("the two are not the same")
    return password


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= len(text) <= len("9999") and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)
