"""Small models that several tests look at; trained once."""

import dataclasses
import itertools
from dataclasses import dataclass

import pytest

from model.bundle import save
from model.examples import Example
from model.labels import LabelSet
from model.report import Evaluation
from model.settings import Settings
from model.training import TrainedModel, train

FIVE = LabelSet(
    stance=("favor", "conditional", "against", "mixed", "no_stance"),
    topics=("aid", "talks", "prisoners"),
    target="reaching and keeping the truce",
    neutral="no_stance",
    three_way={
        "favor": "favor",
        "conditional": "none",
        "against": "against",
        "mixed": "none",
        "no_stance": "none",
    },
    codebook="ceasefire 0.9",
)
# One sentence per stance value and side; "The parties" and "Aid" make topics that cut across.
SENTENCES = {
    "favor": "{} accepted the truce and will keep it.",
    "conditional": "{} will sign the truce only after a withdrawal.",
    "against": "{} rejected the truce and broke off.",
    "mixed": "{} welcomed the truce, which the rebels refused.",
    "no_stance": "{} met on Monday in the capital.",
}
HOLDERS = ("The parties", "Aid agencies", "Ministers", "Envoys at the talks", "Überläufer")


@dataclass(frozen=True)
class Corpus:
    """Labelled sentences, twenty-five for five values."""

    examples: list[Example]
    stance: list[str]
    topics: list[frozenset[str] | None]


@pytest.fixture(scope="session")
def labels():
    return FIVE


@pytest.fixture(scope="session")
def labels_without_topics():
    return dataclasses.replace(FIVE, topics=())


@pytest.fixture(scope="session")
def corpus_of():
    """A corpus with examples of the given stance values only."""

    def make(*values: str) -> Corpus:
        rows = list(itertools.product(values, HOLDERS))
        texts = [SENTENCES[value].format(holder) for value, holder in rows]
        topics = [
            frozenset({"aid"} if "Aid" in text else set())
            | ({"talks"} if "talks" in text else set())
            for text in texts
        ]
        return Corpus([Example(text) for text in texts], [value for value, _ in rows], topics)

    return make


@pytest.fixture(scope="session")
def small():
    """Settings with few columns, so that files are small and hashes collide."""
    return Settings(n_columns=2**10)


@pytest.fixture(scope="session")
def trained(corpus_of, labels, small) -> TrainedModel:
    """Four stance values of five, two topics of three."""
    corpus = corpus_of("favor", "conditional", "against", "no_stance")
    return train(corpus.examples, corpus.stance, corpus.topics, labels=labels, settings=small)


@pytest.fixture(scope="session")
def unscored() -> Evaluation:
    return Evaluation(20, 1, 1, why_not="20 sentences of one article cannot be scored: a reason.")


@pytest.fixture
def bundle_directory(tmp_path, trained, unscored):
    """A freshly saved bundle that a test may damage."""
    directory = tmp_path / "model"
    save(
        directory,
        trained,
        unscored,
        n_articles=1,
        dataset_digest="d" * 64,
        annotators="two language models, adjudicated",
    )
    return directory
