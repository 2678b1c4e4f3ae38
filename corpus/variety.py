"""Are written reports as varied as reporting is? Near-duplicates, openings, shared phrases.

A corpus that was filled from templates shows here first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from datasketch import MinHash, MinHashLSH

from corpus.records import Sentence

OPENING_WORDS = 3
PHRASE_WORDS = 4
FEWEST_ARTICLES = 4  # a phrase in more than three reports is reported
SHORTEST = 8  # words; below, two sentences may be equal by chance ("Talks resume Monday.")


@dataclass(frozen=True, slots=True)
class Variety:
    """The figures of a set of sentences.

    near_duplicates: pairs of sentence ids; openings: first three words -> how many sentences;
    phrases: four-word sequence -> how many articles, where more than three share it.
    """

    sentences: int
    articles: int
    median_words: float
    near_duplicates: tuple[tuple[str, str], ...]
    openings: Mapping[str, int]
    phrases: Mapping[str, int]


def variety(sentences: Iterable[Sentence], *, threshold: float = 0.6) -> Variety:
    """The figures; two sentences of eight words or more are near-duplicates when the estimated
    Jaccard similarity of their word 5-grams reaches ``threshold``.
    """
    items = list(sentences)
    words = {item.id: re.findall(r"\w+", item.text.lower()) for item in items}
    openings = Counter(
        " ".join(found[:OPENING_WORDS]) for found in words.values() if len(found) >= OPENING_WORDS
    )
    articles: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        for phrase in _grams(words[item.id], PHRASE_WORDS):
            articles[phrase].add(item.article_id)
    shared = Counter({phrase: len(names) for phrase, names in articles.items()})
    return Variety(
        sentences=len(items),
        articles=len({item.article_id for item in items}),
        median_words=median(map(len, words.values())) if items else 0,
        near_duplicates=tuple(_near_duplicates(words, threshold)),
        openings=dict(openings.most_common()),
        phrases={name: n for name, n in shared.most_common() if n >= FEWEST_ARTICLES},
    )


def _near_duplicates(
    words: Mapping[str, Sequence[str]], threshold: float
) -> Iterable[tuple[str, str]]:
    index = MinHashLSH(threshold=threshold, num_perm=128)
    for name, found in words.items():
        if len(found) < SHORTEST:
            continue
        sketch = MinHash(num_perm=128, seed=1)
        sketch.update_batch([gram.encode() for gram in _grams(found, 5)])
        for other in index.query(sketch):
            yield str(other), name
        index.insert(name, sketch)


def _grams(words: Sequence[str], n: int) -> set[str]:
    return {" ".join(words[start : start + n]) for start in range(len(words) - n + 1)}
