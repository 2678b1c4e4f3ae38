"""The tasks of a batch: what Label Studio shows one annotator, and what it must hand back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corpus.batches import asks_of
from corpus.findings import CorpusError, Finding
from corpus.folder import Corpus
from corpus.label_studio.holders_page import (
    coded,
    holders_instructions,
    holders_interface,
    shown,
)
from corpus.label_studio.interface import instructions, interface
from corpus.records import Sentence
from corpus.sentences import neighbours

ANOTHER_NAME = (
    "give one corpus another `name` in its codebook.toml, one that has no projects there yet "
    "(those of its former name are not found under the new one)"
)


def tasks_for(corpus: Corpus, batch: str, annotator: str) -> list[dict[str, Any]]:
    """The tasks of one annotator, in the batch's order, in Label Studio's import form.

    Everything that a label needs on its way back is in ``data``, all of it text: whose task it is,
    of which batch, and the digest of the sentence. ``before`` and ``after`` are the neighbouring
    sentences of the same article, empty at its ends. In a second pass ``shown`` is what holders are
    marked in, and ``coded`` says what this annotator coded in the first.
    """
    mine = [item for item in corpus.batches[batch] if annotator in item.annotators]
    missing = [item.sentence_id for item in mine if item.sentence_id not in corpus.sentences]
    if missing:
        raise CorpusError(
            Finding(
                f"{corpus.path}/batches/{batch}.jsonl",
                "E332",
                f"sentence {name!r} is not in the corpus. Restore its file under sentences/.",
            )
            for name in missing
        )
    near = neighbours(corpus.sentences)
    sentences = [corpus.sentences[item.sentence_id] for item in mine]
    who = {"batch": batch, "annotator": annotator}
    if asks_of(mine) == "labels":
        return [sentence_task(corpus, sentence, near, **who) for sentence in sentences]
    labels = corpus.coded
    return [
        sentence_task(
            corpus,
            sentence,
            near,
            **who,
            asks="holders",
            shown=shown(sentence.text),
            coded=coded(labels.get((sentence.id, annotator))),
        )
        for sentence in sentences
    ]


def page_for(corpus: Corpus, batch: str) -> tuple[str, str]:
    """The labelling configuration (XML) and the instructions (HTML) that a batch needs."""
    book = corpus.codebook
    if asks_of(corpus.batches[batch]) == "labels":
        return interface(book), instructions(book)
    page = holders_interface(book, has_actors=bool(corpus.actors))
    return page, holders_instructions(book)


def sentence_task(
    corpus: Corpus, sentence: Sentence, near: Mapping[str, tuple[str, str]], **more: str
) -> dict[str, Any]:
    """A task that shows one sentence, in import form. near: ``neighbours`` of the sentences."""
    article = corpus.articles[sentence.article_id]
    before, after = near[sentence.id]
    when = article.event_date or article.written_date
    data = {
        "sentence_id": sentence.id,
        "text": sentence.text,
        "before": before,
        "after": after,
        "title": article.title,
        "outlet": article.outlet,
        "date": when.isoformat() if when else "",
        **more,
        "corpus": corpus.codebook.name,
        "codebook": corpus.codebook.version,
        "digest": sentence.digest,
    }
    return {"data": data}


def missing_tasks(
    wanted: Sequence[dict[str, Any]], present: Iterable[str | None]
) -> list[dict[str, Any]]:
    """The wanted tasks whose sentence is not among the present ones, in order."""
    there = set(present)
    return [task for task in wanted if task["data"]["sentence_id"] not in there]
