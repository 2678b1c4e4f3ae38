"""Print a corpus's codebook as a Markdown page: target, label tables, rules."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cli import corpus_parser, run
from corpus.codebook import codebook_page, read_codebook

EXAMPLES = """\
  python scripts/describe_codebook.py > docs/codebook.md"""


def main(arguments: Sequence[str]) -> int:
    options = corpus_parser(__doc__, EXAMPLES).parse_args(arguments)
    print(codebook_page(read_codebook(options.corpus)), end="")
    return 0


if __name__ == "__main__":
    run(main)
