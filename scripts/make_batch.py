"""Freeze a batch: the sentences that annotators will be shown next, and who sees which.

pilot        a random draw, to try the guidelines
training     sentences with a known gold label: `make feedback` tells annotators how they did
reliability  a random draw in random order, without predictions: agreement is computed from it
production   the next sentences, with 5 % hidden gold items and 5 % coded before, to watch for drift
review       what is disputed, or what somebody was unsure of, shown once more

With --holders a second pass: annotators mark whose stance it is in the sentences they coded.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from corpus.batches import KINDS, Draw, Order, write_batch
from corpus.cli import above_zero, corpus_parser, count, make_command, run, say, share
from corpus.findings import CorpusError
from corpus.folder import read_corpus
from corpus.records import RecordError
from corpus.rounds import DEFAULTS, Plan, plan_items
from corpus.second_pass import holder_items

EXAMPLES = """\
  python scripts/make_batch.py p1 --annotators ann-a ann-b --kind pilot --size 100
  python scripts/make_batch.py b002 --annotators ann-a ann-b ann-c --per-sentence 2 --shared 0.1
  python scripts/make_batch.py r1 --annotators ann-a ann-b --kind reliability --size 60 --seed 3
  python scripts/make_batch.py h1 --annotators ann-a ann-b --holders --size 100"""


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    unknown = [name for name in options.articles if name not in corpus.articles]
    if unknown:
        raise CorpusError(f"no such article in {options.corpus}: {', '.join(unknown)}.")
    plan = plan_of(options)
    try:
        items = holder_items(corpus, plan) if options.holders else plan_items(corpus, plan)
    except RecordError as error:
        raise CorpusError(f"{error}.") from None
    path = write_batch(options.corpus, options.name, items)
    loads = Counter(name for item in items for name in item.annotators)
    asked = ", ".join(f"{name} {loads[name]}" for name in options.annotators)
    lanes = Counter(item.lane for item in items)
    wished = {"gold": plan.gold, "recode": plan.recode}
    hidden = [f"{lanes[lane]} {lane}" for lane, wish in wished.items() if wish]
    following = make_command("label-studio", options.corpus)
    say(
        f"{path}: {count(len(items), 'sentence')}, {items[0].order} order; {asked}"
        f"{' (hidden: ' + ', '.join(hidden) + ')' if hidden else ''}. Next: {following}"
    )
    return 0


def plan_of(options: argparse.Namespace) -> Plan:
    """What was asked for, and what the kind is otherwise."""
    names = ("draw", "order", "gold", "recode")
    unhidden = {"gold": 0.0, "recode": 0.0} if options.holders else {}
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return Plan(
        kind=options.kind,
        annotators=options.annotators,
        size=options.size,
        articles=options.articles,
        per_sentence=options.per_sentence,
        shared=options.shared,
        show_predictions=options.show_predictions,
        seed=options.seed,
        **{**DEFAULTS[options.kind], **unhidden, **given},
    )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("name", help="the new batch's name, such as b002")
    add("--annotators", nargs="+", required=True, metavar="PSEUDONYM", help="who is asked")
    add("--kind", choices=KINDS, default="production")
    add("--size", type=above_zero(int), metavar="N", help="at most N sentences (default: all)")
    add("--articles", nargs="*", default=[], metavar="ID", help="only sentences of these")
    each = "how many annotators see a sentence, in balanced groups (default: all)"
    add("--per-sentence", type=above_zero(int), metavar="N", help=each)
    add("--shared", type=share, default=0.0, metavar="SHARE", help="share that everyone sees")
    add("--gold", type=share, metavar="SHARE", help="hidden items with a known label")
    add("--recode", type=share, metavar="SHARE", help="hidden items that one coded before")
    add("--draw", choices=get_args(Draw), help="the next sentences, or random ones")
    add("--order", choices=get_args(Order), help="as in the article, or shuffled")
    shown = "let `make predictions` or `make backend` preselect what the model answers"
    add("--show-predictions", action="store_true", help=shown)
    add("--holders", action="store_true", help="ask whose stance it is, where one was coded")
    add("--seed", type=int, default=0, help="of everything random (default: 0)")
    return command.parse_args(arguments)


if __name__ == "__main__":
    run(main)
