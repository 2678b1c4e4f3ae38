"""What is said about slices: the scores of some of the sentences, by name.

`model.slicing` measures them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from model.scores import FEW_EXAMPLES, Score

SHOWN = ("stance_accuracy", "three_way_macro_f1", "presence_macro_f1")


@dataclass(frozen=True, slots=True)
class Slice:
    """The scores of n sentences of n_articles; keys as in `model.report.NAMES`."""

    n: int
    n_articles: int
    scores: Mapping[str, Score]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Slice":
        """The record that `dataclasses.asdict` wrote; KeyError or TypeError for anything else."""
        return cls(**{**data, "scores": {key: Score(**one) for key, one in data["scores"].items()}})


@dataclass(frozen=True, slots=True)
class Slices:
    """One way of dividing the sentences: name -> Slice, the most sentences first.

    few: name -> sentences, where they are under 30 and have no score. A sentence may be in several
    slices (topics) or in none.
    """

    scored: Mapping[str, Slice] = field(default_factory=dict)
    few: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Slices":
        """The record that `dataclasses.asdict` wrote; KeyError or TypeError for anything else."""
        return cls({key: Slice.from_dict(one) for key, one in data["scored"].items()}, data["few"])


def slice_lines(title: str, slices: Slices, names: Mapping[str, str]) -> Iterator[str]:
    """The lines of a table for a terminal; names: score -> how it is headed."""
    width = max([len(title), *map(len, slices.scored)])
    heads = "".join(f"  {names[key]:<26}" for key in SHOWN)
    yield f"  {title:<{width}}      n{heads}".rstrip()
    for name, one in slices.scored.items():
        cells = "".join(f"  {_cell(one.scores[key]):<26}" for key in SHOWN)
        yield f"  {name:<{width}}  {one.n:>5}{cells}".rstrip()
    if slices.few:
        few = ", ".join(f"{name} ({n})" for name, n in slices.few.items())
        yield f"    no score, under {FEW_EXAMPLES} sentences: {few}"


def _cell(score: Score) -> str:
    if score.value is None:
        return "undefined"
    if score.low is None:
        return f"{score.value:.3f} (no interval)"
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"
