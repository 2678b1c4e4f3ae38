"""Show annotators what the model answers: preselected in Label Studio, theirs to change.

Only in batches made with --show-predictions (never reliability). Tasks that are labelled keep what
was shown; open ones get the current model's answer, and older ones are taken away.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from corpus.batches import read_batch
from corpus.cli import corpus_parser, count, progress_bar, run, say
from corpus.folder import read_corpus
from corpus.label_studio import client, server, sync
from corpus.label_studio.predictions import (
    propose,
    require_codebook,
    require_showing,
    show_predictions,
)
from corpus.sentences import neighbours
from model.bundle import load
from model.errors import ModelError
from model.prediction import predict_between

EXAMPLES = """\
  python scripts/push_predictions.py b002
  python scripts/push_predictions.py b002 --model build/model"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    read_batch(options.corpus, options.batch)
    require_showing(corpus, options.batch)
    bundle = load(options.model)
    labels = bundle.manifest.labels
    require_codebook(corpus, labels.codebook, {"stance": labels.stance, "topics": labels.topics})
    sentences = [corpus.sentences[item.sentence_id] for item in corpus.batches[options.batch]]
    near = neighbours(corpus.sentences)
    proposals = propose(sentences, near, partial(predict_between, bundle))
    with client.connect(*server.address(options.url, options.data)) as connection:
        plans = sync.plans(corpus, [options.batch])
        for plan in plans:
            with progress_bar(plan.title) as progress:
                done = show_predictions(
                    connection, corpus, plan, proposals, bundle.digest, progress
                )
            print(f"{plan.title}: {done}", flush=True)
    say(f"{count(len(plans), 'project')}, model {bundle.digest[:12]}.")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    command.add_argument("batch", help="a batch made with --show-predictions")
    command.add_argument("--model", type=Path, default=Path("build/model"))
    server.add_options(command)
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
