"""A topic has its own threshold as far as its examples carry it."""

import numpy as np
import pytest

from model.answers import GoldCodes
from model.out_of_fold import OutOfFold
from model.topic_thresholds import nested_topics, topic_thresholds, tune


def held_out(*topics, folds=None, is_asked=True):
    """Each topic: rows of (probability, has it); one article a sentence."""
    scores, has_it = (
        np.array(part).T for part in zip(*(zip(*t, strict=True) for t in topics), strict=True)
    )
    n = len(scores)
    gold = GoldCodes(np.zeros(n, dtype=np.int64), has_it.astype(bool), np.full(n, is_asked))
    found = OutOfFold.empty(gold, [f"a{k}" for k in range(n)], n_stance=2)
    found.folds[:] = 0 if folds is None else folds
    found.topics[:] = scores
    return found


def everything(found):
    return np.ones(len(found.folds), dtype=bool)


# What separates the two is above 0.20 and up to 0.40: 0.21 to 0.40, middle 0.31 of twenty.
LOW = [(0.4, True)] * 30 + [(0.2, False)] * 30
# Above 0.60 and up to 0.80, middle 0.71.
HIGH = [(0.8, True)] * 30 + [(0.6, False)] * 30


def test_one_topic_has_the_threshold_of_the_best_f1():
    found = held_out(LOW)
    thresholds, common = tune(found, everything(found))
    assert (thresholds.tolist(), common) == ([0.31], 0.31)


def test_a_topic_goes_from_the_common_threshold_toward_its_own_by_its_examples():
    found = held_out(LOW, HIGH)
    # Below 0.2 both have F1 2 * 30 / (30 + 60) = 2/3. Up to 0.4 LOW has 1 and HIGH 2/3: 5/6; up to
    # 0.6 LOW has 0. From 0.61 to 0.8 HIGH has 1 and LOW 0: 1/2. So the common one is 0.31.
    # 30 of 30 + 300 parts of its own: 0.31 + (0.71 - 0.31) / 11.
    thresholds, common = tune(found, everything(found))
    assert common == 0.31
    assert thresholds.tolist() == [0.31, pytest.approx(0.31 + 0.4 / 11, abs=1e-4)]


def test_a_topic_under_thirty_examples_has_the_common_threshold_and_is_named():
    rare = [(0.9, True)] * 29 + [(0.1, False)] * 31
    found = topic_thresholds(held_out(LOW, rare), ["aid", "talks"])
    assert found.by_topic == {"aid": 0.31, "talks": 0.31}
    assert found.few == {"talks": 29}
    assert found.describe() == [
        "topic thresholds: 0.31 to 0.31, common 0.31; under 30 examples, so the common one: "
        "talks (29)"
    ]


def test_without_any_topic_of_thirty_examples_the_threshold_is_one_half():
    found = topic_thresholds(held_out([(0.9, True)] * 29 + [(0.1, False)] * 31), ["aid"])
    assert (found.by_topic, found.common, found.few) == ({"aid": 0.5}, 0.5, {"aid": 29})


def test_sentences_that_nobody_was_asked_about_choose_nothing():
    asked = np.arange(60) != 59
    found = held_out([*LOW[:-1], (0.99, False)], is_asked=asked)
    # With the last one every threshold has a false answer; without it 0.21 to 0.40 has none.
    assert tune(found, everything(found))[0].tolist() == [0.31]


def test_a_topic_that_the_fold_could_not_learn_is_not_answered():
    found = held_out(LOW, folds=[0, 1] * 30)
    found.topics[0] = np.nan
    assert not nested_topics(found)[0, 0]


def test_each_fold_is_answered_by_the_thresholds_of_the_others():
    found = held_out([*LOW, *HIGH], folds=[0] * 60 + [1] * 60)
    # Fold 0 gets the threshold 0.71 of fold 1, which none reaches; fold 1 gets 0.31: all reach it.
    answers = nested_topics(found)[:, 0]
    assert (answers[:60].any(), answers[60:].all()) == (False, True)
