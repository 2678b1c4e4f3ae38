"""What models answer for sentences of groups that they have not seen."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from model.labels import LabelSet
from model.prediction import TOPIC_THRESHOLD
from model.tally import Answers, Codes
from model.training import TrainedModel

N_FOLDS = 10


@dataclass(frozen=True, slots=True)
class GoldCodes:
    """The gold labels as codes: stance (n,), topics (n, n_topics), is_asked (n,)."""

    stance: Codes
    topics: Answers
    is_asked: Answers

    @classmethod
    def of(
        cls,
        stance: Sequence[str],
        topics: Sequence[Collection[str] | None],
        labels: LabelSet,
    ) -> "GoldCodes":
        """The codes of checked labels: positions in the label set."""
        has_topic = [[topic in (values or ()) for topic in labels.topics] for values in topics]
        return cls(
            np.array([labels.stance.index(value) for value in stance], dtype=np.int64),
            np.array(has_topic, dtype=bool).reshape(len(topics), len(labels.topics)),
            np.array([values is not None for values in topics], dtype=bool),
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What models and majorities answered for sentences they had not seen; filled fold by fold.

    Stance (n,) holds codes of the label set, -1 where nothing was predicted; topics (n, n_topics).
    unseen: (layer, code) -> sentences that have a label which their fold could not learn.
    """

    stance: Codes
    topics: Answers
    majority_stance: Codes
    majority_topics: Answers
    notes: list[str] = field(default_factory=list)
    unseen: Counter[tuple[str, int]] = field(default_factory=Counter)

    @classmethod
    def empty(cls, n: int, n_topics: int) -> "HeldOut":
        """Nothing answered yet for n sentences."""
        nobody, nothing = np.full(n, -1, dtype=np.int64), np.zeros((n, n_topics), dtype=bool)
        return cls(nobody, nothing, nobody.copy(), nothing.copy())

    def predict(self, fold: TrainedModel, counts: csr_matrix, tested: Codes) -> None:
        """Fill in what the fold's model answers for the tested rows.

        counts: their hashed counts, shape (n_tested, n_columns).
        """
        rows = fold.features["tfidf"].transform(counts)
        codes = np.array([fold.labels.stance.index(value) for value in fold.trained_stance])
        self.stance[tested] = codes[fold.stance_probabilities(rows).argmax(axis=1)]
        columns = np.array([fold.labels.topics.index(t) for t in fold.trained_topics], dtype=int)
        if len(columns):
            answers = fold.topic_probabilities(rows) >= TOPIC_THRESHOLD
            self.topics[np.ix_(tested, columns)] = answers

    def guess_majority(self, answers: GoldCodes, seen: Codes, tested: Codes) -> None:
        """Fill in the majority of the seen rows: the most frequent stance (a tie: the earlier one),
        and every topic that at least half of the sentences asked for topics have.
        """
        self.majority_stance[tested] = np.bincount(answers.stance[seen]).argmax()
        asked = seen[answers.is_asked[seen]]
        if len(asked):
            self.majority_topics[tested] = answers.topics[asked].mean(axis=0) >= TOPIC_THRESHOLD

    def count_unseen(self, fold: TrainedModel, answers: GoldCodes, tested: Codes) -> None:
        """Count the tested sentences whose label the fold's model could not learn."""
        for value in fold.untrained_stance:
            code = fold.labels.stance.index(value)
            self.unseen["stance", code] += int((answers.stance[tested] == code).sum())
        for topic in fold.untrained_topics:
            code = fold.labels.topics.index(topic)
            self.unseen["topic", code] += int(answers.topics[tested, code].sum())

    def all_notes(self, answers: GoldCodes, labels: LabelSet) -> tuple[str, ...]:
        """What a reader of the scores must know, in words."""
        notes = list(self.notes)
        for (layer, code), n in sorted(self.unseen.items()):
            if n:
                name = (labels.stance if layer == "stance" else labels.topics)[code]
                notes.append(
                    f'{layer} "{name}": {n} of its sentences were predicted '
                    "by a model that could not learn it from the other groups"
                )
        if labels.topics and not answers.is_asked.any():
            notes.append("no sentence was labelled for topics, so topics have no scores")
        return tuple(notes)


def folds_of(groups: Sequence[str]) -> tuple[str, list[tuple[Codes, Codes]]]:
    """The method in words, and per fold the rows to learn from and the rows to predict."""
    n_groups = len(set(groups))
    rows = np.zeros(len(groups))
    if n_groups <= N_FOLDS:
        splits = LeaveOneGroupOut().split(rows, groups=groups)
        return "leaving out one group at a time", list(splits)
    splits = GroupKFold(N_FOLDS).split(rows, groups=groups)
    return f"leaving out whole groups in {N_FOLDS} folds", list(splits)
