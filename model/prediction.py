"""What a saved model says about a sentence.

Needs numpy and mmh3 only. Probabilities equal those of the scikit-learn form to 1e-5 (float32
weights), which tests hold it to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.bundle import Bundle
from model.calibration import softmax
from model.examples import Example
from model.features import column_counts, text_of


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says about one sentence.

    stance: the likeliest trained value, None when the model abstained; stance_score: the
    probability of the likeliest value, also then.
    stance_scores, topic_scores: every label of the codebook in its order -> probability, None for
    a label that was not trained. Stance sums to 1 over the trained values; each topic stands alone.
    topics: those whose probability reaches the model's threshold for them. holders: none yet.
    """

    stance: str | None
    abstained: bool
    stance_score: float
    stance_scores: Mapping[str, float | None]
    topics: tuple[str, ...]
    topic_scores: Mapping[str, float | None]
    holders: tuple[Mapping[str, Any], ...] = ()


def predict(bundle: Bundle, examples: Iterable[Example]) -> Iterator[Prediction]:
    """One prediction per example, in order, as they are asked for.

    A text without any word or character run is scored by the intercepts alone.
    """
    for example in examples:
        yield _prediction(bundle, *probabilities(bundle, text_of(example)))


def predict_between(
    bundle: Bundle, sentences: Iterable[tuple[str, str, str]]
) -> Iterator[Prediction]:
    """One prediction per (text, before, after), in order, on the model's own target."""
    target = bundle.manifest.labels.target
    return predict(bundle, (Example(*texts, target=target) for texts in sentences))


def probabilities(
    bundle: Bundle, text: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of the trained stance values, shape (n_trained_stance,), and topics, (n_trained_topics,)."""
    manifest = bundle.manifest
    scores = np.array(manifest.stance_intercepts + manifest.topic_intercepts)
    columns, counts = column_counts(text, len(bundle.weights))
    if len(columns):
        rows = bundle.weights[columns].astype(np.float64)
        weights = 1 + np.log(counts)
        norm = np.linalg.norm(weights * rows[:, 0])
        scores += weights @ rows[:, 1:] / norm
    n_stance = len(manifest.trained_stance)
    return softmax(scores[:n_stance] / manifest.temperature), _sigmoid(scores[n_stance:])


def _prediction(
    bundle: Bundle,
    stance_probabilities: npt.NDArray[np.float64],
    topic_probabilities: npt.NDArray[np.float64],
) -> Prediction:
    manifest = bundle.manifest
    by_value = dict(zip(manifest.trained_stance, stance_probabilities.tolist(), strict=True))
    by_topic = dict(zip(manifest.trained_topics, topic_probabilities.tolist(), strict=True))
    best = max(by_value, key=by_value.__getitem__)
    threshold, thresholds = manifest.abstain_below, manifest.topic_thresholds
    abstained = threshold is not None and by_value[best] < threshold
    return Prediction(
        stance=None if abstained else best,
        abstained=abstained,
        stance_score=by_value[best],
        stance_scores={value: by_value.get(value) for value in manifest.labels.stance},
        topics=tuple(topic for topic, p in by_topic.items() if p >= thresholds[topic]),
        topic_scores={topic: by_topic.get(topic) for topic in manifest.labels.topics},
    )


def _sigmoid(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # exp of a negative number only: it never overflows.
    small = np.exp(-np.abs(scores))
    return np.asarray(np.where(scores >= 0, 1, small) / (1 + small))
