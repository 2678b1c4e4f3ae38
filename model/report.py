"""What an evaluation says, to a program and to a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from model.abstention import Abstention
from model.calibration import Calibration
from model.scores import FEW_EXAMPLES, ClassScore, Score
from model.slices import Slice, Slices, slice_lines
from model.split_gap import SplitGap
from model.topic_thresholds import TopicThresholds

FORMAT = 1
NAMES = {
    "stance_macro_f1": "stance macro-F1",
    "stance_accuracy": "stance accuracy",
    "presence_macro_f1": "stance or not, macro-F1",
    "direction_macro_f1": "direction given stance, macro-F1",
    "three_way_macro_f1": "three-way macro-F1",
    "topics_micro_f1": "topics micro-F1",
    "topics_macro_f1": "topics macro-F1",
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores on sentences that were held out, or the sentence why there are none.

    why_not: empty when there are scores; then `scores` has the keys of NAMES, topics only when
    the codebook has some and sentences were labelled for them.
    method: how they were held out. held_out: the groups (processes) that were -> their sentences.
    unit: what n_articles counts, and what the intervals resample.
    n_scored: the sentences that were predicted, at most n_sentences. stance, topics: label ->
    ClassScore, in the codebook's order. confusion: gold stance -> predicted stance -> sentences.
    fewest_examples: under so many a label has no score of its own and is in no macro-F1.
    annotators: "stance_macro_f1" and "three_way_macro_f1" of annotator against annotator, over
    n_annotator_pairs pairs of labels; empty when no sentence has two.
    notes: what a reader must know before quoting a figure.
    calibration, abstention: of the stance probabilities; topic_thresholds: the chosen ones. None
    where nothing could be measured or chosen, and in records older than them.
    slices: way of dividing the sentences ("outlet") -> Slices; without: what is left out of the
    sentences ("act accuse") -> the scores of the others. split_gap: what other ways of holding out
    would have shown.
    """

    n_sentences: int
    n_articles: int
    n_groups: int
    why_not: str = ""
    method: str = ""
    n_scored: int = 0
    scores: Mapping[str, Score] = field(default_factory=dict)
    stance: Mapping[str, ClassScore] = field(default_factory=dict)
    topics: Mapping[str, ClassScore] = field(default_factory=dict)
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    n_resamples: int = 0
    seed: int = 0
    unit: str = "article"
    held_out: Mapping[str, int] = field(default_factory=dict)
    fewest_examples: int = FEW_EXAMPLES
    annotators: Mapping[str, float | None] = field(default_factory=dict)
    n_annotator_pairs: int = 0
    calibration: Calibration | None = None
    abstention: Abstention | None = None
    topic_thresholds: TopicThresholds | None = None
    slices: Mapping[str, Slices] = field(default_factory=dict)
    without: Mapping[str, Slice] = field(default_factory=dict)
    split_gap: SplitGap | None = None

    @property
    def is_scored(self) -> bool:
        """Whether there are scores; `why_not` says why there are none."""
        return not self.why_not

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as plain data for `report.json`; undefined figures are null."""
        return {"format": FORMAT, "is_scored": self.is_scored, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Evaluation":
        """The evaluation that `to_dict` wrote; keys of other things are passed over.

        Raises KeyError or TypeError for anything else.
        """
        # Readings of the test part from before these were measured do not have them.
        newer = dict.fromkeys(("calibration", "abstention", "topic_thresholds", "split_gap"))
        data = {**newer, "slices": {}, "without": {}, **data}
        given = {one.name: data[one.name] for one in fields(cls)}
        given["scores"] = {name: Score(**score) for name, score in data["scores"].items()}
        for layer in ("stance", "topics"):
            given[layer] = {label: ClassScore(**one) for label, one in data[layer].items()}
        if given["calibration"]:
            given["calibration"] = Calibration.from_dict(given["calibration"])
        if given["abstention"]:
            given["abstention"] = Abstention.from_dict(given["abstention"])
        if given["topic_thresholds"]:
            given["topic_thresholds"] = TopicThresholds(**given["topic_thresholds"])
        if given["split_gap"]:
            given["split_gap"] = SplitGap.from_dict(given["split_gap"])
        given["slices"] = {by: Slices.from_dict(one) for by, one in given["slices"].items()}
        given["without"] = {key: Slice.from_dict(one) for key, one in given["without"].items()}
        return cls(**{**given, "notes": tuple(data["notes"])})

    @property
    def extent(self) -> str:
        """How the sentences were held out and how many there are, in words."""
        groups = f", {counted(self.n_groups, 'group')}" if self.n_groups else ""
        return (
            f"{self.method}: {self.n_scored} of {self.n_sentences} sentences, "
            f"{counted(self.n_articles, self.unit)}{groups}."
        )

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What each macro-F1 leaves out, what abstaining promises, then `notes`; no full stops."""
        why = f"under {self.fewest_examples} examples" if self.fewest_examples > 1 else "no example"
        left_out = (
            f"{NAMES[name]} is without "
            f"{', '.join(f'{label} ({n})' for label, n in score.left_out.items())}: {why}"
            for name, score in self.scores.items()
            if score.left_out and score.value is not None
        )
        return (*left_out, *(self.abstention.notes if self.abstention else ()), *self.notes)

    @property
    def annotator_words(self) -> str:
        """Annotator against annotator in words, empty when no sentence has two of them."""
        if not self.annotators:
            return ""
        figures = ", ".join(f"{NAMES[name]} {figure(n)}" for name, n in self.annotators.items())
        return f"annotator against annotator: {figures} ({self.n_annotator_pairs} pairs)"

    def describe(self) -> str:
        """The evaluation as text for a terminal, without a line end."""
        if not self.is_scored:
            return self.why_not
        lines = [self.extent]
        lines += [
            f"  {NAMES[name]:<32} {score_words(score)}" for name, score in self.scores.items()
        ]
        lines += [f"  {self.annotator_words}"] if self.annotators else []
        for layer, classes in (("stance", self.stance), ("topic", self.topics)):
            lines += class_table(layer, classes)
        for name, rest in self.without.items():
            lines.append(f"  without {name}, {counted(rest.n, 'sentence')}:")
            lines += [
                f"    {NAMES[key]:<32} {score_words(one)}" for key, one in rest.scores.items()
            ]
        for more in (self.calibration, self.abstention, self.topic_thresholds, self.split_gap):
            lines += [f"  {line}" for line in more.describe()] if more else []
        return "\n".join([*lines, *(f"  Note: {note}." for note in self.all_notes)])

    def describe_slices(self) -> str:
        """The slices as text for a terminal, without a line end."""
        lines: list[str] = []
        for by, slices in self.slices.items():
            lines += slice_lines(by, slices, NAMES)
        return "\n".join(lines)


def score_words(score: Score) -> str:
    """A score with its interval and baselines in words.

    >>> score_words(Score(0.5, {"majority": 0.2}, 0.41, 0.58))
    '0.500  [0.410, 0.580], majority 0.200'
    """
    if score.value is None:
        return score.note
    interval = f"({score.note})" if score.low is None else f"[{score.low:.3f}, {score.high:.3f}]"
    baselines = [f"{name} {figure(value)}" for name, value in score.baselines.items()]
    return ", ".join([f"{score.value:.3f}  {interval}", *baselines])


def counted(n: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "article"), counted(2, "article")
    ('1 article', '2 articles')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def figure(value: float | None) -> str:
    """Three decimals, or the word for a figure that does not exist."""
    return "undefined" if value is None else f"{value:.3f}"


def class_table(layer: str, classes: Mapping[str, ClassScore]) -> list[str]:
    """The lines of a table of labels, nothing without a label; layer: what heads the names."""
    if not classes:
        return []
    width = max(len(layer), *(len(name) for name in classes))
    head = f"  {layer:<{width}}     n  precision  recall     F1"
    return [head, *(_class_line(name, width, score) for name, score in classes.items())]


def _class_line(name: str, width: int, score: ClassScore) -> str:
    figures = [
        f"{'-' if value is None else format(value, '.3f'):>{column}}"
        for value, column in ((score.precision, 9), (score.recall, 6), (score.f1, 5))
    ]
    note = f"  {score.note}" if score.note else ""
    return f"  {name:<{width}} {score.n:>5}  {'  '.join(figures)}{note}"
