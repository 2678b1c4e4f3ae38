"""Check that a corpus folder holds together; every finding has a code, a place and a way out."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.checks import check_corpus
from corpus.cli import corpus_parser, count, run, say
from corpus.folder import read_corpus

EXAMPLES = """\
  python scripts/check_corpus.py --corpus seeds"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    corpus = read_corpus(command.parse_args(arguments).corpus)
    findings = check_corpus(corpus)
    for finding in findings:
        print(finding)
    errors = sum(finding.severity == "error" for finding in findings)
    say(
        f"{corpus.path}: {count(len(corpus.articles), 'article')}, "
        f"{count(len(corpus.sentences), 'sentence')}, "
        f"{count(len(corpus.batches), 'batch', 'batches')}, "
        f"{count(len(corpus.all_annotations), 'annotation')}: {count(errors, 'error')}, "
        f"{count(len(findings) - errors, 'warning')}."
    )
    return 1 if errors else 0


if __name__ == "__main__":
    run(main)
