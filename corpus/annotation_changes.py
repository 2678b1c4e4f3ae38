"""Carrying out a migration in a corpus folder, and what ``ANNOTATION_CHANGES.md`` says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from corpus.annotations import append_adjudications, append_annotations
from corpus.cli import count
from corpus.codebook import Codebook
from corpus.files import read_text, write_text
from corpus.folder import Corpus
from corpus.migration import Migration
from corpus.records import Adjudication
from corpus.renamed import renamed_decision

HEADING = (
    "# Changes to annotations\n\nEvery change of a stored label that is not a new annotation.\n"
)


def carry_out(corpus: Corpus, plan: Migration, today: date) -> None:
    """Note the change, then append its lines. Stopped anywhere, doing it again completes it."""
    _note(corpus.path / "ANNOTATION_CHANGES.md", changes_line(corpus, plan), today)
    for batch, lines in plan.lines.items():
        append_annotations(corpus.path, batch, lines)
    append_adjudications(corpus.path, plan.decisions)


def changes_line(corpus: Corpus, plan: Migration) -> str:
    """What the page says when the plan is done, without the date; "" where nothing was renamed.

    Counted from all lines, those of an earlier run too: a run that was stopped and done again
    says what an undisturbed one says.
    """
    book = corpus.codebook
    by_batch = {
        batch: sum(
            item.renamed_in == book.version
            for item in [*corpus.annotations.get(batch, ()), *plan.lines.get(batch, ())]
        )
        for batch in sorted({*corpus.annotations, *plan.lines})
    }
    n_lines = sum(by_batch.values())
    n_decisions = sum(_renamed([*corpus.adjudications, *plan.decisions], book))
    if not n_lines and not n_decisions:
        return ""
    names = ", ".join(f"{item.layer} `{item.old}` is `{item.new}`" for item in book.renames)
    batches = ", ".join(f"{batch} {number:,}" for batch, number in by_batch.items() if number)
    return (
        f"names of codebook {book.version} ({names}): {count(n_lines, 'answer')}"
        f"{f' ({batches})' if batches else ''} and {count(n_decisions, 'decision')} superseded by "
        "the same in today's names; the older lines stay."
    )


def _renamed(decisions: Sequence[Adjudication], book: Codebook) -> Iterator[bool]:
    """For each decision whether it is the one before it in today's names."""
    before: dict[tuple[str, str], Adjudication] = {}
    for item in decisions:
        old = before.get((item.sentence_id, item.layer))
        yield old is not None and old != item and renamed_decision(old, book) == item
        before[item.sentence_id, item.layer] = item


def _note(path: Path, line: str, today: date) -> None:
    """Add a dated line, unless it stands there already."""
    text = read_text(path) if path.exists() else HEADING
    if line and f": {line}\n" not in text:
        gap = "" if "\n- " in text else "\n"
        write_text(path, f"{text.rstrip()}\n{gap}- {today.isoformat()}: {line}\n")
