"""A task carries all that its labels need on their way back."""

from __future__ import annotations

import dataclasses

import pytest

from corpus.batches import BatchItem
from corpus.findings import CorpusError
from corpus.label_studio.holders_page import NOT_NAMED
from corpus.label_studio.tasks import missing_tasks, tasks_for


def test_task_shows_the_sentence_between_its_neighbours(make_corpus):
    corpus = make_corpus()
    tasks = tasks_for(corpus, "pilot", "anna")
    first, second, third, fourth = corpus.sentences.values()
    assert tasks[1] == {
        "data": {
            "sentence_id": "lake-talks.002",
            "text": second.text,
            "before": first.text,
            "after": third.text,
            "title": "Talks resume at the lake",
            "outlet": "Lakeside Courier",
            "date": "2031-05-06",
            "batch": "pilot",
            "annotator": "anna",
            "corpus": "ceasefire",
            "codebook": corpus.codebook.version,
            "digest": second.digest,
        }
    }
    assert (tasks[0]["data"]["before"], tasks[3]["data"]["after"]) == ("", "")
    assert tasks[3]["data"]["text"] == fourth.text


def test_annotator_gets_only_what_the_batch_asks_in_its_order(make_corpus):
    corpus = make_corpus()
    first, second, third, _ = corpus.sentences
    items = (
        BatchItem(third, ("anna",)),
        BatchItem(second, ("bo",)),
        BatchItem(first, ("anna", "bo")),
    )
    corpus = dataclasses.replace(corpus, batches={"b001": items})
    assert names(tasks_for(corpus, "b001", "anna")) == [third, first]
    assert names(tasks_for(corpus, "b001", "bo")) == [second, first]


def test_sentence_that_is_gone_is_named(make_corpus):
    corpus = make_corpus()
    items = (BatchItem("lake-talks.099", ("anna",)),)
    corpus = dataclasses.replace(corpus, batches={"b001": items})
    with pytest.raises(CorpusError, match=r"b001\.jsonl: E332 sentence 'lake-talks\.099'"):
        tasks_for(corpus, "b001", "anna")


def test_only_missing_tasks_are_sent(make_corpus):
    tasks = tasks_for(make_corpus(), "pilot", "anna")
    there = ["lake-talks.003", None, "lake-talks.001"]
    assert names(missing_tasks(tasks, there)) == ["lake-talks.002", "lake-talks.004"]


def names(tasks):
    return [task["data"]["sentence_id"] for task in tasks]


def test_a_second_pass_task_says_what_was_coded_and_shows_a_line_for_the_unnamed(second_pass):
    corpus = second_pass(("favor", "offer"), ("mixed", None))
    first, second, *_ = corpus.sentences.values()
    tasks = [task["data"] for task in tasks_for(corpus, "h1", "anna")]
    assert [(task["asks"], task["coded"]) for task in tasks] == [
        ("holders", "You coded: favor, offer"),
        ("holders", "You coded: mixed"),
    ]
    assert [task["shown"] for task in tasks] == [
        f"{first.text}\n{NOT_NAMED}",
        f"{second.text}\n{NOT_NAMED}",
    ]
    shared = tasks_for(corpus, "pilot", "anna")[0]["data"]
    assert shared | {"batch": "h1"} == {
        key: value for key, value in tasks[0].items() if key not in ("asks", "coded", "shown")
    }


def test_who_has_no_labels_any_more_is_told_to_skip(second_pass):
    corpus = dataclasses.replace(second_pass(("favor", "offer")), annotations={})
    [task] = tasks_for(corpus, "h1", "anna")
    assert task["data"]["coded"] == "You have no answer to this sentence any more. Skip it."
