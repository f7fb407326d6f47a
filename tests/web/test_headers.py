"""What every answer tells browsers, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from tests.web.site import Site

_PATHS = ["/login", "/", "/nothing", "/findings/0", "/api/v1/me", "/api/v1/nothing", "/static/x/y"]


@pytest.mark.parametrize("path", _PATHS)
def test_every_answer_is_kept_on_a_short_leash(asking: TestClient[Any], path: str) -> None:
    """Pages, redirects and errors alike: no inline script, no frame, no cache, no guess."""
    headers = asking.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers


def test_refusals_have_them_too(asking: TestClient[Any]) -> None:
    """What the gate answers is not routed, and yet protected."""
    headers = asking.get("/", headers={"host": "evil.invalid"}).headers
    assert "default-src 'none'" in headers["content-security-policy"]


def test_pages_have_nothing_inline(asking: TestClient[Any], dashboard: Site) -> None:
    """No script, style or handler stands in a page; the policy would forbid it anyway."""
    asking.get(f"/login?token={dashboard.token}")
    for path in ("/", "/login", "/findings", "/nothing"):
        text = asking.get(path).text
        assert "<script>" not in text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert "http://" not in text
        assert "https://" not in text


def test_static_files_are_kept_until_they_change(asking: TestClient[Any]) -> None:
    """Their address has their version, for everybody: the login page needs them."""
    page = asking.get("/login").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = asking.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    script = asking.get(address.replace("keysift.css", "charts.js"))
    assert script.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "..%5capp.py",
        "%2fetc/passwd",
        "//etc/passwd",
        "vendor/../../app.py",
        "vendor",
        "",
        "keysift.css%00.js",
        "\udcff".encode("utf-8", "surrogateescape").hex(),
    ],
)
def test_no_path_leads_out_of_the_static_files(asking: TestClient[Any], path: str) -> None:
    """Whatever is asked for, only files in the directory are served."""
    page = asking.get("/login").text
    folder = page.partition('rel="stylesheet" href="')[2].partition("keysift.css")[0]
    answer = asking.get(f"{folder}{path}")
    assert answer.status_code == 404
    assert "def " not in answer.text


def test_only_static_files_are_compressed(asking: TestClient[Any], dashboard: Site) -> None:
    """A page with its reader's text and a token in it would tell about the token by its length."""
    asking.get(f"/login?token={dashboard.token}")
    page = asking.get("/", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in page.headers
    address = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = asking.get(address, headers={"accept-encoding": "gzip"})
    assert style.headers["content-encoding"] == "gzip"
