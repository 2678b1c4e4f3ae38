"""Bring codings from elsewhere into a corpus: CSV, Excel, or another Label Studio project.

A mapping file (TOML) says what each column is and what each word becomes; --draft-mapping prints
one to start from. Everything is previewed; with an error nothing is stored.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from corpus.batches import BATCH_NAME
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.codings import read_codings
from corpus.codings_preview import preview
from corpus.files import one_at_a_time, read_text
from corpus.findings import CorpusError, Finding
from corpus.folder import read_corpus
from corpus.label_studio import client, server
from corpus.label_studio.annotations import Pulled, parse_export
from corpus.label_studio.foreign import read_project, read_tasks
from corpus.label_studio.sync import unstored
from corpus.mapping import Source, read_mapping
from corpus.mapping_draft import draft_mapping, guess_source
from corpus.placement import place
from corpus.sheets import Table, read_sheet
from corpus.staging import finish, is_unfinished, store

EXAMPLES = """\
  python scripts/import_codings.py codes.csv --draft-mapping > mapping.toml
  python scripts/import_codings.py codes.csv --mapping mapping.toml --batch old1 --dry-run
  python scripts/import_codings.py --project 12 --mapping mapping.toml --batch old2"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.draft_mapping:
        source = guess_source(options.file)
        table = read(options, source)
        print(draft_mapping(table, source, read_corpus(options.corpus).codebook), end="")
        return 0
    with one_at_a_time(options.corpus):
        return import_codings(options)


def import_codings(options: argparse.Namespace) -> int:
    """Preview and, unless that is all or there is an error, store."""
    if is_unfinished(options.corpus):
        if options.dry_run:
            raise CorpusError(
                f"{options.corpus}: an import was stopped before its end. Run one without "
                "--dry-run: it is finished first."
            )
        finish(options.corpus)
        say("An import that was stopped is finished now.")
    corpus, mapping = read_corpus(options.corpus), read_mapping(options.mapping)
    table = read(options, mapping.source)
    found = read_codings(table, mapping, corpus.codebook, str(options.mapping), day=options.date)
    placed = place(found, corpus, options.batch, table)
    for line in preview(table, mapping, found, placed, corpus):
        print(line)
    new = unstored(corpus, Pulled(len(table.rows), placed.annotations, ()), table.name)
    findings = [*found.findings, *placed.findings, *new.stored.findings, *exposed(options)]
    for finding in findings:
        say(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    counts = (
        f"{count(len(placed.articles), 'new article')}; answers: {new.stored.new} new, "
        f"{new.stored.changed} changed, {new.stored.unchanged} unchanged"
    )
    print()
    if errors:
        print(
            f"{count(errors, 'error')}; nothing was stored. Correct the file or {options.mapping}."
        )
        return 1
    if options.dry_run:
        print(f"{counts}. Nothing was stored. Next: the same command without --dry-run")
        return 0
    store(
        options.corpus,
        placed.articles,
        placed.unsplit,
        (options.batch, placed.items),
        new.lines,
    )
    print(f"{counts}. Next: {make_command('corpus-check', options.corpus)}")
    return 0


def read(options: argparse.Namespace, source: Source) -> Table:
    """The rows of the file or the project."""
    if options.project is not None:
        with client.connect(*server.address(options.url, options.data)) as connection:
            return read_project(connection, options.project)
    if source.kind == "label-studio":
        return read_tasks(
            parse_export(read_text(options.file), str(options.file)), str(options.file)
        )
    return read_sheet(options.file, source)


def exposed(options: argparse.Namespace) -> list[Finding]:
    """Files with names of coders that would be shared with the corpus."""
    inside = [
        path
        for path in (options.mapping, options.file)
        if path is not None and options.corpus.resolve() in path.resolve().parents
    ]
    message = "lies in the corpus folder: whoever gets the corpus gets the names in it. Move it."
    return [Finding(str(path), "W174", message) for path in inside]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("file", nargs="?", type=Path, help="a CSV file, an Excel sheet or a JSON export")
    add("--project", type=int, metavar="N", help="instead of a file: a project on the server")
    add("--mapping", type=Path, help="the mapping file (docs/bring-your-own.md)")
    add("--batch", metavar="NAME", help="the batch that the answers become, such as old1")
    add("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="when it was coded")
    add("--dry-run", action="store_true", help="preview only; nothing is stored")
    add("--draft-mapping", action="store_true", help="print a mapping file to edit")
    server.add_options(command)
    options = command.parse_args(arguments)
    if (options.file is None) == (options.project is None):
        command.error("expected a file, or --project N")
    if not options.draft_mapping and not (options.mapping and options.batch):
        command.error("--mapping and --batch are needed (or --draft-mapping to start)")
    if options.batch and not BATCH_NAME.fullmatch(options.batch):
        command.error("--batch: lower-case letters, digits and hyphens, such as old1")
    return options


if __name__ == "__main__":
    run(main)
