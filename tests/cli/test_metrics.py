"""Numbers for Prometheus: served on the loopback interface, in its format, and true."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from keysift.cli.crawl_progress import Progress
from keysift.cli.metrics import CONTENT_TYPE, METRICS, Metrics, exposition
from keysift.errors import UsageError

SAMPLE = re.compile(r"(keysift_crawl_[a-z_]+) ([0-9.e+]+)")


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    """Serve at a free port."""
    serving = Metrics(0)
    yield serving
    serving.close()


def get(url: str) -> tuple[str, str]:
    """Return type and text of a page."""
    # No proxy: the environment may name one.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def samples(text: str) -> dict[str, float]:
    """Return the numbers of a page; every line must be understood."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            found[sample[1]] = float(sample[2])
    return found


def test_numbers_are_served(metrics: Metrics) -> None:
    """They are those of the last progress."""
    metrics.show(Progress(projects_known=12, artifacts_done=5, received_bytes=10**13, matches=3))
    kind, text = get(metrics.url)
    assert kind == CONTENT_TYPE
    found = samples(text)
    assert found["keysift_crawl_projects_known"] == 12
    assert found["keysift_crawl_artifacts_done_total"] == 5
    assert found["keysift_crawl_received_bytes_total"] == 10**13
    assert found["keysift_crawl_matches_total"] == 3
    metrics.show(Progress(projects_known=13))
    assert samples(get(metrics.url)[1])["keysift_crawl_projects_known"] == 13


def test_each_number_says_what_it_is() -> None:
    """Help and type stand before it, and only counters have the ending of counters."""
    lines = exposition(Progress(left_s=1.0)).splitlines()
    assert len(lines) == 3 * len(METRICS)
    for number, metric in enumerate(METRICS):
        about, kind, sample = lines[3 * number : 3 * number + 3]
        assert about == f"# HELP {metric.full_name} {metric.help}"
        assert kind == f"# TYPE {metric.full_name} {metric.kind}"
        assert sample.startswith(f"{metric.full_name} ")
        assert metric.name.endswith("_total") == (metric.kind == "counter")


def test_what_is_not_known_is_left_out() -> None:
    """A number that stands for nothing would be drawn as one."""
    assert "remaining" not in exposition(Progress(left_s=None))
    assert samples(exposition(Progress(left_s=90.0)))["keysift_crawl_remaining_seconds"] == 90


def test_nothing_else_is_served(metrics: Metrics) -> None:
    """Other paths are not found."""
    with pytest.raises(urllib.error.HTTPError, match="404") as raised:
        get(metrics.url.removesuffix("/metrics") + "/")
    raised.value.close()


def test_only_this_machine_is_served(metrics: Metrics) -> None:
    """The address is that of the loopback interface."""
    assert metrics.url.startswith("http://127.0.0.1:")
    assert metrics._server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error(metrics: Metrics) -> None:
    """The message names the option."""
    port = metrics._server.server_port
    with pytest.raises(UsageError, match=f"--metrics {port}: address already in use"):
        Metrics(port)


def test_a_client_that_says_nothing_keeps_nobody(metrics: Metrics) -> None:
    """Others are served, and the end is not delayed, while it holds its connection."""
    with socket.create_connection(("127.0.0.1", metrics._server.server_port)):
        assert samples(get(metrics.url)[1])
        metrics.close()
