"""The live backend as a person starts it, before any Label Studio asks it."""

from __future__ import annotations

import signal
import socket

import httpx
import pytest

from corpus.label_studio.backend import basic_auth
from model.bundle import load

SECRET = "the-secret-of-this-test-0123456789"


@pytest.fixture
def model(make_corpus, make_model):
    """A corpus, and a function that makes the model in its folder anew, in favor of one value."""
    corpus = make_corpus()
    first, second, *_ = corpus.sentences

    def train(stance):
        return make_model(corpus, {first: (stance, set()), second: ("no_stance", {"other"})})

    return corpus, train


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("PARLEY_BACKEND_SECRET", SECRET)


def test_a_model_that_was_trained_meanwhile_is_taken_up(
    model, start, finish, make_corpus, make_model
):
    corpus, train = model
    folder = train("favor")
    first = load(folder).digest
    process = start("serve_backend", "--corpus", corpus.path, "--model", folder, "--port", 0)
    printed = [process.stdout.readline().decode() for _ in range(5)]
    url = printed[0].split()[1].rstrip(",")

    def version():
        headers = {"authorization": basic_auth(SECRET)}
        return httpx.get(f"{url}/versions", headers=headers, trust_env=False).json()["versions"]

    assert version() == [first]
    train("against")
    second = load(folder).digest
    assert version() == [second]
    other = make_corpus(
        codebook=(corpus.path / "codebook.toml").read_text().replace("1.0", "2.0", 1)
    )
    one, two, *_ = other.sentences
    make_model(other, {one: ("favor", set()), two: ("against", {"other"})})
    assert version() == [second]  # and not the one of another codebook
    (folder / "bundle.json").unlink()
    assert version() == [second]
    process.send_signal(signal.SIGINT)
    end = finish(process)
    assert end.code == 0
    assert end.said.splitlines() == [
        "Ctrl-C stops the backend.",
        f"Now answering with model {second[:12]}.",
        "the model was trained with codebook ceasefire 2.0, the corpus has ceasefire 1.0. Train "
        f"again: make train CORPUS={corpus.path}",
        f"Still answering with model {second[:12]}.",
        "The backend is stopped.",
    ]
    assert printed == [
        f"Backend: {url}, model {first[:12]}\n",
        "  to connect by hand: Settings, Model, Connect Model, Basic Authentication\n",
        "  user      parley\n",
        "  password  in the environment, PARLEY_BACKEND_SECRET\n",
        "Ready: but no batch shows predictions; `make batch` with ARGS=--show-predictions makes one.\n",
    ]


def test_a_model_of_another_codebook_is_refused(model, script, make_corpus, small_codebook):
    _, train = model
    other = make_corpus(codebook=small_codebook)
    end = script("serve_backend", "--corpus", other.path, "--model", train("favor"))
    assert (end.code, end.out) == (1, "")
    assert "trained with codebook ceasefire 1.0, the corpus has tram 1. Train again" in end.said


def test_labels_that_the_codebook_lost_without_a_new_version_are_refused(
    model, script, make_corpus
):
    corpus, train = model
    book = (corpus.path / "codebook.toml").read_text(encoding="utf-8")
    other = make_corpus(codebook=book.replace('name = "other"', 'name = "weather"', 1))
    end = script("serve_backend", "--corpus", other.path, "--model", train("favor"))
    assert (end.code, end.out) == (1, "")
    assert end.said.startswith("the model: E328 topics 'other' is not in codebook 1.0 (")


def test_a_port_that_is_taken_is_said(model, script):
    corpus, train = model
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        places = ("--corpus", corpus.path, "--model", train("favor"))
        end = script("serve_backend", *places, "--port", port)
    assert (end.code, end.out) == (1, "")
    assert end.said == (
        f"127.0.0.1:{port} cannot be listened on: Address already in use. Stop what uses the port, "
        "or choose another one: ARGS='--port N'.\n"
    )


def test_a_host_that_is_not_this_machine_is_said(model, script):
    corpus, train = model
    places = ("--corpus", corpus.path, "--model", train("favor"))
    end = script("serve_backend", *places, "--host", "192.0.2.1")  # kept for documentation
    assert (end.code, end.out) == (1, "")
    assert "192.0.2.1:9090 cannot be listened on: Cannot assign requested address." in end.said


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (("--host", "0.0.0.0"), "--host 0.0.0.0 is no address to call: give --address URL as well"),
        (("--port", 99999), "--port 99999 is no port: 0 to 65535"),
    ],
)
def test_wrong_usage(script, place, what):
    end = script("serve_backend", *place)
    assert end.code == 2
    assert what in end.said


def test_without_a_model_the_next_step_is_to_train(model, script, tmp_path):
    corpus, _ = model
    end = script("serve_backend", "--corpus", corpus.path, "--model", tmp_path / "none")
    assert end.code == 1
    assert "make train" in end.said
