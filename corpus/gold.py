"""From votes to gold labels: what the annotators agree on, or an adjudicator decided.

One vote stands (``single``) until there is a second; two who differ give no gold label without an
adjudication; three or more give a strict majority. An adjudication always wins. Holders stand when
all who gave the gold stance, and holders with it, found the same ones with the same stances; they
differ by a word at the edges of spans, and then the first annotator's are taken. They are not
adjudicated yet: where annotators differ, the sentence has none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from corpus.codebook import Codebook
from corpus.holders import agree
from corpus.records import Adjudication, Annotation, GoldLabel, Holder, How
from corpus.renamed import standing, standing_decisions

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Dispute:
    """Annotators differ on a layer of a sentence, and nobody has decided yet.

    ``answers``: (annotator, label) pairs; a topic set is joined with ``+``.
    """

    sentence_id: str
    layer: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """``labels`` by sentence id, and what is still disputed."""

    labels: dict[str, GoldLabel]
    disputes: tuple[Dispute, ...]


def gold_labels(
    annotations: Iterable[Annotation], adjudications: Iterable[Adjudication], codebook: Codebook
) -> Gold:
    """Gold labels of every sentence with an agreed or adjudicated stance, in sentence order.

    annotations: the current ones (one per sentence and annotator); only done ones are votes.
    """
    votes: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in standing(annotations, codebook):
        if annotation.status == "done":
            votes[annotation.sentence_id].append(annotation)
    latest = {(item.sentence_id, item.layer): item for item in adjudications}
    stand = standing_decisions(latest.values(), codebook)
    decided = {(item.sentence_id, item.layer): item for item in stand}
    labels: dict[str, GoldLabel] = {}
    disputes: list[Dispute] = []
    for sentence_id in sorted(votes):
        ballots = sorted(votes[sentence_id], key=lambda vote: vote.annotator)
        label, open_layers = _gold_label(sentence_id, ballots, decided, codebook)
        disputes += [_dispute(sentence_id, layer, ballots) for layer in open_layers]
        if label is not None:
            labels[sentence_id] = label
    return Gold(labels, tuple(disputes))


def agreed(values: Sequence[T]) -> tuple[T, How] | None:
    """The value that votes agree on and how, or None.

    >>> agreed(["favor"]), agreed(["favor", "mixed"]), agreed(["favor", "mixed", "favor"])
    (('favor', 'single'), None, ('favor', 'majority'))
    """
    if not values:
        return None
    value, most = Counter(values).most_common(1)[0]
    if most == len(values):
        return value, "single" if most == 1 else "unanimous"
    return (value, "majority") if len(values) >= 3 and 2 * most > len(values) else None


def _gold_label(
    sentence_id: str,
    votes: Sequence[Annotation],
    decided: dict[tuple[str, str], Adjudication],
    codebook: Codebook,
) -> tuple[GoldLabel | None, list[str]]:
    decision = decided.get((sentence_id, "stance"))
    stance: str | None = None
    how: How | None = None
    if decision is not None and isinstance(decision.value, str):
        stance, how = decision.value, "adjudicated"
    elif (found := agreed([str(vote.stance) for vote in votes])) is not None:
        stance, how = found
    if stance is None or how is None:
        return None, ["stance"]
    open_layers = []
    act, act_open = _gold_act(stance, votes, decided.get((sentence_id, "act")), codebook)
    if act_open:
        open_layers.append("act")
    topics = _gold_topics(votes, decided.get((sentence_id, "topics")))
    if topics is None and any(vote.topics is not None for vote in votes):
        open_layers.append("topics")
    doubt = codebook.uncertain_flags
    certain = all(vote.stance == stance and doubt.isdisjoint(vote.flags) for vote in votes)
    if topics is not None:
        order = codebook.names("topics")
        topics = tuple(sorted(topics, key=order.index))
    label = GoldLabel(
        sentence_id=sentence_id,
        stance=stance,
        act=act,
        topics=topics,
        certain=certain,
        how=how,
        votes=tuple(votes),
        holders=_gold_holders(stance, votes),
    )
    return label, open_layers


def _gold_act(
    stance: str, votes: Sequence[Annotation], decision: Adjudication | None, codebook: Codebook
) -> tuple[str | None, bool]:
    """The agreed act and whether it is still open. Only votes for the gold stance have a say."""
    if stance not in codebook.asking_act:
        return None, False
    if decision is not None:
        return decision.value if isinstance(decision.value, str) else None, False
    acts = [vote.act for vote in votes if vote.stance == stance]
    if len(acts) < min(2, len(votes)):
        return None, True
    found = agreed(acts)
    return (None, True) if found is None else (found[0], False)


def _gold_topics(
    votes: Sequence[Annotation], decision: Adjudication | None
) -> tuple[str, ...] | None:
    """The agreed topics: equal sets, or each topic's majority when three or more were asked."""
    if decision is not None:
        return decision.value if isinstance(decision.value, tuple) else None
    sets = [frozenset(vote.topics) for vote in votes if vote.topics is not None]
    if len(sets) >= 3:
        counts = Counter(topic for topics in sets for topic in topics)
        return tuple(topic for topic, count in counts.items() if 2 * count > len(sets))
    found = agreed(sets)
    return None if found is None else tuple(found[0])


def _gold_holders(stance: str, votes: Sequence[Annotation]) -> tuple[Holder, ...]:
    """The holders of the first vote for the gold stance that has any, if the others agree."""
    given = [vote.holders for vote in votes if vote.stance == stance and vote.holders]
    return given[0] if given and all(agree(given[0], other) for other in given[1:]) else ()


def _dispute(sentence_id: str, layer: str, votes: Sequence[Annotation]) -> Dispute:
    answers = []
    for vote in votes:
        value = getattr(vote, layer)
        shown = "+".join(sorted(value)) if isinstance(value, tuple) else value
        answers.append((vote.annotator, shown or "(none)"))
    return Dispute(sentence_id, layer, tuple(answers))
