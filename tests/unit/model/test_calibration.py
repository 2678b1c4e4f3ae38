"""A stated probability means what it says, and how far off it is is told beside what chance does."""

import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.answers import GoldCodes
from model.calibration import (
    Calibration,
    Graded,
    calibration_error,
    calibration_of,
    fit_temperature,
    graded,
    nested_temperatures,
    perfect_errors,
    reliability,
    softmax,
)
from model.out_of_fold import OutOfFold
from model.scores import Resampling

FAST = Resampling(n=50)


def held_out(stance, gold, *, folds=None, articles=None):
    """Out-of-fold stance scores (n, n_stance) of sentences without topics."""
    n = len(gold)
    codes = GoldCodes(np.array(gold), np.zeros((n, 0), dtype=bool), np.zeros(n, dtype=bool))
    names = [f"a{n}" for n in (articles if articles is not None else range(n))]
    found = OutOfFold.empty(codes, names, n_stance=len(stance[0]))
    found.folds[:] = 0 if folds is None else folds
    found.stance[:] = stance
    return found


def everything(found):
    return np.ones(len(found.folds), dtype=bool)


def test_the_temperature_makes_the_odds_those_of_being_right():
    # Always 2 ahead of the other value, right in 3 of 4: sigmoid(2 / T) = 3/4, so T = 2 / ln 3.
    found = held_out([[2.0, 0.0]] * 4, [0, 0, 0, 1])
    assert fit_temperature(found, everything(found)) == pytest.approx(2 / math.log(3), abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 2))
def test_scores_times_a_factor_are_the_temperature_times_it(seed, factor):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(60, 3))
    gold = np.where(rng.random(60) < 0.6, scores.argmax(axis=1), rng.integers(3, size=60))
    one, other = held_out(scores, gold), held_out(scores * factor, gold)
    first, second = (fit_temperature(found, everything(found)) for found in (one, other))
    if 0.11 < first < 9 and 0.11 < second < 9:  # else a limit was met
        assert second == pytest.approx(first * factor, rel=1e-3)


def test_the_temperature_keeps_to_its_limits():
    # All right: the surer the likelier, without an end. Right as often as by chance: the reverse.
    right, chance = held_out([[1.0, 0.0]] * 4, [0] * 4), held_out([[1.0, 0.0]] * 4, [0, 1] * 2)
    assert fit_temperature(right, everything(right)) == 0.1
    assert fit_temperature(chance, everything(chance)) == 10.0


def test_a_value_that_the_fold_could_not_learn_says_nothing_about_temperature():
    scores = [[2.0, 0.0, np.nan]] * 5
    found = held_out(scores, [0, 0, 0, 1, 2])
    assert fit_temperature(found, everything(found)) == pytest.approx(2 / math.log(3), abs=1e-4)
    assert fit_temperature(found, found.gold.stance == 2) == 1.0


def test_temperature_never_changes_the_likeliest_value():
    scores = np.random.default_rng(0).normal(size=(50, 4))
    found = held_out(scores, [0] * 50)
    for temperature in (0.1, 1.0, 10.0):
        np.testing.assert_array_equal(
            graded(found, everything(found), temperature).answer, found.likeliest
        )


def test_each_fold_gets_the_temperature_of_the_others():
    # Fold 0 is right in 3 of 4, fold 1 in 9 of 10; the last sentence has no fold.
    scores = [*[[2.0, 0.0]] * 14, [np.nan, np.nan]]
    gold, folds = [0, 0, 0, 1, *[0] * 9, 1, 0], [*[0] * 4, *[1] * 10, -1]
    found = nested_temperatures(held_out(scores, gold, folds=folds))
    np.testing.assert_allclose(found[:4], 2 / math.log(9), atol=1e-4)
    np.testing.assert_allclose(found[4:14], 2 / math.log(3), atol=1e-4)
    assert np.isnan(found[14])


def test_the_calibration_error_is_the_gap_of_each_bin_by_its_size():
    # 15 bins: (11/15, 12/15] holds 0.75 and 0.8, which are right once: |1 - 1.55| = 0.55.
    # (5/15, 6/15] holds 0.4, right: 0.6. Together 1.15 of 3.
    found = calibration_error(np.array([0.75, 0.8, 0.4]), np.array([True, False, True]))
    assert found == pytest.approx(1.15 / 3)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0.0


def test_the_perfect_model_errs_by_chance_alone():
    assert perfect_errors(np.ones(20)) == (0.0, 0.0)
    # One sentence of 0.5 is half right in no draw: the error is always 0.5.
    assert perfect_errors(np.array([0.5])) == (0.5, 0.5)
    # 100 of 0.5: |right / 100 - 0.5| has median 0.03 and 95th percentile 0.10 (binomial, sd 0.05).
    middle, high = perfect_errors(np.full(100, 0.5))
    assert (middle, high) == (pytest.approx(0.03, abs=0.011), pytest.approx(0.10, abs=0.011))


def test_a_calibration_has_its_interval_its_floor_and_comes_back_from_json():
    # Twelve articles of four, right in 3 of 4. Temperature 1 states sigmoid(2) = 0.881, the fitted
    # one 0.75: one bin, so the error is 0.131 before and 0 after, and every article is like that.
    found = held_out([[2.0, 0.0]] * 48, [0, 0, 0, 1] * 12, articles=np.repeat(range(12), 4))
    rows = everything(found)
    temperature = fit_temperature(found, rows)
    made = calibration_of(
        graded(found, rows, temperature),
        graded(found, rows),
        temperature=temperature,
        resampling=FAST,
    )
    assert made.error_at_1 == pytest.approx(1 / (1 + math.exp(-2)) - 0.75)
    assert (made.n, made.error) == (48, pytest.approx(0, abs=1e-4))
    assert (made.right.low, made.right.value, made.right.high) == (0.75, 0.75, 0.75)
    assert 0 < made.perfect < made.perfect_high
    (line,) = made.describe()
    assert line.startswith(
        "calibration with temperature 1.82: states 75.0% on average, is right in 75.0% [75.0, 75.0]; ECE 0.0 "
        "(a perfectly calibrated model of this size: "
    )
    assert line.endswith("with temperature 1: 13.1), n 48")
    assert Calibration.from_dict(json.loads(json.dumps(asdict(made)))) == made


def test_softmax_equals_its_definition_and_gives_nothing_to_nan():
    found = softmax(np.array([[0.0, math.log(3), np.nan], [1000.0, 0.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.25, 0.75, 0], [1, 0, 0]])


def test_reliability_bins_hold_what_is_stated_and_right_and_what_chance_gives():
    # Bins of a fifteenth: 0.55 lies in the ninth, (8/15, 9/15], 0.95 in the last.
    probability = np.array([0.55] * 40 + [0.95] * 60)
    is_right = np.array([True] * 30 + [False] * 10 + [True] * 57 + [False] * 3)
    gold = np.zeros(100, dtype=np.int64)
    answers = Graded(np.where(is_right, 0, 1), probability, gold, np.arange(100))
    first, second = reliability(answers)
    assert (first.n, first.stated, first.right) == (40, pytest.approx(0.55), 0.75)
    assert (second.n, second.stated, second.right) == (60, pytest.approx(0.95), 0.95)
    # Binomial, n 40, p 0.55: sd sqrt(0.55 * 0.45 / 40) = 0.079, so 95 % within 0.55 -+ 0.155.
    assert (first.low, first.high) == (
        pytest.approx(0.395, abs=0.03),
        pytest.approx(0.705, abs=0.03),
    )
    # What the bins say is what the error is the mean of: (40 * 0.20 + 60 * 0) / 100.
    error = sum(one.n * abs(one.right - one.stated) for one in (first, second)) / 100
    assert error == pytest.approx(calibration_error(probability, is_right)) == pytest.approx(0.08)
