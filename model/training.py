"""What a model learns from labelled sentences, and what it cannot learn."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline

from model.errors import ModelError
from model.examples import Example
from model.features import text_of
from model.labels import LabelSet, check_labels
from model.pipeline import feature_pipeline, stance_classifier, topic_classifier
from model.settings import DEFAULT_SETTINGS, Settings


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A fitted model of stock scikit-learn objects, and what it was fitted on.

    features: a Pipeline, texts -> rows (n_texts, n_columns); stance: a LogisticRegression on them;
    topics: a OneVsRestClassifier on them, or None when no topic could be trained.
    trained_stance, trained_topics: the labels that were learned, in the codebook's order. `stance`
    orders its columns by `classes_`, which is alphabetical: map through `stance_probabilities`.
    untrained_stance, untrained_topics: the other labels, each with the reason in words.
    stance_counts, topic_counts: label -> number of examples, for every label of the codebook.
    n_asked: how many of the n_sentences were labelled for topics.
    """

    labels: LabelSet
    settings: Settings
    features: Pipeline
    stance: LogisticRegression
    topics: OneVsRestClassifier | None
    trained_stance: tuple[str, ...]
    trained_topics: tuple[str, ...]
    untrained_stance: Mapping[str, str]
    untrained_topics: Mapping[str, str]
    stance_counts: Mapping[str, int]
    topic_counts: Mapping[str, int]
    n_sentences: int
    n_asked: int

    def stance_probabilities(self, rows: csr_matrix) -> npt.NDArray[np.float64]:
        """Shape (n_rows, n_trained_stance), columns as in `trained_stance`, each row sums to 1."""
        probabilities = self.stance.predict_proba(rows)[:, self._stance_columns()]
        return np.asarray(probabilities, dtype=np.float64)

    def stance_scores(self, rows: csr_matrix) -> npt.NDArray[np.float64]:
        """Shape (n_rows, n_trained_stance): softmax makes them the probabilities.

        For two values scikit-learn has one score, the difference: half of it with either sign.
        """
        found = np.asarray(self.stance.decision_function(rows), dtype=np.float64)
        if found.ndim == 1:
            found = np.column_stack([-found / 2, found / 2])
        return found[:, self._stance_columns()]

    def _stance_columns(self) -> list[int]:
        by_class = {value: column for column, value in enumerate(self.stance.classes_)}
        return [by_class[value] for value in self.trained_stance]

    def topic_probabilities(self, rows: csr_matrix) -> npt.NDArray[np.float64]:
        """Shape (n_rows, n_trained_topics), columns as in `trained_topics`, each by itself."""
        if self.topics is None:
            return np.zeros((rows.shape[0], 0))
        # With a single topic scikit-learn answers (without, with): the last columns are always it.
        probabilities = self.topics.predict_proba(rows)[:, -len(self.trained_topics) :]
        return np.asarray(probabilities, dtype=np.float64)


def train(
    examples: Sequence[Example],
    stance: Sequence[str],
    topics: Sequence[Collection[str] | None],
    *,
    labels: LabelSet,
    settings: Settings = DEFAULT_SETTINGS,
) -> TrainedModel:
    """A model that learned from the examples; the same input gives the same model.

    stance: one value per example. topics: per example the topics that it has; None means that
    nobody was asked, and the example teaches nothing about topics; an empty set is an answer.
    A label without examples stays in the label set and is named as untrained.
    Raises ModelError for an unknown label and for fewer than two stance values with examples,
    ValueError when the three sequences differ in length.
    """
    check_labels(examples, stance, topics, labels=labels)
    return fit(
        hashed(examples, settings=settings), stance, topics, labels=labels, settings=settings
    )


def hashed(examples: Iterable[Example], *, settings: Settings) -> csr_matrix:
    """The hashed counts of shape (n_examples, n_columns). Nothing is learned here."""
    return feature_pipeline(settings)["counts"].fit_transform(list(map(text_of, examples)))


def fit(
    counts: csr_matrix,
    stance: Sequence[str],
    topics: Sequence[Collection[str] | None],
    *,
    labels: LabelSet,
    settings: Settings,
) -> TrainedModel:
    """What `train` returns, from texts that are hashed and labels that are checked.

    counts: as `hashed` returns them; cross-validation makes them once.
    """
    stance_counts = Counter(stance)
    trained_stance = tuple(value for value in labels.stance if stance_counts[value])
    if len(trained_stance) < 2:
        raise ModelError(
            f'All {len(stance)} labelled sentences have the stance "{trained_stance[0]}": there is '
            f"nothing to tell apart. Label sentences of at least one other value "
            f"({', '.join(value for value in labels.stance if value != trained_stance[0])}), "
            "then run `make train` again."
        )
    asked = [number for number, values in enumerate(topics) if values is not None]
    asked_topics = [frozenset(topics[number] or ()) for number in asked]
    topic_counts = Counter(topic for values in asked_topics for topic in values)
    untrained_topics = {
        topic: reason
        for topic in labels.topics
        if (reason := _why_untrained(topic_counts[topic], len(asked)))
    }
    trained_topics = tuple(topic for topic in labels.topics if topic not in untrained_topics)

    pipeline = feature_pipeline(settings)
    rows = pipeline["tfidf"].fit_transform(counts)
    if not rows.nnz:
        raise ModelError(
            f"None of the {len(stance)} labelled sentences has a word. "
            "Look at the texts of the dataset, then run `make train` again."
        )
    merge = merging(counts)
    merged = (rows @ merge).tocsr()
    stance_model = stance_classifier(settings).fit(merged, list(stance))
    _spread(stance_model, merge)
    topic_model = None
    if trained_topics:
        has_topic = np.array([[t in values for t in trained_topics] for values in asked_topics])
        # A single column must be flat: scikit-learn warns about a column vector.
        answers = has_topic.astype(np.int64)
        topic_model = topic_classifier(settings).fit(
            merged[asked], answers if len(trained_topics) > 1 else answers[:, 0]
        )
        topic_model.n_features_in_ = settings.n_columns
        for classifier in topic_model.estimators_:
            _spread(classifier, merge)
    return TrainedModel(
        labels=labels,
        settings=settings,
        features=pipeline,
        stance=stance_model,
        topics=topic_model,
        trained_stance=trained_stance,
        trained_topics=trained_topics,
        untrained_stance={v: "no example" for v in labels.stance if not stance_counts[v]},
        untrained_topics=untrained_topics,
        stance_counts={value: stance_counts[value] for value in labels.stance},
        topic_counts={topic: topic_counts[topic] for topic in labels.topics},
        n_sentences=len(stance),
        n_asked=len(asked),
    )


def _why_untrained(n_with: int, n_asked: int) -> str:
    """The reason why a topic cannot be learned, empty when it can."""
    if not n_asked:
        return "no sentence was labelled for topics"
    if not n_with:
        return "no sentence has it"
    if n_with == n_asked:
        return "every sentence that was labelled for topics has it"
    return ""


def merging(counts: csr_matrix) -> csr_matrix:
    """The columns as the solver needs them, shape (n_columns, n_merged): rows @ it are the rows.

    A column that no example touches keeps the coefficient 0 that the solver starts with. Columns
    with the same counts in every example (the letter runs of one rare word) are one direction: the
    penalty shares the weight evenly among them, so m of them are one column times the root of m.
    The same problem with far fewer numbers to find, so the same model to the solver's tolerance.
    """
    # A sum of random whole numbers, modulo 2^64: for two differing columns it is the same by
    # chance once in 2^64, far less likely than a memory fault.
    numbers = np.random.default_rng(0).integers(2**63, size=counts.shape[0], dtype=np.uint64)
    touched = np.unique(counts.indices)
    sums = counts[:, touched].T.astype(np.uint64) @ numbers
    _, merged, size = np.unique(sums, return_inverse=True, return_counts=True)
    return csr_matrix(
        (1 / np.sqrt(size[merged]), (touched, merged)), shape=(counts.shape[1], len(size))
    )


def _spread(classifier: LogisticRegression, merge: csr_matrix) -> None:
    """Give a classifier of the merged columns a coefficient for every column."""
    classifier.coef_ = np.ascontiguousarray((merge @ classifier.coef_.T).T)
    classifier.n_features_in_ = merge.shape[0]
