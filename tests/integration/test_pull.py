"""Two ways to the same answers: pages of tasks, and the export snapshot where pages fail."""

from __future__ import annotations

import json
import urllib.request

import pytest

from corpus.annotations import read_annotations
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import client, sync
from corpus.label_studio.annotations import read_export
from corpus.label_studio.projects import find_project
from corpus.label_studio.pull import pull_tasks
from corpus.label_studio.results import choices
from tests.integration.states import sync_all, sync_through

pytestmark = pytest.mark.server
PAGES = "GET /api/tasks/.*expand=annotations"
EXPORTS = "[A-Z]+ /api/projects/[0-9]+/export"


@pytest.fixture
def answered(label_studio, days, small_requests):
    """A project with an answer, a changed one, a skipped task, a draft, a prediction."""
    path, connection = days().path, label_studio.connection
    [done] = sync_all(connection, path)
    tasks = list(label_studio.task_ids(done.project).values())
    chosen = [choices("stance", ["mixed"])]
    label_studio.answer(tasks[0], chosen, lead_time=2.5)
    changed = label_studio.answer(tasks[1], chosen)
    connection.sdk.annotations.update(changed.id, result=[choices("stance", ["favor"])])
    label_studio.answer(tasks[2], [], was_cancelled=True)
    label_studio.post(f"/api/tasks/{tasks[3]}/drafts", {"result": chosen, "lead_time": 4})
    connection.sdk.predictions.create(task=tasks[4], result=chosen, model_version="m")
    label_studio.answer(tasks[4], chosen)
    return read_corpus(path)


def project_of(label_studio, corpus):
    [plan] = sync.plans(corpus, corpus.batches)
    return find_project(label_studio.connection, plan)


def pull_through(proxy, label_studio, corpus, always):
    proxy.schedule({}, always)
    with client.connect(proxy.url, label_studio.running.credentials.token) as connection:
        return list(pull_tasks(connection, project_of(label_studio, corpus)))


@pytest.mark.parametrize("fault", ["404", "500", "drop", "cut", "less"])
def test_where_pages_fail_the_snapshot_says_the_same(proxy, label_studio, answered, fault):
    undisturbed = pull_through(proxy, label_studio, answered, {})
    assert pull_through(proxy, label_studio, answered, {PAGES: fault}) == undisturbed
    assert [len(task["annotations"]) for task in undisturbed] == [1, 1, 1, 0, 1]
    assert [len(task["drafts"]) for task in undisturbed] == [0, 0, 0, 1, 0]
    assert [len(task["predictions"]) for task in undisturbed] == [0, 0, 0, 0, 1]


def test_where_exports_fail_nothing_is_missed(proxy, label_studio, answered):
    proxy.schedule({}, {EXPORTS: "403"})
    [done] = sync_through(proxy, label_studio.running.credentials.token, answered.path)
    assert done.findings == ()
    stored = read_annotations(answered.path, "pilot")
    assert [(item.stance, item.status, item.prediction_shown) for item in stored] == [
        ("mixed", "done", False),
        ("favor", "done", False),
        (None, "skipped", False),
        ("mixed", "draft", False),
        ("mixed", "done", True),
    ]


@pytest.mark.parametrize(
    ("fault", "words"),
    [("500", "failed .reading the answers"), ("less", "5 tasks and 4 annotations, but 4 and 3")],
)
def test_where_both_fail_nothing_is_stored(proxy, label_studio, answered, fault, words):
    proxy.schedule({}, {PAGES: fault, EXPORTS: "500"})
    with pytest.raises(CorpusError, match=words):
        sync_through(proxy, label_studio.running.credentials.token, answered.path)
    assert read_annotations(answered.path, "pilot") == []


def test_export_of_the_web_page_and_pull_read_alike(label_studio, answered):
    project = project_of(label_studio, answered)
    request = urllib.request.Request(
        f"{label_studio.url}/api/projects/{project.id}/export?exportType=JSON"
        "&download_all_tasks=true",
        headers={"Authorization": f"Token {label_studio.running.credentials.token}"},
    )
    with urllib.request.urlopen(request) as reply:
        exported = read_export(json.load(reply), answered, "export.json")
    pulled = read_export(pull_tasks(label_studio.connection, project), answered, "export.json")
    assert exported == pulled
    assert exported.counts == {"done": 3, "skipped": 1, "draft": 1}
    assert exported.tasks == 5
