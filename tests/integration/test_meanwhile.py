"""What people do while a sync is under way: the next one ends where an undisturbed one does."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest

from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import projects, sync
from corpus.label_studio.results import choices
from corpus.label_studio.transfer import read_tasks
from tests.integration.conftest import ANSWERED
from tests.integration.faulty_proxy import Strike
from tests.integration.states import answer_first, state_of, sync_all, sync_through
from tests.integration.test_connection import sdk_warns

pytestmark = pytest.mark.server
SECOND_PAGE = 'GET /api/tasks/.*"value": [1-9]'  # it begins after a task


@pytest.fixture(scope="module")
def bo(label_studio):
    """Another user of the server, signed up in its web page: a client with that user's session."""
    token = label_studio.running.credentials.token
    with httpx.Client(base_url=label_studio.url, trust_env=False) as page:
        invite = page.get("/api/invite", headers={"Authorization": f"Token {token}"}).json()
        link = invite["invite_url"]
        page.get(link)
        form = {
            "email": "bo@example.com",
            "password": "a-test-password",
            "csrfmiddlewaretoken": page.cookies["csrftoken"],
        }
        assert page.post(link, data=form, headers={"Referer": label_studio.url}).is_redirect
        page.headers["X-CSRFToken"] = page.cookies["csrftoken"]
        page.headers["Referer"] = label_studio.url
        yield page


def token_of(bo):
    return bo.get("/api/current-user/token").json()["token"]


def project_of(connection, path):
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, corpus.batches)
    return projects.find_project(connection, plan)


def complete(connection, path):
    """What an undisturbed run does after its first sync."""
    sync_all(connection, path)
    answer_first(connection, path, ANSWERED)
    sync_all(connection, path)
    return state_of(connection, path)


def test_token_revoked_midway(proxy, label_studio, bo, days, undisturbed, small_requests):
    path, token = days().path, token_of(bo)
    revoke = Strike("before", lambda: bo.post("/api/current-user/reset-token"))
    proxy.schedule({"POST .*/import": revoke})
    with pytest.raises(CorpusError, match="refused the legacy token"):
        sync_through(proxy, token, path)
    assert token_of(bo) != token
    sync_through(proxy, token_of(bo), path)
    assert complete(label_studio.connection, path) == undisturbed


@sdk_warns
def test_personal_token_taken_back_midway(
    proxy, label_studio, bo, days, undisturbed, small_requests
):
    path, token = days().path, bo.post("/api/token/").json()["token"]
    taken_back = []

    def take_back():
        taken_back.append(bo.post("/api/token/blacklist/", json={"refresh": token}).status_code)

    proxy.schedule({"POST .*/import": Strike("before", take_back)})
    sync_through(proxy, token, path)  # what it was exchanged for lives five minutes
    assert taken_back == [204]
    with pytest.raises(CorpusError, match="refused the personal access token"):
        sync_through(proxy, token, path)
    assert complete(label_studio.connection, path) == undisturbed


def test_project_deleted_while_it_is_read(proxy, label_studio, days, undisturbed, small_requests):
    path, connection = days().path, label_studio.connection
    token = label_studio.running.credentials.token
    complete(connection, path)
    gone = project_of(connection, path)
    delete = Strike("before", lambda: connection.sdk.projects.delete(id=gone.id))
    proxy.schedule({SECOND_PAGE: delete})
    with pytest.raises(CorpusError, match="Was the project deleted meanwhile"):
        sync_through(proxy, token, path)
    assert state_of(connection, path).lines == undisturbed.lines
    sync_all(connection, path)
    answer_first(connection, path, ANSWERED)
    sync_all(connection, path)
    assert state_of(connection, path) == undisturbed


@pytest.mark.parametrize("request_", [SECOND_PAGE, "POST .*/import", "GET .*expand=annotations"])
def test_tasks_deleted_edited_and_added_meanwhile(
    proxy, label_studio, days, undisturbed, small_requests, request_
):
    path, connection = days().path, label_studio.connection
    token = label_studio.running.credentials.token
    sync_all(connection, path)
    project, added = project_of(connection, path), []
    first, second, *_, last = read_tasks(connection, project)
    connection.sdk.tasks.delete(id=last.id)  # so that there is something to send

    def meddle():
        connection.sdk.tasks.delete(id=first.id)
        connection.sdk.tasks.update(id=second.id, data={**second.data, "text": "Edited."})
        data = {**second.data, "sentence_id": "of-nobody.001"}
        added.append(connection.sdk.tasks.create(project=project.id, data=data).id)

    proxy.schedule({request_: Strike("before", meddle)})
    with suppress(CorpusError):
        sync_through(proxy, token, path)
    assert added
    [done] = sync_all(connection, path)
    assert [finding.code for finding in done.findings] == ["W345", "E323"]
    connection.sdk.tasks.delete(id=added[0])  # as the finding says
    assert complete(connection, path) == undisturbed


def test_odd_texts_come_back_as_they_were(proxy, label_studio, make_corpus, named, small_requests):
    """Lines ending with CRLF, HTML, a sentence of 100 kB; with a fault and without."""
    text = (
        "First line.\r\n<b>Bold</b> &amp; <script>alert(1)</script> “so”.\r\n"
        + "A long sentence of talks " * 4000
        + "ended.\r\nNUL-free, RTL: \u202bسلام\u202c and 🕊.\n"
    )
    note = "R5\r\nsecond line <br> &lt;"
    token, connection = label_studio.running.credentials.token, label_studio.connection
    states = []
    for name, fault in {"plain": {}, "struck": {"POST .*/import": "lose"}}.items():
        corpus = make_corpus(codebook=named(name), annotators=("anna",), text=text)
        texts = {name: sentence.text for name, sentence in corpus.sentences.items()}
        assert max(map(len, texts.values())) > 100_000
        proxy.schedule(fault)
        sync_through(proxy, token, corpus.path)
        tasks = read_tasks(connection, project_of(connection, corpus.path))
        assert {task.sentence_id: task.data["text"] for task in tasks} == texts
        value = {"from_name": "note", "to_name": "sentence", "type": "textarea"}
        for task in tasks:
            result = [choices("stance", ["mixed"]), {**value, "value": {"text": [note]}}]
            label_studio.answer(task.id, result)
        [done] = sync_all(connection, corpus.path)
        assert (done.stored.new, done.findings) == (len(texts), ())
        assert {item.note for item in read_corpus(corpus.path).annotations["pilot"]} == {note}
        states.append(state_of(connection, corpus.path))
    assert states[0] == states[1]


def test_drafts_of_another_user_are_read(label_studio, bo, days, small_requests):
    """In both ways of reading; ``test_pull`` compares them."""
    path, connection = days().path, label_studio.connection
    sync_all(connection, path)
    task, *_ = read_tasks(connection, project_of(connection, path))
    body = {"result": [choices("stance", ["mixed"])], "lead_time": 2}
    assert bo.post(f"/api/tasks/{task.id}/drafts", json=body).status_code == 201
    [done] = sync_all(connection, path)
    assert (done.stored.new, done.stored.drafts) == (1, 1)


def test_two_syncs_at_once(proxy, label_studio, days, undisturbed, small_requests, start, finish):
    """The second is told to wait; the first ends as if alone."""
    path, connection = days().path, label_studio.connection
    environment = {
        "LABEL_STUDIO_URL": proxy.url,
        "LABEL_STUDIO_API_KEY": label_studio.running.credentials.token,
    }
    seconds = []

    def sync_once_more():
        second = start("sync_label_studio", "--corpus", path, environment=environment)
        seconds.append(finish(second))

    proxy.schedule({"POST .*/import": Strike("before", sync_once_more)})
    first = finish(start("sync_label_studio", "--corpus", path, environment=environment))
    [second] = seconds
    assert (first.code, second.code) == (0, 1)
    assert "another command is syncing this corpus right now" in second.said
    assert complete(connection, path) == undisturbed
