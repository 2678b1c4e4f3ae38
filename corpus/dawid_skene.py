"""Aggregating votes by how reliable each annotator is: Dawid and Skene's model, fitted by EM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

FEWEST_ANNOTATORS = 3
SMOOTHING = 0.01


def dawid_skene(
    votes: Mapping[str, Mapping[str, str]], labels: Sequence[str], *, steps: int = 100
) -> dict[str, npt.NDArray[np.float64]]:
    """Sentence id -> probability of each label, shape (n_labels,), in the order of ``labels``.

    votes: sentence id -> annotator -> label. Each annotator has a confusion matrix of their own;
    it needs three annotators or more to tell them apart, fewer raise ValueError.
    Source: Dawid and Skene 1979, Maximum Likelihood Estimation of Observer Error-Rates Using the
    EM Algorithm, Applied Statistics 28(1).

    >>> votes = {"s1": {"a": "x", "b": "x", "c": "y"}, "s2": {"a": "y", "b": "y", "c": "y"}}
    >>> [int(p.argmax()) for p in dawid_skene(votes, ["x", "y"]).values()]
    [0, 1]
    """
    annotators = sorted({name for given in votes.values() for name in given})
    if len(annotators) < FEWEST_ANNOTATORS:
        raise ValueError(f"{len(annotators)} annotators; Dawid-Skene needs {FEWEST_ANNOTATORS}")
    # counts[i, a, l] is 1 where annotator a gave sentence i the label l.
    counts = np.zeros((len(votes), len(annotators), len(labels)))
    for row, given in enumerate(votes.values()):
        for name, label in given.items():
            counts[row, annotators.index(name), labels.index(label)] = 1
    truth = counts.sum(axis=1)
    truth /= truth.sum(axis=1, keepdims=True)
    for _ in range(steps):
        prior = truth.mean(axis=0) + 1e-12
        confusion = np.einsum("it,ial->atl", truth, counts) + SMOOTHING
        confusion /= confusion.sum(axis=2, keepdims=True)
        logs = np.log(prior) + np.einsum("ial,atl->it", counts, np.log(confusion))
        new = np.exp(logs - logs.max(axis=1, keepdims=True))
        new /= new.sum(axis=1, keepdims=True)
        done = np.abs(new - truth).max() < 1e-6
        truth = new
        if done:
            break
    return dict(zip(votes, truth, strict=True))
