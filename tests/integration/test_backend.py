"""`make backend` as a person runs it, asked by a real Label Studio server."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field

import httpx
import pytest

from corpus.batches import BatchItem, write_batch
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import sync
from corpus.label_studio.backend import basic_auth, webhook_auth
from corpus.label_studio.failures import failures_in_words
from corpus.label_studio.interface import interface
from corpus.label_studio.live_projects import BLOCKED, BLOCKED_ADVICE, connect_backend
from corpus.label_studio.results import choices

pytestmark = pytest.mark.server
SECRET = "the-secret-of-this-test-0123456789"


@dataclass
class Backend:
    """A running `serve_backend`; ``lines``: what it printed until it was ready."""

    process: object
    lines: list = field(default_factory=list)

    @property
    def url(self):
        return self.lines[0].split()[1].rstrip(",")

    def get(self, path, authorization=None):
        headers = {"authorization": authorization or basic_auth(SECRET)}
        return httpx.get(self.url + path, headers=headers, trust_env=False)

    def stop(self, sign=signal.SIGTERM):
        """Everything it printed and said, and its exit code."""
        self.process.send_signal(sign)
        out, said = self.process.communicate(timeout=30)
        return "".join(self.lines) + out.decode() + said.decode(), self.process.returncode


@pytest.fixture
def serve(start):
    """Run the script on a free port until it is ready, or until it has ended."""
    running = []

    def make(server, corpus, model, *arguments, **environment):
        process = start(
            "serve_backend",
            *("--corpus", corpus.path, "--model", model, "--port", 0),
            *("--data", server.running.data, *arguments),
            environment={"PARLEY_BACKEND_SECRET": SECRET, **environment},
        )
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        running.append((process, watchdog))
        backend = Backend(process)
        for line in process.stdout:
            backend.lines.append(line.decode())
            if line.startswith(b"Ready"):
                break
        return backend

    yield make
    for process, watchdog in running:
        watchdog.cancel()
        process.kill()
        process.wait()


@pytest.fixture
def connect_script(script, monkeypatch):
    """Run the script in this process, where it ends by itself."""
    monkeypatch.setenv("PARLEY_BACKEND_SECRET", SECRET)

    def make(server, corpus, model, batch):
        places = ("--corpus", corpus.path, "--model", model, "--data", server.running.data)
        return script("serve_backend", *places, "--port", 0, "--connect", batch)

    before = signal.getsignal(signal.SIGTERM)
    yield make
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def prepared(label_studio_with_backends, make_corpus, make_model, codebook):
    """A corpus with a batch that shows predictions but for its last item, and one that is blind."""
    path = make_corpus(codebook=codebook).path
    names = list(read_corpus(path).sentences)
    shown = [BatchItem(name, ("anna",), show_predictions=name != names[3]) for name in names]
    write_batch(path, "shown", shown)
    write_batch(path, "blind", [BatchItem(name, ("anna",), kind="reliability") for name in names])
    corpus = read_corpus(path)
    project, blind = (
        sync.push(label_studio_with_backends.connection, corpus, plan).project
        for plan in sync.plans(corpus, ["shown", "blind"])
    )
    learned = {
        names[0]: ("no_stance", {"negotiation_process"}),
        names[1]: ("against", {"agreement_terms", "negotiation_process"}),
        names[2]: ("favor", {"proposals_mediation"}),
        names[3]: ("no_stance", {"humanitarian_aid"}),
    }
    return corpus, project, blind, make_model(corpus, learned)


def next_task(server, project):
    """The task that the page would open."""
    reply = httpx.get(
        f"{server.url}/api/projects/{project.id}/next",
        headers={"Authorization": f"Token {server.running.credentials.token}"},
        timeout=60,
        trust_env=False,
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


def chosen(result):
    return {item["from_name"]: item["value"]["choices"] for item in result}


def tasks_with_predictions(server, project):
    """Sentence ids in the order of the tasks."""
    found = {item.task for item in server.connection.sdk.predictions.list(project=project.id)}
    return [name for name, task in server.task_ids(project).items() if task in found]


def connect_by_hand(server, project, url, secret=SECRET):
    """As the form in the web page does."""
    with failures_in_words(server.url, "connecting", "legacy token"):
        server.connection.sdk.ml.create(
            url=url,
            project=project.id,
            title="by hand",
            auth_method="BASIC_AUTH",
            basic_auth_user="parley",
            basic_auth_pass=secret,
        )


def test_the_task_that_is_opened_shows_the_live_prediction(
    label_studio_with_backends, prepared, serve, connect_script
):
    server = label_studio_with_backends
    corpus, project, _, model = prepared
    backend = serve(server, corpus, model, "--connect", "shown")
    assert "".join(backend.lines[-2:]) == (
        "  shown · anna: connected\nReady: 1 batch may show predictions (shown).\n"
    )
    opened = next_task(server, project)
    [prediction] = opened["predictions"]
    assert chosen(prediction["result"]) == {
        "stance": ["no_stance"],
        "topics": ["negotiation_process"],
    }
    stance, topics = prediction["result"]
    assert stance["score"] == stance["meta"]["scores"]["no_stance"] > 0.9
    assert list(stance["meta"]["scores"]) == ["favor", "against", "no_stance"]  # the trained ones
    assert topics["score"] == topics["meta"]["scores"]["negotiation_process"] > 0.9
    assert prediction["score"] == pytest.approx(stance["score"], abs=1e-4)
    assert prediction["model_version"] == backend.get("/versions").json()["versions"][0]

    before = backend.get("/health").json()["n_webhooks"]
    server.answer(opened["id"], [choices("stance", ["mixed"])])
    assert backend.get("/health").json()["n_webhooks"] == before + 1
    assert len(next_task(server, project)["predictions"]) == 1
    # Nothing was asked for the others, and the last one may show none.
    assert tasks_with_predictions(server, project) == list(corpus.sentences)[:2]
    [plan] = sync.plans(corpus, ["shown"])
    sync.sync(server.connection, corpus, plan)
    [stored] = read_corpus(corpus.path).annotations["shown"]
    assert (stored.stance, stored.prediction_shown) == ("mixed", True)

    server.connection.sdk.ml.train(server.connection.sdk.ml.list(project=project.id)[0].id)
    said, code = backend.stop()
    assert code == 0
    assert said.endswith(
        "Ctrl-C stops the backend.\nLabel Studio asks for training. Nothing is trained here: "
        "`make train`.\nThe backend is stopped.\n"
    )
    assert server.running.credentials.token not in said
    assert SECRET not in said


def test_what_is_blind_stays_blind_whatever_is_asked(
    label_studio_with_backends, prepared, serve, connect_script
):
    server = label_studio_with_backends
    corpus, project, blind, model = prepared
    *_, last = server.task_ids(project).values()
    labelled = server.task_ids(project)[next(iter(corpus.sentences))]
    server.answer(labelled, [choices("stance", ["mixed"])])  # before there was a model
    backend = serve(server, corpus, model)
    connect_backend(server.connection, project, backend.url, SECRET)
    connect_by_hand(server, blind, backend.url)
    for asked in (project, blind):
        server.connection.sdk.actions.create(
            project=asked.id,
            id="retrieve_tasks_predictions",
            selected_items={"all": True, "excluded": []},
        )
    assert tasks_with_predictions(server, project) == list(corpus.sentences)[1:3]
    assert next_task(server, blind)["predictions"] == []
    assert tasks_with_predictions(server, blind) == []
    first, *_ = server.task_ids(blind).values()
    for task in (first, last):
        server.answer(task, [choices("stance", ["mixed"])])
    for plan in sync.plans(corpus, ["shown", "blind"]):
        sync.sync(server.connection, corpus, plan)
    stored = read_corpus(corpus.path).annotations
    assert [item.prediction_shown for item in stored["shown"] + stored["blind"]] == [False] * 3

    refused = connect_script(server, corpus, model, "blind")
    assert refused.code == 1
    assert "batch blind shows no predictions: that is frozen with it" in refused.said


def test_label_studio_says_that_the_password_is_wrong(label_studio_with_backends, prepared, serve):
    server = label_studio_with_backends
    corpus, project, _, model = prepared
    backend = serve(server, corpus, model)
    with pytest.raises(CorpusError, match="authentication parameters were either not provided"):
        connect_by_hand(server, project, backend.url, secret="wrong-" + SECRET)
    assert list(server.connection.sdk.ml.list(project=project.id)) == []


def test_a_project_whose_page_is_not_the_codebooks_is_refused(
    label_studio_with_backends, prepared, serve, connect_script
):
    server = label_studio_with_backends
    corpus, project, _, model = prepared
    page = interface(corpus.codebook).replace('<Choice value="other"', '<Choice value="weather"')
    server.connection.sdk.projects.update(project.id, label_config=page)
    what = "E353 topics lacks other and has weather, which codebook"
    backend = serve(server, corpus, model)
    with pytest.raises(CorpusError, match="409 Client Error: Conflict for url") as refused:
        connect_by_hand(server, project, backend.url)

    said, _ = backend.stop(signal.SIGINT)
    assert f"project {project.id}: {what}" in said
    assert server.running.credentials.token not in said
    refused = connect_script(server, corpus, model, "shown")
    assert (refused.code, refused.out) == (1, "")
    assert f"shown · anna: {what}" in refused.said
    assert list(server.connection.sdk.ml.list(project=project.id)) == []


def test_connecting_again_leaves_one_backend_and_one_webhook(
    label_studio_with_backends, prepared, serve
):
    server = label_studio_with_backends
    corpus, project, _, model = prepared
    other = "another-secret-0123456789"
    first = serve(server, corpus, model)
    second = serve(server, corpus, model, PARLEY_BACKEND_SECRET=other)
    assert connect_backend(server.connection, project, first.url, SECRET) == "connected"
    connect_by_hand(server, project, first.url)
    assert connect_backend(server.connection, project, first.url, SECRET) == "connected again"
    first.stop()
    assert connect_backend(server.connection, project, second.url, other) == "connected again"

    [found] = server.connection.sdk.ml.list(project=project.id)
    assert (found.url, found.title, found.readable_state) == (second.url, "Parley", "Connected")
    [hook] = server.connection.sdk.webhooks.list(project=str(project.id))
    assert (hook.url, hook.send_payload) == (f"{second.url}/webhook", False)
    assert hook.headers == {"Authorization": webhook_auth(other)}
    assert len(next_task(server, project)["predictions"]) == 1


def test_a_project_that_asks_another_backend_is_left_alone(
    label_studio_with_backends, prepared, serve
):
    server = label_studio_with_backends
    corpus, project, _, model = prepared
    backend = serve(server, corpus, model)
    connect_by_hand(server, project, backend.url)
    elsewhere = backend.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(CorpusError, match="has another backend, 'by hand' at "):
        connect_backend(server.connection, project, elsewhere, SECRET)
    [found] = server.connection.sdk.ml.list(project=project.id)
    assert found.title == "by hand"


def test_a_server_that_blocks_its_own_machine_is_said_with_the_way_out(
    label_studio, make_corpus, make_model, codebook, connect_script
):
    path = make_corpus(codebook=codebook).path
    names = list(read_corpus(path).sentences)
    write_batch(
        path, "shown", [BatchItem(name, ("anna",), show_predictions=True) for name in names]
    )
    corpus = read_corpus(path)
    model = make_model(corpus, {names[0]: ("favor", set()), names[1]: ("against", {"other"})})
    missing = connect_script(label_studio, corpus, model, "shown")
    assert (missing.code, missing.out) == (1, "")
    assert "First: make sync CORPUS=" in missing.said
    [plan] = sync.plans(corpus, ["shown"])
    project = sync.push(label_studio.connection, corpus, plan).project
    blocked = connect_script(label_studio, corpus, model, "shown")
    assert blocked.code == 1
    assert f"{label_studio.url}: {BLOCKED} {BLOCKED_ADVICE}" in blocked.said
    assert list(label_studio.connection.sdk.ml.list(project=project.id)) == []
