"""How good predictions are, how sure that is, and where a score is undefined.

Pure arithmetic over tables of counts; `model.evaluation` makes the tables from held-out sentences.
Undefined scores are nan in arrays and None in records, with the reason in words beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]

FEW_EXAMPLES = 30
FEW_ARTICLES = 10


@dataclass(frozen=True, slots=True)
class Score:
    """One figure from 0 to 1, the baselines beside it, and its interval.

    baselines: name ("majority", "keywords") -> the same figure of that baseline.
    low, high: the 95 % percentile interval over resampled articles; None where `note` says why.
    value, a baseline: None where undefined.
    """

    value: float | None
    baselines: Mapping[str, float | None]
    low: float | None
    high: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fared: n held-out sentences have it, n_predicted were given it.

    precision is None when nothing was given the label, recall and f1 are None when no sentence has
    it; `note` says so, and says when n is under 30.
    """

    n: int
    n_predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    note: str


def class_score(true_positives: float, n: float, n_predicted: float) -> ClassScore:
    """The scores of one label from three counts of sentences.

    >>> class_score(0, 0, 2).note
    'no sentence has it: recall and F1 are undefined'
    """
    notes = []
    if not n:
        notes.append("no sentence has it: recall and F1 are undefined")
    elif n < FEW_EXAMPLES:
        notes.append(f"under {FEW_EXAMPLES} examples: too few for a score of its own")
    if not n_predicted:
        notes.append("never predicted: precision is undefined")
    return ClassScore(
        n=int(n),
        n_predicted=int(n_predicted),
        precision=float(true_positives / n_predicted) if n_predicted else None,
        recall=float(true_positives / n) if n else None,
        f1=float(2 * true_positives / (n + n_predicted)) if n else None,
        note="; ".join(notes),
    )


def macro_f1(true_positives: Counts, n: Counts, n_predicted: Counts) -> Counts:
    """The mean F1 over the labels that at least one sentence has; nan when there is none.

    All three have shape (..., n_labels), the result (...). F1 = 2 tp / (n + n_predicted). A label
    that no sentence has is left out: predicting it costs the other labels their recall.
    """
    has_examples = n > 0
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
    rng = np.random.default_rng(seed)
    n_articles = len(by_article)
    even = np.full(n_articles, 1 / n_articles)
    return np.stack(
        [rng.multinomial(n_articles, even).astype(float) @ by_article for _ in range(n_resamples)]
    )


def score(value: float, baselines: Mapping[str, float], draws: Counts, *, n_articles: int) -> Score:
    """A score with its interval, or with the reason why it has none.

    value, baselines: nan when undefined; draws: the score of each resample, shape (n_resamples,).
    Under ten articles there is no interval: resampling so few makes one far too narrow.
    """
    if np.isnan(value):
        return Score(None, {}, None, None, "undefined: no held-out sentence has such a label")
    base = {name: None if np.isnan(n) else float(n) for name, n in baselines.items()}
    n_undefined = int(np.isnan(draws).sum())
    if n_articles < FEW_ARTICLES:
        why = f"no interval: {n_articles} articles, expected at least {FEW_ARTICLES}"
        return Score(float(value), base, None, None, why)
    if n_undefined:
        why = f"no interval: undefined in {n_undefined} of {len(draws)} resamples"
        return Score(float(value), base, None, None, why)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Score(float(value), base, float(low), float(high))


def merged_confusion(confusion: Counts, view: Sequence[int], n_views: int) -> Counts:
    """A confusion of shape (..., n_views, n_views) with the labels merged as `view` says.

    confusion: (..., k, k); view: for each of the k labels the number of its merged label.
    """
    merge = np.zeros((len(view), n_views))
    merge[np.arange(len(view)), list(view)] = 1
    return np.asarray(merge.T @ confusion @ merge, dtype=float)


def _ratio(part: Counts, whole: Counts) -> Counts:
    whole = np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
