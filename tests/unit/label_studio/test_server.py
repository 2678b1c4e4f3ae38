"""A server that does not start says why; its secrets stay private."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import server


def fake_server(folder, script):
    command = folder / "bin" / "label-studio"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    command.chmod(0o755)
    return server.executable(folder)


def test_server_that_dies_at_once_names_its_log(tmp_path):
    command = fake_server(tmp_path, "echo no space left; exit 3")
    data = tmp_path / "data"
    with (
        pytest.raises(CorpusError, match=r"exit code 3.*server\.log says why"),
        server.running_server(command, data, port=server.free_port()),
    ):
        pytest.fail("it started")
    assert (data / "server.log").read_text(encoding="utf-8") == "no space left\n"


def test_server_is_stopped_with_everything_it_started(tmp_path):
    command = fake_server(tmp_path, "sleep 600 & sleep 600")
    stop = RuntimeError("stop waiting")

    def give_up(_message):
        raise stop

    with (
        pytest.raises(RuntimeError, match="stop waiting"),
        server.running_server(command, tmp_path / "data", port=server.free_port(), say=give_up),
    ):
        pytest.fail("it started")


def test_taken_port_is_refused_before_anything_is_made(tmp_path):
    with socket.socket() as other:
        other.bind((server.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(CorpusError, match=rf"port {port} is taken .*--port"),
            server.running_server(tmp_path / "none", tmp_path / "data", port=port),
        ):
            pytest.fail("it started")
    assert not (tmp_path / "data").exists()


def test_missing_environment_is_named(tmp_path):
    with pytest.raises(CorpusError, match="bin/label-studio: not found"):
        server.executable(tmp_path)


def test_credentials_are_private_and_stay_the_same(tmp_path):
    data = tmp_path / "data"
    made = server.make_credentials(data)
    assert server.credentials_path(data).stat().st_mode & 0o777 == 0o600
    assert server.make_credentials(data) == made
    assert not made.secret_key.startswith("$")
    assert made.password not in repr(made)
    assert made.token not in repr(made)


def test_folder_that_was_open_to_others_is_closed(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    server.make_credentials(data)
    assert data.stat().st_mode & 0o777 == 0o700
    data.chmod(0o755)
    server.make_credentials(data)  # an older folder, with its account in it
    assert data.stat().st_mode & 0o777 == 0o700


def test_make_command_names_a_folder_of_its_own():
    assert server.make_variables(server.data_folder()) == {}
    assert server.make_variables(Path("build/ls")) == {"ARGS": "'--data build/ls'"}
    given = server.make_variables(Path("my data"))["ARGS"]
    [inside] = shlex.split(given)
    assert shlex.split(inside) == ["--data", "my data"]


def test_damaged_credentials_are_not_replaced(tmp_path):
    server.credentials_path(tmp_path).write_text("{", encoding="utf-8")
    with pytest.raises(CorpusError, match="Restore it from a backup"):
        server.make_credentials(tmp_path)
    with pytest.raises(CorpusError, match="no server was started here"):
        server.read_credentials(tmp_path / "elsewhere")
