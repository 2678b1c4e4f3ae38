"""How good the answers for held-out sentences are, whoever gave them.

One way of counting for all figures: cross-validation (`model.cross_validation`), the test part and
labelled files from elsewhere (`model.part`). Needs no scikit-learn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.answers import Answered, GoldCodes
from model.labels import LabelSet
from model.report import NAMES, Evaluation
from model.scores import (
    FEW_EXAMPLES,
    ClassScore,
    class_score,
    confusion_parts,
    pairs_macro_f1,
    pairs_of,
    resampled,
    score,
)
from model.tally import (
    Parts,
    averaged_labels,
    confusion_of,
    enough_examples,
    label_parts,
    measures,
    tally,
    topic_parts,
)

FIXED_THRESHOLD = "every threshold 0.5"
NO_TOPICS = "no sentence was labelled for topics, so topics have no scores"


def evaluate_answers(
    gold: GoldCodes,
    answered: Mapping[str, Answered],
    *,
    articles: Sequence[str],
    labels: LabelSet,
    fewest_examples: int = FEW_EXAMPLES,
    unit: str = "article",
    n_resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """The scores of held-out sentences; how they were held out is for the caller to add.

    answered: "model" and the baselines, of which "keywords" answers no topic and FIXED_THRESHOLD
    differs from the model in topics only; a sentence without a stance answer of the model counts
    nowhere, and for no baseline. articles: what the intervals resample; unit: what one is called.

    A label with fewer than fewest_examples gold sentences has no score, and no macro-F1 averages
    over it; the evaluation names it. Cross-validation and the test part use the same limit: else
    `make train` and `make evaluate` would print figures of one name and two meanings, and five
    sentences of a rare value would weigh as much as five hundred. The limit holds for each view by
    itself: in the three-way view `conditional` and `no_stance` are one label. Which labels are
    averaged is decided once, by all sentences; a resample without one of them averages the others.
    """
    is_scored = answered["model"].stance >= 0
    has_topics = bool(labels.topics) and bool(gold.is_asked.any())
    units, article_codes = np.unique(np.array(articles), return_inverse=True)
    tables = {
        name: tally(
            article_codes,
            n_articles=len(units),
            gold=gold.stance,
            predicted=np.where(is_scored, answers.stance, -1),
            gold_topics=gold.topics,
            predicted_topics=answers.topics & gold.is_asked[:, None],
            n_stance=len(labels.stance),
        )
        for name, answers in answered.items()
    }
    total = tables["model"].sum(axis=0)
    parts = label_parts(total, labels, has_topics=has_topics)
    averaged, left_out = enough_examples(parts, labels, fewest=fewest_examples)
    figures = {
        name: measures(table.sum(axis=0), labels, averaged=averaged)
        for name, table in tables.items()
    }
    draws = measures(
        resampled(tables["model"], n_resamples=n_resamples, seed=seed), labels, averaged=averaged
    )

    def baselines(name: str) -> dict[str, float]:
        other = "keywords" if "topic" in name else FIXED_THRESHOLD
        return {
            which: float(found[name])
            for which, found in figures.items()
            if which not in ("model", other)
        }

    confusion = confusion_of(total, len(labels.stance))

    def by_label(names: Sequence[str], counts: Parts) -> dict[str, ClassScore]:
        return {
            name: class_score(*some, fewest=fewest_examples)
            for name, some in zip(names, np.column_stack(counts), strict=True)
        }

    return Evaluation(
        n_sentences=len(articles),
        n_articles=len(units),
        n_groups=0,
        unit=unit,
        n_scored=int(is_scored.sum()),
        scores={
            name: score(
                float(figures["model"][name]),
                baselines(name),
                draws[name],
                n_articles=len(units),
                unit=unit,
                left_out=left_out.get(name),
            )
            for name in NAMES
            if name in draws
        },
        stance=by_label(labels.stance, confusion_parts(confusion)),
        topics=by_label(labels.topics, topic_parts(total, len(labels.stance)))
        if has_topics
        else {},
        confusion={
            value: {v: int(n) for v, n in zip(labels.stance, row, strict=True)}
            for value, row in zip(labels.stance, confusion, strict=True)
        },
        fewest_examples=fewest_examples,
        n_resamples=n_resamples,
        seed=seed,
    )


def held_out_counts(groups: Iterable[str]) -> dict[str, int]:
    """Group name -> its sentences, by name."""
    return dict(sorted(Counter(groups).items()))


def beside_annotators(
    evaluation: Evaluation, votes: Iterable[Sequence[str]], labels: LabelSet
) -> Evaluation:
    """The evaluation with the macro-F1 of annotator against annotator, where there are two.

    votes: the stance labels that the annotators gave each sentence. Every pair of annotators of a
    sentence counts, and the same labels are averaged as in the model's own figures. Without those
    there is nothing to stand beside, and the evaluation stays as it is.
    """
    pairs = pairs_of(votes)
    if not pairs or not evaluation.is_scored:
        return evaluation
    merged = [(labels.three_way[first], labels.three_way[second]) for first, second in pairs]
    found = {}
    for name, given in (("stance_macro_f1", pairs), ("three_way_macro_f1", merged)):
        left_out = evaluation.scores[name].left_out
        values = [label for label in averaged_labels(labels)[name] if label not in left_out]
        found[name] = pairs_macro_f1(given, values)
    return replace(evaluation, annotators=found, n_annotator_pairs=len(pairs))
