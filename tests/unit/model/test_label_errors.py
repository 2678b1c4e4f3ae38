"""Which labels look wrong: a rank by hand, planted errors, and what nothing is known about."""

import numpy as np
import pytest

from model.answers import GoldCodes
from model.cross_validation import cross_validate
from model.examples import Example
from model.label_errors import Suspect, stance_suspects, topic_suspects
from model.out_of_fold import OutOfFold

VALUES = ("favor", "conditional", "against", "mixed", "no_stance")
NAN = float("nan")


@pytest.fixture
def found(labels):
    """Five sentences; the scores are logarithms of the probabilities, which softmax gives back."""
    stance = ["favor", "favor", "against", "mixed", "favor"]
    topics = [{"aid"}, set(), {"aid"}, None, set()]
    gold = GoldCodes.of(stance, topics, labels)
    scores = OutOfFold.empty(gold, ["a"] * 5, n_stance=5)
    scores.folds[:] = [0, 0, 1, 1, -1]
    scores.stance[:4] = np.log(
        [
            [0.2, 0.1, 0.5, 0.1, 0.1],  # 0.3 behind against
            [0.1, 0.1, 0.1, 0.1, 0.6],  # 0.5 behind no_stance
            [0.1, 0.1, 0.6, 0.1, 0.1],  # as given
            [0.5, 0.2, 0.2, NAN, 0.1],  # the fold could not learn "mixed"
        ]
    )
    scores.topics[:4, 0] = [0.3, 0.9, 0.8, 0.1]
    return scores


def test_the_widest_margin_comes_first_and_agreement_is_no_suspect(found):
    assert [
        (one.row, one.given, one.expected, round(one.given_probability, 6))
        for one in stance_suspects(found, VALUES)
    ] == [(1, "favor", "no_stance", 0.1), (0, "favor", "against", 0.2)]


def test_a_temperature_is_applied_before_the_margin(found):
    # At temperature 0.5 probabilities are squared: 0.36 of 0.4 for the one, 0.25 of 0.32.
    first, second = stance_suspects(found, VALUES, temperature=0.5)
    assert first.expected_probability == pytest.approx(0.36 / 0.4)
    assert second.expected_probability == pytest.approx(0.25 / 0.32)


def test_a_topic_is_suspected_where_it_is_given_and_where_it_is_not(found):
    # Who was not asked (the fourth) and who has no fold (the fifth) are no suspects.
    assert topic_suspects(found, 0, "aid") == [
        Suspect(1, "not aid", "aid", pytest.approx(0.1), 0.9),
        Suspect(0, "aid", "not aid", 0.3, 0.7),
    ]


def test_without_any_answer_there_is_no_suspect(found):
    found.folds[:] = -1
    assert stance_suspects(found, VALUES) == topic_suspects(found, 0, "aid") == []


def test_planted_errors_are_the_worst(labels, small):
    # Twelve groups of ten sentences, each with a word that decides its stance; every twelfth label
    # is turned around. No model learns from the group that it judges.
    words = {"favor": "accepted", "against": "rejected"}
    true = ["favor", "against"] * 60
    planted = set(range(5, 120, 12))
    turned = {"favor": "against", "against": "favor"}
    given = [turned[value] if n in planted else value for n, value in enumerate(true)]
    groups = [f"g{n // 10}" for n in range(120)]
    checked = cross_validate(
        [Example(f"They {words[value]} it, {n}.") for n, value in enumerate(true)],
        given,
        [None] * 120,
        groups=groups,
        articles=groups,
        labels=labels,
        settings=small,
        n_resamples=10,
    )
    assert {one.row for one in stance_suspects(checked.out_of_fold, VALUES)} == planted
