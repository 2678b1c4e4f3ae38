"""Make an empty corpus folder, with the seeds' codebook and guidelines as a start to edit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.cli import make_command, parser, run, say
from corpus.folder import make_corpus

EXAMPLES = """\
  python scripts/new_corpus.py ~/strikes-2026"""


def main(arguments: Sequence[str]) -> int:
    command = parser(__doc__, EXAMPLES)
    command.add_argument("corpus", type=Path, metavar="FOLDER", help="the new folder")
    command.add_argument("--template", type=Path, default=Path("seeds"), help="default: seeds")
    options = command.parse_args(arguments)
    make_corpus(options.corpus, options.template)
    say(
        f"Made {options.corpus}. Edit its codebook.toml, then:\n"
        f"  {make_command('article', options.corpus, FILE='report.txt')}\n"
        f"  {make_command('sentences', options.corpus)}"
    )
    return 0


if __name__ == "__main__":
    run(main)
