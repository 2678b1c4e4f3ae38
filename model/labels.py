"""Which labels a model can answer with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from model.errors import ModelError
from model.examples import Example

THREE_WAY = ("favor", "against", "none")


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of one codebook, in the codebook's order.

    stance: every stance value, also those without a single example; topics: may be empty.
    target: what the stance is about; neutral: the stance value that takes no side.
    three_way: stance value -> "favor", "against" or "none", for every stance value.
    codebook: name and version, e.g. "ceasefire 0.9".
    Raises ValueError when the parts contradict each other.
    """

    stance: tuple[str, ...]
    topics: tuple[str, ...]
    target: str
    neutral: str
    three_way: Mapping[str, str]
    codebook: str

    def __post_init__(self) -> None:
        for layer, values in (("stance", self.stance), ("topics", self.topics)):
            if not all(isinstance(value, str) and value for value in values):
                raise ValueError(f"{layer} must be names, found {values!r}")
            if len(set(values)) < len(values):
                twice = sorted({value for value in values if values.count(value) > 1})
                raise ValueError(f"{layer} names {', '.join(twice)} twice")
        if len(self.stance) < 2:
            raise ValueError(f"stance needs at least two values, found {self.stance!r}")
        if self.neutral not in self.stance:
            raise ValueError(f'neutral "{self.neutral}" is none of {", ".join(self.stance)}')
        if set(self.three_way) != set(self.stance):
            differing = sorted(set(self.three_way) ^ set(self.stance))
            raise ValueError(f"three_way and stance differ in {', '.join(differing)}")
        if not set(self.three_way.values()) <= set(THREE_WAY):
            raise ValueError(f"three_way may say {', '.join(THREE_WAY)} only: {self.three_way!r}")
        ordered = {value: self.three_way[value] for value in self.stance}
        object.__setattr__(self, "three_way", MappingProxyType(ordered))

    def to_dict(self) -> dict[str, Any]:
        """The labels as plain data for JSON; `from_dict` reads them back."""
        return {
            "codebook": self.codebook,
            "target": self.target,
            "stance": list(self.stance),
            "neutral": self.neutral,
            "three_way": dict(self.three_way),
            "topics": list(self.topics),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LabelSet":
        """The labels that `to_dict` wrote.

        Raises KeyError, TypeError or ValueError for anything else.
        """
        return cls(
            stance=tuple(data["stance"]),
            topics=tuple(data["topics"]),
            target=str(data["target"]),
            neutral=data["neutral"],
            three_way=dict(data["three_way"]),
            codebook=str(data["codebook"]),
        )

    @classmethod
    def of_dataset(
        cls, names: Mapping[str, Sequence[str]], codebook: Mapping[str, Any]
    ) -> "LabelSet":
        """The labels of a built dataset: value names by layer, and its codebook's facts."""
        return cls(
            stance=tuple(names["stance"]),
            topics=tuple(names["topics"]),
            target=codebook["target"],
            neutral=codebook["neutral"],
            three_way=codebook["three_way"],
            codebook=f"{codebook['name']} {codebook['version']}",
        )


def check_labels(
    examples: Sequence[Example],
    stance: Sequence[str],
    topics: Sequence[Collection[str] | None],
    *,
    labels: LabelSet,
) -> None:
    """Return when there are examples and every label is one of the label set.

    Raises ModelError for no example and an unknown label, ValueError for differing lengths.
    """
    if not len(examples) == len(stance) == len(topics):
        raise ValueError(
            f"examples, stance and topics must be equally long, "
            f"found {len(examples)}, {len(stance)}, {len(topics)}"
        )
    if not examples:
        raise ModelError(
            "There is no labelled sentence to learn from. "
            "Label some sentences, then run `make dataset` and `make train`."
        )
    if any(isinstance(values, str) for values in topics):
        raise TypeError("topics holds a str; expected a collection of topics, or None")
    layers = (
        ("stance", labels.stance, [(value,) for value in stance]),
        ("topic", labels.topics, [tuple(values or ()) for values in topics]),
    )
    for layer, known, found in layers:
        for number, values in enumerate(found):
            for value in values:
                if value not in known:
                    raise ModelError(
                        f'sentence {number + 1} of {len(examples)}: {layer} "{value}" is not in '
                        f"codebook {labels.codebook} ({', '.join(known) or 'it has none'}). Was "
                        "the label renamed? Bring the annotations up to date, then `make dataset`."
                    )
