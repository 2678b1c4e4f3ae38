"""What tests of faults share: small requests, no long waits, a proxy, and a run without faults."""

from __future__ import annotations

import pytest

from corpus.label_studio import sending, transfer
from tests.integration.faulty_proxy import faulty_proxy
from tests.integration.states import answer_first, state_of, sync_all
from tests.label_studio_fixtures import ROOT, write_corpus

DAYS = "".join(f"The envoys met on day {number}.\n" for number in range(5))
ANSWERED = 3


@pytest.fixture
def small_requests(monkeypatch):
    """Two tasks a request, so that five sentences need several; and not half a minute for each."""
    monkeypatch.setattr(transfer, "CHUNK", 2)
    monkeypatch.setattr(transfer, "PAGE", 2)
    monkeypatch.setattr(sending, "SETTLE_SECONDS", 1.0)
    monkeypatch.setattr(sending, "POLL_SECONDS", 0.05)


@pytest.fixture(scope="session")
def proxy(label_studio):
    with faulty_proxy(label_studio.url) as proxy:
        yield proxy


@pytest.fixture
def named(codebook):
    """The codebook under another name: a corpus with projects of its own."""

    def make(name):
        return codebook.replace('name = "', f'name = "{name}-', 1)

    return make


@pytest.fixture
def days(make_corpus, codebook):
    """A corpus of five sentences for one annotator."""

    def make(book=codebook):
        return make_corpus(codebook=book, annotators=("anna",), text=DAYS)

    return make


@pytest.fixture(scope="session")
def undisturbed(label_studio, tmp_path_factory):
    """The state of such a corpus after a sync, answers to the first sentences, and a sync."""
    book = (ROOT / "seeds" / "codebook.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("undisturbed") / "corpus"
    book = book.replace('name = "ceasefire"', 'name = "undisturbed"', 1)
    write_corpus(path, codebook=book, annotators=("anna",), text=DAYS)
    sync_all(label_studio.connection, path)
    answer_first(label_studio.connection, path, ANSWERED)
    sync_all(label_studio.connection, path)
    return state_of(label_studio.connection, path)
