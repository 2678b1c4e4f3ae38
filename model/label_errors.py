"""Which labels look wrong: models that did not learn from a sentence are sure of another value.

A list to read again, worst first; nothing is dropped or changed, for most of its labels are right
(a hard sentence looks like a wrong one). The rank is the probability of the given value less that
of the likeliest other one, which is the normalized margin of cleanlab before it is scaled.
Source: Northcutt, Jiang and Chuang 2021, Confident Learning (probabilities from outside the fold).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.calibration import softmax
from model.out_of_fold import Floats, OutOfFold
from model.tally import Codes


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that looks wrong. row: the sentence's place among those cross-validated.

    expected: the value that the models give instead; the probabilities are those of both.
    """

    row: int
    given: str
    expected: str
    given_probability: float
    expected_probability: float


def stance_suspects(
    found: OutOfFold, stance: Sequence[str], *, temperature: float = 1.0
) -> list[Suspect]:
    """The sentences whose likeliest stance is another one, the widest margin first.

    stance: the values in the order of the columns. A tie keeps the order of the sentences. A
    sentence without a fold, and one whose value its fold could not learn, is no suspect: nothing is
    known about it.
    """
    rows = np.flatnonzero(found.is_scored)
    is_known = ~np.isnan(found.stance[rows, found.gold.stance[rows]])
    rows = rows[is_known]
    probabilities = softmax(found.stance[rows] / temperature)
    return _ranked(rows, found.gold.stance[rows], probabilities, stance)


def topic_suspects(found: OutOfFold, topic: int, name: str) -> list[Suspect]:
    """The same for one topic, a column of `found`: who has it and should not, or the reverse."""
    probability = found.topics[:, topic]
    rows = np.flatnonzero(found.is_scored & found.gold.is_asked & ~np.isnan(probability))
    both = np.column_stack([1 - probability[rows], probability[rows]])
    given = found.gold.topics[rows, topic].astype(np.int64)
    return _ranked(rows, given, both, (f"not {name}", name))


def _ranked(
    rows: Codes, given: Codes, probabilities: Floats, values: Sequence[str]
) -> list[Suspect]:
    """given: (n,) codes of values; probabilities: (n, n_values)."""
    each = np.arange(len(rows))
    others = probabilities.copy()
    others[each, given] = -1
    expected = others.argmax(axis=1)
    of_given, of_expected = probabilities[each, given], probabilities[each, expected]
    margins = of_given - of_expected
    return [
        Suspect(
            int(rows[n]),
            values[given[n]],
            values[expected[n]],
            float(of_given[n]),
            float(of_expected[n]),
        )
        for n in np.argsort(margins, kind="stable")
        if margins[n] < 0
    ]
