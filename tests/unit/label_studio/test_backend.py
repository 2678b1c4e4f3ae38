"""The HTTP of the live backend: who may ask, what is refused, and that nothing is repeated."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from corpus.batches import BatchItem, write_batch
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import backend as module
from corpus.label_studio.backend import backend, basic_auth, listen, running, webhook_auth
from corpus.label_studio.interface import interface
from corpus.label_studio.live import LiveModel
from corpus.label_studio.predictions import Proposal
from corpus.label_studio.tasks import tasks_for

SECRET = "a secret of these tests".replace(" ", "-")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
RIGHT = {"authorization": basic_auth(SECRET)}
PATHS = [
    ("GET", "/health"),
    ("GET", "/versions"),
    ("POST", "/setup"),
    ("POST", "/predict"),
    ("POST", "/webhook"),
]


@pytest.fixture
def corpus(make_corpus):
    path = make_corpus(annotators=("anna",)).path
    names = read_corpus(path).sentences
    write_batch(
        path, "shown", [BatchItem(name, ("anna",), show_predictions=True) for name in names]
    )
    return read_corpus(path)


@pytest.fixture
def page(corpus):
    return interface(corpus.codebook)


@pytest.fixture
def said():
    return []


@pytest.fixture
def ask(corpus, said):
    """Ask the backend of a model that is in favor of everything."""
    versions = iter(["v1", "v2"])

    def current():
        proposal = Proposal("favor", (), 0.75)
        return LiveModel(next(versions), lambda found: {item.id: proposal for item in found})

    app = backend(corpus, current, secret=SECRET, say=said.append)

    def make(method, path, *, headers=RIGHT, **body):
        async def send():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://backend") as client:
                return await client.request(method, path, headers=headers, **body)

        with ThreadPoolExecutor(1) as thread:  # in this one, Playwright may have a loop running
            return thread.submit(asyncio.run, send()).result()

    return make


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic", basic_auth("another-secret-of-somebody"), f"Bearer {SECRET}", "Bäsic"],
)
def test_without_the_secret_nothing_is_answered(ask, method, path, authorization):
    headers = {} if authorization is None else {"authorization": authorization.encode()}
    reply = ask(method, path, headers=headers)
    assert (reply.status_code, reply.json()) == (401, {"detail": module.NO_SECRET})
    assert SECRET not in reply.text


def test_the_key_of_the_webhook_opens_nothing_else(ask):
    headers = {"authorization": webhook_auth(SECRET)}
    statuses = {path: ask(method, path, headers=headers).status_code for method, path in PATHS}
    others = dict.fromkeys(["/health", "/versions", "/setup", "/predict"], 401)
    assert statuses == {**others, "/webhook": 200}


def test_the_contract_is_answered(ask, corpus, page):
    tasks = tasks_for(corpus, "shown", "anna")[:2]
    health = {"status": "UP", "model_class": "Parley", "n_webhooks": 0}
    assert ask("GET", "/health").json() == health
    setup = {"project": "16.1795340399", "schema": page, "access_token": TOKEN}
    assert ask("POST", "/setup", json=setup).json() == {"model_version": "v1"}
    asked = {"tasks": tasks, "project": "16.1795340399", "label_config": page}
    prediction = {
        "result": Proposal("favor", (), 0.75).result(),
        "score": 0.75,
        "model_version": "v2",  # the model of that moment
    }
    assert ask("POST", "/predict", json=asked).json() == {"results": [prediction, prediction]}


def test_a_webhook_trains_nothing_and_is_counted(ask, said):
    for action in ("ANNOTATION_CREATED", "START_TRAINING"):
        reply = ask("POST", "/webhook", json={"action": action, "annotation": {"id": 7}})
        assert (reply.status_code, reply.json()) == (200, {"trained": False})
    assert said == ["Label Studio asks for training. Nothing is trained here: `make train`."]
    assert ask("GET", "/health").json()["n_webhooks"] == 2


@pytest.mark.parametrize(("path", "key"), [("/setup", "schema"), ("/predict", "label_config")])
def test_a_project_with_another_page_is_refused_and_named_once(ask, said, page, path, key):
    other = page.replace('<Choice value="favor"', '<Choice value="pro"')
    asked = {"project": "16.1795340399", key: other, "access_token": TOKEN, "tasks": []}
    replies = [ask("POST", path, json=asked) for _ in range(2)]
    [message] = said
    assert message.startswith("project 16: E353 stance lacks favor and has pro, which codebook")
    assert [(reply.status_code, reply.json()) for reply in replies] == [
        (409, {"detail": message})
    ] * 2


@pytest.mark.parametrize("path", ["/setup", "/predict"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"' + TOKEN.encode(),
        b"\xff",
        b"[" * 200_000,
        b'{"access_token": "' + TOKEN.encode() + b'", "tasks": 1, "schema": 2, "project": {}}',
    ],
    ids=range(7),
)
def test_what_label_studio_never_sends_is_refused_and_not_repeated(
    ask, said, caplog, capfd, path, body
):
    caplog.set_level(logging.DEBUG)
    reply = ask("POST", path, content=body)
    assert 400 <= reply.status_code < 500
    everything = reply.text + caplog.text + "".join([*said, *capfd.readouterr()])
    assert TOKEN not in everything


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn"])
def test_a_missing_extra_is_answered_with_the_command(corpus, monkeypatch, missing):
    def serve():
        app = backend(corpus, lambda: None, secret=SECRET, say=print)
        with listen("127.0.0.1", 0) as listener, running(app, listener):
            pytest.fail("it started")

    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(CorpusError, match=re.escape("`pip install -e .[service]`")):
        serve()


def test_too_much_at_once_is_refused(ask, page, monkeypatch):
    monkeypatch.setattr(module, "MOST_TASKS", 2)
    asked = {"tasks": [{}] * 3, "label_config": page}
    reply = ask("POST", "/predict", json=asked)
    assert (reply.status_code, reply.json()["detail"].split(".")[0]) == (413, "More than 2 tasks")
    monkeypatch.setattr(module, "MOST_BYTES", 1_000)
    reply = ask("POST", "/predict", content=json.dumps(asked))
    assert reply.status_code == 413
    assert reply.json()["detail"].startswith("More than 1,000 bytes")
    # A webhook of any size is let through: nothing of it is kept.
    assert ask("POST", "/webhook", content=b"x" * 10_000).status_code == 200
