"""The mapping file: how somebody else's columns and words become this corpus's.

Nothing is guessed: every column is named, and every value of a mapped column, the blank one
included, says what it becomes.
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from corpus.codebook import LAYERS, Codebook
from corpus.files import read_text
from corpus.findings import CorpusError, Finding, short
from corpus.records import PSEUDONYM

CODER = "{annotator}"  # in a column's name: the name of each coder of a wide sheet
ARTICLE_FIELDS = (
    "title",
    "outlet",
    "event_date",
    "written_date",
    "url",
    "language",
    "process",
    "licence",
)

Filled = Annotated[str, Field(min_length=1)]
Values = Annotated[dict[str, str], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(_Part):
    """What sort of file it is. ``header``: the row with the names of the columns."""

    kind: Literal["csv", "xlsx", "label-studio"]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    sheet: str = ""
    header: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _known_encoding(self) -> Source:
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(
                f"there is no encoding {self.encoding!r}; try cp1252 or utf-16"
            ) from None
        return self


class TextColumn(_Part):
    """The column with the sentences."""

    column: Filled


class ArticleConstants(_Part):
    """What holds of every article of the file."""

    title: str = ""
    outlet: str = ""
    event_date: date | None = None
    written_date: date | None = None
    url: str = ""
    language: str = ""
    process: str = ""
    licence: str = ""


class ArticleColumns(_Part):
    """Which rows are one article (``column``), in which order, and what is known about it.

    Without ``column`` every text is an article of its own.
    """

    column: str = ""
    order: str = ""
    title: str = ""
    outlet: str = ""
    event_date: str = ""
    written_date: str = ""
    url: str = ""
    language: str = ""
    process: str = ""
    licence: str = ""
    date_format: str = ""
    constant: ArticleConstants = ArticleConstants()

    @model_validator(mode="after")
    def _said_once(self) -> ArticleColumns:
        both = [
            name for name in ARTICLE_FIELDS if getattr(self, name) and getattr(self.constant, name)
        ]
        if both:
            raise ValueError(f"{', '.join(both)}: a column and a constant; keep one of them")
        if self.order and not self.column:
            raise ValueError("`order` needs `column`: the order of the sentences of which article?")
        return self


class Annotators(_Part):
    """Who coded: a column of names, one person (``constant``), or a column per coder (``each``).

    names: what the file calls somebody -> pseudonym.
    """

    column: str = ""
    each: list[str] = []
    constant: str = ""
    names: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_way(self) -> Annotators:
        if sum(map(bool, (self.column, self.each, self.constant))) != 1:
            raise ValueError("expected one of `column`, `each` and `constant`")
        wrong = [
            name
            for name in (self.constant, *self.names.values())
            if name and not is_pseudonym(name)
        ]
        if wrong or "" in self.names.values():
            raise ValueError(
                f"{', '.join(wrong) or 'a blank'}: a pseudonym is lower-case letters, digits and "
                "hyphens"
            )
        return self


class When(_Part):
    """When the codes were given: a column, or one day. ``format``: as Python's strptime has it.

    A time without a zone is taken as UTC.
    """

    column: str = ""
    format: str = ""
    constant: date | datetime | None = None

    @model_validator(mode="after")
    def _one_way(self) -> When:
        if bool(self.column) == (self.constant is not None):
            raise ValueError("expected one of `column` and `constant` (a day, such as 2024-03-01)")
        return self


class OneValue(_Part):
    """A layer with one value a sentence. values: word in the file -> label; "": no answer."""

    column: Filled
    values: Values


class SeveralValues(_Part):
    """A layer with any number of values: listed in one cell, or a yes/no column for each.

    values: word in the file -> label; "": none. columns: column -> label.
    """

    column: str = ""
    separator: str = ""
    values: dict[str, str] = {}
    columns: dict[str, str] = {}
    yes: list[str] = []
    no: list[str] = []

    @model_validator(mode="after")
    def _one_way(self) -> SeveralValues:
        listed, apart = bool(self.column), bool(self.columns)
        if listed == apart or listed != bool(self.values) or apart != bool(self.yes and self.no):
            raise ValueError(
                "expected `column` with `values` (a cell lists them, between `separator`s), or "
                "`columns` with `yes` and `no` (a column each)"
            )
        both = sorted(set(self.yes) & set(self.no))
        if both:
            raise ValueError(f"{', '.join(map(repr, both))}: yes and no; keep one of them")
        return self


class NoteColumn(_Part):
    """The column with remarks."""

    column: Filled


class StatusColumn(_Part):
    """The column that says which rows the coder declined to answer.

    In the stance's own column a word that is not listed here is done.
    """

    column: Filled
    values: dict[str, Literal["done", "skipped"]] = Field(min_length=1)


class MappingFile(_Part):
    """A checked mapping file; ``read_mapping`` is the way to get one."""

    format: Literal[1]
    source: Source
    text: TextColumn
    article: ArticleColumns = ArticleColumns()
    annotator: Annotators
    when: When | None = None
    stance: OneValue
    act: OneValue | None = None
    topics: SeveralValues | None = None
    flags: SeveralValues | None = None
    note: NoteColumn | None = None
    status: StatusColumn | None = None

    @model_validator(mode="after")
    def _columns_of_each_coder(self) -> MappingFile:
        if bool(self.annotator.each) != (CODER in self.stance.column):
            raise ValueError(
                f"a wide sheet has [annotator] `each` (the coders) and {CODER} in the name of "
                f'every column that there is once a coder: [stance] column = "stance {CODER}"'
            )
        return self

    def read_as(self) -> Iterator[tuple[str, str]]:
        """(place in this file, column) for every column that is read, a wide one once a coder."""
        yield "text.column", self.text.column
        for name in ("column", "order", *ARTICLE_FIELDS):
            yield f"article.{name}", getattr(self.article, name)
        yield "annotator.column", self.annotator.column
        for coder in self.annotator.each or [""]:
            for name in (*LAYERS, "note", "status", "when"):
                section = getattr(self, name)
                if section is not None:
                    yield f"{name}.column", in_column(section.column, coder)
                for column in getattr(section, "columns", ()):
                    yield f"{name}.columns", in_column(column, coder)


def in_column(column: str, coder: str) -> str:
    """The column of one coder.

    >>> in_column("stance {annotator}", "MH"), in_column("stance", "")
    ('stance MH', 'stance')
    """
    return column.replace(CODER, coder)


def is_pseudonym(name: str) -> bool:
    """Lower-case letters, digits and single hyphens."""
    return PSEUDONYM.fullmatch(name) is not None


def read_mapping(path: Path) -> MappingFile:
    """The checked mapping file; CorpusError lists all its faults at once."""
    try:
        raw = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CorpusError([Finding(str(path), "E170", f"not valid TOML: {error}.")]) from None
    try:
        return MappingFile.model_validate(raw)
    except ValidationError as error:
        raise CorpusError(
            Finding(
                f"{path}: {_where(fault['loc'])}",
                *_fault(fault["type"], fault["msg"], fault["input"]),
            )
            for fault in error.errors()
        ) from None


def label_faults(mapping: MappingFile, book: Codebook, place: str) -> Iterator[Finding]:
    """Labels that the codebook does not know, layers that it does not ask."""
    for layer in LAYERS:
        section = getattr(mapping, layer)
        if section is None:
            continue
        if layer not in book.layers:
            message = f"codebook {book.version} has no layer {layer}. Take the section out."
            yield Finding(f"{place}: {layer}", "E173", message)
            continue
        found = {**section.values, **getattr(section, "columns", {})}
        for word, label in found.items():
            if label and label not in book.names(layer):
                known = ", ".join(book.names(layer))
                yield Finding(
                    f"{place}: {layer}",
                    "E173",
                    f"{word!r} becomes {label!r}, which is not in codebook {book.version} "
                    f'({known}; "" is no answer).{nearest(label, book.names(layer))}',
                )


def column_faults(
    mapping: MappingFile, columns: Iterable[str], repeated: Iterable[str], place: str
) -> Iterator[Finding]:
    """Columns that the file does not have, or has twice."""
    known, twice = list(columns), set(repeated)
    for where, column in dict.fromkeys(mapping.read_as()):
        if not column:
            continue
        if column in twice:
            message = f"the file has several columns {column!r}. Rename all but one there."
            yield Finding(f"{place}: {where}", "E174", message)
        elif column not in known:
            shown = ", ".join(map(repr, known))
            hint = nearest(column, known)
            if len(known) == 1 and mapping.source.kind == "csv":
                hint = " A single column: is the delimiter another one? `delimiter` in [source]."
            message = f"the file has no column {column!r}; it has {shown}.{hint}"
            yield Finding(f"{place}: {where}", "E174", message)


def nearest(word: str, known: Iterable[str]) -> str:
    """The advice to take a word that is spelled nearly like this one, or nothing.

    >>> nearest("Haltng", ["Haltung", "Doc"]), nearest("x", ["Haltung"])
    (" Is it 'Haltung'?", '')
    """
    by_form = {name.casefold(): name for name in known if name}
    found = get_close_matches(word.casefold(), by_form, n=2)
    return f" Is it {' or '.join(repr(by_form[form]) for form in found)}?" if found else ""


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the file"


def _fault(kind: str, message: str, found: object) -> tuple[str, str]:
    """(code, message): sections that contradict themselves apart from wrong types."""
    if kind == "value_error":
        return "E172", f"{message.removeprefix('Value error, ')}."
    if kind == "missing":
        return "E171", "is missing. `--draft-mapping` prints a mapping to start from."
    if kind == "extra_forbidden":
        return "E171", "there is no such key; docs/bring-your-own.md lists them."
    return "E171", f"{message}; found {short(found)}."
