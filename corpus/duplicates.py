"""Which texts are near-duplicates of each other: copies of a wire report, and rewritten ones.

Two levels, because editors do two things: they cut and retitle a report (`COPY`), or tell the same
event in their own words (`SAME_EVENT`). `tests/data/wire` holds both kinds, and how well each level
finds them is tested there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from corpus.records import Article

WORDS_PER_SHINGLE = 5
LONG_WORD = 5
PERMUTATIONS = 128


@dataclass(frozen=True, slots=True)
class Level:
    """Two texts are near-duplicates when the Jaccard similarity of their parts is high enough.

    parts: text -> what is compared; fewest: a text with fewer parts has no near-duplicate.
    bands: how the index groups its hashes, (bands, hashes in each). The index errs by 0.2 either
    way, so it only finds candidates, with room to spare: these are the bands that datasketch takes
    for half the threshold, which costs it 20 ms each time.
    """

    name: str
    parts: Callable[[str], frozenset[str]]
    threshold: float
    bands: tuple[int, int]
    fewest: int = 1


def shingles(text: str) -> frozenset[str]:
    """Five words in a row, lower-cased; a shorter text is one of its own.

    >>> sorted(shingles("The truce holds, the sides say."))
    ['the truce holds the sides', 'truce holds the sides say']
    """
    words = _words(text) or [text]
    last = max(1, len(words) - WORDS_PER_SHINGLE + 1)
    return frozenset(" ".join(words[n : n + WORDS_PER_SHINGLE]) for n in range(last))


def content(text: str) -> frozenset[str]:
    """Words of five letters or more, lower-cased, and numbers: what a rewritten report keeps.

    >>> sorted(content("The 90,000 people of Benlik fled in 2 days."))
    ['000', '2', '90', 'benlik', 'people']
    """
    return frozenset(word for word in _words(text) if len(word) >= LONG_WORD or word.isdigit())


def plain(text: str) -> str:
    """The words of a text, lower-cased, without what stands between them; equal for exact copies.

    A text of signs alone stays as it is: two such texts need not be the same.

    >>> plain("Talks  RESUME - at last."), plain("?!")
    ('talks resume at last', '?!')
    """
    return " ".join(_words(text)) or text


COPY = Level("copy", shingles, 0.5, bands=(42, 3))
# A sentence has too few content words: two that share a third of them need not tell one event.
SAME_EVENT = Level("same event", content, 0.3, bands=(51, 2), fewest=20)


def clusters(articles: Iterable[Article], *, levels: Iterable[Level] = (COPY,)) -> dict[str, str]:
    """Article id -> cluster id, the smallest article id of its near-duplicates (often its own).

    A cluster holds everything that is linked at one of the levels.
    """
    texts = {article.id: article.text for article in articles}
    return text_clusters(texts, levels=levels)


def text_clusters(texts: Mapping[str, str], *, levels: Iterable[Level] = (COPY,)) -> dict[str, str]:
    """Name -> cluster, the smallest name in it; see `clusters`."""
    ordered = dict(sorted(texts.items()))
    linked: dict[str, list[str]] = {name: [] for name in ordered}
    for level in levels:
        for name, others in links(ordered, level=level).items():
            linked[name] += others
    return connected(linked)


def links(
    texts: Mapping[str, str], *, level: Level, known: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Name -> the near-duplicates among `known`, by name; without it, among the texts before.

    Source: Broder 1997, On the resemblance and containment of documents; MinHash by datasketch.
    """
    # Importing it loads scipy, most of a second that other scripts can do without.
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=PERMUTATIONS, params=level.bands)
    indexed: dict[str, frozenset[str]] = {}
    found: dict[str, list[str]] = {name: [] for name in texts}
    for asked, given in ((False, known or {}), (True, texts)):
        parts_of = {name: level.parts(text) for name, text in given.items()}
        enough = {name: parts for name, parts in parts_of.items() if len(parts) >= level.fewest}
        encoded = ([part.encode() for part in sorted(parts)] for parts in enough.values())
        sketches = MinHash.bulk(encoded, num_perm=PERMUTATIONS, seed=1)
        for (name, parts), sketch in zip(enough.items(), sketches, strict=True):
            if asked:
                found[name] = [
                    other
                    for other in sorted(map(str, index.query(sketch)))
                    if len(parts & indexed[other]) >= level.threshold * len(parts | indexed[other])
                ]
            if known is None or not asked:
                index.insert(name, sketch)
                indexed[name] = parts
    return found


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


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
