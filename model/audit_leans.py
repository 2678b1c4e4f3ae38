"""Whether the answers for those who are named lean to a side, by more than chance, by the name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from model.audit_figures import SIDES, Values, mean_scores
from model.audit_report import Lean
from model.scores import FEW_EXAMPLES, Score, resampled, score
from model.tally import Codes

FALSE_DISCOVERY_RATE = 0.05
# p-values need more resamples than intervals: with 10,000 the smallest is 0.0002, which a
# correction for 200 actors still lets through.
N_RESAMPLES = 10_000
# What a three-way code says for the lean: favor, against, none.
SIGNS = np.array([1.0, -1.0, 0.0])


@dataclass(frozen=True, slots=True)
class Leans:
    """Answers whose leans are asked for.

    gold, predicted, masked: three-way codes, shape (n_sentences,), of the gold labels and of the
    answers with names shown and with every name masked; -1 where there is no answer.
    articles: one a sentence, what intervals resample.
    """

    gold: Codes
    predicted: Codes
    masked: Codes
    articles: Sequence[str]
    seed: int = 0

    def of(self, rows: Iterable[int], masked: Codes, *, name: str, kind: str = "") -> Lean:
        """The lean of at least one row with an answer; rows without do not count.

        masked: as the field, or with one name masked.
        """
        scored = self._scored(rows)
        truth, answer, hidden = (codes[scored] for codes in (self.gold, self.predicted, masked))
        favor, against = ((answer == side) * 1.0 - (truth == side) for side in (0, 1))
        figures = [answer != truth, favor, against, favor - against, SIGNS[answer] - SIGNS[hidden]]
        articles = [self.articles[row] for row in scored]
        (error_rate, *sided, lean, by_name), draws = mean_scores(
            np.stack(figures, axis=1), articles, n_resamples=N_RESAMPLES, seed=self.seed
        )
        return Lean(
            name=name,
            kind=kind,
            n_sentences=len(scored),
            n_articles=len(set(articles)),
            gold=_shares(truth),
            predicted=_shares(answer),
            error_rate=error_rate,
            favor=sided[0],
            against=sided[1],
            lean=lean,
            by_name=by_name,
            p=None if lean.low is None else two_sided_p(draws[:, 3]),
            p_by_name=None if by_name.low is None else two_sided_p(draws[:, 4]),
        )

    def by(
        self,
        names: Mapping[int, Iterable[str]],
        *,
        masked: Mapping[str, Codes] = MappingProxyType({}),
        kinds: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Lean, ...]:
        """The leans by name, the most frequent first, corrected for looking at all of them.

        names: row -> the names it counts for, each once; a name with under 30 rows is left out.
        masked: name -> the answers with that name alone masked, where it can be; else every name.
        """
        rows: defaultdict[str, list[int]] = defaultdict(list)
        for row, some in names.items():
            for name in some:
                rows[name].append(row)
        leans = [
            self.of(rows[name], masked.get(name, self.masked), name=name, kind=kinds.get(name, ""))
            for name in sorted(rows, key=lambda name: (-len(rows[name]), name))
            if len(self._scored(rows[name])) >= FEW_EXAMPLES
        ]
        off = discoveries([lean.p for lean in leans], FALSE_DISCOVERY_RATE)
        named = discoveries([lean.p_by_name for lean in leans], FALSE_DISCOVERY_RATE)
        return tuple(
            replace(lean, is_off=is_off, is_by_name=is_named)
            for lean, is_off, is_named in zip(leans, off, named, strict=True)
        )

    def difference(self, first: Iterable[int], second: Iterable[int]) -> Score:
        """The lean of the first rows minus that of the second, articles drawn for both at once."""
        names, codes = np.unique(np.array(self.articles), return_inverse=True)
        columns = []
        for rows in map(self._scored, (first, second)):
            errors = SIGNS[self.predicted[rows]] - SIGNS[self.gold[rows]]
            for values in (errors, np.ones(len(rows))):
                columns.append(np.bincount(codes[rows], values, minlength=len(names)))
        table = np.stack(columns, axis=1).astype(float)
        if not table.sum(axis=0)[[1, 3]].all():
            return Score(None, {}, None, None, "undefined: one of the two has no sentence")
        n_articles = int((table[:, [1, 3]] > 0).sum(axis=0).min())
        sums = resampled(table, n_resamples=N_RESAMPLES, seed=self.seed)
        return score(
            _difference(table.sum(axis=0)).item(), {}, _difference(sums), n_articles=n_articles
        )

    def _scored(self, rows: Iterable[int]) -> Codes:
        found = np.array(list(rows), dtype=np.int64)
        return found[self.predicted[found] >= 0]


def two_sided_p(draws: Values) -> float:
    """The p-value of 0 from resampled figures: the smallest level whose interval leaves 0 out.

    One draw is added to either side, so that it is never 0 (Davison and Hinkley 1997, Bootstrap
    Methods, section 4.2). Source: the percentile interval, inverted (section 5.3).

    >>> two_sided_p(np.array([-1.0, 1, 2, 3, 4, 5, 6, 7, 8]))
    0.4
    """
    smaller_tail = min((draws <= 0).sum(), (draws >= 0).sum())
    return float(min(1, 2 * (1 + smaller_tail) / (1 + len(draws))))


def discoveries(p_values: Sequence[float | None], rate: float) -> list[bool]:
    """Which null hypotheses fall at a false discovery rate; None is not tested and never falls.

    Of m p-values the k smallest fall, k the largest rank whose p-value is at most k / m * rate.
    Source: Benjamini and Hochberg 1995, Controlling the False Discovery Rate, section 3.1.

    >>> discoveries([0.03, 0.9, None, 0.01], 0.05)
    [True, False, False, True]
    """
    tested = sorted(p for p in p_values if p is not None)
    allowed = [p for rank, p in enumerate(tested, 1) if p <= rank / len(tested) * rate]
    return [p is not None and p <= max(allowed, default=-1.0) for p in p_values]


def _shares(codes: Codes) -> dict[str, float]:
    return {name: float((codes == side).mean()) for side, name in enumerate(SIDES)}


def _difference(sums: Values) -> Values:
    """First minus second mean, from (..., 4): sum and number of the first, then of the second."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3])
