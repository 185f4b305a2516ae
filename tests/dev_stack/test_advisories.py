"""``make audit`` never takes silence for good news; a real pip-audit asks a real server, or nobody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev import advisories


class _Advisories(BaseHTTPRequestHandler):
    """Knows one thing about one package, in the words of OSV."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"vulns": [_KNOWN]} if asked["package"]["name"] == self.server.weak else {}).encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_KNOWN = {
    "id": "TEST-2026-1",
    "summary": "an invented weakness",
    "affected": [
        {
            "package": {"name": "uvicorn", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.1"}]}],
        }
    ],
}


@pytest.fixture
def source() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Advisories) as server:
        server.weak = ""  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asked(server: ThreadingHTTPServer) -> tuple[int, str]:
    return advisories.ask(["--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query"])


def test_a_known_weakness_is_named_with_the_version_that_mends_it(source: ThreadingHTTPServer) -> None:
    source.weak = "uvicorn"  # type: ignore[attr-defined]
    code, said = asked(source)
    assert code == advisories.SOME_KNOWN
    assert "uvicorn" in said
    assert "TEST-2026-1, mended in 999.1" in said


def test_no_known_weakness_says_how_many_packages_were_asked_about(source: ThreadingHTTPServer) -> None:
    code, said = asked(source)
    assert code == advisories.NONE_KNOWN
    assert int(said.split()[-2]) > 50


def test_a_source_that_cannot_be_reached_is_said_and_is_no_success() -> None:
    code, said = advisories.ask(["--osv-url", "http://127.0.0.1:9/v1/query", "--timeout", "1"])
    assert code == advisories.NOT_ASKED
    assert "nothing is known about any package" in said
