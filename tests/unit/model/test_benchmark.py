"""Any labelled set is answered by models that never saw the group, and scored beside baselines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.benchmark import Item, folds_of, majority_answers, model_answers
from model.benchmark_scores import FREQUENT, gap, scored
from model.errors import ModelError
from model.examples import Example
from model.settings import Settings

SMALL = Settings(n_columns=2**8)


def item(text, label, group="", target=""):
    return Item(Example(text, target=target), label, group)


def names(*labels):
    return np.array(labels, dtype=object)


def one_fold(n_train, n):
    return [(np.arange(n_train), np.arange(n_train, n))]


@given(st.lists(st.integers(0, 8), min_size=2), st.integers(2, 6), st.integers(0, 3))
@settings(deadline=None, max_examples=50)
def test_folds_hold_out_whole_groups_and_every_row_once(numbers, n_folds, seed):
    groups = [f"g{number}" for number in numbers]
    if len(set(groups)) < 2:
        with pytest.raises(ModelError, match="belong to one group, so nothing can be held out"):
            folds_of(groups, n_folds=n_folds)
        return
    folds = folds_of(groups, n_folds=n_folds, seed=seed)
    assert len(folds) == min(n_folds, len(set(groups)))
    assert sorted(row for _, asked in folds for row in asked) == list(range(len(groups)))
    for seen, asked in folds:
        assert not {groups[row] for row in seen} & {groups[row] for row in asked}
        assert sorted([*seen, *asked]) == list(range(len(groups)))


def test_words_that_settle_the_label_are_learned():
    items = [item(f"they {word} it", word) for word in ("accept", "reject", "shelve") * 5]
    answers, notes = model_answers(items, one_fold(12, 15), settings=SMALL)
    assert list(answers) == [""] * 12 + ["accept", "reject", "shelve"]
    assert notes == []


def test_one_label_is_refused_in_words():
    with pytest.raises(ModelError, match='All 3 items have the label "a": there is nothing to'):
        model_answers([item("x", "a")] * 3, one_fold(2, 3))


def test_a_label_that_no_training_item_has_is_said():
    items = [item("a b", "a"), item("c d", "c"), item("e f", "new"), item("e f", "new")]
    answers, notes = model_answers(items, one_fold(2, 4), settings=SMALL)
    assert set(answers[2:]) <= {"a", "c"}
    assert notes == ['label "new": 2 of its items were answered by a model that never saw it']


def test_training_on_one_label_answers_with_it_and_says_so():
    items = [item("a b", "a"), item("c d", "a"), item("e f", "b")]
    answers, notes = model_answers(items, one_fold(2, 3), settings=SMALL)
    assert answers[2] == "a"
    assert notes[0] == (
        "all items: 1 answered with a majority, for lack of training items of two labels"
    )


def test_a_target_has_a_model_of_its_own_or_a_majority():
    # The same words mean the opposite for the two targets; a third has one label, a fourth none.
    items = [
        *[item("we need it", "favor", target="dam"), item("stop it now", "against", target="dam")]
        * 4,
        *[item("we need it", "against", target="war"), item("stop it now", "favor", target="war")]
        * 4,
        *[item("we need it", "none", target="tax")] * 10,
        item("we need it", "favor", target="dam"),
        item("we need it", "against", target="war"),
        item("stop it now", "favor", target="tax"),
        item("stop it now", "favor", target="new"),
    ]
    folds = one_fold(26, 30)
    answers, notes = model_answers(items, folds, settings=SMALL, per_target=True)
    assert list(answers[26:]) == ["favor", "against", "none", "none"]
    assert [note.split(":")[0] for note in notes] == ["target new", "target tax"]
    # All: none 10, against 8, favor 8. In dam and war it is a tie: the first by name.
    found = majority_answers(items, folds)
    assert list(found["majority"][26:]) == ["none"] * 4
    assert list(found["majority of each target"][26:]) == ["against", "against", "none", "none"]


def test_scores_stand_beside_the_baseline_with_n():
    # a: right 30, gold 40, answered 30: F1 = 60 / 70. b: right 30, gold 30, answered 40: 60 / 70.
    gold = [*"a" * 40, *"b" * 30]
    items = [item("x", label, str(number)) for number, label in enumerate(gold)]
    answers = names(*"a" * 30, *"b" * 40)
    found = scored(items, answers, {"majority": names(*"a" * 70)}, metric="macro-f1")
    first = found.scores["macro-F1"]
    assert list(found.scores) == ["macro-F1", "accuracy"]
    assert first.value == pytest.approx(6 / 7)
    # Always a: right 40, answered 70: F1 = 80 / 110, and b has 0.
    assert first.baselines == {"majority": pytest.approx(80 / 110 / 2)}
    assert first.low < first.value < first.high
    assert found.scores["accuracy"].value == pytest.approx(60 / 70)
    assert (found.n, found.n_groups, found.per_class["b"].n) == (70, 70, 30)


def test_a_rare_label_has_no_score_and_a_second_mean_is_without_it():
    gold = [*"a" * 30, *"b" * 30, *"c" * 29]
    items = [item("x", label, str(number)) for number, label in enumerate(gold)]
    answers = names(*"a" * 30, *"b" * 59)
    found = scored(items, answers, {}, metric="accuracy")
    assert found.per_class["c"].note == "no score: 29 examples, fewer than 30"
    # a: 1; b: 60 / 89; c: 0.
    assert found.scores["macro-F1"].value == pytest.approx((1 + 60 / 89) / 3)
    assert found.scores[FREQUENT].value == pytest.approx((1 + 60 / 89) / 2)
    assert found.scores[FREQUENT].left_out == {"c": 29}


def test_intervals_resample_groups():
    # Every group is half right: whatever groups are drawn, the accuracy is one half.
    items = [item("x", "ab"[n % 2], str(n // 2)) for n in range(40)]
    found = scored(items, names(*"a" * 40), {}, metric="accuracy").scores["accuracy"]
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)
    one = scored([item("x", "a", "g")] * 9, names(*"a" * 9), {}, metric="accuracy")
    assert one.scores["accuracy"].note == "no interval: 1 group, expected at least 10"


def test_the_semeval_metric_comes_with_its_average_over_targets():
    rows = [("dam", "favor", "favor"), ("dam", "against", "favor"), ("war", "against", "against")]
    items = [item("x", gold, str(n), target) for n, (target, gold, _) in enumerate(rows)]
    found = scored(items, names(*(row[2] for row in rows)), {}, metric="semeval")
    # Pooled: favor 2 / 3, against 2 / 3. Dam: favor 2 / 3, against 0, mean 1/3; war: against 1.
    values = [score.value for score in found.scores.values()]
    assert list(found.scores)[:2] == [
        "mean of F1(favor), F1(against)",
        "the same, averaged over targets",
    ]
    assert values[:2] == [pytest.approx(2 / 3), pytest.approx((1 / 3 + 1) / 2)]


def test_the_gap_is_counted_on_the_same_groups():
    # Of twenty groups of two, the naive answers have both right, the grouped ones one of them.
    items = [item("x", "ab"[n % 2], str(n // 2)) for n in range(40)]
    naive, grouped = names(*"ab" * 20), names(*"a" * 40)
    found = gap(items, naive, grouped, metric="accuracy")
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)
