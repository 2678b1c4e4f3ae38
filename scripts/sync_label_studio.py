"""Bring tasks to Label Studio and annotations back. Running it again changes nothing.

The server is the one of `make label-studio`, or the one that LABEL_STUDIO_URL names, with the token
in LABEL_STUDIO_API_KEY.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from corpus.batches import read_batch
from corpus.cli import corpus_parser, count, make_command, progress_bar, run, say
from corpus.files import one_at_a_time
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.label_studio import client, server, sync
from corpus.label_studio.failures import LostReplyError

EXAMPLES = """\
  python scripts/sync_label_studio.py --corpus seeds
  python scripts/sync_label_studio.py --corpus seeds --dry-run
  python scripts/sync_label_studio.py --batch b001 --url http://127.0.0.1:8080

For each project: tasks that are new, unchanged, changed (their data are not what the corpus says)
or orphaned (nobody asks for them), and the answers given since the last sync. Nothing is deleted on
the server, and no answer is lost: what differs from a stored one is a new line beside it."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--batch", help="only this batch (default: what is on the server or not labelled yet)")
    server.add_options(command)
    add("--dry-run", action="store_true", help="only say what would be done, on both sides")
    return command.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    options = parse(argv)
    with one_at_a_time(options.corpus):
        return sync_all(options)


def sync_all(options: argparse.Namespace) -> int:
    """The turn of each project, one after the other; what fails leaves the others alone."""
    corpus = read_corpus(options.corpus)
    if options.batch is not None:
        read_batch(options.corpus, options.batch)
    turn = sync.preview if options.dry_run else sync.sync
    sent, total, errors = 0, sync.NOTHING, 0
    with client.connect(*server.address(options.url, options.data)) as connection:
        named = sync.plans(corpus, [options.batch]) if options.batch is not None else None
        plans = sync.due(connection, corpus) if named is None else named
        for plan in plans:
            try:
                with progress_bar(plan.title) as progress:
                    done = turn(connection, corpus, plan, progress)
            except LostReplyError:
                raise
            except CorpusError as error:
                say(str(error))
                errors += 1
                continue
            print(f"{plan.title}: {done}", flush=True)
            for finding in done.findings:
                say(str(finding))
            sent += len(done.diff.new) + len(done.diff.changed)
            total += done.stored
            errors += sum(finding.severity == "error" for finding in done.findings)
    print(closing(options, len(plans), sent, total, errors))
    return 1 if errors else 0


def closing(
    options: argparse.Namespace, n_projects: int, sent: int, total: sync.Stored, errors: int
) -> str:
    """The last line: counts, and what to do next."""
    verb = "to send" if options.dry_run else "sent"
    counts = f"{count(n_projects, 'project')}, {count(sent, 'task')} {verb}; answers: {total}"
    batch = {"BATCH": options.batch} if options.batch is not None else {}
    again = make_command("sync", options.corpus, **batch, **server.make_variables(options.data))
    if errors:
        errors_said = count(errors, "error")
        return f"{counts}; {errors_said}. Next: correct them in Label Studio, then {again}"
    if options.dry_run:
        return f"{counts}. Nothing was changed. Next: {again}"
    if total.left_out:
        return f"{counts}. Next: correct what was left out, as said above, then {again}"
    labelled = total.new + total.changed + total.unchanged
    if labelled:
        return f"{counts}. Next: {make_command('corpus-check', options.corpus)}"
    return f"{counts}. Next: label in the browser, then {again}"


if __name__ == "__main__":
    run(main)
