"""The test part and files from elsewhere are scored once, by the saved model, in one way."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from model.bundle import load
from model.errors import ModelError
from model.evaluation import beside_annotators
from model.examples import Example
from model.part import evaluate_part
from model.prediction import predict
from model.report import Evaluation

# The model of these tests learned four values from five sentences each ("mixed" from none), and
# gets sentences that it learned from right: the arithmetic is tested here, not the model.
TEXTS = {
    "favor": "The parties accepted the truce and will keep it.",
    "against": "The parties rejected the truce and broke off.",
    "no_stance": "The parties met on Monday in the capital.",
}


@pytest.fixture
def model(bundle_directory):
    return load(bundle_directory)


def run(model, counts, *, per_article=5, topics=None, **options):
    """Score so many sentences of each stance value; "mixed" gets the text of "favor"."""
    stance = [value for value, n in counts.items() for _ in range(n)]
    return evaluate_part(
        model,
        [Example(TEXTS[value if value in TEXTS else "favor"]) for value in stance],
        stance,
        [topics] * len(stance),
        articles=[f"a{n // per_article}" for n in range(len(stance))],
        **options,
    )


def test_the_saved_model_is_scored_beside_the_majority_of_its_training(model):
    found = run(model, {"favor": 30, "against": 60}, topics=frozenset())
    # Training had five of four values: a tie, so the majority is "favor", the first. Right for 30
    # of 90: F1 = 60 / (30 + 90) = 1/2 for favor, 0 for against.
    # Topic "aid" is on 4 of 20 training sentences, so the majority answers no topic.
    score = found.scores["stance_macro_f1"]
    assert (score.value, score.baselines) == (1.0, {"majority": 0.25})
    assert found.scores["stance_accuracy"].baselines == {"majority": pytest.approx(1 / 3)}
    assert (found.n_sentences, found.n_scored, found.n_articles) == (90, 90, 18)
    assert found.method == "Test part, scored once"


def test_the_answers_are_those_that_classifying_gives(model):
    texts = [*TEXTS.values(), "Nobody at all agreed.", "Aid agencies broke off.", ""]
    examples = [Example(text) for text in texts]
    found = evaluate_part(
        model, examples, ["favor"] * 6, [{"aid"}] * 6, articles=list("abcdef"), fewest_examples=1
    )
    predictions = list(predict(model, examples))
    assert found.confusion["favor"] == {
        value: sum(one.stance == value for one in predictions) for value in found.stance
    }
    assert found.topics["aid"].n_predicted == sum("aid" in one.topics for one in predictions)


def test_a_value_under_thirty_examples_gets_no_score_and_says_so(model):
    found = run(model, {"favor": 30, "against": 29})
    assert (found.stance["favor"].f1, found.stance["against"].f1) == (1.0, None)
    assert found.stance["against"].note == "no score: 29 examples, fewer than 30"
    assert found.scores["stance_macro_f1"].left_out["against"] == 29
    assert found.scores["direction_macro_f1"].left_out == {"against": 29}


def test_a_limit_of_one_scores_whatever_occurs(model):
    found = run(model, {"favor": 30, "against": 1}, fewest_examples=1, unit="item")
    # "against" counts as much as "favor" now; the majority baseline gets none of it:
    # favor 60 / (30 + 31), against 0.
    score = found.scores["three_way_macro_f1"]
    assert (score.value, score.left_out) == (1.0, {"none": 0})
    assert score.baselines["majority"] == pytest.approx(60 / 61 / 2)
    assert score.note == "no interval: 7 items, expected at least 10"
    assert "three-way macro-F1 is without none (0): no example" in found.all_notes


def test_a_value_that_the_model_never_learned_is_named(model):
    found = run(model, {"favor": 30, "mixed": 30})
    assert found.stance["mixed"].f1 == 0.0
    assert found.notes[0] == (
        'stance "mixed": the model never learned it (no example); 30 of the sentences have it'
    )


def test_held_out_processes_are_named_with_their_sentences(model):
    found = run(model, {"favor": 3, "against": 2}, groups=["oslo", "oslo", "aceh", "oslo", "aceh"])
    assert (found.held_out, found.n_groups) == ({"aceh": 2, "oslo": 3}, 2)
    assert list(found.held_out) == ["aceh", "oslo"]


def test_keywords_stand_beside_stance_and_say_nothing_of_topics(model):
    found = run(
        model, {"favor": 30, "against": 30}, topics={"aid"}, keywords=["against"] * 60
    ).scores
    # Right for half of them.
    assert found["stance_accuracy"].baselines == {"majority": 0.5, "keywords": 0.5}
    assert "keywords" not in found["topics_micro_f1"].baselines


def test_intervals_resample_the_articles_of_the_test_part(model):
    # 20 articles of three: the 10 of "mixed" are answered wrongly, the 10 of "favor" rightly.
    found = run(model, {"favor": 30, "mixed": 30}, per_article=3).scores["stance_accuracy"]
    # The share of right articles among 20 drawn is binomial with sd sqrt(0.25 / 20) = 0.11, so
    # the interval is near 0.5 -+ 0.22; resampling sentences would give 0.5 -+ 0.13.
    assert found.value == 0.5
    assert (found.low, found.high) == (pytest.approx(0.28, abs=0.04), pytest.approx(0.72, abs=0.04))


def test_annotators_stand_beside_the_same_labels_as_the_model(model, labels):
    part = run(model, {"favor": 30, "against": 30, "mixed": 1})
    # favor: 1 pair of 3 given, 2/3; against: 1 pair of 3 given, 2/3; mixed is left out, as in the
    # model's score. Three-way: the same.
    votes = [["favor", "favor"], ["against", "against"], ["favor", "against"], ["mixed"]]
    found = beside_annotators(part, votes, labels)
    assert found.n_annotator_pairs == 3
    assert found.annotators == {
        "stance_macro_f1": pytest.approx(2 / 3),
        "three_way_macro_f1": pytest.approx(2 / 3),
    }
    assert (
        "  annotator against annotator: stance macro-F1 0.667, three-way macro-F1 0.667 (3 pairs)"
    ) in found.describe().splitlines()
    assert beside_annotators(part, [["favor"], ["mixed"]], labels) == part


def test_an_evaluation_is_read_back_from_its_record(model, labels):
    found = run(model, {"favor": 30, "against": 29}, groups=["oslo"] * 59, topics={"aid"})
    found = beside_annotators(found, [["favor", "favor"]], labels)
    record = json.loads(json.dumps({"date": "2026-01-02", **found.to_dict()}, allow_nan=False))
    again = Evaluation.from_dict(record)
    assert again == found
    assert again.describe() == found.describe()
    with pytest.raises(KeyError):
        Evaluation.from_dict({"scores": {}})


def test_a_record_from_before_calibration_was_measured_is_read(model):
    found = run(model, {"favor": 30, "against": 29})
    newer = ("calibration", "abstention", "topic_thresholds")
    old = {key: value for key, value in found.to_dict().items() if key not in newer}
    none = dict.fromkeys(newer)
    assert Evaluation.from_dict(old) == dataclasses.replace(found, **none)
    assert "calibration" not in Evaluation.from_dict(old).describe()


def test_the_saved_threshold_is_judged_on_the_part(model):
    manifest = dataclasses.replace(model.manifest, temperature=2.0, abstain_below=None)
    hot = dataclasses.replace(model, manifest=manifest)
    scores = {v: next(iter(predict(hot, [Example(TEXTS[v])]))).stance_score for v in TEXTS}
    first, second = sorted(("favor", "against"), key=scores.__getitem__)
    threshold = (scores[first] + scores[second]) / 2
    strict = dataclasses.replace(manifest, abstain_below=threshold)
    found = run(dataclasses.replace(hot, manifest=strict), {"favor": 40, "against": 40})
    # Half are decided, the surer value; all are right, and neither value is more frequent.
    point = found.abstention.chosen
    assert (point.wanted, point.threshold) == (None, threshold)
    assert (point.coverage.value, point.precision.value) == (0.5, 1.0)
    assert found.abstention.stance[second].n_decided == 40
    assert found.abstention.stance[first].n_decided == 0
    assert found.calibration.temperature == 2.0
    assert found.calibration.stated == pytest.approx((scores["favor"] + scores["against"]) / 2)
    # The scores without the temperature are those of temperature 1.
    one = run(dataclasses.replace(model, manifest=dataclasses.replace(manifest, temperature=1.0)),
              {"favor": 40, "against": 40})  # fmt: skip
    assert found.calibration.error_at_1 == pytest.approx(one.calibration.error)
    # Scored as if always answering.
    assert found.scores == one.scores


def test_slices_and_what_is_left_out_are_scored_beside_the_whole(model):
    outlets = [["wire"]] * 40 + [["desk"]] * 20
    is_out = [False] * 30 + [True] * 30
    found = run(
        model,
        {"favor": 30, "against": 30},
        slices={"outlet": outlets},
        without={"act refuse": is_out, "everything": [True] * 60},
    )
    slices = found.slices["outlet"]
    assert (list(slices.scored), dict(slices.few)) == (["wire"], {"desk": 20})
    # 30 favor and 10 against; the majority of training is favor.
    accuracy = slices.scored["wire"].scores["stance_accuracy"]
    assert (accuracy.value, accuracy.baselines) == (1.0, {"majority": 0.75})
    assert list(found.without) == ["act refuse"]
    assert (found.without["act refuse"].n, found.without["act refuse"].n_articles) == (30, 6)
    lines = found.describe().splitlines()
    assert "  without act refuse, 30 sentences:" in lines
    assert found.describe_slices().splitlines()[-1] == (
        "    no score, under 30 sentences: desk (20)"
    )
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert Evaluation.from_dict(record) == found


def test_what_cannot_be_scored_is_refused(model):
    with pytest.raises(ModelError, match="no labelled sentence to score the model on"):
        run(model, {})
    with pytest.raises(ModelError, match='sentence 1 of 1: stance "pro" is not in codebook'):
        run(model, {"pro": 1})
    with pytest.raises(ValueError, match="equally long"):
        evaluate_part(model, [Example("a")], ["favor"], [], articles=["a"])
    with pytest.raises(ValueError, match="1 examples, 2 articles"):
        evaluate_part(model, [Example("a")], ["favor"], [None], articles=["a", "b"])


def test_scoring_needs_no_scikit_learn():
    code = "import model.evaluation, model.part, sys; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code]).returncode == 0


def test_the_same_part_gives_the_same_report(model):
    first, again = (run(model, {"favor": 31, "against": 33}).to_dict() for _ in range(2))
    assert json.dumps(first, allow_nan=False) == json.dumps(again, allow_nan=False)
    assert np.isfinite(first["scores"]["stance_macro_f1"]["low"])
