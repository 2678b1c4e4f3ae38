"""The array form answers what scikit-learn answers."""

import dataclasses

import numpy as np
import pytest

from model.bundle import load, save
from model.calibration import softmax
from model.examples import Example
from model.prediction import Prediction, predict, probabilities
from model.settings import Settings
from model.training import train

TEXTS = [
    "The parties accepted the truce and will keep it.",
    "Aid agencies rejected it, rejected it, rejected it!",
    "Nothing in here was ever seen: zebra, quixotic.",
    "",
    " \n\t ",
    "!",
    "Überläufer İstanbul ΣΑΣ 停戦 😀",
    "word " * 1000,
]
VALUES = ("no_stance", "against", "favor", "mixed", "conditional")


def saved(directory, model, unscored):
    save(directory, model, unscored, n_articles=1, dataset_digest="d", annotators="nobody")
    return load(directory)


@pytest.mark.parametrize("n_columns", [2**10, 2**14])
@pytest.mark.parametrize("n_topics", [0, 1, 2])
@pytest.mark.parametrize("n_stance", [2, 3, 5])
def test_probabilities_equal_scikit_learn(
    n_stance, n_topics, n_columns, tmp_path, corpus_of, labels, unscored
):
    corpus = corpus_of(*VALUES[:n_stance])
    topics = [t & set(("aid", "talks")[:n_topics]) for t in corpus.topics]
    settings = Settings(n_columns=n_columns, c=20.0)
    model = train(corpus.examples, corpus.stance, topics, labels=labels, settings=settings)
    bundle = saved(tmp_path / "model", model, unscored)

    rows = model.features.transform(TEXTS)
    found = [probabilities(bundle, text) for text in TEXTS]
    np.testing.assert_allclose(
        [stance for stance, _ in found], model.stance_probabilities(rows), atol=1e-5
    )
    np.testing.assert_allclose(
        [topic for _, topic in found], model.topic_probabilities(rows), atol=1e-5
    )
    assert model.topic_probabilities(rows).shape == (len(TEXTS), n_topics)
    # What temperatures are fitted on is what the arrays hold.
    for temperature in (0.5, 3.0):
        manifest = dataclasses.replace(bundle.manifest, temperature=temperature)
        other = dataclasses.replace(bundle, manifest=manifest)
        np.testing.assert_allclose(
            [probabilities(other, text)[0] for text in TEXTS],
            softmax(model.stance_scores(rows) / temperature),
            atol=1e-5,
        )
    assert [p.stance for p in predict(bundle, map(Example, TEXTS))] == [
        model.trained_stance[best] for best in model.stance_probabilities(rows).argmax(axis=1)
    ]


def test_an_empty_text_is_scored_by_the_intercepts(bundle_directory):
    bundle = load(bundle_directory)
    intercepts = np.array(bundle.manifest.stance_intercepts)
    stance, _ = probabilities(bundle, "")
    np.testing.assert_allclose(stance, np.exp(intercepts) / np.exp(intercepts).sum())


def test_every_label_of_the_codebook_is_there_and_untrained_ones_are_none(bundle_directory, labels):
    (found,) = predict(load(bundle_directory), [Example("Aid agencies rejected the truce.")])
    assert isinstance(found, Prediction)
    assert (found.stance, found.abstained, found.topics, found.holders) == (
        "against", False, ("aid",), (),
    )  # fmt: skip
    assert tuple(found.stance_scores) == labels.stance
    assert found.stance_scores["mixed"] is None
    assert found.stance_score == found.stance_scores["against"]
    assert sum(p for p in found.stance_scores.values() if p is not None) == pytest.approx(1)
    assert tuple(found.topic_scores) == labels.topics
    assert found.topic_scores["prisoners"] is None


def test_below_the_threshold_the_model_abstains_and_keeps_its_scores(bundle_directory):
    bundle = load(bundle_directory)
    example = Example("Aid agencies rejected the truce.")
    (sure,) = predict(bundle, [example])
    strict = dataclasses.replace(bundle.manifest, abstain_below=sure.stance_score + 0.001)
    (found,) = predict(dataclasses.replace(bundle, manifest=strict), [example])
    assert (found.stance, found.abstained) == (None, True)
    assert found.stance_scores == sure.stance_scores
    exactly = dataclasses.replace(bundle.manifest, abstain_below=sure.stance_score)
    (found,) = predict(dataclasses.replace(bundle, manifest=exactly), [example])
    assert found == sure


def test_temperature_flattens_stance_and_leaves_topics(bundle_directory):
    bundle = load(bundle_directory)
    hot = dataclasses.replace(bundle.manifest, temperature=1e9)
    stance, topics = probabilities(dataclasses.replace(bundle, manifest=hot), TEXTS[0])
    np.testing.assert_allclose(stance, [0.25] * 4, atol=1e-6)
    np.testing.assert_array_equal(topics, probabilities(bundle, TEXTS[0])[1])


def test_predictions_are_plain_python(bundle_directory):
    (found,) = predict(load(bundle_directory), [Example("a text")])
    assert {type(p) for p in found.stance_scores.values()} == {float, type(None)}
    assert type(found.stance) is str


def test_each_topic_has_its_own_threshold(bundle_directory):
    bundle = load(bundle_directory)
    example = Example("Aid agencies met envoys at the talks.")
    (found,) = predict(bundle, [example])
    aid, talks = found.topic_scores["aid"], found.topic_scores["talks"]
    thresholds = {"aid": aid, "talks": talks + 0.001}
    changed = dataclasses.replace(bundle.manifest, topic_thresholds=thresholds)
    (again,) = predict(dataclasses.replace(bundle, manifest=changed), [example])
    assert (again.topics, again.topic_scores) == (("aid",), found.topic_scores)
