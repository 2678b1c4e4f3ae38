"""What an adjudicator sees: disputes without names, nothing of their own, nothing locked."""

import dataclasses

import pytest

from corpus.adjudication import docket
from corpus.batches import BatchItem


@pytest.fixture
def disputed(forty, asked, vote):
    """Xi and yo differ on the stance of a.001 and on the topics of a.002, and agree on a.003."""
    names = ["a.001", "a.002", "a.003"]
    corpus = asked(forty, names, "xi", "yo")
    votes = [
        vote("xi", sentence_id=name, act="offer", topics=("talks",), note="R1, close")
        for name in names
    ] + [
        vote("yo", "against", sentence_id="a.001", act="refuse", topics=("talks",)),
        vote("yo", sentence_id="a.002", act="offer", topics=(), flags=("unsure",)),
        vote("yo", sentence_id="a.003", act="offer", topics=("talks",)),
    ]
    return dataclasses.replace(corpus, annotations={"b001": votes})


def test_votes_are_shown_without_names_and_with_the_rules_they_cite(disputed):
    first, second = docket(disputed, "zed").cases
    assert (first.sentence.id, first.layers) == ("a.001", ("stance",))
    assert (second.sentence.id, second.layers) == ("a.002", ("topics",))
    assert {line[3:] for line in first.votes} == {
        "favor, offer · talks · R1, close",
        "against, refuse · talks",
    }
    assert {line[:3] for line in first.votes} == {"A: ", "B: "}
    assert {line[3:] for line in second.votes} == {
        "favor, offer · talks · R1, close",
        "favor, offer · no topic · unsure",
    }
    assert first.rules == ("R1 Target first: A position on anything else is none.",)


def test_the_order_of_votes_is_random_over_sentences_and_the_same_again(forty, asked, vote):
    names = list(forty.sentences)
    corpus = asked(forty, names, "xi", "yo")
    votes = [vote("xi", sentence_id=name, act="offer", topics=()) for name in names]
    votes += [vote("yo", "against", sentence_id=name, act="refuse", topics=()) for name in names]
    corpus = dataclasses.replace(corpus, annotations={"b001": votes})
    cases = docket(corpus, "zed").cases
    first = [case.votes[0] for case in cases]
    assert 0 < sum("against" in line for line in first) < len(first)
    assert docket(corpus, "zed").cases == cases


def test_nobody_adjudicates_their_own_vote(disputed):
    found = docket(disputed, "yo")
    assert (found.cases, found.own) == ((), 2)


def test_a_decision_of_ones_own_stays_open_to_change_and_one_of_others_does_not(disputed, decision):
    decided = [decision("stance", "favor", "a.001"), decision("act", "offer", "a.001")]
    corpus = dataclasses.replace(disputed, adjudications=decided)
    mine = {case.sentence.id: case.is_open for case in docket(corpus, "adj-a").cases}
    assert mine == {"a.001": False, "a.002": True}
    assert [case.sentence.id for case in docket(corpus, "zed").cases] == ["a.002"]


def test_a_reliability_batch_is_locked_until_everybody_has_answered(disputed, vote):
    items = tuple(
        BatchItem(name, ("xi", "yo", "cy"), kind="reliability")
        for name in ("a.001", "a.002", "a.003")
    )
    corpus = dataclasses.replace(disputed, batches={"b001": items})
    found = docket(corpus, "zed")
    assert (found.cases, found.locked) == ((), 2)
    rest = [
        vote("cy", sentence_id="a.001", act="offer", topics=("talks",)),
        vote("cy", None, sentence_id="a.002", status="skipped"),
    ]
    votes = corpus.annotations["b001"] + rest
    nearly = dataclasses.replace(corpus, annotations={"b001": votes})
    assert docket(nearly, "zed").locked > 0
    votes = [*votes, vote("cy", sentence_id="a.003", act="offer", topics=("talks",))]
    finished = dataclasses.replace(corpus, annotations={"b001": votes})
    assert docket(finished, "zed").locked == 0
    # a.001 has a majority now; a.002 still has one vote for each topic set.
    assert [case.sentence.id for case in docket(finished, "zed").cases] == ["a.002"]


def test_a_reliability_batch_for_holders_locks_no_dispute(disputed):
    items = (BatchItem("a.001", ("xi", "yo"), kind="reliability", asks="holders"),)
    corpus = dataclasses.replace(disputed, batches={**disputed.batches, "h1": items})
    assert docket(corpus, "zed") == docket(disputed, "zed")


def test_topics_that_come_up_after_the_stance_was_decided_are_asked_too(disputed, decision, vote):
    votes = [
        *disputed.annotations["b001"],
        vote("yo", "against", sentence_id="a.001", act="refuse", topics=("aid",)),
    ]
    corpus = dataclasses.replace(disputed, annotations={"b001": votes})
    assert docket(corpus, "adj-a").cases[0].layers == ("stance",)
    decided = [decision("stance", "favor", "a.001"), decision("act", "offer", "a.001")]
    corpus = dataclasses.replace(corpus, adjudications=decided)
    assert docket(corpus, "adj-a").cases[0].layers == ("stance", "topics")
