"""Split the articles that have no sentence file yet, and freeze the result."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.articles import read_articles
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.sentences import freeze_sentences, read_sentences

EXAMPLES = """\
  python scripts/split_sentences.py --corpus seeds"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    corpus = command.parse_args(arguments).corpus
    articles = read_articles(corpus)
    made = freeze_sentences(corpus, articles)
    for name, number in made.items():
        print(f"{name}: {count(number, 'sentence')}")
    total = len(read_sentences(corpus, articles))
    say(
        f"Split {count(len(made), 'new article')}; {corpus} has {count(len(articles), 'article')} "
        f"and {count(total, 'sentence')}. Next: "
        + make_command("batch", corpus, NAME="b001", ANNOTATORS="'ann-a ann-b'")
    )
    return 0


if __name__ == "__main__":
    run(main)
