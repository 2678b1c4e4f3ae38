"""Train a model on a built dataset: cross-validate by process, then fit on everything in train."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.cli import above_zero, count, parser, progress_bar, run, say, share
from corpus.cues import guess_by_cues
from corpus.dataset import read_dataset, row_groups
from corpus.files import replaced_directory
from corpus.findings import CorpusError
from model.bundle import save
from model.cross_validation import cross_validate
from model.errors import ModelError
from model.evaluation import beside_annotators
from model.examples import Example
from model.labels import LabelSet
from model.other_splits import split_gap
from model.risk_coverage import WANTED
from model.scores import Resampling
from model.settings import Settings
from model.training import train

EXAMPLES = """\
  python scripts/train_model.py --dataset build/dataset --out build/model
  python scripts/train_model.py --precision 0.8
  python scripts/train_model.py --together outlet"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    data = read_dataset(options.dataset)
    if "train" not in data.parts:
        raise CorpusError(f"{options.dataset}: no sentence is in train; there is nothing to learn.")
    rows = data.parts["train"]
    labels = LabelSet.of_dataset(data.names, data.codebook)
    examples = [Example.of_row(row) for row in rows]
    stance = [row["stance"] for row in rows]
    topics = [row["topics"] for row in rows]
    settings = Settings(c=options.c)
    groups, articles = (
        row_groups(rows, together=options.together),
        [row["article_id"] for row in rows],
    )
    keywords = (
        guess_by_cues([row["text"] for row in rows], data.cues, labels.neutral)
        if data.cues
        else None
    )
    with progress_bar("cross-validation") as progress:
        found = cross_validate(
            examples,
            stance,
            topics,
            groups=groups,
            articles=articles,
            labels=labels,
            settings=settings,
            keywords=keywords,
            precision=options.precision,
            progress=progress,
        )
    votes = [[vote["stance"] for vote in row["votes"]] for row in rows]
    evaluation = beside_annotators(found.evaluation, votes, labels)
    if found.out_of_fold:
        gap = split_gap(
            found.out_of_fold,
            examples,
            stance,
            groups=groups,
            articles=articles,
            dates=[row["event_date"] or "" for row in rows],
            labels=labels,
            settings=settings,
            keywords=keywords,
            resampling=Resampling(evaluation.n_resamples, evaluation.seed),
        )
        evaluation = replace(evaluation, split_gap=gap)
    model = train(examples, stance, topics, labels=labels, settings=settings)
    annotators = sorted({vote["annotator"] for row in rows for vote in row["votes"]})
    with replaced_directory(options.out, mark="bundle.json") as folder:
        manifest = save(
            folder,
            model,
            evaluation,
            n_articles=len({row["article_id"] for row in rows}),
            dataset_digest=data.digest,
            annotators=f"{', '.join(annotators)}. {data.statement}".strip(),
        )
    print(evaluation.describe())
    if model.untrained_stance:
        say(f"Untrained, no example: stance {', '.join(model.untrained_stance)}.")
    if model.untrained_topics:
        say(f"Untrained topics: {', '.join(model.untrained_topics)}.")
    say(f"{options.out}: trained on {count(len(rows), 'sentence')}, model {manifest.digest[:12]}.")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--dataset", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    add("--out", type=Path, default=Path("build/model"), help="default: build/model")
    add(
        "--c",
        type=above_zero(float),
        default=Settings().c,
        metavar="C",
        help="inverse regularization strength",
    )
    add(
        "--precision",
        type=share,
        default=WANTED,
        metavar="P",
        help="answer only from the stance probability on that keeps this precision; "
        f"0 always answers (default: {WANTED})",
    )
    add(
        "--together",
        nargs="+",
        choices=("outlet", "language", "event_date"),
        default=(),
        metavar="COLUMN",
        help="also hold out together what has one value here: outlet, language or event_date",
    )
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
