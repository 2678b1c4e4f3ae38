"""Where codings go in a corpus: which articles are new, which sentence a row is, which batch.

Pure: codings and a corpus in, what is to be stored out. ``staging`` stores it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus.annotations import origin
from corpus.articles import article_id
from corpus.batches import BatchItem
from corpus.codings import Answer, Codings, Passage, one_line
from corpus.findings import Finding, listed
from corpus.folder import Corpus
from corpus.records import Annotation, Article, Sentence
from corpus.sentences import split_article
from corpus.sheets import Table

Key = tuple[str, float | str]  # the article as the file names it; the order, or the text


@dataclass(frozen=True, slots=True)
class Placement:
    """What the codings are in this corpus.

    articles: the new ones. unsplit: known ones whose sentences were never frozen. sentences: all
    that the file speaks of, in its order. items: of the batch, if it has to be made. annotations:
    by batch; an answer of the same file belongs where it was stored first.
    """

    articles: tuple[Article, ...]
    unsplit: tuple[Article, ...]
    sentences: Mapping[str, Sentence]
    items: tuple[BatchItem, ...]
    annotations: Mapping[str, tuple[Annotation, ...]]
    findings: tuple[Finding, ...]


def place(codings: Codings, corpus: Corpus, batch: str, table: Table) -> Placement:
    """Where the codings go. What cannot be placed is left out and named in the findings."""
    placing = _Placing(corpus, table)
    sentence_of = placing.sentences(codings.passages)
    answers = [answer for answer in codings.answers if _key(answer.passage) in sentence_of]
    annotations = placing.annotations(answers, sentence_of)
    homes = _homes(corpus, batch)
    by_batch: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_batch[homes.get(_origin(annotation), batch)].append(annotation)
    found = {sentence.id: sentence for sentence in sentence_of.values()}
    items: tuple[BatchItem, ...] = ()
    if batch not in corpus.batches:
        items = tuple(_items(by_batch[batch], found))
    else:
        placing.check_frozen(batch, by_batch[batch])
    return Placement(
        tuple(placing.new),
        tuple(placing.unsplit),
        found,
        items,
        {name: tuple(lines) for name, lines in by_batch.items() if lines},
        tuple(placing.findings),
    )


def _key(passage: Passage) -> Key:
    if not passage.article:
        return passage.text, passage.text
    return passage.article, passage.text if passage.order is None else passage.order


def _homes(corpus: Corpus, batch: str) -> dict[tuple[str, str, str], str]:
    """Which batch holds an answer, by ``_origin``; the given batch comes before others."""
    names = [name for name in corpus.annotations if name != batch] + [batch]
    return {_origin(item): name for name in names for item in corpus.annotations.get(name, ())}


def _origin(annotation: Annotation) -> tuple[str, str, str]:
    return annotation.sentence_id, annotation.annotator, origin(annotation)


def _items(annotations: Iterable[Annotation], sentences: Iterable[str]) -> Iterator[BatchItem]:
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for annotation in annotations:
        asked[annotation.sentence_id].add(annotation.annotator)
    for name in sentences:
        if name in asked:
            yield BatchItem(name, tuple(sorted(asked[name])))


class _Placing:
    """The work of one call."""

    def __init__(self, corpus: Corpus, table: Table) -> None:
        self.corpus, self.table = corpus, table
        self.new: list[Article] = []
        self.unsplit: list[Article] = []
        self.findings: list[Finding] = []
        self.id_of_text = {article.text: article.id for article in corpus.articles.values()}
        self.name_of_id: dict[str, str] = {}
        self.frozen: defaultdict[str, list[Sentence]] = defaultdict(list)
        for sentence in corpus.sentences.values():
            self.frozen[sentence.article_id].append(sentence)

    def say(self, rows: Iterable[int], code: str, message: str) -> None:
        self.findings.append(Finding(self.table.place(rows), code, message))

    # Sentences ----------------------------------------------------------------------------------

    def sentences(self, passages: Sequence[Passage]) -> dict[Key, Sentence]:
        """The sentence of every passage that has a place, article by article."""
        by_article: defaultdict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            by_article[_key(passage)[0]].append(passage)
        found: dict[Key, Sentence] = {}
        for name, group in by_article.items():
            found |= self.article(name, group)
        return found

    def article(self, name: str, group: Sequence[Passage]) -> dict[Key, Sentence]:
        """The sentences of one article: those it has, or those of a new one."""
        texts = self.texts(group)
        rows = [passage.row for passage in group]
        found_id = self.id_of(name, group)
        if found_id is None:
            return {}
        facts = self.facts(group)
        known = self.corpus.articles.get(found_id)
        if known is not None:
            return self.known_sentences(known, texts, rows)
        text = "\n".join(texts.values())
        if text in self.id_of_text:
            other = self.id_of_text[text]
            message = f"the text of {name!r} is the article {other} already. Call it {other!r}."
            self.say(rows, "E181", message)
            return {}
        self.id_of_text[text] = found_id
        article = Article(id=found_id, text=text, one_sentence_per_line=True, **facts)
        self.new.append(article)
        return dict(zip(texts, split_article(article), strict=True))

    def texts(self, group: Sequence[Passage]) -> dict[Key, str]:
        """The texts of an article by key, each once, in their order."""
        first: dict[Key, Passage] = {}
        for passage in group:
            other = first.setdefault(_key(passage), passage)
            if other.text != passage.text:
                message = (
                    f"article {passage.article!r} has two texts at {passage.order:g}. Correct the "
                    "order, or the texts."
                )
                self.say([other.row, passage.row], "E180", message)
        ordered = sorted(first.items(), key=lambda item: item[1].order or 0.0)
        return {key: passage.text for key, passage in ordered}

    def id_of(self, name: str, group: Sequence[Passage]) -> str | None:
        """The article's id here; None where the name makes none of its own."""
        if not group[0].article:
            own = f"text-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
            return self.id_of_text.get(name, own)
        found = article_id(name)
        other = self.name_of_id.setdefault(found, name)
        is_name = found != "article" or name.casefold() == "article"
        if other == name and is_name:
            return found
        what = f"the id {found!r}, as {other!r} does" if is_name else "no id"
        message = (
            f"{name!r} makes {what}. Ids have letters a-z, digits and hyphens: give the article "
            "another name."
        )
        self.say([passage.row for passage in group], "E180", message)
        return None

    def facts(self, group: Sequence[Passage]) -> dict[str, Any]:
        """What the rows of an article say of it, all together."""
        found: dict[str, Any] = {}
        for passage in group:
            for name, value in passage.facts.items():
                if found.setdefault(name, value) != value:
                    message = (
                        f"article {passage.article or passage.text[:40]!r} has several values of "
                        f"{name} ({found[name]}, {value}). Correct the cells."
                    )
                    self.say([passage.row], "E180", message)
        return found

    def known_sentences(
        self, article: Article, texts: Mapping[Key, str], rows: Sequence[int]
    ) -> dict[Key, Sentence]:
        """The frozen sentences with these texts; of equal ones the first is the first."""
        frozen = self.frozen[article.id]
        if not frozen:
            self.unsplit.append(article)
            frozen = split_article(article)
        free: defaultdict[str, list[Sentence]] = defaultdict(list)
        for sentence in frozen:
            free[one_line(sentence.text)].append(sentence)
        found, missing = {}, []
        for key, text in texts.items():
            if free[text]:
                found[key] = free[text].pop(0)
            else:
                missing.append(text)
        if missing:
            shown = listed([repr(text[:40]) for text in missing], most=2)
            message = (
                f"article {article.id} is in the corpus and has no such sentence: {shown}. Its "
                "sentences are frozen. Correct the texts, or give the article another name."
            )
            self.say(rows, "E181", message)
        return found

    # Answers ------------------------------------------------------------------------------------

    def annotations(
        self, answers: Iterable[Answer], sentence_of: Mapping[Key, Sentence]
    ) -> list[Annotation]:
        """One annotation per sentence and annotator; of several the latest, if one is later."""
        grouped: defaultdict[tuple[str, str], list[tuple[int, Annotation]]] = defaultdict(list)
        for answer in answers:
            sentence = sentence_of[_key(answer.passage)]
            found = replace(answer.annotation, sentence_id=sentence.id)
            grouped[sentence.id, found.annotator].append((answer.passage.row, found))
        chosen = []
        for (name, annotator), rivals in grouped.items():
            row, latest = max(rivals, key=lambda rival: rival[1].given_at)
            others = [item for item in rivals if not item[1].says_the_same_as(latest)]
            rows = [number for number, _ in rivals]
            if any(item.given_at == latest.given_at for _, item in others):
                message = (
                    f"{annotator} says different things of sentence {name}. Delete one row, or map "
                    "[when] to a column with times (the later one counts), or [article] order (two "
                    "sentences of the same words)."
                )
                self.say(rows, "E182", message)
                continue
            if len(rivals) > 1:
                many = f"{annotator} answered {name} {len(rivals)} times"
                if others:
                    self.say(rows, "W171", f"{many}; the latest is taken.")
                else:
                    message = (
                        "alike; read as one. Sentences of the same words? Map [article] order."
                    )
                    self.say(rows, "W171", f"{many}, {message}")
            problems = list(self.corpus.codebook.problems_of(latest))
            for problem in problems:
                self.say([row], "E183", problem)
            if not problems:
                chosen.append(latest)
        return chosen

    def check_frozen(self, batch: str, annotations: Iterable[Annotation]) -> None:
        """Say which answers the batch, which is there already, never asked for."""
        asked = {
            (item.sentence_id, name)
            for item in self.corpus.batches[batch]
            for name in item.annotators
        }
        new = [item for item in annotations if (item.sentence_id, item.annotator) not in asked]
        if new:
            shown = listed([f"{item.sentence_id} by {item.annotator}" for item in new], most=3)
            message = (
                f"batch {batch} is frozen and does not ask for {len(new):,} of these answers "
                f"({shown}). Import the file under another batch name: what is stored already "
                "stays where it is."
            )
            self.findings.append(Finding(self.table.name, "E184", message))
