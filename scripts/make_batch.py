"""Freeze a batch: the sentences that annotators will be shown next.

Takes every sentence that no batch holds yet, or those of the articles named.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from corpus.batches import KINDS, BatchItem, write_batch
from corpus.cli import above_zero, corpus_parser, count, make_command, run, say
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.records import RecordError

EXAMPLES = """\
  python scripts/make_batch.py b002 --annotators ann-a ann-b --kind pilot"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    unknown = [name for name in options.articles if name not in corpus.articles]
    if unknown:
        raise CorpusError(f"no such article in {options.corpus}: {', '.join(unknown)}.")
    taken = {item.sentence_id for items in corpus.batches.values() for item in items}
    chosen = [
        sentence.id
        for sentence in corpus.sentences.values()
        if sentence.article_id in options.articles
        or (not options.articles and sentence.id not in taken)
    ][: options.size]
    if not chosen:
        raise CorpusError(
            f"{options.corpus}: every sentence is in a batch already. Add an article "
            "(`make article`), or name those to annotate again: ARTICLES=id (--articles id)."
        )
    try:
        items = [
            BatchItem(sentence_id, tuple(options.annotators), kind=options.kind)
            for sentence_id in chosen
        ]
    except RecordError as error:
        raise CorpusError(f"{error}.") from None
    path = write_batch(options.corpus, options.name, items)
    asked = ", ".join(options.annotators)
    following = make_command("label-studio", options.corpus)
    say(f"{path}: {count(len(items), 'sentence')} for {asked}. Next: {following}")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("name", help="the new batch's name, such as b002")
    add("--annotators", nargs="+", required=True, metavar="PSEUDONYM", help="who is asked")
    add("--articles", nargs="*", default=[], metavar="ID", help="only sentences of these")
    add("--size", type=above_zero(int), metavar="N", help="at most N sentences (default: all)")
    add("--kind", choices=KINDS, default="production")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main)
