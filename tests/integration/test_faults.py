"""Whatever goes wrong on the way, running sync again ends where an undisturbed run does."""

from __future__ import annotations

import itertools

import pytest

from corpus.findings import CorpusError
from corpus.label_studio import sending
from tests.integration import faulty_proxy
from tests.integration.conftest import ANSWERED
from tests.integration.faulty_proxy import FAULTS
from tests.integration.states import answer_first, state_of, sync_through

pytestmark = pytest.mark.server


@pytest.fixture
def run(proxy, label_studio, small_requests):
    """One sync through the proxy; True when it came through."""

    def make(path, faults, always=None):
        proxy.schedule(faults, always)
        token, said = label_studio.running.credentials.token, ""
        try:
            sync_through(proxy, token, path)
        except CorpusError as error:
            said = str(error)
        assert token not in said
        return not said

    return make


@pytest.mark.parametrize("first", [0, 3])
def test_one_fault_anywhere_changes_nothing_in_the_end(
    run, proxy, label_studio, days, undisturbed, first
):
    """A fault strikes the first request of one run, another the second of the next, and so on."""
    path, connection = days().path, label_studio.connection
    faults = itertools.islice(itertools.cycle(FAULTS), first, None)
    came_through = 0
    for number, fault in zip(range(1, 17), faults, strict=False):
        came_through += run(path, {number: fault})
        if number == 13:  # by then everything has arrived, whatever was struck
            assert run(path, {})
            assert 10 <= proxy.n_requests <= 16
            answer_first(connection, path, ANSWERED)
    assert came_through < 16  # the faults did strike
    assert run(path, {})
    assert state_of(connection, path) == undisturbed
    assert run(path, {})
    assert state_of(connection, path) == undisturbed


# What was asked is done, and nobody knows.
@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        ("POST /api/projects/$", "lose"),
        ("POST .*/import", "lose"),
        ("POST .*/import", "late"),
        ("POST .*/import", "early"),
    ],
)
def test_a_fault_in_the_first_push_doubles_nothing(
    run, label_studio, days, undisturbed, request_, fault
):
    path, connection = days().path, label_studio.connection
    run(path, {request_: fault})
    assert run(path, {})
    answer_first(connection, path, ANSWERED)
    assert run(path, {})
    assert state_of(connection, path) == undisturbed


def test_an_import_that_goes_on_after_a_lost_reply_is_waited_for(
    run, label_studio, days, monkeypatch
):
    """The gateway answers at once, the server begins only later: nothing is sent a second time."""
    monkeypatch.setattr(faulty_proxy, "EARLY_SECONDS", 0.8)
    monkeypatch.setattr(sending, "SETTLE_SECONDS", 20.0)
    path = days().path
    assert run(path, {"POST .*/import": "early"})
    [tasks] = state_of(label_studio.connection, path).projects.values()
    assert len(tasks) == len(set(tasks)) == 5


def test_a_project_that_is_made_after_a_lost_reply_is_not_made_twice(
    run, label_studio, days, monkeypatch
):
    monkeypatch.setattr(sending, "SETTLE_SECONDS", 20.0)
    path = days().path
    assert run(path, {"POST /api/projects/$": "early"})
    assert len(state_of(label_studio.connection, path).projects) == 1
