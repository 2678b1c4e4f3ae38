"""The same sentence with somebody else in it: masks, swaps, and changes that change nothing.

A variant that keeps the sentence's stance must keep the answer (Ribeiro et al. 2020, Beyond
Accuracy: CheckList, invariance tests). Names are replaced as they stand, without mending grammar
around them; the controls are changed in the same way.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

# One letter is no word to the features and makes three runs of characters. A longer word that
# training never saw would bring a dozen columns of the highest idf, which make a row so long that
# every answer moves to the intercepts; "the group" would bring its own learned weights.
MASK = "X"

ANOTHER = "another actor of its kind"
ALIAS = "another name of the actor"
WORD = "another capitalised word"
EXCHANGED = "two actors exchanged"
WORDS = "two other words exchanged"
# What each swap stands beside: as much is changed, but not who acts.
CONTROLS = {ANOTHER: (WORD, ALIAS), EXCHANGED: (WORDS,)}

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: code points, half-open, and the id of the actor that it names."""

    start: int
    end: int
    actor: str


@dataclass(frozen=True, slots=True)
class NamingSentence:
    """A labelled sentence and whom it names.

    mentions: ascending, without overlap. holders: ids of the actors whose stance it reports.
    article: what intervals resample; group: what is held out together.
    Raises ValueError for a mention that does not fit the text.
    """

    id: str
    text: str
    stance: str
    article: str
    group: str
    mentions: tuple[Mention, ...] = ()
    holders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        last_end = 0
        for mention in self.mentions:
            if not last_end <= mention.start < mention.end <= len(self.text):
                raise ValueError(
                    f"{self.id}: the mention ({mention.start}, {mention.end}) does not fit: "
                    f"expected {last_end} <= start < end <= {len(self.text)}, the text's length"
                )
            last_end = mention.end

    @property
    def actors(self) -> tuple[str, ...]:
        """The actors named, each once, in the order of their first mention."""
        return tuple(dict.fromkeys(mention.actor for mention in self.mentions))

    def name_of(self, actor: str) -> str:
        """The first name that the sentence uses for an actor; raises StopIteration for none."""
        return next(self.text[m.start : m.end] for m in self.mentions if m.actor == actor)


@dataclass(frozen=True, slots=True)
class Variant:
    """A changed text of the sentence with the number `row`."""

    row: int
    text: str


def masked(sentence: NamingSentence, actors: Iterable[str]) -> str:
    """The text with every name of the actors hidden behind the same letter.

    >>> mentions = (Mention(0, 5, "hamas"), Mention(10, 15, "fatah"))
    >>> masked(NamingSentence("s", "Hamas met Fatah.", "none", "a", "g", mentions), ["hamas"])
    'X met Fatah.'
    """
    return _renamed(sentence, dict.fromkeys(actors, MASK))


def names_in_use(sentences: Iterable[NamingSentence]) -> dict[str, dict[str, int]]:
    """Actor -> name -> the sentences that use it for the actor, the most frequent first; by id."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for actor in sentence.actors:
            used[actor][sentence.name_of(actor)] += 1
    return {
        actor: dict(sorted(names.items(), key=lambda one: (-one[1], one[0])))
        for actor, names in sorted(used.items())
    }


def capitalised_words(sentences: Iterable[NamingSentence]) -> list[str]:
    """The capitalised words that name no actor and do not begin their sentence; one per place.

    Persons, places, days, peoples: what a name looks like to a model, without being an actor's.
    """
    return [
        sentence.text[start:end]
        for sentence in sentences
        for start, end in _other_words(sentence)
        if start and _is_capitalised(sentence.text[start:end])
    ]


def variants(
    sentences: Sequence[NamingSentence],
    kinds: Mapping[str, str],
    *,
    n_draws: int,
    seed: int,
) -> dict[str, list[Variant]]:
    """Per kind of change the changed texts of the sentences that name an actor.

    kinds: actor -> its kind. Every change is drawn n_draws times a sentence, exchanging actors
    once; the two exchanges are for sentences that name exactly two actors. Names and words are
    drawn as often as the sentences use them, so that those which a model could learn come up;
    another actor stands under its most frequent name. A draw that changes nothing, or finds
    nothing to put in, is no variant.
    """
    rng = Random(seed)
    used = names_in_use(sentences)
    often = {actor: sum(names.values()) for actor, names in used.items()}
    pool = capitalised_words(sentences)

    def another(sentence: NamingSentence) -> str | None:
        old = rng.choice(sentence.actors)
        others = {
            next(iter(names)): often[actor]
            for actor, names in used.items()
            if kinds[actor] == kinds[old] and actor not in sentence.actors
        }
        return _renamed(sentence, {old: drawn(others)}) if others else None

    def alias(sentence: NamingSentence) -> str | None:
        old = rng.choice(sentence.actors)
        here = {sentence.text[m.start : m.end].lower() for m in sentence.mentions if m.actor == old}
        others = {name: n for name, n in used[old].items() if name.lower() not in here}
        return _renamed(sentence, {old: drawn(others)}) if others else None

    def drawn(weights: Mapping[str, int]) -> str:
        return rng.choices(list(weights), list(weights.values()))[0]

    def word(sentence: NamingSentence) -> str | None:
        places = [
            (start, end)
            for start, end in _other_words(sentence)
            if start and _is_capitalised(sentence.text[start:end])
        ]
        if not places:
            return None
        start, end = rng.choice(places)
        new = rng.choice(pool)
        is_same = new == sentence.text[start:end]
        return None if is_same else _edited(sentence.text, [(start, end, new)])

    def exchanged(sentence: NamingSentence) -> str | None:
        if len(sentence.actors) != 2:
            return None
        first, second = sentence.actors
        names = {first: sentence.name_of(second), second: sentence.name_of(first)}
        return _renamed(sentence, names)

    def words(sentence: NamingSentence) -> str | None:
        places, text = _other_words(sentence), sentence.text
        if len(sentence.actors) != 2 or len(places) < 2:
            return None
        (a, b), (c, d) = sorted(rng.sample(places, 2))
        is_same = text[a:b] == text[c:d]
        return None if is_same else _edited(text, [(a, b, text[c:d]), (c, d, text[a:b])])

    changes: dict[str, tuple[Callable[[NamingSentence], str | None], int]] = {
        ANOTHER: (another, n_draws),
        WORD: (word, n_draws),
        ALIAS: (alias, n_draws),
        EXCHANGED: (exchanged, 1),
        WORDS: (words, n_draws),
    }
    return {
        kind: [
            Variant(row, text)
            for row, sentence in enumerate(sentences)
            if sentence.mentions
            for _ in range(times)
            if (text := change(sentence)) is not None
        ]
        for kind, (change, times) in changes.items()
    }


def _other_words(sentence: NamingSentence) -> list[tuple[int, int]]:
    """Where the words of two letters or more stand that are in no mention."""
    return [
        match.span()
        for match in _WORD.finditer(sentence.text)
        if not any(m.start < match.end() and match.start() < m.end for m in sentence.mentions)
    ]


def _is_capitalised(word: str) -> bool:
    """True for "Doha", not for "NATO": headings are all in upper case."""
    return word[0].isupper() and word[1:].islower()


def _renamed(sentence: NamingSentence, names: dict[str, str]) -> str:
    edits = [(m.start, m.end, names[m.actor]) for m in sentence.mentions if m.actor in names]
    return _edited(sentence.text, edits)


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with spans replaced; edits: (start, end, new), ascending, without overlap."""
    parts, last_end = [], 0
    for start, end, new in edits:
        parts += [text[last_end:start], new]
        last_end = end
    return "".join([*parts, text[last_end:]])
