"""In which slices the sentences of a dataset lie: outlet, process, time, certainty, topic, act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.dataset import Row

MOST_YEARS = 10


def slices_by(
    rows: Sequence[Row], names: Mapping[str, Sequence[str]]
) -> dict[str, list[list[str]]]:
    """Way of dividing -> for each row the slices that it is in.

    names: layer -> value names of the codebook; a layer that it lacks divides nothing. More than
    ten years are put together as decades. A row that nobody was asked about is in no topic slice.
    """
    years = [row["event_date"] and row["event_date"][:4] for row in rows]
    if len(set(years)) > MOST_YEARS:
        time, years = "decade", [year and f"{year[:3]}0s" for year in years]
    else:
        time = "year"
    found = {
        "outlet": [[row["outlet"] or "no outlet"] for row in rows],
        "process": [[row["process"] or "no process"] for row in rows],
        time: [[year or "no date"] for year in years],
        "certainty": [["certain" if row["certain"] else "uncertain"] for row in rows],
    }
    if names["topics"]:
        found["topic"] = [
            [] if row["topics"] is None else row["topics"] or ["no topic"] for row in rows
        ]
    if names["act"]:
        found["act"] = [[row["act"] or "no act"] for row in rows]
    return found
