"""What labelled texts share: which belong together, which stand on both sides of a split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from corpus.cli import count
from corpus.dataset import Row, article_texts
from corpus.duplicates import COPY, SAME_EVENT, links, plain, text_clusters
from corpus.labelled import Labelled
from corpus.splits import linked

LEVELS = (COPY, SAME_EVENT)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Leak:
    """One way in which test items are known from training.

    kind: "group", "same words", or the name of a level of near-duplicates, without those of a
    closer kind. n_shared of the n groups (or different texts) of the test items occur in training;
    items: the numbers of the test items concerned; pairs: for each of the shared ones the places of
    a training item and of a test item.
    """

    kind: str
    n_shared: int
    n: int
    items: tuple[int, ...]
    pairs: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """The leak as plain data, with a few of its pairs."""
        return {
            "kind": self.kind,
            "n_shared": self.n_shared,
            "n_test": self.n,
            "n_items": len(self.items),
            "examples": [list(pair) for pair in self.pairs[:SHOWN]],
        }

    def describe(self, group_field: str | None) -> str:
        """The leak in words, with a few of its pairs; group_field: what a group is called."""
        what = {
            "group": f"values of {group_field} in test occur",
            "same words": "texts in test occur word for word",
            "copy": "texts in test occur with small changes",
            "same event": "texts in test occur in other words",
        }[self.kind]
        first = (
            f"{self.n_shared} of the {self.n} {what} in training: {count(len(self.items), 'item')}"
        )
        return "\n    ".join([f"{first}.", *(" and ".join(pair) for pair in self.pairs[:SHOWN])])


def groups_of(items: Sequence[Labelled]) -> list[str]:
    """Per item the place of the first one that must be held out with it, often its own.

    Items of one group belong together, near-duplicates do, and all that is linked.
    """
    cluster_of = text_clusters({words: words for words in map(_words, items)}, levels=LEVELS)
    names = linked((cluster_of[_words(item)], item.group) for item in items)
    first: dict[str, str] = {}
    return [first.setdefault(name, item.place) for name, item in zip(names, items, strict=True)]


def leaks_between(train: Sequence[Labelled], test: Sequence[Labelled]) -> list[Leak]:
    """The leaks from train into test, one of each kind at most; empty when there is none."""
    groups = {item.group: item.group for item in train if item.group}
    known = {words: words for words in map(_words, train)}
    found = [
        _leak("group", train, test, lambda item: item.group, groups),
        _leak("same words", train, test, _words, known),
    ]
    fresh = {words: words for words in map(_words, test) if words not in known}
    for level in LEVELS:
        near = links(fresh, level=level, known=known)
        closest = {words: names[0] for words, names in near.items() if names}
        found.append(_leak(level.name, train, test, _words, closest))
        fresh = {words: words for words in fresh if words not in closest}
    return [leak for leak in found if leak.items]


def shared_between(parts: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Each article, near-duplicate and process of a dataset that lies in two parts, in words."""
    for key, noun in (
        ("article_id", "article"),
        ("cluster", "near-duplicate cluster"),
        ("process", "process"),
    ):
        found: defaultdict[str, list[str]] = defaultdict(list)
        for part, rows in parts.items():
            for name in {row[key] for row in rows if row[key]}:
                found[name].append(part)
        for name, where in sorted(found.items()):
            if len(where) > 1:
                yield f'{noun} "{name}" is in {" and ".join(where)}'
    for first, second in combinations(parts, 2):
        known = article_texts(parts[first])
        texts = {k: text for k, text in article_texts(parts[second]).items() if k not in known}
        near = links(texts, level=SAME_EVENT, known=known)  # the clusters are of copies
        for name, others in sorted(near.items()):
            if others:
                yield f'article "{name}" in {second} tells the event of "{others[0]}" in {first}'


def _leak(
    kind: str,
    train: Sequence[Labelled],
    test: Sequence[Labelled],
    key: Callable[[Labelled], str],
    known: Mapping[str, str],
) -> Leak:
    """known: key of a test item -> key of the training item that it is known from."""
    train_place = {key(item): item.place for item in reversed(train)}
    test_place = {key(item): item.place for item in reversed(test)}
    shared = [name for name in test_place if name in known]
    return Leak(
        kind,
        n_shared=len(shared),
        n=len(test_place),
        items=tuple(number for number, item in enumerate(test) if key(item) in known),
        pairs=tuple((train_place[known[name]], test_place[name]) for name in reversed(shared)),
    )


def _words(item: Labelled) -> str:
    return plain(item.text)
