"""How scores grow with the training data: nested subsets of groups, tested on held-out groups.

The held-out folds are the same for every subset, so the scores differ by what was learned alone.
`model.forecast` says what follows for more data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold

from model.answers import GoldCodes
from model.errors import ModelError
from model.examples import Example
from model.labels import LabelSet, check_labels
from model.scores import FEW_EXAMPLES, Counts, article_draws, resampled
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import Codes, enough_examples, label_parts, measures, tally
from model.training import fit, hashed

N_FOLDS = 5
# Of the groups: an eighth, then each the root of two times the one before, to all of them.
SHARES = 0.5 ** (np.arange(6, -1, -1) / 2)
N_SIZES = len(SHARES)
# The smallest subset has two of them then, no two sizes are the same, and they can be resampled.
FEWEST_GROUPS = 20
METRICS = ("three_way_macro_f1", "stance_macro_f1", "presence_macro_f1", "direction_macro_f1")


@dataclass(frozen=True, slots=True)
class Measured:
    """The scores of n_orders orders at k sizes, ascending; metric: a name of METRICS.

    learned_groups, learned: (k,), the groups and sentences that a model learned from, on average
    over folds and orders. values: metric -> (k,), on average over orders, nan where undefined.
    learned_draws: (n_resamples, k), draws: metric -> (n_resamples, k): the same with orders and
    held-out groups drawn with replacement.
    majority: metric -> the score of always answering the most frequent stance.
    left_out: metric -> the labels that it does not average over, too few -> their examples.
    n_sentences, n_groups: those of the whole part; each is held out once.
    """

    learned_groups: Counts
    learned: Counts
    values: Mapping[str, Counts]
    learned_draws: Counts
    draws: Mapping[str, Counts]
    majority: Mapping[str, float]
    left_out: Mapping[str, Mapping[str, int]]
    n_sentences: int
    n_groups: int
    n_orders: int


@dataclass(frozen=True, slots=True)
class Subset:
    """The rows that one model learns from, and those that it is asked; size: a place in SHARES."""

    order: int
    size: int
    n_groups: int
    learned: Codes
    told: Codes


def measure_curve(
    examples: Sequence[Example],
    stance: Sequence[str],
    *,
    groups: Sequence[str],
    labels: LabelSet,
    settings: Settings = DEFAULT_SETTINGS,
    n_orders: int = 10,
    n_resamples: int = 1000,
    seed: int = 0,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Measured:
    """The scores of models that learned from parts of the groups, on groups that none has seen.

    groups: what is held out and resampled together (a peace process, a near-duplicate cluster), one
    per example. Five folds of them are held out in turn. The others are put into n_orders random
    orders, and of each order the first eighth is learned from, and so on to all of them.
    n_jobs: as joblib's. progress: called with (models trained, models).
    Raises as `train` does for labels, ValueError for differing lengths, ModelError for under 20
    groups. Where a subset has one stance value only, that is its answer.
    """
    check_labels(examples, stance, [None] * len(examples), labels=labels)
    if len(examples) != len(groups):
        raise ValueError(f"there are {len(examples)} examples and {len(groups)} groups")
    names, codes = np.unique(np.array(groups), return_inverse=True)
    if len(names) < FEWEST_GROUPS:
        raise ModelError(
            f"A learning curve needs at least {FEWEST_GROUPS} groups (processes, or clusters of "
            f"near-duplicates) to learn from, found {len(names)} with {len(examples)} sentences. "
            "Label articles of other processes, then measure again."
        )
    gold = GoldCodes.of(stance, [None] * len(examples), labels).stance
    subsets = list(subsets_of(codes, n_orders=n_orders, seed=seed))
    counts = hashed(examples, settings=settings)
    answers = np.zeros((n_orders, N_SIZES, len(gold)), dtype=np.int64)
    majority = np.zeros(len(gold), dtype=np.int64)
    learned = np.zeros((2, n_orders, N_SIZES))  # groups, sentences
    each = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_answers)(counts, gold, subset, labels, settings) for subset in subsets
    )
    for number, (subset, found) in enumerate(zip(subsets, each, strict=True)):
        answers[subset.order, subset.size, subset.told] = found
        sizes = np.array([subset.n_groups, len(subset.learned)])
        learned[:, subset.order, subset.size] += sizes / N_FOLDS
        if subset.size == N_SIZES - 1:
            majority[subset.told] = np.bincount(gold[subset.learned]).argmax()
        if progress:
            progress(number + 1, len(subsets))
    # All groups are the same in any order: one model a fold has learned from them.
    answers[:, -1], learned[:, :, -1] = answers[0, -1], learned[:, :1, -1]

    each_answer = (*answers.reshape(-1, len(gold)), majority)
    tables = np.stack([_table(codes, gold, one, labels) for one in each_answer], axis=1)
    total = tables.sum(axis=0)  # (n_orders * k + 1, cells)
    parts = label_parts(total[0], labels, has_topics=False)
    averaged, left_out = enough_examples(parts, labels, fewest=FEW_EXAMPLES)
    scores = measures(total, labels, averaged=averaged)
    drawn = resampled(tables.reshape(len(names), -1), n_resamples=n_resamples, seed=seed)
    drawn_scores = measures(drawn.reshape(n_resamples, *total.shape), labels, averaged=averaged)
    drawn_orders = article_draws(n_orders, n_resamples=n_resamples, seed=seed + 1)
    weights = np.stack(list(drawn_orders)) / n_orders  # (n_resamples, n_orders)

    def by_order(found: Counts) -> Counts:
        return found[..., :-1].reshape(*found.shape[:-1], n_orders, N_SIZES)

    return Measured(
        learned_groups=learned[0].mean(axis=0),
        learned=learned[1].mean(axis=0),
        values={name: by_order(scores[name]).mean(axis=0) for name in METRICS},
        learned_draws=weights @ learned[1],
        draws={
            name: np.einsum("ro,rok->rk", weights, by_order(drawn_scores[name])) for name in METRICS
        },
        majority={name: float(scores[name][-1]) for name in METRICS},
        left_out=left_out,
        n_sentences=len(examples),
        n_groups=len(names),
        n_orders=n_orders,
    )


def _table(groups: Codes, gold: Codes, predicted: Codes, labels: LabelSet) -> Counts:
    """The confusions by group, shape (n_groups, cells), as in `model.tally`."""
    no_topics = np.zeros((len(gold), 0), dtype=bool)
    return tally(
        groups,
        n_articles=int(groups.max()) + 1,
        gold=gold,
        predicted=predicted,
        gold_topics=no_topics,
        predicted_topics=no_topics,
        n_stance=len(labels.stance),
    )


def subsets_of(groups: Codes, *, n_orders: int, seed: int) -> Iterator[Subset]:
    """What each model learns and is asked; all groups are learned from once a fold."""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(groups.max() + 1) for _ in range(n_orders)]
    for seen, told in GroupKFold(N_FOLDS).split(groups, groups=groups):
        rows_of = groups[seen]
        for number, order in enumerate(orders):
            mine = order[np.isin(order, rows_of)]
            for size, share in enumerate(SHARES):
                if size < N_SIZES - 1 or number == 0:
                    n = round(share * len(mine))
                    yield Subset(number, size, n, seen[np.isin(rows_of, mine[:n])], told)


def _answers(
    counts: csr_matrix, gold: Codes, subset: Subset, labels: LabelSet, settings: Settings
) -> Codes:
    """The stance that a model of the subset gives each row it is asked, (n_told,)."""
    learned = gold[subset.learned]
    if len(np.unique(learned)) < 2:
        return np.full(len(subset.told), learned[0])
    model = fit(
        counts[subset.learned],
        [labels.stance[code] for code in learned],
        [None] * len(learned),
        labels=labels,
        settings=settings,
    )
    rows = model.features["tfidf"].transform(counts[subset.told])
    trained = np.array([labels.stance.index(value) for value in model.trained_stance])
    return np.asarray(trained[model.stance_scores(rows).argmax(axis=1)])
