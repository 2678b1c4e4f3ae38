"""The second pass of annotation: whose stance it is, asked of those who coded one."""

from __future__ import annotations

import random

from corpus.annotations import current
from corpus.batches import BatchItem, asks_of
from corpus.codebook import Recode
from corpus.findings import CorpusError
from corpus.folder import Corpus
from corpus.holders import are_labels_waiting, recoded_since
from corpus.records import Annotation
from corpus.rounds import Plan, drawn

KINDS = ("pilot", "reliability", "production")


def holder_items(corpus: Corpus, plan: Plan) -> list[BatchItem]:
    """The items of a second-pass batch in the order shown; CorpusError where nothing is left.

    A sentence is asked of those of the annotators who coded a stance there, not the neutral one,
    and have marked no holders, once no label there has to be given again. Who was asked already is
    not asked again, unless articles are named or a value of the holders was recoded since.
    """
    if plan.kind not in KINDS:
        raise CorpusError(
            f"holders are asked in batches of kind {', '.join(KINDS)}, not {plan.kind}."
        )
    if plan.gold or plan.recode or plan.shared or plan.per_sentence or plan.show_predictions:
        raise CorpusError(
            "a batch for holders asks everybody about what they coded themselves, without hidden "
            "items and predictions: leave --gold, --recode, --shared, --per-sentence and "
            "--show-predictions out."
        )
    rng = random.Random(f"{plan.seed} {plan.kind} holders")
    asked = _waiting(corpus, plan)
    if not asked:
        raise CorpusError(
            f"{corpus.path}: no stance coded by {', '.join(plan.annotators)} waits for its "
            "holders. Code labels first, then `make sync`; or name the articles to ask about "
            "again: ARTICLES=id (--articles id)."
        )
    chosen, probability = drawn(list(asked), plan, rng)
    items = [
        BatchItem(
            name,
            asked[name],
            lane="random" if plan.draw == "random" else "all",
            probability=probability,
            kind=plan.kind,
            order=plan.order,
            asks="holders",
        )
        for name in chosen
    ]
    if plan.order == "shuffled":
        rng.shuffle(items)
    return items


def outdated(corpus: Corpus) -> list[tuple[Annotation, Recode]]:
    """The answers whose holders have to be marked again, and why, unless that was asked already."""
    found = {}
    asked = set()
    for batch, items in corpus.batches.items():
        if asks_of(items) != "holders":
            continue
        answers = {
            (answer.sentence_id, answer.annotator): answer
            for answer in current(corpus.annotations.get(batch, ()))
        }
        for item in items:
            for annotator in item.annotators:
                key = (item.sentence_id, annotator)
                answer = answers.get(key)
                recode = recoded_since(answer, corpus.codebook) if answer else None
                if answer and recode:
                    found[key] = (answer, recode)
                else:
                    asked.add(key)
    lacking = _without_holders(corpus) - asked if found else set()
    return [pair for key, pair in found.items() if key in lacking]


def _without_holders(corpus: Corpus) -> set[tuple[str, str]]:
    """(sentence id, annotator) of the stances that have no holders; the neutral one needs none."""
    return {
        (item.sentence_id, item.annotator)
        for item in current(corpus.votes)
        if item.status == "done" and item.stance != corpus.codebook.neutral and not item.holders
    }


def _waiting(corpus: Corpus, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Sentence -> those of the plan's annotators whose stance there has no holders, if any."""
    marked_again = {(item.sentence_id, item.annotator) for item, _ in outdated(corpus)}
    book = corpus.codebook
    waiting = _without_holders(corpus) - {
        (item.sentence_id, item.annotator)
        for item in current(corpus.votes)
        if book.recode and are_labels_waiting(item, book)
    }
    if not plan.articles or plan.kind == "reliability":  # as with labels: then nobody is blind
        asked_before = {
            (item.sentence_id, annotator)
            for items in corpus.batches.values()
            for item in items
            if item.asks == "holders"
            for annotator in item.annotators
        }
        waiting -= asked_before - (set() if plan.kind == "reliability" else marked_again)
    asked = {
        sentence.id: tuple(name for name in plan.annotators if (sentence.id, name) in waiting)
        for sentence in corpus.sentences.values()
        if not plan.articles or sentence.article_id in plan.articles
    }
    return {name: annotators for name, annotators in asked.items() if annotators}
