"""How far annotators agree: the coefficients, and how sure each of them is.

The annotators of our own corpus are language models, so these figures are annotator against
annotator, never a human ceiling. Intervals resample whole articles, because the sentences of one
article are alike: whatever is estimated is a function of sums of one row an article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T", bound=Hashable)
Floats = npt.NDArray[np.float64]
Ratings = Mapping[str, Sequence[T]]
Statistic = Callable[[Floats], Floats]

FEWEST_ARTICLES = 10
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, nan when undefined, and its 95 % interval, nan where ``note`` says why."""

    value: float
    low: float
    high: float
    note: str = ""


def nominal(left: object, right: object) -> float:
    """0 for equal labels, 1 for others."""
    return float(left != right)


def masi(left: AbstractSet[str], right: AbstractSet[str]) -> float:
    """The distance of two sets, from 0 (equal, also both empty) to 1 (nothing in common).

    One minus Jaccard times 1 for equal sets, 2/3 for a subset, 1/3 for an overlap, 0 for none.
    Source: Passonneau 2006, Measuring Agreement on Set-valued Items (MASI), LREC.

    >>> masi({"aid"}, {"aid", "talks"}), masi(set(), set()), masi(set(), {"aid"})
    (0.6666666666666667, 0.0, 1.0)
    """
    if left == right:
        return 0.0
    common = left & right
    if not common:
        return 1.0
    monotonicity = 2 / 3 if left <= right or right <= left else 1 / 3
    return 1.0 - monotonicity * len(common) / len(left | right)


def alpha(ratings: Ratings[T], distance: Callable[[T, T], float] = nominal) -> float:
    """Krippendorff's alpha over sentences with at least two ratings.

    ratings: sentence id -> one label per annotator, any order, lengths may differ.
    1.0 is full agreement, 0.0 chance, below 0 systematic disagreement. Nothing to compare, or one
    label everywhere (chance alone would agree fully), gives nan.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.

    >>> alpha({"s1": ["for", "for"], "s2": ["for", "against"], "s3": ["against", "against"]})
    0.4444444444444444
    """
    table, distances = _disagreement(ratings, dict.fromkeys(ratings, ""), distance)
    return float(_alpha(table.sum(axis=0), distances=distances))


def estimated_alpha(
    ratings: Ratings[T],
    articles: Mapping[str, str],
    distance: Callable[[T, T], float] = nominal,
) -> Estimate:
    """``alpha`` with its interval. articles: sentence id -> article id."""
    table, distances = _disagreement(ratings, articles, distance)
    return estimate(table, partial(_alpha, distances=distances))


def percent_agreement(ratings: Ratings[T]) -> float:
    """Share of pairs of ratings of the same sentence that are equal; nan without a pair."""
    pairs = [
        left == right for labels in ratings.values() for left, right in combinations(labels, 2)
    ]
    return sum(pairs) / len(pairs) if pairs else float("nan")


def confusions(ratings: Ratings[T], articles: Mapping[str, str], labels: Sequence[T]) -> Floats:
    """How often a label met a label, an article a row: shape (n_articles, n_labels, n_labels).

    Each pair of ratings of a sentence counts once either way round, so every table is symmetric.
    """
    number = {label: position for position, label in enumerate(labels)}
    rows: dict[str, Floats] = {}
    for name, given in ratings.items():
        if len(given) < 2:
            continue
        row = rows.setdefault(articles[name], np.zeros((len(labels), len(labels))))
        for left, right in combinations(given, 2):
            row[number[left], number[right]] += 1
            row[number[right], number[left]] += 1
    return np.stack(list(rows.values())) if rows else np.zeros((0, len(labels), len(labels)))


def class_f1(confusion: Floats) -> Floats:
    """F1 of one annotator against the other, shape (..., n_labels); nan for an unused label.

    confusion: symmetric, (..., n_labels, n_labels); F1 is the same whoever counts as right.
    """
    both = np.diagonal(confusion, axis1=-2, axis2=-1)
    return ratio(2 * both, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def macro_f1(confusion: Floats) -> Floats:
    """The mean of ``class_f1`` over the labels in use, shape (...); nan when there is none."""
    f1 = class_f1(confusion)
    is_used = ~np.isnan(f1)
    return ratio(np.where(is_used, f1, 0).sum(axis=-1), is_used.sum(axis=-1))


def ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """The quotient, nan where the denominator is zero."""
    above, below = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    quotient: Floats = np.full(below.shape, np.nan)
    np.divide(above, below, out=quotient, where=below > 0)
    return quotient


def estimate(table: Floats, statistic: Statistic, *, seed: int = 0) -> Estimate:
    """A statistic of sums over articles, with its 95 % percentile interval over 1,000 resamples.

    table: a row an article, (n_articles, ...); statistic: sums of rows (..., width) -> (...), nan
    where undefined. Resampling fewer than ten articles would give a far too narrow interval, and
    a statistic that some resamples leave undefined has none.
    Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8.
    """
    value = float(statistic(table.sum(axis=0)))
    none = float("nan")
    if np.isnan(value):
        return Estimate(none, none, none)
    n_articles = len(table)
    if n_articles < FEWEST_ARTICLES:
        articles = "article" if n_articles == 1 else "articles"
        note = f"no interval: {n_articles} {articles}, expected at least {FEWEST_ARTICLES}"
        return Estimate(value, none, none, note)
    draws = statistic(np.tensordot(_draws(n_articles, seed), table, axes=1))
    n_undefined = int(np.isnan(draws).sum())
    if n_undefined:
        note = f"no interval: undefined in {n_undefined:,} of {RESAMPLES:,} resamples"
        return Estimate(value, none, none, note)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


@cache
def _draws(n_articles: int, seed: int) -> Floats:
    """How often each resample draws each article, shape (RESAMPLES, n_articles)."""
    even = np.full(n_articles, 1 / n_articles)
    drawn = np.random.default_rng(seed).multinomial(n_articles, even, size=RESAMPLES)
    return drawn.astype(np.float64)


def _disagreement(
    ratings: Ratings[T], articles: Mapping[str, str], distance: Callable[[T, T], float]
) -> tuple[Floats, Floats]:
    """What alpha is made of: (n_articles, 1 + n_labels) and the labels' distances.

    First column: the observed disagreement, over a sentence's ordered pairs of ratings divided by
    its ratings minus one; then how often each label was given. Single ratings count nowhere.
    """
    pairable = {name: given for name, given in ratings.items() if len(given) >= 2}
    number: dict[T, int] = {}
    for given in pairable.values():
        for label in given:
            number.setdefault(label, len(number))
    distances = np.array([[distance(left, right) for right in number] for left in number])
    distances = distances.reshape(len(number), len(number))
    rows: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(1 + len(number)))
    for name, given in pairable.items():
        row = rows[articles[name]]
        counts = Counter(number[label] for label in given)
        row[0] += _apart(counts, distances) / (len(given) - 1)
        for column, count in counts.items():
            row[1 + column] += count
    return np.stack(list(rows.values())) if rows else np.zeros((0, 1)), distances


def _apart(counts: Mapping[int, int], distances: Floats) -> float:
    pairs: Iterable[tuple[int, int]] = combinations(counts, 2)
    return sum(2 * counts[a] * counts[b] * float(distances[a, b]) for a, b in pairs)


def _alpha(sums: Floats, *, distances: Floats) -> Floats:
    observed, counts = sums[..., 0], sums[..., 1:]
    expected = ((counts @ distances) * counts).sum(axis=-1)
    return 1.0 - ratio((counts.sum(axis=-1) - 1) * observed, expected)
