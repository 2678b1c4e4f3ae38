"""Inter-annotator agreement with intervals, who did what, what is confused, what is disputed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from corpus.agreement import Estimate
from corpus.annotations import current
from corpus.checks import check_corpus
from corpus.cli import corpus_parser, count, run, say
from corpus.files import read_text
from corpus.findings import CorpusError, raise_errors
from corpus.folder import read_corpus
from corpus.gold import gold_labels
from corpus.jsonl import parse_object
from corpus.reliability import reliability
from corpus.reliability_formats import as_csv, as_json, as_latex, as_text
from model.report import NAMES

EXAMPLES = """\
  python scripts/measure_agreement.py --corpus seeds
  python scripts/measure_agreement.py --format latex > agreement.tex
  python scripts/measure_agreement.py --model-report build/model/report.json"""

FIGURES = ("value", "low", "high")


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    raise_errors(check_corpus(corpus))
    model = read_scores(options.model_report) if options.model_report else {}
    report = reliability(corpus)
    annotations = current(corpus.votes)
    gold = gold_labels(annotations, corpus.adjudications, corpus.codebook)
    if options.format == "json":
        text = as_json(report, gold.disputes, model)
    elif options.format == "csv":
        text = as_csv(report, model)
    elif options.format == "latex":
        text = as_latex(report, model)
    else:
        text = as_text(report, gold.disputes, model)
    print(text, end="")
    done = sum(annotation.status == "done" for annotation in annotations)
    sentences = len({annotation.sentence_id for annotation in annotations})
    say(
        f"{count(done, 'annotation')} of {count(sentences, 'sentence')}; "
        f"{len(gold.labels)} with a gold stance, {count(len(gold.disputes), 'open dispute')}."
    )
    return 0


def read_scores(path: Path) -> dict[str, Estimate]:
    """The cross-validated F1 of a model's report by name, and of each stance; none if unscored."""
    report = parse_object(read_text(path), str(path))
    none = float("nan")
    try:
        scores = {
            NAMES[name]: Estimate(*(none if score[key] is None else score[key] for key in FIGURES))
            for name, score in report["scores"].items()
            if name.endswith("f1") and score["value"] is not None
        }
        classes = {
            f"F1 of {name}": Estimate(score["f1"], none, none, score["note"])
            for name, score in report["stance"].items()
            if score["f1"] is not None
        }
    except (KeyError, TypeError, AttributeError):
        raise CorpusError(f"{path}: not a model's report. Train one: make train") from None
    if not scores:
        why = report.get("why_not") or "no label has enough held-out examples."
        say(f"{path}: no scores: {why}")
    return scores | classes


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--format", choices=("text", "json", "csv", "latex"), default="text", help="default: text")
    add(
        "--model-report",
        type=Path,
        metavar="FILE",
        help="report.json of a trained model, to stand beside the annotators' F1",
    )
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main)
