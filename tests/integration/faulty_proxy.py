"""A real proxy between client and server that drops, loses and spoils what passes through it."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote_plus, urlsplit

# What can happen to one request. "drop" and the status codes: it never reaches the server. "lose":
# it is done there, and the reply gets lost. "late": done there, and answered 502 by a gateway that
# gave up waiting. "early": answered 502 while the server has not begun yet. "cut": the reply ends
# in the middle.
FAULTS = ("drop", "lose", "late", "early", "cut", "500", "429", "502")
PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"
HTML = {"Content-Type": "text/html"}
EARLY_SECONDS = 0.3  # the server begins so long after an "early" answer


@dataclass(frozen=True)
class Strike:
    """Something else that happens when a request passes: before, while or after it is done there.

    After it the reply gets lost.
    """

    when: Literal["before", "during", "after"]
    act: Callable[[], object]


Fault = str | Strike


class FaultyProxy:
    """Forwards everything to ``target``.

    ``faults``: request number (from 1), or a pattern of "METHOD /path", -> fault. A pattern strikes
    the first request that it matches; one of ``always`` every one.
    """

    def __init__(self, target: str) -> None:
        self.point_to(target)
        self.faults: dict[int | str, Fault] = {}
        self.always: Mapping[str, Fault] = {}
        self.numbers = itertools.count(1)
        self.n_requests = 0
        self.url = ""
        self.lock = threading.Lock()
        self.pending: list[threading.Thread] = []

    def point_to(self, target: str) -> None:
        """From now on forward to this address."""
        self.target = urlsplit(target)

    def schedule(
        self, faults: Mapping[int | str, Fault], always: Mapping[str, Fault] | None = None
    ) -> None:
        """Count anew from the next request on."""
        self.faults, self.always = dict(faults), always or {}
        self.numbers, self.n_requests = itertools.count(1), 0

    def settle(self) -> None:
        """Wait for what still goes to the server behind the client's back."""
        while self.pending:
            self.pending.pop().join()

    def fault_for(self, request: str) -> Fault | None:
        with self.lock:
            number = self.n_requests = next(self.numbers)
            for key in self.faults:
                if key == number or (isinstance(key, str) and re.match(key, request)):
                    return self.faults.pop(key)
        return next((self.always[key] for key in self.always if re.match(key, request)), None)


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
        proxy.settle()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultyProxy

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault_for(f"{self.command} {unquote_plus(self.path)}")
        # The client may be gone, killed by what we did to it; then nobody waits for an answer.
        with suppress(BrokenPipeError, ConnectionResetError):
            if isinstance(fault, Strike):
                self.strike(fault, body)
            elif fault == "drop":
                self.hang_up()
            elif fault and fault.isdigit():
                self.answer(int(fault), HTML, PAGE)
            elif fault == "early":
                self.behind(body, EARLY_SECONDS)
                self.answer(502, HTML, PAGE)
            else:
                self.do(fault, body)

    def do(self, fault: str | None, body: bytes) -> None:
        try:
            status, headers, reply = self.ask(body)
        except (OSError, http.client.HTTPException):  # the server is dead
            self.hang_up()
            return
        if fault == "lose":
            self.hang_up()
        elif fault == "late":
            self.answer(502, HTML, PAGE)
        elif fault == "less":
            self.answer(status, headers, without_the_last_task(reply))
        elif fault == "cut":
            self.answer(status, headers, reply[: len(reply) // 2], length=len(reply))
            self.hang_up()
        else:
            self.answer(status, headers, reply)

    def strike(self, fault: Strike, body: bytes) -> None:
        if fault.when == "during":
            self.behind(body)
            time.sleep(0.02)
        elif fault.when == "after":
            self.ask(body)
        fault.act()
        if fault.when == "before":
            self.do(None, body)
        else:
            self.hang_up()

    def behind(self, body: bytes, seconds: float = 0.0) -> None:
        """Ask the server while the client goes on, so in a thread and with this request's words."""
        words = (self.command, self.path, dict(self.headers.items()))

        def run() -> None:
            time.sleep(seconds)
            with suppress(OSError, http.client.HTTPException):
                self.asked(*words, body)

        thread = threading.Thread(target=run, daemon=True)
        self.proxy.pending.append(thread)
        thread.start()

    def ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        return self.asked(self.command, self.path, dict(self.headers.items()), body)

    def asked(
        self, command: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        to_server = http.client.HTTPConnection(
            self.proxy.target.hostname or "", self.proxy.target.port, timeout=60
        )
        own = ("host", "connection", "accept-encoding")
        headers = {name: value for name, value in headers.items() if name.lower() not in own}
        try:
            to_server.request(command, path, body, headers)
            reply = to_server.getresponse()
            kind = {"Content-Type": reply.getheader("Content-Type") or "application/json"}
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


def without_the_last_task(reply: bytes) -> bytes:
    """A page as of a server that lists fewer tasks than it has."""
    page = json.loads(reply)
    return json.dumps(page | {"tasks": page["tasks"][:-1], "total": page["total"] - 1}).encode()


for _method in ("GET", "POST", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.forward)
