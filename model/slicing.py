"""Where a model does better and where worse: scores of the sentences of an outlet, an act, a year.

Slices differ in how their stances are mixed, so each stands beside its own baselines.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.answers import Answered, GoldCodes
from model.evaluation import evaluate_answers
from model.labels import LabelSet
from model.scores import FEW_EXAMPLES, Resampling, Score
from model.slices import SHOWN, Slice, Slices
from model.tally import Codes


def slices_of(
    gold: GoldCodes,
    answered: Mapping[str, Answered],
    names: Sequence[Collection[str]],
    *,
    articles: Sequence[str],
    labels: LabelSet,
    resampling: Resampling,
) -> Slices:
    """The slices of one way of dividing; names: per sentence the slices that it is in.

    answered: the model and the baselines, as for `evaluate_answers`. Only stance is scored. A
    macro-F1 is undefined where one of the labels that it averages over all sentences has under 30
    in the slice: the mean of the others would be another figure, not to be compared.
    """
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for row, in_slices in enumerate(names):
        for name in in_slices:
            rows_of[name].append(row)

    def one_slice(rows: Sequence[int]) -> Slice:
        return slice_of(
            gold,
            answered,
            np.array(rows),
            articles=articles,
            labels=labels,
            resampling=resampling,
        )

    overall = one_slice(range(len(names))).scores
    by_size = sorted(rows_of.items(), key=lambda item: (-len(item[1]), item[0]))
    scored = {}
    for name, rows in by_size:
        if len(rows) >= FEW_EXAMPLES:
            found = one_slice(rows)
            shown = {key: comparable(found.scores[key], overall[key]) for key in SHOWN}
            scored[name] = replace(found, scores=shown)
    return Slices(scored, {name: len(rows) for name, rows in by_size if name not in scored})


def slice_of(
    gold: GoldCodes,
    answered: Mapping[str, Answered],
    rows: Codes,
    *,
    articles: Sequence[str],
    labels: LabelSet,
    resampling: Resampling,
) -> Slice:
    """All scores of stance on some rows (n_rows,) of the sentences."""
    no_topics = np.zeros((len(rows), 0), dtype=bool)
    found = evaluate_answers(
        GoldCodes(gold.stance[rows], no_topics, gold.is_asked[rows]),
        {name: Answered(one.stance[rows], no_topics) for name, one in answered.items()},
        articles=[articles[row] for row in rows],
        labels=replace(labels, topics=()),
        unit=resampling.unit,
        n_resamples=resampling.n,
        seed=resampling.seed,
    )
    return Slice(found.n_sentences, found.n_articles, found.scores)


def comparable(score: Score, overall: Score) -> Score:
    """The score, undefined where it averages fewer labels than the one of all sentences."""
    missing = {name: n for name, n in score.left_out.items() if name not in overall.left_out}
    if not missing:
        return score
    few = ", ".join(f"{name} ({n})" for name, n in missing.items())
    note = f"undefined: under {FEW_EXAMPLES} examples of {few}"
    return Score(None, {}, None, None, note, score.left_out)
