"""What is right for each sentence and what was answered, as codes: positions in the label set."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from model.bundle import Bundle
from model.examples import Example
from model.labels import LabelSet
from model.out_of_fold import OutOfFold
from model.prediction import predict
from model.tally import Answers, Codes


@dataclass(frozen=True, slots=True)
class GoldCodes:
    """The gold labels as codes: stance (n,), topics (n, n_topics), is_asked (n,)."""

    stance: Codes
    topics: Answers
    is_asked: Answers

    @classmethod
    def of(
        cls,
        stance: Sequence[str],
        topics: Sequence[Collection[str] | None],
        labels: LabelSet,
    ) -> "GoldCodes":
        """The codes of checked labels: positions in the label set."""
        return cls(
            np.array([labels.stance.index(value) for value in stance], dtype=np.int64),
            _topic_answers([values or () for values in topics], labels),
            np.array([values is not None for values in topics], dtype=bool),
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model or a baseline answered: stance codes (n,), -1 for none; topics (n, n_topics)."""

    stance: Codes
    topics: Answers


def model_answers(
    model: Bundle, examples: Sequence[Example], gold: GoldCodes, articles: Sequence[str]
) -> tuple[Answered, OutOfFold]:
    """The likeliest stance and the topics of each example, and the scores behind them.

    One fold held out everything. Its stance scores are the logarithms of the probabilities times
    the temperature: what they were before both, but for a constant per example.
    """
    labels, temperature = model.manifest.labels, model.manifest.temperature
    found = list(predict(model, examples))
    scores = OutOfFold.empty(gold, articles, n_stance=len(labels.stance))
    scores.folds[:] = 0
    stance = [tuple(one.stance_scores.values()) for one in found]
    tiny = np.finfo(float).tiny  # a probability of 0 has no logarithm
    scores.stance[:] = temperature * np.log(np.maximum(np.array(stance, dtype=float), tiny))
    scores.topics[:] = [tuple(one.topic_scores.values()) for one in found]
    topics = _topic_answers([one.topics for one in found], labels)
    return Answered(scores.likeliest, topics), scores


def majority_answers(model: Bundle, n: int) -> Answered:
    """The majority of the model's training sentences, n times.

    The most frequent stance (a tie: the earlier one), and every topic that at least half of the
    sentences labelled for topics have.
    """
    labels, training = model.manifest.labels, model.manifest.training
    frequent = max(labels.stance, key=lambda value: training.stance_counts[value])
    common = [
        training.n_asked > 0 and 2 * training.topic_counts[topic] >= training.n_asked
        for topic in labels.topics
    ]
    return Answered(
        np.full(n, labels.stance.index(frequent), dtype=np.int64),
        np.tile(np.array(common, dtype=bool), (n, 1)),
    )


def keyword_answers(keywords: Sequence[str], labels: LabelSet) -> Answered:
    """The stance that cue words answer for each sentence; never a topic."""
    codes = np.array([labels.stance.index(value) for value in keywords], dtype=np.int64)
    return Answered(codes, np.zeros((len(keywords), len(labels.topics)), dtype=bool))


def _topic_answers(topics: Sequence[Collection[str]], labels: LabelSet) -> Answers:
    has_topic = [[topic in values for topic in labels.topics] for values in topics]
    return np.array(has_topic, dtype=bool).reshape(len(topics), len(labels.topics))
