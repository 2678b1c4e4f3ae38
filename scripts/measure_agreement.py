"""Inter-annotator agreement: nominal Krippendorff's alpha per layer, value and pair."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.agreement import agreement_table
from corpus.annotations import current
from corpus.cli import corpus_parser, count, run, say
from corpus.folder import read_corpus
from corpus.gold import gold_labels

EXAMPLES = """\
  python scripts/measure_agreement.py --corpus seeds"""


def main(arguments: Sequence[str]) -> int:
    command = corpus_parser(__doc__, EXAMPLES)
    corpus = read_corpus(command.parse_args(arguments).corpus)
    annotations = current(corpus.all_annotations)
    for line in agreement_table(annotations, corpus.codebook):
        print(line)
    gold = gold_labels(annotations, corpus.adjudications, corpus.codebook)
    for dispute in gold.disputes:
        answers = ", ".join(f"{who}: {label}" for who, label in dispute.answers)
        print(f"disputed {dispute.sentence_id} {dispute.layer}: {answers}")
    done = sum(annotation.status == "done" for annotation in annotations)
    sentences = len({annotation.sentence_id for annotation in annotations})
    say(
        f"{count(done, 'annotation')} of {count(sentences, 'sentence')}; "
        f"{len(gold.labels)} with a gold stance, {count(len(gold.disputes), 'open dispute')}."
    )
    return 0


if __name__ == "__main__":
    run(main)
