"""Can labelling start? Server, token, projects, disk: each line says ok, or what to do."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cli import corpus_parser, count, run, say
from corpus.folder import read_corpus
from corpus.label_studio import server
from corpus.label_studio.doctor import examine

EXAMPLES = """\
  python scripts/check_label_studio.py
  python scripts/check_label_studio.py --url https://labels.example.org"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    server.add_options(command)
    options = command.parse_args(arguments)
    todo = 0
    for check in examine(read_corpus(options.corpus), options.url, options.data):
        print(check, flush=True)
        todo += bool(check.todo) and check.is_needed
    say("Everything is ready." if not todo else f"{count(todo, 'thing')} to do.")
    return 1 if todo else 0


if __name__ == "__main__":
    run(main)
