"""A real SIGKILL, of the server or of us: the run after it ends where an undisturbed one does."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import client, server
from tests.integration.conftest import ANSWERED
from tests.integration.faulty_proxy import Strike, faulty_proxy
from tests.integration.states import answer_first, state_of, sync_all, sync_through
from tests.label_studio_fixtures import require_server_environment

pytestmark = pytest.mark.server


class OwnServer:
    """A server that may be killed, behind a proxy whose address stays."""

    def __init__(self, data, stack):
        self.data, self.life = data, ExitStack()
        stack.callback(lambda: self.life.close())
        self.start()
        self.proxy = stack.enter_context(faulty_proxy(self.running.url))

    def start(self):
        self.life.close()
        self.life = ExitStack()
        self.running = self.life.enter_context(
            server.running_server(require_server_environment(), self.data, port=server.free_port())
        )
        self.token = self.running.credentials.token

    def restart(self):
        self.start()
        self.proxy.point_to(self.running.url)

    def kill(self):
        os.killpg(self.running.process.pid, signal.SIGKILL)
        self.running.process.wait()


@pytest.fixture(scope="module")
def own(copy_of_template):
    with ExitStack() as stack:
        yield OwnServer(copy_of_template(), stack)


@pytest.mark.parametrize(
    ("request_", "when"),
    [
        ("POST .*/import", "during"),
        ("POST .*/import", "after"),  # committed, and the answer never comes
        ("GET .*expand=annotations", "during"),
    ],
)
def test_killed_server(own, days, undisturbed, small_requests, request_, when):
    path = days().path
    if request_.startswith("GET"):
        own.proxy.schedule({})
        sync_through(own.proxy, own.token, path)
        with client.connect(own.proxy.url, own.token) as connection:
            answer_first(connection, path, ANSWERED)
    own.proxy.schedule({request_: Strike(when, own.kill)})
    with pytest.raises(CorpusError):
        sync_through(own.proxy, own.token, path)
    own.restart()
    sync_through(own.proxy, own.token, path)
    with client.connect(own.running.url, own.token) as connection:
        answer_first(connection, path, ANSWERED)
        sync_all(connection, path)
        assert state_of(connection, path) == undisturbed


@pytest.mark.parametrize(
    ("request_", "when"),
    [
        ("POST /api/projects/$", "after"),
        ("POST .*/import", "during"),  # the server goes on
        ("GET .*expand=annotations", "before"),
    ],
)
def test_killed_client(
    proxy, label_studio, days, undisturbed, small_requests, start, request_, when
):
    path, token = days().path, label_studio.running.credentials.token
    environment = {"LABEL_STUDIO_URL": proxy.url, "LABEL_STUDIO_API_KEY": token}
    proxy.schedule({request_: Strike(when, lambda: killed.kill())})
    killed = start("sync_label_studio", "--corpus", path, environment=environment)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    connection = label_studio.connection
    sync_all(connection, path)
    proxy.settle()
    answer_first(connection, path, ANSWERED)
    sync_all(connection, path)
    assert state_of(connection, path) == undisturbed
