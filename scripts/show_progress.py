"""How far each annotator is, and whether they still code as agreed: hidden gold, coded again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from corpus.cli import corpus_parser, count, run, say
from corpus.folder import read_corpus
from corpus.progress import Checked, Progress, Week, progress

EXAMPLES = """\
  python scripts/show_progress.py --corpus seeds
  python scripts/show_progress.py --format json

`gold`: agreement on hidden items with a known label and on training; `self`: on hidden items that
the same annotator coded before under the same codebook. Run `make sync` first."""

HEADER = (
    f"{'annotator':<14}{'week':<10}{'done':>6}{'missing':>9}{'skipped':>9}{'hours':>7}{'left':>7}"
)


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    command.add_argument("--format", choices=("text", "json"), default="text")
    options = command.parse_args(arguments)
    found = progress(read_corpus(options.corpus))
    if options.format == "json":
        json.dump([asdict(person) for person in found], sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print("\n".join(table(found)))
    warnings = [f"{person.annotator} {text}" for person in found for text in person.warnings]
    for warning in warnings:
        say(f"Warning: {warning}.")
    done, asked = sum(person.done for person in found), sum(person.asked for person in found)
    say(
        f"{count(len(found), 'annotator')}: {done:,} of {asked:,} tasks done, "
        f"{count(len(warnings), 'warning')}."
    )
    return 0


def table(people: Iterable[Progress]) -> list[str]:
    """A line a person and, below, one a week with its checks and the reasons for skipping."""
    lines = [f"{HEADER}  {'gold':>12}  {'self':>12}"]
    for person in people:
        left = "-" if person.hours_left is None else f"{person.hours_left:.1f}"
        lines.append(
            f"{person.annotator:<14}{'all':<10}{person.done:>6}{person.missing:>9}"
            f"{person.skipped:>9}{person.hours:>7.1f}{left:>7}"
            f"  {checked(person.gold):>12}  {checked(person.oneself):>12}"
        )
        lines += [week_line(week) for week in person.weeks]
        lines += [f"{'':<14}skipped {n} x: {why}" for why, n in person.skip_reasons.items()]
    return lines


def week_line(week: Week) -> str:
    return (
        f"{'':<14}{week.week:<10}{week.done:>6}{'':>9}{week.skipped:>9}{week.hours:>7.1f}{'':>7}"
        f"  {checked(week.gold):>12}  {checked(week.oneself):>12}"
    )


def checked(found: Checked) -> str:
    """A share with its numbers."""
    return f"{found.share:.2f} {found.agree}/{found.n}" if found.n else "-"


if __name__ == "__main__":
    run(main)
