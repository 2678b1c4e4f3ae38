"""What is said about abstaining: how much is decided, how often rightly, what it does to shares.

`model.risk_coverage` measures it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from model.scores import FEW_EXAMPLES, Score

PROMISE = (
    "the precision is that of all decided sentences together, not of each stance, and holds for "
    "texts like the training texts only"
)
SCORED = "the other scores count every sentence with its likeliest stance, decided or not"


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold gives.

    wanted: the precision asked for, None where a threshold was given; threshold: None where the
    precision is not reached. coverage: of all sentences; precision: of the decided ones, beside it
    the precision of always answering, and of the majority on the same decided sentences.
    """

    wanted: float | None
    threshold: float | None
    coverage: Score
    precision: Score

    @property
    def words(self) -> str:
        """What the threshold gives, or that there is none."""
        if self.threshold is None:
            return "not reached"
        beside = _beside(self.precision)
        return (
            f"below {self.threshold:g}, codes {self.coverage.percent} "
            f"at precision {self.precision.percent}{beside}"
        )


@dataclass(frozen=True, slots=True)
class Risk:
    """The surest n sentences, a share of all (coverage), and the share of wrong answers (error)."""

    n: int
    coverage: float
    error: Score


@dataclass(frozen=True, slots=True)
class Decided:
    """One stance: n sentences have it, n_answered would get it if none were left open.

    n_decided: those of n_answered that are decided; n_right: those of n_decided that have it.
    """

    n: int
    n_answered: int
    n_decided: int
    n_right: int

    @property
    def precision_words(self) -> str:
        """The precision among the decided with its n; no figure under 30 sentences.

        >>> Decided(n=90, n_answered=80, n_decided=40, n_right=30).precision_words
        '0.750 of 40'
        >>> Decided(n=90, n_answered=80, n_decided=4, n_right=4).precision_words
        'no figure: 4, fewer than 30'
        """
        if self.n_decided < FEW_EXAMPLES:
            return f"no figure: {self.n_decided}, fewer than {FEW_EXAMPLES}"
        return f"{self.n_right / self.n_decided:.3f} of {self.n_decided}"


@dataclass(frozen=True, slots=True)
class Abstention:
    """What abstaining gives and costs on n sentences that no threshold was chosen on.

    wanted: the precision asked for, None where the threshold was given. abstain_below: the
    threshold of the saved model, None where it always answers; why_not: the reason, else empty.
    aurc: the area under the risk-coverage curve, beside it a random and a perfect order.
    points: ascending by wanted, among them the saved threshold's. stance: value -> Decided at the
    saved threshold, in the codebook's order. curve: the error at rising coverage, from 30 sentences
    on; empty in records older than it.
    """

    n: int
    wanted: float | None
    abstain_below: float | None
    why_not: str
    aurc: Score
    points: tuple[Point, ...]
    stance: Mapping[str, Decided]
    curve: tuple[Risk, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Abstention":
        """The record that `dataclasses.asdict` wrote; KeyError or TypeError for anything else."""
        points = tuple(
            Point(**{**one, **{name: Score(**one[name]) for name in ("coverage", "precision")}})
            for one in data["points"]
        )
        stance = {value: Decided(**one) for value, one in data["stance"].items()}
        curve = tuple(
            Risk(**{**one, "error": Score(**one["error"])}) for one in data.get("curve", ())
        )
        found = {"aurc": Score(**data["aurc"]), "points": points, "stance": stance, "curve": curve}
        return cls(**{**data, **found})

    @property
    def chosen(self) -> Point | None:
        """The point of the saved threshold, None where the model always answers."""
        if self.abstain_below is None:
            return None
        return next(point for point in self.points if point.wanted == self.wanted)

    @property
    def summary(self) -> str:
        """One sentence without a full stop: the threshold, and how much it codes how well.

        Coverage and precision come from thresholds that other sentences chose.
        """
        point = self.chosen
        return f"abstains {point.words}" if point else f"always answers: {self.why_not}"

    @property
    def distortion(self) -> str:
        """The stances whose share falls when decided sentences alone are counted, in words.

        Of those with 30 examples; empty where nothing is left open, or no share falls.
        """
        n_decided = sum(one.n_decided for one in self.stance.values())
        if not self.chosen or not n_decided:
            return ""
        fallen = [
            f"{value} {one.n_decided / n_decided:.1%} instead of {one.n / self.n:.1%}"
            for value, one in self.stance.items()
            if one.n >= FEW_EXAMPLES and one.n_decided / n_decided < one.n / self.n
        ]
        return f"shares of decided sentences mislead: {', '.join(fallen)}" if fallen else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before quoting it, each without a full stop."""
        return tuple(filter(None, [PROMISE, self.distortion, SCORED])) if self.chosen else ()

    def share_lines(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Per stance: its share by gold labels, in all answers and among the decided; precision."""
        n_decided = sum(one.n_decided for one in self.stance.values())
        for value, one in self.stance.items():
            among = f"{one.n_decided / n_decided:.1%}" if n_decided else "undefined"
            gold, answered = f"{one.n / self.n:.1%}", f"{one.n_answered / self.n:.1%}"
            yield value, gold, answered, among, one.precision_words

    def describe(self) -> list[str]:
        """The lines for a terminal."""
        lines = [f"abstention, n {self.n}: {self.summary}"]
        lines += [
            f"  wanted {100 * point.wanted:g}%: {point.words}"
            for point in self.points
            if point.wanted is not None
        ]
        lines.append(f"  risk-coverage area (AURC): {self.aurc.percent}{_beside(self.aurc)}")
        if self.chosen:
            width = max(6, *map(len, self.stance))
            row = f"  {{:<{width}}}  {{:>6}}  {{:>8}}  {{:>9}}  {{}}"
            lines.append(row.format("stance", "gold", "answered", "decided", "precision"))
            lines += [row.format(*cells) for cells in self.share_lines()]
        return lines


def _beside(one: Score) -> str:
    """The baselines, each after a comma.

    >>> _beside(Score(0.9, {"majority": 0.8}, None, None))
    ', majority 80.0%'
    """
    found = ((name, value) for name, value in one.baselines.items() if value is not None)
    return "".join(f", {name} {value:.1%}" for name, value in found)
