"""How good answers on any labelled set are, with intervals, beside baselines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model import semeval
from model.benchmark import Item, Names
from model.errors import ModelError
from model.report import class_table, counted, score_words
from model.scores import (
    FEW_EXAMPLES,
    ClassScore,
    Counts,
    Score,
    accuracy,
    class_score,
    confusion_parts,
    macro_f1,
    resampled,
    score,
)

METRICS = {
    "macro-f1": "macro-F1",
    "accuracy": "accuracy",
    "semeval": "mean of F1(favor), F1(against)",
}
MOST_CELLS = 10**8  # 0.8 GB
OVER_TARGETS = "the same, averaged over targets"
FREQUENT = f"macro-F1 of labels with {FEW_EXAMPLES} examples"


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of n items in n_groups groups; scores: name -> Score, the asked metric first.

    macro-F1 averages every label that an item has, as published scores do; where some have under
    30 examples, a second one is without them. per_class: label -> ClassScore, by name.
    also: what else the caller scored, name -> Score and its items; notes: what a reader must know.
    """

    n: int
    n_groups: int
    scores: Mapping[str, Score]
    per_class: Mapping[str, ClassScore]
    also: Mapping[str, tuple[Score, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Score:
        """The score by the metric that was asked for."""
        return next(iter(self.scores.values()))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data; undefined figures are null, with the reason in their note."""
        (_, first), *others = self._figures()
        return {
            **_figure(*first),
            "n_groups": self.n_groups,
            "per_class": {label: asdict(one) for label, one in self.per_class.items()},
            "also": {name: _figure(*one) for name, one in others},
            "notes": list(self.notes),
        }

    def describe(self) -> str:
        """The result as text for a terminal, without a line end."""
        lines = [f"  {counted(self.n, 'item')} in {counted(self.n_groups, 'group')}"]
        width = max(len(name) for name, _ in self._figures())
        for name, (one, n) in self._figures():
            of = "" if n == self.n else f", n {n}"
            lines.append(f"  {name:<{width}}  {score_words(one)}{of}")
        lines += class_table("label", self.per_class)
        return "\n".join([*lines, *(f"  Note: {note}." for note in self.notes)])

    def _figures(self) -> list[tuple[str, tuple[Score, int]]]:
        return [*((name, (one, self.n)) for name, one in self.scores.items()), *self.also.items()]


def scored(
    items: Sequence[Item],
    answers: Names,
    baselines: Mapping[str, Names],
    *,
    metric: str,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Result:
    """The scores of one answer for each item; metric: a key of METRICS.

    Intervals resample groups. Raises ModelError when semeval is asked of other labels, and for more
    groups, targets and labels than can be counted.
    """
    labels = sorted({item.label for item in items}.union(answers, *baselines.values()))
    if metric == "semeval":
        semeval.check_sides(labels)
    by_group = _confusions(items, answers, labels, metric)
    confusion = by_group.sum(axis=(0, 1))
    parts = np.column_stack(confusion_parts(confusion))
    per_class = {label: class_score(*some) for label, some in zip(labels, parts, strict=True)}
    few = {label: one.n for label, one in per_class.items() if one.n < FEW_EXAMPLES}
    is_frequent = np.array([label not in few for label in labels])

    def measures(confusions: Counts) -> dict[str, Counts]:
        found = _measures(confusions, labels, metric)
        return {**found, FREQUENT: _macro_f1(confusions, is_frequent)} if few else found

    values = measures(by_group.sum(axis=0))
    draws = measures(_draws(by_group, n_resamples, seed))
    beside = {
        name: measures(_confusions(items, given, labels, metric).sum(axis=0))
        for name, given in baselines.items()
    }
    return Result(
        n=len(items),
        n_groups=len(by_group),
        scores={
            name: score(
                float(value),
                {baseline: float(found[name]) for baseline, found in beside.items()},
                draws[name],
                n_articles=len(by_group),
                unit="group",
                left_out=few if name == FREQUENT else {},
            )
            for name, value in values.items()
        },
        per_class=per_class,
    )


def gap(
    items: Sequence[Item],
    naive: Names,
    grouped: Names,
    *,
    metric: str,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Score:
    """By how much the naive answers score higher than the grouped ones, from -1 to 1.

    Both are counted on the same resamples of groups, so the interval is that of the difference.
    """
    labels = sorted({item.label for item in items}.union(naive, grouped))
    found = []
    for answers in (naive, grouped):
        by_group = _confusions(items, answers, labels, metric)
        whole = by_group.sum(axis=0, keepdims=True)
        confusions = np.concatenate([whole, _draws(by_group, n_resamples, seed)])
        found.append(_measures(confusions, labels, metric)[METRICS[metric]])
    value, *draws = found[0] - found[1]
    return score(float(value), {}, np.array(draws), n_articles=len(by_group), unit="group")


def _figure(score: Score, n: int) -> dict[str, Any]:
    return {
        "score": score.value,
        "interval": None if score.low is None else [score.low, score.high],
        "n": n,
        "baseline": dict(score.baselines),
        "note": score.note,
    }


def _confusions(
    items: Sequence[Item], answers: Names, labels: Sequence[str], metric: str
) -> Counts:
    """Per group, shape (n_groups, n_targets, k, k); one target unless the metric needs them."""
    code = {label: number for number, label in enumerate(labels)}
    targets = [item.example.target if metric == "semeval" else "" for item in items]
    groups, group_codes = np.unique([item.group for item in items], return_inverse=True)
    names, target_codes = np.unique(targets, return_inverse=True)
    shape = (len(groups), len(names), len(labels), len(labels))
    if math.prod(shape) > MOST_CELLS:
        raise ModelError(
            f"{len(groups)} groups, {len(names)} targets and {len(labels)} labels are too many to "
            "count. Is it the right label field, and for semeval the right target field?"
        )
    confusions = np.zeros(shape)
    gold = np.array([code[item.label] for item in items])
    given = np.array([code[answer] for answer in answers])
    np.add.at(confusions, (group_codes, target_codes, gold, given), 1)
    return confusions


def _draws(by_group: Counts, n_resamples: int, seed: int) -> Counts:
    """Sums over groups drawn with replacement, shape (n_resamples, n_targets, k, k)."""
    flat = by_group.reshape(len(by_group), -1)
    drawn = resampled(flat, n_resamples=n_resamples, seed=seed)
    return drawn.reshape(n_resamples, *by_group.shape[1:])


def _measures(confusions: Counts, labels: Sequence[str], metric: str) -> dict[str, Counts]:
    """Every score of confusions (..., n_targets, k, k), the asked one first; each (...)."""
    found = {
        METRICS["macro-f1"]: _macro_f1(confusions, np.ones(len(labels), dtype=bool)),
        METRICS["accuracy"]: accuracy(confusions.sum(axis=-3)),
    }
    first = METRICS[metric]
    if metric == "semeval":
        averaged = semeval.averaged_over_targets(confusions, labels)
        return {first: semeval.pooled(confusions, labels), OVER_TARGETS: averaged, **found}
    return {first: found.pop(first), **found}


def _macro_f1(confusions: Counts, is_averaged: npt.NDArray[np.bool_]) -> Counts:
    return macro_f1(*confusion_parts(confusions.sum(axis=-3)), is_averaged)
