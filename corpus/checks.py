"""Does a corpus folder hold together? Each check has a code, and its docstring says what it asks.

The records refuse to be wrong by themselves, and the readers report broken files (E1xx, E2xx);
these checks tie the files to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.annotations import annotation_path, current
from corpus.findings import Finding
from corpus.folder import Corpus
from corpus.splits import leaks


def check_corpus(corpus: Corpus) -> list[Finding]:
    """All findings of all checks, sorted by place."""
    return sorted(finding for check in CHECKS for finding in check(corpus))


def e301_unknown_sentence(corpus: Corpus) -> Iterator[Finding]:
    """Every batch, annotation and adjudication names a sentence that exists."""
    for place, sentence_id in _mentions(corpus):
        if sentence_id not in corpus.sentences:
            yield Finding(place, "E301", f"sentence {sentence_id} is not in sentences/.")


def e302_twice_in_batch(corpus: Corpus) -> Iterator[Finding]:
    """No batch shows a sentence twice."""
    for name, items in corpus.batches.items():
        ids = [item.sentence_id for item in items]
        for sentence_id in sorted({name for name in ids if ids.count(name) > 1}):
            place = str(corpus.path / "batches" / f"{name}.jsonl")
            yield Finding(place, "E302", f"sentence {sentence_id} stands twice in this batch.")


def e303_not_asked(corpus: Corpus) -> Iterator[Finding]:
    """Every annotation answers its batch: the batch exists and asked this annotator."""
    for name, stored in corpus.annotations.items():
        place = str(annotation_path(corpus.path, name))
        if name not in corpus.batches:
            yield Finding(place, "E303", f"there is no batch {name}.")
            continue
        asked = {item.sentence_id: item.annotators for item in corpus.batches[name]}
        for annotation in current(stored):
            who = asked.get(annotation.sentence_id, ())
            if annotation.annotator not in who:
                message = (
                    f"{annotation.annotator} annotated {annotation.sentence_id}, but the batch "
                    f"asked {', '.join(who) or 'nobody'} for it."
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
            yield Finding(place, "E305", f"{where}: rule {decision.rule!r} is not in the codebook.")
        if decision.sentence_id not in voted:
            yield Finding(place, "E305", f"{where}: nobody annotated this sentence.")


def e411_leak(corpus: Corpus) -> Iterator[Finding]:
    """No process and no near-duplicate cluster straddles the split."""
    yield from leaks(corpus.articles.values(), corpus.parts)


def e412_unknown_article(corpus: Corpus) -> Iterator[Finding]:
    """``splits.csv`` names articles that exist."""
    for name in sorted(corpus.parts.keys() - corpus.articles.keys()):
        place = str(corpus.path / "splits.csv")
        yield Finding(place, "E412", f"there is no article {name}.")


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
        message = (
            f"no part for {len(missing)} articles ({shown}), used for training; `make splits`."
        )
        yield Finding(str(corpus.path / "splits.csv"), "W502", message)


CHECKS: tuple[Callable[[Corpus], Iterator[Finding]], ...] = (
    e301_unknown_sentence,
    e302_twice_in_batch,
    e303_not_asked,
    e304_unknown_label,
    e305_adjudication,
    e411_leak,
    e412_unknown_article,
    w501_never_split,
    w502_unsplit,
)


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
