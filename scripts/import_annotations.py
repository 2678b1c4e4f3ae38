"""Store the annotations of Label Studio's JSON exports. What is stored already is left alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.annotations import read_annotations
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.files import decode_text, one_at_a_time, read_text
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio.annotations import parse_export, read_export
from corpus.label_studio.sync import NOTHING, store

EXAMPLES = """\
  python scripts/import_annotations.py --corpus seeds project-1.json project-2.json"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("exports", nargs="+", help="JSON exports; - is standard input")
    return command.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    options = parse(argv)
    with one_at_a_time(options.corpus):
        return import_all(options)


def import_all(options: argparse.Namespace) -> int:
    """Every export, one after the other; a broken one leaves the others alone."""
    corpus = read_corpus(options.corpus)
    total, tasks, errors = NOTHING, 0, 0
    for name in options.exports:
        try:
            pulled = read_export(parse_export(read(name), name), corpus, name)
        except CorpusError as error:
            say(str(error))
            errors += 1
            continue
        stored = store(corpus, pulled, name)
        now = {batch: read_annotations(corpus.path, batch) for batch in pulled.annotations}
        corpus = replace(corpus, annotations=corpus.annotations | now)
        print(f"{name}: {count(pulled.tasks, 'task')}; {stored}")
        for finding in pulled.findings + stored.findings:
            say(str(finding))
        total, tasks = total + stored, tasks + pulled.tasks
        errors += sum(finding.severity == "error" for finding in pulled.findings)
    print(f"{count(tasks, 'task')}; {total}", end="")
    if errors:
        again = make_command("annotations", options.corpus, EXPORT="FILE")
        print(
            f"; {count(errors, 'error')}. Next: correct them in Label Studio, export there again, "
            f"then {again}"
        )
        return 1
    print(f". Next: {make_command('corpus-check', options.corpus)}")
    return 0


def read(name: str) -> str:
    return decode_text(sys.stdin.buffer.read(), "-") if name == "-" else read_text(Path(name))


if __name__ == "__main__":
    run(main)
