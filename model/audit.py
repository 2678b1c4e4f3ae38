"""The actor audit: whether a model reads who is named, where it should read what they do.

A model must not have learned "group X -> against". Every answer comes from a model that saw no
sentence of the group (process, near-duplicate cluster) it answers for, as in `cross_validation`;
the weights of names alone are those of a model of all the sentences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from model.answers import GoldCodes
from model.audit_figures import Values, answers, masked_scores, swap_figures, three_way_codes
from model.audit_leans import FALSE_DISCOVERY_RATE, Leans
from model.audit_names import hanging_on_names, name_weights
from model.audit_report import Audit, MaskedScores
from model.audit_variants import NamingSentence, Variant, masked, variants
from model.cross_validation import check_articles_in_one_group, folds_of
from model.examples import Example
from model.labels import LabelSet, check_labels
from model.scores import FEW_EXAMPLES
from model.settings import DEFAULT_SETTINGS, Settings
from model.tally import Codes
from model.training import TrainedModel, fit, hashed

N_HANGING = 100
NOTES = (
    "a holder is marked only where the sentence has a stance, and a model misses some of these: "
    "both shares fall, so a holder who is mostly in favor leans below 0, and the reverse",
    "answers are of a bag of words and letters: exchanging two actors changes little of what the "
    "model reads, so few flips there are no sign that it knows who does what",
)

Progress = Callable[[int, int], None]


def audit(
    sentences: Sequence[NamingSentence],
    kinds: Mapping[str, str],
    *,
    labels: LabelSet,
    sides: tuple[str, str],
    settings: Settings = DEFAULT_SETTINGS,
    n_draws: int = 3,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Audit:
    """The audit of a model of these settings; one without figures where nothing can be said.

    kinds: actor -> its kind, for every actor that is named or holds a stance. sides: two kinds to
    compare. n_draws: random swaps per sentence. progress: called with (fits done, fits).
    Raises ModelError for a stance that is not in the label set, for no sentence, and for an article
    in two groups.
    """
    stance = [sentence.stance for sentence in sentences]
    topics = [None] * len(sentences)
    check_labels([Example(s.text) for s in sentences], stance, topics, labels=labels)
    articles = [sentence.article for sentence in sentences]
    groups = [sentence.group for sentence in sentences]
    check_articles_in_one_group(articles, groups)
    naming = [row for row, sentence in enumerate(sentences) if sentence.mentions]
    n_articles, n_groups = len(set(articles)), len(set(groups))
    empty = Audit(len(sentences), n_articles, n_groups, n_naming=len(naming))
    why_not = _why_not(sentences, len(kinds), n_groups)
    if why_not:
        return replace(empty, why_not=why_not)

    method, folds = folds_of(groups)
    done = _counting(progress, 2 * len(folds) + 1)
    plain_texts = [sentence.text for sentence in sentences]
    named_actors = [(row, actor) for row in naming for actor in sentences[row].actors]
    masked_texts = [masked(sentence, sentence.actors) for sentence in sentences]
    swaps = variants(sentences, kinds, n_draws=n_draws, seed=seed)
    asked = {
        "plain": [Variant(row, text) for row, text in enumerate(plain_texts)],
        "masked": [Variant(row, text) for row, text in enumerate(masked_texts)],
        "one masked": [
            Variant(row, masked(sentences[row], [actor])) for row, actor in named_actors
        ],
        **swaps,
    }
    found, majority = _held_out(plain_texts, stance, folds, asked, labels, settings, done)
    learned_masked, _ = _held_out(
        masked_texts, stance, folds, {"masked": asked["masked"]}, labels, settings, done
    )
    gold = GoldCodes.of(stance, topics, labels)
    answered = {
        "plain": answers(found["plain"]),
        "in_use": answers(found["masked"]),
        "in_training": answers(learned_masked["masked"]),
        "majority": majority,
    }
    if not (answered["plain"] >= 0).any():
        why_not = (
            f"{len(sentences)} sentences cannot be audited: without one group, the others have a "
            "single stance value. Label sentences of other values in other groups."
        )
        return replace(empty, why_not=why_not)

    n_unanswered = int((answered["plain"] < 0).sum())
    unanswered = (
        [f"{n_unanswered} sentences have no answer: their fold would learn a single stance value"]
        if n_unanswered
        else []
    )

    def scores_of(rows: Sequence[int]) -> MaskedScores:
        return masked_scores(
            GoldCodes(gold.stance[rows], gold.topics[rows], gold.is_asked[rows]),
            {name: codes[rows] for name, codes in answered.items()},
            articles=[articles[row] for row in rows],
            labels=labels,
            n_resamples=n_resamples,
            seed=seed,
        )

    view = three_way_codes(labels)
    plain, in_use, one_masked = (
        np.where(codes >= 0, view[codes], -1)
        for codes in (answered["plain"], answered["in_use"], answers(found["one masked"]))
    )
    by_masked: dict[str, Codes] = {actor: plain.copy() for actor in kinds}
    for (row, actor), code in zip(named_actors, one_masked, strict=True):
        by_masked[actor][row] = code
    leans = Leans(view[gold.stance], plain, in_use, articles, seed)
    named_kinds = {row: {kinds[actor] for actor in sentences[row].actors} for row in naming}
    one_sided = {
        f"{side}, no {other}": [
            row for row, some in named_kinds.items() if side in some and other not in some
        ]
        for side, other in (sides, sides[::-1])
    }
    hanging = hanging_on_names(sentences, found["plain"], found["masked"], labels)
    everything = fit(
        hashed([Example(text) for text in plain_texts], settings=settings),
        stance,
        topics,
        labels=labels,
        settings=settings,
    )
    done()
    return replace(
        empty,
        method=f"Cross-validation, {method}",
        n_known=_known(sentences, folds),
        masked={
            "all sentences": scores_of(range(len(sentences))),
            "sentences that name an actor": scores_of(naming),
        },
        swaps=swap_figures(
            found["plain"],
            {kind: (some, found[kind]) for kind, some in swaps.items()},
            articles=articles,
            labels=labels,
            n_resamples=n_resamples,
            seed=seed,
        ),
        overall=leans.by({row: ["any actor"] for row in naming}),
        by_mention=leans.by(
            {row: sentences[row].actors for row in naming}, masked=by_masked, kinds=kinds
        ),
        by_holder=leans.by(
            {row: sentence.holders for row, sentence in enumerate(sentences)},
            masked=by_masked,
            kinds=kinds,
        ),
        by_kind=leans.by(named_kinds),
        sides=sides,
        by_side=leans.by({row: [side] for side, rows in one_sided.items() for row in rows}),
        contrast=leans.difference(*one_sided.values()),
        n_hanging=len(hanging),
        hanging=tuple(hanging[:N_HANGING]),
        weights=name_weights(lambda texts: _probabilities(everything, texts), sentences, labels),
        fewest_sentences=FEW_EXAMPLES,
        false_discovery_rate=FALSE_DISCOVERY_RATE,
        n_draws=n_draws,
        n_resamples=n_resamples,
        seed=seed,
        notes=(*unanswered, *NOTES),
    )


def _why_not(sentences: Sequence[NamingSentence], n_actors: int, n_groups: int) -> str:
    """Why there is nothing to audit, in words; empty when there is."""
    if not any(sentence.mentions for sentence in sentences):
        return (
            f"None of {len(sentences)} sentences names one of {n_actors} actors: there is nothing "
            "to mask or swap. Add the names and aliases that the reports use."
        )
    if n_groups < 2:
        return (
            f"{len(sentences)} sentences of one group cannot be audited: an answer needs a model "
            "that has not seen the group. Label articles of a second group."
        )
    if len({sentence.stance for sentence in sentences}) < 2:
        return f'All {len(sentences)} sentences have the stance "{sentences[0].stance}".'
    return ""


def _held_out(
    learned: Sequence[str],
    stance: Sequence[str],
    folds: Sequence[tuple[Codes, Codes]],
    asked: Mapping[str, Sequence[Variant]],
    labels: LabelSet,
    settings: Settings,
    done: Callable[[], None],
) -> tuple[dict[str, Values], Codes]:
    """Probabilities (n_variants, n_stance) by name of what is asked, and the majority answers.

    A variant is asked of the fold that did not learn its row. A fold that would learn a single
    value answers nothing: nan, and -1. Variants are hashed fold by fold, to spare memory.
    """
    counts = hashed([Example(text) for text in learned], settings=settings)
    codes = np.array([labels.stance.index(value) for value in stance])
    found = {name: np.full((len(some), len(labels.stance)), np.nan) for name, some in asked.items()}
    rows = {name: np.array([v.row for v in some], dtype=int) for name, some in asked.items()}
    majority = np.full(len(stance), -1)
    for seen, tested in folds:
        if len(set(codes[seen])) > 1:
            model = fit(
                counts[seen],
                [stance[row] for row in seen],
                [None] * len(seen),
                labels=labels,
                settings=settings,
            )
            majority[tested] = np.bincount(codes[seen]).argmax()
            for name, some in asked.items():
                here = np.flatnonzero(np.isin(rows[name], tested)).tolist()
                if here:
                    found[name][here] = _probabilities(model, [some[n].text for n in here])
        done()
    return found, majority


def _probabilities(model: TrainedModel, texts: Sequence[str]) -> Values:
    """Shape (n_texts, n_stance), columns as in the label set; 0 for a value never trained."""
    rows = model.features["tfidf"].transform(
        hashed([Example(text) for text in texts], settings=model.settings)
    )
    found = np.zeros((len(texts), len(model.labels.stance)))
    columns = [model.labels.stance.index(value) for value in model.trained_stance]
    found[:, columns] = model.stance_probabilities(rows)
    return found


def _known(sentences: Sequence[NamingSentence], folds: Sequence[tuple[Codes, Codes]]) -> int:
    """The sentences with an actor whom the sentences of the other folds name too."""
    n = 0
    for seen, tested in folds:
        met = {actor for row in seen for actor in sentences[row].actors}
        n += sum(not met.isdisjoint(sentences[row].actors) for row in tested)
    return n


def _counting(progress: Progress | None, total: int) -> Callable[[], None]:
    """A callback that reports one more fit done each time."""
    n = 0

    def done() -> None:
        nonlocal n
        n += 1
        if progress:
            progress(n, total)

    return done
