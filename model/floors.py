"""Which scores of the test part a new model may not fall below. Floors rise; they fall on demand.

A floor is the lower end of a reading's interval: a figure above it may be as good as that reading,
one below it is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from model.errors import ModelError
from model.report import NAMES, figure
from model.scores import Score

FORMAT = 1
GUARDED = ("three_way_macro_f1", "presence_macro_f1", "topics_macro_f1")


@dataclass(frozen=True, slots=True)
class Floors:
    """The floors of one test part; digest: its identity, model: the one that was read.

    floors: a name of GUARDED -> the lowest value allowed.
    """

    digest: str
    model: str
    floors: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The floors as plain data for JSON; `from_dict` reads them back."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Floors":
        """The floors that `to_dict` wrote; ModelError for anything else."""
        try:
            if data["format"] == FORMAT:
                return cls(data["digest"], data["model"], dict(data["floors"]))
        except (KeyError, TypeError, ValueError):
            pass
        raise ModelError(
            f"These are no floors of format {FORMAT}. Restore the file from the repository."
        )

    def broken_by(self, scores: Mapping[str, Score], *, digest: str) -> Iterator[str]:
        """What is wrong with a reading, a sentence each; nothing when it keeps every floor."""
        if digest != self.digest:
            yield (
                f"the last reading is of the test part {digest[:19]}, the floors are of "
                f"{self.digest[:19]}. Set them anew: python scripts/set_floors.py"
            )
            return
        for name, floor in self.floors.items():
            found = scores[name].value if name in scores else None
            if found is None or found < floor:
                yield (
                    f"{NAMES[name]} is {figure(found)}, its floor is {floor:.4f}. Find out why; "
                    "if it must be so: python scripts/set_floors.py --lower"
                )


def new_floors(
    before: Floors | None,
    scores: Mapping[str, Score],
    *,
    digest: str,
    model: str,
    may_fall: bool,
) -> Floors:
    """The floors after a reading: each the higher one of the old and the reading's.

    may_fall: take the reading's also where it is lower; where it has no interval the old one stays.
    Without it a ModelError names each floor that the reading breaks, and each on another test part
    that would fall: it cannot be known whether the model is worse or the part harder. A reading
    without any interval sets no floor: ModelError.
    """
    found = {name: scores[name].low for name in GUARDED if name in scores}
    fresh = {name: round(low, 4) for name, low in found.items() if low is not None}
    if not fresh:
        raise ModelError(
            f"None of {', '.join(NAMES[name] for name in GUARDED)} has an interval in this "
            "reading, so there is no floor to set. Intervals need a test part of ten articles."
        )
    if before is None or may_fall:
        return Floors(digest, model, {**(before.floors if before else {}), **fresh})
    if digest == before.digest:
        broken = list(before.broken_by(scores, digest=digest))
    else:
        broken = [
            f"{NAMES[name]}: {figure(fresh.get(name))} on another test part is under {floor:.4f}"
            for name, floor in before.floors.items()
            if fresh.get(name, 0) < floor
        ]
    if broken:
        raise ModelError(
            "No floor was changed:\n"
            + "\n".join(broken)
            + "\nIf they must fall, say so: python scripts/set_floors.py --lower"
        )
    kept = {name: max(low, before.floors.get(name, 0)) for name, low in fresh.items()}
    return Floors(digest, model, {**before.floors, **kept})
