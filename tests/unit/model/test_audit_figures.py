"""The figures of an audit, by hand."""

import numpy as np
import pytest

from model.answers import GoldCodes
from model.audit_figures import answers, masked_scores, mean_scores, swap_figures
from model.audit_leans import Leans, discoveries, two_sided_p
from model.audit_variants import ALIAS, ANOTHER, WORD, Variant

# Columns: favor, conditional, against, mixed, no_stance.
FAVOR = [0.8, 0.0, 0.1, 0.0, 0.1]
CONDITIONAL = [0.3, 0.4, 0.1, 0.0, 0.2]
AGAINST = [0.1, 0.0, 0.8, 0.0, 0.1]
NONE = [0.2, 0.0, 0.1, 0.0, 0.7]
NOBODY = [np.nan] * 5
RESAMPLING = {"n_resamples": 50, "seed": 0}


def test_an_answer_is_the_likeliest_value_and_missing_where_no_model_answered():
    assert answers(np.array([FAVOR, NOBODY, NONE])).tolist() == [0, -1, 4]


def test_flips_are_of_sentences_and_stand_beside_the_controls(labels):
    plain = np.array([FAVOR, NONE, NOBODY, AGAINST])
    swapped = {
        # Sentence 0: one of two flips. Sentence 1: to conditional, which is "none" in three ways.
        ANOTHER: (
            [Variant(0, ""), Variant(0, ""), Variant(1, ""), Variant(2, "")],
            np.array([AGAINST, FAVOR, CONDITIONAL, FAVOR]),
        ),
        WORD: ([Variant(0, ""), Variant(3, "")], np.array([FAVOR, FAVOR])),
        ALIAS: ([], np.empty((0, 5))),
    }
    found = swap_figures(plain, swapped, articles=list("abcd"), labels=labels, **RESAMPLING)
    another = found[ANOTHER]
    assert (another.n_sentences, another.n_variants) == (2, 3)
    assert another.flips_three_way.value == pytest.approx(1 / 4)  # (1/2 + 0) / 2
    assert another.flips_five_way.value == pytest.approx(3 / 4)  # (1/2 + 1) / 2
    # Favor: (0.7 + 0) / 2 in the first, 0.1 in the second; against: 0.35 and 0.
    assert another.change_favor.value == pytest.approx((0.35 + 0.1) / 2)
    assert another.change_against.value == pytest.approx(0.35 / 2)
    assert another.flips_three_way.note == "no interval: 2 articles, expected at least 10"
    assert found[WORD].flips_three_way.value == pytest.approx(1 / 2)
    # Only sentence 0 has both: 1/2 - 0.
    assert another.beyond[WORD].value == pytest.approx(1 / 2)
    assert another.beyond[ALIAS].note == "undefined: no sentence"


def test_a_mean_resamples_articles_and_none_is_undefined():
    values = np.array([[1.0], [0.0], [0.0]])
    (score,), _ = mean_scores(values, ["a", "a", "b"], **RESAMPLING)
    assert (score.value, score.low) == (pytest.approx(1 / 3), None)
    (nothing, _), draws = mean_scores(np.empty((0, 2)), [], **RESAMPLING)
    assert (nothing.value, nothing.note, draws.shape) == (None, "undefined: no sentence", (0, 2))


def test_the_same_answers_differ_by_nothing_and_missing_ones_count_for_none(labels):
    stance = ["favor", "against"] * 40
    gold = GoldCodes.of(stance, [None] * 80, labels)
    codes = np.where(np.arange(80) % 3 == 0, 2, gold.stance)
    missing = np.where(np.arange(80) == 5, -1, codes)
    found = masked_scores(
        gold,
        {"plain": codes, "in_use": missing, "in_training": codes, "majority": np.zeros(80, int)},
        articles=[f"a{n // 2}" for n in range(80)],
        labels=labels,
        **RESAMPLING,
    )
    assert found.n_sentences == 79
    change = found.change_in_use["three_way_macro_f1"]
    assert (change.value, change.low, change.high) == (0, 0, 0)
    # Every third of 80 is answered "against", of which 14 (0, 6, 12, ... 78) are favor.
    assert found.plain["stance_accuracy"].value == pytest.approx(65 / 79)
    assert found.plain["stance_accuracy"].baselines["majority"] == pytest.approx(40 / 79)


def test_a_lean_is_favor_minus_against_of_the_error():
    # Three-way codes 0 favor, 1 against, 2 none; four sentences an article, ten articles.
    # An article has 1 favor too many and 1 against too few: 1/4 each, lean 1/2. Masked, the first
    # answer becomes none: 1/4 of a step of the lean is the name's.
    gold = np.tile([0, 1, 1, 2], 10)
    leans = Leans(
        gold=gold,
        predicted=np.tile([0, 0, 1, 2], 10),
        masked=np.tile([2, 0, 1, 2], 10),
        articles=[f"a{n // 4}" for n in range(40)],
    )
    found = leans.of(range(40), leans.masked, name="all")
    assert found.gold == {"favor": 0.25, "against": 0.5}
    assert found.predicted == {"favor": 0.5, "against": 0.25}
    assert (found.favor.value, found.against.value, found.error_rate.value) == (0.25, -0.25, 0.25)
    assert (found.lean.value, found.lean.low, found.lean.high) == (0.5, 0.5, 0.5)
    assert found.by_name.value == 0.25
    # The second sentence of an article leans by 2, the others by 0.
    assert leans.difference(range(1, 40, 4), range(0, 40, 4)).value == 2
    assert found.p == pytest.approx(2 / 10_001)


def test_few_sentences_are_no_lean_and_few_articles_have_no_p():
    gold = np.zeros(60, dtype=int)
    leans = Leans(gold, gold, gold, [f"a{n % 9}" for n in range(60)])
    names = {row: ["many"] if row < 31 else ["few"] for row in range(60)}
    (many,) = leans.by(names, masked={"many": np.ones(60, dtype=int)})
    assert many.by_name.value == 2  # favor, and with the name masked against
    assert (many.name, many.n_sentences, many.p, many.is_off) == ("many", 31, None, False)


def test_discoveries_follow_the_example_of_the_paper():
    # Benjamini and Hochberg 1995, section 3.2: fifteen p-values, of which four fall at 0.05.
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
        0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert discoveries(p_values, 0.05) == [True] * 4 + [False] * 11
    assert discoveries([None, None], 0.05) == [False, False]


def test_a_p_value_is_never_zero_and_never_above_one():
    assert two_sided_p(np.ones(99)) == pytest.approx(2 / 100)
    assert two_sided_p(np.zeros(99)) == 1
