"""What someone wants classified: texts, JSON Lines, CSV, from files or stdin."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from corpus.articles import article_id, clean_text
from corpus.files import decode_text
from corpus.findings import CorpusError
from corpus.jsonl import parse_object

Kind = Literal["text", "jsonl", "csv"]
KIND_BY_SUFFIX: dict[str, Kind] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One text to classify, cleaned, and what its record says about it.

    ``is_record``: it is a JSON Lines or CSV record, which may be a single sentence.
    """

    id: str
    text: str
    is_record: bool
    title: str = ""
    outlet: str = ""
    date: str = ""


def read_sources(
    name: str, *, kind: Kind | None = None, text_field: str = "text", id_field: str = "id"
) -> Iterator[Source | CorpusError]:
    """The texts of a file (``-``: stdin), as they are read; a broken record comes as its error.

    kind: None goes by the file's suffix, and takes stdin for plain text. A text file is one text.
    JSON Lines and CSV have one text a record, under ``text_field``; ``title``, ``outlet`` and
    ``date`` are kept where they exist, and a record without an id is named after file and line.
    """
    kind = kind or KIND_BY_SUFFIX.get(Path(name).suffix.lower(), "text")
    place = "stdin" if name == "-" else name
    stem = "stdin" if name == "-" else article_id(Path(name).name)
    try:
        with _opened(name) as stream:
            if kind == "text":
                text = decode_text(stream.read(), place)
                yield Source(stem, _clean(text, place), is_record=False)
                return
            records = _json_records(stream, place) if kind == "jsonl" else _rows(stream, place)
            found = False
            for number, record in records:
                found = True
                if isinstance(record, CorpusError):
                    yield record
                    continue
                given = record.get(id_field)
                own = str(given) if given not in (None, "") else f"{stem}-{number}"
                try:
                    yield _source(record, f"{place}:{number}", own, text_field)
                except CorpusError as error:
                    yield error
            if not found:
                yield CorpusError(f"{place}: is empty: there is nothing to classify.")
    except CorpusError as error:
        yield error
    except OSError as error:
        yield CorpusError(f"{place}: cannot be read: {error.strerror}.")


def unique_id(name: str, taken: set[str]) -> str:
    """The id itself, or with a number behind it when an earlier text has it; then taken.

    >>> taken = {"report"}
    >>> unique_id("report", taken), unique_id("report", taken)
    ('report-2', 'report-3')
    """
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found


def _source(record: Mapping[str, Any], place: str, own: str, text_field: str) -> Source:
    if text_field not in record:
        known = ", ".join(map(str, record)) or "none"
        raise CorpusError(
            f"{place}: no field {text_field!r}; its fields: {known}. Name the one with the text: "
            "--text-field NAME"
        )
    text = record[text_field]
    if not isinstance(text, str):
        raise CorpusError(f"{place}: field {text_field!r} is {type(text).__name__}, expected text.")
    title, outlet, date = (
        str(record[key]) if record.get(key) is not None else ""
        for key in ("title", "outlet", "date")
    )
    return Source(own, _clean(text, place), True, title, outlet, date)


def _clean(text: str, place: str) -> str:
    text = clean_text(text)
    if not text:
        raise CorpusError(f"{place}: is empty: there is nothing to classify.")
    return text


def _json_records(
    stream: BinaryIO, place: str
) -> Iterator[tuple[int, dict[str, Any] | CorpusError]]:
    for number, line in enumerate(stream, start=1):
        try:
            text = decode_text(line, f"{place}:{number}").rstrip("\n")
            if text.strip():
                yield number, parse_object(text, f"{place}:{number}")
        except CorpusError as error:
            yield number, error


def _rows(stream: BinaryIO, place: str) -> Iterator[tuple[int, dict[str, Any] | CorpusError]]:
    # The rows of a CSV file may hold line ends, so its lines cannot be decoded one by one.
    text = decode_text(stream.read(), place)
    if not text.strip():
        return
    csv.field_size_limit(sys.maxsize)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number = reader.reader.line_num  # DictReader counts only rows that were read
            message = f"{place}:{number}: not CSV: {error}. The rows after it were not read."
            yield number, CorpusError(message)
            return
        if None in row:
            message = (
                f"{place}:{reader.line_num}: more fields than the header names. Quote the text."
            )
            yield reader.line_num, CorpusError(message)
        else:
            yield reader.line_num, row


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as stream:
            yield stream
