"""``keysift serve``: where it listens, whom it lets in, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keysift.cli.exit import ExitCode
from keysift.cli.listening import _LOOPBACK, listen
from keysift.cli.main import parser
from keysift.demo.fill import fill
from keysift.store.database import Store
from tests.cli.conftest import Console
from tests.store.history import History
from tests.store.samples import found

_TOKEN = "0123456789" * 4
_PATIENCE_S = 600
"""A slow machine is no failure."""

_ADDRESS = re.compile(r"(https?://[^/\s]+)/login\?token=(\S+)")


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return where an empty store is."""
    location = str(tmp_path / "store.db")
    Store(location).close()
    return location


class Served:
    """A dashboard in a process of its own.

    Attributes:
        process: The process.
        origin: Where it is.
        token: Its start token.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.origin = self.token = ""
        for line in process.stdout:
            found = _ADDRESS.search(line)
            if found is not None:
                self.origin, self.token = found.groups()
                break

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code, and what was said on standard error."""
        self.process.send_signal(number)
        _, err = self.process.communicate()
        return self.process.returncode, err


_SMALL_DEMO = """
from keysift.cli import main, stores
stores.DEMO_PROJECTS = 300
main.run()
"""


@contextmanager
def _serving(
    cache: str,
    tmp_path: Path,
    *arguments: str,
    program: tuple[str, ...] = ("-m", "keysift"),
    **variables: str,
) -> Iterator[Served]:
    environment = os.environ | {
        "KEYSIFT_CACHE_DIR": cache,
        "KEYSIFT_FINGERPRINT_KEY": "k" * 32,
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    command = [sys.executable, *program, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield Served(process)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(
    tmp_path: Path, cache: str, store: str, number: signal.Signals
) -> None:
    """The address that is printed logs in; ended by either signal, all is well."""
    with _serving(cache, tmp_path, "--store", store) as served:
        with httpx.Client(base_url=served.origin, trust_env=False, timeout=_PATIENCE_S) as asking:
            answer = asking.get("/login", params={"token": served.token})
            assert answer.status_code == 303
            assert asking.get("/").status_code == 200
            assert "server" not in answer.headers
        code, err = served.end(number)
    assert (code, err) == (ExitCode.CLEAN, "")
    assert len(served.token) == 43


def test_it_knows_what_is_due(tmp_path: Path, cache: str, store: str) -> None:
    """As `keysift verify` does, by the catalogue and the configuration."""
    filled = Store(store)
    History(filled).publish("demo", "1.0", found(1))
    filled.close()
    with _serving(cache, tmp_path, "--store", store) as served:
        with httpx.Client(base_url=served.origin, trust_env=False, timeout=_PATIENCE_S) as asking:
            asking.get("/login", params={"token": served.token})
            page = asking.get("/verification").text
            overview = asking.get("/").text
        assert served.end(signal.SIGINT) == (ExitCode.CLEAN, "")
    assert "keysift verify --due" in page
    assert re.search(r">Due now<.{0,200}?>1<", page, re.DOTALL)
    assert "Due to be asked about" in overview


def test_made_up_findings_to_look_around(tmp_path: Path, cache: str) -> None:
    """With a notice on each page; values can be seen, and nothing of it is left at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    program = ("-c", _SMALL_DEMO)
    with _serving(cache, tmp_path, "--demo", program=program, TMPDIR=str(folder)) as served:
        with httpx.Client(base_url=served.origin, trust_env=False, timeout=_PATIENCE_S) as asking:
            asking.get("/login", params={"token": served.token})
            while not (found := re.search(r'href="/findings/([0-9]+)"', _page(asking))):
                time.sleep(0.1)
            assert "made up" in asking.get(f"/findings/{found[1]}").text
        assert [one.name[:13] for one in folder.iterdir()] == ["keysift-demo-"]
        code, err = served.end(signal.SIGINT)
    assert (code, err) == (ExitCode.CLEAN, "keysift: making up a store…\n")
    assert list(folder.iterdir()) == []


def _page(asking: httpx.Client) -> str:
    text = asking.get("/findings").text
    assert "made up" in text
    return text


def test_a_made_up_store_that_was_kept_says_so(tmp_path: Path, cache: str, store: str) -> None:
    """Whoever opens it later is not misled."""
    filled = Store(store)
    fill(filled, projects=100)
    filled.close()
    with _serving(cache, tmp_path, "--store", store) as served:
        with httpx.Client(base_url=served.origin, trust_env=False, timeout=_PATIENCE_S) as asking:
            asking.get("/login", params={"token": served.token})
            _page(asking)
        assert served.end(signal.SIGINT) == (ExitCode.CLEAN, "")


def test_nothing_is_logged(tmp_path: Path, cache: str, store: str) -> None:
    """Addresses may hold the token; not even senseless requests are written down."""
    with _serving(cache, tmp_path, "--store", store, KEYSIFT_SERVE_TOKEN=_TOKEN) as served:
        assert served.token == _TOKEN
        host, port = served.origin.removeprefix("http://").split(":")
        httpx.get(f"{served.origin}/login?token={_TOKEN}", trust_env=False, timeout=_PATIENCE_S)
        httpx.get(f"{served.origin}/%00?token={_TOKEN}", trust_env=False, timeout=_PATIENCE_S)
        with socket.create_connection((host, int(port))) as raw:
            raw.sendall(b"NONSENSE\r\n\r\n")
            raw.recv(1_000)
        code, err = served.end(signal.SIGINT)
    assert (code, err) == (ExitCode.CLEAN, "")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    present = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(present - timedelta(days=1))
        .not_valid_after(present + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


def test_over_tls(tmp_path: Path, cache: str, store: str, certificate: tuple[Path, Path]) -> None:
    """Beyond this machine it is served with a certificate, under the name it is told."""
    cert, key = map(str, certificate)
    options = ("--host", "0.0.0.0", "--host-name", "localhost")  # noqa: S104 (what is tested)
    tls = ("--tls-certificate", cert, "--tls-key", key)
    with _serving(cache, tmp_path, "--store", store, *options, *tls) as served:
        assert served.origin.startswith("https://localhost:")
        port = served.origin.rpartition(":")[2]
        trusting = ssl.create_default_context(cafile=cert)
        with httpx.Client(verify=trusting, trust_env=False, timeout=_PATIENCE_S) as asking:
            address = f"https://127.0.0.1:{port}/login?token={served.token}"
            answer = asking.get(
                address,
                headers={"host": f"localhost:{port}"},
                extensions={"sni_hostname": "localhost"},
            )
        assert answer.status_code == 303
        assert "Secure" in answer.headers["set-cookie"]
        assert served.end(signal.SIGINT) == (ExitCode.CLEAN, "")


def test_a_port_that_is_taken(keysift: Console, store: str) -> None:
    """It says so, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert keysift("serve", "--store", store, "--port", str(port)) == ExitCode.USAGE
    assert f"127.0.0.1:{port}: address already in use; --port names another" in keysift.err


_BEYOND = "other machines could reach the dashboard"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--host", "0.0.0.0"), _BEYOND),  # noqa: S104 (what is tested)
        (("--host", "::"), _BEYOND),
        (("--host", "192.0.2.1"), _BEYOND),
        (("--tls-certificate", "x.pem"), "need each other"),
        (("--tls-certificate", "no.pem", "--tls-key", "no.key"), "no.pem: No such file"),
        (("--trusted-proxy", "10.0.0.1"), "--trusted-proxy needs --host-name"),
        (
            ("--trusted-proxy", "10.0.0.1/8", "--host-name", "a.invalid"),
            "neither an address nor a network",
        ),
        (("--proxy-user-header", "X-User"), "needs --trusted-proxy"),
        (
            (
                *("--trusted-proxy", "10.0.0.1", "--host-name", "a.invalid"),
                *("--proxy-roles-header", "X-Groups"),
            ),
            "--proxy-roles-header needs --proxy-user-header",
        ),
        (
            (
                *("--trusted-proxy", "10.0.0.1", "--host-name", "a.invalid"),
                *("--proxy-user-header", "X-User", "--proxy-roles-header", "X-Groups"),
            ),
            "[tool.keysift.serve.proxy-roles]",
        ),
        (("--port", "65536"), "is not a port"),
        (("--demo",), "leave --store out"),
    ],
)
def test_what_is_not_safe_or_makes_no_sense_is_refused(
    keysift: Console,
    store: str,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    sentence: str,
) -> None:
    """With a sentence that says what to do."""
    arguments = ["serve", "--store", store, *options]
    if "--port" not in options:
        arguments += ["--port", "0"]
    try:
        code = int(keysift(*arguments))
    except SystemExit as ended:
        # The parser of the command line.
        code = int(str(ended.code))
    assert code == ExitCode.USAGE
    assert sentence in keysift.err + capsys.readouterr().err


@pytest.mark.parametrize("token", ["", "short", "a" * 19, "a" * 30 + " ", "a" * 30 + "&", "é" * 30])
def test_a_weak_token_is_refused(keysift: Console, store: str, token: str) -> None:
    """And not repeated."""
    keysift.variables["KEYSIFT_SERVE_TOKEN"] = token
    assert keysift("serve", "--store", store, "--port", "0") == ExitCode.USAGE
    assert "KEYSIFT_SERVE_TOKEN: a token has 20" in keysift.err
    assert not token or token not in keysift.err


def test_a_store_that_is_not_there(keysift: Console, tmp_path: Path) -> None:
    """The dashboard makes none."""
    missing = tmp_path / "missing.db"
    assert keysift("serve", "--store", str(missing), "--port", "0") == ExitCode.INCOMPLETE
    assert "there is no store yet" in keysift.err
    assert not missing.exists()


def test_a_missing_extra(keysift: Console, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert keysift("serve", "--store", store, "--port", "0") == ExitCode.USAGE
    assert "pip install 'keysift[serve]'" in keysift.err


def test_the_browser_gets_a_private_file(
    keysift: Console, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token does not stand on the command line of the browser, and the file goes away."""
    opened: list[tuple[str, int, str]] = []

    def opening(address: str) -> bool:
        path = Path(address.removeprefix("file://"))
        opened.append((address, stat.S_IMODE(path.stat().st_mode), path.read_text("utf-8")))
        return True

    monkeypatch.setattr("webbrowser.open", opening)
    monkeypatch.setattr("uvicorn.Server.run", lambda _self, sockets: sockets[0].getsockname())
    keysift.variables["KEYSIFT_SERVE_TOKEN"] = _TOKEN
    assert keysift("serve", "--store", store, "--port", "0", "--open") == ExitCode.CLEAN
    ((address, mode, text),) = opened
    assert _TOKEN not in address
    assert mode == 0o600
    assert f"/login?token={_TOKEN}" in text
    assert not Path(address.removeprefix("file://")).exists()


def _user(keysift: Console, store: str, *arguments: str, stdin: str = "") -> int:
    keysift.stdin = stdin.encode()
    return keysift("serve", "user", *arguments, "--store", store)


def test_accounts(keysift: Console, store: str) -> None:
    """They are made, listed, changed and removed; passwords are in no list."""
    password = "correct horse battery"  # noqa: S105 (of nobody)
    add = ("add", "grace", "--role", "triage", "--password-stdin")
    assert _user(keysift, store, *add, stdin=f"{password}\n") == ExitCode.CLEAN
    assert _user(keysift, store, "list") == ExitCode.CLEAN
    assert keysift.out.startswith("grace  triage  since ")
    assert "argon2" not in keysift.out
    assert password.encode() not in Path(store).read_bytes()
    assert _user(keysift, store, "role", "grace", "read") == ExitCode.CLEAN
    assert _user(keysift, store, "list") == ExitCode.CLEAN
    assert keysift.out.startswith("grace  read ")
    assert _user(keysift, store, "remove", "grace") == ExitCode.CLEAN
    assert _user(keysift, store, "list") == ExitCode.CLEAN
    assert keysift.out == ""
    assert _user(keysift, store, "remove", "grace") == ExitCode.USAGE


def test_the_store_may_be_named_before_the_action(keysift: Console, store: str) -> None:
    """It is not forgotten then: another store would be changed."""
    assert keysift("serve", "--store", store, "token", "add", "ci") == ExitCode.CLEAN
    assert keysift("serve", "token", "list", "--store", store) == ExitCode.CLEAN
    assert keysift.out.startswith("ci")


@pytest.mark.parametrize("given", ["", "short", "x" * 11, "x" * 1_001])
def test_passwords_that_are_refused(keysift: Console, store: str, given: str) -> None:
    """Too short, too long, none at all."""
    assert _user(keysift, store, "add", "a", "--password-stdin", stdin=given) == ExitCode.USAGE
    assert "a password has 12 to 1,000 characters" in keysift.err


def test_a_password_is_asked_twice(
    keysift: Console, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who mistypes it is told."""
    answers = iter(["correct horse battery", "correct horse batery"])
    ask: Callable[..., str] = lambda *_: next(answers)  # noqa: E731 (a stand-in)
    monkeypatch.setattr("getpass.getpass", ask)
    assert _user(keysift, store, "add", "grace") == ExitCode.USAGE
    assert "not the same" in keysift.err


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\u202e", "x" * 65])
def test_names_that_are_refused(keysift: Console, store: str, name: str) -> None:
    """They stand in audit trails."""
    stdin = "correct horse battery"
    code = _user(keysift, store, "add", name, "--password-stdin", stdin=stdin)
    assert code == ExitCode.USAGE
    assert "a name has 1 to 64 characters" in keysift.err


def test_access_tokens(keysift: Console, store: str) -> None:
    """A token is printed once; lists have its name, scopes and use."""
    add = ("serve", "token", "add", "ci", "--scope", "triage", "--days", "30", "--store", store)
    assert keysift(*add) == ExitCode.CLEAN
    token = keysift.out.strip()
    assert re.fullmatch(r"keysift_[\w-]{43}", token)
    assert "only time" in keysift.err
    assert keysift("serve", "token", "list", "--store", store) == ExitCode.CLEAN
    assert token not in keysift.out
    assert re.match(r"ci  read,triage +used never, until \d{4}-", keysift.out)
    assert keysift("serve", "token", "revoke", "ci", "--store", store) == ExitCode.CLEAN
    assert keysift("serve", "token", "list", "--store", store) == ExitCode.CLEAN
    assert "revoked" in keysift.out
    assert keysift("serve", "token", "revoke", "ci", "--store", store) == ExitCode.USAGE


def test_answers_are_not_held_back(store: str) -> None:
    """Nagle's algorithm is off: asyncio sees to that where a socket says its protocol."""
    options = parser().parse_args(["serve", "--store", store, "--port", "0"])
    with listen(options) as place:
        assert place.socket.proto == socket.IPPROTO_TCP
        assert place.hosts == {f"{name}:{place.port}" for name in _LOOPBACK}
        assert not place.is_tls
