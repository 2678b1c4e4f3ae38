"""Score the reported model on the held-out test part, once, log it, and make a page of it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from corpus.cli import corpus_parser, run, say
from corpus.codebook import read_codebook
from corpus.cues import guess_by_cues
from corpus.dataset import Data, read_dataset, rows_digest
from corpus.evaluation_log import FORMAT, LOG, log_reading, reading_of
from corpus.files import read_text, write_text
from corpus.findings import CorpusError
from corpus.jsonl import parse_object
from corpus.leaks import shared_between
from corpus.slices import slices_by
from model.bundle import REPORT, Bundle, load, verify
from model.errors import ModelError
from model.evaluation import beside_annotators
from model.examples import Example
from model.page import page
from model.part import evaluate_part
from model.report import Evaluation

EXAMPLES = """\
  python scripts/evaluate_model.py --corpus seeds --dataset build/dataset --model build/model

Every reading of the test part is a line of CORPUS/EVALUATIONS.jsonl: commit it. The same model on
the same dataset is read once; after that the recorded scores are printed."""

# Acts on which careful coders differ most; a corpus whose codebook lacks them leaves nothing out.
DISPUTED_ACTS = ("accuse", "refuse_new_terms")


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    data = read_dataset(options.dataset)
    model = load(options.model)
    check_parts(data, options.dataset)
    acts = chosen_acts(options.without_acts, data)
    check_same(data, model, options)
    log = options.corpus / LOG
    record = reading_of(options.corpus, dataset=data.digest, model=model.digest)
    if record is None:
        verify(options.model)
        record = {
            "format": FORMAT,
            "date": options.date.isoformat(),
            "codebook": model.manifest.labels.codebook,
            "dataset": data.digest,
            "model": model.digest,
            "parts": {part: len(rows) for part, rows in data.parts.items()},
            "test": rows_digest({"test": data.parts["test"]}),
            **without_format(evaluated(data, model, acts)),
        }
        log_reading(options.corpus, record)  # before anybody sees a score
        say(f"{log}: logged. Commit it with the change that it measures.")
    else:
        say(f"{log}: this model was evaluated on this dataset on {record['date']}; nothing logged.")
    evaluation = evaluation_of(record, log)
    report = {**record, **evaluation.to_dict(), **beside(data, model, options)}
    html = options.out.with_suffix(".html")
    write_text(options.out, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    write_text(html, page(report))
    print(evaluation.describe())
    held_out = ", ".join(f"{name} ({n})" for name, n in evaluation.held_out.items())
    print(f"  Held out, never in training: {held_out}.")
    if options.slices:
        print(evaluation.describe_slices())
    say(f"{options.out}: dataset {data.digest[7:19]}, model {model.digest[:12]}.")
    say(f"{html}: open it in a browser.")
    return 0


def evaluated(data: Data, model: Bundle, acts: Sequence[str]) -> Evaluation:
    """The scores of the model on the test part, also without the sentences that have these acts."""
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
        slices=slices_by(rows, data.names),
        without={f"act {', '.join(acts)}": [row["act"] in acts for row in rows]} if acts else {},
    )
    votes = [[vote["stance"] for vote in row["votes"]] for row in rows]
    return beside_annotators(evaluation, votes, labels)


def chosen_acts(given: Sequence[str] | None, data: Data) -> list[str]:
    """The acts to score without: those given, or the disputed ones that the codebook has."""
    known = data.names["act"]
    if unknown := [act for act in given or () if act not in known]:
        raise CorpusError(
            f"--without-acts {' '.join(unknown)}: no act of the codebook "
            f"({', '.join(known) or 'it has none'}). Name some of these."
        )
    return [act for act in DISPUTED_ACTS if act in known] if given is None else list(given)


def beside(data: Data, model: Bundle, options: argparse.Namespace) -> dict[str, Any]:
    """What stands beside the scores on the page; None for what nobody measured on this dataset."""
    training = parse_object(read_text(options.model / REPORT), str(options.model / REPORT))
    return {
        "labelled_by": model.manifest.training.annotators,
        "cross_validation": training if training["is_scored"] else None,
        "audit": measured_on(data, options.audit),
        "curve": measured_on(data, options.curve),
    }


def measured_on(data: Data, path: Path) -> dict[str, Any] | None:
    """What the file says of this dataset; None without the file, and for another dataset."""
    found = parse_object(read_text(path), str(path)) if path.exists() else {}
    return found if found.get("dataset") == data.digest else None


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
    add("--slices", action="store_true", help="also print the scores of each slice")
    add(
        "--without-acts",
        nargs="*",
        metavar="ACT",
        help="at the first reading, also score without the sentences of these acts; default: "
        f"{' '.join(DISPUTED_ACTS)}, as far as the codebook has them",
    )
    audit, curve = Path("build/audit/report.json"), Path("build/curve/report.json")
    add("--audit", type=Path, default=audit, help=f"for the page, if it exists; default: {audit}")
    add("--curve", type=Path, default=curve, help=f"for the page, if it exists; default: {curve}")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
