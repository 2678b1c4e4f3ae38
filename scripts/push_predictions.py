"""Show annotators what the model answers: preselected in Label Studio, theirs to change.

Only in batches made with --show-predictions (never reliability). Tasks that are labelled keep what
was shown; open ones get the current model's answer, and older ones are taken away.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from corpus.batches import asks_of, read_batch
from corpus.cli import corpus_parser, count, make_command, progress_bar, run, say
from corpus.findings import CorpusError
from corpus.folder import Corpus, read_corpus
from corpus.label_studio import client, server, sync
from corpus.label_studio.predictions import Proposal, show_predictions
from corpus.sentences import neighbours
from model.bundle import Bundle, load
from model.errors import ModelError
from model.examples import Example
from model.prediction import predict

EXAMPLES = """\
  python scripts/push_predictions.py b002
  python scripts/push_predictions.py b002 --model build/model"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    read_batch(options.corpus, options.batch)
    if asks_of(corpus.batches[options.batch]) == "holders":
        raise CorpusError(
            f"batch {options.batch} asks for holders, and the model does not mark any: there is "
            "nothing to preselect."
        )
    if not any(item.show_predictions for item in corpus.batches[options.batch]):
        raise CorpusError(
            f"batch {options.batch} shows no predictions: that is frozen with it. `make batch` "
            "with ARGS=--show-predictions makes one that does."
        )
    bundle = load(options.model)
    require_codebook(bundle, corpus)
    proposals = propose(bundle, corpus, options.batch)
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


def require_codebook(bundle: Bundle, corpus: Corpus) -> None:
    """CorpusError when the model answers in another codebook's labels."""
    book, labels = corpus.codebook, bundle.manifest.labels
    if labels.codebook != f"{book.name} {book.version}":
        raise CorpusError(
            f"the model was trained with codebook {labels.codebook}, the corpus has {book.name} "
            f"{book.version}. Train again: {make_command('train', corpus.path)}"
        )


def propose(bundle: Bundle, corpus: Corpus, batch: str) -> dict[str, Proposal]:
    """Sentence id -> the model's answer; none where it abstains."""
    near = neighbours(corpus.sentences)
    names = [item.sentence_id for item in corpus.batches[batch]]
    examples = [
        Example(
            corpus.sentences[name].text,
            before=near[name][0],
            after=near[name][1],
            target=bundle.manifest.labels.target,
        )
        for name in names
    ]
    return {
        name: Proposal(found.stance, found.topics, found.stance_score)
        for name, found in zip(names, predict(bundle, examples), strict=True)
        if found.stance is not None
    }


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    command.add_argument("batch", help="a batch made with --show-predictions")
    command.add_argument("--model", type=Path, default=Path("build/model"))
    server.add_options(command)
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
