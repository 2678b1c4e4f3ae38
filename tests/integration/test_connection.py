"""Tokens, servers that are down, servers that die: words, and nothing doubled."""

from __future__ import annotations

import http.server
import sqlite3
import threading

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import client, server
from tests.label_studio_fixtures import require_server_environment

pytestmark = pytest.mark.server


# The SDK 2.1.2 reads the refreshed token with a pydantic 1 method.
sdk_warns = pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")


@pytest.fixture(scope="module")
def personal_token(label_studio):
    """A user has one at a time."""
    return label_studio.post("/api/token/")["token"]


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
    access = label_studio.post("/api/token/refresh/", {"refresh": personal_token})["access"]
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
