"""How good a saved model is on labelled sentences that it was not trained on.

The test part, and labelled files from elsewhere. Needs no scikit-learn.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.answers import GoldCodes, keyword_answers, majority_answers, model_answers
from model.bundle import Bundle
from model.calibration import calibration_of, graded
from model.errors import ModelError
from model.evaluation import NO_TOPICS, evaluate_answers, held_out_counts
from model.examples import Example
from model.labels import check_labels
from model.report import Evaluation
from model.risk_coverage import abstention_at
from model.scores import FEW_EXAMPLES, Resampling
from model.slicing import slice_of, slices_of


def evaluate_part(
    model: Bundle,
    examples: Sequence[Example],
    stance: Sequence[str],
    topics: Sequence[Collection[str] | None],
    *,
    articles: Sequence[str],
    groups: Sequence[str] = (),
    keywords: Sequence[str] | None = None,
    slices: Mapping[str, Sequence[Collection[str]]] | None = None,
    without: Mapping[str, Sequence[bool]] | None = None,
    method: str = "Test part, scored once",
    fewest_examples: int = FEW_EXAMPLES,
    unit: str = "article",
    n_resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """The scores of a saved model on labelled sentences that it was not trained on.

    The saved model itself answers, the one whose digest stands on every prediction: a second fit
    could differ from it. The majority baseline is that of its training sentences: the most frequent
    stance (a tie: the earlier one), and every topic that at least half of those asked have.
    groups: the process of each example, or nothing; the evaluation names them as held out.
    slices: way of dividing the examples ("outlet") -> per example the names of its slices.
    without: what is left out ("act accuse") -> whether each example is.
    keywords, fewest_examples, unit: as in `evaluate_answers`; a sentence on which the model
    abstains counts with its likeliest value.
    Raises ModelError for an unknown label and no example, ValueError for differing lengths.
    """
    labels = model.manifest.labels
    if not examples:
        raise ModelError("There is no labelled sentence to score the model on.")
    check_labels(examples, stance, topics, labels=labels)
    if len(articles) != len(examples) or (groups and len(groups) != len(examples)):
        raise ValueError(
            f"there are {len(examples)} examples, {len(articles)} articles, {len(groups)} groups"
        )
    gold = GoldCodes.of(stance, topics, labels)
    answered, scores = model_answers(model, examples, gold, articles)
    everything = {"model": answered, "majority": majority_answers(model, len(examples))}
    if keywords is not None:
        everything["keywords"] = keyword_answers(keywords, labels)
    evaluation = evaluate_answers(
        gold,
        everything,
        articles=articles,
        labels=labels,
        fewest_examples=fewest_examples,
        unit=unit,
        n_resamples=n_resamples,
        seed=seed,
    )
    notes = [
        f'{layer} "{label}": the model never learned it ({why}); {n} of the sentences have it'
        for layer, untrained, found in (
            ("stance", model.manifest.untrained_stance, evaluation.stance),
            ("topic", model.manifest.untrained_topics, evaluation.topics),
        )
        for label, why in untrained.items()
        if label in found and (n := found[label].n)
    ]
    is_scored, temperature = scores.is_scored, model.manifest.temperature
    calibrated = graded(scores, is_scored, temperature)
    resampling = Resampling(n_resamples, seed, unit)
    kept = {name: np.flatnonzero(~np.array(is_out)) for name, is_out in (without or {}).items()}
    abstention = abstention_at(
        model.manifest.abstain_below, calibrated, stance=labels.stance, resampling=resampling
    )
    if labels.topics and not gold.is_asked.any():
        notes.append(NO_TOPICS)
    return replace(
        evaluation,
        method=method,
        n_groups=len(set(groups)),
        held_out=held_out_counts(groups),
        notes=tuple(notes),
        calibration=calibration_of(
            calibrated, graded(scores, is_scored), temperature=temperature, resampling=resampling
        ),
        abstention=abstention,
        slices={
            by: slices_of(
                gold, everything, names, articles=articles, labels=labels, resampling=resampling
            )
            for by, names in (slices or {}).items()
        },
        without={
            name: slice_of(
                gold, everything, rows, articles=articles, labels=labels, resampling=resampling
            )
            for name, rows in kept.items()
            if len(rows)
        },
    )
