"""Write a batch as files for Label Studio's own web page: tasks, interface and instructions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from corpus.batches import annotators_of, asks_of, read_batch
from corpus.cli import corpus_parser, count, make_command, run
from corpus.files import write_text
from corpus.folder import read_corpus
from corpus.label_studio.tasks import page_for, tasks_for

EXAMPLES = """\
  python scripts/export_tasks.py --corpus seeds --out build/tasks b001"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("batch", help="name of the batch")
    add("--out", type=Path, default=Path("build/tasks"), help="output folder")
    return command.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    options = parse(argv)
    items = read_batch(options.corpus, options.batch)
    corpus = read_corpus(options.corpus)
    prefix = "holders-" if asks_of(items) == "holders" else ""
    config, text = (
        options.out / f"{prefix}{name}" for name in ("interface.xml", "instructions.html")
    )
    page, words = page_for(corpus, options.batch)
    write_text(config, page)
    write_text(text, words)
    print("In Label Studio, make a project for each annotator and in its Settings")
    print(f"  paste {config} into Labeling Interface, Code")
    print(f"  paste {text} into Instructions, and switch them on before labeling")
    print("then import that annotator's tasks:")
    total = 0
    for annotator in annotators_of(items):
        tasks = tasks_for(corpus, options.batch, annotator)
        path = options.out / f"{options.batch}-{annotator}.json"
        write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
        print(f"  {path} ({count(len(tasks), 'task')})")
        total += len(tasks)
    back = make_command("annotations", options.corpus, EXPORT="FILE")
    print(f"Later choose Export, JSON there, and store it with `{back}`.")
    print(f"{count(total, 'task')} for {count(len(annotators_of(items)), 'annotator')}.")
    return 0


if __name__ == "__main__":
    run(main)
