"""Scores come from groups that the model has not seen, or are refused in words."""

import json

import numpy as np
import pytest

from model.cross_validation import cross_validate
from model.errors import ModelError
from model.examples import Example
from model.settings import Settings

SETTINGS = Settings(n_columns=2**8)


# What is said where nothing is chosen: every test with fewer articles.
NOT_TUNED = "temperature and thresholds are not tuned: expected at least 10 articles"


def run(labels, rows, **options):
    """The evaluation of rows of (text, stance, topics, group, article)."""
    return cross_validated(labels, rows, **options).evaluation


def cross_validated(labels, rows, **options):
    texts, stance, topics, groups, articles = zip(*rows, strict=True)
    return cross_validate(
        [Example(text) for text in texts],
        stance,
        topics,
        groups=groups,
        articles=articles,
        labels=labels,
        settings=SETTINGS,
        **options,
    )


def tellable(n_groups, *, per_group=4):
    """Groups in which the words settle stance and topic, so that every answer is right."""
    return [
        (
            "they accept the truce with aid" if n % 2 else "they reject the truce today",
            "favor" if n % 2 else "against",
            frozenset({"aid"}) if n % 2 else frozenset(),
            f"g{group}",
            f"g{group}-{n // 2}",
        )
        for group in range(n_groups)
        for n in range(per_group)
    ]


def test_one_article_cannot_be_scored_and_says_so(labels):
    rows = [(f"word{n} here", "favor" if n % 2 else "against", None, "p", "a") for n in range(13)]
    found = run(labels, rows)
    assert not found.is_scored
    assert found.describe() == (
        "13 sentences of one article cannot be scored: a score needs sentences of an article that "
        "the model has not seen. Label sentences of a second article, then run `make train` again."
    )
    assert found.to_dict()["scores"] == {}


def test_one_group_of_several_articles_cannot_be_scored(labels):
    rows = [("a text", "favor", None, "gaza", "a"), ("a text", "against", None, "gaza", "b")]
    assert run(labels, rows).why_not.startswith(
        '2 sentences of 2 articles, all of the group "gaza", cannot be scored:'
    )


def test_words_that_settle_everything_give_a_full_score(labels):
    found = run(labels, tellable(6, per_group=10))
    assert found.method == "Cross-validation, leaving out one group at a time"
    assert (found.n_scored, found.n_articles, found.n_groups) == (60, 30, 6)
    # 30 of each: the baseline of each fold is a tie of 25 and 25, so "favor", the earlier one,
    # has F1 = 2 * 30 / (30 + 60) = 2/3 and "against" 0: macro 1/3, accuracy 1/2.
    # Topic aid: half of the sentences have it, so the majority answer is aid everywhere: 2/3.
    # Every sentence has a stance, and all are answered with one: presence is 1, also by majority.
    assert {name: (s.value, s.baselines["majority"]) for name, s in found.scores.items()} == {
        "stance_macro_f1": (1.0, pytest.approx(1 / 3)),
        "stance_accuracy": (1.0, 0.5),
        "presence_macro_f1": (1.0, 1.0),
        "direction_macro_f1": (1.0, pytest.approx(1 / 3)),
        "three_way_macro_f1": (1.0, pytest.approx(1 / 3)),
        "topics_micro_f1": (1.0, pytest.approx(2 / 3)),
        "topics_macro_f1": (1.0, pytest.approx(2 / 3)),
    }
    assert (found.scores["stance_accuracy"].low, found.scores["stance_accuracy"].high) == (1, 1)
    assert found.confusion["against"] == {
        "favor": 0, "conditional": 0, "against": 30, "mixed": 0, "no_stance": 0,
    }  # fmt: skip
    assert found.held_out == dict.fromkeys(["g0", "g1", "g2", "g3", "g4", "g5"], 10)


def test_a_label_under_thirty_examples_has_no_score_and_is_in_no_average(labels):
    # 30 favor, and 29 against: one of the against sentences is left out.
    rows = tellable(6, per_group=10)
    assert rows[0][1] == "against"
    found = run(labels, rows[1:])
    against = found.stance["against"]
    assert (against.n, against.n_predicted, against.f1) == (29, 29, None)
    assert against.note == "no score: 29 examples, fewer than 30"
    assert found.stance["favor"].f1 == 1.0
    score = found.scores["stance_macro_f1"]
    assert score.left_out == {"conditional": 0, "against": 29, "mixed": 0, "no_stance": 0}
    # The majority of each fold is favor, of which 30 are right and 29 wrong: F1 60 / (30 + 59).
    # A mean with "against" would be half of it.
    assert (score.value, score.baselines["majority"]) == (1.0, pytest.approx(60 / 89))
    # In the three-way view the values of "none" are one label, and no sentence has one of them.
    assert found.scores["three_way_macro_f1"].left_out == {"against": 29, "none": 0}
    assert (
        "stance macro-F1 is without conditional (0), against (29), mixed (0), no_stance (0): "
        "under 30 examples"
    ) in found.all_notes


def test_a_score_without_a_label_that_has_enough_is_undefined(labels):
    score = run(labels, tellable(6)).scores["stance_macro_f1"]
    assert (score.value, score.note) == (None, "undefined: every label has too few examples")


def test_more_than_ten_groups_are_dealt_into_ten_folds(labels):
    calls = []
    found = run(labels, tellable(11, per_group=2), progress=lambda done, n: calls.append((done, n)))
    assert found.method == "Cross-validation, leaving out whole groups in 10 folds"
    assert calls == [(n, 10) for n in range(1, 11)]


def test_a_held_out_group_teaches_nothing(labels):
    # In group b every word means the reverse of group a. A model that saw a single sentence of the
    # held-out group would get some right; one that did not gets all of them wrong.
    a = [("accept", "favor", None, "a", "a"), ("reject", "against", None, "a", "a")] * 5
    b = [("accept", "against", None, "b", "b"), ("reject", "favor", None, "b", "b")] * 5
    assert run(labels, a + b).scores["stance_accuracy"].value == 0.0


def test_the_baseline_is_the_majority_of_the_other_groups(labels):
    # Leaving out a: b has more against. Leaving out b: a has more favor. So the baseline is right
    # for 1 of 3 sentences of a and 1 of 3 of b, though pooled there is no majority.
    a = [("one", "favor", None, "a", "a")] * 2 + [("two", "against", None, "a", "a")]
    b = [("one", "favor", None, "b", "b")] + [("two", "against", None, "b", "b")] * 2
    found = run(labels, a + b)
    assert found.scores["stance_accuracy"].baselines["majority"] == pytest.approx(1 / 3)


def test_keywords_stand_beside_the_scores_of_stance(labels):
    rows = tellable(6)
    always = run(labels, rows, keywords=["against"] * len(rows)).scores
    # As for the majority: half of the sentences are against.
    assert always["stance_accuracy"].baselines == {"majority": 0.5, "keywords": 0.5}
    assert "keywords" not in always["topics_macro_f1"].baselines


def test_a_fold_that_sees_one_value_only_is_not_scored_and_named(labels):
    rows = [
        ("one", "favor", None, "a", "a"),
        ("two", "against", None, "b", "b"),
        ("two", "against", None, "c", "c"),
        ("one", "favor", None, "c", "c"),
        ("one", "favor", None, "c", "c"),
    ]
    # Without c: favor and against. Without a: against, against, favor. Without b: favor only.
    rows[1:2] = [("one", "favor", None, "b", "b"), ("two", "against", None, "b", "b")]
    rows = [row for row in rows if not (row[3] == "c" and row[1] == "against")]
    found = run(labels, rows)
    assert found.n_scored == 3
    assert found.notes[0] == (
        '2 sentences of b not scored: the other groups have no stance but "favor"'
    )


def test_when_no_fold_can_be_scored_the_evaluation_says_so(labels):
    rows = [("one", "favor", None, "a", "a"), ("two", "against", None, "b", "b")]
    found = run(labels, rows)
    assert not found.is_scored
    assert found.why_not.startswith("2 sentences cannot be scored: 1 sentence of a not scored")
    assert found.why_not.endswith("then run `make train` again.")


def test_a_value_of_a_single_group_is_named(labels):
    rows = [*tellable(3), ("both at once", "mixed", None, "g0", "g0-0")]
    assert (
        'stance "mixed": 1 of its sentences were predicted by a model '
        "that could not learn it from the other groups"
    ) in run(labels, rows).notes


def test_sentences_that_nobody_was_asked_about_have_no_topic_score(labels):
    rows = tellable(3)
    unasked = [(*row[:2], None, *row[3:]) if n >= 4 else row for n, row in enumerate(rows)]
    # Only group g0 was asked: 2 of its 4 sentences have aid, and no other group could teach it.
    found = run(labels, unasked)
    assert (found.topics["aid"].n, found.topics["aid"].n_predicted) == (2, 0)
    nobody = [(*row[:2], None, *row[3:]) for row in rows]
    found = run(labels, nobody)
    assert found.topics == {}
    assert "topics_micro_f1" not in found.scores
    no_topics = "no sentence was labelled for topics, so topics have no scores"
    assert found.notes == (NOT_TUNED, no_topics)


def test_a_codebook_without_topics_is_scored(labels_without_topics):
    rows = [(*row[:2], None, *row[3:]) for row in tellable(3)]
    found = run(labels_without_topics, rows)
    assert (found.topics, found.notes) == ({}, (NOT_TUNED,))
    assert found.scores["stance_accuracy"].value == 1.0


def test_an_article_in_two_groups_is_refused(labels):
    rows = [("one", "favor", None, "a", "x"), ("two", "against", None, "b", "x")]
    with pytest.raises(ModelError, match='Article x lies in two groups, "a" and "b"'):
        run(labels, rows)


def test_unequal_lengths_are_a_programming_error(labels):
    with pytest.raises(ValueError, match="equally long, found 2, 1, 2"):
        cross_validate(
            [Example("a")] * 2, ["favor", "against"], [None] * 2, groups=["g"], articles=["a"] * 2,
            labels=labels,
        )  # fmt: skip


def test_the_same_input_gives_the_same_report_as_strict_json(labels):
    first, again = (run(labels, tellable(3)).to_dict() for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(again, allow_nan=False)
    assert first["format"] == 1


def test_the_terminal_gets_every_score_and_every_class(labels):
    lines = run(labels, tellable(6, per_group=10)).describe().splitlines()
    assert lines[0] == (
        "Cross-validation, leaving out one group at a time: "
        "60 of 60 sentences, 30 articles, 6 groups."
    )
    assert lines[1] == "  stance macro-F1                  1.000  [1.000, 1.000], majority 0.333"
    assert [line.split()[0] for line in lines[8:18]] == [
        "stance", *labels.stance, "topic", *labels.topics,
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[18:] if line.startswith("  ") and line[2] != " "] == [
        "calibration", "abstention,", "topic", *["Note:"] * 5,
    ]  # fmt: skip


def test_intervals_hold_the_score_of_mixed_articles(labels):
    rng = np.random.default_rng(0)
    rows = [
        (text, stance if rng.random() < 0.7 else "against", None, group, article)
        for text, stance, _, group, article in tellable(8)
    ]
    found = run(labels, rows).scores["stance_accuracy"]
    assert found.low < found.value < found.high


def noisy(n_groups):
    """Groups of 20 articles of two sentences, of which one in five has the other stance."""
    rng = np.random.default_rng(0)
    return [
        (text, stance if rng.random() < 0.8 else "against", topics, group, f"{group}-{n // 2}")
        for group in map("g{}".format, range(n_groups))
        for n in range(40)
        for text, stance, topics, _, _ in [tellable(1)[n % 4]]
    ]


def test_the_scores_that_choose_everything_are_kept(labels):
    rows = [*tellable(3), ("both at once", "mixed", None, "g0", "g0-0")]
    found = cross_validated(labels, rows)
    scores = found.out_of_fold
    assert (scores.stance.shape, scores.topics.shape) == ((13, 5), (13, 3))
    # Leaving out one group of three each time, in the order of their names.
    assert scores.folds.tolist() == [*[0] * 4, *[1] * 4, *[2] * 4, 0]
    # "mixed" stands in g0 only, so the fold without g0 could not learn it; nobody learned
    # "conditional", or a topic other than aid.
    could = ~np.isnan(scores.stance)
    mixed = labels.stance.index("mixed")
    assert could[:, mixed].tolist() == [*[False] * 4, *[True] * 8, False]
    assert not could[:, labels.stance.index("conditional")].any()
    assert (~np.isnan(scores.topics)).tolist() == [[True, False, False]] * 13
    codes = scores.likeliest
    assert [labels.stance[code] for code in codes[:4]] == [row[1] for row in rows[:4]]
    np.testing.assert_array_equal(scores.gold.stance == mixed, [*[False] * 12, True])


def test_one_group_has_no_scores_to_keep(labels):
    rows = [("a text", "favor", None, "p", "a"), ("a text", "against", None, "p", "b")]
    assert cross_validated(labels, rows).out_of_fold is None


def test_thresholds_change_no_stance_score(labels):
    first, second = (run(labels, noisy(4), precision=p) for p in (0.0, 0.9))
    assert first.scores == second.scores
    assert (first.stance, first.confusion) == (second.stance, second.confusion)
    assert first.calibration == second.calibration
    assert first.abstention.abstain_below is None
    assert first.abstention.why_not == "that keeps a precision of 0%"


def test_a_precision_is_reached_where_words_settle_it(labels):
    # "reject" is always against; "accept" is favor in four of five and against in one.
    found = run(labels, noisy(4), precision=0.95)
    point = found.abstention.chosen
    assert found.calibration.n == found.abstention.n == 160
    assert 0 < found.abstention.abstain_below < 1
    assert point.precision.value == 1.0
    assert 0 < point.coverage.value <= 0.5
    assert found.abstention.stance["favor"].n_decided == 0
    assert "mislead: favor 0.0% instead of" in found.abstention.distortion
    assert found.abstention.distortion in found.all_notes


def test_topics_are_scored_beside_the_fixed_threshold_and_say_how(labels):
    found = run(labels, tellable(12, per_group=6))
    macro = found.scores["topics_macro_f1"].baselines
    assert list(macro) == ["majority", "every threshold 0.5"]
    assert "every threshold 0.5" not in found.scores["stance_accuracy"].baselines
    assert "topics are scored with thresholds that the other folds chose" in found.notes
    # 36 of 72 have aid; no sentence has another topic.
    assert found.topic_thresholds.few == {"talks": 0, "prisoners": 0}
    assert set(found.topic_thresholds.by_topic) == set(labels.topics)
