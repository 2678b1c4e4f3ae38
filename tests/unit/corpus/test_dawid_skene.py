"""Dawid and Skene's model trusts annotators as far as their own votes bear them out."""

import numpy as np
import pytest

from corpus.dawid_skene import dawid_skene


def decided(votes, labels):
    return {
        name: labels[int(shares.argmax())] for name, shares in dawid_skene(votes, labels).items()
    }


def test_two_who_look_outvote_three_who_always_say_the_same():
    # Four sentences are y, four are x. ann-a and ann-b see it; the other three say x to anything,
    # so that the majority calls everything x. Their x says nothing: it falls as often on either.
    truth = {f"s{number}": "yx"[number % 2] for number in range(8)}
    votes = {
        name: {"ann-a": label, "ann-b": label, "ann-c": "x", "ann-d": "x", "ann-e": "x"}
        for name, label in truth.items()
    }
    assert decided(votes, ["x", "y"]) == truth


def test_where_all_agree_nothing_is_changed():
    votes = {
        name: dict.fromkeys(("ann-a", "ann-b", "ann-c"), name[0]) for name in ("x1", "y1", "x2")
    }
    assert decided(votes, ["x", "y"]) == {"x1": "x", "y1": "y", "x2": "x"}


def test_each_sentence_has_a_distribution_over_the_labels():
    votes = {"s1": {"ann-a": "x", "ann-b": "y"}, "s2": {"ann-c": "z", "ann-a": "z"}}
    found = dawid_skene(votes, ["x", "y", "z", "never"])
    assert {name: shares.shape for name, shares in found.items()} == {"s1": (4,), "s2": (4,)}
    assert np.allclose([shares.sum() for shares in found.values()], 1)


def test_two_annotators_cannot_be_told_apart():
    with pytest.raises(ValueError, match="2 annotators; Dawid-Skene needs 3"):
        dawid_skene({"s1": {"ann-a": "x", "ann-b": "y"}}, ["x", "y"])
