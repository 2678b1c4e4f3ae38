"""Does a stated probability mean what it says? One temperature, and how far off it is.

A probability is calibrated when, of the sentences answered with 0.8, four in five are right.
Balanced class weights and strong regularisation make the classifier state too little or too much.
Source: Guo et al. 2017, On Calibration of Modern Neural Networks (temperature, 15-bin ECE).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.out_of_fold import Floats, OutOfFold
from model.scores import FEW_ARTICLES, Resampling, Score, share_score
from model.tally import Answers, Codes

N_BINS = 15
# The limits are met only where nearly every answer is right, or none better than chance.
COLDEST, HOTTEST = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Bin:
    """The n sentences whose likeliest value has a probability in one bin.

    stated: their mean probability; right: the share that is right; low, high: where 95 % of the
    models that are right exactly as often as they state would lie, by chance alone.
    """

    n: int
    stated: float
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the stated probabilities are from the share of right answers, over n sentences.

    temperature: what the saved model divides its stance scores by.
    stated: the mean probability of the likeliest value; right: how often that value is right.
    error: the expected calibration error (ECE), error_at_1 the same with temperature 1.
    perfect, perfect_high: the median and the 95th percentile of the error that a model would show
    which is right exactly as often as it states, from chance alone.
    The error has no resampled interval: it is an absolute value, so every resample adds to it. The
    interval of `right` beside `stated`, and the perfect model beside the error, take its place.
    bins: those that hold a sentence, by probability; empty in records older than them.
    """

    temperature: float
    n: int
    stated: float
    right: Score
    error: float
    error_at_1: float
    perfect: float
    perfect_high: float
    bins: tuple[Bin, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Calibration":
        """The record that `dataclasses.asdict` wrote; TypeError or KeyError for anything else."""
        bins = tuple(Bin(**one) for one in data.get("bins", ()))
        return cls(**{**data, "right": Score(**data["right"]), "bins": bins})

    def describe(self) -> list[str]:
        """The line for a terminal: percentages, and the perfect model beside the error."""
        return [
            f"calibration with temperature {self.temperature:.2f}: states {self.stated:.1%} on "
            f"average, is right in {self.right.percent}; "
            f"ECE {100 * self.error:.1f} (a perfectly calibrated model of this size: "
            f"{100 * self.perfect:.1f}, up to {100 * self.perfect_high:.1f}; "
            f"with temperature 1: {100 * self.error_at_1:.1f}), n {self.n}"
        ]


@dataclass(frozen=True, slots=True)
class Graded:
    """The likeliest stance of n sentences, its probability, and the right one; each (n,)."""

    answer: Codes
    probability: Floats
    gold: Codes
    articles: Codes

    @property
    def is_right(self) -> Answers:
        """Where the likeliest stance is the right one."""
        return np.asarray(self.answer == self.gold)


def graded(found: OutOfFold, rows: Answers, temperature: float | Floats = 1.0) -> Graded:
    """The answers of some sentences, a mask (n,), each of which a model answered for.

    temperature: one for all, or one for each of these sentences.
    """
    probabilities = softmax(found.stance[rows] / np.reshape(temperature, (-1, 1)))
    answer = probabilities.argmax(axis=1)
    probability = probabilities[np.arange(len(answer)), answer]
    return Graded(answer, probability, found.gold.stance[rows], found.articles[rows])


def softmax(scores: Floats) -> Floats:
    """Scores (..., n) as probabilities that sum to 1 along the last axis; nan has none.

    >>> softmax(np.array([0.0, np.nan, 0.0])).tolist()
    [0.5, 0.0, 0.5]
    """
    powers = np.exp(scores - np.nanmax(scores, axis=-1, keepdims=True))
    powers = np.where(np.isnan(powers), 0, powers)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def fit_temperature(found: OutOfFold, rows: Answers) -> float:
    """The temperature under which the right values are likeliest, 0.1 to 10, to four decimals.

    rows: the sentences to fit on, a mask (n,). A sentence whose right value its fold could not
    learn says nothing about it; without any other sentence 1.0. The log likelihood is concave in
    1 / temperature: its slope, the mean score of the right value less the mean stated score, is
    zero at one place at most, which halving finds.
    """
    scores = found.stance[rows]
    right = scores[np.arange(len(scores)), found.gold.stance[rows]]
    is_known = ~np.isnan(right)
    if not is_known.any():
        return 1.0
    scores, right = scores[is_known], right[is_known]
    low, high = np.log([COLDEST, HOTTEST])
    for _ in range(40):
        middle = (low + high) / 2
        stated = np.nansum(softmax(scores / np.exp(middle)) * scores, axis=1)
        if (stated - right).mean() > 0:  # states more than is right: hotter
            low = middle
        else:
            high = middle
    return round(float(np.exp(high)), 4)


def nested_temperatures(found: OutOfFold) -> Floats:
    """Per sentence the temperature fitted on the other folds, (n,); nan without a fold."""
    temperatures = np.full(len(found.folds), np.nan)
    for others, own in found.each_fold():
        temperatures[own] = fit_temperature(found, others)
    return temperatures


def has_enough(articles: Codes) -> bool:
    """Whether there are enough articles to choose anything on; the limit of intervals."""
    return len(np.unique(articles)) >= FEW_ARTICLES


def calibration_error(probability: Floats, is_right: Answers | Floats) -> float:
    """The expected calibration error (ECE), 0 to 1, in 15 bins of equal width.

    probability: of the likeliest value, (n,), n > 0. Bins are open below and closed above.

    >>> calibration_error(np.array([0.81, 0.85, 0.95]), np.array([1, 0, 1]))  # bins 13, 13, 15
    0.2366...
    """
    gaps = np.bincount(bins_of(probability), weights=is_right - probability, minlength=N_BINS)
    return float(np.abs(gaps).sum() / len(probability))


def bins_of(probability: Floats) -> Codes:
    """The bin of each probability, (n,), from 0 to 14; open below and closed above."""
    return np.asarray(np.clip(np.ceil(probability * N_BINS).astype(int) - 1, 0, N_BINS - 1))


def reliability(answers: Graded, *, n_draws: int = 1000, seed: int = 0) -> tuple[Bin, ...]:
    """Per bin that holds a sentence what is stated and what is right, beside chance.

    Outcomes of a model that is right as often as it states are drawn as in `perfect_errors`.
    """
    rng = np.random.default_rng(seed)
    bins = bins_of(answers.probability)
    found = []
    for number in np.unique(bins):
        rows = bins == number
        stated = answers.probability[rows]
        drawn = (rng.random((n_draws, len(stated))) < stated).mean(axis=1)
        low, high = np.percentile(drawn, [2.5, 97.5])
        is_right = answers.is_right[rows]
        facts = (stated.mean(), is_right.mean(), low, high)
        found.append(Bin(len(stated), *map(float, facts)))
    return tuple(found)


def perfect_errors(
    probability: Floats, *, n_draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The median and 95th percentile of the ECE of a model that is right as often as it states.

    Outcomes are drawn from the stated probabilities, sentence by sentence. Sentences of an article
    are alike, so a real perfectly calibrated model would vary somewhat more.
    """
    rng = np.random.default_rng(seed)
    draws = [
        calibration_error(probability, rng.random(len(probability)) < probability)
        for _ in range(n_draws)
    ]
    middle, high = np.percentile(draws, [50, 95])
    return float(middle), float(high)


def calibration_of(
    answers: Graded,
    uncalibrated: Graded,
    *,
    temperature: float,
    resampling: Resampling,
) -> Calibration:
    """The calibration of at least one answer.

    answers: with the temperatures that are judged; uncalibrated: the same with temperature 1.
    temperature: that of the saved model, for the record.
    """
    everywhere = np.ones(len(answers.gold), dtype=bool)
    perfect, perfect_high = perfect_errors(
        answers.probability, n_draws=resampling.n, seed=resampling.seed
    )
    return Calibration(
        temperature=temperature,
        n=len(answers.gold),
        stated=float(answers.probability.mean()),
        right=share_score(answers.is_right, everywhere, answers.articles, resampling=resampling),
        error=calibration_error(answers.probability, answers.is_right),
        error_at_1=calibration_error(uncalibrated.probability, uncalibrated.is_right),
        perfect=perfect,
        perfect_high=perfect_high,
        bins=reliability(answers, n_draws=resampling.n, seed=resampling.seed),
    )
