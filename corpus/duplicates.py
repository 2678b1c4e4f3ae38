"""Which articles are near-duplicates of each other: wire copies, updates, re-posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from corpus.records import Article

if TYPE_CHECKING:  # importing it loads scipy, most of a second that other scripts can do without
    from datasketch import MinHash

WORDS_PER_SHINGLE = 5
PERMUTATIONS = 128


def clusters(articles: Iterable[Article], *, threshold: float = 0.5) -> dict[str, str]:
    """Article id -> cluster id, the smallest article id of its near-duplicates (often its own).

    Two articles are near-duplicates when the estimated Jaccard similarity of their word 5-grams
    reaches ``threshold``; a cluster holds everything that is linked.
    Source: Broder 1997, On the resemblance and containment of documents; MinHash by datasketch.
    """
    from datasketch import MinHashLSH

    # The index alone errs by 0.2 either way: it only finds candidates, with room to spare.
    index = MinHashLSH(threshold=threshold / 2, num_perm=PERMUTATIONS)
    sketches: dict[str, MinHash] = {}
    links: dict[str, list[str]] = {}
    for article in sorted(articles, key=lambda item: item.id):
        sketch = _sketch(article.text)
        candidates = map(str, index.query(sketch))
        links[article.id] = [
            name for name in candidates if sketch.jaccard(sketches[name]) >= threshold
        ]
        index.insert(article.id, sketch)
        sketches[article.id] = sketch
    return connected(links)


def connected(links: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Name -> the smallest name of its connected component.

    >>> connected({"a": [], "b": ["a"], "c": ["b"], "d": []})
    {'a': 'a', 'b': 'a', 'c': 'a', 'd': 'd'}
    """
    parent = {name: name for name in links}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for name, others in links.items():
        for other in others:
            low, high = sorted((root(name), root(other)))
            parent[high] = low
    return {name: root(name) for name in links}


def _sketch(text: str) -> MinHash:
    from datasketch import MinHash

    words = re.findall(r"\w+", text.lower())
    grams = {
        " ".join(words[start : start + WORDS_PER_SHINGLE])
        for start in range(max(1, len(words) - WORDS_PER_SHINGLE + 1))
    }
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update_batch([gram.encode() for gram in sorted(grams)])
    return sketch
