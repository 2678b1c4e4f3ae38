"""Which names weigh: the answers that hang on one, and what a name says with nothing around it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from model.audit_figures import SIDES, Values, answers, side_probabilities
from model.audit_report import Hanging, NameWeight, NameWeights
from model.audit_variants import MASK, NamingSentence, capitalised_words, names_in_use
from model.labels import LabelSet

# Sentences in which only the name says anything. A name alone is one in every language.
TEMPLATES = ("{}", "{} said on Tuesday.", "A delegation of {} arrived.")
N_WORDS = 200


def hanging_on_names(
    sentences: Sequence[NamingSentence], plain: Values, hidden: Values, labels: LabelSet
) -> list[Hanging]:
    """The sentences whose answer changes with the names masked, the largest change first.

    plain, hidden: probabilities (n_sentences, n_stance) with the names shown and masked.
    """
    before, after = answers(plain), answers(hidden)
    found = [
        Hanging(
            id=sentence.id,
            text=sentence.text,
            names=tuple(sentence.name_of(actor) for actor in sentence.actors),
            gold=sentence.stance,
            predicted=labels.stance[before[row]],
            masked=labels.stance[after[row]],
            change=float(plain[row, before[row]] - hidden[row, before[row]]),
        )
        for row, sentence in enumerate(sentences)
        if before[row] >= 0 and before[row] != after[row]
    ]
    return sorted(found, key=lambda one: (-one.change, one.id))


def name_weights(
    ask: Callable[[Sequence[str]], Values],
    sentences: Sequence[NamingSentence],
    labels: LabelSet,
) -> NameWeights:
    """What each actor's usual name adds to an empty sentence, beside the usual capitalised words.

    ask: texts -> probabilities (n_texts, n_stance). Each figure is the mean over the templates,
    minus that with the mask in the name's place.
    """

    def probabilities(names: Sequence[str]) -> Values:
        """Of favor and against, shape (n_names, 2)."""
        texts = [template.format(name) for name in names for template in TEMPLATES]
        found = side_probabilities(ask(texts), labels)
        return np.asarray(found.reshape(len(names), len(TEMPLATES), 2).mean(axis=1))

    usual = {actor: next(iter(names)) for actor, names in names_in_use(sentences).items()}
    often = Counter(capitalised_words(sentences))
    words = sorted(often, key=lambda word: (-often[word], word))[:N_WORDS]
    (neutral,) = probabilities([MASK])
    weights = probabilities(list(usual.values())) - neutral
    gold: defaultdict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        for actor in sentence.actors:
            gold[actor].append(labels.three_way[sentence.stance])
    names = [
        NameWeight(
            actor=actor,
            name=name,
            n_sentences=len(gold[actor]),
            gold={side: gold[actor].count(side) / len(gold[actor]) for side in SIDES},
            favor=float(favor),
            against=float(against),
        )
        for (actor, name), (favor, against) in zip(usual.items(), weights, strict=True)
    ]
    ranges, n_above = {}, {}
    if words:
        bounds = np.percentile(probabilities(words) - neutral, [2.5, 97.5], axis=0)
        for side, (low, high), some in zip(SIDES, bounds.T, weights.T, strict=True):
            ranges[side] = (float(low), float(high))
            n_above[side] = int((some > high).sum())
    return NameWeights(
        templates=TEMPLATES,
        neutral=dict(zip(SIDES, map(float, neutral), strict=True)),
        n_words=len(words),
        words=ranges,
        n_above=n_above,
        names=tuple(sorted(names, key=lambda one: (-one.against, one.actor))),
    )
