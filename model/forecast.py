"""What more training data would give: a law through the learning curve, and how far to trust it.

The law is fitted to the smaller sizes first, where it is known what came after. Where it missed
that, or the curve does not rise, nothing is said of more data: learning curves need not follow any
law (Viering and Loog 2022, The Shape of Learning Curves: a Review).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from model.learning_curve import N_SIZES, SHARES, Measured
from model.power_law import PowerLaw, fit_power_law
from model.report import NAMES, counted, score_words
from model.scores import FEW_EXAMPLES, Counts, Score, score

FORMAT = 1
# The sizes that a backtest learns from, up to 0.35 of the groups. From there to all of them is a
# stretch of 2.8; from four fifths, where the curve ends, to twice the whole part one of 2.5.
N_EARLY = int((SHARES < 0.5).sum())


@dataclass(frozen=True, slots=True)
class Point:
    """The score of models that learned from so many sentences and groups, on average."""

    n_sentences: int
    n_groups: int
    score: Score


@dataclass(frozen=True, slots=True)
class Change:
    """One score less another, from -1 to 1, and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, draws: Counts) -> "Change":
        """The change with the percentile interval of its draws, (n_resamples,)."""
        low, high = np.percentile(draws, [2.5, 97.5])
        return cls(float(value), float(low), float(high))

    def describe(self) -> str:
        """In points of a hundred.

        >>> Change(0.003, -0.008, 0.011).describe()
        '+0.3 points [-0.8, +1.1]'
        """
        return f"{100 * self.value:+.1f} points [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the law of the sizes up to `learned` sentences said of a later size.

    found: the score that was measured there; off: predicted less found.
    """

    learned: int
    n_sentences: int
    predicted: Score
    found: float
    off: Change

    @property
    def held(self) -> bool:
        """Whether the miss may be chance."""
        return self.off.low <= 0 <= self.off.high

    def describe(self) -> str:
        """The backtest in words."""
        return (
            f"up to {self.learned:,} sentences foretold {score_words(self.predicted)} for "
            f"{self.n_sentences:,}; found {self.found:.3f}, off by {self.off.describe()}"
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The learning curve of one metric, a key of NAMES, and what the law through it says.

    why_not: why nothing is said of more data; then now, doubled and sentences are None.
    now, doubled: the score that the law gives all n_sentences of the part, and twice as many.
    gain: what is asked for, such as 0.02. sentences, low, high: how many more it takes, with the
    95 % interval; None for more than twice as many, which no backtest covers.
    """

    name: str
    points: tuple[Point, ...]
    n_sentences: int
    backtests: tuple[Backtest, ...]
    why_not: str
    gain: float
    now: Score | None = None
    doubled: Score | None = None
    sentences: int | None = None
    low: int | None = None
    high: int | None = None

    def describe(self, seconds: float | None = None) -> str:
        """The curve, its backtests and the forecast as lines for a terminal.

        seconds: how long one annotator takes for a sentence; None says nothing of hours.
        """
        few = self.points[-1].score.left_out
        without = ", ".join(f"{label} ({n})" for label, n in few.items())
        lines = [NAMES[self.name] + (f", without {without}: under {FEW_EXAMPLES}" if few else "")]
        lines += ["  sentences  groups"]
        lines += [
            f"  {point.n_sentences:>9,}  {point.n_groups:>6}  {score_words(point.score)}"
            for point in self.points
        ]
        lines += [f"  Backtest: {one.describe()}." for one in self.backtests]
        return "\n".join([*lines, f"  {self.words(seconds)}"])

    def words(self, seconds: float | None = None) -> str:
        """What more sentences would give, in a sentence or two."""
        if self.now is None or self.doubled is None:
            return f"No honest extrapolation can be made: {self.why_not}."
        gain = f"+{100 * self.gain:g} points"
        doubled = (
            f"By the same law {self.n_sentences:,} sentences give {score_words(self.now)}, "
            f"twice as many {score_words(self.doubled)}."
        )
        most = f"more than {_about(self.n_sentences)}"
        if self.sentences is None:
            return f"{most.capitalize()} more sentences for {gain}, beyond any backtest. {doubled}"
        low = most if self.low is None else f"{_about(self.low)}"
        high = most if self.high is None else f"{_about(self.high)}"
        hours = f", some {_hours(self.sentences, seconds)} for each annotator," if seconds else ""
        return (
            f"About {_about(self.sentences)} ({low} to {high}) more sentences{hours} for {gain}. "
            f"{doubled}"
        )


def forecast(measured: Measured, name: str, *, gain: float) -> Forecast:
    """The forecast for one of METRICS; gain: the rise that is asked for, such as 0.02.

    Intervals are over orders and held-out groups drawn with replacement, with the law fitted anew
    to each draw: they say how well the average curve is known, not what one new delivery gives.
    """
    values, draws = measured.values[name], measured.draws[name]
    points = tuple(
        Point(round(n), round(n_groups), _score(measured, values[k], draws[:, k], name))
        for k, (n, n_groups) in enumerate(
            zip(measured.learned, measured.learned_groups, strict=True)
        )
    )
    n = measured.n_sentences
    if np.isnan(values).any() or np.isnan(draws).any():
        why_not = next(point.score.note for point in points if point.score.note)
        return Forecast(name, points, n, (), why_not, gain)
    backtests = tuple(_backtest(measured, name, size) for size in range(N_EARLY, N_SIZES))
    why_not = _why_not(measured, name, backtests)
    if why_not:
        return Forecast(name, points, n, backtests, why_not, gain)
    law, laws = _laws(measured, name, N_SIZES)
    # No value between two draws: some may be infinite.
    low, high = np.percentile(
        laws.needed(laws.at(n) + gain), [2.5, 97.5], method="closest_observation"
    )

    def more(needed: float) -> int | None:
        return math.ceil(needed) - n if needed <= 2 * n else None

    return Forecast(
        name,
        points,
        n,
        backtests,
        "",
        gain,
        now=_score(measured, law.at(n), laws.at(n)),
        doubled=_score(measured, law.at(2 * n), laws.at(2 * n)),
        sentences=more(float(law.needed(law.at(n) + gain))),
        low=more(float(low)),
        high=more(float(high)),
    )


def report(measured: Measured, forecasts: Mapping[str, Forecast]) -> dict[str, Any]:
    """Everything as plain data for JSON; undefined figures are null."""
    return {
        "format": FORMAT,
        "n_sentences": measured.n_sentences,
        "n_groups": measured.n_groups,
        "n_orders": measured.n_orders,
        "forecasts": {name: asdict(one) for name, one in forecasts.items()},
    }


def _laws(measured: Measured, name: str, n_sizes: int) -> tuple[PowerLaw, PowerLaw]:
    """The law of the first sizes, and that of each draw."""
    first = slice(n_sizes)
    draws = measured.draws[name][:, first]
    # Without any spread (invented data) every size weighs the same.
    weights = 1 / np.maximum(draws.var(axis=0), 1e-12)
    law = fit_power_law(measured.learned[first], measured.values[name][first], weights=weights)
    return law, fit_power_law(measured.learned_draws[:, first], draws, weights=weights)


def _backtest(measured: Measured, name: str, size: int) -> Backtest:
    """The law of the early sizes, held against a later one."""
    law, laws = _laws(measured, name, N_EARLY)
    predicted = law.at(measured.learned[size])
    predictions = laws.at(measured.learned_draws[:, size])
    found, founds = measured.values[name][size], measured.draws[name][:, size]
    return Backtest(
        learned=round(measured.learned[N_EARLY - 1]),
        n_sentences=round(measured.learned[size]),
        predicted=_score(measured, predicted, predictions),
        found=float(found),
        off=Change.of(float(predicted - found), predictions - founds),
    )


def _why_not(measured: Measured, name: str, backtests: tuple[Backtest, ...]) -> str:
    """Why no law may be drawn out of this curve, without a full stop; empty when one may."""
    n, values, draws = measured.learned, measured.values[name], measured.draws[name]

    def change(first: int, last: int) -> tuple[Change, str]:
        by = Change.of(values[last] - values[first], draws[:, last] - draws[:, first])
        return by, f"from {n[first]:,.0f} to {n[last]:,.0f} sentences {by.describe()}"

    for size in range(1, N_SIZES):
        by, words = change(size - 1, size)
        if by.high < 0:
            return f"the curve falls, {words}"
    by, words = change(N_EARLY, N_SIZES - 1)  # the last doubling
    if by.low <= 0:
        return f"the curve is flat or too noisy to tell, {words}"
    missed = [one for one in backtests if not one.held]
    if missed:
        return f"the backtest missed: {missed[-1].describe()}"
    return ""


def _score(measured: Measured, value: float | Counts, draws: Counts, name: str = "") -> Score:
    """A score with its interval; with a metric's name also its baseline."""
    return score(
        float(value),
        {"majority": measured.majority[name]} if name else {},
        draws,
        n_articles=measured.n_groups,
        unit="group",
        left_out=measured.left_out[name] if name else {},
    )


def _about(n: int) -> str:
    """Two figures of a whole number: more would look measured.

    >>> _about(7), _about(243), _about(6883)
    ('7', '240', '6,900')
    """
    return f"{round(n, min(2 - len(str(n)), 0)):,}"


def _hours(sentences: int, seconds: float) -> str:
    """The time for so many sentences, at least an hour.

    >>> _hours(240, 45.0), _hours(10, 20.0)
    ('3 hours', '1 hour')
    """
    return counted(max(round(sentences * seconds / 3600), 1), "hour")
