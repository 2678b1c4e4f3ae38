"""How varied are the written reports? Near-duplicate sentences, openings, shared phrases."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cli import corpus_parser, count, run, say
from corpus.folder import read_corpus
from corpus.variety import variety

EXAMPLES = """\
  python scripts/measure_variety.py --corpus seeds --synthetic"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    command.add_argument("--synthetic", action="store_true", help="only reports written for it")
    command.add_argument("--top", type=int, default=10, metavar="N", help="lines a list")
    options = command.parse_args(arguments)
    corpus = read_corpus(options.corpus)
    found = variety(
        sentence
        for sentence in corpus.sentences.values()
        if not options.synthetic or corpus.articles[sentence.article_id].synthetic
    )
    for first, second in found.near_duplicates:
        print(f"near-duplicate: {first} ~ {second}")
    for opening, number in list(found.openings.items())[: options.top]:
        print(f"opening {number:>4} x  {opening}")
    for phrase, number in list(found.phrases.items())[: options.top]:
        print(f"phrase in {number:>3} reports: {phrase}")
    say(
        f"{count(found.sentences, 'sentence')} of {count(found.articles, 'article')}, median "
        f"{found.median_words:g} words: "
        f"{count(len(found.near_duplicates), 'near-duplicate pair')}, "
        f"{count(len(found.phrases), 'four-word phrase')} in more than three reports."
    )
    return 0


if __name__ == "__main__":
    run(main)
