"""What a trained scikit-learn model looks like as one flat array.

One row per column of the features, so that a sentence touches whole rows: first the idf, then the
coefficients of each trained stance value, then of each trained topic, already multiplied by the
idf. A sentence with counts tf scores  sum((1 + ln tf) * coefficients) / norm + intercept,  where
norm is the length of (1 + ln tf) * idf: one division in place of a normalised row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # importing these would load scikit-learn
    from sklearn.linear_model import LogisticRegression

    from model.training import TrainedModel


@dataclass(frozen=True, slots=True)
class ModelArrays:
    """The numbers of a model.

    weights: float32, C order, shape (n_columns, 1 + n_trained_stance + n_trained_topics).
    stance_intercepts, topic_intercepts: one per trained label, in the codebook's order.
    """

    weights: npt.NDArray[np.float32]
    stance_intercepts: tuple[float, ...]
    topic_intercepts: tuple[float, ...]


def arrays_of(model: "TrainedModel") -> ModelArrays:
    """The numbers of a trained model; probabilities computed from them equal scikit-learn's.

    Raises ValueError when a coefficient is not a finite number.
    """
    stance_rows, stance_intercepts = _one_row_per_class(model.stance)
    by_class = {value: row for row, value in enumerate(model.stance.classes_)}
    order = [by_class[value] for value in model.trained_stance]
    rows = [stance_rows[row] for row in order]
    topic_intercepts = []
    for estimator in model.topics.estimators_ if model.topics is not None else ():
        rows.append(estimator.coef_[0])
        topic_intercepts.append(float(estimator.intercept_[0]))
    weights = _interleaved(np.asarray(model.features["tfidf"].idf_), rows)
    intercepts = [*stance_intercepts, *topic_intercepts]
    if not (np.isfinite(weights).all() and np.isfinite(intercepts).all()):
        raise ValueError("the model has coefficients that are not finite numbers")
    return ModelArrays(
        weights, tuple(float(stance_intercepts[row]) for row in order), tuple(topic_intercepts)
    )


def _one_row_per_class(
    classifier: "LogisticRegression",
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Coefficients (n_classes, n_columns) and intercepts (n_classes,) of a LogisticRegression.

    Two classes have ONE row w and are decided by the logistic function of w x. Half of it with
    either sign gives the same difference, so the same probabilities under softmax, and words for
    both classes to explain them with.
    """
    coefficients, intercepts = classifier.coef_, classifier.intercept_
    if len(classifier.classes_) == 2:
        return np.vstack([-coefficients / 2, coefficients / 2]), np.hstack(
            [-intercepts / 2, intercepts / 2]
        )
    return coefficients, intercepts


def _interleaved(
    idf: npt.NDArray[np.float64], rows: Sequence[npt.NDArray[np.float64]]
) -> npt.NDArray[np.float32]:
    weights = np.empty((len(idf), 1 + len(rows)), dtype="<f4")
    weights[:, 0] = idf
    for column, row in enumerate(rows, start=1):
        weights[:, column] = idf * row
    return weights
