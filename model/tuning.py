"""How scores become answers: the temperature and thresholds that held-out answers choose."""

from dataclasses import replace

from model.calibration import calibration_of, fit_temperature, graded, nested_temperatures
from model.labels import LabelSet
from model.out_of_fold import OutOfFold
from model.report import Evaluation
from model.risk_coverage import abstention_of
from model.scores import Resampling
from model.topic_thresholds import topic_thresholds


def tuned(
    evaluation: Evaluation,
    scores: OutOfFold,
    labels: LabelSet,
    *,
    precision: float,
    resampling: Resampling,
) -> Evaluation:
    """The evaluation with the model's temperature and thresholds, and what such ones are worth.

    precision: what the answers shall have that the model does not abstain from. Nothing is fitted
    again: every choice is made on the scores, and judged on folds that it was not made on.
    """
    rows, nested = scores.is_scored, nested_temperatures(scores)
    temperature = fit_temperature(scores, rows)
    return replace(
        evaluation,
        calibration=calibration_of(
            graded(scores, rows, nested[rows]),
            graded(scores, rows),
            temperature=temperature,
            resampling=resampling,
        ),
        abstention=abstention_of(
            scores,
            nested,
            temperature=temperature,
            stance=labels.stance,
            wanted=precision,
            resampling=resampling,
        ),
        topic_thresholds=topic_thresholds(scores, labels.topics) if evaluation.topics else None,
    )
