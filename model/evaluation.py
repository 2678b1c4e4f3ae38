"""How good a model is on groups of articles that it has not seen.

Whole groups are held out, and everything that learns (idf, both classifiers, the baseline) learns
from the other groups only. Hashing learns nothing and is done once.
"""

from collections.abc import Callable, Collection, Sequence

import numpy as np

from model.cross_validation import GoldCodes, HeldOut, folds_of
from model.errors import ModelError
from model.examples import Example
from model.labels import THREE_WAY, LabelSet
from model.report import Evaluation, counted
from model.scores import Counts, class_score, confusion_parts, resampled, score
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import confusion_of, measures, tally, topic_parts
from model.training import check_labels, fit, hashed


def evaluate(
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
    _check_articles_in_one_group(articles, groups)
    n_articles, n_groups = len(set(articles)), len(set(groups))
    if n_groups < 2:
        why_not = _why_one_group(len(examples), n_articles, groups[0])
        return Evaluation(len(examples), n_articles, n_groups, why_not=why_not)

    answers = GoldCodes.of(stance, topics, labels)
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
            held_out.guess_majority(answers, seen, tested)
            held_out.count_unseen(fold, answers, tested)
        if progress:
            progress(number + 1, len(folds))
    if not (held_out.stance >= 0).any():
        why_not = (
            f"{len(examples)} sentences cannot be scored: {'; '.join(held_out.notes)}. "
            "Label more sentences of other values in other groups, then run `make train` again."
        )
        return Evaluation(len(examples), n_articles, n_groups, why_not=why_not)

    n_stance = len(labels.stance)
    has_topics = bool(labels.topics) and bool(answers.is_asked.any())
    article_codes = np.unique(np.array(articles), return_inverse=True)[1]
    predicted = {
        "model": (held_out.stance, held_out.topics),
        "majority": (held_out.majority_stance, held_out.majority_topics),
    }
    if keywords is not None:
        cued = np.array([labels.stance.index(value) for value in keywords], dtype=np.int64)
        cued[held_out.stance < 0] = -1
        predicted["keywords"] = (cued, np.zeros_like(held_out.topics))
    tables = {
        name: tally(
            article_codes,
            n_articles=n_articles,
            gold=answers.stance,
            predicted=stance_codes,
            gold_topics=answers.topics,
            predicted_topics=topic_answers & answers.is_asked[:, None],
            n_stance=n_stance,
        )
        for name, (stance_codes, topic_answers) in predicted.items()
    }

    def measured(table: Counts) -> dict[str, Counts]:
        return measures(
            table,
            n_stance=n_stance,
            view=[THREE_WAY.index(labels.three_way[value]) for value in labels.stance],
            neutral=labels.stance.index(labels.neutral),
            has_topics=has_topics,
        )

    table = tables["model"]
    figures = {name: measured(counts.sum(axis=0)) for name, counts in tables.items()}
    draws = measured(resampled(table, n_resamples=n_resamples, seed=seed))
    confusion = confusion_of(table.sum(axis=0), n_stance)
    stance_parts = np.column_stack(confusion_parts(confusion))
    topics_parts = np.column_stack(topic_parts(table.sum(axis=0), n_stance))
    return Evaluation(
        n_sentences=len(examples),
        n_articles=n_articles,
        n_groups=n_groups,
        method=method,
        n_scored=int((held_out.stance >= 0).sum()),
        scores={
            name: score(
                float(value),
                {
                    which: float(found[name])
                    for which, found in figures.items()
                    if which != "model" and not (which == "keywords" and "topic" in name)
                },
                draws[name],
                n_articles=n_articles,
            )
            for name, value in figures["model"].items()
        },
        stance={
            v: class_score(*parts) for v, parts in zip(labels.stance, stance_parts, strict=True)
        },
        topics={
            t: class_score(*parts) for t, parts in zip(labels.topics, topics_parts, strict=True)
        }
        if has_topics
        else {},
        confusion={
            gold: {v: int(n) for v, n in zip(labels.stance, row, strict=True)}
            for gold, row in zip(labels.stance, confusion, strict=True)
        },
        notes=held_out.all_notes(answers, labels),
        n_resamples=n_resamples,
        seed=seed,
    )


def _check_articles_in_one_group(articles: Sequence[str], groups: Sequence[str]) -> None:
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
