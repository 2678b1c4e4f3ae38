"""Tell the annotators of a training batch how they did: where they differ from gold, and why."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.batches import read_batch
from corpus.cli import corpus_parser, count, run, say, share
from corpus.feedback import PASS_MARK, as_markdown, feedback
from corpus.findings import CorpusError
from corpus.folder import read_corpus

EXAMPLES = """\
  python scripts/give_feedback.py t1
  python scripts/give_feedback.py t1 --annotator ann-c > ann-c.md

Run `make sync` first. The pass mark counts for the last full block of 20 answers."""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("batch", help="a batch of kind training")
    add("--annotator", metavar="PSEUDONYM", help="only this one")
    add("--pass-mark", type=share, default=PASS_MARK, metavar="SHARE", help="default: 0.8")
    options = command.parse_args(arguments)
    corpus = read_corpus(options.corpus)
    read_batch(options.corpus, options.batch)
    found = feedback(corpus, options.batch)
    names = [one.annotator for one in found]
    if options.annotator and options.annotator not in names:
        asked = ", ".join(names)
        raise CorpusError(f"{options.batch} does not ask {options.annotator!r}; it asks {asked}.")
    chosen = [one for one in found if options.annotator in (None, one.annotator)]
    print("\n".join(as_markdown(one, options.pass_mark) for one in chosen), end="")
    passed = [one.annotator for one in chosen if one.has_passed(options.pass_mark)]
    say(f"{count(len(chosen), 'annotator')}; passed: {', '.join(passed) or 'nobody yet'}.")
    return 0


if __name__ == "__main__":
    run(main)
