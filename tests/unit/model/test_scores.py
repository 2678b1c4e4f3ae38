"""Scores equal their definitions, and are undefined where they have none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from model.labels import LabelSet
from model.scores import class_score, macro_f1, pairs_macro_f1, resampled, score
from model.tally import averaged_labels, confusion_of, measures, tally, topic_parts

THREE = {"f": "favor", "a": "against", "n": "none"}
FOUR = {"f": "favor", "a": "against", "c": "none", "n": "none"}


def measured(table, three_way, *, topics=()):
    """The measures of stance values that merge as three_way says, all labels averaged."""
    labels = LabelSet(tuple(three_way), topics, "a target", "n", three_way, "made up 1")
    averaged = {
        name: np.ones(len(names), dtype=bool)
        for name, names in averaged_labels(labels).items()
        if topics or name != "topics_macro_f1"
    }
    return measures(table, labels, averaged=averaged)


def table_of(gold, predicted, *, n_stance=3, articles=None, topics=None, predicted_topics=None):
    none = np.zeros((len(gold), 0), dtype=bool)
    articles = np.zeros(len(gold), dtype=int) if articles is None else np.array(articles)
    return tally(
        articles,
        n_articles=int(articles.max()) + 1,
        gold=np.array(gold),
        predicted=np.array(predicted),
        gold_topics=none if topics is None else np.array(topics, dtype=bool),
        predicted_topics=none if topics is None else np.array(predicted_topics, dtype=bool),
        n_stance=n_stance,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_stance_scores_equal_scikit_learn(pairs):
    gold, predicted = zip(*pairs, strict=True)
    found = measured(table_of(gold, predicted)[0], THREE)
    present = sorted(set(gold))
    assert found["stance_macro_f1"] == pytest.approx(
        f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
    )
    assert found["stance_accuracy"] == pytest.approx(accuracy_score(gold, predicted))
    has_stance = [[code != 2 for code in codes] for codes in (gold, predicted)]
    assert found["presence_macro_f1"] == pytest.approx(
        f1_score(*has_stance, labels=sorted(set(has_stance[0])), average="macro", zero_division=0)
    )
    sided = [pair for pair in pairs if pair[0] != 2]
    if sided:
        assert found["direction_macro_f1"] == pytest.approx(
            f1_score(
                *zip(*sided, strict=True),
                labels=sorted({gold for gold, _ in sided}),
                average="macro",
                zero_division=0,
            )
        )
    else:
        assert np.isnan(found["direction_macro_f1"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_three_way_view_merges_values(pairs):
    gold, predicted = zip(*pairs, strict=True)
    table = table_of(gold, predicted, n_stance=4)[0]
    found = measured(table, FOUR)
    merged = [[min(code, 2) for code in codes] for codes in (gold, predicted)]
    assert found["three_way_macro_f1"] == pytest.approx(
        f1_score(*merged, labels=sorted(set(merged[0])), average="macro", zero_division=0)
    )


def test_topic_scores_by_hand():
    # aid: gold 1 1 0, predicted 1 0 1 -> tp 1, n 2, predicted 2, F1 = 2/4
    # talks: gold 0 1 1, predicted 0 1 1 -> tp 2, n 2, predicted 2, F1 = 1
    table = table_of(
        [0, 0, 0],
        [0, 0, 0],
        topics=[[1, 0], [1, 1], [0, 1]],
        predicted_topics=[[1, 0], [0, 1], [1, 1]],
    )
    found = measured(table[0], THREE, topics=("aid", "talks"))
    assert found["topics_macro_f1"] == pytest.approx(0.75)
    assert found["topics_micro_f1"] == pytest.approx(2 * 3 / (4 + 4))


def test_a_sentence_that_was_not_scored_counts_nowhere():
    table = table_of([0, 1], [0, -1], topics=[[1], [1]], predicted_topics=[[1], [1]])
    assert confusion_of(table, 3).sum() == 1
    assert [part.tolist() for part in topic_parts(table, 3)] == [[[1.0]], [[1.0]], [[1.0]]]


def test_articles_are_counted_apart():
    table = table_of([0, 0, 2], [0, 1, 2], articles=[0, 1, 1])
    assert confusion_of(table, 3).sum(axis=(1, 2)).tolist() == [1, 2]


def test_a_label_that_no_sentence_has_is_left_out_of_the_mean():
    # Label 0: tp 1, n 1, predicted 1: F1 1. Label 1: n 0, predicted 1: no F1.
    both = np.array([True, True])
    found = macro_f1(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([1.0, 1.0]), both)
    assert found == 1.0
    assert np.isnan(macro_f1(np.zeros(2), np.zeros(2), np.ones(2), both))


def test_a_label_that_is_not_averaged_still_costs_the_others():
    # Label 0: tp 1, n 2, predicted 1: F1 2/3, for one of its two was given label 1.
    parts = np.array([1.0, 1.0]), np.array([2.0, 1.0]), np.array([1.0, 2.0])
    assert macro_f1(*parts, np.array([True, False])) == pytest.approx(2 / 3)
    assert np.isnan(macro_f1(*parts, np.array([False, False])))


def test_undefined_class_scores_are_said_in_words():
    never = class_score(0, 40, 0)
    assert (never.precision, never.recall, never.f1) == (None, 0.0, 0.0)
    assert never.note == "never predicted: precision is undefined"
    few = class_score(10, 29, 20)
    assert (few.n, few.n_predicted, few.precision, few.recall, few.f1) == (29, 20, None, None, None)
    assert few.note == "no score: 29 examples, fewer than 30"
    assert class_score(0, 1, 0).note == "no score: 1 example, fewer than 30"
    assert class_score(10, 30, 20).note == ""


def test_where_a_rare_label_is_scored_it_says_how_little_that_is():
    # tp 10, n 29, predicted 20: F1 = 20 / 49.
    rare = class_score(10, 29, 20, fewest=1)
    assert rare.f1 == pytest.approx(20 / 49)
    assert rare.note == "under 30 examples: a few sentences decide it"
    assert class_score(0, 0, 1, fewest=1).note == "no score: no sentence has it"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_annotator_against_annotator_is_f1_in_either_direction(pairs):
    first, second = zip(*pairs, strict=True)
    found = pairs_macro_f1(pairs, "abc")
    given = sorted(set(first + second))
    assert found == pytest.approx(
        f1_score(first, second, labels=given, average="macro", zero_division=0)
    )
    assert found == pytest.approx(pairs_macro_f1(list(zip(second, first, strict=True)), "abc"))


def test_without_a_pair_that_has_the_label_there_is_no_figure():
    assert pairs_macro_f1([("a", "a")], ["b"]) is None


def test_intervals_resample_whole_articles():
    # Every article has one right answer of two: any draw of articles has accuracy 1/2.
    by_article = np.tile([1.0, 1.0], (20, 1))
    draws = resampled(by_article, n_resamples=50, seed=1)
    assert draws.shape == (50, 2)
    assert (draws == 20).all()
    found = score(0.5, {"majority": 0.1}, draws[:, 0] / draws.sum(axis=1), n_articles=20)
    assert (found.low, found.high, found.note) == (0.5, 0.5, "")


def test_the_seed_decides_the_resamples():
    by_article = np.eye(12)
    first, again, other = (resampled(by_article, n_resamples=5, seed=s) for s in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_an_interval_that_would_mislead_is_not_given():
    few = score(0.5, {"majority": 0.1}, np.full(10, 0.5), n_articles=9)
    assert (few.low, few.note) == (None, "no interval: 9 articles, expected at least 10")
    undefined = score(0.5, {"majority": 0.1}, np.array([0.5, np.nan]), n_articles=10)
    assert (undefined.low, undefined.note) == (None, "no interval: undefined in 1 of 2 resamples")
    nothing = score(np.nan, {"majority": np.nan}, np.array([np.nan]), n_articles=10)
    assert nothing.value is None
    assert nothing.note == "undefined: no sentence has one"
