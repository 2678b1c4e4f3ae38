"""Raise the floors of the quality gate to the last reading of the test part."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from corpus.cli import corpus_parser, run, say
from corpus.evaluation_log import LOG, part_digest, read_log
from corpus.files import read_text, write_text
from corpus.findings import CorpusError
from corpus.jsonl import parse_object
from model.errors import ModelError
from model.floors import Floors, new_floors
from model.report import NAMES, Evaluation

EXAMPLES = """\
  python scripts/set_floors.py
  python scripts/set_floors.py --lower

A floor is the lower end of a score's interval. It never falls without --lower."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    log = read_log(options.corpus)
    if not log:
        raise CorpusError(
            f"{options.corpus / LOG}: the test part was never read. Run `make evaluate` first."
        )
    reading = log[-1]
    path = options.floors
    before = Floors.from_dict(parse_object(read_text(path), str(path))) if path.exists() else None
    try:
        scores = Evaluation.from_dict(reading).scores
    except (KeyError, TypeError, AttributeError) as error:
        raise CorpusError(
            f"{options.corpus / LOG}: the last line is damaged: {error}. "
            "Restore it from the repository."
        ) from None
    floors = new_floors(
        before,
        scores,
        digest=part_digest(reading),
        model=reading["model"],
        may_fall=options.lower,
    )
    write_text(path, json.dumps(floors.to_dict(), indent=2) + "\n")
    for name, floor in floors.floors.items():
        print(f"{NAMES[name]:<32} {floor:.4f}")
    say(f"{path}: {len(floors.floors)} floors, from the reading of {reading['date']}.")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    floors = Path("tests/quality/floors.json")
    command.add_argument("--floors", type=Path, default=floors, help=f"default: {floors}")
    command.add_argument("--lower", action="store_true", help="let floors fall, too")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
