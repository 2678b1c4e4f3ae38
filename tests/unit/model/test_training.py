"""A model learns what has examples, names the rest, and says what it cannot do."""

import numpy as np
import pytest

from model.errors import ModelError
from model.examples import Example
from model.pipeline import feature_pipeline, stance_classifier, topic_classifier
from model.settings import Settings
from model.training import train


def test_a_value_without_examples_stays_and_is_named(trained):
    assert trained.trained_stance == ("favor", "conditional", "against", "no_stance")
    assert trained.untrained_stance == {"mixed": "no example"}
    assert trained.stance_counts["mixed"] == 0
    assert trained.trained_topics == ("aid", "talks")
    assert trained.untrained_topics == {"prisoners": "no sentence has it"}


def test_probabilities_come_in_the_codebooks_order_not_the_alphabets(trained):
    rows = trained.features.transform(["Envoys rejected the truce and broke off."])
    # scikit-learn sorts: against, conditional, favor, no_stance. The codebook has against third.
    assert trained.stance.classes_[0] == "against"
    assert trained.stance_probabilities(rows)[0].argmax() == 2


# Few columns collide; of many, most stand in one sentence only and are merged.
@pytest.mark.parametrize("n_columns", [2**10, 2**13])
def test_fitting_merged_columns_is_the_plain_fit(corpus_of, labels, n_columns, monkeypatch):
    # The solver stops when the largest slope is small, which merging makes larger: with the usual
    # tolerance both are near the same minimum, with a tiny one they are at it.
    def exact(settings):
        return stance_classifier(settings).set_params(tol=1e-10)

    def exact_topics(settings):
        return topic_classifier(settings).set_params(estimator__tol=1e-10)

    monkeypatch.setattr("model.training.stance_classifier", exact)
    monkeypatch.setattr("model.training.topic_classifier", exact_topics)
    some = Settings(n_columns=n_columns)
    corpus = corpus_of("favor", "conditional", "against", "no_stance")
    # A word that one sentence has twice and another once is not merged with one they have once.
    texts = [f"{e.text} rare{n} rare{n} rare{n + 1}" for n, e in enumerate(corpus.examples)]
    found = train(
        list(map(Example, texts)), corpus.stance, corpus.topics, labels=labels, settings=some
    )
    rows = feature_pipeline(some).fit_transform(texts)
    stance = exact(some).fit(rows, corpus.stance)
    topics = exact_topics(some).fit(
        rows, np.array([["aid" in t, "talks" in t] for t in corpus.topics]).astype(int)
    )
    np.testing.assert_allclose(found.stance.coef_, stance.coef_, atol=1e-6)
    np.testing.assert_allclose(
        found.topics.predict_proba(rows), topics.predict_proba(rows), atol=1e-6
    )
    assert found.stance.n_features_in_ == found.topics.n_features_in_ == n_columns


def test_not_asked_is_no_answer(corpus_of, labels, small):
    corpus = corpus_of("favor", "against")
    half = [t if n % 2 else None for n, t in enumerate(corpus.topics)]
    model = train(corpus.examples, corpus.stance, half, labels=labels, settings=small)
    # Ten sentences; odd positions of (parties, aid, ministers, talks, other) x 2 were asked:
    # 1 aid, 3 talks, 5 parties, 7 ministers, 9 other.
    assert (model.n_sentences, model.n_asked) == (10, 5)
    assert model.topic_counts == {"aid": 1, "talks": 1, "prisoners": 0}


def test_an_untrained_topic_has_its_reason(corpus_of, labels, small):
    corpus = corpus_of("favor", "against")
    everywhere = [frozenset({"aid"}) for _ in corpus.topics]
    model = train(corpus.examples, corpus.stance, everywhere, labels=labels, settings=small)
    assert model.untrained_topics == {
        "aid": "every sentence that was labelled for topics has it",
        "talks": "no sentence has it",
        "prisoners": "no sentence has it",
    }
    nobody = [None for _ in corpus.topics]
    model = train(corpus.examples, corpus.stance, nobody, labels=labels, settings=small)
    assert set(model.untrained_topics.values()) == {"no sentence was labelled for topics"}
    assert model.topics is None
    rows = model.features.transform(["a text"])
    assert model.topic_probabilities(rows).shape == (1, 0)


def test_a_single_topic_answers_with_one_column(corpus_of, labels, small):
    corpus = corpus_of("favor", "against")
    topics = [t & {"aid"} for t in corpus.topics]
    model = train(corpus.examples, corpus.stance, topics, labels=labels, settings=small)
    rows = model.features.transform([e.text for e in corpus.examples])
    found = model.topic_probabilities(rows)
    assert found.shape == (10, 1)
    assert found[:, 0].argmax() in (1, 6)  # the two sentences of aid agencies


def test_a_codebook_without_topics_trains(corpus_of, labels_without_topics, small):
    corpus = corpus_of("favor", "against")
    empty = [None] * 5 + [frozenset()] * 5
    model = train(
        corpus.examples, corpus.stance, empty, labels=labels_without_topics, settings=small
    )
    assert (model.topics, model.trained_topics, model.untrained_topics) == (None, (), {})


def test_one_stance_value_is_refused_with_what_to_do(corpus_of, labels):
    corpus = corpus_of("against")
    with pytest.raises(ModelError) as refusal:
        train(corpus.examples, corpus.stance, corpus.topics, labels=labels)
    assert str(refusal.value) == (
        'All 5 labelled sentences have the stance "against": there is nothing to tell apart. Label '
        "sentences of at least one other value (favor, conditional, mixed, no_stance), then run "
        "`make train` again."
    )


def test_no_sentence_is_refused_with_what_to_do(labels):
    with pytest.raises(ModelError, match=r"no labelled sentence to learn from. Label some"):
        train([], [], [], labels=labels)


def test_sentences_without_a_word_are_refused(labels, small):
    with pytest.raises(ModelError, match="None of the 2 labelled sentences has a word"):
        train([Example(""), Example(" ")], ["favor", "against"], [None, None], labels=labels)


def test_an_unknown_label_is_refused_with_its_place(corpus_of, labels):
    corpus = corpus_of("favor", "against")
    with pytest.raises(ModelError) as refusal:
        train(corpus.examples, ["pro", *corpus.stance[1:]], corpus.topics, labels=labels)
    assert str(refusal.value).startswith(
        'sentence 1 of 10: stance "pro" is not in codebook ceasefire 0.9 '
        "(favor, conditional, against, mixed, no_stance)."
    )
    with pytest.raises(ModelError, match='sentence 10 of 10: topic "sport" is not in codebook'):
        train(corpus.examples, corpus.stance, [*corpus.topics[:-1], {"sport"}], labels=labels)


def test_unequal_lengths_and_bare_strings_are_programming_errors(corpus_of, labels):
    corpus = corpus_of("favor", "against")
    with pytest.raises(ValueError, match="found 10, 9, 10"):
        train(corpus.examples, corpus.stance[1:], corpus.topics, labels=labels)
    with pytest.raises(TypeError, match="expected a collection of topics"):
        train(corpus.examples, corpus.stance, ["aid"] * 10, labels=labels)
