"""Tokens, servers that are down, servers that die: words, and nothing doubled."""

from __future__ import annotations

import http.server
import json
import os
import signal
import sqlite3
import threading
import time
import urllib.request
from collections import Counter

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import client, projects, server, sync, transfer
from tests.label_studio_fixtures import require_server_environment

pytestmark = pytest.mark.server


def post(label_studio, path, body=None):
    request = urllib.request.Request(
        f"{label_studio.url}{path}",
        data=json.dumps(body or {}).encode(),
        headers={
            "Authorization": f"Token {label_studio.running.credentials.token}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


# The SDK 2.1.2 reads the refreshed token with a pydantic 1 method.
sdk_warns = pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")


@pytest.fixture(scope="module")
def personal_token(label_studio):
    """A user has one at a time."""
    return post(label_studio, "/api/token/")["token"]


@sdk_warns
def test_both_kinds_of_token_are_accepted(label_studio, personal_token):
    assert label_studio.connection.token_kind == "legacy token"
    with client.connect(label_studio.url + "/", personal_token) as connection:
        assert connection.token_kind == "personal access token"
        assert connection.url == label_studio.url
        assert personal_token not in repr(connection)


def refusal(url, token):
    with pytest.raises(CorpusError) as caught:
        client.connect(url, token)
    message = str(caught.value)
    assert token not in message
    assert "sessionid" not in message
    return message


def test_wrong_legacy_token_is_named(label_studio):
    message = refusal(label_studio.url, "f" * 40)
    assert "refused the legacy token: Invalid token." in message
    assert f"{label_studio.url}/user/account (Legacy Token)" in message


@sdk_warns
def test_wrong_personal_token_is_named(label_studio, personal_token):
    head, body, signature = personal_token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    message = refusal(label_studio.url, forged)
    assert "refused the personal access token" in message
    assert f"{label_studio.url}/user/account (Personal Access Token)" in message


@sdk_warns
def test_access_token_in_place_of_a_personal_one(label_studio, personal_token):
    access = post(label_studio, "/api/token/refresh/", {"refresh": personal_token})["access"]
    assert "personal access token" in refusal(label_studio.url, access)


def test_switched_off_legacy_tokens_say_where_to_switch_them_on(copy_of_template):
    data = copy_of_template()
    with sqlite3.connect(data / "label_studio.sqlite3") as database:
        database.execute("UPDATE jwt_auth_jwtsettings SET legacy_api_tokens_enabled = 0")
    database.close()
    command, port = require_server_environment(), server.free_port()
    with server.running_server(command, data, port=port) as running:
        message = refusal(running.url, running.credentials.token)
    assert "legacy tokens are switched off" in message
    assert f"{running.url}/organization" in message


def test_server_that_is_down_is_named():
    port = server.free_port()
    message = refusal(f"http://127.0.0.1:{port}", "0" * 40)
    assert f"http://127.0.0.1:{port} cannot be reached" in message
    assert "make label-studio" in message


class SomeWebPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html><body>Welcome to nginx!</body></html>")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [200, 404, 502])
def test_another_web_server_is_not_label_studio(status):
    with http.server.HTTPServer(("127.0.0.1", 0), SomeWebPage) as other:
        other.status = status
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            message = refusal(f"http://127.0.0.1:{other.server_port}", "0" * 40)
        finally:
            other.shutdown()
            thread.join()
    assert str(other.server_port) in message
    assert "nginx" not in message


def test_taken_port_is_said_and_a_free_one_named(label_studio, tmp_path):
    port = int(label_studio.url.rpartition(":")[2])
    with (
        pytest.raises(CorpusError, match=f"port {port} is taken"),
        server.running_server(require_server_environment(), tmp_path, port=port),
    ):
        pytest.fail("a second server started on a taken port")


def test_second_server_on_one_folder_is_refused(label_studio):
    with (
        pytest.raises(CorpusError, match="already running"),
        server.running_server(
            require_server_environment(), label_studio.running.data, port=server.free_port()
        ),
    ):
        pytest.fail("a second server started on the same folder")


def test_killed_server_leaves_a_push_that_completes_and_doubles_nothing(
    copy_of_template, make_corpus
):
    text = "\n".join(f"The envoys met for hour {number} of the talks." for number in range(4000))
    corpus = make_corpus(annotators=("anna",), text=text)
    [plan] = sync.plans(corpus, corpus.batches)
    data, command = copy_of_template(), require_server_environment()
    with (
        server.running_server(command, data, port=server.free_port()) as running,
        client.connect(running.url, running.credentials.token) as connection,
    ):
        project = projects.prepare_project(connection, plan)
        killer = threading.Thread(target=kill_when_some_arrived, args=(running, project.id))
        killer.start()
        with pytest.raises(CorpusError, match="run the same command again"):
            sync.push(connection, corpus, plan)
        killer.join()
    with (
        server.running_server(command, data, port=server.free_port()) as running,
        client.connect(running.url, running.credentials.token) as connection,
    ):
        before = transfer.read_tasks(connection, project)
        assert 0 < len(before) < 4000
        done = sync.push(connection, corpus, plan)
        assert len(done.diff.new) == 4000 - len(before)
        ids = [task.sentence_id for task in transfer.read_tasks(connection, project)]
    assert Counter(ids) == Counter(corpus.sentences.keys())


def kill_when_some_arrived(running, project):
    """SIGKILL as soon as the first thousand tasks are in the database."""
    path = running.data / "label_studio.sqlite3"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        [[count]] = database.execute("SELECT count(*) FROM task WHERE project_id = ?", [project])
        database.close()
        if count:
            break
        time.sleep(0.02)
    os.killpg(running.process.pid, signal.SIGKILL)
