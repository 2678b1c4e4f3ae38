"""What a live backend may answer: only today's page, only tasks that may show a prediction."""

from __future__ import annotations

import dataclasses
import json

import pytest

from corpus.batches import BatchItem, write_batch
from corpus.codebook import parse_codebook
from corpus.findings import Finding
from corpus.folder import read_corpus
from corpus.label_studio.interface import adjudication_interface, interface
from corpus.label_studio.live import TODAYS, LiveModel, answers, may_show, page_findings
from corpus.label_studio.predictions import Proposal
from corpus.label_studio.tasks import tasks_for


@pytest.fixture
def book(small_codebook):
    return parse_codebook(small_codebook, "codebook.toml")


def test_todays_page_is_accepted_however_it_looks(book):
    page = interface(book)
    plain = page.replace('className="parley"', 'className="ours"').replace("Wants", "Longs for")
    assert plain != page
    assert page_findings(page, book, "p") == page_findings(plain.strip(), book, "p") == []


@pytest.mark.parametrize("page", [None, 7, "", "<View", "\ud800", "<View>" * 3])
def test_a_page_that_is_none_is_named(book, page):
    [finding] = page_findings(page, book, "project 7")
    assert (finding.place, finding.code) == ("project 7", "E350")


def test_every_difference_of_the_controls_is_named(book):
    page = interface(book)
    page = page.replace('name="note"', 'name="remark"')
    page = page.replace('<Choice value="pro"', '<Choice value="favor"')
    page = page.replace('choice="single"', 'choice="multiple"')
    assert page_findings(page, book, "project 7") == [
        Finding(
            "project 7",
            "E351",
            "its labelling page lacks note and has remark, which codebook tram 1 does not know. "
            + TODAYS,
        ),
        Finding(
            "project 7",
            "E352",
            "stance is <Choices> (multiple) on sentence, expected <Choices> (single) on sentence. "
            + TODAYS,
        ),
        Finding(
            "project 7",
            "E353",
            f"stance lacks pro and has favor, which codebook tram 1 does not know. {TODAYS}",
        ),
    ]


def test_an_adjudicators_page_is_refused(make_corpus):
    book = make_corpus().codebook
    [finding] = page_findings(adjudication_interface(book), book, "p")
    assert finding.code == "E351"
    assert "lacks flags and has rule" in finding.message


@pytest.fixture
def corpus(make_corpus):
    """Four sentences: three may show a prediction, the last may not; a blind batch of all."""
    path = make_corpus().path
    names = list(read_corpus(path).sentences)
    items = [BatchItem(name, ("anna",), show_predictions=name != names[3]) for name in names]
    write_batch(path, "shown", items)
    return read_corpus(path)


FAVOR = Proposal("favor", ("other",), 0.75)
PREDICTION = {"result": FAVOR.result(), "score": 0.75, "model_version": "v1"}
ALL_FAVOR = LiveModel("v1", lambda sentences: {item.id: FAVOR for item in sentences})


def asked(corpus, tasks, model=ALL_FAVOR):
    return answers(tasks, corpus, may_show(corpus), model)


def test_each_task_has_its_answer_in_order_and_a_blind_item_none(corpus):
    tasks = tasks_for(corpus, "shown", "anna")
    known = {
        name: dataclasses.replace(FAVOR, score=score)
        for name, score in zip(corpus.sentences, (0.1, 0.2, 0.3, 0.4), strict=True)
    }
    model = LiveModel("v1", lambda sentences: {s.id: known[s.id] for s in sentences})
    found = asked(corpus, [*reversed(tasks), tasks[0]], model)
    assert found[0] == []
    assert [prediction["score"] for prediction in found[1:]] == [0.3, 0.2, 0.1, 0.1]
    assert found[1] == {"result": FAVOR.result(), "score": 0.3, "model_version": "v1"}


def test_where_the_model_abstains_nothing_is_shown(corpus):
    first, second, *_ = tasks_for(corpus, "shown", "anna")
    only = second["data"]["sentence_id"]
    model = LiveModel("v1", lambda _sentences: {only: FAVOR})
    assert asked(corpus, [first, second], model) == [[], PREDICTION]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Another text."},
        {"text": None},
        {"corpus": "tram"},
        {"batch": "pilot"},
        {"batch": ["shown"]},
        {"annotator": "bo"},
        {"annotator": {}},
        {"sentence_id": "lake-talks.999"},
        {"sentence_id": 1},
    ],
    ids=json.dumps,
)
def test_a_task_that_is_not_as_the_batch_says_is_blind(corpus, change):
    task, other, *_ = tasks_for(corpus, "shown", "anna")
    assert asked(corpus, [{"data": task["data"] | change}, other]) == [[], PREDICTION]


@pytest.mark.parametrize("key", ["is_labeled", "total_annotations", "cancelled_annotations"])
def test_a_task_that_is_answered_keeps_what_was_shown(corpus, key):
    task, *_ = tasks_for(corpus, "shown", "anna")
    assert asked(corpus, [task | {key: 1}, task | {key: 0}]) == [[], PREDICTION]


@pytest.mark.parametrize("task", [None, [], "task", {}, {"data": None}, {"data": []}], ids=str)
def test_what_is_no_task_is_answered_with_nothing(corpus, task):
    assert asked(corpus, [task]) == [[]]
