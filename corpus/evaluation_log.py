"""The readings of the test part: ``CORPUS/EVALUATIONS.jsonl``, a line each, committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.findings import CorpusError
from corpus.jsonl import append_lines, read_lines

FORMAT = 1
LOG = "EVALUATIONS.jsonl"

Reading = Mapping[str, Any]


def read_log(corpus: Path) -> list[Reading]:
    """The readings, oldest first; none without a log."""
    path = corpus / LOG
    return list(_checked(path)) if path.exists() else []


def reading_of(corpus: Path, *, dataset: str, model: str) -> Reading | None:
    """The reading of this model on this dataset, or None."""
    for reading in read_log(corpus):
        if (reading.get("dataset"), reading.get("model")) == (dataset, model):
            return reading
    return None


def log_reading(corpus: Path, reading: Reading) -> None:
    """Append a reading, which has the log's ``format``; the line is whole or not there."""
    append_lines(corpus / LOG, [reading])


def part_digest(reading: Reading) -> str:
    """The identity of the sentences that were scored.

    Lines from before it was recorded have that of the whole dataset only.
    """
    return str(reading.get("test", reading["dataset"]))


def _checked(path: Path) -> Iterator[Reading]:
    for number, reading in read_lines(path):
        if reading.get("format") != FORMAT:
            found = reading.get("format")
            raise CorpusError(f"{path}:{number}: format is {found!r}, expected {FORMAT}.")
        yield reading
