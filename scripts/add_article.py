"""Add articles to a corpus folder: cleans the text, writes the metadata file beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from corpus.articles import add_article, article_id, clean_text
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.files import decode_text, read_text
from corpus.findings import CorpusError
from corpus.records import Article, RecordError

EXAMPLES = """\
  python scripts/add_article.py report.txt --title "Talks resume" --process cairo-talks
  python scripts/add_article.py - --id talks-day-two < report.txt"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.id and len(options.files) > 1:
        raise CorpusError("--id names one article, but several files were given.")
    for name in options.files:
        if name == "-":
            text, stem = decode_text(sys.stdin.buffer.read(), "stdin"), options.id
            if not stem:
                raise CorpusError("an article from stdin needs a name: --id NAME.")
        else:
            text, stem = read_text(Path(name)), options.id or article_id(Path(name).name)
        try:
            article = Article(
                id=stem,
                text=clean_text(text),
                title=options.title,
                outlet=options.outlet,
                event_date=options.event_date,
                written_date=options.written_date,
                url=options.url,
                language=options.language,
                process=options.process,
                family=options.family,
                kind=options.kind,
                sources=tuple(options.sources),
                licence=options.licence,
                synthetic=options.synthetic,
                one_sentence_per_line=options.lines,
            )
        except RecordError as error:
            raise CorpusError(f"{name}: {error}.") from None
        add_article(options.corpus, article)
    say(f"Added {count(len(options.files), 'article')} to {options.corpus}.")
    say(f"Next: {make_command('sentences', options.corpus)}")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("files", nargs="+", metavar="FILE", help="plain text in UTF-8; - is stdin")
    add("--id", default="", help="the article's id (default: made of the file name)")
    add("--lines", action="store_true", help="the text has one sentence a line")
    add("--synthetic", action="store_true", help="written for a corpus, not published news")
    for name in ("title", "outlet", "url", "process", "family", "kind", "licence"):
        add(f"--{name}", default="")
    add("--language", default="en")
    add("--sources", nargs="*", default=[], help="public facts that a written report rests on")
    for name in ("event-date", "written-date"):
        add(f"--{name}", type=date.fromisoformat, metavar="YYYY-MM-DD")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main)
