"""How reliable are the annotations of a corpus? Everything that `make agreement` reports.

Agreement is measured on first answers, one table a codebook version: labels that were changed
after a discussion, or given again under a sharper rule, never raise a reported figure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from corpus.agreement_tables import Table, agreement_table
from corpus.annotations import current
from corpus.batches import BatchItem, asks_of
from corpus.codebook import Codebook
from corpus.dawid_skene import FEWEST_ANNOTATORS, dawid_skene
from corpus.folder import Corpus
from corpus.gold import Gold, gold_labels
from corpus.records import Adjudication, Annotation
from corpus.renamed import renamed, standing
from corpus.versions import version_order

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an annotator was asked by the batches, and what became of it; numbers of sentences.

    ``missing``: asked, but neither answered nor begun.
    """

    annotator: str
    asked: int
    done: int
    skipped: int
    empty: int
    draft: int
    missing: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two labels given to the same sentences by different annotators.

    ``labels`` in codebook order; ``n``: pairs of votes; ``examples``: the first sentence ids;
    ``rules``: those that adjudications of these sentences cite, the most frequent first.
    """

    layer: str
    labels: tuple[str, str]
    n: int
    examples: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Dawid-Skene beside the vote, where there are three annotators or more.

    ``n``: gold stances that votes alone gave, no adjudication; ``differing``: the sentences where
    the model of annotators says otherwise.
    """

    n: int
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reliability:
    """The report: tables oldest codebook first, who did what, what is confused with what."""

    tables: tuple[Table, ...]
    coverage: tuple[Coverage, ...]
    confusions: tuple[Confusion, ...]
    aggregation: Aggregation | None


def reliability(corpus: Corpus) -> Reliability:
    """The report on a corpus that holds together (``check_corpus`` without errors)."""
    standing_now = standing(current(corpus.votes), corpus.codebook)
    votes = [item for item in standing_now if item.status == "done"]
    gold = gold_labels(votes, corpus.adjudications, corpus.codebook)
    return Reliability(
        tables=agreement_tables(corpus),
        coverage=coverage(corpus.batches.values(), corpus.votes),
        confusions=tuple(
            confusion
            for layer in ("stance", "act")
            for confusion in confusion_pairs(layer, votes, corpus.adjudications, corpus.codebook)
        ),
        aggregation=aggregation(votes, gold, corpus.codebook),
    )


def agreement_tables(corpus: Corpus) -> tuple[Table, ...]:
    """Per codebook version a table of all votes and, where there is one, of the reliability sample.

    The sample: the items of kind ``reliability`` and what their batch's file says of them, with
    the holders of a second pass. That pass asks for stances alone, so it draws no sample of its
    own: agreement on the stance would look better than it is.
    """
    articles = {item.id: item.article_id for item in corpus.sentences.values()}
    answers = first_answers(corpus.votes, corpus.codebook)
    holders = {_key(item): item.holders for item in answers}
    sample: list[Annotation] = []
    for name, items in corpus.batches.items():
        if asks_of(items) == "holders":
            continue
        drawn = {item.sentence_id for item in items if item.kind == "reliability"}
        stored = corpus.annotations.get(name, ())
        shown = [item for item in stored if item.sentence_id in drawn]
        sample += (
            replace(item, holders=item.holders or holders.get(_key(item), ()))
            for item in first_answers(shown, corpus.codebook)
        )
    versions = sorted({item.codebook for item in answers}, key=version_order)
    tables = []
    for version in versions or [corpus.codebook.version]:
        for name, found in (("all votes", answers), ("reliability sample", sample)):
            votes = [item for item in found if item.codebook == version]
            if votes or name == "all votes":
                table = agreement_table(name, version, votes, corpus.codebook, articles)
                tables.append(table)
    return tuple(tables)


def first_answers(annotations: Iterable[Annotation], codebook: Codebook) -> list[Annotation]:
    """The first done line of each annotator for a sentence under each codebook version, in the
    names of today's.

    annotations: superseded ones included, oldest first. Holders are asked in a second pass over
    the same sentences: they come from the first line that has any.
    """
    first: dict[tuple[str, str, str], Annotation] = {}
    for line in annotations:
        if line.status != "done":
            continue
        item = renamed(line, codebook)
        key = _key(item)
        known = first.setdefault(key, item)
        if item.holders and not known.holders:
            first[key] = replace(known, holders=item.holders)
    return list(first.values())


def _key(item: Annotation) -> tuple[str, str, str]:
    return item.sentence_id, item.annotator, item.codebook


def coverage(
    batches: Iterable[Sequence[BatchItem]], annotations: Iterable[Annotation]
) -> tuple[Coverage, ...]:
    """What each annotator was asked and did, in name order; the latest line of each counts.

    Votes only: training and hidden checks are in ``make progress``.
    """
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for items in batches:
        for item in items:
            for name in item.annotators if item.is_vote else ():
                asked[name].add(item.sentence_id)
    status: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for annotation in current(annotations):
        status[annotation.annotator][annotation.sentence_id] = annotation.status
    found = []
    for name in sorted(asked.keys() | status.keys()):
        n = Counter(status[name].values())
        missing = len(asked[name] - status[name].keys())
        found.append(
            Coverage(
                annotator=name,
                asked=len(asked[name]),
                done=n["done"],
                skipped=n["skipped"],
                empty=n["empty"],
                draft=n["draft"],
                missing=missing,
            )
        )
    return tuple(found)


def confusion_pairs(
    layer: str,
    votes: Iterable[Annotation],
    adjudications: Iterable[Adjudication],
    codebook: Codebook,
) -> list[Confusion]:
    """The pairs of different labels of a layer, the most frequent first.

    votes: done annotations, one per sentence and annotator; of the act those that give one.
    """
    order = {name: number for number, name in enumerate(codebook.names(layer))}
    given: defaultdict[str, list[str]] = defaultdict(list)
    for vote in votes:
        if (label := getattr(vote, layer)) is not None:
            given[vote.sentence_id].append(label)
    n: Counter[tuple[str, str]] = Counter()
    sentences: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for sentence_id, labels in sorted(given.items()):
        differing = Counter(
            pair
            for pair in combinations(sorted(labels, key=lambda label: (order[label], label)), 2)
            if pair[0] != pair[1]
        )
        n.update(differing)
        for pair in differing:
            sentences[pair].append(sentence_id)
    cited: defaultdict[str, list[str]] = defaultdict(list)
    for decision in adjudications:
        if decision.layer == layer and decision.rule:
            cited[decision.sentence_id].append(decision.rule)
    found = []
    for pair, number in sorted(n.items(), key=lambda item: (-item[1], *map(order.get, item[0]))):
        rules = Counter(rule for name in sentences[pair] for rule in cited[name])
        found.append(
            Confusion(
                layer=layer,
                labels=pair,
                n=number,
                examples=tuple(sentences[pair][:EXAMPLES]),
                rules=tuple(rule for rule, _ in rules.most_common()),
            )
        )
    return found


def aggregation(votes: Iterable[Annotation], gold: Gold, codebook: Codebook) -> Aggregation | None:
    """How Dawid-Skene would have decided the stance; None under three annotators."""
    ballots: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for vote in votes:
        ballots[vote.sentence_id][vote.annotator] = str(vote.stance)
    if len({name for given in ballots.values() for name in given}) < FEWEST_ANNOTATORS:
        return None
    names = codebook.names("stance")
    fitted = dawid_skene(ballots, names)
    voted = {name: label for name, label in gold.labels.items() if label.how != "adjudicated"}
    differing = [
        name for name, label in voted.items() if names[int(fitted[name].argmax())] != label.stance
    ]
    return Aggregation(len(voted), tuple(differing))
