"""What the rows of a table say in this corpus's words: sentences, and who said what of them.

Pure: a table, a mapping and a codebook in; passages, answers and findings out. Where the sentences
stand in the corpus is asked by ``placement``.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from corpus.articles import clean_text
from corpus.codebook import Codebook
from corpus.findings import Finding, short
from corpus.mapping import (
    ARTICLE_FIELDS,
    MappingFile,
    OneValue,
    SeveralValues,
    column_faults,
    in_column,
    label_faults,
    nearest,
)
from corpus.records import Annotation
from corpus.sheets import Row, Table

E_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.\w+")
FEWEST_LETTERS = 3  # shorter names (initials, numbers) are words of any note


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentence of a row: its text, the article as the file names it, what is known of that.

    article: "" where every text is an article of its own. order: None where rows are in order.
    """

    row: int
    article: str
    order: float | None
    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one coder said of a passage; the annotation's ``sentence_id`` is not known yet."""

    passage: Passage
    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Codings:
    """A table in this corpus's words. ``words``: (layer, word, label) -> how often.

    ``unanswered``: how often a coder left everything blank.
    """

    passages: tuple[Passage, ...]
    answers: tuple[Answer, ...]
    words: Counter[tuple[str, str, str]]
    unanswered: int
    findings: tuple[Finding, ...]


def one_line(text: str) -> str:
    r"""The text cleaned as an article's is, with every line break a blank.

    >>> one_line(" Talks\r\n resume. ")
    'Talks resume.'
    """
    return clean_text(re.sub(r"\s*\n\s*", " ", clean_text(text)))


def read_codings(
    table: Table, mapping: MappingFile, book: Codebook, place: str, *, day: date | None = None
) -> Codings:
    """The passages and answers of a table. ``place``: the mapping file, as findings name it.

    day: when the codes were given, where the mapping does not say. An answer with a fault is left
    out, and the findings name its row.
    """
    faults = [
        *label_faults(mapping, book, place),
        *column_faults(mapping, table.columns, table.repeated, place),
    ]
    if (mapping.when is None) == (day is None):
        which = (
            "two times are given: [when] and --date. Keep one"
            if day
            else ("when were the codes given? Add [when], or --date YYYY-MM-DD")
        )
        faults.append(Finding(f"{place}: when", "E172", f"{which}."))
    faults += _personal(table, mapping)
    if not table.rows:
        faults.append(Finding(table.name, "E178", f"there are no {table.noun}s to read."))
    if faults:
        return Codings((), (), Counter(), 0, (*table.findings, *faults))
    reading = _Reading(table, mapping, book, day)
    for row in table.rows:
        reading.read(row)
    return Codings(
        tuple(reading.passages),
        tuple(reading.answers),
        reading.words,
        reading.unanswered,
        (*table.findings, *reading.findings()),
    )


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _personal(table: Table, mapping: MappingFile) -> Iterable[Finding]:
    """The file's name is stored with every answer."""
    who = _named(table.rows[0].source if table.rows else "", mapping)
    if who:
        message = f"the name of the file names a person ({who}), and is stored. Rename the file."
        yield Finding(table.name, "E185", message)


def _named(text: str, mapping: MappingFile) -> str:
    """A coder's name or an e-mail address in a text, or nothing."""
    found = E_MAIL.search(text)
    if found:
        return found[0]
    for name, pseudonym in mapping.annotator.names.items():
        letters = sum(map(str.isalpha, name))
        is_name = letters >= FEWEST_LETTERS and name != pseudonym
        if is_name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            return name
    return ""


@dataclass(slots=True)
class _Reading:
    """The work of one call."""

    table: Table
    mapping: MappingFile
    book: Codebook
    day: date | None
    passages: list[Passage] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    words: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unanswered: int = 0
    n_said: int = 0
    faults: defaultdict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def say(self, row: Row, code: str, message: str) -> None:
        self.faults[code, message].append(row.number)
        self.n_said += 1

    def findings(self) -> list[Finding]:
        """One finding per code and message, with the rows it is about."""
        found = []
        for (code, message), numbers in self.faults.items():
            times = len(set(numbers))
            many = f" ({times:,} {self.table.noun}s)" if times > 1 else ""
            found.append(Finding(self.table.place(numbers), code, message + many))
        return found

    def read(self, row: Row) -> None:
        """One row: its passage, and an answer per coder."""
        passage = self.passage(row)
        if passage is None:
            return
        self.passages.append(passage)
        for coder in (self.mapping.annotator.each or [""]) if row.is_answer else ():
            n_said = self.n_said
            annotation = self.annotation(row, coder)
            if self.n_said > n_said:
                continue
            if annotation is None:
                self.unanswered += 1
            else:
                self.answers.append(Answer(passage, annotation))

    def cell(self, row: Row, column: str) -> str:
        """The text of a cell without blank edges; "" where no column is mapped."""
        if not column:
            return ""
        why = self.table.unreadable.get((row.number, column))
        if why is not None:
            self.say(row, "E177", f"column {column!r}: {why}.")
        return row.cells[column].strip()

    # Passages -----------------------------------------------------------------------------------

    def passage(self, row: Row) -> Passage | None:
        columns = self.mapping.article
        text = one_line(self.cell(row, self.mapping.text.column))
        article = self.cell(row, columns.column)
        order = self.order(row, columns.order) if columns.order else None
        facts = self.facts(row)
        if not text:
            message = f"no text in column {self.mapping.text.column!r}. Delete the row, or add it."
            self.say(row, "E178", message)
        if columns.column and not article:
            message = f"no article in column {columns.column!r}. Every row needs one, or none has."
            self.say(row, "E178", message)
        if not text or (columns.column and not article) or (columns.order and order is None):
            return None
        return Passage(row.number, article, order, text, facts)

    def order(self, row: Row, column: str) -> float | None:
        given = self.cell(row, column)
        try:
            found = float(given)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            self.say(row, "E179", f"{short(given)} in column {column!r} is no number.")
            return None
        return found

    def facts(self, row: Row) -> dict[str, Any]:
        """What the row says of its article, by field; what it does not say is absent."""
        columns = self.mapping.article
        found: dict[str, Any] = {"language": self.book.language}
        for name in ARTICLE_FIELDS:
            given = clean_text(self.cell(row, getattr(columns, name)))
            constant = getattr(columns.constant, name)
            if constant:
                found[name] = constant
            elif given and name.endswith("_date"):
                moment = self.moment(row, getattr(columns, name), columns.date_format)
                found[name] = moment.date() if moment else None
            elif given:
                found[name] = given
        return found

    def moment(self, row: Row, column: str, form: str) -> datetime | None:
        """A cell as a time in UTC: of the form, or ISO 8601 (as Excel's days are read)."""
        given = self.cell(row, column)
        for known_form in filter(None, (form, "ISO")):
            try:
                if known_form == "ISO":
                    return _utc(datetime.fromisoformat(given))
                return _utc(datetime.strptime(given, known_form))
            except (ValueError, OverflowError):
                continue
        wanted = f"{form!r}, or ISO 8601" if form else "ISO 8601 (2024-03-01), or a `format`"
        self.say(row, "E179", f"{short(given)} in column {column!r} is no time; expected {wanted}.")
        return None

    # Answers ------------------------------------------------------------------------------------

    def annotation(self, row: Row, coder: str) -> Annotation | None:
        """What a coder (of a wide sheet, else "") said in a row; None for nothing, or a fault."""
        mapping = self.mapping
        note = (
            clean_text(self.cell(row, in_column(mapping.note.column, coder)))
            if mapping.note
            else ""
        )
        who = _named(note, mapping)
        if who:
            message = f"the note names a person ({who}). Write the pseudonym, or leave [note] out."
            self.say(row, "E185", message)
        is_skipped = row.is_skipped or self.one(row, coder, "status") == "skipped"
        stance = None if row.is_skipped else self.one(row, coder, "stance")
        if stance is None and not is_skipped and self.is_blank(row, coder):
            return None
        if is_skipped and stance is not None:
            message = f"skipped, but the stance is {stance}. Correct one of the two cells."
            self.say(row, "E186", message)
            return None
        given = self.given_at(row, coder)
        annotator = self.annotator(row, coder)
        if given is None or annotator is None:
            return None
        return Annotation(
            sentence_id="",
            annotator=annotator,
            codebook=self.book.version,
            stance=stance,
            act=None if is_skipped else self.one(row, coder, "act"),
            topics=None if is_skipped else self.several(row, coder, "topics"),
            flags=self.several(row, coder, "flags") or (),
            note=note,
            holders=(),
            status="skipped" if is_skipped else "done" if stance else "empty",
            created_at=given.replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
            seconds=row.seconds,
            prediction_shown=row.prediction_shown,
            source=row.source,
        )

    def annotator(self, row: Row, coder: str) -> str | None:
        section = self.mapping.annotator
        if section.constant:
            return section.constant
        name = coder or self.cell(row, section.column)
        if name not in section.names:
            hint = nearest(name, section.names)
            message = (
                f"coder {name!r} has no pseudonym in [annotator] names, and names are never "
                f'stored.{hint} Add {name!r} = "ann-a" there.'
            )
            self.say(row, "E176", message)
            return None
        self.words["annotator", name, section.names[name]] += 1
        return section.names[name]

    def given_at(self, row: Row, coder: str) -> datetime | None:
        when = self.mapping.when
        if when is not None and when.column:
            return self.moment(row, in_column(when.column, coder), when.format)
        found = when.constant if when is not None else self.day
        assert found is not None
        if isinstance(found, datetime):
            return _utc(found)
        return datetime(found.year, found.month, found.day, tzinfo=UTC)

    def is_blank(self, row: Row, coder: str) -> bool:
        """True when the coder wrote nothing that counts: no layer, no note."""
        for name in ("act", "topics", "flags", "note"):
            section = getattr(self.mapping, name)
            if section is None:
                continue
            meant = getattr(section, "values", {})
            word = self.cell(row, in_column(section.column, coder))
            if word and meant.get(word) != "":
                return False
            for column in getattr(section, "columns", ()):
                if self.cell(row, in_column(column, coder)) not in ("", *section.no):
                    return False
        return True

    def one(self, row: Row, coder: str, layer: str) -> str | None:
        """The value of a single-valued section; None for no answer and for an unknown word."""
        section: OneValue | None = getattr(self.mapping, layer)
        if section is None:
            return None
        column = in_column(section.column, coder)
        word = self.cell(row, column)
        if (
            layer == "status"
            and word not in section.values
            and section.column == self.mapping.stance.column
        ):
            return "done"
        return self.meaning(row, layer, column, word, section.values) or None

    def several(self, row: Row, coder: str, layer: str) -> tuple[str, ...] | None:
        """The values of a multi-valued section in codebook order; None where it is not mapped."""
        section: SeveralValues | None = getattr(self.mapping, layer)
        if section is None:
            return None
        found = []
        if section.column:
            column = in_column(section.column, coder)
            words = self.cell(row, column).split(section.separator or "\n")
            for word in [word.strip() for word in words if word.strip()] or [""]:
                found.append(self.meaning(row, layer, column, word, section.values))
        switch = {**dict.fromkeys(section.yes, "yes"), **dict.fromkeys(section.no, "")}
        for name, label in section.columns.items():
            column = in_column(name, coder)
            word = self.cell(row, column)
            if self.meaning(row, layer, column, word, switch, label):
                found.append(label)
        known = self.book.names(layer)
        return tuple(sorted({label for label in found if label in known}, key=known.index))

    def meaning(
        self,
        row: Row,
        layer: str,
        column: str,
        word: str,
        values: Mapping[str, str],
        label: str = "",
    ) -> str:
        """What a word means; a word without a meaning is a finding. label: of a yes/no column."""
        if word not in values:
            where = f"`yes` or `no` of [{layer}]" if label else f"`values` of [{layer}]"
            advice = "Add it there" if word else 'Add "" there'
            message = (
                f"column {column!r}: {word!r} is not in {where}.{nearest(word, values)} {advice}, "
                'or correct the cells; "" as the meaning is no answer.'
            )
            self.say(row, "E175", message)
            return ""
        meant = values[word]
        self.words[layer, word, (label if meant else "") if label else meant] += 1
        return meant
