"""Answers to one sentence that are being saved one after the other: and whether all are.

Saving makes an answer the latest, and the latest counts: halfway through, another one counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.files import write_text
from corpus.findings import CorpusError

NOTE = ".renaming"  # in the corpus folder while the answers to one sentence are saved


@contextmanager
def saving(folder: Path, annotations: Sequence[int]) -> Iterator[None]:
    """While the block saves them, in this order: a note, which stays if the block is stopped."""
    write_text(folder / NOTE, json.dumps(list(annotations)) + "\n")
    yield
    (folder / NOTE).unlink()


def unfinished(folder: Path) -> list[int]:
    """The annotations that the last run was stopped at, in order; mostly none."""
    try:
        return [int(number) for number in json.loads((folder / NOTE).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError):
        raise CorpusError(
            f"{folder / NOTE}: not readable. It names the annotations that `make migrate` was "
            "saving: see that the right answer is the latest, then delete it."
        ) from None


def require_finished(folder: Path) -> None:
    """CorpusError while the wrong one of several answers may be the latest."""
    if unfinished(folder):
        raise CorpusError(
            f"{folder / NOTE}: `make migrate` was stopped between the answers to one sentence, and "
            "the wrong one may seem the latest. Run `make migrate` again (or delete this file, if "
            "the answers are gone from the server). Nothing was sent or stored."
        )
