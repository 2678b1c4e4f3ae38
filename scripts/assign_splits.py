"""Give every article without a part one: a process or near-duplicate cluster never straddles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corpus.articles import read_articles
from corpus.cli import corpus_parser, count, run, say
from corpus.findings import raise_errors
from corpus.splits import assign_parts, leaks, read_splits, write_splits

EXAMPLES = """\
  python scripts/assign_splits.py --corpus seeds"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    corpus = command.parse_args(arguments).corpus
    articles = read_articles(corpus)
    before = read_splits(corpus)
    parts = assign_parts(articles.values(), before)
    raise_errors(leaks(articles.values(), parts))
    write_splits(corpus, parts)
    shown = ", ".join(
        f"{part} {number}" for part, number in sorted(Counter(parts.values()).items())
    )
    say(f"{corpus}/splits.csv: {count(len(parts) - len(before), 'new article')}; now {shown}.")
    return 0


if __name__ == "__main__":
    run(main)
