"""Subsets of groups, their scores, and the law through them: known laws in, known answers out."""

import dataclasses
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import ModelError
from model.examples import Example
from model.forecast import forecast, report
from model.learning_curve import METRICS, SHARES, Measured, measure_curve, subsets_of
from model.power_law import fit_power_law

NAME = "stance_macro_f1"
SIZES = 4000 * SHARES  # of 5,000: with five folds four fifths are learned from


def law(n):
    return 0.8 - 3 / np.sqrt(n)


def measured_of(values, spread=0.003):
    """A curve with invented draws about its values, of 5,000 sentences in 100 groups."""
    rng = np.random.default_rng(0)
    draws = values + rng.normal(0, spread, (1000, len(SIZES)))
    return Measured(
        learned_groups=80 * SHARES,
        learned=SIZES,
        values={NAME: values},
        learned_draws=np.tile(SIZES, (1000, 1)),
        draws={NAME: draws},
        majority={NAME: 0.2},
        left_out={NAME: {}},
        n_sentences=5000,
        n_groups=100,
        n_orders=10,
    )


@given(
    ceiling=st.floats(0.3, 1),
    at_smallest=st.floats(0.05, 0.9),
    exponent=st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.0]),
)
def test_a_known_law_is_found_again(ceiling, at_smallest, exponent):
    drop = ceiling * at_smallest * SIZES[0] ** exponent
    found = fit_power_law(SIZES, ceiling - drop * SIZES**-exponent, weights=np.ones(7))
    wanted = ceiling - drop * 8000**-exponent
    assert found.at(8000) == pytest.approx(wanted, abs=1e-6)
    assert found.needed(wanted) == pytest.approx(8000, rel=1e-3)
    assert found.needed(1.1) == np.inf


def test_a_law_neither_falls_nor_passes_one():
    falling, steep = fit_power_law(
        SIZES, np.stack([0.9 - SIZES / 1e4, 0.2 * np.log(SIZES) - 0.9]), weights=np.ones(7)
    ).at(10**9)
    # Nothing but a constant is left for the first: its mean.
    assert falling == pytest.approx(np.mean(0.9 - SIZES / 1e4))
    assert steep <= 1


def test_more_sentences_for_a_gain_follow_from_the_law():
    found = forecast(measured_of(law(SIZES)), NAME, gain=0.01)
    # 0.8 - 3 / sqrt(5000) = 0.7576; 0.7676 takes (3 / 0.0324264)^2 = 8559.4, 3560 more.
    assert (found.why_not, found.sentences) == ("", 3560)
    assert 0 < found.low < 3560
    assert found.now.value == pytest.approx(0.7576, abs=1e-4)
    assert found.doubled.value == pytest.approx(0.77, abs=1e-4)
    assert [(one.learned, one.n_sentences) for one in found.backtests] == [
        (1414, 2000),
        (1414, 2828),
        (1414, 4000),
    ]
    assert all(one.held and abs(one.off.value) < 1e-6 for one in found.backtests)
    # 3,560 sentences of 40 seconds are 39.6 hours.
    assert "About 3,600 (" in found.words(40)
    assert "more sentences, some 40 hours for each annotator, for +1 points." in found.words(40)
    assert "hours" not in found.words()


def test_more_than_twice_the_data_is_beyond_any_backtest():
    # 0.7776 takes (3 / 0.0224264)^2 = 17894 sentences, 12,894 more than the 5,000.
    found = forecast(measured_of(law(SIZES)), NAME, gain=0.02)
    assert (found.why_not, found.sentences, found.high) == ("", None, None)
    assert found.words().startswith("More than 5,000 more sentences for +2 points, beyond any")


# The law rises from 0.7436 at 2,828 to 0.7526 at 4,000; less 0.05 that is a fall by 4.1 points.
JUMP = np.array([0, 0, 0, 0, 0, 0, 0.05])


@pytest.mark.parametrize(
    ("values", "spread", "why_not"),
    [
        (np.full(7, 0.5), 0.003, "the curve is flat or too noisy to tell, from 2,000 to 4,000"),
        (law(SIZES), 0.1, "the curve is flat or too noisy to tell, from 2,000 to 4,000"),
        (law(SIZES) - JUMP, 0.003, "the curve falls, from 2,828 to 4,000 sentences -4.1 points"),
        (law(SIZES) + JUMP, 0.003, "the backtest missed: up to 1,414 sentences foretold 0.753"),
    ],
    ids=["flat", "noisy", "falling", "not foretold"],
)
def test_a_curve_without_a_law_is_not_extrapolated(values, spread, why_not):
    found = forecast(measured_of(values, spread), NAME, gain=0.01)
    assert found.why_not.startswith(why_not)
    assert (found.sentences, found.now, found.doubled) == (None, None, None)
    assert found.describe().splitlines()[-1].startswith("  No honest extrapolation can be made: ")
    assert len(found.backtests) == 3


def test_a_metric_without_a_value_says_so():
    nothing = measured_of(np.full(7, np.nan))
    nothing = dataclasses.replace(nothing, left_out={NAME: {"favor": 12}})
    found = forecast(nothing, NAME, gain=0.01)
    assert found.why_not == "undefined: every label has too few examples"
    assert "stance macro-F1, without favor (12): under 30" in found.describe()
    assert json.loads(json.dumps(report(nothing, {NAME: found})))["forecasts"][NAME]["now"] is None


def test_subsets_are_nested_and_never_hold_a_group_that_they_are_asked():
    groups = np.repeat(np.arange(20), 3)
    found = list(subsets_of(groups, n_orders=2, seed=0))
    # Five folds; six sizes in two orders, and everything once.
    assert len(found) == 5 * 13
    # 16 groups learn: an eighth is 2, then 2.8, 4, 5.7, 8, 11.3 and 16.
    assert [one.n_groups for one in found[:7]] == [2, 3, 4, 6, 8, 11, 16]
    assert [len(one.learned) for one in found[:7]] == [6, 9, 12, 18, 24, 33, 48]
    for one in found:
        assert not set(groups[one.learned]) & set(groups[one.told])
    for smaller, larger in pairwise(found[:7]):
        assert set(smaller.learned) < set(larger.learned)
    assert sorted(np.concatenate([one.told for one in found if one.size == 6])) == list(range(60))


WORDS = {"no_stance": "met", "favor": "accepted", "against": "rejected"}


@pytest.fixture
def twenty():
    """Twenty groups of seven sentences: three neutral, two in favor, two against."""
    stance = ["no_stance", "favor", "against", "no_stance", "favor", "against", "no_stance"] * 20
    examples = [Example(f"They {WORDS[value]} it, {n}.") for n, value in enumerate(stance)]
    return examples, stance, [f"g{n // 7}" for n in range(140)]


def test_the_scores_of_a_curve_are_those_of_held_out_groups(twenty, labels, small):
    examples, stance, groups = twenty
    done = []
    found = measure_curve(
        examples,
        stance,
        groups=groups,
        labels=labels,
        settings=small,
        n_orders=2,
        n_resamples=50,
        progress=lambda *step: done.append(step),
    )
    assert done[-1] == (65, 65)
    assert (found.n_sentences, found.n_groups) == (140, 20)
    assert found.learned.tolist() == [14, 21, 28, 42, 56, 77, 112]
    # One word decides the stance, and a model of everything knows it.
    assert {name: found.values[name][-1] for name in METRICS} == dict.fromkeys(METRICS, 1.0)
    # Always neutral: F1 2 * 60 / (60 + 140) = 0.6 for one of three values; no side is found.
    assert found.majority["stance_macro_f1"] == pytest.approx(0.2)
    assert found.majority["direction_macro_f1"] == 0
    assert found.left_out["stance_macro_f1"] == {"conditional": 0, "mixed": 0}
    assert {found.draws[name].shape for name in METRICS} == {(50, 7)}


def test_too_few_groups_are_refused(twenty, labels):
    examples, stance, groups = twenty
    with pytest.raises(ModelError, match=r"at least 20 groups .* found 19 with 133 sentences"):
        measure_curve(examples[:133], stance[:133], groups=groups[:133], labels=labels)
    with pytest.raises(ModelError, match="found 1 with 140"):
        measure_curve(examples, stance, groups=["one"] * 140, labels=labels)
    with pytest.raises(ModelError, match="no labelled sentence"):
        measure_curve([], [], groups=[], labels=labels)
    with pytest.raises(ValueError, match="140 examples and 7 groups"):
        measure_curve(examples, stance, groups=groups[:7], labels=labels)
