"""Slices have scores of their own, beside their own baselines, or say why not."""

import numpy as np
import pytest

from model.answers import Answered, GoldCodes
from model.scores import Resampling
from model.slicing import slices_of

FAVOR, CONDITIONAL, AGAINST, MIXED, NONE = range(5)


@pytest.fixture
def slices(labels):
    """The slices of sentences (slices, gold, answer); the majority answers none, ten an article."""

    def make(rows):
        names, gold, answers = zip(*rows, strict=True)
        n = len(rows)
        no_topics = np.zeros((n, 3), dtype=bool)
        return slices_of(
            GoldCodes(np.array(gold), no_topics, np.zeros(n, dtype=bool)),
            {
                "model": Answered(np.array(answers), no_topics),
                "majority": Answered(np.full(n, NONE), no_topics),
            },
            names,
            articles=[f"a{row // 10}" for row in range(n)],
            labels=labels,
            resampling=Resampling(n=50),
        )

    return make


def sentences(name, *, n, gold, answer):
    return [((name,), gold, answer)] * n


WIRE = [
    *sentences("wire", n=60, gold=FAVOR, answer=FAVOR),
    *sentences("wire", n=60, gold=AGAINST, answer=NONE),
    *sentences("wire", n=80, gold=NONE, answer=NONE),
]


def test_a_slice_has_the_scores_of_its_sentences_alone(slices):
    one = slices([*WIRE, *sentences("desk", n=29, gold=NONE, answer=FAVOR)]).scored["wire"]
    assert (one.n, one.n_articles) == (200, 20)
    # 140 of 200 are right. F1: favor 1, against 0, none 2 * 80 / (80 + 140) = 8/11.
    # Presence: any stance 2 * 60 / (120 + 60) = 2/3, no_stance 8/11.
    values = {name: score.value for name, score in one.scores.items()}
    assert values == {
        "stance_accuracy": 0.7,
        "three_way_macro_f1": pytest.approx((1 + 8 / 11) / 3),
        "presence_macro_f1": pytest.approx((2 / 3 + 8 / 11) / 2),
    }
    # Always none: 80 of 200.
    assert one.scores["stance_accuracy"].baselines == {"majority": 0.4}


def test_under_thirty_sentences_there_is_a_number_and_no_score(slices):
    found = slices(
        [
            *WIRE,
            *sentences("b", n=29, gold=NONE, answer=NONE),
            *sentences("a", n=29, gold=NONE, answer=NONE),
            *sentences("c", n=30, gold=NONE, answer=NONE),
        ]
    )
    assert list(found.scored) == ["wire", "c"]
    assert list(found.few.items()) == [("a", 29), ("b", 29)]


def test_a_macro_f1_over_fewer_labels_than_the_whole_is_undefined(slices):
    calm = [
        *sentences("calm", n=40, gold=NONE, answer=NONE),
        *sentences("calm", n=29, gold=AGAINST, answer=AGAINST),
    ]
    score = slices([*WIRE, *calm]).scored["calm"].scores["three_way_macro_f1"]
    assert (score.value, score.note) == (
        None,
        "undefined: under 30 examples of favor (0), against (29)",
    )


def test_a_label_that_is_rare_everywhere_makes_no_slice_undefined(slices):
    rows = [row for row in WIRE if row[1] != AGAINST]
    score = slices(rows).scored["wire"].scores["three_way_macro_f1"]
    assert (score.value, score.left_out) == (1.0, {"against": 0})


def test_a_sentence_may_be_in_several_slices_or_none(slices):
    rows = [*[(("aid", "talks"), FAVOR, FAVOR)] * 30, *[((), NONE, NONE)] * 30]
    assert {name: one.n for name, one in slices(rows).scored.items()} == {"aid": 30, "talks": 30}
