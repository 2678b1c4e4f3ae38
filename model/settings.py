"""What can be chosen about a model before it is trained."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that make a model, apart from its labels and examples.

    n_columns: how many columns text is hashed into, words in the first half and characters in the
    second; 2^18 suits corpora up to some ten thousand sentences. Every column costs
    4 bytes x (1 + number of trained labels) in `weights.npy`.
    c: inverse strength of the regularization of both classifiers (scikit-learn's `C`), above 0.
    max_iter: the most steps the solver may take; small corpora need under a hundred.
    Raises ValueError for a value that no model can be made with.
    """

    n_columns: int = 2**18
    c: float = 1.0
    max_iter: int = 10_000

    def __post_init__(self) -> None:
        for name in ("n_columns", "max_iter"):
            if type(getattr(self, name)) is not int:
                raise ValueError(f"{name} must be a whole number, found {getattr(self, name)!r}")
        if self.n_columns % 2 or not 2 <= self.n_columns <= 2**31:
            raise ValueError(f"n_columns must be even, 2 to 2^31, found {self.n_columns}")
        if type(self.c) not in (int, float) or not 0 < self.c < math.inf:
            raise ValueError(f"c must be a number above 0, found {self.c!r}")
        if self.max_iter < 1:
            raise ValueError(f"max_iter must be at least 1, found {self.max_iter}")

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain data for JSON; `from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Settings":
        """The settings that `to_dict` wrote; raises TypeError for an unknown name."""
        return cls(**data)


DEFAULT_SETTINGS = Settings()
