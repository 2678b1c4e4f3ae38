"""How held-out predictions are counted, article by article, and which scores follow.

A table has one row per article and the columns: the stance confusion flattened (gold value first),
then per topic the true positives, then the sentences that have it, then those it was given to.
Sums of rows are tables of more articles, which makes resampling a matrix product.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from model.labels import THREE_WAY, LabelSet
from model.scores import (
    Counts,
    accuracy,
    confusion_parts,
    macro_f1,
    merged_confusion,
    micro_f1,
)

Codes = npt.NDArray[np.int64]
Answers = npt.NDArray[np.bool_]
Parts = tuple[Counts, Counts, Counts]


def tally(
    articles: Codes,
    *,
    n_articles: int,
    gold: Codes,
    predicted: Codes,
    gold_topics: Answers,
    predicted_topics: Answers,
    n_stance: int,
) -> Counts:
    """The table of shape (n_articles, n_stance ** 2 + 3 * n_topics).

    articles, gold, predicted: one code per sentence from 0; predicted is -1 for a sentence that
    was not scored, and counts nowhere. Topics: shape (n_sentences, n_topics); for a sentence that
    nobody was asked about, both are False.
    """
    is_scored = predicted >= 0
    cells = n_stance**2
    table = np.zeros((n_articles, cells + 3 * gold_topics.shape[1]))
    cell = gold[is_scored] * n_stance + predicted[is_scored]
    np.add.at(table, (articles[is_scored], cell), 1)
    parts = np.hstack([gold_topics & predicted_topics, gold_topics, predicted_topics])
    np.add.at(table[:, cells:], articles[is_scored], parts[is_scored].astype(float))
    return table


def confusion_of(table: Counts, n_stance: int) -> Counts:
    """The stance confusions, shape (..., n_stance, n_stance), of tables (..., width)."""
    cells = table[..., : n_stance**2]
    return cells.reshape(*table.shape[:-1], n_stance, n_stance)


def topic_parts(table: Counts, n_stance: int) -> Parts:
    """True positives, n and n_predicted per topic, each (..., n_topics), of tables (..., width)."""
    true_positives, n, n_predicted = np.split(table[..., n_stance**2 :], 3, axis=-1)
    return true_positives, n, n_predicted


def label_parts(table: Counts, labels: LabelSet, *, has_topics: bool) -> dict[str, Parts]:
    """What each macro-F1 of `model.report.NAMES` averages: true positives, n and n_predicted.

    Each part has shape (..., n_labels) for tables of shape (..., width), in the order of
    `averaged_labels`. The direction is scored on the sentences that are favor or against: which of
    the two was answered; none is neither.
    """
    n_stance = len(labels.stance)
    view = [THREE_WAY.index(labels.three_way[value]) for value in labels.stance]
    has_stance = [int(value != labels.neutral) for value in labels.stance]
    confusion = confusion_of(table, n_stance)
    three_way = merged_confusion(confusion, view, len(THREE_WAY))
    sided = three_way[..., :2, :]
    right = np.diagonal(sided, axis1=-2, axis2=-1)
    parts = {
        "stance_macro_f1": confusion_parts(confusion),
        "presence_macro_f1": confusion_parts(merged_confusion(confusion, has_stance, 2)),
        "direction_macro_f1": (right, sided.sum(axis=-1), sided.sum(axis=-2)[..., :2]),
        "three_way_macro_f1": confusion_parts(three_way),
    }
    if has_topics:
        parts["topics_macro_f1"] = topic_parts(table, n_stance)
    return parts


def averaged_labels(labels: LabelSet) -> dict[str, tuple[str, ...]]:
    """The labels that each macro-F1 averages over, by name."""
    return {
        "stance_macro_f1": labels.stance,
        "presence_macro_f1": (labels.neutral, "any stance"),
        "direction_macro_f1": THREE_WAY[:2],
        "three_way_macro_f1": THREE_WAY,
        "topics_macro_f1": labels.topics,
    }


def enough_examples(
    parts: Mapping[str, Parts], labels: LabelSet, *, fewest: int
) -> tuple[dict[str, Answers], dict[str, dict[str, int]]]:
    """By name of a macro-F1: which labels it averages over, (n_labels,), and the others' examples.

    parts: as `label_parts` returns them. A label that it averages has `fewest` sentences, or one.
    """
    averaged = {name: n >= max(fewest, 1) for name, (_, n, _) in parts.items()}
    left_out = {
        name: {
            label: int(n)
            for label, n, is_in in zip(
                averaged_labels(labels)[name], parts[name][1], averaged[name], strict=True
            )
            if not is_in
        }
        for name in parts
    }
    return averaged, left_out


def measures(
    table: Counts, labels: LabelSet, *, averaged: Mapping[str, Answers]
) -> dict[str, Counts]:
    """The scores by the names of `model.report.NAMES`, each of shape (...), of tables (..., width).

    averaged: name of a macro-F1 -> which of its labels it averages over, shape (n_labels,); without
    topics there, topics are not scored. Accuracy and micro-F1 count every sentence and topic.
    """
    has_topics = "topics_macro_f1" in averaged
    parts = label_parts(table, labels, has_topics=has_topics)
    found = {name: macro_f1(*some, averaged[name]) for name, some in parts.items()}
    found["stance_accuracy"] = accuracy(confusion_of(table, len(labels.stance)))
    if has_topics:
        found["topics_micro_f1"] = micro_f1(*parts["topics_macro_f1"])
    return found
