"""Does a corpus folder hold together? Each check has a code, and its docstring says what it asks.

The records refuse to be wrong by themselves, and the readers report broken files (E1xx, E2xx);
these checks tie the files to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from corpus.actors import by_mention, resolve
from corpus.annotations import annotation_path, current
from corpus.batches import asks_of
from corpus.findings import Finding
from corpus.folder import Corpus
from corpus.holders import act_problem, misfit, mixed_problem, mixed_value, stance_problem
from corpus.records import Annotation, Sentence
from corpus.splits import leaks
from corpus.variety import near_duplicates, openings, shared_phrases

FEWEST_OPENINGS = 10
COMMON_OPENING = 0.01  # of the sentences
WORST_PHRASES = 5


def check_corpus(corpus: Corpus) -> list[Finding]:
    """All findings of all checks, sorted by place."""
    return sorted(finding for check in CHECKS for finding in check(corpus))


def e301_unknown_sentence(corpus: Corpus) -> Iterator[Finding]:
    """Every batch, annotation and adjudication names a sentence that exists."""
    for place, sentence_id in _mentions(corpus):
        if sentence_id not in corpus.sentences:
            message = f"sentence {sentence_id} is not in sentences/. Restore its file there."
            yield Finding(place, "E301", message)


def e302_twice_in_batch(corpus: Corpus) -> Iterator[Finding]:
    """No batch shows a sentence twice."""
    for name, items in corpus.batches.items():
        ids = [item.sentence_id for item in items]
        for sentence_id in sorted({name for name in ids if ids.count(name) > 1}):
            place = str(corpus.path / "batches" / f"{name}.jsonl")
            message = f"sentence {sentence_id} stands twice in this batch. Delete one line."
            yield Finding(place, "E302", message)


def e303_not_asked(corpus: Corpus) -> Iterator[Finding]:
    """Every annotation answers its batch: the batch exists and asked this annotator."""
    for name, stored in corpus.annotations.items():
        place = str(annotation_path(corpus.path, name))
        if name not in corpus.batches:
            message = (
                f"there is no batch {name}. Restore batches/{name}.jsonl, or rename this file."
            )
            yield Finding(place, "E303", message)
            continue
        asked = {item.sentence_id: item.annotators for item in corpus.batches[name]}
        for annotation in current(stored):
            who = asked.get(annotation.sentence_id, ())
            if annotation.annotator not in who:
                message = (
                    f"{annotation.annotator} annotated {annotation.sentence_id}, but the batch "
                    f"asked {', '.join(who) or 'nobody'} for it. Add the annotator "
                    "there, or move the annotation to the batch that asked for it."
                )
                yield Finding(place, "E303", message)


def e304_unknown_label(corpus: Corpus) -> Iterator[Finding]:
    """Every current annotation is allowed by the codebook."""
    for name, stored in corpus.annotations.items():
        place = str(annotation_path(corpus.path, name))
        for annotation in current(stored):
            for problem in corpus.codebook.problems_of(annotation):
                where = f"{annotation.sentence_id} by {annotation.annotator}"
                yield Finding(place, "E304", f"{where}: {problem}")


def e305_adjudication(corpus: Corpus) -> Iterator[Finding]:
    """Every adjudication uses known labels, cites a known rule, and follows votes."""
    place = str(corpus.path / "adjudications.jsonl")
    rules = {rule.id for rule in corpus.codebook.rules}
    voted = {item.sentence_id for item in corpus.all_annotations if item.status == "done"}
    for decision in corpus.adjudications:
        value = decision.value
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        where = f"{decision.sentence_id} ({decision.layer})"
        for label in values:
            if label not in corpus.codebook.names(decision.layer):
                message = corpus.codebook.unknown(decision.layer, label)
                yield Finding(place, "E305", f"{where}: {message}")
        if rules and decision.rule not in rules:
            known = ", ".join(rule.id for rule in corpus.codebook.rules)
            message = f"rule {decision.rule!r} is not in the codebook. Cite one of {known}."
            yield Finding(place, "E305", f"{where}: {message}")
        if decision.sentence_id not in voted:
            message = "nobody annotated this sentence. Annotate it first, or delete the line."
            yield Finding(place, "E305", f"{where}: {message}")


def e306_holder_span(corpus: Corpus) -> Iterator[Finding]:
    """Every holder's span lies inside its sentence."""
    for place, who, item in _with_holders(corpus):
        sentence = corpus.sentences.get(item.sentence_id)
        for holder in item.holders:
            if sentence and holder.end is not None and holder.end > len(sentence.text):
                message = (
                    f"{who}: the holder span [{holder.start}, {holder.end}) leaves the sentence of "
                    f"{len(sentence.text)} characters. Mark the span again."
                )
                yield Finding(place, "E306", message)


def e307_unknown_actor(corpus: Corpus) -> Iterator[Finding]:
    """Every holder's actor is in ``actors.toml``."""
    for place, who, item in _with_holders(corpus):
        for holder in item.holders:
            if holder.actor is not None and holder.actor not in corpus.actors:
                message = f"{who}: there is no actor {holder.actor!r}. Add it to actors.toml."
                yield Finding(place, "E307", message)


def e308_holder_label(corpus: Corpus) -> Iterator[Finding]:
    """Every holder's stance and act are allowed; one holder alone is never mixed."""
    mixed = mixed_value(corpus.codebook)
    for place, who, item in _with_holders(corpus):
        for holder in item.holders:
            alone = replace(item, stance=holder.stance, act=holder.act, topics=None, flags=())
            for problem in corpus.codebook.problems_of(alone):
                yield Finding(place, "E308", f"{who}, a holder: {problem}")
            if holder.stance == mixed:
                message = f"{who}: one holder cannot be {mixed}. Give each holder a stance."
                yield Finding(place, "E308", message)


def e309_stance_of_holders(corpus: Corpus) -> Iterator[Finding]:
    """The sentence's stance is that of its holders: all alike, differing, or none with one."""
    for place, who, item in _with_holders(corpus):
        if problem := stance_problem(item, corpus.codebook):
            yield Finding(place, "E309", f"{who}: {problem}")


def e310_act_of_holders(corpus: Corpus) -> Iterator[Finding]:
    """The sentence's act is the act of a holder with its stance; of one holder, it is that one."""
    for place, who, item in _with_holders(corpus):
        if problem := act_problem(item, corpus.codebook):
            yield Finding(place, "E310", f"{who}: {problem}")


def e311_mixed_needs_two(corpus: Corpus) -> Iterator[Finding]:
    """A mixed sentence has two holders that differ."""
    for place, who, item in _with_holders(corpus):
        if problem := mixed_problem(item, corpus.codebook):
            yield Finding(place, "E311", f"{who}: {problem}")


def w354_holders_without_labels(corpus: Corpus) -> Iterator[Finding]:
    """Every answer of a second pass stands on its annotator's labels, or a later one does."""
    coded = corpus.coded
    held = {(item.sentence_id, item.annotator) for item in corpus.votes if item.holders}
    for name, stored in corpus.annotations.items():
        if asks_of(corpus.batches.get(name, ())) != "holders":
            continue
        place = str(annotation_path(corpus.path, name))
        for item in current(stored):
            key = (item.sentence_id, item.annotator)
            if item.status != "done" or key in held:
                continue
            if problem := misfit(item, coded.get(key), corpus.codebook):
                who = f"{item.sentence_id} by {item.annotator}"
                yield Finding(place, "W354", f"{who}: the holders do not count: {problem}")


def e411_leak(corpus: Corpus) -> Iterator[Finding]:
    """No process and no near-duplicate cluster straddles the split."""
    place = str(corpus.path / "splits.csv")
    for leak in leaks(corpus.articles.values(), corpus.parts):
        yield replace(leak, place=place)


def e412_unknown_article(corpus: Corpus) -> Iterator[Finding]:
    """``splits.csv`` names articles that exist."""
    for name in sorted(corpus.parts.keys() - corpus.articles.keys()):
        place = str(corpus.path / "splits.csv")
        yield Finding(place, "E412", f"there is no article {name}. Delete its line.")


def w501_never_split(corpus: Corpus) -> Iterator[Finding]:
    """Every article is split into sentences."""
    done = {sentence.article_id for sentence in corpus.sentences.values()}
    for name in sorted(corpus.articles.keys() - done):
        message = "is not split into sentences yet; `make sentences` does it."
        yield Finding(str(corpus.path / "articles" / f"{name}.txt"), "W501", message)


def w502_unsplit(corpus: Corpus) -> Iterator[Finding]:
    """Every article has a part; without one it goes to train."""
    missing = sorted(corpus.articles.keys() - corpus.parts.keys())
    if missing:
        shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        noun = "article" if len(missing) == 1 else "articles"
        message = f"no part for {len(missing)} {noun} ({shown}), used for training; `make splits`."
        yield Finding(str(corpus.path / "splits.csv"), "W502", message)


def w511_near_duplicates(corpus: Corpus) -> Iterator[Finding]:
    """No sentence of a written report is nearly one of another written report."""
    written = _written(corpus)
    article_of = {item.id: item.article_id for item in written}
    for first, second in near_duplicates(written):
        if article_of[first] != article_of[second]:
            place = str(corpus.path / "sentences" / f"{article_of[second]}.jsonl")
            message = f"{second} is nearly the same as {first}. Write one of them anew."
            yield Finding(place, "W511", message)


def w512_shared_phrases(corpus: Corpus) -> Iterator[Finding]:
    """No four words in a row stand in more than three written reports."""
    found = shared_phrases(_written(corpus))
    if found:
        worst = list(found.items())[:WORST_PHRASES]
        shown = ", ".join(f'"{phrase}" in {number}' for phrase, number in worst)
        noun = "phrase stands" if len(found) == 1 else "phrases stand"
        message = (
            f"{len(found):,} four-word {noun} in more than three written reports: {shown}. Say it "
            "differently; scripts/measure_variety.py lists them all."
        )
        yield Finding(str(corpus.path / "articles"), "W512", message)


def w513_openings(corpus: Corpus) -> Iterator[Finding]:
    """No three words open more than one in a hundred sentences of written reports."""
    written = _written(corpus)
    for opening, number in openings(written).items():
        if number >= FEWEST_OPENINGS and number > COMMON_OPENING * len(written):
            message = (
                f'"{opening}" opens {number:,} of {len(written):,} sentences of written reports. '
                "Begin some of them differently."
            )
            yield Finding(str(corpus.path / "articles"), "W513", message)


def w514_other_actor(corpus: Corpus) -> Iterator[Finding]:
    """No holder's words are the name of another actor than the holder's."""
    known = by_mention(corpus.actors.values())
    for place, who, item in _with_holders(corpus):
        sentence = corpus.sentences.get(item.sentence_id)
        if sentence is None:
            continue
        day = corpus.articles[sentence.article_id].event_date
        for holder in item.holders:
            if holder.actor is None or holder.start is None:
                continue
            words = sentence.text[holder.start : holder.end]
            meant = resolve(words, day, known)
            if meant not in (None, holder.actor):
                message = (
                    f'{who}: "{words}" is a name of {meant}, but the holder is {holder.actor}. '
                    "Correct one, or take the name from actors.toml."
                )
                yield Finding(place, "W514", message)


CHECKS: tuple[Callable[[Corpus], Iterator[Finding]], ...] = (
    e301_unknown_sentence,
    e302_twice_in_batch,
    e303_not_asked,
    e304_unknown_label,
    e305_adjudication,
    e306_holder_span,
    e307_unknown_actor,
    e308_holder_label,
    e309_stance_of_holders,
    e310_act_of_holders,
    e311_mixed_needs_two,
    w354_holders_without_labels,
    e411_leak,
    e412_unknown_article,
    w501_never_split,
    w502_unsplit,
    w511_near_duplicates,
    w512_shared_phrases,
    w513_openings,
    w514_other_actor,
)


def _with_holders(corpus: Corpus) -> Iterator[tuple[str, str, Annotation]]:
    """(place, "ID by ANNOTATOR", annotation) of the current done annotations that have holders."""
    for name, stored in corpus.annotations.items():
        for item in current(stored):
            if item.holders and item.status == "done":
                place = str(annotation_path(corpus.path, name))
                yield place, f"{item.sentence_id} by {item.annotator}", item


def _written(corpus: Corpus) -> list[Sentence]:
    """The sentences of the reports that were written for the corpus."""
    return [
        sentence
        for sentence in corpus.sentences.values()
        if corpus.articles[sentence.article_id].synthetic
    ]


def _mentions(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """(place, sentence id) of everything that names a sentence."""
    folder: Path = corpus.path
    for name, items in corpus.batches.items():
        for item in items:
            yield str(folder / "batches" / f"{name}.jsonl"), item.sentence_id
    for name, stored in corpus.annotations.items():
        for annotation in current(stored):
            yield str(annotation_path(folder, name)), annotation.sentence_id
    for decision in corpus.adjudications:
        yield str(folder / "adjudications.jsonl"), decision.sentence_id
