"""What an actor audit says, to a program and to a person.

The scores of this page may be differences, from -1 to 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from model.audit_variants import CONTROLS, MASK
from model.report import NAMES, counted, score_words
from model.scores import Score

FORMAT = 1
FEW_SHOWN = 10


@dataclass(frozen=True, slots=True)
class MaskedScores:
    """The scores with names as they stand and with every name masked; keys as in `report.NAMES`.

    plain: names shown. in_use: masked when it answers, by a model that learned with names.
    in_training: masked in both. change_in_use, change_in_training: those minus plain, the interval
    that of the paired difference.
    """

    n_sentences: int
    plain: Mapping[str, Score]
    in_use: Mapping[str, Score]
    in_training: Mapping[str, Score]
    change_in_use: Mapping[str, Score]
    change_in_training: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Swap:
    """What a change of words did to the answers of n_sentences, the mean of a sentence's draws.

    flips_three_way, flips_five_way: the share of changed answers, among favor, against, none and
    among all stance values. change_favor, change_against: mean absolute change of the probability.
    beyond: control -> share of three-way flips minus the control's, in sentences that have both.
    """

    n_sentences: int
    n_variants: int
    flips_three_way: Score
    flips_five_way: Score
    change_favor: Score
    change_against: Score
    beyond: Mapping[str, Score] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lean:
    """Whether the answers for some sentences lean to a side, compared with the gold labels.

    gold, predicted: "favor" and "against" -> share of the sentences. error_rate: three-way.
    favor, against: predicted minus gold share. lean: the first minus the second: above 0, the model
    sees the sentences as more in favor than they are. by_name: the part of the lean that goes away
    when this actor's names are masked; for many actors, all names. p, p_by_name: of 0, two-sided;
    None without an interval. is_off, is_by_name: the figure differs from 0 after the correction for
    looking at many.
    """

    name: str
    kind: str
    n_sentences: int
    n_articles: int
    gold: Mapping[str, float]
    predicted: Mapping[str, float]
    error_rate: Score
    favor: Score
    against: Score
    lean: Score
    by_name: Score
    p: float | None = None
    p_by_name: float | None = None
    is_off: bool = False
    is_by_name: bool = False


@dataclass(frozen=True, slots=True)
class Hanging:
    """A sentence whose answer changes when the names are masked.

    change: how much the probability of the first answer falls. names: as the sentence has them.
    """

    id: str
    text: str
    names: tuple[str, ...]
    gold: str
    predicted: str
    masked: str
    change: float


@dataclass(frozen=True, slots=True)
class NameWeight:
    """What a name alone adds to the probability of favor and of against; n_sentences name it.

    gold: "favor" and "against" -> share of those sentences.
    """

    actor: str
    name: str
    n_sentences: int
    gold: Mapping[str, float]
    favor: float
    against: float


@dataclass(frozen=True, slots=True)
class NameWeights:
    """The weights of all names in empty sentences, the most against first.

    neutral: the probabilities with the mask in the name's place. words: side -> the range that 95 %
    of n_words other capitalised words keep to; n_above: side -> names above it. Both are empty when
    there is no such word.
    """

    templates: tuple[str, ...]
    neutral: Mapping[str, float]
    n_words: int
    words: Mapping[str, tuple[float, float]]
    n_above: Mapping[str, int]
    names: tuple[NameWeight, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Whether a model reads who is named, or the sentence why that cannot be said.

    n_naming: the sentences that name an actor. n_known: those whose model had met a name of theirs
    in training; for the others no name could weigh anything.
    masked: "all sentences" and "sentences that name an actor" -> scores. swaps: kind -> Swap.
    by_mention, by_holder, by_kind: actors or kinds with enough sentences, the most frequent first;
    overall: all that name an actor. by_side: those that name the first of the two kinds of `sides`
    and not the second, and the reverse; contrast: the lean of the first minus that of the second.
    Each of these tuples is corrected for its own length.
    hanging: the first of n_hanging, the largest change first.
    """

    n_sentences: int
    n_articles: int
    n_groups: int
    why_not: str = ""
    method: str = ""
    n_naming: int = 0
    n_known: int = 0
    masked: Mapping[str, MaskedScores] = field(default_factory=dict)
    swaps: Mapping[str, Swap] = field(default_factory=dict)
    overall: tuple[Lean, ...] = ()
    by_mention: tuple[Lean, ...] = ()
    by_holder: tuple[Lean, ...] = ()
    by_kind: tuple[Lean, ...] = ()
    sides: tuple[str, str] = ("", "")
    by_side: tuple[Lean, ...] = ()
    contrast: Score | None = None
    n_hanging: int = 0
    hanging: tuple[Hanging, ...] = ()
    weights: NameWeights | None = None
    mask: str = MASK
    fewest_sentences: int = 0
    false_discovery_rate: float = 0.0
    n_draws: int = 0
    n_resamples: int = 0
    seed: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_audited(self) -> bool:
        """Whether there are figures; `why_not` says why there are none."""
        return not self.why_not

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain data for JSON; undefined figures are null."""
        return {"format": FORMAT, "is_audited": self.is_audited, **asdict(self)}

    def describe(self, n_shown: int = FEW_SHOWN) -> str:
        """The audit as text for a terminal, without a line end; n_shown: rows of the long lists."""
        if not self.is_audited:
            return self.why_not
        lines = [
            f"{self.method}: {self.n_sentences} sentences, "
            f"{counted(self.n_articles, 'article')}, {counted(self.n_groups, 'group')}.",
            f"{self.n_naming} sentences name an actor; {self.n_known} of them one that their model "
            "met in training.",
            *self._masks(),
            *self._swaps(),
            *self._leans(),
            *self._hanging(n_shown),
            *self._weights(n_shown),
        ]
        return "\n".join([*lines, *(f"Note: {note}." for note in self.notes)])

    def _masks(self) -> Iterable[str]:
        yield f'\nScores with every name masked as "{self.mask}", and the change'
        for where, found in self.masked.items():
            yield f"  {where} ({found.n_sentences})"
            for name in found.plain:
                yield f"    {NAMES[name]}"
                yield f"      names shown             {score_words(found.plain[name])}"
                for how, scores, changes in (
                    ("masked in use", found.in_use, found.change_in_use),
                    ("masked in training too", found.in_training, found.change_in_training),
                ):
                    change = f"change {_signed(changes[name])}"
                    yield f"      {how:<23} {score_words(scores[name])}; {change}"

    def _swaps(self) -> Iterable[str]:
        yield "\nShare of answers that change when a word is replaced"
        for kind, swap in self.swaps.items():
            drawn = (
                f"{counted(swap.n_sentences, 'sentence')}, {counted(swap.n_variants, 'variant')}"
            )
            yield f"  {kind} ({drawn})"
            yield f"    three-way {score_words(swap.flips_three_way)}"
            yield f"    five-way  {score_words(swap.flips_five_way)}"
            yield (
                f"    mean change of probability: favor {score_words(swap.change_favor)}; "
                f"against {score_words(swap.change_against)}"
            )
            for control in CONTROLS.get(kind, ()):
                yield f"    three-way, minus {control}: {_signed(swap.beyond[control])}"

    def _leans(self) -> Iterable[str]:
        yield (
            "\nError by who is named: shares of favor/against; lean: how much too favorable; "
            "by name:\nwhat of the lean goes when the name is masked; * differs from 0, "
            f"false discovery rate {self.false_discovery_rate:.0%}"
        )
        for title, leans in (
            ("named", (*self.overall, *self.by_mention)),
            ("holder of the stance", self.by_holder),
            ("kind named", self.by_kind),
            ("one side named", self.by_side),
        ):
            if not leans:
                yield f"  {title}: none with {self.fewest_sentences} sentences or more"
                continue
            width = max(len(title), *(len(lean.name) for lean in leans))
            yield f"  {title:<{width}}      n  gold       predicted  error  {'lean':<28}by name"
            yield from (_lean_line(lean, width) for lean in leans)
        if self.contrast is not None:
            yield f"  lean of {self.sides[0]} minus {self.sides[1]}: {_signed(self.contrast)}"

    def _hanging(self, n_shown: int) -> Iterable[str]:
        yield f"\nAnswers that hang on a name: {self.n_hanging} of {self.n_naming}"
        for one in self.hanging[:n_shown]:
            yield (
                f"  {one.predicted} -> {one.masked} (gold {one.gold}, -{one.change:.2f}) "
                f"[{', '.join(one.names)}] {' '.join(one.text.split())}"
            )

    def _weights(self, n_shown: int) -> Iterable[str]:
        if self.weights is None:
            return
        found = self.weights
        neutral = ", ".join(f"{side} {p:.3f}" for side, p in found.neutral.items())
        yield f'\nWhat a name alone adds to the probability (with "{self.mask}" instead: {neutral})'
        for side, (low, high) in found.words.items():
            yield (
                f"  {side}: {found.n_above[side]} of {len(found.names)} names add more than "
                f"97.5 % of {found.n_words} other capitalised words ([{low:+.3f}, {high:+.3f}])"
            )
        for side in ("against", "favor"):
            yield f"  most {side}"
            ordered = sorted(found.names, key=lambda name: -getattr(name, side))
            for name in ordered[:n_shown]:
                gold = f"gold {name.gold[side]:.2f} of {counted(name.n_sentences, 'sentence')}"
                yield f"    {getattr(name, side):+.3f}  {name.name} ({name.actor}; {gold})"


def _lean_line(lean: Lean, width: int) -> str:
    gold, predicted = (
        f"{shares['favor']:.2f}/{shares['against']:.2f}" for shares in (lean.gold, lean.predicted)
    )
    error = "-" if lean.error_rate.value is None else f"{lean.error_rate.value:.2f}"
    figures = (
        _signed(score) + " *" * is_more
        for score, is_more in ((lean.lean, lean.is_off), (lean.by_name, lean.is_by_name))
    )
    return (
        f"  {lean.name:<{width}}  {lean.n_sentences:>5}  {gold:<9}  {predicted:<9}  {error:>5}  "
        + "  ".join(f"{words:<26}" for words in figures).rstrip()
    )


def _signed(score: Score) -> str:
    """A difference with its interval in words."""
    if score.value is None:
        return score.note
    interval = f"({score.note})" if score.low is None else f"[{score.low:+.3f}, {score.high:+.3f}]"
    return f"{score.value:+.3f}  {interval}"
