"""Score our features and classifier on any labelled JSON Lines set, and find its leaks."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.cli import above_zero, count, parser, progress_bar, run, say
from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.jsonl import read_lines
from corpus.labelled import Fields, Labelled, read_labelled, split_by_time
from corpus.leaks import Leak, groups_of, leaks_between
from model.benchmark import Fold, Item, Names, folds_of, majority_answers, model_answers
from model.benchmark_scores import METRICS, Result, gap, scored
from model.errors import ModelError
from model.examples import Example
from model.settings import Settings

EXAMPLES = """\
  python scripts/benchmark.py --train train.jsonl --test test.jsonl --group-field doc_id
  python scripts/benchmark.py --train train.jsonl --cv --metric accuracy --out report.json
  python scripts/benchmark.py --train train.jsonl --time-field date --cut 2024-05-01

An item a line, with a text and a label of any name. What is held out, and resampled for intervals,
are groups: items of one --group-field value, and items with nearly the same text."""

FORMAT = 1


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    began = time.perf_counter()
    rows = [row for path in options.train for row in read_labelled(path, fields_of(options))]
    report = cross_validated(rows, options) if options.cv else held_out(rows, options)
    report["seconds"] = round(time.perf_counter() - began, 1)
    if options.out:
        write_text(options.out, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    say(f"{count(report['n'], 'item')} scored in {report['seconds']} seconds.")
    if options.fail_on_leak and report["leaks"]:
        say("There are leaks, and --fail-on-leak was given.")
        return 1
    return 0


def cross_validated(rows: Sequence[Labelled], options: argparse.Namespace) -> dict[str, Any]:
    """The grouped score, the score of a naive split by rows, and the gap between them."""
    items = items_of(rows)
    folds = folds_of([item.group for item in items], n_folds=options.folds, seed=options.seed)
    each_row = [str(number) for number in range(len(items))]
    naive = folds_of(each_row, n_folds=len(folds), seed=options.seed)
    chosen = {"metric": options.metric, "seed": options.seed}
    answers, notes = answered(items, folds, options)
    result = scored(items, answers, majority_answers(items, folds), **chosen)
    naive_answers, _ = answered(items, naive, options)
    by_rows = scored(items, naive_answers, majority_answers(items, naive), **chosen)
    result = replace(
        result,
        also={
            "split by rows": (by_rows.first, by_rows.n),
            "gap to the split by rows": (gap(items, naive_answers, answers, **chosen), by_rows.n),
        },
        notes=(*notes, "no leak: no two folds share a group or a near-duplicate text"),
    )
    print(f"{names(options.train)}: cross-validation in {len(folds)} folds of whole groups")
    print(result.describe())
    return report_of(result, [], options)


def held_out(rows: list[Labelled], options: argparse.Namespace) -> dict[str, Any]:
    """The score on the test file or on the later part, its leaks, and the score without them."""
    if options.test:
        train, test = rows, read_labelled(options.test, fields_of(options))
        title = f"{options.test}, trained on {names(options.train)}"
    else:
        train, test, cut = split_by_time(rows, options.cut or "0.8")
        title = f"{names(options.train)} from {cut} on, trained on what is before"
    asked = items_of(test)
    items = [*items_of(train), *asked]
    learned, told = np.split(np.arange(len(items)), [len(train)])
    folds = [(learned, told)]
    baselines = {name: found[told] for name, found in majority_answers(items, folds).items()}
    if options.predictions:
        answers = published(options, test)
        notes = [f"the answers are those of {options.predictions}; no model was trained"]
    else:
        everything, notes = answered(items, folds, options)
        answers = everything[told]
    chosen = {"metric": options.metric, "seed": options.seed}
    result = scored(asked, answers, baselines, **chosen)
    leaks = leaks_between(train, test)
    also = {}
    leaking = {number for leak in leaks for number in leak.items}
    kept = [number for number in range(len(test)) if number not in leaking]
    if not leaks:
        notes.append("no leak: training and test share no group and no near-duplicate text")
    elif not kept:
        notes.append("every item leaks: there is no score without leaks")
    else:
        clean = scored(
            [asked[number] for number in kept],
            answers[kept],
            {name: found[kept] for name, found in baselines.items()},
            **chosen,
        )
        also["without leaks"] = (clean.first, clean.n)
    result = replace(result, also=also, notes=tuple(notes))
    print(f"{title} ({count(len(train), 'item')})")
    print(result.describe())
    for leak in leaks:
        print(f"  Leak: {leak.describe(options.group_field)}")
    return report_of(result, leaks, options)


def answered(
    items: Sequence[Item], folds: Sequence[Fold], options: argparse.Namespace
) -> tuple[Names, list[str]]:
    """What a model of each fold answers, with a progress bar."""
    with progress_bar("training") as progress:
        return model_answers(
            items,
            folds,
            settings=Settings(c=options.c),
            per_target=options.per_target,
            progress=progress,
        )


def published(options: argparse.Namespace, test: Sequence[Labelled]) -> Names:
    """Somebody's answers for the test items, found by id."""
    path, name = options.predictions, options.label_field
    by_id: dict[str, object] = {}
    for number, record in read_lines(path):
        item = str(record.get("id", number))
        if item in by_id:
            raise CorpusError(f"{path}:{number}: id {item} is there twice. Keep one line of it.")
        by_id[item] = record.get(name)
    repeated = [item for item, times in Counter(item.id for item in test).items() if times > 1]
    if repeated:
        raise CorpusError(
            f"{options.test}: {count(len(repeated), 'id')} stand there more than once "
            f"({', '.join(repeated[:3])} ...), so nobody knows which answer is whose."
        )
    missing = [item.id for item in test if by_id.get(item.id) is None]
    if missing:
        raise CorpusError(
            f"{path}: no {name} for {count(len(missing), 'item')} of {options.test} "
            f"({', '.join(missing[:3])} ...). Expected a line with id and {name} for every item."
        )
    return np.array([str(by_id[item.id]) for item in test], dtype=object)


def items_of(rows: Sequence[Labelled]) -> list[Item]:
    return [
        Item(
            Example(row.text, target=row.target, spans=(row.span,) if row.span else ()),
            row.label,
            group,
        )
        for row, group in zip(rows, groups_of(rows), strict=True)
    ]


def report_of(result: Result, leaks: Sequence[Leak], options: argparse.Namespace) -> dict[str, Any]:
    files = [*options.train, *filter(None, (options.test, options.predictions))]
    return {
        "format": FORMAT,
        "metric": options.metric,
        **result.to_dict(),
        "leaks": [leak.to_dict() for leak in leaks],
        "settings": {
            "files": {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
            "fields": asdict(fields_of(options)),
            "features": options.features,
            **Settings(c=options.c).to_dict(),
            "per_target": options.per_target,
            "folds": options.folds if options.cv else None,
            "cut": options.cut,
            "seed": options.seed,
        },
    }


def fields_of(options: argparse.Namespace) -> Fields:
    return Fields(
        options.text_field,
        options.label_field,
        options.group_field,
        options.target_field,
        options.target_span_fields and tuple(options.target_span_fields),
        options.time_field,
    )


def names(paths: Sequence[Path]) -> str:
    return " and ".join(map(str, paths))


def folds_option(text: str) -> int:
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError(f"{text} is not 2 or more")
    return number


folds_option.__name__ = "int"  # argparse says: invalid int value


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--train", type=Path, nargs="+", required=True, metavar="FILE", help="what to learn from")
    how = command.add_mutually_exclusive_group(required=True)
    how.add_argument("--test", type=Path, metavar="FILE", help="what to score on")
    how.add_argument("--cv", action="store_true", help="cross-validate on the training file")
    how.add_argument("--time-field", metavar="NAME", help="learn from the earlier, score the later")
    add("--cut", help="where to split: a day, a year, or the share before it; default: 0.8")
    add("--text-field", default="text", metavar="NAME", help="default: text")
    add("--label-field", default="label", metavar="NAME", help="default: label")
    add("--target-field", metavar="NAME", help="what the stance is toward")
    add(
        "--target-span-fields",
        nargs=2,
        metavar=("START", "END"),
        help="where the target stands in the text, in characters; ngrams do not look at it",
    )
    add("--group-field", metavar="NAME", help="what belongs together, such as the article")
    add("--metric", choices=METRICS, default="macro-f1", help="default: macro-f1")
    add("--features", choices=("ngrams",), default="ngrams", help="default: ngrams")
    add("--per-target", action="store_true", help="a model for each target (SemEval)")
    add("--predictions", type=Path, metavar="FILE", help="score these labels of the test ids")
    add("--folds", type=folds_option, default=5, metavar="N", help="with --cv; default: 5")
    add("--c", type=above_zero(float), default=Settings().c, metavar="C", help="default: 1")
    add("--seed", type=int, default=0, metavar="N", help="of folds and intervals; default: 0")
    add("--fail-on-leak", action="store_true", help="exit 1 when training and test share anything")
    add("--out", type=Path, metavar="FILE", help="the report as JSON")
    options = command.parse_args(arguments)
    if options.per_target and not options.target_field:
        command.error("--per-target needs --target-field")
    if options.metric == "semeval" and not options.target_field:
        command.error("--metric semeval needs --target-field")
    if options.cut and not options.time_field:
        command.error("--cut needs --time-field")
    if options.predictions and not options.test:
        command.error("--predictions needs --test")
    return options


if __name__ == "__main__":
    run(main, ModelError)
