"""Score a saved model on a labelled file that it never saw: how well it reads other news."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.articles import clean_text
from corpus.cli import corpus_parser, count, run, say
from corpus.codebook import read_codebook
from corpus.cues import guess_by_cues, read_cues
from corpus.jsonl import dump_line
from corpus.labelled import Fields, read_labelled
from model.bundle import Bundle, load
from model.errors import ModelError
from model.examples import Example
from model.labels import LabelSet
from model.part import evaluate_part
from model.prediction import predict
from model.report import Evaluation

EXAMPLES = """\
  python scripts/measure_transfer.py --data labelled.jsonl --errors 20
  python scripts/measure_transfer.py --data labelled.jsonl --text-field body --group-field doc_id

The file is JSON Lines, an item a line, labelled with the stance values of the model's codebook.
Intervals resample items, or with --group-field the items of a group together."""

FORMAT = 1
FIRST = ("three_way_macro_f1", "stance_macro_f1", "presence_macro_f1")


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled text; group: what is resampled with it."""

    id: str
    text: str
    stance: str
    group: str


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    model = load(options.model)
    items = read_items(options, model.manifest.labels)
    evaluation = measured(model, items, options)
    errors = errors_of(model, items)[: options.errors]
    if options.format == "json":
        report = {
            "format": FORMAT,
            "model": model.digest,
            "data": {"file": options.data.name, "sha256": sha256_of(options.data)},
            **{key: value for key, value in evaluation.to_dict().items() if key != "format"},
            "errors": errors,
        }
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print(evaluation.describe())
        print(confusion_table(evaluation.confusion))
        for error in errors:
            print(dump_line(error), end="")
    say(f"{count(len(items), 'item')} of {options.data}, model {model.digest[:12]}.")
    return 0


def read_items(options: argparse.Namespace, labels: LabelSet) -> list[Item]:
    """The labelled items, texts cleaned as for classifying."""
    fields = Fields(options.text_field, options.label_field, options.group_field)
    rows = read_labelled(options.data, fields, labels=labels.stance, codebook=labels.codebook)
    return [Item(row.id, clean_text(row.text), row.label, row.group or row.place) for row in rows]


def measured(model: Bundle, items: Sequence[Item], options: argparse.Namespace) -> Evaluation:
    """The scores, the three-way one first; every value that occurs counts, however rare."""
    evaluation = evaluate_part(
        model,
        [Example(item.text, target=model.manifest.labels.target) for item in items],
        [item.stance for item in items],
        [None] * len(items),
        articles=[item.group for item in items],
        keywords=keywords_for(items, model.manifest.labels, options.corpus),
        method=f"{options.data.name}, never trained on",
        # Somebody else's file is as large as it is: leaving out a rare side would hide the very
        # thing that is asked. The interval says how little it knows.
        fewest_examples=1,
        unit="group" if options.group_field else "item",
    )
    order = [*FIRST, *(name for name in evaluation.scores if name not in FIRST)]
    return replace(
        evaluation,
        scores={name: evaluation.scores[name] for name in order},
        notes=tuple(note for note in evaluation.notes if "topics" not in note),
    )


def keywords_for(items: Sequence[Item], labels: LabelSet, corpus: Path) -> list[str] | None:
    """What the cue words of the model's corpus answer; None, said aloud, when it has none."""
    codebook = read_codebook(corpus)
    found = f"{codebook.name} {codebook.version}"
    if found != labels.codebook:
        say(f"No keyword baseline: {corpus} has codebook {found}, the model {labels.codebook}.")
        return None
    cues = read_cues(corpus, codebook)
    if not cues:
        say(f"No keyword baseline: {corpus} has no cues.toml.")
        return None
    return guess_by_cues((item.text for item in items), cues, labels.neutral)


def errors_of(model: Bundle, items: Sequence[Item]) -> list[dict[str, object]]:
    """The wrong answers, the surest first."""
    predictions = predict(model, (Example(item.text) for item in items))
    wrong = []
    for item, prediction in zip(items, predictions, strict=True):
        known = {v: p for v, p in prediction.stance_scores.items() if p is not None}
        answer = max(known, key=known.__getitem__)
        if answer != item.stance:
            row = {"id": item.id, "gold": item.stance, "predicted": answer}
            wrong.append({**row, "score": round(known[answer], 3), "text": item.text})
    return sorted(wrong, key=lambda error: -float(str(error["score"])))


def confusion_table(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """Gold values down, predicted ones across."""
    width = max(len("gold"), *map(len, confusion))
    lines = ["  " + "  ".join([f"{'gold':<{width}}", *confusion]) + "  (predicted)"]
    for value, row in confusion.items():
        cells = (f"{n:>{len(name)}}" for name, n in row.items())
        lines.append("  " + "  ".join([f"{value:<{width}}", *cells]))
    return "\n".join(lines)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--data", type=Path, required=True, metavar="FILE", help="labelled JSON Lines")
    add("--model", type=Path, default=Path("build/model"), help="default: build/model")
    add("--text-field", default="text", metavar="NAME", help="where an item has its text")
    add("--label-field", default="stance", metavar="NAME", help="where an item has its stance")
    add("--group-field", metavar="NAME", help="what items are resampled together by")
    add("--errors", type=int, default=0, metavar="N", help="also print N errors, surest first")
    add("--format", choices=("text", "json"), default="text", help="default: text")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
