"""How much do more labelled sentences give? A learning curve, checked on its own earlier points."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from corpus.cli import above_zero, count, parser, progress_bar, run, say
from corpus.dataset import Row, read_dataset, row_groups
from corpus.files import write_text
from corpus.findings import CorpusError
from corpus.progress import HASTY_SECONDS
from model.errors import ModelError
from model.examples import Example
from model.forecast import forecast, report
from model.labels import LabelSet
from model.learning_curve import METRICS, measure_curve

EXAMPLES = """\
  python scripts/measure_curve.py --dataset build/dataset
  python scripts/measure_curve.py --points 5 --seconds-per-sentence 40

Reads the train part only. Models learn from an eighth of the groups up to all of them, and are
scored on groups that none of them has seen. Hours are the median of the recorded durations, for
each annotator of a sentence."""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    data = read_dataset(options.dataset)
    if "train" not in data.parts:
        raise CorpusError(f"{options.dataset}: no sentence is in train; there is nothing to learn.")
    rows = data.parts["train"]
    seconds = options.seconds_per_sentence or seconds_per_sentence(rows)
    with progress_bar("training") as progress:
        measured = measure_curve(
            [Example.of_row(row) for row in rows],
            [row["stance"] for row in rows],
            groups=row_groups(rows),
            labels=LabelSet.of_dataset(data.names, data.codebook),
            n_orders=options.orders,
            n_jobs=options.jobs,
            progress=progress,
        )
    found = {name: forecast(measured, name, gain=options.points / 100) for name in METRICS}
    record = {"dataset": data.digest, "seconds": seconds, **report(measured, found)}
    write_text(options.out, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    print(
        f"{count(measured.n_sentences, 'sentence')} in {count(measured.n_groups, 'group')}, each "
        f"scored by models of other groups; means of {count(measured.n_orders, 'order')}."
    )
    for one in found.values():
        print(one.describe(seconds))
    say(f"{options.out}: dataset {data.digest[7:19]}.")
    return 0


def seconds_per_sentence(rows: Iterable[Row]) -> float | None:
    """The median of the recorded durations; None, said aloud, where there is no believable one."""
    recorded = [vote["seconds"] for row in rows for vote in row["votes"] if vote["seconds"]]
    found = median(recorded) if recorded else None
    if found is not None and found >= HASTY_SECONDS:
        return found
    why = (
        "the annotations record no duration"
        if found is None
        else f"the recorded durations have a median of {found:.1f} seconds, in which nobody reads"
    )
    say(f"No hours: {why}. --seconds-per-sentence says how long one annotator takes.")
    return None


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--dataset", type=Path, default=Path("build/dataset"), help="default: build/dataset")
    out = Path("build/curve/report.json")
    add("--out", type=Path, default=out, help=f"the curve as JSON; default: {out}")
    gain = "the rise to ask for, in points of a hundred; default: 2"
    add("--points", type=above_zero(float), default=2.0, metavar="N", help=gain)
    add("--orders", type=above_zero(int), default=10, metavar="N", help="default: 10")
    each = "how long one annotator takes; default: the median of the recorded durations"
    add("--seconds-per-sentence", type=above_zero(float), metavar="S", help=each)
    jobs = "models trained at a time; default: one a core"
    add("--jobs", type=above_zero(int), default=-1, metavar="N", help=jobs)
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main, ModelError)
