"""Rounds of annotation: which sentences a batch asks whom, drawn and shared out by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from corpus.adjudication import unfinished
from corpus.annotations import current
from corpus.batches import BatchItem, Draw, Kind, Order
from corpus.cli import count
from corpus.findings import CorpusError
from corpus.folder import Corpus
from corpus.gold import Gold, gold_labels
from corpus.records import Annotation, GoldLabel

MOST_TEAMS = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch is to be like.

    sentences: those that a review shows, whoever saw them before; no other kind takes them.
    size: at most so many sentences, hidden ones not counted; None is all. per_sentence: how many
    annotators see a sentence, None is all of them. shared, gold, recode: shares of the sentences
    that everyone sees; of hidden gold items, and of items coded before, for each annotator.
    """

    kind: Kind
    annotators: Sequence[str]
    size: int | None = None
    articles: Collection[str] = ()
    sentences: Collection[str] = ()
    draw: Draw = "next"
    order: Order = "article"
    per_sentence: int | None = None
    shared: float = 0.0
    gold: float = 0.0
    recode: float = 0.0
    show_predictions: bool = False
    seed: int = 0


# What each kind is unless somebody says otherwise. Reliability is measured on a random sample in
# random order; only production has hidden items, because elsewhere they would not be hidden.
DEFAULTS: Mapping[Kind, Mapping[str, object]] = {
    "pilot": {"draw": "random", "order": "article"},
    "training": {"draw": "random", "order": "shuffled"},
    "reliability": {"draw": "random", "order": "shuffled"},
    "production": {"draw": "next", "order": "article", "gold": 0.05, "recode": 0.05},
    "review": {"draw": "next", "order": "article"},
}


def plan_items(corpus: Corpus, plan: Plan) -> list[BatchItem]:
    """The items of a batch in the order shown; CorpusError where nothing is left to ask.

    Training items have a gold label that none of the annotators has seen. Review items are those
    that the plan names, else they are disputed or somebody was unsure of them. The other kinds take
    sentences that no batch holds, or those of the named articles. None, hidden items included, is
    in a reliability batch that somebody has not finished: it would not be answered there blindly.
    """
    if plan.kind == "reliability" and (plan.draw, plan.order, plan.gold, plan.recode) != (
        "random",
        "shuffled",
        0.0,
        0.0,
    ):
        raise CorpusError(
            "a reliability batch is a random draw in shuffled order without hidden items: leave "
            "--draw, --order, --gold and --recode out."
        )
    rng = random.Random(f"{plan.seed} {plan.kind}")
    votes = current(corpus.votes)
    gold = gold_labels(votes, corpus.adjudications, corpus.codebook)
    locked = unfinished(corpus)
    candidates = _pool(corpus, plan, votes, gold)
    pool = [name for name in candidates if name not in locked]
    if candidates and not pool:
        raise CorpusError(
            f"{corpus.path}: {count(len(candidates), 'sentence')} left out, in a reliability batch "
            "that is not finished, and none remains. Wait until everybody has answered there."
        )
    if not pool:
        raise CorpusError(_NOTHING_LEFT[plan.kind].format(corpus.path))
    chosen, probability = drawn(pool, plan, rng)
    lane = "gold" if plan.kind == "training" else "random" if plan.draw == "random" else "all"
    asked = _asked(chosen, plan, rng)
    everyone = tuple(plan.annotators)
    items = [
        BatchItem(
            name,
            asked[name],
            lane="shared" if lane == "all" and plan.shared and asked[name] == everyone else lane,
            probability=probability,
            kind=plan.kind,
            show_predictions=plan.show_predictions,
            order=plan.order,
        )
        for name in chosen
    ]
    items += _hidden(corpus, plan, votes, gold.labels, {*chosen, *locked}, len(chosen), rng)
    if plan.order == "shuffled":
        rng.shuffle(items)
    elif len(items) > len(chosen):
        items = _spread(items[: len(chosen)], items[len(chosen) :], corpus, rng)
    return items


_NOTHING_LEFT: Mapping[Kind, str] = {
    **dict.fromkeys(
        ("pilot", "reliability", "production"),
        "{}: every sentence is in a batch already. Add an article (`make article`), or name those "
        "to annotate again: ARTICLES=id (--articles id).",
    ),
    "training": "{}: no sentence has a gold label that these annotators have not seen. Annotate "
    "and adjudicate some first.",
    "review": "{}: nothing is disputed, and nobody was unsure. There is nothing to review.",
}


def seen_by(corpus: Corpus, annotator: str) -> set[str]:
    """The sentences that any batch asks an annotator about."""
    return {
        item.sentence_id
        for items in corpus.batches.values()
        for item in items
        if annotator in item.annotators
    }


def _pool(corpus: Corpus, plan: Plan, votes: Iterable[Annotation], gold: Gold) -> list[str]:
    """The sentences to choose from, in corpus order."""
    in_articles = [
        sentence.id
        for sentence in corpus.sentences.values()
        if not plan.articles or sentence.article_id in plan.articles
    ]
    if plan.kind == "training":
        unseen = set(_unseen_gold(corpus, plan.annotators, gold.labels))
        return [name for name in in_articles if name in unseen]
    if plan.kind == "review" and plan.sentences:
        return [name for name in in_articles if name in plan.sentences]
    if plan.kind == "review":
        doubtful = {dispute.sentence_id for dispute in gold.disputes}
        unsure = corpus.codebook.uncertain_flags
        doubtful |= {item.sentence_id for item in votes if unsure & set(item.flags)}
        return [name for name in in_articles if name in doubtful]
    taken = {item.sentence_id for items in corpus.batches.values() for item in items}
    may_repeat = plan.articles and plan.kind != "reliability"  # who has seen it is not blind
    return [name for name in in_articles if may_repeat or name not in taken]


def _unseen_gold(
    corpus: Corpus, annotators: Iterable[str], labels: Mapping[str, GoldLabel]
) -> list[str]:
    """Gold items of more than one vote that none of these annotators has been asked about."""
    seen = set().union(*(seen_by(corpus, name) for name in annotators))
    return [name for name, label in labels.items() if label.how != "single" and name not in seen]


def drawn(pool: Sequence[str], plan: Plan, rng: random.Random) -> tuple[list[str], float]:
    """The chosen sentences in corpus order, and the inclusion probability of each."""
    size = min(plan.size or len(pool), len(pool))
    if plan.draw == "next":
        return list(pool[:size]), 1.0
    chosen = set(rng.sample(pool, size))
    return [name for name in pool if name in chosen], size / len(pool)


def _asked(chosen: Sequence[str], plan: Plan, rng: random.Random) -> dict[str, tuple[str, ...]]:
    """Sentence -> its annotators: equal loads, equal pairs, and a shared part for everyone.

    Each sentence goes to the group that had the fewest so far, then to that of the least busy
    people, then by lot.
    """
    everyone = tuple(plan.annotators)
    each = plan.per_sentence or len(everyone)
    if not 0 < each <= len(everyone):
        raise CorpusError(
            f"{each} annotators a sentence were asked for, but there are {len(everyone)}."
        )
    if each == len(everyone):
        return dict.fromkeys(chosen, everyone)
    teams = list(combinations(everyone, each))
    if len(teams) > MOST_TEAMS:
        raise CorpusError(
            f"{len(everyone)} annotators, {each} a sentence, make {len(teams):,} groups: too many "
            "to balance. Make a batch for each half of them."
        )
    shared = set(rng.sample(list(chosen), round(plan.shared * len(chosen))))
    asked: dict[str, tuple[str, ...]] = {}
    turns: Counter[tuple[str, ...]] = Counter()
    load: Counter[str] = Counter()
    for name in chosen:
        team = everyone
        if name not in shared:
            team = min(
                teams, key=lambda team: (turns[team], sum(load[one] for one in team), rng.random())
            )
            turns[team] += 1
            load.update(team)
        asked[name] = team
    return asked


def _hidden(
    corpus: Corpus,
    plan: Plan,
    votes: Sequence[Annotation],
    labels: Mapping[str, GoldLabel],
    taken: Collection[str],
    n_chosen: int,
    rng: random.Random,
) -> list[BatchItem]:
    """For each annotator gold items that they have not seen, and items that they coded before.

    ``taken``: sentences that cannot be hidden items.
    """
    n_gold, n_recode = (round(share * n_chosen) for share in (plan.gold, plan.recode))
    used = set(taken)
    items = []
    for annotator in plan.annotators:
        unseen = sorted(set(_unseen_gold(corpus, [annotator], labels)) - used)
        gold = rng.sample(unseen, min(n_gold, len(unseen)))
        used |= set(gold)
        coded = {
            item.sentence_id
            for item in votes
            if item.annotator == annotator
            and item.status == "done"
            and item.codebook == corpus.codebook.version  # or a difference may be the codebook's
        }
        again = sorted((coded - used) & corpus.sentences.keys())
        recoded = rng.sample(again, min(n_recode, len(again)))
        used |= set(recoded)
        items += [_check(name, annotator, "gold", plan) for name in gold]
        items += [_check(name, annotator, "recode", plan) for name in recoded]
    return items


def _check(name: str, annotator: str, lane: str, plan: Plan) -> BatchItem:
    return BatchItem(
        name,
        (annotator,),
        lane=lane,
        kind=plan.kind,
        show_predictions=plan.show_predictions,  # or it would be known from the others
        order=plan.order,
    )


def _spread(
    items: Sequence[BatchItem], hidden: Iterable[BatchItem], corpus: Corpus, rng: random.Random
) -> list[BatchItem]:
    """Hidden items at random places between articles: inside one they would be noticed."""
    article_of = [corpus.sentences[item.sentence_id].article_id for item in items]
    between = [n for n in range(1, len(items)) if article_of[n - 1] != article_of[n]]
    places = [(n, 1, item) for n, item in enumerate(items)]
    places += [(rng.choice([0, *between, len(items)]), 0, item) for item in hidden]
    return [item for *_, item in sorted(places, key=lambda place: place[:2])]
