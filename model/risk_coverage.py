"""From which probability on the model should answer, and what that gives.

A sentence is decided when the calibrated probability of its likeliest stance reaches a threshold;
precision is the share of right answers among the decided, coverage the share that is decided.
Source: El-Yaniv and Wiener 2010, On the Foundations of Noise-free Selective Classification.
"""

from collections.abc import Sequence

import numpy as np

from model.abstention import Abstention, Decided, Point, Risk
from model.calibration import Graded, graded, has_enough
from model.out_of_fold import Floats, OutOfFold
from model.scores import (
    FEW_ARTICLES,
    FEW_EXAMPLES,
    Resampling,
    Score,
    article_draws,
    resampled,
    score,
    share_score,
)
from model.tally import Answers

WANTED = 0.90
ALSO_SHOWN = (0.80, 0.85, 0.90, 0.95)
N_CANDIDATES = 200
N_STEPS = 20
# In so many per cent of the resamples a chosen threshold may miss the wanted precision.
MISSED_PERCENT = 5


def choose_thresholds(
    wanted: Sequence[float], answers: Graded, *, resampling: Resampling
) -> tuple[list[float | None], float | None]:
    """Per wanted precision the lowest threshold that keeps it, and the highest precision kept.

    A threshold keeps a precision when 95 % of the resamples of whole articles have it: one that
    just has it here would miss it every other time. Bounding the risk is the way of Geifman and
    El-Yaniv 2017, Selective Classification for Deep Neural Networks; their binomial bound needs
    independent sentences, and those of an article are alike. Tried are 0 (all are decided) and 200
    quantiles of the probabilities, up to the last that 30 sentences reach.
    None where no threshold keeps it, and everywhere under ten articles or 30 sentences.
    """
    if len(answers.gold) < FEW_EXAMPLES or not has_enough(answers.articles):
        return [None for _ in wanted], None
    # Observed ones: below a threshold in a gap between them lies what was never judged.
    steps = np.linspace(0, 1, N_CANDIDATES + 1)
    quantiles = np.quantile(answers.probability, steps, method="higher")
    tried = np.unique([0.0, *np.floor(quantiles * 1e4) / 1e4])
    tried = tried[(answers.probability >= tried[:, None]).sum(axis=1) >= FEW_EXAMPLES]
    units, articles = np.unique(answers.articles, return_inverse=True)
    highest = np.searchsorted(tried, answers.probability, side="right") - 1
    cells = np.zeros((len(units), 2, len(tried)))
    both = np.column_stack([answers.is_right, np.ones(len(highest))])
    np.add.at(cells.transpose(0, 2, 1), (articles, highest), both)
    # What reaches a threshold reaches all lower ones.
    table = cells[..., ::-1].cumsum(axis=-1)[..., ::-1].reshape(len(units), -1)
    n_right, n = np.split(
        resampled(table, n_resamples=resampling.n, seed=resampling.seed), 2, axis=1
    )
    precisions = np.divide(n_right, n, out=np.zeros_like(n), where=n > 0)
    kept = np.percentile(precisions, MISSED_PERCENT, axis=0)
    chosen = [float(tried[np.argmax(kept >= one)]) if kept.max() >= one else None for one in wanted]
    return chosen, float(kept.max())


def nested_decisions(
    found: OutOfFold,
    temperatures: Floats,
    wanted: Sequence[float],
    *,
    resampling: Resampling,
) -> Answers:
    """Which sentences are decided at the threshold that the other folds choose, (n_wanted, n).

    temperatures: of `nested_temperatures`. Where the other folds reach no threshold, nothing of the
    fold is decided.
    """
    is_decided = np.zeros((len(wanted), len(found.folds)), dtype=bool)
    for others, own in found.each_fold():
        temperature = temperatures[own][0]
        thresholds, _ = choose_thresholds(
            wanted, graded(found, others, temperature), resampling=resampling
        )
        probability = graded(found, own, temperature).probability
        for row, threshold in enumerate(thresholds):
            is_decided[row, own] = threshold is not None and probability >= threshold
    return is_decided


def abstention_of(
    found: OutOfFold,
    temperatures: Floats,
    *,
    temperature: float,
    stance: Sequence[str],
    wanted: float,
    resampling: Resampling,
) -> Abstention:
    """The threshold for the wanted precision, and what such a threshold gives elsewhere.

    The saved threshold is chosen on all sentences with the saved model's temperature; coverage,
    precision and shares are those of thresholds and temperatures that the other folds chose.
    """
    scored = found.is_scored
    final, answers = (graded(found, scored, each) for each in (temperature, temperatures[scored]))
    asked = sorted({*ALSO_SHOWN, wanted})
    thresholds, reached = choose_thresholds(asked, final, resampling=resampling)
    decisions = nested_decisions(found, temperatures, asked, resampling=resampling)[:, scored]
    chosen = thresholds[asked.index(wanted)]
    return Abstention(
        n=len(answers.gold),
        wanted=wanted,
        abstain_below=chosen or None,
        why_not="" if chosen else _why_not(wanted, chosen, reached, answers),
        aurc=area_under_risk_coverage(answers, resampling=resampling),
        points=tuple(
            Point(one, threshold, *_coverage_and_precision(answers, is_decided, resampling))
            for one, threshold, is_decided in zip(asked, thresholds, decisions, strict=True)
        ),
        stance=_by_stance(answers, decisions[asked.index(wanted)], stance),
        curve=risk_curve(answers, resampling=resampling),
    )


def abstention_at(
    threshold: float | None,
    answers: Graded,
    *,
    stance: Sequence[str],
    resampling: Resampling,
) -> Abstention:
    """What the threshold of a saved model gives on sentences that it was not chosen on."""
    is_decided = answers.probability >= (threshold or 0)
    points = (Point(None, threshold, *_coverage_and_precision(answers, is_decided, resampling)),)
    return Abstention(
        n=len(answers.gold),
        wanted=None,
        abstain_below=threshold,
        why_not="the saved model has no threshold" if threshold is None else "",
        aurc=area_under_risk_coverage(answers, resampling=resampling),
        points=points,
        stance=_by_stance(answers, is_decided, stance),
        curve=risk_curve(answers, resampling=resampling),
    )


def area_under_risk_coverage(answers: Graded, *, resampling: Resampling) -> Score:
    """The mean, over the sentences, of the error among all that are at least as sure (AURC).

    0 is best. Beside it a random order of the sentences (the error of all of them) and a perfect
    one (right answers before wrong ones). Equally sure sentences share one error.
    Source: Geifman, Uziel and El-Yaniv 2019, Bias-Reduced Uncertainty Estimation.
    """
    units, articles = np.unique(answers.articles, return_inverse=True)
    order = np.argsort(-answers.probability, kind="stable")
    falling = -answers.probability[order]
    last_as_sure = np.searchsorted(falling, falling, side="right") - 1
    wrong = ~answers.is_right[order]

    def area(weights: Floats) -> float:
        n, n_wrong = weights.cumsum()[last_as_sure], (weights * wrong).cumsum()[last_as_sure]
        risks = np.divide(n_wrong, n, out=np.zeros_like(n), where=n > 0)
        return float(weights @ risks / weights.sum())

    draws = article_draws(len(units), n_resamples=resampling.n, seed=resampling.seed)
    ranks = np.arange(1, len(wrong) + 1)
    perfect = np.maximum(ranks - (~wrong).sum(), 0) / ranks
    return score(
        area(np.ones(len(wrong))),
        {"random order": float(wrong.mean()), "perfect order": float(perfect.mean())},
        np.array([area(counts[articles[order]]) for counts in draws]),
        n_articles=len(units),
        unit=resampling.unit,
    )


def risk_curve(answers: Graded, *, resampling: Resampling) -> tuple[Risk, ...]:
    """The error among the surest twentieth, two twentieths and so on of the sentences.

    Equally sure sentences stay together, so a step may hold some more; one that holds under 30 is
    left out. Beside the error stands that of a random order, the same at every coverage.
    """
    falling = np.sort(answers.probability)[::-1]
    found: dict[int, Risk] = {}
    for step in range(1, N_STEPS + 1):
        last = falling[-(-step * len(falling) // N_STEPS) - 1]
        is_sure = answers.probability >= last
        n = int(is_sure.sum())
        if n >= FEW_EXAMPLES and n not in found:
            error = share_score(
                ~answers.is_right,
                is_sure,
                answers.articles,
                baselines={"random order": float((~answers.is_right).mean())},
                resampling=resampling,
            )
            found[n] = Risk(n, n / len(falling), error)
    return tuple(found.values())


def _coverage_and_precision(
    answers: Graded, is_decided: Answers, resampling: Resampling
) -> tuple[Score, Score]:
    everywhere = np.ones(len(is_decided), dtype=bool)
    coverage = share_score(is_decided, everywhere, answers.articles, resampling=resampling)
    if not is_decided.any():
        return coverage, Score(None, {}, None, None, "undefined: nothing is decided")
    is_majority = answers.gold == np.bincount(answers.gold).argmax()
    baselines = {
        "always answering": float(answers.is_right.mean()),
        "majority": float(is_majority[is_decided].mean()),
    }
    return coverage, share_score(
        answers.is_right, is_decided, answers.articles, baselines=baselines, resampling=resampling
    )


def _by_stance(answers: Graded, is_decided: Answers, stance: Sequence[str]) -> dict[str, Decided]:
    found = {}
    for code, value in enumerate(stance):
        is_it, is_answer = answers.gold == code, answers.answer == code
        rows = (is_it, is_answer, is_answer & is_decided, is_answer & is_decided & is_it)
        found[value] = Decided(*(int(some.sum()) for some in rows))
    return found


def _why_not(wanted: float, chosen: float | None, reached: float | None, answers: Graded) -> str:
    if chosen is not None:
        return f"that keeps a precision of {100 * wanted:g}%"
    if reached is not None:
        return f"no threshold keeps a precision of {100 * wanted:g}%, the best keeps {reached:.1%}"
    n_articles = len(np.unique(answers.articles))
    return (
        f"{len(answers.gold)} sentences of {n_articles} articles are too few to choose a threshold,"
        f" expected at least {FEW_EXAMPLES} of {FEW_ARTICLES}"
    )
