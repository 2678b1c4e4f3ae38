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
PERMUTATIONS = 128
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


def variety(sentences: Iterable[Sentence]) -> Variety:
    """All figures at once."""
    items = list(sentences)
    return Variety(
        sentences=len(items),
        articles=len({item.article_id for item in items}),
        median_words=median(len(_words(item)) for item in items) if items else 0,
        near_duplicates=tuple(near_duplicates(items)),
        openings=openings(items),
        phrases=shared_phrases(items),
    )


def openings(sentences: Iterable[Sentence]) -> dict[str, int]:
    """First three words -> number of sentences, the most frequent first."""
    starts = (_words(item)[:OPENING_WORDS] for item in sentences)
    found = Counter(" ".join(words) for words in starts if len(words) == OPENING_WORDS)
    return dict(found.most_common())


def shared_phrases(sentences: Iterable[Sentence]) -> dict[str, int]:
    """Four words in a row -> number of articles, where more than three have them; most first."""
    articles: defaultdict[str, set[str]] = defaultdict(set)
    for item in sentences:
        for phrase in _grams(_words(item), PHRASE_WORDS):
            articles[phrase].add(item.article_id)
    found = [(name, len(names)) for name, names in articles.items()]
    most_first = sorted(found, key=lambda item: (-item[1], item[0]))
    return {name: n for name, n in most_first if n >= FEWEST_ARTICLES}


def near_duplicates(
    sentences: Iterable[Sentence], *, threshold: float = 0.6
) -> list[tuple[str, str]]:
    """Pairs of sentence ids whose word 5-grams have a Jaccard similarity of ``threshold`` or more.

    Sentences under eight words are left out. MinHash finds the candidates; the similarity of each
    is then computed exactly.
    """
    index = MinHashLSH(threshold=threshold / 2, num_perm=PERMUTATIONS)
    seen: dict[str, set[str]] = {}
    pairs = []
    for item in sentences:
        words = _words(item)
        if len(words) < SHORTEST:
            continue
        grams = _grams(words, 5)
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([gram.encode() for gram in sorted(grams)])
        for other in sorted(map(str, index.query(sketch))):
            if len(grams & seen[other]) >= threshold * len(grams | seen[other]):
                pairs.append((other, item.id))
        index.insert(item.id, sketch)
        seen[item.id] = grams
    return pairs


def _words(sentence: Sentence) -> list[str]:
    return re.findall(r"\w+", sentence.text.lower())


def _grams(words: Sequence[str], n: int) -> set[str]:
    return {" ".join(words[start : start + n]) for start in range(len(words) - n + 1)}
