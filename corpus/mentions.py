"""Where is an actor named in a text? Names and aliases of ``actors.toml``, as they stand there."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.actors import Actor, by_mention, resolve

# One character for another, so that offsets stay: names are written with either apostrophe, and a
# line may break inside one.
ALIKE = str.maketrans({"’": "'", "\n": " ", "\t": " ", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Mention:
    """An actor's name in a text; ``start``, ``end``: code points, half-open."""

    start: int
    end: int
    actor: str


@dataclass(frozen=True, slots=True)
class Names:
    """What ``mentions_in`` looks for: ``known`` as ``by_mention`` makes it, and the spellings by
    their first character, longest first.
    """

    known: Mapping[str, Sequence[Actor]]
    spellings: Mapping[str, Sequence[str]]


def names_of(actors: Iterable[Actor]) -> Names:
    """The names and aliases of the actors, ready to look for.

    A name counts as it is written, with its first letter in upper case (the start of a sentence),
    and all in upper case (headings): "us" is not the US.
    """
    actors = list(actors)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for actor in actors:
        for name in (actor.name, *actor.aliases):
            plain = " ".join(name.translate(ALIKE).split())
            if plain[:4].casefold() == "the ":  # `resolve` compares without it, too
                plain = plain[4:]
            for spelling in (plain, plain[:1].upper() + plain[1:], plain.upper()):
                found[spelling[:1]].add(spelling)
    by_length = {
        first: tuple(sorted(spellings, key=lambda one: (-len(one), one)))
        for first, spellings in found.items()
        if first
    }
    return Names(by_mention(actors), by_length)


def mentions_in(text: str, day: date | None, names: Names) -> tuple[Mention, ...]:
    """The actors named in a text on a day, in order and without overlap.

    Of names that start at the same place the longest counts, if somebody has it on that day; whole
    words only. A name that several actors have on that day, or an unknown one, names nobody. The
    words "the group" name nobody either: there is no name to see.

    >>> names = names_of([Actor("m", "Movement", "group"), Actor("n", "New Movement", "group")])
    >>> mentions_in("The New Movement and Movements talked to Movement's envoy.", None, names)
    (Mention(start=4, end=16, actor='n'), Mention(start=41, end=49, actor='m'))
    """
    plain = text.translate(ALIKE)
    found = []
    start = 0
    while start < len(plain):
        mention = _mention_at(plain, start, day, names)
        if mention:
            found.append(mention)
        start = mention.end if mention else start + 1
    return tuple(found)


def _mention_at(text: str, start: int, day: date | None, names: Names) -> Mention | None:
    if text[start] not in names.spellings or not _is_border(text, start):
        return None
    for spelling in names.spellings[text[start]]:
        end = start + len(spelling)
        if text.startswith(spelling, start) and _is_border(text, end):
            actor = resolve(spelling, day, names.known)
            if actor:
                return Mention(start, end, actor)
    return None


def _is_border(text: str, place: int) -> bool:
    """True unless a word goes on across the place; vowel signs and accents belong to the word."""
    return not (0 < place < len(text) and _is_of_word(text[place]) and _is_of_word(text[place - 1]))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
