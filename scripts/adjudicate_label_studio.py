"""Bring disputed sentences to an adjudicator in Label Studio, and the decisions back.

The votes are shown without names, in random order, with the rules that they cite. Cases that the
adjudicator has coded are left out, and so are reliability batches that are not finished.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from corpus.cli import corpus_parser, count, make_command, progress_bar, run, say
from corpus.files import one_at_a_time
from corpus.folder import read_corpus
from corpus.label_studio import client, projects, server
from corpus.label_studio.adjudication import adjudicate
from corpus.records import PSEUDONYM

EXAMPLES = """\
  python scripts/adjudicate_label_studio.py --adjudicator adj-a
  python scripts/adjudicate_label_studio.py --adjudicator adj-a --corpus strikes

Run it once to send the cases and again, as often as you like, to fetch decisions."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    with (
        one_at_a_time(options.corpus),
        client.connect(*server.address(options.url, options.data)) as connection,
        progress_bar("adjudication") as progress,
    ):
        corpus = read_corpus(options.corpus)
        done = adjudicate(connection, corpus, options.adjudicator, progress)
        project = done.sent.project
        link = projects.project_link(connection, project) if project else "No project was made"
    for finding in done.findings:
        say(str(finding))
    kept_back = [
        f"{count(number, 'dispute')} {why}"
        for number, why in (
            (done.docket.own, f"coded by {options.adjudicator} and left to others"),
            (done.docket.locked, "in a reliability batch that is not finished"),
        )
        if number
    ]
    for line in kept_back:
        say(f"Left out: {line}.")
    decided = {item.sentence_id for item in done.new}
    open_cases = sum(case.is_open and case.sentence.id not in decided for case in done.docket.cases)
    print(f"{link}: {done.sent.diff}")
    again = make_command(
        "adjudicate",
        options.corpus,
        ADJUDICATOR=options.adjudicator,
        **server.make_variables(options.data),
    )
    following = make_command("dataset", options.corpus) if not open_cases else f"decide, {again}"
    print(f"{count(open_cases, 'case')}, {count(len(done.new), 'new decision')}. Next: {following}")
    return 1 if any(finding.severity == "error" for finding in done.findings) else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--adjudicator", required=True, type=pseudonym, help="who decides, as records name them")
    server.add_options(command)
    return command.parse_args(arguments)


def pseudonym(text: str) -> str:
    """A name that records may hold."""
    if not PSEUDONYM.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be lower-case letters, digits and hyphens, never a person's name"
        )
    return text


if __name__ == "__main__":
    run(main)
