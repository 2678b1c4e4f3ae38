"""The official score of SemEval-2016 task 6: stance in tweets.

Source: Mohammad et al. 2016, SemEval-2016 Task 6: Detecting Stance in Tweets, section 4.
"""

from collections.abc import Sequence

import numpy as np

from model.errors import ModelError
from model.scores import Counts, confusion_parts, macro_f1, mean_defined

SIDES = ("favor", "against")


def pooled(confusion: Counts, labels: Sequence[str]) -> Counts:
    """The mean of F1(favor) and F1(against) over all targets together, (..., t, k, k) to (...).

    confusion: per target the gold labels down and the predicted ones across, both as in labels. A
    third label ("none") has no F1 in the mean, but costs the sides precision and recall. A side
    that no item has is left out; nan without either.

    The task ranks by it, and it flatters: most targets lean one way, so that answering each
    target's majority has a side right nearly everywhere. On the task's data that scores 65.22,
    above many systems, and 40.09 averaged over targets. Give `averaged_over_targets` beside it.
    """
    return _sides_f1(confusion.sum(axis=-3), labels)


def averaged_over_targets(confusion: Counts, labels: Sequence[str]) -> Counts:
    """The same mean for each target by itself, then averaged over the targets that have one."""
    return mean_defined(_sides_f1(confusion, labels))


def check_sides(labels: Sequence[str]) -> None:
    """Return when both sides are among the labels, in any case; else raise ModelError."""
    missing = [side for side in SIDES if side not in map(str.casefold, labels)]
    if missing:
        raise ModelError(
            f"The semeval metric needs the labels favor and against; {', '.join(missing)} is not "
            f"among {', '.join(labels)}. Take macro-f1 or accuracy, or name another label field."
        )


def _sides_f1(confusion: Counts, labels: Sequence[str]) -> Counts:
    is_side = np.array([label.casefold() in SIDES for label in labels])
    return macro_f1(*confusion_parts(confusion), is_side)
