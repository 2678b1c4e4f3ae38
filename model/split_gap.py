"""What is said about other ways of holding out: random rows, and forward in time.

`model.other_splits` measures them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.scores import Score


@dataclass(frozen=True, slots=True)
class Forward:
    """Three-way macro-F1 on what came later than everything that was learned.

    Learned from n_learned sentences of groups that ended before the day `cut`, scored on n of
    groups that began on it or later. n_left_out: sentences of groups on both sides, and without a
    date.
    """

    cut: str
    n_learned: int
    n: int
    n_left_out: int
    score: Score


@dataclass(frozen=True, slots=True)
class SplitGap:
    """Three-way macro-F1 under three ways of holding out; n sentences.

    groups: whole groups in folds, the figure to quote. rows: as many folds of random sentences.
    gap: rows minus groups, its interval that of the paired difference: what the model owes to
    having seen other sentences of the same articles and groups. forward: None where `why_not` says.
    """

    n: int
    groups: Score
    rows: Score
    gap: Score
    forward: Forward | None = None
    why_not: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SplitGap":
        """The record that `dataclasses.asdict` wrote; KeyError or TypeError for anything else."""
        found = {name: Score(**data[name]) for name in ("groups", "rows", "gap")}
        if forward := data["forward"]:
            forward = Forward(**{**forward, "score": Score(**forward["score"])})
        return cls(**{**data, **found, "forward": forward})

    def describe(self) -> list[str]:
        """The lines for a terminal."""
        if self.groups.value is None or self.rows.value is None or self.gap.value is None:
            gap = f"split by random rows: {self.gap.note}"
        else:
            gap = (
                f"whole groups held out {self.groups.value:.3f}, random rows {self.rows.value:.3f} "
                f"(three-way macro-F1, n {self.n}): {self.gap_words}"
            )
        return [gap, f"forward in time: {self.forward_words}"]

    @property
    def gap_words(self) -> str:
        """The gap with its interval, and what it means; without a full stop."""
        gap = self.gap
        if gap.value is None:
            return gap.note
        if gap.low is None or gap.high is None:
            return f"{gap.value:+.3f} ({gap.note})"
        interval = f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
        if gap.low > 0:
            return f"{interval} that would not hold on new reports"
        return f"{interval}, which does not show that random rows flatter"

    @property
    def forward_words(self) -> str:
        """The score forward in time with what stands beside it; without a full stop."""
        if self.forward is None:
            return self.why_not
        one = self.forward
        if one.score.value is None:
            figure = one.score.note
        else:
            figure = f"{one.score.value:.3f} "
            figure += (
                f"({one.score.note})"
                if one.score.low is None
                else f"[{one.score.low:.3f}, {one.score.high:.3f}]"
            )
        beside = "".join(
            f", {name} {value:.3f}"
            for name, value in one.score.baselines.items()
            if value is not None
        )
        left_out = f"; {one.n_left_out} on both sides or undated are left out"
        return (
            f"three-way macro-F1 {figure}{beside}; learned from {one.n_learned} sentences of groups"
            f" that ended before {one.cut}, n {one.n} of groups that began later"
            + left_out
            * bool(one.n_left_out)
        )
