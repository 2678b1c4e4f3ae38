"""A corpus folder as a whole: what it holds, read once; and how an empty one is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from corpus.actors import Actor, read_actors
from corpus.annotations import current, read_adjudications, read_annotations
from corpus.articles import article_id, read_articles
from corpus.batches import Asks, BatchItem, asks_of, batch_names, read_batch
from corpus.codebook import Codebook, read_codebook
from corpus.files import read_text, replaced_directory, write_text
from corpus.findings import CorpusError
from corpus.holders import misfit
from corpus.records import Adjudication, Annotation, Article, Sentence
from corpus.sentences import read_sentences
from corpus.splits import read_splits


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a corpus folder says. ``annotations`` are by batch, superseded lines included."""

    path: Path
    codebook: Codebook
    articles: dict[str, Article]
    sentences: dict[str, Sentence]
    batches: dict[str, tuple[BatchItem, ...]]
    annotations: dict[str, list[Annotation]]
    adjudications: list[Adjudication]
    parts: dict[str, str]
    actors: dict[str, Actor]

    @property
    def all_annotations(self) -> list[Annotation]:
        """The annotations of every batch, oldest first; within a batch as its file has them."""
        return _by_time(self.annotations.values())

    @property
    def votes(self) -> list[Annotation]:
        """Those that may decide a label: neither training nor hidden checks.

        Labels come first, oldest first; then, likewise, the answers of the second pass that stand
        on their annotator's current labels; last these labels, with the holders that hold.
        """
        labels = _by_time(self._voting("labels"))
        now = _by_pair(labels)
        standing = _by_time(
            _standing(stored, now, self.codebook) for stored in self._voting("holders")
        )
        # Labels may be older than the version that their holders were marked under.
        versions = {(item.sentence_id, item.annotator, item.codebook) for item in labels}
        for place, item in enumerate(standing):
            key = (item.sentence_id, item.annotator)
            if (*key, item.codebook) not in versions:
                standing[place] = replace(item, codebook=now[key].codebook)
        holding = (
            replace(now[item.sentence_id, item.annotator], holders=item.holders)
            for item in current(standing)
        )
        return [*labels, *standing, *holding]

    @property
    def coded(self) -> dict[tuple[str, str], Annotation]:
        """(sentence id, annotator) -> the current answer of the first pass that may decide."""
        return _by_pair(_by_time(self._voting("labels")))

    @property
    def settled(self) -> set[tuple[str, str, str]]:
        """(batch, sentence id, annotator) of what was answered or declined: nobody waits for it."""
        return {
            (batch, item.sentence_id, item.annotator)
            for batch, stored in self.annotations.items()
            for item in current(stored)
            if item.status in ("done", "skipped")
        }

    def _voting(self, asks: Asks) -> Iterator[list[Annotation]]:
        for name, stored in self.annotations.items():
            items = self.batches.get(name, ())
            if asks_of(items) == asks:
                checks = {item.sentence_id for item in items if not item.is_vote}
                yield [item for item in stored if item.sentence_id not in checks]


def _by_pair(annotations: Iterable[Annotation]) -> dict[tuple[str, str], Annotation]:
    """(sentence id, annotator) -> the last of the annotations."""
    return {(item.sentence_id, item.annotator): item for item in current(annotations)}


def _standing(
    stored: Sequence[Annotation],
    labels: Mapping[tuple[str, str], Annotation],
    codebook: Codebook,
) -> list[Annotation]:
    """The lines of a second pass by those whose last one there stands on their labels."""
    names = {
        (item.sentence_id, item.annotator)
        for item in current(stored)
        if item.status == "done"
        and misfit(item, labels.get((item.sentence_id, item.annotator)), codebook) is None
    }
    return [item for item in stored if (item.sentence_id, item.annotator) in names]


def _by_time(files: Iterable[Sequence[Annotation]]) -> list[Annotation]:
    """Merged by when answers were given; a file's own order stands, whatever its times say.

    An answer in other names stands where it was given: it is no newer than before.
    """
    timed: list[tuple[datetime, Annotation]] = []
    for stored in files:
        latest = datetime.min
        given: dict[tuple[str, str], datetime] = {}
        for item in stored:
            key = (item.sentence_id, item.annotator)
            if not item.renamed_in or key not in given:
                latest = given[key] = max(latest, item.given_at)
            timed.append((given[key], item))
    return [item for _, item in sorted(timed, key=lambda pair: pair[0])]


def read_corpus(path: Path) -> Corpus:
    """The whole corpus; CorpusError where a file of it cannot be read."""
    if not path.is_dir():
        raise CorpusError(f"{path}: no such folder. `make new-corpus CORPUS={path}` makes one.")
    articles = read_articles(path)
    return Corpus(
        path=path,
        codebook=read_codebook(path),
        articles=articles,
        sentences=read_sentences(path, articles),
        batches={name: read_batch(path, name) for name in batch_names(path)},
        annotations=stored_annotations(path),
        adjudications=read_adjudications(path),
        parts=read_splits(path),
        actors=read_actors(path),
    )


def stored_annotations(path: Path) -> dict[str, list[Annotation]]:
    """The annotations of a corpus folder by batch, superseded lines included."""
    names = sorted(item.stem for item in (path / "annotations").glob("*.jsonl"))
    return {name: read_annotations(path, name) for name in names}


FOLDERS = ("articles", "sentences", "batches", "annotations")


def make_corpus(path: Path, template: Path) -> None:
    """An empty corpus folder with a copy of ``template``'s codebook and guidelines to edit.

    The copied codebook gets a name of its own, by which Label Studio tells corpora apart, and
    version 0.1: nothing about it was piloted.
    """
    if path.exists() and any(path.iterdir()):
        raise CorpusError(f"{path}: exists and is not empty. Choose another folder.")
    with replaced_directory(path, mark="codebook.toml") as folder:
        for name in FOLDERS:
            write_text(folder / name / ".gitkeep", "")
        codebook = read_text(template / "codebook.toml")
        own = article_id(path.name)
        facts = {"name": own if own[0].isalpha() else f"corpus-{own}", "version": "0.1"}
        for key, value in facts.items():
            codebook = re.sub(rf'(?m)^{key} = ".*$', f'{key} = "{value}"', codebook, count=1)
        write_text(folder / "codebook.toml", codebook)
        write_text(folder / "GUIDELINES.md", read_text(template / "GUIDELINES.md"))
        write_text(folder / "splits.csv", "article_id,part\n")
        write_text(folder / "adjudications.jsonl", "")
        write_text(folder / "DATA_STATEMENT.md", DATA_STATEMENT)


DATA_STATEMENT = """\
# Data statement

Answer these before you share the corpus (after Bender and Friedman 2018, Data Statements for NLP).

- Which texts, from where, chosen how, under which licence?
- Which language varieties, which years?
- Who annotated, with what training? Do two people agree (`make agreement`)?
- What should the corpus not be used for?
"""
