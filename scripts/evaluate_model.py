"""Score the reported model on the held-out test part, once, and log that it was read."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from corpus.cli import corpus_parser, run, say
from corpus.codebook import read_codebook
from corpus.cues import guess_by_cues
from corpus.dataset import Data, Row, read_dataset
from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.jsonl import append_lines, read_lines
from model.bundle import Bundle, load, verify
from model.errors import ModelError
from model.evaluation import beside_annotators
from model.examples import Example
from model.part import evaluate_part
from model.report import Evaluation

EXAMPLES = """\
  python scripts/evaluate_model.py --corpus seeds --dataset build/dataset --model build/model

Every reading of the test part is a line of CORPUS/EVALUATIONS.jsonl: commit it. The same model on
the same dataset is read once; after that the recorded scores are printed."""

FORMAT = 1
LOG = "EVALUATIONS.jsonl"


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    data = read_dataset(options.dataset)
    model = load(options.model)
    check_parts(data, options.dataset)
    check_same(data, model, options)
    log = options.corpus / LOG
    record = recorded(log, data.digest, model.digest)
    if record is None:
        verify(options.model)
        record = {
            "format": FORMAT,
            "date": options.date.isoformat(),
            "codebook": model.manifest.labels.codebook,
            "dataset": data.digest,
            "model": model.digest,
            "parts": {part: len(rows) for part, rows in data.parts.items()},
            **without_format(evaluated(data, model)),
        }
        append_lines(log, [record])  # before anybody sees a score
        say(f"{log}: logged. Commit it with the change that it measures.")
    else:
        say(f"{log}: this model was evaluated on this dataset on {record['date']}; nothing logged.")
    write_text(options.out, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    evaluation = evaluation_of(record, log)
    print(evaluation.describe())
    held_out = ", ".join(f"{name} ({n})" for name, n in evaluation.held_out.items())
    print(f"  Held out, never in training: {held_out}.")
    say(f"{options.out}: dataset {data.digest[7:19]}, model {model.digest[:12]}.")
    return 0


def evaluated(data: Data, model: Bundle) -> Evaluation:
    """The scores of the model on the test part."""
    rows, labels = data.parts["test"], model.manifest.labels
    texts = [row["text"] for row in rows]
    evaluation = evaluate_part(
        model,
        [Example.of_row(row) for row in rows],
        [row["stance"] for row in rows],
        [row["topics"] for row in rows],
        articles=[row["article_id"] for row in rows],
        groups=[row["process"] or row["article_id"] for row in rows],
        keywords=guess_by_cues(texts, data.cues, labels.neutral) if data.cues else None,
    )
    votes = [[vote["stance"] for vote in row["votes"]] for row in rows]
    return beside_annotators(evaluation, votes, labels)


def check_parts(data: Data, folder: Path) -> None:
    """Return when there is a test part that shares nothing with another part."""
    for part in ("train", "test"):
        if part not in data.parts:
            raise CorpusError(
                f"{folder}: no sentence is in {part}, so nothing can be scored. Give articles a "
                "part (`make splits`), label them, then `make train`."
            )
    shared = list(shared_between(data.parts))
    if shared:
        raise CorpusError(
            "\n".join(f"{folder}: {one}." for one in shared)
            + "\nThe model would be scored on what it learned from. Move each to one part in "
            "splits.csv, then `make train`."
        )


def shared_between(parts: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Each article, near-duplicate cluster and process that lies in two parts or more."""
    for key, noun in (
        ("article_id", "article"),
        ("cluster", "near-duplicate cluster"),
        ("process", "process"),
    ):
        found: defaultdict[str, list[str]] = defaultdict(list)
        for part, rows in parts.items():
            for name in {row[key] for row in rows if row[key]}:
                found[name].append(part)
        for name, where in sorted(found.items()):
            if len(where) > 1:
                yield f'{noun} "{name}" is in {" and ".join(where)}'


def check_same(data: Data, model: Bundle, options: argparse.Namespace) -> None:
    """Return when the model was trained on exactly this train part, of this corpus."""
    training = model.manifest.training
    if training.dataset_digest != data.digest:
        raise CorpusError(
            f"{options.model} was trained on the dataset {training.dataset_digest}; "
            f"{options.dataset} is {data.digest}. Run `make train`, then `make evaluate`."
        )
    found = Counter(row["stance"] for row in data.parts["train"])
    if +Counter(training.stance_counts) != found:
        raise CorpusError(
            f"{options.model} was trained on {training.n_sentences} sentences, the train part has "
            f"{found.total()}: they are not the same. Run `make train`, then `make evaluate`."
        )
    name = read_codebook(options.corpus).name
    if name != data.codebook["name"]:
        raise CorpusError(
            f'{options.corpus} has the codebook "{name}", {options.dataset} was built with '
            f'"{data.codebook["name"]}". Name the corpus that it was built from: --corpus PATH'
        )


def recorded(log: Path, dataset: str, model: str) -> dict[str, Any] | None:
    """The line of the log about this dataset and model, or None."""
    for number, record in read_lines(log) if log.exists() else ():
        if record.get("format") != FORMAT:
            found = record.get("format")
            raise CorpusError(f"{log}:{number}: format is {found!r}, expected {FORMAT}.")
        if (record.get("dataset"), record.get("model")) == (dataset, model):
            return record
    return None


def evaluation_of(record: Mapping[str, Any], log: Path) -> Evaluation:
    try:
        return Evaluation.from_dict(record)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{log}: the line about model {record['model'][:12]} is damaged: {error}."
        raise CorpusError(f"{message} Restore it from the repository.") from None


def without_format(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as data, without its own format number: the record has one."""
    return {key: value for key, value in evaluation.to_dict().items() if key != "format"}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--dataset", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    add("--model", type=Path, default=Path("build/model"), help="default: build/model")
    report = Path("build/evaluation/report.json")
    add("--out", type=Path, default=report, help=f"the scores as JSON; default: {report}")
    add(
        "--date",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        metavar="DAY",
        help="the day to log, as 2026-01-31; default: today (UTC)",
    )
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
