"""From which probability on a sentence has a topic.

One half is not the threshold of the best F1, not even for calibrated probabilities: those have it
at half the best F1 (Lipton, Elkan and Naryanaswamy 2014, Optimal Thresholding of Classifiers to
Maximize F1 Measure). What was best on few examples was best by chance, so each topic's own
threshold is drawn toward the one that is best for all topics together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.manifest import TOPIC_THRESHOLD
from model.out_of_fold import Floats, OutOfFold
from model.scores import FEW_EXAMPLES
from model.tally import Answers

TRIED = np.round(np.arange(0.02, 0.99, 0.01), 2)
NOTE = "topics are scored with thresholds that the other folds chose"
# A topic with so many examples goes half-way from the common threshold to its own best one. From
# hardly any shrinking to nothing but the common one, 300 had the best macro-F1 on the folds of the
# first corpus (0.559; the others 0.550 to 0.557), and was chosen by the other folds in 8 of 10.
HALF_WAY = 300


@dataclass(frozen=True, slots=True)
class TopicThresholds:
    """The thresholds of the saved model.

    by_topic: topic -> probability from which on a sentence has it. common: the best one for all
    topics together. few: topic -> examples, where they are too few for a threshold of its own: it
    has the common one.
    """

    by_topic: Mapping[str, float]
    common: float
    few: Mapping[str, int]

    def describe(self) -> list[str]:
        """The line for a terminal, with the topics that have too few examples for their own."""
        low, high = min(self.by_topic.values()), max(self.by_topic.values())
        few = ", ".join(f"{topic} ({n})" for topic, n in self.few.items())
        words = f"; under {FEW_EXAMPLES} examples, so the common one: {few}" if few else ""
        return [f"topic thresholds: {low:.2f} to {high:.2f}, common {self.common:.2f}{words}"]


def tune(found: OutOfFold, rows: Answers) -> tuple[Floats, float]:
    """The thresholds (n_topics,) and the common one, for the best F1 on some sentences.

    rows: a mask (n,); only those asked for topics count. The common threshold has the best
    macro-F1 over the topics with 30 examples, and is 0.5 without such a topic. With n >= 30
    examples a topic has n / (n + 300) parts of its own best threshold, with fewer the common one.
    Among equally good thresholds the middle one is taken.
    """
    asked = rows & found.gold.is_asked
    has_topic = found.gold.topics[asked]
    n = has_topic.sum(axis=0)
    is_tuned = n >= FEW_EXAMPLES
    thresholds = np.full(len(n), TOPIC_THRESHOLD)
    if not is_tuned.any():
        return thresholds, TOPIC_THRESHOLD
    f1 = np.stack([_f1(found.topics[asked] >= tried, has_topic) for tried in TRIED])
    common = _best(f1[:, is_tuned].mean(axis=1))
    thresholds[:] = common
    for topic in np.flatnonzero(is_tuned):
        own = n[topic] / (n[topic] + HALF_WAY)
        thresholds[topic] = round(own * _best(f1[:, topic]) + (1 - own) * common, 4)
    return thresholds, common


def nested_topics(found: OutOfFold) -> Answers:
    """Which topics each sentence has at thresholds that the other folds choose, (n, n_topics)."""
    answers = np.zeros(found.topics.shape, dtype=bool)
    for others, own in found.each_fold():
        answers[own] = found.topics[own] >= tune(found, others)[0]
    return answers


def topic_thresholds(found: OutOfFold, topics: Sequence[str]) -> TopicThresholds:
    """The thresholds for the saved model, tuned on every sentence that a fold answered for."""
    thresholds, common = tune(found, found.is_scored)
    n = found.gold.topics[found.is_scored & found.gold.is_asked].sum(axis=0)
    few = {topic: int(k) for topic, k in zip(topics, n, strict=True) if k < FEW_EXAMPLES}
    by_topic = dict(zip(topics, thresholds.tolist(), strict=True))
    return TopicThresholds(by_topic, common, few)


def _f1(answers: Answers, has_topic: Answers) -> Floats:
    """The F1 of each topic, (n_topics,); 0 for one that no sentence has or gets."""
    total = answers.sum(axis=0) + has_topic.sum(axis=0)
    return np.asarray(2 * (answers & has_topic).sum(axis=0) / np.maximum(total, 1))


def _best(f1: Floats) -> float:
    best = TRIED[np.isclose(f1, f1.max())]
    return float(best[len(best) // 2])
