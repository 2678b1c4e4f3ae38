"""How good a model is on groups of articles that it has not seen, from the training part alone.

Whole groups are held out, and everything that learns (idf, both classifiers, the baseline) learns
from the other groups only. Hashing learns nothing and is done once.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from model.answers import Answered, GoldCodes, keyword_answers
from model.errors import ModelError
from model.evaluation import NO_TOPICS, evaluate_answers, held_out_counts
from model.examples import Example
from model.labels import LabelSet, check_labels
from model.prediction import TOPIC_THRESHOLD
from model.report import Evaluation, counted
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import Codes
from model.training import TrainedModel, fit, hashed

N_FOLDS = 10


def cross_validate(
    examples: Sequence[Example],
    stance: Sequence[str],
    topics: Sequence[Collection[str] | None],
    *,
    groups: Sequence[str],
    articles: Sequence[str],
    labels: LabelSet,
    settings: Settings = DEFAULT_SETTINGS,
    keywords: Sequence[str] | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Scores by cross-validation over groups; an Evaluation without scores for a single group.

    groups: what is held out together (a peace process, a near-duplicate cluster), one per example;
    articles: the article of each example, what intervals resample; an article lies in one group.
    Up to ten groups are left out one by one, more are dealt into ten folds of whole groups.
    keywords: the stance that a keyword baseline answers for each example, to stand beside.
    progress: called with (folds done, folds) after each fold.
    Raises as `train` does for labels, ValueError for differing lengths, and ModelError for an
    article in two groups.
    """
    check_labels(examples, stance, topics, labels=labels)
    if not len(examples) == len(groups) == len(articles):
        raise ValueError(
            f"examples, groups and articles must be equally long, "
            f"found {len(examples)}, {len(groups)}, {len(articles)}"
        )
    check_articles_in_one_group(articles, groups)
    n_articles, n_groups = len(set(articles)), len(set(groups))
    if n_groups < 2:
        why_not = _why_one_group(len(examples), n_articles, groups[0])
        return Evaluation(len(examples), n_articles, n_groups, why_not=why_not)

    gold = GoldCodes.of(stance, topics, labels)
    held_out = HeldOut.empty(len(examples), len(labels.topics))
    method, folds = folds_of(groups)
    counts = hashed(examples, settings=settings)
    for number, (seen, tested) in enumerate(folds):
        values = {stance[row] for row in seen}
        if len(values) < 2:
            names = ", ".join(sorted({groups[row] for row in tested}))
            held_out.notes.append(
                f"{counted(len(tested), 'sentence')} of {names} not scored: "
                f'the other groups have no stance but "{values.pop()}"'
            )
        else:
            fold = fit(
                counts[seen],
                [stance[row] for row in seen],
                [topics[row] for row in seen],
                labels=labels,
                settings=settings,
            )
            held_out.predict(fold, counts[tested], tested)
            held_out.guess_majority(gold, seen, tested)
            held_out.count_unseen(fold, gold, tested)
        if progress:
            progress(number + 1, len(folds))
    if not (held_out.model.stance >= 0).any():
        why_not = (
            f"{len(examples)} sentences cannot be scored: {'; '.join(held_out.notes)}. "
            "Label more sentences of other values in other groups, then run `make train` again."
        )
        return Evaluation(len(examples), n_articles, n_groups, why_not=why_not)
    answered = {"model": held_out.model, "majority": held_out.majority}
    if keywords is not None:
        answered["keywords"] = keyword_answers(keywords, labels)
    evaluation = evaluate_answers(
        gold, answered, articles=articles, labels=labels, n_resamples=n_resamples, seed=seed
    )
    return replace(
        evaluation,
        method=f"Cross-validation, {method}",
        n_groups=n_groups,
        held_out=held_out_counts(groups),
        notes=held_out.all_notes(gold, labels),
    )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What models and majorities answered for sentences they had not seen; filled fold by fold.

    unseen: (layer, code) -> sentences that have a label which their fold could not learn.
    """

    model: Answered
    majority: Answered
    notes: list[str] = field(default_factory=list)
    unseen: Counter[tuple[str, int]] = field(default_factory=Counter)

    @classmethod
    def empty(cls, n: int, n_topics: int) -> "HeldOut":
        """Nothing answered yet for n sentences."""
        nobody, nothing = np.full(n, -1, dtype=np.int64), np.zeros((n, n_topics), dtype=bool)
        return cls(Answered(nobody, nothing), Answered(nobody.copy(), nothing.copy()))

    def predict(self, fold: TrainedModel, counts: csr_matrix, tested: Codes) -> None:
        """Fill in what the fold's model answers for the tested rows.

        counts: their hashed counts, shape (n_tested, n_columns).
        """
        rows = fold.features["tfidf"].transform(counts)
        codes = np.array([fold.labels.stance.index(value) for value in fold.trained_stance])
        self.model.stance[tested] = codes[fold.stance_probabilities(rows).argmax(axis=1)]
        columns = np.array([fold.labels.topics.index(t) for t in fold.trained_topics], dtype=int)
        if len(columns):
            answers = fold.topic_probabilities(rows) >= TOPIC_THRESHOLD
            self.model.topics[np.ix_(tested, columns)] = answers

    def guess_majority(self, gold: GoldCodes, seen: Codes, tested: Codes) -> None:
        """Fill in the majority of the seen rows: the most frequent stance (a tie: the earlier one),
        and every topic that at least half of the sentences asked for topics have.
        """
        self.majority.stance[tested] = np.bincount(gold.stance[seen]).argmax()
        asked = seen[gold.is_asked[seen]]
        if len(asked):
            self.majority.topics[tested] = gold.topics[asked].mean(axis=0) >= TOPIC_THRESHOLD

    def count_unseen(self, fold: TrainedModel, gold: GoldCodes, tested: Codes) -> None:
        """Count the tested sentences whose label the fold's model could not learn."""
        for value in fold.untrained_stance:
            code = fold.labels.stance.index(value)
            self.unseen["stance", code] += int((gold.stance[tested] == code).sum())
        for topic in fold.untrained_topics:
            code = fold.labels.topics.index(topic)
            self.unseen["topic", code] += int(gold.topics[tested, code].sum())

    def all_notes(self, gold: GoldCodes, labels: LabelSet) -> tuple[str, ...]:
        """What a reader of the scores must know, in words."""
        notes = list(self.notes)
        for (layer, code), n in sorted(self.unseen.items()):
            if n:
                name = (labels.stance if layer == "stance" else labels.topics)[code]
                notes.append(
                    f'{layer} "{name}": {n} of its sentences were predicted '
                    "by a model that could not learn it from the other groups"
                )
        if labels.topics and not gold.is_asked.any():
            notes.append(NO_TOPICS)
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


def check_articles_in_one_group(articles: Sequence[str], groups: Sequence[str]) -> None:
    """Return when every article lies in one group; ModelError names the first that does not."""
    group_of: dict[str, str] = {}
    for article, group in zip(articles, groups, strict=True):
        if group_of.setdefault(article, group) != group:
            raise ModelError(
                f'Article {article} lies in two groups, "{group_of[article]}" and "{group}". '
                "A model would be scored on an article that it learned from: put every article "
                "into one group, then run `make train` again."
            )


def _why_one_group(n_sentences: int, n_articles: int, group: str) -> str:
    if n_articles == 1:
        return (
            f"{counted(n_sentences, 'sentence')} of one article cannot be scored: a score needs "
            "sentences of an article that the model has not seen. Label sentences of a second "
            "article, then run `make train` again."
        )
    return (
        f'{n_sentences} sentences of {n_articles} articles, all of the group "{group}", cannot be '
        "scored: a score needs sentences of a group that the model has not seen. Label articles "
        "of a second group, then run `make train` again."
    )
