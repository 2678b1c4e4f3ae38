"""Articles to sentences. The only splitter, and the files that freeze what it said.

A sentence file is frozen once it is written: the splitter runs only on articles without one, so a
better splitter later orphans no annotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from nupunkt import sentence_spans

from corpus.findings import CorpusError, Finding, in_words, raise_errors
from corpus.jsonl import read_lines, write_lines
from corpus.records import Article, RecordError, Sentence, text_digest

FORMAT = 1
ENDS_A_SENTENCE = tuple(".!?:;…\"'”’»)]")


def split_spans(text: str, *, one_per_line: bool = False) -> list[tuple[int, int]]:
    """Half-open code-point spans of the sentences, tight, in order, never overlapping.

    With ``one_per_line`` every line that is not blank is one sentence. Otherwise nupunkt decides
    within paragraphs. Blank lines always separate them; single line breaks do too, unless the
    text is hard-wrapped.

    >>> text = "The U.S. envoy left. “No deal,” he said."
    >>> [text[start:end] for start, end in split_spans(text)]
    ['The U.S. envoy left.', '“No deal,” he said.']
    """
    if not one_per_line and is_hard_wrapped(text):
        return list(sentence_spans(text, paragraph_breaks=True))
    spans, at = [], 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = at + line.index(stripped)
            found = [(0, len(stripped))] if one_per_line else sentence_spans(stripped)
            spans += [(start + first, start + last) for first, last in found]
        at += len(line) + 1
    return spans


def is_hard_wrapped(text: str) -> bool:
    """True when most lines that another line follows directly stop in mid-sentence.

    Copies from mail and from agency wires are wrapped at a fixed width; there a line break is a
    space. In extracted web text a line is a paragraph or a heading; there it is a boundary.
    """
    followed = [
        line.rstrip()
        for line, following in pairwise(text.split("\n"))
        if line.strip() and following.strip()
    ]
    return 2 * sum(not line.endswith(ENDS_A_SENTENCE) for line in followed) > len(followed)


def split_article(article: Article) -> list[Sentence]:
    """The article's sentences; ids are the article's id, a dot and a number from 001."""
    spans = split_spans(article.text, one_per_line=article.one_sentence_per_line)
    return [
        Sentence(f"{article.id}.{number:03d}", article.id, start, end, article.text[start:end])
        for number, (start, end) in enumerate(spans, start=1)
    ]


def sentence_path(corpus: Path, article_id: str) -> Path:
    """Where an article's frozen sentences are stored."""
    return corpus / "sentences" / f"{article_id}.jsonl"


def freeze_sentences(corpus: Path, articles: Mapping[str, Article]) -> dict[str, int]:
    """Split the articles that have no sentence file yet; article id -> number of sentences."""
    made = {}
    for article in articles.values():
        path = sentence_path(corpus, article.id)
        if not path.exists():
            sentences = split_article(article)
            write_lines(path, map(_to_dict, sentences))
            made[article.id] = len(sentences)
    return made


def read_sentences(corpus: Path, articles: Mapping[str, Article]) -> dict[str, Sentence]:
    """Every frozen sentence by id, article by article, in the order of the text.

    CorpusError lists each offset and digest that no longer fits its article.
    """
    sentences: dict[str, Sentence] = {}
    findings: list[Finding] = []
    for path in sorted((corpus / "sentences").glob("*.jsonl")):
        article = articles.get(path.stem)
        if article is None:
            findings.append(Finding(str(path), "E141", f"there is no article {path.stem}."))
            continue
        end = 0
        for number, record in read_lines(path):
            place = f"{path}:{number}"
            try:
                sentence = _from_dict(record, article)
            except (KeyError, TypeError, RecordError, CorpusError) as error:
                message = f"not a sentence of its article: {in_words(error)}."
                findings.append(Finding(place, "E142", message))
                continue
            if sentence.id in sentences:
                findings.append(Finding(place, "E143", f"the id {sentence.id} is used twice."))
            if sentence.start < end:
                findings.append(Finding(place, "E144", "overlaps the sentence before it."))
            end = sentence.end
            sentences[sentence.id] = sentence
    raise_errors(findings)
    return sentences


def neighbours(sentences: Mapping[str, Sentence]) -> dict[str, tuple[str, str]]:
    """Sentence id -> the texts before and after it in its article, "" at the ends."""
    found = {}
    ordered = list(sentences.values())
    for index, sentence in enumerate(ordered):
        before = ordered[index - 1] if index else None
        after = ordered[index + 1] if index + 1 < len(ordered) else None
        found[sentence.id] = (
            before.text if before and before.article_id == sentence.article_id else "",
            after.text if after and after.article_id == sentence.article_id else "",
        )
    return found


def _to_dict(sentence: Sentence) -> dict[str, object]:
    return {
        "format": FORMAT,
        "id": sentence.id,
        "article_id": sentence.article_id,
        "start": sentence.start,
        "end": sentence.end,
        "digest": sentence.digest,
    }


def _from_dict(record: Mapping[str, object], article: Article) -> Sentence:
    if record["format"] != FORMAT:
        raise RecordError(f"format is not {FORMAT}")
    start, end, name = record["start"], record["end"], record["id"]
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(name, str):
        raise TypeError("id must be text, start and end whole numbers")
    if record["article_id"] != article.id:
        raise RecordError(f"article_id is {record['article_id']!r}, expected {article.id!r}")
    sentence = Sentence(name, article.id, start, end, article.text[start:end])
    if record["digest"] != text_digest(sentence.text):
        raise RecordError(f"the digest does not fit the text at [{start}, {end})")
    return sentence
