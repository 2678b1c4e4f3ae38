"""The model abstains where it would miss the precision asked for, and the cost is shown."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from model.abstention import PROMISE, Abstention, Decided
from model.answers import GoldCodes
from model.calibration import Graded
from model.out_of_fold import OutOfFold
from model.risk_coverage import (
    abstention_at,
    abstention_of,
    area_under_risk_coverage,
    choose_thresholds,
    nested_decisions,
    risk_curve,
)
from model.scores import Resampling

FAST = Resampling(n=200)
VALUES = ("favor", "against")


def answers(rows, *, articles=1):
    """Rows of (probability, is right), the same in each article; answered is always 0."""
    probability, is_right = (np.array(column * articles) for column in zip(*rows, strict=True))
    return Graded(
        np.zeros(len(probability), dtype=np.int64),
        probability.astype(float),
        np.where(is_right, 0, 1),
        np.repeat(np.arange(articles), len(rows)),
    )


# Of five, the three sure ones are right, and one of the two unsure ones.
ARTICLE = [(0.9, True), (0.9, True), (0.9, True), (0.5, True), (0.5, False)]


def test_the_threshold_is_the_lowest_that_keeps_the_precision():
    # All articles are alike, so resampling changes nothing: 0.8 of all are right, 1.0 from 0.9 on.
    found, kept = choose_thresholds(
        [0.5, 0.8, 0.81, 1.0], answers(ARTICLE, articles=20), resampling=FAST
    )
    assert (found, kept) == ([0.0, 0.0, 0.9, 0.9], 1.0)


def test_a_precision_that_half_of_the_resamples_miss_is_not_kept():
    # Half of the articles are all right, half are right in 4 of 5: 0.9 in all, and in the mean of
    # the resamples. Of 20 articles 5 % have at most 6 all right (binomial): 0.8 + 0.2 * 6 / 20.
    good, bad = [(0.9, True)] * 5, [(0.9, True)] * 4 + [(0.9, False)]
    mixed = answers([*good, *bad], articles=10)
    each = Graded(mixed.answer, mixed.probability, mixed.gold, np.repeat(np.arange(20), 5))
    found, kept = choose_thresholds([0.85, 0.9], each, resampling=FAST)
    assert found == [0.0, None]
    assert kept == pytest.approx(0.86, abs=0.011)


def test_too_little_to_choose_on_gives_no_threshold():
    assert choose_thresholds([0.1], answers(ARTICLE, articles=9), resampling=FAST) == ([None], None)
    few = answers([(0.9, True)], articles=29)
    assert choose_thresholds([0.1], few, resampling=FAST) == ([None], None)
    enough = answers([(0.9, True)], articles=30)
    assert choose_thresholds([0.1], enough, resampling=FAST) == ([0.0], 1.0)


def test_a_threshold_that_fewer_than_thirty_sentences_reach_is_not_tried():
    # 10 articles: from 0.9 on there are 10 right ones of 10, and 40 of 60 overall.
    article = [(0.9, True), *[(0.5, True)] * 3, *[(0.5, False)] * 2]
    found, kept = choose_thresholds([0.9], answers(article, articles=10), resampling=FAST)
    assert (found, kept) == ([None], pytest.approx(4 / 6))


def test_the_area_is_the_mean_error_of_all_that_are_as_sure():
    # Errors among the surest 1, 2, 3, 4: 0, 0, 1/3, 1/4. All of them: 1/4. The wrong one last: 1/4
    # at the end only.
    rows = [(0.6, True), (0.9, True), (0.7, False), (0.8, True)]
    found = area_under_risk_coverage(answers(rows), resampling=FAST)
    assert found.value == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert found.baselines == {"random order": 0.25, "perfect order": 0.0625}
    assert found.note == "no interval: 1 article, expected at least 10"


def test_equally_sure_answers_have_the_error_of_all():
    found = area_under_risk_coverage(
        answers([(0.7, True), (0.7, False), (0.7, True), (0.7, True)], articles=10), resampling=FAST
    )
    assert (found.low, found.value, found.high) == (0.25, 0.25, 0.25)


def held_out(folds):
    """Out-of-fold answers: per fold rows of (probability of favor, is right), 20 articles a fold."""
    rows = [row for fold in folds for _ in range(20) for row in fold]
    numbers = [k for k, fold in enumerate(folds) for _ in range(20 * len(fold))]
    articles = [f"{k}-{a}" for k, fold in enumerate(folds) for a in range(20) for _ in fold]
    gold = np.array([0 if is_right else 1 for _, is_right in rows])
    none = np.zeros((len(rows), 0), dtype=bool)
    found = OutOfFold.empty(GoldCodes(gold, none, none.any(axis=1)), articles, n_stance=2)
    found.folds[:] = numbers
    # A little above, as thresholds are cut to four decimals and logarithms are not exact.
    stated = np.array([p for p, _ in rows]) + 1e-5
    found.stance[:] = np.log(np.column_stack([stated, 1 - stated]))
    return found


def test_a_fold_is_decided_by_the_threshold_that_the_others_choose():
    # Fold 0 alone is right from 0.9 on, fold 1 everywhere. So fold 1 is decided from 0.9 on, and
    # all of fold 0 is, though half of its unsure answers are wrong.
    sure = [(0.9, True), (0.9, True), (0.6, True)]
    found = held_out([ARTICLE, sure])
    decided = nested_decisions(found, np.ones(160), [0.95], resampling=FAST)
    assert decided[0, :100].all()
    np.testing.assert_array_equal(decided[0, 100:], np.tile([True, True, False], 20))


def test_what_abstaining_gives_and_costs_is_told():
    article = [(0.9, True)] * 3 + [(0.6, True), (0.6, False)]
    found = held_out([article, article])
    made = abstention_of(
        found, np.ones(200), temperature=1.0, stance=VALUES, wanted=0.9, resampling=FAST
    )
    assert (made.n, made.abstain_below, made.why_not) == (200, 0.9, "")
    assert [(one.wanted, one.threshold) for one in made.points] == [
        (0.8, 0.0), (0.85, 0.9), (0.9, 0.9), (0.95, 0.9),
    ]  # fmt: skip
    # 120 of 200 are decided, all rightly; always answering is right in 160, and favor is the
    # majority, which is right on all that are decided.
    assert made.chosen.coverage.value == 0.6
    assert made.chosen.precision.value == 1.0
    assert made.chosen.precision.baselines == {"always answering": 0.8, "majority": 1.0}
    assert made.stance == {"favor": Decided(160, 200, 120, 120), "against": Decided(40, 0, 0, 0)}
    assert made.distortion == "shares of decided sentences mislead: against 0.0% instead of 20.0%"
    assert PROMISE in made.notes
    lines = made.describe()
    assert lines[0] == (
        "abstention, n 200: abstains below 0.9, codes 60.0% [60.0, 60.0] at precision "
        "100.0% [100.0, 100.0], always answering 80.0%, majority 100.0%"
    )
    assert lines[-2].split() == ["favor", "80.0%", "100.0%", "100.0%", "1.000", "of", "120"]
    assert lines[-1].endswith("no figure: 0, fewer than 30")
    assert Abstention.from_dict(json.loads(json.dumps(asdict(made)))) == made


def test_a_precision_out_of_reach_leaves_no_threshold_and_says_what_is_in_reach():
    wrong = [(0.9, True)] * 3 + [(0.9, False)]
    made = abstention_of(
        held_out([wrong, wrong]),
        np.ones(160), temperature=1.0, stance=VALUES, wanted=0.9, resampling=FAST,
    )  # fmt: skip
    assert made.abstain_below is None
    assert made.why_not == "no threshold keeps a precision of 90%, the best keeps 75.0%"
    assert made.points[2].precision.note == "undefined: nothing is decided"
    assert made.describe()[0] == f"abstention, n 160: always answers: {made.why_not}"
    assert "  wanted 90%: not reached" in made.describe()
    assert made.notes == ()


def test_a_precision_that_all_answers_have_needs_no_threshold():
    found = held_out([ARTICLE, ARTICLE])
    made = abstention_of(
        found, np.ones(200), temperature=1.0, stance=VALUES, wanted=0.0, resampling=FAST
    )
    assert (made.abstain_below, made.why_not) == (None, "that keeps a precision of 0%")


def test_too_few_articles_are_named():
    found = held_out([ARTICLE])
    found.folds[:] = np.where(found.articles < 4, 0, -1)
    made = abstention_of(
        found, np.ones(100), temperature=1.0, stance=VALUES, wanted=0.9, resampling=FAST
    )
    assert made.why_not == (
        "20 sentences of 4 articles are too few to choose a threshold, expected at least 30 of 10"
    )


def test_a_saved_threshold_is_judged_on_other_sentences():
    made = abstention_at(0.9, answers(ARTICLE, articles=20), stance=VALUES, resampling=FAST)
    (point,) = made.points
    assert (point.wanted, point.threshold, made.chosen) == (None, 0.9, point)
    assert (point.coverage.value, point.precision.value) == (0.6, 1.0)
    never = abstention_at(None, answers(ARTICLE, articles=20), stance=VALUES, resampling=FAST)
    assert never.chosen is None
    assert never.describe()[0].endswith("always answers: the saved model has no threshold")


def test_the_risk_curve_rises_by_twentieths_and_keeps_ties_together():
    # 100 sentences, the surest 40 alike and right, then 60 of falling probability, all wrong.
    probability = np.array([0.9] * 40 + list(np.linspace(0.8, 0.5, 60)))
    is_right = np.arange(100) < 40
    answers = Graded(
        np.where(is_right, 0, 1), probability, np.zeros(100, dtype=np.int64), np.arange(100) // 5
    )
    curve = risk_curve(answers, resampling=Resampling(n=50))
    assert [one.n for one in curve] == [40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100]
    assert (curve[0].coverage, curve[0].error.value) == (0.4, 0.0)
    assert curve[1].error.value == pytest.approx(5 / 45)
    assert curve[-1].error.value == 0.6
    assert {one.error.baselines["random order"] for one in curve} == {0.6}


def test_the_risk_curve_begins_at_thirty_sentences():
    answers = Graded(
        np.zeros(60, dtype=np.int64),
        np.linspace(0.9, 0.4, 60),
        np.zeros(60, dtype=np.int64),
        np.arange(60),
    )
    assert risk_curve(answers, resampling=Resampling(n=10))[0].n == 30
