"""Bring answers to a new version of the codebook: rename, merge, and ask again where one has to.

First everything is looked at, on the server and in the corpus folder: a value that is in use and
was removed without a word is refused with counts, and nothing is changed anywhere. No answer is
ever deleted. Running it again changes nothing, and finishes what was stopped.
"""

from __future__ import annotations

import argparse
import shlex
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from corpus.annotation_changes import carry_out
from corpus.batches import new_batch_path, write_batch
from corpus.cli import corpus_parser, count, make_command, progress_bar, run, say
from corpus.files import one_at_a_time
from corpus.findings import CorpusError, Finding, raise_errors
from corpus.folder import Corpus, read_corpus
from corpus.label_studio import client, server
from corpus.label_studio.failures import LostReplyError
from corpus.label_studio.migration import Live, look, migrate_project
from corpus.migration import (
    Migration,
    contradictions,
    described,
    plan_migration,
    refusals,
    review_items,
    stored_uses,
)
from corpus.records import Annotation

EXAMPLES = """\
  python scripts/migrate_codebook.py --dry-run
  python scripts/migrate_codebook.py --batch r2
  python scripts/migrate_codebook.py --corpus strikes --offline

In codebook.toml, [[renames]] say what a value is called now (two with one new name are a merge),
and [[recode]] says whose answers need a person again. These become a review batch: --batch."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--batch", metavar="NAME", help="the new batch for answers that need a person again")
    add("--dry-run", action="store_true", help="only say what would be done, on both sides")
    add("--offline", action="store_true", help="the corpus folder alone, without any server")
    server.add_options(command)
    return command.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    options = parse(argv)
    with one_at_a_time(options.corpus):
        corpus = read_corpus(options.corpus)
        if options.offline:
            say(str(Finding("Label Studio", "W351", "not looked at, because of --offline.")))
            return migrate(options, corpus, None, [])
        with connect(options) as connection:
            live = look(connection, corpus)
            if not live:
                say(f"{connection.url}: no project of this corpus.")
            return migrate(options, corpus, connection, live)


def connect(options: argparse.Namespace) -> client.Connection:
    """The server; where there is none, the message says how to do without."""
    try:
        return client.connect(*server.address(options.url, options.data))
    except CorpusError as error:
        message = f"{error} With --offline only the corpus folder is looked at and migrated."
        raise CorpusError(message) from None


def migrate(
    options: argparse.Namespace,
    corpus: Corpus,
    connection: client.Connection | None,
    live: Sequence[Live],
) -> int:
    """Say what has to be done; then, unless something is in the way or it is a dry run, do it."""
    old, unknown = stored_uses(corpus)
    fresh: defaultdict[str, list[Annotation]] = defaultdict(list)
    for one in live:
        old, unknown = old + one.old, unknown + one.unknown
        for batch, answers in one.fresh.items():
            fresh[batch] += answers
    raise_errors([*refusals(corpus, unknown), *(found for one in live for found in one.findings)])
    plan = plan_migration(corpus, fresh)
    for line in described(corpus, plan, old):
        print(line)
    for finding in contradictions(corpus, plan):
        say(str(finding))
    if plan.waiting:
        require_batch(options, len(plan.waiting))
    errors = 0
    if not options.dry_run:
        carry_out(corpus, plan, datetime.now(UTC).date())
        if plan.waiting:
            items = review_items(corpus, plan.waiting)
            print(
                f"{write_batch(corpus.path, options.batch, items)}: {count(len(items), 'sentence')}"
            )
        for one in live:
            assert connection is not None
            errors += in_project(connection, corpus, one)
    print(closing(options, plan, live, errors))
    return 1 if errors else 0


def require_batch(options: argparse.Namespace, n_waiting: int) -> None:
    """A new batch must have a free name; a dry run may do without."""
    if options.batch is not None:
        new_batch_path(options.corpus, options.batch)
    elif options.dry_run:
        say("Name a new batch for the answers to be given again: ARGS='--batch NAME'.")
    else:
        place = str(options.corpus / "batches")
        message = (
            f"{count(n_waiting, 'answer')} have to be given again: name a new batch for them, "
            "ARGS='--batch NAME'. Nothing was changed."
        )
        raise CorpusError([Finding(place, "E344", message)])


def in_project(connection: client.Connection, corpus: Corpus, live: Live) -> int:
    """Bring one project to the codebook; the number of errors, which leave the others alone."""
    try:
        with progress_bar(live.plan.title) as progress:
            findings = migrate_project(connection, corpus, live, progress)
    except LostReplyError:
        raise
    except CorpusError as error:
        say(f"{live.plan.title}: {error}")
        return 1
    for finding in findings:
        say(str(finding))
    return len(findings)


def closing(options: argparse.Namespace, plan: Migration, live: Sequence[Live], errors: int) -> str:
    """The last line: counts, and what to do next."""
    lines = sum(map(len, plan.lines.values())) - plan.fresh
    counts = (
        f"{count(lines, 'answer')} and {count(len(plan.decisions), 'decision')} in today's names, "
        f"{count(plan.fresh, 'new answer')} fetched, {count(len(plan.waiting), 'answer')} to be "
        f"given again; {count(sum(one.n_named for one in live), 'label')} to rename in "
        f"{count(len(live), 'project')}"
    )
    flags = ["--offline"] if options.offline else []
    if options.batch is not None:
        flags += ["--batch", options.batch]
    if server.make_variables(options.data):
        flags += ["--data", str(options.data)]
    same = {"ARGS": shlex.quote(shlex.join(flags))} if flags else {}
    again = make_command("migrate", options.corpus, **same)
    if errors:
        return f"{counts}; {count(errors, 'error')}. Next: {again}"
    if options.dry_run:
        return f"{counts}. Nothing was changed. Next: {again}"
    following = "sync" if plan.waiting else "corpus-check"
    where = server.make_variables(options.data) if plan.waiting else {}
    return f"{counts}. Next: {make_command(following, options.corpus, **where)}"


if __name__ == "__main__":
    run(main)
