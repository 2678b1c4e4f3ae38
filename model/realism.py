"""How real are written reports? Their sentences beside real ones: a classifier, lengths, holders.

A corpus that a linear model tells from real news at a glance trains a model that reads itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

FOLDS = 5
NAME_OR_NUMBER = re.compile(r"\b[A-Z][\w.'’-]*|\d[\d,.:]*")
# What joins clauses in English. "that" and "as" also do other work, on both sides alike.
CLAUSE_LINKS = re.compile(
    r"\b(?:after|although|as|because|before|but|if|once|since|so|that|though|unless|until|when"
    r"|where|whereas|whether|which|while|who|whom|whose)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence; group: what is held out with it (its article); labels: None where not given."""

    text: str
    group: str
    stance: str | None = None
    n_holders: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Figures of a set of sentences.

    words: 10th, 50th and 90th percentile; clauses: mean of one and its clause links; holders: mean
    over the sentences that have any, None where nobody marked them.
    """

    sentences: int
    words: tuple[float, float, float]
    clauses: float
    holders: float | None


def shape(texts: Sequence[Text]) -> Shape:
    """Lengths, clauses and holders of at least one sentence.

    >>> shape([Text("Talks resumed after he left.", "a")])
    Shape(sentences=1, words=(5.0, 5.0, 5.0), clauses=2.0, holders=None)
    """
    low, middle, high = np.percentile([len(item.text.split()) for item in texts], [10, 50, 90])
    holders = [item.n_holders for item in texts if item.n_holders]
    return Shape(
        sentences=len(texts),
        words=(float(low), float(middle), float(high)),
        clauses=float(np.mean([1 + len(CLAUSE_LINKS.findall(item.text)) for item in texts])),
        holders=float(np.mean(holders)) if holders else None,
    )


def separability(written: Sequence[Text], real: Sequence[Text], *, masked: bool = False) -> float:
    """How well a linear model tells written from real sentences: AUC, 0.5 is not at all.

    Word uni- and bigrams, logistic regression, five folds of whole groups. masked: names
    (capitalised words) and numbers are hidden, so that subjects and places do not decide it.
    """
    items = [*written, *real]
    texts = [NAME_OR_NUMBER.sub("X", item.text) if masked else item.text for item in items]
    is_real = np.arange(len(items)) >= len(written)
    classifier = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        LogisticRegression(class_weight="balanced", max_iter=2000),
    )
    found = cross_val_predict(
        classifier,
        texts,
        is_real,
        groups=[item.group for item in items],
        cv=GroupKFold(FOLDS),
        method="predict_proba",
    )
    return float(roc_auc_score(is_real, found[:, 1]))
