"""What our features and classifier answer on any labelled set, whatever its labels are called.

The model is that of `model.training`: the same hashed features, the same classifier. A set of
somebody else's has no codebook, so labels are plain names here. `model.benchmark_scores` scores.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.model_selection import GroupKFold

from model.errors import ModelError
from model.examples import Example
from model.pipeline import feature_pipeline, stance_classifier
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import Codes
from model.training import hashed, merging

Names = npt.NDArray[np.object_]
Fold = tuple[Codes, Codes]  # the rows to learn from, the rows to answer

MOST_LABELS = 100
MAJORITY, TARGET_MAJORITY = "majority", "majority of each target"


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text; group: what is held out and resampled together."""

    example: Example
    label: str
    group: str


def folds_of(groups: Sequence[str], *, n_folds: int, seed: int = 0) -> list[Fold]:
    """Folds of whole groups, dealt by the seed; at most as many as there are groups.

    Raises ModelError for a single group.
    """
    n_groups = len(set(groups))
    if n_groups < 2:
        raise ModelError(
            f"All {len(groups)} items belong to one group, so nothing can be held out: they have "
            "one group value, or nearly the same text. Name another group field, or add items."
        )
    splitter = GroupKFold(min(n_folds, n_groups), shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(groups)), groups=groups))


def model_answers(
    items: Sequence[Item],
    folds: Sequence[Fold],
    *,
    settings: Settings = DEFAULT_SETTINGS,
    per_target: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Names, list[str]]:
    """Per item the label that a model of its fold's other rows answers, and notes for a reader.

    An item that no fold asks about has "". per_target: a model for each target, the usual way on
    SemEval. Where the rows to learn from have fewer than two labels, their majority answers.
    progress: called with (folds done, folds). Raises ModelError for one label, and for more labels
    than a classifier can learn.
    """
    labels, targets = _labels(items), _targets(items)
    n_labels = len(set(labels))
    if n_labels > MOST_LABELS:
        raise ModelError(
            f"{len(items)} items have {n_labels} different labels, expected at most "
            f"{MOST_LABELS}. Is it the right label field?"
        )
    if n_labels < 2:
        raise ModelError(
            f'All {len(items)} items have the label "{labels[0]}": there is nothing to tell apart. '
            "Name another label field, or add items of another label."
        )
    counts = hashed((item.example for item in items), settings=settings)
    answers = np.full(len(items), "", dtype=object)
    guessed: Counter[str] = Counter()
    unseen: Counter[str] = Counter()
    for number, (seen, asked) in enumerate(folds):
        unseen.update(label for label in labels[asked] if label not in set(labels[seen]))
        parts = _by_target(targets, seen, asked) if per_target else [("all items", seen, asked)]
        for name, learned, told in parts:
            if len(set(labels[learned])) < 2:
                answers[told] = _most_common(labels[learned] if len(learned) else labels[seen])
                guessed[name] += len(told)
            else:
                answers[told] = _predicted(counts, labels, learned, told, settings)
        if progress:
            progress(number + 1, len(folds))
    notes = [
        f"{name}: {n} answered with a majority, for lack of training items of two labels"
        for name, n in sorted(guessed.items())
    ]
    notes += [
        f'label "{label}": {n} of its items were answered by a model that never saw it'
        for label, n in sorted(unseen.items())
    ]
    return answers, notes


def majority_answers(items: Sequence[Item], folds: Sequence[Fold]) -> dict[str, Names]:
    """Baseline -> per item the most frequent label among the rows that its fold may learn from.

    With targets also the most frequent one of the item's target, or of all where it is new. A tie
    goes to the first label by name.
    """
    labels, targets = _labels(items), _targets(items)
    names = (MAJORITY, TARGET_MAJORITY) if any(targets) else (MAJORITY,)
    found = {name: np.full(len(items), "", dtype=object) for name in names}
    for seen, asked in folds:
        found[MAJORITY][asked] = _most_common(labels[seen])
        if TARGET_MAJORITY in found:
            for _, learned, told in _by_target(targets, seen, asked):
                rows = learned if len(learned) else seen
                found[TARGET_MAJORITY][told] = _most_common(labels[rows])
    return found


def _predicted(
    counts: csr_matrix, labels: Names, learned: Codes, told: Codes, settings: Settings
) -> Names:
    """What a classifier of the learned rows answers for the told ones."""
    tfidf = feature_pipeline(settings)["tfidf"]
    merge = merging(counts[learned])
    rows = (tfidf.fit_transform(counts[learned]) @ merge).tocsr()
    classifier = stance_classifier(settings).fit(rows, list(labels[learned]))
    answered = classifier.predict((tfidf.transform(counts[told]) @ merge).tocsr())
    return np.array([str(label) for label in answered], dtype=object)


def _by_target(targets: Names, seen: Codes, asked: Codes) -> list[tuple[str, Codes, Codes]]:
    """Each target among the asked rows, with the rows of it to learn from and to answer."""
    return [
        (f"target {target}", seen[targets[seen] == target], asked[targets[asked] == target])
        for target in sorted(set(targets[asked]))
    ]


def _most_common(labels: Names) -> str:
    found: Counter[str] = Counter(labels)
    return min(found, key=lambda label: (-found[label], label))


def _labels(items: Sequence[Item]) -> Names:
    return np.array([item.label for item in items], dtype=object)


def _targets(items: Sequence[Item]) -> Names:
    return np.array([item.example.target for item in items], dtype=object)
