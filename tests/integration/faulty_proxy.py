"""A real proxy between client and server that drops, loses and spoils what passes through it."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# What can happen to one request. "drop" and the status codes: it never reaches the server. "lose":
# it is done there, and the reply gets lost. "late": done there, and answered 502 by a gateway that
# gave up waiting. "cut": the reply ends in the middle.
FAULTS = ("drop", "lose", "late", "cut", "500", "429", "502")
PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"


class FaultyProxy:
    """Forwards everything to ``target``; ``faults``: request number (from 1) -> fault."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.faults: dict[int, str] = {}
        self.numbers = itertools.count(1)
        self.n_requests = 0
        self.url = ""

    def schedule(self, faults: dict[int, str]) -> None:
        """Count anew from the next request on."""
        self.faults, self.numbers, self.n_requests = faults, itertools.count(1), 0


@contextmanager
def faulty_proxy(target: str) -> Iterator[FaultyProxy]:
    """A proxy on a free port of this machine."""
    proxy = FaultyProxy(target)

    class Handler(_Handler):
        pass

    Handler.proxy = proxy
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultyProxy

    def forward(self) -> None:
        number = self.proxy.n_requests = next(self.proxy.numbers)
        fault = self.proxy.faults.get(number)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault == "drop":
            self.hang_up()
        elif fault in ("500", "429", "502"):
            self.answer(int(fault), {"Content-Type": "text/html"}, PAGE)
        else:
            status, headers, reply = self.ask(body)
            if fault == "lose":
                self.hang_up()
            elif fault == "late":
                self.answer(502, {"Content-Type": "text/html"}, PAGE)
            elif fault == "cut":
                self.answer(status, headers, reply[: len(reply) // 2], length=len(reply))
                self.hang_up()
            else:
                self.answer(status, headers, reply)

    def ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        to_server = http.client.HTTPConnection(
            self.proxy.target.hostname or "", self.proxy.target.port, timeout=60
        )
        own = ("host", "connection", "accept-encoding")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in own}
        to_server.request(self.command, self.path, body, headers)
        reply = to_server.getresponse()
        kind = {"Content-Type": reply.getheader("Content-Type") or "application/json"}
        try:
            return reply.status, kind, reply.read()
        finally:
            to_server.close()

    def answer(
        self, status: int, headers: dict[str, str], body: bytes, *, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass


for _method in ("GET", "POST", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.forward)
