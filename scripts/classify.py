"""Classify news reports: stance and topics of every sentence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from corpus.cli import count, parser, run, say, share
from corpus.findings import CorpusError
from corpus.inputs import Source, read_sources, unique_id
from corpus.sentences import split_spans
from model.bundle import Bundle, load, verify
from model.errors import ModelError
from model.examples import Example
from model.prediction import predict
from model.rows import (
    Row,
    article_row,
    sentence_row,
    write_article_table,
    write_csv,
    write_jsonl,
    write_sentence_table,
)

EXAMPLES = """\
  python scripts/classify.py report.txt
  python scripts/classify.py reports.jsonl --text-field body --format csv > predictions.csv
  curl -s https://example.org/report.txt | python scripts/classify.py - --unit article

A file is plain text, JSON Lines (.jsonl) or CSV (.csv, .tsv). A text is split into sentences and
every sentence gets a row. With --unit article every text gets one row of counts and shares; with
--unit sentence every JSON Lines or CSV record is taken as one sentence and keeps its id.
Where the model is not sure enough, stance is empty (null) and abstained is true; the sentences that
it decides are not like the rest, so shares of an article count all of them (--abstain-below P)."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.verify:
        verify(options.model)
    bundle = with_threshold(load(options.model), options)
    problems: list[CorpusError] = []
    n_rows, n_abstained = write(classified(bundle, options, problems), bundle, options)
    if bundle.manifest.untrained_stance:
        untrained = ", ".join(bundle.manifest.untrained_stance)
        say(f"This model never answers {untrained}: no example in training.")
    if n_abstained:
        say(
            f"Abstained on {count(n_abstained, 'sentence')}: no stance had a probability of "
            f"{bundle.manifest.abstain_below:g}. The decided ones are not like the rest, so do not "
            "take their shares for shares of all: --never-abstain answers every sentence."
        )
    say(f"{count(n_rows, options.unit or 'sentence')}, model {bundle.digest[:12]}.")
    if problems:
        say(f"{count(len(problems), 'problem')}; everything else was classified.")
    return 1 if problems else 0


def with_threshold(bundle: Bundle, options: argparse.Namespace) -> Bundle:
    """The model with the threshold of the command line in place of its own, where one is given.

    Shares of an article are of all its sentences: the decided ones are not like the rest.
    """
    never = options.never_abstain or options.unit == "article"
    if options.abstain_below is None and not never:
        return bundle
    manifest = replace(bundle.manifest, abstain_below=options.abstain_below)
    return replace(bundle, manifest=manifest)


def classified(
    bundle: Bundle, options: argparse.Namespace, problems: list[CorpusError]
) -> Iterator[list[Row]]:
    """The rows of each text, as it is read; what cannot be read is said and collected.

    Two files of one name get different ids; the ids of records are theirs and stay.
    """
    taken: set[str] = set()
    for name in options.files:
        for source in read_sources(
            name, kind=options.input, text_field=options.text_field, id_field=options.id_field
        ):
            if isinstance(source, CorpusError):
                say(str(source))
                problems.append(source)
            else:
                if not source.is_record:
                    source = replace(source, id=unique_id(source.id, taken))
                yield rows_of(bundle, source, options)


def rows_of(bundle: Bundle, source: Source, options: argparse.Namespace) -> list[Row]:
    """One row a sentence; a record that is a sentence keeps its id."""
    is_sentence = source.is_record and options.unit == "sentence"
    if is_sentence:
        spans = [(0, len(source.text))]
    else:
        spans = split_spans(source.text, one_per_line=options.lines)
    texts = [source.text[start:end] for start, end in spans]
    around = zip(["", *texts[:-1]], texts, [*texts[1:], ""], strict=True)
    target = bundle.manifest.labels.target
    predictions = predict(
        bundle, (Example(text, before, after, target) for before, text, after in around)
    )
    return [
        sentence_row(
            prediction,
            id=source.id if is_sentence else f"{source.id}.{number:03d}",
            article_id=source.id,
            start=start,
            end=end,
            text=text,
            title=source.title,
            outlet=source.outlet,
            date=source.date,
            model=bundle.digest,
        )
        for number, ((start, end), text, prediction) in enumerate(
            zip(spans, texts, predictions, strict=True), start=1
        )
    ]


def write(
    texts: Iterator[list[Row]], bundle: Bundle, options: argparse.Namespace
) -> tuple[int, int]:
    """Write the rows to stdout as they come; how many, and on how many sentences it abstained."""
    n_rows = n_abstained = 0

    def rows() -> Iterator[Row]:
        nonlocal n_rows, n_abstained
        for text in texts:
            n_abstained += sum(row["abstained"] for row in text)
            for row in [article_row(text)] if options.unit == "article" else text:
                n_rows += 1
                yield row

    out = sys.stdout
    kind = options.format or ("table" if out.isatty() else "jsonl")
    if kind == "jsonl":
        write_jsonl(rows(), out)
    elif kind == "csv":
        write_csv(rows(), out)
    elif options.unit == "article":
        write_article_table(rows(), out)
    else:
        three_way = bundle.manifest.labels.three_way
        write_sentence_table(rows(), out, three_way=three_way, colour=out.isatty())
    return n_rows, n_abstained


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("files", nargs="+", metavar="FILE", help="text, JSON Lines or CSV in UTF-8; - is stdin")
    add("--model", type=Path, default=Path("build/model"), help="default: build/model")
    add("--format", choices=("table", "jsonl", "csv"), help="default: table, jsonl in a pipe")
    add("--unit", choices=("article", "sentence"), help="what a row is; see below")
    add("--input", choices=("text", "jsonl", "csv"), help="default: by the file's name")
    add("--text-field", default="text", metavar="NAME", help="where a record has its text")
    add("--id-field", default="id", metavar="NAME", help="where a record has its id")
    add("--lines", action="store_true", help="the texts have one sentence a line")
    threshold = command.add_mutually_exclusive_group()
    threshold.add_argument(
        "--abstain-below",
        type=share,
        metavar="P",
        help="no stance below this probability (default: the model's threshold)",
    )
    threshold.add_argument(
        "--never-abstain", action="store_true", help="a stance for every sentence"
    )
    add("--verify", action="store_true", help="first check the model's files in full")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
