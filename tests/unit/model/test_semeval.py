"""SemEval's score equals its definition, pooled and averaged over targets."""

import numpy as np
import pytest

from model import semeval
from model.errors import ModelError

LABELS = ("AGAINST", "FAVOR", "NONE")
# Two targets. Gold labels down, answers across, in the order of LABELS.
CONFUSION = np.array(
    [
        [[6, 1, 1], [2, 1, 1], [0, 2, 2]],
        [[0, 1, 1], [0, 4, 0], [0, 1, 1]],
    ],
    dtype=float,
)


def test_pooled_by_hand():
    # against: right 6 + 0, gold 8 + 2, answered 8 + 0: F1 = 12 / 18 = 2/3.
    # favor: right 1 + 4, gold 4 + 4, answered 4 + 6: F1 = 10 / 18 = 5/9. Mean 11/18.
    assert semeval.pooled(CONFUSION, LABELS) == pytest.approx(11 / 18)


def test_averaged_over_targets_by_hand():
    # First target: against 12 / 16, favor 2 / 8: mean 1/2. Second: against 0, favor 8 / 10: 2/5.
    assert semeval.averaged_over_targets(CONFUSION, LABELS) == pytest.approx((1 / 2 + 2 / 5) / 2)


def test_each_target_s_majority_scores_well_pooled_and_badly_averaged():
    # Eight of ten lean one way in each target, the other two the other way; the majority answers.
    answers = np.zeros((2, 3, 3))
    answers[0, 0, 0], answers[0, 1, 0] = 8, 2
    answers[1, 1, 1], answers[1, 0, 1] = 8, 2
    # Pooled, each side: right 8, gold 10, answered 10: 0.8. A target: 16 / 18 and 0, mean 4/9.
    assert semeval.pooled(answers, LABELS) == pytest.approx(0.8)
    assert semeval.averaged_over_targets(answers, LABELS) == pytest.approx(4 / 9)


def test_a_target_without_a_side_is_not_averaged():
    neutral = np.zeros((1, 3, 3))
    neutral[0, 2, 2] = 5
    with_neutral = np.concatenate([CONFUSION, neutral])
    assert semeval.averaged_over_targets(with_neutral, LABELS) == pytest.approx(0.45)
    assert np.isnan(semeval.averaged_over_targets(neutral, LABELS))


def test_other_labels_are_refused_in_words():
    semeval.check_sides(LABELS)
    with pytest.raises(ModelError, match="favor is not among against, negative"):
        semeval.check_sides(["against", "negative"])
