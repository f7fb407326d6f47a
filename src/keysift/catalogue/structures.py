"""Example credentials with an inner structure: counterparts of ``keysift.detect.proofs``."""

from __future__ import annotations

import base64
import json
import string
import textwrap
from collections.abc import Callable
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from keysift.catalogue import checksummed, tools, wallets

_ALNUM: Final = string.ascii_letters + string.digits
_FAR: Final = 4_102_444_800
"""Seconds since 1970 at the beginning of 2100."""


def _text(source: Random, alphabet: str, length: int) -> str:
    return "".join(source.choices(alphabet, k=length))


def _hex(source: Random, length: int) -> str:
    return _text(source, "0123456789abcdef", length)


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def uuid(_: str, source: Random) -> str:
    """Return a random UUID, version 4."""
    digits = _hex(source, 32)
    variant = source.choice("89ab")
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def pypi_macaroon(arguments: str, source: Random) -> str:
    """Return a PyPI token: ``user``, ``project`` or ``oidc``, with ``:test`` for TestPyPI."""
    kind, _, host = arguments.partition(":")
    location = _index_host()
    if host == "test":
        location = b"test." + location
    kinds: dict[str, list[list[object]]] = {
        "user": [[3, uuid("", source)]],
        "project": [[1, ["example-project"]], [2, [uuid("", source)]]],
        "oidc": [[4, uuid("", source)], [0, _FAR, 1_700_000_000]],
    }
    fields = [(1, location), (2, uuid("", source).encode()), (0, b"")]
    for caveat in kinds[kind or "user"]:
        fields += [(2, json.dumps(caveat).encode()), (0, b"")]
    fields += [(0, b""), (6, source.randbytes(32))]
    raw = b"\x02" + b"".join(
        bytes([field]) + (bytes([len(value)]) + value if field else b"") for field, value in fields
    )
    return "pypi-" + _b64url(raw)


def _index_host() -> bytes:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 (import time)

    return (urlsplit(PYPI_SIMPLE_ENDPOINT).hostname or "").encode()


def jwt(arguments: str, source: Random) -> str:
    """Return a signed token: ``expired``, ``service_role``, ``anon``, or a plain one."""
    claims: dict[str, Any] = {"sub": uuid("", source), "iss": "issuer", "exp": _FAR}
    if arguments == "expired":
        claims["exp"] = 1_500_000_000
    if arguments in {"service_role", "anon"}:
        claims |= {"role": arguments, "iss": "supabase", "ref": _text(source, _ALNUM, 20).lower()}
    header = {"alg": "HS256", "typ": "JWT"}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)]
    return ".".join(_b64url(part) for part in [*parts, source.randbytes(32)])


def aws_key_id(arguments: str, source: Random) -> str:
    """Return an access key id of a random account, or of the one given; ``ASIA`` is a prefix."""
    prefix = arguments if arguments.isalpha() and arguments else "AKIA"
    account = int(arguments) if arguments.isdigit() else source.randrange(10**11, 10**12)
    number = (1 << 47) | (account << 7) | source.randrange(1 << 7)
    head = base64.b32encode(number.to_bytes(6, "big") + source.randbytes(4)).decode()
    return prefix + head


def azure_storage(_: str, source: Random) -> str:
    """Return an Azure storage account key."""
    return base64.b64encode(source.randbytes(64)).decode()


def azure_sas(arguments: str, source: Random) -> str:
    """Return a shared access signature's query; ``expired`` lies in the past."""
    until = "2019" if arguments == "expired" else "2099"
    signature = base64.b64encode(source.randbytes(32)).decode()
    quoted = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"sv=2022-11-02&ss=b&srt=co&sp=rl&se={until}-01-01T00:00:00Z&spr=https&sig={quoted}"


def discord_bot(_: str, source: Random) -> str:
    """Return a Discord bot token of a plausible id."""
    bot = str(source.randrange(3 * 10**17, 11 * 10**17))
    head = _b64url(bot.encode())
    return f"{head}.{_text(source, _ALNUM, 6)}.{_text(source, _ALNUM + '_-', 38)}"


def pem(arguments: str, source: Random) -> str:
    """Return a private key: ``rsa``, ``ec``, ``dsa``, ``ed25519``, ``openssh``, ``pkcs8``,
    ``pkcs8-encrypted`` or ``rsa-encrypted``; ``ec-escaped`` as it stands in a string of code.
    """  # noqa: D205 (the list does not fit one line)
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 (import time)

    if arguments == "openssh":
        return _openssh(source)
    kind = arguments.partition("-")[0]
    key = _key(kind, source)
    layout = form.PrivateFormat.TraditionalOpenSSL
    if kind in {"pkcs8", "ed25519"}:
        layout = form.PrivateFormat.PKCS8
    protection: form.KeySerializationEncryption = form.NoEncryption()
    if arguments.endswith("-encrypted"):
        protection = form.BestAvailableEncryption(_hex(source, 16).encode())
    content: bytes = key.private_bytes(form.Encoding.PEM, layout, protection)
    text = content.decode()
    return text.replace("\n", "\\n") if arguments.endswith("-escaped") else text


def _key(kind: str, source: Random) -> Any:  # noqa: ANN401 (any kind of private key)
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 (import time)

    match kind:
        case "ed25519":
            return ed25519.Ed25519PrivateKey.from_private_bytes(source.randbytes(32))
        case "ec":
            return ec.derive_private_key(source.randrange(1, 1 << 255), ec.SECP256R1())
        case "dsa":
            return _dsa(source)
        case "rsa" | "pkcs8":
            return _rsa(source)
        case _:
            raise ValueError(kind)


_DSA_Q: Final = 2**159 + 299
_DSA_P: Final = 2 * _DSA_Q * (2**863 + 4) + 1
"""Primes that need no search: 160 and 1024 bits, the first divides the second less one."""


def _dsa(source: Random) -> Any:  # noqa: ANN401 (the library's type is only known lazily)
    from cryptography.hazmat.primitives.asymmetric import dsa  # noqa: PLC0415 (import time)

    generator, x = pow(2, (_DSA_P - 1) // _DSA_Q, _DSA_P), source.randrange(1, _DSA_Q)
    parameters = dsa.DSAParameterNumbers(_DSA_P, _DSA_Q, generator)
    public = dsa.DSAPublicNumbers(pow(generator, x, _DSA_P), parameters)
    return dsa.DSAPrivateNumbers(x, public).private_key()


def _openssh(source: Random) -> str:
    """Return an Ed25519 key in OpenSSH's format (PROTOCOL.key), which holds random check bytes."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 (import time)

    seed, check = source.randbytes(32), source.randbytes(4)
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kind = _ssh_string(b"ssh-ed25519")
    private = check * 2 + kind + _ssh_string(public) + _ssh_string(seed + public)
    private += _ssh_string(b"toolmaker@workshop")
    private += bytes(range(1, 1 + -len(private) % 8))
    head = b"openssh-key-v1\0" + _ssh_string(b"none") * 2 + _ssh_string(b"") + b"\0\0\0\1"
    body = head + _ssh_string(kind + _ssh_string(public)) + _ssh_string(private)
    lines = "\n".join(textwrap.wrap(base64.b64encode(body).decode(), 70))
    label = "OPENSSH PRIVATE KEY"
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _ssh_string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _rsa(source: Random) -> Any:  # noqa: ANN401 (the library's type is only known lazily)
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 (import time)

    exponent = 65537
    while True:
        p, q = _prime(source, 512), _prime(source, 512)
        if p != q and (p - 1) % exponent and (q - 1) % exponent:
            break
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    iqmp = rsa.rsa_crt_iqmp(p, q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), iqmp, public)
    return numbers.private_key()


def _prime(source: Random, bits: int) -> int:
    """Return a probable prime with its two highest bits set."""
    while True:
        number = source.getrandbits(bits) | (3 << (bits - 2)) | 1
        if _is_prime(number):
            return number


def _is_prime(number: int) -> bool:
    """Tell whether a large number passes Fermat's test, after a quick look at small factors."""
    return all(number % small for small in _SMALL_PRIMES) and all(
        pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)
    )


_SMALL_PRIMES: Final = tuple(
    number for number in range(3, 400, 2) if all(number % one for one in range(3, number, 2))
)


def gcp_service_account(_: str, source: Random) -> str:
    """Return the JSON of a Google service account with a key that parses."""
    project = f"project-{source.randrange(10**5, 10**6)}"
    account = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": _hex(source, 40),
        "private_key": pem("pkcs8", source),
        "client_email": f"robot@{project}.iam.gserviceaccount.com",
        "client_id": str(source.randrange(10**20, 10**21)),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return json.dumps(account, indent=2)


def pgp_private(_: str, source: Random) -> str:
    """Return an armoured OpenPGP secret key without a passphrase (RFC 4880, section 5.5.3)."""
    numbers = _rsa(source).private_numbers()
    public = b"\x04" + (1_600_000_000).to_bytes(4, "big") + b"\x01"
    public += _mpi(numbers.public_numbers.n) + _mpi(numbers.public_numbers.e)
    p, q = sorted((numbers.p, numbers.q))
    secret = b"".join(map(_mpi, (numbers.d, p, q, pow(p, -1, q))))
    body = public + b"\0" + secret + (sum(secret) & 0xFFFF).to_bytes(2, "big")
    owner = f"Toolmaker <{_hex(source, 8)}@example.org>".encode()
    packet = b"\xc5\xff" + len(body).to_bytes(4, "big") + body
    packet += b"\xcd" + bytes([len(owner)]) + owner
    lines = "\n".join(textwrap.wrap(base64.b64encode(packet).decode(), 64))
    check = base64.b64encode(_crc24(packet).to_bytes(3, "big")).decode()
    label = "PGP PRIVATE KEY BLOCK"
    return f"-----BEGIN {label}-----\n\n{lines}\n={check}\n-----END {label}-----\n"


def _mpi(number: int) -> bytes:
    bits = number.bit_length()
    return bits.to_bytes(2, "big") + number.to_bytes((bits + 7) // 8, "big")


def _crc24(data: bytes) -> int:
    """Return the checksum of an armour (RFC 4880, section 6.1)."""
    check = 0xB704CE
    for byte in data:
        check ^= byte << 16
        for _ in range(8):
            check <<= 1
            check ^= 0x1864CFB if check & 0x1000000 else 0
    return check


MACROS: Final[dict[str, Callable[[str, Random], str]]] = {
    **checksummed.MACROS,
    **tools.MACROS,
    **wallets.MACROS,
    "aws_key_id": aws_key_id,
    "azure_sas": azure_sas,
    "azure_storage": azure_storage,
    "discord_bot": discord_bot,
    "gcp_service_account": gcp_service_account,
    "jwt": jwt,
    "pem": pem,
    "pgp_private": pgp_private,
    "pypi_macaroon": pypi_macaroon,
    "uuid": uuid,
}
"""Macros by name: from arguments and a source of randomness to text."""
