"""What the model reads: one sentence between its neighbours, and where its target stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence to learn from or to classify.

    text: the sentence itself; may be empty.
    before, after: the neighbouring sentences; target: what the stance is about. Empty when unknown.
    spans: where the target is named in `text`: Unicode code points, half-open, ascending and
    without overlap. Raises ValueError for a span outside the text and for a lone surrogate, which
    is no character and cannot be written as UTF-8.

    >>> Example("The truce holds.", spans=((4, 9),)).text[4:9]
    'truce'
    """

    text: str
    before: str = ""
    after: str = ""
    target: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        for field in ("text", "before", "after", "target"):
            value = getattr(self, field)
            try:
                value.encode("utf-8")
            except UnicodeEncodeError as error:
                raise ValueError(
                    f"{field} has the lone surrogate U+{ord(value[error.start]):04X} at character "
                    f"{error.start}, which is no character; expected text that UTF-8 can write. "
                    "Was the file cut in the middle, or read with the wrong encoding?"
                ) from None
        last_end = 0
        for start, end in self.spans:
            if not last_end <= start < end <= len(self.text):
                raise ValueError(
                    f"span ({start}, {end}) does not fit: expected {last_end} <= start < end "
                    f"<= {len(self.text)}, the length of the text in characters"
                )
            last_end = end

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self:
        """The example of a dataset row: `text`, `before`, `after`, `target`, and where it stands.

        >>> row = {"text": "It holds.", "before": "", "after": "", "target": "truce"}
        >>> Example.of_row({**row, "target_start": 0, "target_end": 2}).spans
        ((0, 2),)
        """
        span = (row["target_start"], row["target_end"])
        spans = () if None in span else (span,)
        return cls(row["text"], row["before"], row["after"], row["target"], spans)
