"""One table of agreement: how far a set of annotations agrees, layer by layer.

The lines say alpha for stance and act, each of their values against the rest and each pair of
annotators; MASI alpha for topic sets and nominal alpha topic by topic; F1 for the spans of holders
and alpha for the stance of those that both found; and the F1 of annotator against annotator, by
the names of the model's scores, to stand beside them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Literal, TypeVar

import numpy as np

from corpus.agreement import (
    Estimate,
    Floats,
    Ratings,
    class_f1,
    confusions,
    estimate,
    estimated_alpha,
    macro_f1,
    masi,
    percent_agreement,
    ratio,
)
from corpus.codebook import Codebook
from corpus.holders import matched
from corpus.records import Annotation, Holder

T = TypeVar("T", bound=Hashable)
Measure = Literal["alpha", "F1"]
Answers = Mapping[tuple[str, str], T]

FEWEST_POSITIVES = 10
NOBODY = "undefined: no sentence was labelled by two annotators"
NO_MATCH = "undefined: no holder was found by two annotators"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a table.

    ``n``: sentences with two ratings or more (on matched holders: the matches); ``positives``:
    those where somebody gave this value, None for a line that is not about one value; ``agree``:
    the share of rating pairs that agree, in [0, 1], or nan; ``value``: the measure, nan when
    undefined; ``low`` and ``high``: its 95 % interval, nan where there is none. ``note`` says why
    something is missing, or what to beware of.
    """

    layer: str
    what: str
    measure: Measure
    n: int
    positives: int | None
    agree: float
    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of one set of annotations, all made under the same codebook version."""

    name: str
    codebook: str
    n_annotations: int
    n_sentences: int
    n_articles: int
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """The name with the version."""
        return f"{self.name}, codebook {self.codebook}"


def agreement_table(
    name: str,
    version: str,
    annotations: Iterable[Annotation],
    codebook: Codebook,
    articles: Mapping[str, str],
) -> Table:
    """The table of the done ones among ``annotations``, one per sentence and annotator.

    articles: sentence id -> article id, what the intervals resample. A label that this codebook
    does not know, of an older version, has its line after the others.
    """
    done = [item for item in annotations if item.status == "done"]
    stances, acts = _answers(done, "stance"), _answers(done, "act")
    lines = [*_nominal_lines("stance", stances, codebook.names("stance"), articles)]
    if codebook.names("act"):
        lines += _nominal_lines("act", acts, codebook.names("act"), articles)
    if codebook.names("topics"):
        lines += _topic_lines(done, codebook, articles)
    lines += _holder_lines(done, codebook, articles)
    lines += _annotator_lines(stances, codebook, articles)
    sentences = {item.sentence_id for item in done}
    return Table(
        name=name,
        codebook=version,
        n_annotations=len(done),
        n_sentences=len(sentences),
        n_articles=len({articles[sentence_id] for sentence_id in sentences}),
        lines=tuple(lines),
    )


def _answers(done: Iterable[Annotation], layer: str) -> dict[tuple[str, str], str]:
    """(sentence id, annotator) -> label, where the layer was answered."""
    return {
        (item.sentence_id, item.annotator): value
        for item in done
        if (value := getattr(item, layer)) is not None
    }


def _nominal_lines(
    layer: str, answers: Answers[str], names: Sequence[str], articles: Mapping[str, str]
) -> Iterator[Line]:
    """The layer, each value against the rest, each pair of annotators."""
    ratings = _ratings(answers)
    yield _label_line(layer, layer, ratings, articles)
    if not any(len(labels) >= 2 for labels in ratings.values()):
        return
    for value in (*names, *sorted(set(answers.values()) - set(names))):
        has_value = {key: label == value for key, label in answers.items()}
        yield _value_line(layer, value, _ratings(has_value), articles)
    for pair in combinations(sorted({annotator for _, annotator in answers}), 2):
        both = {key: label for key, label in answers.items() if key[1] in pair}
        yield _label_line(layer, " / ".join(pair), _ratings(both), articles)


def _topic_lines(
    done: Iterable[Annotation], codebook: Codebook, articles: Mapping[str, str]
) -> Iterator[Line]:
    """The topic sets by MASI, then each topic by itself."""
    sets = {
        (item.sentence_id, item.annotator): frozenset(item.topics)
        for item in done
        if item.topics is not None
    }
    ratings = _ratings(sets)
    found = estimated_alpha(ratings, articles, masi)
    yield _alpha_line("topics", "topics (MASI)", ratings, found, reason="all sets are equal")
    if not any(len(given) >= 2 for given in ratings.values()):
        return
    names = codebook.names("topics")
    others = {topic for topics in sets.values() for topic in topics} - set(names)
    for topic in (*names, *sorted(others)):
        has_topic = {key: topic in topics for key, topics in sets.items()}
        yield _value_line("topics", f"topic {topic}", _ratings(has_topic), articles)


def _holder_lines(
    done: Iterable[Annotation], codebook: Codebook, articles: Mapping[str, str]
) -> Iterator[Line]:
    """Span F1, exact and by overlap, and alpha of the stance of the holders that both found.

    An annotator who never gave a holder was not asked for them; one who was gives none where the
    stance is neutral. Holders missing under another stance were not asked for.
    """
    asked = {item.annotator for item in done if item.holders}
    by_sentence: defaultdict[str, list[tuple[Holder, ...]]] = defaultdict(list)
    for item in done:
        if item.holders or (item.annotator in asked and item.stance == codebook.neutral):
            by_sentence[item.sentence_id].append(item.holders)
    pairs = [
        (sentence_id, left, right)
        for sentence_id, given in by_sentence.items()
        for left, right in combinations(given, 2)
        if left or right
    ]
    if not pairs:
        return
    n = len({sentence_id for sentence_id, _, _ in pairs})
    for what, exact in (("holders, exact spans", True), ("holders, overlapping spans", False)):
        rows: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(2))
        for sentence_id, left, right in pairs:
            matches = len(matched(left, right, exact=exact))
            rows[articles[sentence_id]] += [2 * matches, len(left) + len(right)]
        found = estimate(np.stack(list(rows.values())), lambda t: ratio(t[..., 0], t[..., 1]))
        yield _figure("holders", what, "F1", n, found)
    stances: dict[str, list[str]] = {}
    article_of: dict[str, str] = {}
    for number, (sentence_id, left, right) in enumerate(pairs):
        for place, (one, other) in enumerate(matched(left, right)):
            stances[f"{number}.{place}"] = [one.stance, other.stance]
            article_of[f"{number}.{place}"] = articles[sentence_id]
    yield _label_line("holders", "stance of matched holders", stances, article_of)


def _annotator_lines(
    answers: Answers[str], codebook: Codebook, articles: Mapping[str, str]
) -> Iterator[Line]:
    """Annotator against annotator F1, under the names of the model's scores, then by value."""
    known = {key: label for key, label in answers.items() if label in codebook.three_way}
    names = codebook.names("stance")
    views: dict[str, Mapping[str, str]] = {
        "stance macro-F1": {name: name for name in names},
        "stance or not, macro-F1": {name: str(name != codebook.neutral) for name in names},
        "three-way macro-F1": dict(codebook.three_way),
    }
    n = sum(len(labels) >= 2 for labels in _ratings(known).values())
    if n == 0:
        return
    for what, view in views.items():
        seen = {key: view[label] for key, label in known.items()}
        table = confusions(_ratings(seen), articles, list(dict.fromkeys(view.values())))
        yield _figure("annotators", what, "F1", n, estimate(table, macro_f1))
    ratings = _ratings(known)
    table = confusions(ratings, articles, names)
    for number, name in enumerate(names):
        found = estimate(table, partial(_f1_of, number=number))
        positives = sum(len(labels) >= 2 and name in labels for labels in ratings.values())
        yield _figure("annotators", f"F1 of {name}", "F1", n, found, positives)


def _f1_of(confusion: Floats, *, number: int) -> Floats:
    return class_f1(confusion)[..., number]


def _ratings(answers: Answers[T]) -> Ratings[T]:
    ratings: defaultdict[str, list[T]] = defaultdict(list)
    for (sentence_id, _), label in answers.items():
        ratings[sentence_id].append(label)
    return ratings


def _value_line(layer: str, what: str, ratings: Ratings[bool], articles: Mapping[str, str]) -> Line:
    positives = sum(len(labels) >= 2 and any(labels) for labels in ratings.values())
    found = estimated_alpha(ratings, articles)
    reason = "everybody used it everywhere" if positives else ""
    return _alpha_line(layer, what, ratings, found, reason=reason, positives=positives)


def _label_line(layer: str, what: str, ratings: Ratings[str], articles: Mapping[str, str]) -> Line:
    label = next((labels[0] for labels in ratings.values() if len(labels) >= 2), "")
    found = estimated_alpha(ratings, articles)
    return _alpha_line(layer, what, ratings, found, reason=f"every label is {label}")


def _alpha_line(
    layer: str,
    what: str,
    ratings: Ratings[T],
    found: Estimate,
    *,
    reason: str,
    positives: int | None = None,
) -> Line:
    """The line of an alpha. reason: why chance alone agrees fully, should alpha be undefined."""
    n = sum(len(labels) >= 2 for labels in ratings.values())
    line = _figure(layer, what, "alpha", n, found, positives)
    note = line.note
    if n == 0:
        note = NO_MATCH if layer == "holders" else NOBODY
    elif math.isnan(found.value) and positives != 0:
        note = f"undefined: {reason}, so chance alone agrees fully"
    return replace(line, agree=percent_agreement(ratings), note=note)


def _figure(
    layer: str,
    what: str,
    measure: Measure,
    n: int,
    found: Estimate,
    positives: int | None = None,
) -> Line:
    few = f"fewer than {FEWEST_POSITIVES} positives"
    notes = [few] if positives is not None and 0 < positives < FEWEST_POSITIVES else []
    if math.isnan(found.value):
        notes = ["undefined: nobody used it"]
    if found.note:
        notes.append(found.note)
    return Line(
        layer=layer,
        what=what,
        measure=measure,
        n=n,
        positives=positives,
        agree=math.nan,
        value=found.value,
        low=found.low,
        high=found.high,
        note="; ".join(notes),
    )
