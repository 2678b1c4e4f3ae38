"""Build the Hugging Face dataset of a corpus folder: checks, gold labels, parquet, card."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from corpus.card import dataset_card
from corpus.checks import check_corpus
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.dataset import build_rows, counts, save_dataset
from corpus.files import replaced_directory, write_text
from corpus.findings import raise_errors
from corpus.folder import read_corpus

EXAMPLES = """\
  python scripts/build_dataset.py --corpus seeds --out build/dataset
  python -c "import datasets; print(datasets.load_dataset('build/dataset'))\""""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    findings = check_corpus(corpus)
    raise_errors(findings)
    for finding in findings:
        say(str(finding))
    build = build_rows(corpus, publishable=options.publishable)
    with replaced_directory(options.out, mark="manifest.json") as folder:
        save_dataset(build, folder)
        write_text(folder / "README.md", dataset_card(build, corpus))
    if build.disputes:
        listed = make_command("agreement", options.corpus)
        say(f"{count(len(build.disputes), 'layer')} without gold, disputed; {listed} lists them.")
    single = counts(build.rows, "how")["single"]
    if single:
        say(f"{count(single, 'sentence')} rest on one annotator only.")
    if list(build.parts) == ["train"]:
        say("Everything is in train: splits.csv sets no article aside, so nothing is held out.")
    if build.withheld:
        say(f"Left out, no licence to publish: {', '.join(build.withheld)}.")
    parts = ", ".join(f"{part} {len(rows)}" for part, rows in build.parts.items())
    say(f"{options.out}: {count(len(build.rows), 'sentence')} ({parts}), rows {build.digest[:19]}.")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--out", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    add(
        "--publishable",
        action="store_true",
        help="only articles with an open licence; use it before push_to_hub",
    )
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main)
