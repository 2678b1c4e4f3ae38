"""The figures of an actor audit, from answers that are already there. Needs no scikit-learn."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from model.answers import Answered, GoldCodes
from model.audit_report import MaskedScores, Swap
from model.audit_variants import CONTROLS, Variant
from model.evaluation import evaluate_answers
from model.labels import THREE_WAY, LabelSet
from model.scores import FEW_EXAMPLES, Score, resampled, score
from model.tally import Codes, label_parts, measures, tally

Values = npt.NDArray[np.float64]
SIDES = THREE_WAY[:2]


def answers(probabilities: Values) -> Codes:
    """The likeliest stance code per row of probabilities (n, n_stance); -1 for a row of nan."""
    is_scored = ~np.isnan(probabilities).any(axis=-1)
    return np.where(is_scored, np.nan_to_num(probabilities).argmax(axis=-1), -1)


def three_way_codes(labels: LabelSet) -> Codes:
    """Per stance code the code of its three-way label, shape (n_stance,)."""
    return np.array([THREE_WAY.index(labels.three_way[value]) for value in labels.stance])


def side_probabilities(probabilities: Values, labels: LabelSet) -> Values:
    """Favor and against, shape (n, 2), from (n, n_stance): the sum of the values that mean it."""
    view = three_way_codes(labels)
    return np.stack([probabilities[:, view == side].sum(axis=1) for side in (0, 1)], axis=1)


def mean_scores(
    values: Values, articles: Sequence[str], *, n_resamples: int, seed: int
) -> tuple[tuple[Score, ...], Values]:
    """The means of figures over sentences, with intervals by articles, and the resampled means.

    values: shape (n_sentences, n_figures); articles: one name a sentence. Resampled means have
    shape (n_resamples, n_figures).
    """
    if not len(values):
        nothing = Score(None, {}, None, None, "undefined: no sentence")
        return (nothing,) * values.shape[1], np.empty((0, values.shape[1]))
    names, codes = np.unique(np.array(articles), return_inverse=True)
    columns = [np.bincount(codes, some) for some in (np.ones(len(values)), *values.T)]
    sums = resampled(np.stack(columns, axis=1), n_resamples=n_resamples, seed=seed)
    draws = sums[:, 1:] / sums[:, :1]
    scores = (
        score(float(mean), {}, some, n_articles=len(names))
        for mean, some in zip(values.mean(axis=0), draws.T, strict=True)
    )
    return tuple(scores), draws


def masked_scores(
    gold: GoldCodes,
    answered: Mapping[str, Codes],
    *,
    articles: Sequence[str],
    labels: LabelSet,
    n_resamples: int,
    seed: int,
) -> MaskedScores:
    """The scores of the answers "plain", "in_use" and "in_training", beside "majority".

    Each a stance code per sentence, -1 for none; a sentence that one of them has not counts in no
    score, so that all are of the same sentences.
    """
    is_scored = np.all([codes >= 0 for codes in answered.values()], axis=0)
    topics = np.zeros((len(articles), len(labels.topics)), dtype=bool)
    given = {
        name: Answered(np.where(is_scored, codes, -1), topics) for name, codes in answered.items()
    }
    scores = {
        name: evaluate_answers(
            gold,
            {"model": given[name], "majority": given["majority"]},
            articles=articles,
            labels=labels,
            n_resamples=n_resamples,
            seed=seed,
        ).scores
        for name in ("plain", "in_use", "in_training")
    }
    changes = {
        name: _changes(
            gold,
            given["plain"],
            given[name],
            scores["plain"],
            articles=articles,
            labels=labels,
            n_resamples=n_resamples,
            seed=seed,
        )
        for name in ("in_use", "in_training")
    }
    return MaskedScores(
        n_sentences=int(is_scored.sum()),
        **scores,
        change_in_use=changes["in_use"],
        change_in_training=changes["in_training"],
    )


def _changes(
    gold: GoldCodes,
    before: Answered,
    after: Answered,
    scores: Mapping[str, Score],
    *,
    articles: Sequence[str],
    labels: LabelSet,
    n_resamples: int,
    seed: int,
) -> dict[str, Score]:
    """After minus before by score name; the same articles are drawn for both (paired bootstrap).

    scores: those of the answers before; a change leaves out the same labels.
    """
    names, codes = np.unique(np.array(articles), return_inverse=True)
    tables = [
        tally(
            codes,
            n_articles=len(names),
            gold=gold.stance,
            predicted=given.stance,
            gold_topics=gold.topics,
            predicted_topics=given.topics,
            n_stance=len(labels.stance),
        )
        for given in (before, after)
    ]
    parts = label_parts(tables[0].sum(axis=0), labels, has_topics=False)
    averaged = {name: n >= FEW_EXAMPLES for name, (_, n, _) in parts.items()}
    found, draws = (
        [measures(table, labels, averaged=averaged) for table in some]
        for some in (
            [table.sum(axis=0) for table in tables],
            [resampled(table, n_resamples=n_resamples, seed=seed) for table in tables],
        )
    )
    return {
        name: score(
            float(found[1][name] - found[0][name]),
            {},
            draws[1][name] - draws[0][name],
            n_articles=len(names),
            left_out=before_score.left_out,
        )
        for name, before_score in scores.items()
    }


def swap_figures(
    plain: Values,
    swapped: Mapping[str, tuple[Sequence[Variant], Values]],
    *,
    articles: Sequence[str],
    labels: LabelSet,
    n_resamples: int,
    seed: int,
) -> dict[str, Swap]:
    """What each kind of change did; a sentence's variants count as their mean.

    plain: probabilities (n_sentences, n_stance); swapped: kind -> variants, and their probabilities
    (n_variants, n_stance). Source: Prabhakaran et al. 2019, Perturbation Sensitivity Analysis (the
    change of the score, and of the label, when one name takes another's place).
    """
    view = three_way_codes(labels)
    by_kind = {}
    for kind, (variants, found) in swapped.items():
        rows = np.array([variant.row for variant in variants], dtype=np.int64)
        is_scored = (answers(plain)[rows] >= 0) & (answers(found) >= 0)
        rows, found = rows[is_scored], found[is_scored]
        before, after = answers(plain)[rows], answers(found)
        moved = np.abs(side_probabilities(found, labels) - side_probabilities(plain[rows], labels))
        effects = np.column_stack([view[before] != view[after], before != after, moved])
        by_kind[kind] = (len(rows), _means_by_row(rows, effects, len(articles)))

    def means(effects: Values) -> tuple[Score, ...]:
        """effects: shape (n_sentences, n_effects), nan for a sentence without a variant."""
        rows = [row for row, has_none in enumerate(np.isnan(effects[:, 0])) if not has_none]
        some = [articles[row] for row in rows]
        return mean_scores(effects[rows], some, n_resamples=n_resamples, seed=seed)[0]

    found_swaps = {}
    for kind, (n_variants, effects) in by_kind.items():
        three_way, five_way, favor, against = means(effects)
        found_swaps[kind] = Swap(
            n_sentences=int((~np.isnan(effects[:, 0])).sum()),
            n_variants=n_variants,
            flips_three_way=three_way,
            flips_five_way=five_way,
            change_favor=favor,
            change_against=against,
            beyond={
                control: means(effects[:, :1] - by_kind[control][1][:, :1])[0]
                for control in CONTROLS.get(kind, ())
            },
        )
    return found_swaps


def _means_by_row(rows: Codes, effects: Values, n_rows: int) -> Values:
    """Shape (n_rows, n_effects): the means of the effects of each row, nan for a row without."""
    n = np.bincount(rows, minlength=n_rows)
    sums = [np.bincount(rows, effect, minlength=n_rows) for effect in effects.T]
    with np.errstate(invalid="ignore"):
        return np.stack(sums, axis=1) / n[:, None]
