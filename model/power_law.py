"""The curve that scores follow as the training data grows: an inverse power law.

score(n) = ceiling - drop * n ** -exponent, with a ceiling of at most 1 and a drop of at least 0.
Source: Figueroa et al. 2012, Predicting sample size required for classification performance (the
law, and weighted least squares).
"""

from dataclasses import dataclass

import numpy as np

from model.out_of_fold import Floats

EXPONENTS = np.arange(1, 41) / 20  # 0.05, nearly a logarithm, to 2


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """One law, or one for each of many resamples: three arrays of one shape (...)."""

    ceiling: Floats
    drop: Floats
    exponent: Floats

    def at(self, n: float | Floats) -> Floats:
        """The score with n training sentences, (...)."""
        return np.asarray(self.ceiling - self.drop * np.asarray(n, dtype=float) ** -self.exponent)

    def needed(self, score: float | Floats) -> Floats:
        """The training sentences that a score takes, (...); inf where it is never reached."""
        short = np.asarray(self.ceiling - score, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            n = (self.drop / np.maximum(short, 0)) ** (1 / self.exponent)
        return np.where(short > 0, n, np.inf)


def fit_power_law(n: Floats, scores: Floats, *, weights: Floats) -> PowerLaw:
    """The law that is nearest to the scores, by weighted squares.

    n, scores: (..., k) for k sizes; weights: (k,), the inverse variances of the scores.
    For a given exponent the other two are a straight line, fitted exactly within their bounds; of
    40 exponents the best is taken.
    """
    x = np.asarray(n, dtype=float)[..., None, :] ** -EXPONENTS[:, None]  # (..., n_exponents, k)
    y = np.asarray(scores, dtype=float)[..., None, :]
    weights = weights / weights.sum()
    mean_x, mean_y = (x * weights).sum(axis=-1), (y * weights).sum(axis=-1)
    # Relative to the mean of x, which is 1e-8 for high exponents.
    dx = x / mean_x[..., None] - 1
    slope = (dx * y * weights).sum(axis=-1) / (dx**2 * weights).sum(axis=-1)
    drop = np.maximum(-slope, 0) / mean_x
    ceiling = mean_y + drop * mean_x
    through_one = (x * (1 - y) * weights).sum(axis=-1) / (x**2 * weights).sum(axis=-1)
    is_above = ceiling > 1
    drop, ceiling = np.where(is_above, through_one, drop), np.minimum(ceiling, 1)
    misfit = ((ceiling[..., None] - drop[..., None] * x - y) ** 2 * weights).sum(axis=-1)
    best = misfit.argmin(axis=-1)[..., None]
    return PowerLaw(
        np.take_along_axis(ceiling, best, axis=-1)[..., 0],
        np.take_along_axis(drop, best, axis=-1)[..., 0],
        np.asarray(EXPONENTS[best[..., 0]]),
    )
