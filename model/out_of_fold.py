"""What models said about sentences of groups that they had not seen, kept as scores.

Cross-validation fits once and fills this in. Whatever must not look at the model that learned from
a sentence reads it: the scores, calibration, thresholds, the search for doubtful labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from model.tally import Answers, Codes

if TYPE_CHECKING:  # importing it would load what reads a bundle, which reads reports of this
    from model.answers import GoldCodes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """One row per sentence; labels in the codebook's order.

    gold: the right labels; articles: (n,), one code from 0 per article.
    folds: (n,), the fold that held the sentence out, -1 where no model could answer for it.
    stance: (n, n_stance), scores before temperature and softmax; topics: (n, n_topics),
    probabilities. nan for a label that the fold could not learn and where there is no fold.
    """

    gold: "GoldCodes"
    articles: Codes
    folds: Codes
    stance: Floats
    topics: Floats

    @classmethod
    def empty(cls, gold: "GoldCodes", articles: Sequence[str], *, n_stance: int) -> "OutOfFold":
        """Nothing answered yet."""
        n, n_topics = gold.topics.shape
        return cls(
            gold,
            np.unique(np.array(articles), return_inverse=True)[1],
            np.full(n, -1, dtype=np.int64),
            np.full((n, n_stance), np.nan),
            np.full((n, n_topics), np.nan),
        )

    @property
    def is_scored(self) -> Answers:
        """Which sentences a model answered for, (n,)."""
        return self.folds >= 0

    @property
    def likeliest(self) -> Codes:
        """The stance with the highest score, (n,), -1 where no model answered."""
        codes = np.where(np.isnan(self.stance), -np.inf, self.stance).argmax(axis=1)
        return np.where(self.is_scored, codes, -1)

    def each_fold(self) -> Iterator[tuple[Answers, Answers]]:
        """Per fold the sentences of all other folds, and its own, each (n,).

        What is chosen on the first and applied to the second is never chosen on what it is applied
        to. (The models of the other folds did learn from this one: nothing is fitted again.)
        """
        for fold in np.unique(self.folds[self.is_scored]):
            own = self.folds == fold
            yield self.is_scored & ~own, own
