"""A model's answers as pre-annotations on a real server: one a task, replaced and not stacked."""

from __future__ import annotations

import dataclasses

import pytest

from corpus.batches import BatchItem, write_batch
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import projects, sync
from corpus.label_studio.predictions import Proposal, Shown, show_predictions
from corpus.label_studio.results import choices

pytestmark = pytest.mark.server


@pytest.fixture
def prepared(label_studio, make_corpus, codebook):
    """A batch of four: three may show predictions, the last may not. Its project, and a pusher."""
    path = make_corpus(codebook=codebook).path
    items = [
        BatchItem(name, ("anna",), show_predictions=number < 3)
        for number, name in enumerate(read_corpus(path).sentences)
    ]
    write_batch(path, "shown", items)
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, ["shown"])
    project = sync.push(label_studio.connection, corpus, plan).project

    def push(proposals, version):
        return show_predictions(label_studio.connection, corpus, plan, proposals, version)

    return corpus, plan, project, push


def predictions(label_studio, project):
    return {
        (item.task, item.model_version, item.score, item.result[0]["value"]["choices"][0])
        for item in label_studio.connection.sdk.predictions.list(project=project.id)
    }


def test_open_tasks_get_one_prediction_and_a_newer_model_replaces_it(label_studio, prepared):
    corpus, _, project, push = prepared
    first, second, third, fourth = corpus.sentences
    tasks = label_studio.task_ids(project)
    old = {name: Proposal("favor", ("other",), 0.75) for name in (first, second, fourth)}
    # The third has no proposal (the model abstained), the fourth may show none.
    assert push(old, "v1") == Shown(2, 0, 0, 0, 1, 1)
    assert push(old, "v1") == Shown(0, 0, 2, 0, 1, 1)

    label_studio.answer(tasks[first], [choices("stance", ["mixed"])])
    new = {name: Proposal("against", (), 0.5) for name in (first, second, third)}
    assert push(new, "v2") == Shown(1, 1, 0, 1, 1, 0)
    assert predictions(label_studio, project) == {
        (tasks[first], "v1", 0.75, "favor"),  # labelled: what was shown stays true
        (tasks[second], "v2", 0.5, "against"),
        (tasks[third], "v2", 0.5, "against"),
    }
    assert push({}, "v3") == Shown(0, 0, 0, 1, 1, 2)
    assert {version for _, version, _, _ in predictions(label_studio, project)} == {"v1"}


def test_the_annotation_says_that_a_prediction_was_shown(label_studio, prepared):
    corpus, plan, project, push = prepared
    first, _, _, fourth = corpus.sentences
    tasks = label_studio.task_ids(project)
    push({name: Proposal("favor", (), 0.75) for name in corpus.sentences}, "v1")
    for name in (first, fourth):
        label_studio.answer(tasks[name], [choices("stance", ["mixed"])])
    sync.sync(label_studio.connection, corpus, plan)
    stored = read_corpus(corpus.path).annotations["shown"]
    assert {item.sentence_id: item.prediction_shown for item in stored} == {
        first: True,
        fourth: False,
    }


def test_labels_that_the_server_would_accept_in_silence_are_refused_here(label_studio, prepared):
    corpus, _, project, push = prepared
    first = next(iter(corpus.sentences))
    with pytest.raises(CorpusError, match="E328 stance 'pro'"):
        push({first: Proposal("pro", (), 0.9)}, "v1")
    with pytest.raises(CorpusError, match="'weather' is not in codebook"):
        push({first: Proposal("favor", ("weather",), 0.9)}, "v1")
    assert predictions(label_studio, project) == set()


def test_a_prediction_pushed_by_hand_twice_is_replaced_by_one(label_studio, prepared):
    corpus, _, project, push = prepared
    first = next(iter(corpus.sentences))
    task = label_studio.task_ids(project)[first]
    mine = {"task": task, "result": [choices("stance", ["mixed"])], "model_version": "v1"}
    label_studio.connection.sdk.projects.import_predictions(id=project.id, request=[mine, mine])
    assert push({first: Proposal("mixed", (), 0.9)}, "v1").replaced == 1
    assert predictions(label_studio, project) == {(task, "v1", 0.9, "mixed")}


def test_without_its_project_the_next_step_is_sync(label_studio, prepared):
    corpus, plan, _, _ = prepared
    elsewhere = dataclasses.replace(plan, annotator="nobody")
    with pytest.raises(CorpusError, match="First: make sync"):
        show_predictions(label_studio.connection, corpus, elsewhere, {}, "v1")
    assert projects.find_project(label_studio.connection, elsewhere) is None
