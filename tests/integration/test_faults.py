"""Whatever goes wrong on the way, running sync again ends where an undisturbed run does."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import client, projects, sync, transfer
from corpus.label_studio.results import choices
from tests.integration.faulty_proxy import FAULTS, faulty_proxy

pytestmark = pytest.mark.server

ANSWERED = 3


@pytest.fixture
def small_requests(monkeypatch):
    """Two tasks a request, so that five sentences need several."""
    monkeypatch.setattr(transfer, "CHUNK", 2)


@pytest.fixture(scope="module")
def proxy(label_studio):
    with faulty_proxy(label_studio.url) as proxy:
        yield proxy


@pytest.fixture
def corpus(make_corpus, codebook):
    text = "".join(f"The envoys met on day {number}.\n" for number in range(5))
    return make_corpus(codebook=codebook, annotators=("anna",), text=text)


def run(proxy, label_studio, path, faults):
    """One sync through the proxy; True when it came through."""
    proxy.schedule(faults)
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, corpus.batches)
    token, said = label_studio.running.credentials.token, ""
    try:
        with client.connect(proxy.url, token) as connection:
            sync.sync(connection, corpus, plan)
    except CorpusError as error:
        said = str(error)
    assert token not in said
    return not said


def answer_some(label_studio, corpus):
    """Anna answers the first few; the project must hold every sentence once."""
    [plan] = sync.plans(corpus, corpus.batches)
    project = projects.find_project(label_studio.connection, plan)
    tasks = transfer.read_tasks(label_studio.connection, project)
    assert Counter(task.sentence_id for task in tasks) == Counter(corpus.sentences.keys())
    for task in tasks[:ANSWERED]:
        label_studio.answer(task.id, [choices("stance", ["mixed"])])


def state(label_studio, path):
    """What both sides hold, without what the server numbers and stamps."""
    corpus = read_corpus(path)
    [plan] = sync.plans(corpus, corpus.batches)
    project = projects.find_project(label_studio.connection, plan)
    tasks = transfer.read_tasks(label_studio.connection, project)
    there = sorted((task.sentence_id, task.data["text"], task.is_labeled) for task in tasks)
    stored = corpus.annotations.get("pilot", [])
    return there, [(item.sentence_id, item.stance, item.status) for item in stored]


def expected(corpus):
    names = list(corpus.sentences)
    there = [(name, corpus.sentences[name].text, n < ANSWERED) for n, name in enumerate(names)]
    return there, [(name, "mixed", "done") for name in names[:ANSWERED]]


def test_requests_are_few_and_an_undisturbed_run_ends_as_expected(
    proxy, label_studio, corpus, small_requests
):
    assert run(proxy, label_studio, corpus.path, {})
    # Logging in; looking for the project, making it; counting; three imports; then the pull.
    assert 10 <= proxy.n_requests <= 20
    answer_some(label_studio, corpus)
    assert run(proxy, label_studio, corpus.path, {})
    assert state(label_studio, corpus.path) == expected(corpus)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_anywhere_changes_nothing_in_the_end(
    proxy, label_studio, corpus, small_requests, fault
):
    """The fault strikes the first request of one run, the second of the next, and so on."""
    came_through = 0
    for number in range(1, 16):
        came_through += run(proxy, label_studio, corpus.path, {number: fault})
        if number == 12:  # by then everything has arrived, whatever was struck
            assert run(proxy, label_studio, corpus.path, {})
            answer_some(label_studio, corpus)
    assert came_through < 15  # the faults did strike
    assert run(proxy, label_studio, corpus.path, {})
    assert state(label_studio, corpus.path) == expected(corpus)
    before = state(label_studio, corpus.path)
    assert run(proxy, label_studio, corpus.path, {})
    assert state(label_studio, corpus.path) == before


@pytest.mark.parametrize("fault", ["lose", "late"])  # what was asked is done, and nobody knows
def test_a_fault_at_every_place_of_the_first_push_doubles_nothing(
    proxy, label_studio, make_corpus, codebook, small_requests, fault
):
    """A new corpus for each place, because a push is only once the first."""
    for number in (4, 5, 6, 7, 8):
        corpus = make_corpus(
            codebook=codebook.replace('name = "', f'name = "place-{number}-', 1),
            annotators=("anna",),
            text="".join(f"The envoys met on day {day}.\n" for day in range(5)),
        )
        run(proxy, label_studio, corpus.path, {number: fault})
        assert run(proxy, label_studio, corpus.path, {})
        answer_some(label_studio, corpus)  # asserts that every sentence is there once
