"""Audit what a model makes of names: who is named must not decide the stance."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from corpus.actors import read_actors
from corpus.cli import above_zero, corpus_parser, count, progress_bar, run, say
from corpus.dataset import Row, read_dataset, row_groups
from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.mentions import Names, mentions_in, names_of
from model.audit import audit
from model.audit_variants import Mention, NamingSentence
from model.errors import ModelError
from model.labels import LabelSet

EXAMPLES = """\
  python scripts/audit_actors.py --corpus seeds --dataset build/dataset
  python scripts/audit_actors.py --sides state party --top 30

Reads the train part only: every answer is that of a model which did not learn the sentence's
process. The names are those of CORPUS/actors.toml."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    actors = read_actors(options.corpus)
    if not actors:
        raise CorpusError(
            f"{options.corpus / 'actors.toml'}: names no actor, so there is no name to mask or "
            "swap. List the actors that the reports name; docs/formats.md says how."
        )
    data = read_dataset(options.dataset)
    if "train" not in data.parts:
        raise CorpusError(f"{options.dataset}: no sentence is in train; there is nothing to audit.")
    rows = data.parts["train"]
    labels = LabelSet.of_dataset(data.names, data.codebook)
    sentences = naming_sentences(rows, names_of(actors.values()), known=actors)
    with progress_bar("audit") as progress:
        found = audit(
            sentences,
            {actor.id: actor.kind for actor in actors.values()},
            labels=labels,
            sides=tuple(options.sides),
            progress=progress,
        )
    found = replace(found, notes=(*found.notes, unnamed_holders(rows, sentences)))
    record = {"dataset": data.digest, **found.to_dict()}
    write_text(options.out, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    print(found.describe(options.top))
    say(f"{options.out}: {count(len(actors), 'actor')}, dataset {data.digest[7:19]}.")
    return 0


def naming_sentences(
    rows: Sequence[Row], names: Names, *, known: Iterable[str]
) -> list[NamingSentence]:
    """The rows with whom they name on their day; a holder who is in no list of actors is nobody."""
    ids = set(known)
    return [
        NamingSentence(
            id=row["id"],
            text=row["text"],
            stance=row["stance"],
            article=row["article_id"],
            group=group,
            mentions=tuple(
                Mention(mention.start, mention.end, mention.actor)
                for mention in mentions_in(row["text"], day_of(row), names)
            ),
            holders=tuple(sorted({h["actor"] for h in row["holders"]} & ids)),
        )
        for row, group in zip(rows, row_groups(rows), strict=True)
    ]


def day_of(row: Row) -> date | None:
    return date.fromisoformat(row["event_date"]) if row["event_date"] else None


def unnamed_holders(rows: Iterable[Row], sentences: Iterable[NamingSentence]) -> str:
    """How many marked holders stand under other words than a name, which no mask hides."""
    n = n_unnamed = 0
    for row, sentence in zip(rows, sentences, strict=True):
        for holder in row["holders"]:
            if holder["actor"] in sentence.holders and holder["start"] is not None:
                n += 1
                n_unnamed += not any(
                    mention.actor == holder["actor"]
                    and mention.start < holder["end"]
                    and holder["start"] < mention.end
                    for mention in sentence.mentions
                )
    return (
        f"of {count(n, 'holder')} marked with an actor, {n_unnamed:,} stand under other words than "
        'a name of actors.toml (a person, "the army"), which nothing here masks or swaps'
    )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--dataset", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    report = Path("build/audit/report.json")
    add("--out", type=Path, default=report, help=f"the audit as JSON; default: {report}")
    add(
        "--sides",
        nargs=2,
        default=("state", "non-state-armed-group"),
        metavar="KIND",
        help="two kinds of actors to compare; default: state non-state-armed-group",
    )
    add("--top", type=above_zero(int), default=10, metavar="N", help="rows of the long lists")
    options = command.parse_args(arguments)
    if len(set(options.sides)) < 2:
        command.error("--sides takes two different kinds")
    return options


if __name__ == "__main__":
    run(main, ModelError)
