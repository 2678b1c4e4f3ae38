"""How good predictions are, how sure that is, and where a score is undefined.

Pure arithmetic over tables of counts; `model.evaluation` makes the tables from held-out sentences.
Undefined scores are nan in arrays and None in records, with the reason in words beside them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]

FEW_EXAMPLES = 30
FEW_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class Resampling:
    """How an interval is made: n draws of whole articles, or of what `unit` calls them."""

    n: int = 1000
    seed: int = 0
    unit: str = "article"


@dataclass(frozen=True, slots=True)
class Score:
    """One figure from 0 to 1 (a gap between two: from -1), baselines beside it, and its interval.

    baselines: name ("majority", "keywords") -> the same figure of that baseline.
    low, high: the 95 % percentile interval over resampled articles; None where `note` says why.
    left_out: the labels that a macro-F1 does not average over -> their examples, too few.
    value, a baseline: None where undefined.
    """

    value: float | None
    baselines: Mapping[str, float | None]
    low: float | None
    high: float | None
    note: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> str:
        """The figure and its interval in percent, or why there is none.

        >>> Score(0.5, {}, 0.41, 0.58).percent
        '50.0% [41.0, 58.0]'
        """
        if self.value is None:
            return self.note
        interval = (
            f"({self.note})"
            if self.low is None or self.high is None
            else (f"[{100 * self.low:.1f}, {100 * self.high:.1f}]")
        )
        return f"{self.value:.1%} {interval}"


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fared: n held-out sentences have it, n_predicted were given it.

    All three are None when too few sentences have it, precision also when nothing was given it;
    `note` says which.
    """

    n: int
    n_predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    note: str


def class_score(
    true_positives: float, n: float, n_predicted: float, *, fewest: int = FEW_EXAMPLES
) -> ClassScore:
    """The scores of one label from three counts of sentences, none for under `fewest` examples.

    >>> class_score(0, 0, 2).note
    'no score: no sentence has it'
    >>> class_score(9, 12, 18).note
    'no score: 12 examples, fewer than 30'
    """
    if not n or n < fewest:
        few = f"{int(n)} example{'' if n == 1 else 's'}, fewer than {fewest}"
        note = f"no score: {few if n else 'no sentence has it'}"
        return ClassScore(int(n), int(n_predicted), None, None, None, note)
    notes = [] if n_predicted else ["never predicted: precision is undefined"]
    if n < FEW_EXAMPLES:
        notes.append(f"under {FEW_EXAMPLES} examples: a few sentences decide it")
    return ClassScore(
        n=int(n),
        n_predicted=int(n_predicted),
        precision=float(true_positives / n_predicted) if n_predicted else None,
        recall=float(true_positives / n),
        f1=float(2 * true_positives / (n + n_predicted)),
        note="; ".join(notes),
    )


def macro_f1(
    true_positives: Counts, n: Counts, n_predicted: Counts, is_averaged: npt.NDArray[np.bool_]
) -> Counts:
    """The mean F1 over the averaged labels that at least one sentence has; nan when there is none.

    The first three have shape (..., n_labels), is_averaged (n_labels,), the result (...).
    F1 = 2 tp / (n + n_predicted). A label that is left out still counts where it is predicted: it
    costs the other labels their recall.
    """
    has_examples = (n > 0) & is_averaged
    f1 = np.divide(
        2 * true_positives, n + n_predicted, out=np.zeros_like(n, dtype=float), where=has_examples
    )
    return _ratio(f1.sum(axis=-1), has_examples.sum(axis=-1))


def micro_f1(true_positives: Counts, n: Counts, n_predicted: Counts) -> Counts:
    """F1 over all labels pooled, from shape (..., n_labels) to (...); nan when no sentence has any.

    Arguments as for `macro_f1`.
    """
    pooled = _ratio(2 * true_positives.sum(axis=-1), (n + n_predicted).sum(axis=-1))
    return np.where(n.sum(axis=-1) > 0, pooled, np.nan)


def confusion_parts(confusion: Counts) -> tuple[Counts, Counts, Counts]:
    """True positives, n and n_predicted per label, each (..., k), from confusion (..., k, k).

    Rows of a confusion are gold labels, columns predicted ones.
    """
    return (
        np.diagonal(confusion, axis1=-2, axis2=-1),
        confusion.sum(axis=-1),
        confusion.sum(axis=-2),
    )


def accuracy(confusion: Counts) -> Counts:
    """The share of right answers, from confusion (..., k, k) to (...); nan without a sentence."""
    right, n, _ = confusion_parts(confusion)
    return _ratio(right.sum(axis=-1), n.sum(axis=-1))


def resampled(by_article: Counts, *, n_resamples: int, seed: int) -> Counts:
    """Sums over articles drawn with replacement, as many as there are; (n_resamples, width).

    by_article: counts of shape (n_articles, width). Sentences of one article are alike, so whole
    articles are drawn. Source: Davison and Hinkley 1997, Bootstrap Methods, section 3.8.
    """
    drawn = article_draws(len(by_article), n_resamples=n_resamples, seed=seed)
    return np.stack([counts @ by_article for counts in drawn])


def article_draws(n_articles: int, *, n_resamples: int, seed: int) -> Iterator[Counts]:
    """How often each of the articles is drawn, (n_articles,), resample after resample."""
    rng = np.random.default_rng(seed)
    even = np.full(n_articles, 1 / n_articles)
    for _ in range(n_resamples):
        yield rng.multinomial(n_articles, even).astype(float)


def score(
    value: float,
    baselines: Mapping[str, float],
    draws: Counts,
    *,
    n_articles: int,
    unit: str = "article",
    left_out: Mapping[str, int] | None = None,
) -> Score:
    """A score with its interval, or with the reason why it has none.

    value, baselines: nan when undefined; draws: the score of each resample, shape (n_resamples,).
    Under ten articles there is no interval: resampling so few makes one far too narrow.
    unit: what an article is called where something else is resampled.
    """
    left_out = left_out or {}
    if np.isnan(value):
        few = (
            "every label has too few examples" if any(left_out.values()) else "no sentence has one"
        )
        return Score(None, {}, None, None, f"undefined: {few}", left_out)
    base = {name: None if np.isnan(n) else float(n) for name, n in baselines.items()}
    n_undefined = int(np.isnan(draws).sum())
    if n_articles < FEW_ARTICLES:
        plural = "s" * (n_articles != 1)
        why = f"no interval: {n_articles} {unit}{plural}, expected at least {FEW_ARTICLES}"
        return Score(float(value), base, None, None, why, left_out)
    if n_undefined:
        why = f"no interval: undefined in {n_undefined} of {len(draws)} resamples"
        return Score(float(value), base, None, None, why, left_out)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Score(float(value), base, float(low), float(high), left_out=left_out)


def share_score(
    has_it: npt.NDArray[np.bool_],
    among: npt.NDArray[np.bool_],
    articles: npt.NDArray[np.int64],
    *,
    resampling: Resampling,
    baselines: Mapping[str, float] | None = None,
) -> Score:
    """The share of the sentences in `among` that have something, with its interval.

    has_it, among, articles: (n_sentences,); articles as codes, what the interval resamples.
    """
    units, codes = np.unique(articles, return_inverse=True)
    table = np.zeros((len(units), 2))
    np.add.at(table, codes, np.column_stack([has_it & among, among]).astype(float))
    draws = resampled(table, n_resamples=resampling.n, seed=resampling.seed)
    part, whole = table.sum(axis=0)
    return score(
        float(_ratio(part, whole)),
        baselines or {},
        _ratio(draws[:, 0], draws[:, 1]),
        n_articles=len(units),
        unit=resampling.unit,
    )


def pairs_of(votes: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Every two labels that two annotators gave one sentence; votes: a sentence's labels.

    >>> pairs_of([["favor"], ["favor", "mixed"], ["a", "b", "c"]])
    [('favor', 'mixed'), ('a', 'b'), ('a', 'c'), ('b', 'c')]
    """
    return [pair for given in votes for pair in combinations(given, 2)]


def pairs_macro_f1(pairs: Sequence[tuple[str, str]], values: Iterable[str]) -> float | None:
    """Macro-F1 of the first labels against the second ones, the same the other way round.

    values: the labels to average over; those that no pair has are left out, None when all are.
    F1 of a label = 2 * pairs where both are it / how often it was given.

    >>> pairs_macro_f1([("favor", "favor"), ("against", "none")], ["favor", "against", "mixed"])
    0.5
    """
    scores = []
    for value in values:
        given = sum((first == value) + (second == value) for first, second in pairs)
        if given:
            both = sum(first == second == value for first, second in pairs)
            scores.append(2 * both / given)
    return sum(scores) / len(scores) if scores else None


def merged_confusion(confusion: Counts, view: Sequence[int], n_views: int) -> Counts:
    """A confusion of shape (..., n_views, n_views) with the labels merged as `view` says.

    confusion: (..., k, k); view: for each of the k labels the number of its merged label.
    """
    merge = np.zeros((len(view), n_views))
    merge[np.arange(len(view)), list(view)] = 1
    return np.asarray(merge.T @ confusion @ merge, dtype=float)


def mean_defined(values: Counts) -> Counts:
    """The mean over the last axis of what is defined, (..., n) to (...); nan where nothing is."""
    is_defined = ~np.isnan(values)
    return _ratio(np.where(is_defined, values, 0).sum(axis=-1), is_defined.sum(axis=-1))


def _ratio(part: Counts, whole: Counts) -> Counts:
    whole = np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
