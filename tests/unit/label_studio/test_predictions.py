"""A model's answers in Label Studio's form, with the scores of their labels."""

from __future__ import annotations

from corpus.label_studio.predictions import Proposal, propose
from corpus.sentences import neighbours
from model.prediction import Prediction


def test_each_item_has_the_scores_of_its_labels():
    scores = {"stance": {"favor": 0.6, "against": 0.4}, "topics": {"aid": 0.9, "talks": 0.7}}
    assert Proposal("favor", ("aid", "talks"), 0.6, scores).result() == [
        {
            "from_name": "stance",
            "to_name": "sentence",
            "type": "choices",
            "value": {"choices": ["favor"]},
            "score": 0.6,
            "meta": {"scores": {"favor": 0.6, "against": 0.4}},
        },
        {
            "from_name": "topics",
            "to_name": "sentence",
            "type": "choices",
            "value": {"choices": ["aid", "talks"]},
            "score": 0.7,  # of the weaker one
            "meta": {"scores": {"aid": 0.9, "talks": 0.7}},
        },
    ]


def test_every_sentence_is_read_between_its_neighbours_and_abstentions_are_left_out(make_corpus):
    sentences = list(make_corpus().sentences.values())
    first, second, third, _ = sentences
    seen = []

    def predict(texts):
        for text, before, after in texts:
            seen.append((text, before, after))
            stance = "favor" if text == second.text else None
            yield Prediction(
                stance=stance,
                abstained=stance is None,
                stance_score=0.51239,
                stance_scores={"favor": 0.51239, "against": None},
                topics=(),
                topic_scores={"aid": 0.1},
            )

    near = neighbours({item.id: item for item in sentences})
    assert propose([first, second], near, predict) == {
        second.id: Proposal(
            "favor", (), 0.51239, {"stance": {"favor": 0.5124}, "topics": {"aid": 0.1}}
        )
    }
    assert seen == [(first.text, "", second.text), (second.text, first.text, third.text)]
