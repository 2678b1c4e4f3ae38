"""List the labels that look wrong, the worst first, and make a review batch of them.

Nothing is dropped or changed: annotators look again, and what they say counts as always.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.batches import write_batch
from corpus.cli import above_zero, corpus_parser, count, make_command, progress_bar, run, say
from corpus.dataset import Row, read_dataset, row_groups
from corpus.findings import CorpusError
from corpus.folder import Corpus, read_corpus
from corpus.jsonl import dump_line
from corpus.records import RecordError
from corpus.rounds import DEFAULTS, Plan, plan_items
from model.cross_validation import cross_validate
from model.errors import ModelError
from model.examples import Example
from model.label_errors import Suspect, stance_suspects, topic_suspects
from model.labels import LabelSet

EXAMPLES = """\
  python scripts/find_label_errors.py --size 30
  python scripts/find_label_errors.py --topic humanitarian_aid --format json
  python scripts/find_label_errors.py --size 50 --batch check1 --annotators ann-c

Reads the train part only: each sentence is judged by a model that learned from other processes. A
hard sentence looks like a wrong label, so most labels of the list are right. What a review batch
holds already is left out. Name annotators who did not give these labels themselves."""

FORMAT = 1


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    data = read_dataset(options.dataset)
    if "train" not in data.parts:
        raise CorpusError(f"{options.dataset}: no sentence is in train; there is nothing to check.")
    rows = data.parts["train"]
    corpus = read_corpus(options.corpus)
    check_same(corpus, rows, options)
    suspects = suspected(rows, LabelSet.of_dataset(data.names, data.codebook), options.topic)
    reviewed = {
        item.sentence_id
        for items in corpus.batches.values()
        for item in items
        if item.kind == "review"
    }
    left = [one for one in suspects if rows[one.row]["id"] not in reviewed]
    worst = left[: options.size]
    for rank, one in enumerate(worst, start=1):
        record = record_of(rank, one, rows[one.row])
        print(dump_line(record) if options.format == "json" else described(record), end="")
    say(
        f"{count(len(rows), 'sentence')}, {count(len(suspects), 'label')} that the models do not "
        f"expect, {len(suspects) - len(left)} of them in a review batch; the worst {len(worst)}."
    )
    if options.batch and worst:
        make_review(corpus, [rows[one.row] for one in worst], options)
    return 0


def suspected(rows: Sequence[Row], labels: LabelSet, topic: str | None) -> list[Suspect]:
    """The suspects among the stances, or of one topic."""
    if topic is not None and topic not in labels.topics:
        known = ", ".join(labels.topics) or "none"
        raise CorpusError(f'"{topic}" is not a topic of {labels.codebook} ({known}).')
    with progress_bar("cross-validation") as progress:
        found = cross_validate(
            [Example.of_row(row) for row in rows],
            [row["stance"] for row in rows],
            [topic_of(row["topics"], topic) for row in rows],
            groups=row_groups(rows),
            articles=[row["article_id"] for row in rows],
            labels=replace(labels, topics=(topic,) if topic else ()),
            progress=progress,
        )
    if found.out_of_fold is None:
        raise CorpusError(found.evaluation.why_not)
    if topic is not None:
        return topic_suspects(found.out_of_fold, 0, topic)
    calibration = found.evaluation.calibration
    temperature = calibration.temperature if calibration else 1.0
    return stance_suspects(found.out_of_fold, labels.stance, temperature=temperature)


def topic_of(topics: Collection[str] | None, topic: str | None) -> list[str] | None:
    return None if topics is None else [name for name in topics if name == topic]


def record_of(rank: int, suspect: Suspect, row: Row) -> dict[str, Any]:
    """What is known of a suspect, for one line of JSON."""
    return {
        "format": FORMAT,
        "rank": rank,
        "id": row["id"],
        "article_id": row["article_id"],
        "given": suspect.given,
        "given_probability": round(suspect.given_probability, 6),
        "expected": suspect.expected,
        "expected_probability": round(suspect.expected_probability, 6),
        "how": row["how"],
        "votes": {vote["annotator"]: vote["stance"] for vote in row["votes"]},
        "text": row["text"],
    }


def described(record: dict[str, Any]) -> str:
    """A suspect for people, on two lines."""
    votes = ", ".join(f"{name} {stance}" for name, stance in record["votes"].items())
    return (
        f"{record['rank']:>4}  {record['given']} {record['given_probability']:.0%}, expected "
        f"{record['expected']} {record['expected_probability']:.0%}; {record['how']} ({votes}); "
        f"{record['id']}\n      {' '.join(record['text'].split())}\n"
    )


def make_review(corpus: Corpus, rows: Sequence[Row], options: argparse.Namespace) -> None:
    """Freeze the review batch, and say where nobody new looks."""
    plan = Plan(
        "review",
        options.annotators,
        sentences={row["id"] for row in rows},
        **DEFAULTS["review"],
    )
    try:
        path = write_batch(options.corpus, options.batch, plan_items(corpus, plan))
    except RecordError as error:
        raise CorpusError(f"{error}.") from None
    asked = set(options.annotators)
    again = sum(asked <= {vote["annotator"] for vote in row["votes"]} for row in rows)
    if again:
        say(
            f"{again} of these are asked only of people who gave the label themselves, and may say "
            "the same again. Better ask somebody else too: another NAME, other ANNOTATORS."
        )
    following = make_command("label-studio", options.corpus)
    say(f"{path}: {count(len(rows), 'sentence')} to review. Next: {following}")


def check_same(corpus: Corpus, rows: Sequence[Row], options: argparse.Namespace) -> None:
    """Return when every sentence of the dataset is one of the corpus."""
    missing = next((row["id"] for row in rows if row["id"] not in corpus.sentences), None)
    if missing:
        raise CorpusError(
            f"{options.dataset} has the sentence {missing}, {options.corpus} does not. Name the "
            "corpus that it was built from (--corpus), or build it again: make dataset"
        )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--dataset", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    add("--size", type=above_zero(int), default=30, metavar="N", help="the worst N; default: 30")
    add("--topic", metavar="NAME", help="check who has this topic; default: check the stance")
    add("--format", choices=("table", "json"), default="table", help="json: JSON Lines")
    add("--batch", metavar="NAME", help="make a review batch of them under this name")
    add("--annotators", nargs="+", metavar="PSEUDONYM", help="who is asked, with --batch")
    options = command.parse_args(arguments)
    if bool(options.batch) != bool(options.annotators):
        command.error("--batch and --annotators go together")
    return options


if __name__ == "__main__":
    run(main, ModelError)
