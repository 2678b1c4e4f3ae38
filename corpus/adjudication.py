"""What waits for an adjudicator: disputed sentences with their votes, anonymised and shuffled."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.annotations import current
from corpus.batches import asks_of
from corpus.folder import Corpus
from corpus.gold import gold_labels
from corpus.records import Annotation, Sentence


@dataclass(frozen=True, slots=True)
class Case:
    """A disputed sentence; ``votes`` are lines "A: favor, offer · talks · note", nobody named.

    ``is_open``: something of it is undecided. Otherwise this adjudicator has decided it, and may
    change the decision where it was made.
    """

    sentence: Sentence
    layers: tuple[str, ...]
    votes: tuple[str, ...]
    rules: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Docket:
    """The cases of one adjudicator, in corpus order, and what is kept from them and why.

    own: disputed sentences that the adjudicator has coded. locked: in a reliability batch that
    somebody has not finished, so nobody may discuss them yet.
    """

    cases: tuple[Case, ...]
    own: int
    locked: int


def docket(corpus: Corpus, adjudicator: str) -> Docket:
    """What is disputed, or would be without this adjudicator's decisions: those may be changed."""
    votes = current(corpus.votes)
    others = [item for item in corpus.adjudications if item.adjudicator != adjudicator]
    open_now = gold_labels(votes, corpus.adjudications, corpus.codebook).disputes
    # Topics come up only when the stance is decided, so both are asked: what would be open without
    # one's own decisions, and what is.
    layers: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for dispute in (*gold_labels(votes, others, corpus.codebook).disputes, *open_now):
        layers[dispute.sentence_id][dispute.layer] = None
    still_open = {dispute.sentence_id for dispute in open_now}
    by_sentence: dict[str, list[Annotation]] = {}
    for vote in votes:
        if vote.status == "done" and vote.sentence_id in layers:
            by_sentence.setdefault(vote.sentence_id, []).append(vote)
    locked = unfinished(corpus)
    cases, n_own, n_locked = [], 0, 0
    for sentence in corpus.sentences.values():
        ballots = by_sentence.get(sentence.id, [])
        if not ballots:
            continue
        if any(vote.annotator == adjudicator for vote in ballots):
            n_own += 1
        elif sentence.id in locked:
            n_locked += 1
        else:
            is_open = sentence.id in still_open
            cases.append(_case(sentence, layers[sentence.id], ballots, corpus, is_open))
    return Docket(tuple(cases), n_own, n_locked)


def unfinished(corpus: Corpus) -> set[str]:
    """The sentences of reliability batches that somebody has not finished, holders aside."""
    settled, found = corpus.settled, set[str]()
    for name, items in corpus.batches.items():
        if asks_of(items) == "holders":
            continue  # the stances were coded before
        drawn = [item for item in items if item.kind == "reliability"]
        asked = {(name, item.sentence_id, one) for item in drawn for one in item.annotators}
        if not asked <= settled:
            found |= {item.sentence_id for item in drawn}
    return found


def _case(
    sentence: Sentence,
    layers: Iterable[str],
    votes: Iterable[Annotation],
    corpus: Corpus,
    is_open: bool,
) -> Case:
    """The order of the votes is random, and the same whenever the case is shown again."""
    ballots = sorted(votes, key=lambda vote: vote.annotator)
    random.Random(sentence.id).shuffle(ballots)
    rules = corpus.codebook.rule_lines
    return Case(
        sentence=sentence,
        layers=tuple(layers),
        votes=tuple(
            f"{letter}: {_in_words(vote)}"
            for letter, vote in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", ballots, strict=False)
        ),
        rules=tuple(rules[name] for name in corpus.codebook.cited(vote.note for vote in ballots)),
        is_open=is_open,
    )


def _in_words(vote: Annotation) -> str:
    parts = [
        ", ".join(filter(None, (vote.stance, vote.act))),
        "" if vote.topics is None else ", ".join(vote.topics) or "no topic",
        ", ".join(vote.flags),
        " ".join(vote.note.split()),
    ]
    return " · ".join(filter(None, parts))
