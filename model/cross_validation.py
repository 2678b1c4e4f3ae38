"""How good a model is on groups of articles that it has not seen, from the training part alone.

Whole groups are held out, and everything that learns (idf, both classifiers, the baseline) learns
from the other groups only. Hashing learns nothing and is done once. What is chosen on the answers
for held-out sentences (temperature, thresholds) is scored on folds that it was not chosen on.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from model.answers import Answered, GoldCodes, keyword_answers
from model.calibration import has_enough
from model.errors import ModelError
from model.evaluation import FIXED_THRESHOLD, NO_TOPICS, evaluate_answers, held_out_counts
from model.examples import Example
from model.labels import LabelSet, check_labels
from model.manifest import TOPIC_THRESHOLD
from model.out_of_fold import OutOfFold
from model.report import Evaluation, counted
from model.risk_coverage import WANTED
from model.scores import FEW_ARTICLES, Resampling
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import Codes
from model.topic_thresholds import NOTE as TOPICS_NOTE
from model.topic_thresholds import nested_topics
from model.training import TrainedModel, fit, hashed
from model.tuning import tuned

N_FOLDS = 10


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What cross-validation found: the scores, and the answers behind them where there are any."""

    evaluation: Evaluation
    out_of_fold: OutOfFold | None = None


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
    precision: float = WANTED,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> CrossValidation:
    """Scores by cross-validation over groups; an Evaluation without scores for a single group.

    groups: what is held out together (a peace process, a near-duplicate cluster), one per example;
    articles: the article of each example, what intervals resample; an article lies in one group.
    Up to ten groups are left out one by one, more are dealt into ten folds of whole groups.
    keywords: the stance that a keyword baseline answers for each example, to stand beside.
    precision: what the answers shall have that the model does not abstain from, 0 for never
    abstaining. The evaluation holds the temperature and thresholds for the model to save.
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
        return CrossValidation(Evaluation(len(examples), n_articles, n_groups, why_not=why_not))

    gold = GoldCodes.of(stance, topics, labels)
    held_out = HeldOut.empty(gold, articles, labels)
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
            held_out.predict(fold, counts[tested], tested, number=number)
            held_out.guess_majority(gold, seen, tested)
            held_out.count_unseen(fold, gold, tested)
        if progress:
            progress(number + 1, len(folds))
    scores = held_out.scores
    if not scores.is_scored.any():
        why_not = (
            f"{len(examples)} sentences cannot be scored: {'; '.join(held_out.notes)}. "
            "Label more sentences of other values in other groups, then run `make train` again."
        )
        return CrossValidation(Evaluation(len(examples), n_articles, n_groups, why_not=why_not))
    is_tuned = has_enough(scores.articles[scores.is_scored])
    fixed = Answered(scores.likeliest, scores.topics >= TOPIC_THRESHOLD)
    answered = {"model": fixed, "majority": held_out.majority}
    if is_tuned and labels.topics:
        answered["model"] = replace(fixed, topics=nested_topics(scores))
        answered[FIXED_THRESHOLD] = fixed
    if keywords is not None:
        answered["keywords"] = keyword_answers(keywords, labels)
    evaluation = evaluate_answers(
        gold, answered, articles=articles, labels=labels, n_resamples=n_resamples, seed=seed
    )
    if is_tuned:
        resampling = Resampling(n_resamples, seed)
        evaluation = tuned(evaluation, scores, labels, precision=precision, resampling=resampling)
        held_out.notes.extend([TOPICS_NOTE] if evaluation.topics else [])
    else:
        held_out.notes.append(
            f"temperature and thresholds are not tuned: expected at least {FEW_ARTICLES} articles"
        )
    evaluation = replace(
        evaluation,
        method=f"Cross-validation, {method}",
        n_groups=n_groups,
        held_out=held_out_counts(groups),
        notes=held_out.all_notes(gold, labels),
    )
    return CrossValidation(evaluation, scores)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What models and majorities answered for sentences they had not seen; filled fold by fold.

    unseen: (layer, code) -> sentences that have a label which their fold could not learn.
    """

    scores: OutOfFold
    majority: Answered
    notes: list[str] = field(default_factory=list)
    unseen: Counter[tuple[str, int]] = field(default_factory=Counter)

    @classmethod
    def empty(cls, gold: GoldCodes, articles: Sequence[str], labels: LabelSet) -> "HeldOut":
        """Nothing answered yet."""
        scores = OutOfFold.empty(gold, articles, n_stance=len(labels.stance))
        nobody = np.full(len(articles), -1, dtype=np.int64)
        return cls(scores, Answered(nobody, np.zeros(gold.topics.shape, dtype=bool)))

    def predict(
        self, fold: TrainedModel, counts: csr_matrix, tested: Codes, *, number: int
    ) -> None:
        """Fill in what the model of a fold answers for the tested rows.

        counts: their hashed counts, shape (n_tested, n_columns).
        """
        rows = fold.features["tfidf"].transform(counts)
        self.scores.folds[tested] = number
        stance = np.array([fold.labels.stance.index(value) for value in fold.trained_stance])
        self.scores.stance[np.ix_(tested, stance)] = fold.stance_scores(rows)
        topics = np.array([fold.labels.topics.index(t) for t in fold.trained_topics], dtype=int)
        self.scores.topics[np.ix_(tested, topics)] = fold.topic_probabilities(rows)

    def guess_majority(self, gold: GoldCodes, seen: Codes, tested: Codes) -> None:
        """Fill in the majority of the seen rows: the most frequent stance (a tie: the earlier one),
        and every topic that at least half of the sentences asked for topics have.
        """
        self.majority.stance[tested] = np.bincount(gold.stance[seen]).argmax()
        asked = seen[gold.is_asked[seen]]
        if len(asked):
            self.majority.topics[tested] = gold.topics[asked].mean(axis=0) >= 0.5

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
