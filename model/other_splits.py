"""How much the way of holding out matters: whole groups, random rows, forward in time.

Only stance is fitted again, which takes a tenth of the time of cross-validation with topics.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.model_selection import KFold

from model.answers import Answered, keyword_answers
from model.examples import Example
from model.labels import LabelSet
from model.out_of_fold import OutOfFold
from model.scores import FEW_EXAMPLES, Counts, Resampling, Score, resampled, score
from model.settings import DEFAULT_SETTINGS, Settings
from model.slicing import slice_of
from model.split_gap import Forward, SplitGap
from model.tally import Answers, Codes, label_parts, measures, tally
from model.training import fit, hashed

NAME = "three_way_macro_f1"
# At least so much of the dated sentences is scored forward in time.
LATER_SHARE = 0.2


def split_gap(
    found: OutOfFold,
    examples: Sequence[Example],
    stance: Sequence[str],
    *,
    groups: Sequence[str],
    articles: Sequence[str],
    dates: Sequence[str],
    labels: LabelSet,
    settings: Settings = DEFAULT_SETTINGS,
    keywords: Sequence[str] | None = None,
    resampling: Resampling,
) -> SplitGap:
    """Three-way macro-F1 by whole groups, by random rows, and forward in time.

    found: the answers of cross-validation over the groups; the seed deals the rows into as many
    folds. groups, articles, dates: of each example, dates as 2026-01-31, "" for none.
    """
    counts = hashed(examples, settings=settings)
    work = _Work(found, counts, stance, articles, labels, settings, resampling)
    n_folds = max(2, len(np.unique(found.folds[found.is_scored])))
    folds = KFold(n_folds, shuffle=True, random_state=resampling.seed).split(articles)
    by_rows = np.max([work.learned(seen, asked) for seen, asked in folds], axis=0)
    is_both = found.is_scored & (by_rows >= 0)
    if not is_both.any():
        nothing = Score(None, {}, None, None, "undefined: no sentence was answered both ways")
        return SplitGap(0, nothing, nothing, nothing, why_not="no figure: too few sentences")
    done = SplitGap(
        n=int(is_both.sum()),
        groups=work.score({"model": found.likeliest}, is_both),
        rows=work.score({"model": by_rows, "whole groups": found.likeliest}, is_both),
        gap=work.difference(by_rows, found.likeliest, is_both),
    )
    cut, is_before, is_later = around_cut(groups, dates)
    seen, asked = np.flatnonzero(is_before), np.flatnonzero(is_later)
    answers = work.learned(seen, asked)
    is_asked = found.is_scored & (answers >= 0)
    if len(seen) < FEW_EXAMPLES or is_asked.sum() < FEW_EXAMPLES:
        why_not = (
            f"no figure: no day has groups of {FEW_EXAMPLES} dated sentences that ended before it, "
            "and as many of groups that began later"
        )
        return replace(done, why_not=why_not)
    majority = np.bincount(found.gold.stance[seen]).argmax()
    beside = {"majority": np.full(len(stance), majority)}
    if keywords is not None:
        beside["keywords"] = keyword_answers(keywords, labels).stance
    beside["whole groups held out, the same sentences"] = found.likeliest
    forward = Forward(
        cut=cut,
        n_learned=len(seen),
        n=int(is_asked.sum()),
        n_left_out=len(stance) - len(seen) - int(is_asked.sum()),
        score=work.score({"model": answers, **beside}, is_asked),
    )
    return replace(done, forward=forward)


def around_cut(groups: Sequence[str], dates: Sequence[str]) -> tuple[str, Answers, Answers]:
    """A day, which examples lie in groups that ended before it, and which in those that began then.

    The latest day from which on groups with a fifth of the dated examples begin; "" without a date.
    Undated examples, and those of groups on both sides of the day, are in neither.

    >>> day, before, later = around_cut("aabbc", ["1991", "1995", "1993", "2001", "1999"])
    >>> day, before.tolist(), later.tolist()
    ('1999', [True, True, False, False, False], [False, False, False, False, True])
    """
    is_dated = np.array([bool(day) for day in dates])
    spans: dict[str, tuple[str, str]] = {}
    for group, day in zip(groups, dates, strict=True):
        if day:
            first, last = spans.get(group, (day, day))
            spans[group] = (min(first, day), max(last, day))
    begins = np.array([spans.get(group, ("", ""))[0] for group in groups])
    ends = np.array([spans.get(group, ("", ""))[1] for group in groups])
    latest_first = np.sort(begins[is_dated])[::-1]
    n_later = math.ceil(LATER_SHARE * len(latest_first))
    cut = str(latest_first[n_later - 1]) if n_later else ""
    return cut, is_dated & (ends < cut), is_dated & (begins >= cut)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is learned from and scored; counts: hashed, (n, n_columns)."""

    found: OutOfFold
    counts: csr_matrix
    stance: Sequence[str]
    articles: Sequence[str]
    labels: LabelSet
    settings: Settings
    resampling: Resampling

    def learned(self, seen: Codes, asked: Codes) -> Codes:
        """The likeliest stance of the asked rows for a model of the seen ones, (n,).

        -1 for all other rows, and everywhere when the seen rows have a single stance.
        """
        answers = np.full(len(self.stance), -1, dtype=np.int64)
        stance = [self.stance[row] for row in seen]
        if len(set(stance)) > 1:
            model = fit(
                self.counts[seen],
                stance,
                [None] * len(seen),
                labels=self.labels,
                settings=self.settings,
            )
            scores = model.stance_scores(model.features["tfidf"].transform(self.counts[asked]))
            codes = np.array([self.labels.stance.index(value) for value in model.trained_stance])
            answers[asked] = codes[scores.argmax(axis=1)]
        return answers

    def score(self, answers: Mapping[str, Codes], rows: Answers) -> Score:
        """The score of "model" on some rows, a mask (n,), beside the other answers."""
        no_topics = np.zeros((len(rows), 0), dtype=bool)
        return slice_of(
            self.found.gold,
            {name: Answered(codes, no_topics) for name, codes in answers.items()},
            np.flatnonzero(rows),
            articles=self.articles,
            labels=self.labels,
            resampling=self.resampling,
        ).scores[NAME]

    def difference(self, first: Codes, second: Codes, rows: Answers) -> Score:
        """The score of the first answers minus that of the second, from the same draws."""
        units, articles = np.unique(self.found.articles[rows], return_inverse=True)
        labels, no_topics = replace(self.labels, topics=()), np.zeros((int(rows.sum()), 0), bool)
        tables = [
            tally(
                articles,
                n_articles=len(units),
                gold=self.found.gold.stance[rows],
                predicted=answers[rows],
                gold_topics=no_topics,
                predicted_topics=no_topics,
                n_stance=len(labels.stance),
            )
            for answers in (first, second)
        ]
        parts = label_parts(tables[0].sum(axis=0), labels, has_topics=False)
        averaged = {name: n >= FEW_EXAMPLES for name, (_, n, _) in parts.items()}

        def change(one: Counts, other: Counts) -> Counts:
            each = [measures(table, labels, averaged=averaged)[NAME] for table in (one, other)]
            return each[0] - each[1]

        n, seed = self.resampling.n, self.resampling.seed
        return score(
            float(change(*(table.sum(axis=0) for table in tables))),
            {},
            change(*(resampled(table, n_resamples=n, seed=seed) for table in tables)),
            n_articles=len(units),
            unit=self.resampling.unit,
        )
