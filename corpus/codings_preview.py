"""What an import would bring in, in words: columns, labels before and after, the first rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corpus.annotations import annotation_to_dict
from corpus.cli import count
from corpus.codings import Codings
from corpus.folder import Corpus
from corpus.jsonl import dump_line
from corpus.mapping import MappingFile
from corpus.placement import Placement
from corpus.sheets import Table

FIRST_ROWS = 3
WIDEST = 44


def preview(
    table: Table, mapping: MappingFile, codings: Codings, placement: Placement, corpus: Corpus
) -> Iterator[str]:
    """The lines of the preview."""
    answers = count(len(table.rows), "row" if table.noun == "row" else "answer")
    yield f"{table.name}: {answers}, {count(len(table.columns), 'column')}"
    yield ""
    yield from _in_columns([("column", "read as", "for example"), *_columns(table, mapping)])
    if codings.words:
        yield ""
        rows = [
            (layer, repr(word), repr(label) if label else "no answer", f"{times:,}")
            for (layer, word, label), times in sorted(
                codings.words.items(), key=lambda item: _in_order(item[0], mapping)
            )
        ]
        yield from _in_columns([("section", "in the file", "becomes", "times"), *rows])
    yield ""
    yield from _counts(codings, placement, corpus)
    yield from _first(codings, placement)


def _columns(table: Table, mapping: MappingFile) -> Iterator[tuple[str, str, str]]:
    read_as: dict[str, list[str]] = {}
    for place, column in mapping.read_as():
        read_as.setdefault(column, []).append(
            place.removesuffix(".column").removesuffix(".columns")
        )
    for column in table.columns:
        example = next((row.cells[column] for row in table.rows if row.cells[column].strip()), "")
        uses = ", ".join(dict.fromkeys(read_as.get(column, ["not read"])))
        yield column, uses, repr(example)


def _in_order(entry: tuple[str, str, str], mapping: MappingFile) -> tuple[int, int, str]:
    """Annotators first, then the layers; within one, as the mapping file has the words."""
    layer, word, _ = entry
    sections = ("annotator", "status", "stance", "act", "topics", "flags")
    section = getattr(mapping, layer)
    words = list(section.names if layer == "annotator" else section.values)
    return sections.index(layer), words.index(word) if word in words else -1, word


def _counts(codings: Codings, placement: Placement, corpus: Corpus) -> Iterator[str]:
    sentences, new = placement.sentences, {article.id for article in placement.articles}
    articles = {sentence.article_id for sentence in sentences.values()}
    n_new = sum(sentence.id not in corpus.sentences for sentence in sentences.values())
    yield (
        f"articles: {len(articles):,} ({len(new):,} new); "
        f"sentences: {len(sentences):,} ({n_new:,} new)"
    )
    people = sorted({item.annotator for lines in placement.annotations.values() for item in lines})
    n_answers = sum(map(len, placement.annotations.values()))
    left = f"; {codings.unanswered:,} left blank" if codings.unanswered else ""
    yield f"annotators: {', '.join(people) or 'none'}; answers: {n_answers:,}{left}"


def _first(codings: Codings, placement: Placement) -> Iterator[str]:
    lines = [item for items in placement.annotations.values() for item in items][:FIRST_ROWS]
    if lines:
        yield ""
        yield "The first rows, as they are stored:"
    for item in lines:
        yield f"  {item.sentence_id}: {placement.sentences[item.sentence_id].text}"
        yield f"  {dump_line(annotation_to_dict(item)).rstrip()}"


def _in_columns(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    shown = [[_short(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= WIDEST else plain[: WIDEST - 1] + "…"
