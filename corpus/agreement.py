"""How far annotators agree beyond chance: nominal Krippendorff's alpha, and its breakdowns.

The annotators of our own corpus are language models, so these figures are annotator against
annotator, never a human ceiling.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from corpus.codebook import Codebook
from corpus.records import Annotation

Ratings = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One line of the table.

    ``n``: sentences with at least two ratings; ``percent``: share of rating pairs that agree, in
    [0, 1], nan when there is no pair; ``alpha``: nan when it is undefined, ``why`` then says why.
    """

    layer: str
    what: str
    n: int
    percent: float
    alpha: float
    why: str = ""

    def __str__(self) -> str:
        if math.isnan(self.percent):
            return f"{self.what:<28} {self.why}"
        shown = f"alpha {self.alpha:5.2f}" if not math.isnan(self.alpha) else f"alpha {self.why}"
        return f"{self.what:<28} n {self.n:>5}   agree {self.percent:4.0%}   {shown}"


def alpha(ratings: Ratings) -> float:
    """Krippendorff's nominal alpha over sentences with at least two ratings.

    ratings: sentence id -> one label per annotator, any order, lengths may differ.
    1.0 is full agreement, 0.0 chance, below 0 systematic disagreement. Nothing to compare, or one
    label everywhere (chance alone would agree fully), gives nan.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, nominal case.

    >>> alpha({"s1": ["for", "for"], "s2": ["for", "against"], "s3": ["against", "against"]})
    0.4444444444444444
    """
    pairable = [labels for labels in ratings.values() if len(labels) >= 2]
    totals = Counter(label for labels in pairable for label in labels)
    n = totals.total()
    expected = n * n - sum(count * count for count in totals.values())
    if expected == 0:
        return math.nan
    observed = sum(
        (len(labels) ** 2 - sum(count * count for count in Counter(labels).values()))
        / (len(labels) - 1)
        for labels in pairable
    )
    return 1.0 - (n - 1) * observed / expected


def percent_agreement(ratings: Ratings) -> float:
    """Share of pairs of ratings of the same sentence that are equal; nan without a pair."""
    pairs = [
        left == right for labels in ratings.values() for left, right in combinations(labels, 2)
    ]
    return sum(pairs) / len(pairs) if pairs else math.nan


def agreement_table(annotations: Iterable[Annotation], codebook: Codebook) -> list[Agreement]:
    """Agreement on each layer, on each of its values against the rest, and of each pair.

    annotations: the current ones; only done ones are compared. The act is compared where both
    were asked for it, topics one by one.
    """
    done = [annotation for annotation in annotations if annotation.status == "done"]
    lines = []
    for layer in ("stance", "act"):
        answers = _answers(done, layer)
        if not codebook.names(layer):
            continue
        lines.append(_line(layer, layer, _ratings(answers)))
        if lines[-1].n == 0:
            continue
        for value in codebook.names(layer):
            rest = {key: value if label == value else "rest" for key, label in answers.items()}
            lines.append(_line(layer, f"  {value}", _ratings(rest)))
        lines += _pairs(layer, answers)
    for topic in codebook.names("topics"):
        asked = {
            (item.sentence_id, item.annotator): str(topic in item.topics)
            for item in done
            if item.topics is not None
        }
        lines.append(_line("topics", f"topic {topic}", _ratings(asked)))
    return lines


def _answers(done: Iterable[Annotation], layer: str) -> dict[tuple[str, str], str]:
    """(sentence id, annotator) -> label, where the layer was answered."""
    return {
        (item.sentence_id, item.annotator): value
        for item in done
        if (value := getattr(item, layer)) is not None
    }


def _ratings(answers: Mapping[tuple[str, str], str]) -> Ratings:
    ratings: defaultdict[str, list[str]] = defaultdict(list)
    for (sentence_id, _), label in answers.items():
        ratings[sentence_id].append(label)
    return ratings


def _pairs(layer: str, answers: Mapping[tuple[str, str], str]) -> list[Agreement]:
    names = sorted({annotator for _, annotator in answers})
    lines = []
    for pair in combinations(names, 2):
        both = {key: label for key, label in answers.items() if key[1] in pair}
        lines.append(_line(layer, f"  {pair[0]} / {pair[1]}", _ratings(both)))
    return lines


def _line(layer: str, what: str, ratings: Ratings) -> Agreement:
    n = sum(len(labels) >= 2 for labels in ratings.values())
    found = alpha(ratings)
    why = ""
    if n == 0:
        why = "undefined: no sentence was labelled by two annotators"
    elif math.isnan(found):
        used = {label for labels in ratings.values() if len(labels) >= 2 for label in labels}
        why = (
            "undefined: nobody used it"
            if used <= {"rest", "False"}
            else f"undefined: every label is {min(used)}, so chance alone agrees fully"
        )
    return Agreement(layer, what, n, percent_agreement(ratings), found, why)
