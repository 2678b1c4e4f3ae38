"""Tables that people made: CSV files and Excel sheets, cell by cell as the person sees them."""

from __future__ import annotations

import csv
import io
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.articles import clean_text
from corpus.files import decode_text
from corpus.findings import CorpusError, Finding, listed
from corpus.mapping import Source

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MOST_CELLS = 2_000_000  # openpyxl makes each of them, empty or not


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or one answer of a Label Studio export. ``cells``: column -> text.

    ``number`` is the row as a spreadsheet counts it, or the task. ``is_answer``: False for a task
    that nobody answered. Several values of one Label Studio control stand on lines of their own.
    """

    number: int
    cells: Mapping[str, str]
    source: str
    is_answer: bool = True
    is_skipped: bool = False
    prediction_shown: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. ``unreadable``: (row number, column) -> why there is no text."""

    name: str
    noun: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    repeated: frozenset[str] = frozenset()
    unreadable: Mapping[tuple[int, str], str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def place(self, numbers: Iterable[int]) -> str:
        """Where findings point: the file and the rows."""
        return place_of(self.name, self.noun, numbers)


def place_of(name: str, noun: str, numbers: Iterable[int]) -> str:
    """A file and some of its rows.

    >>> place_of("a.csv", "row", [3]), place_of("a.csv", "row", [3, 4, 3])
    ('a.csv: row 3', 'a.csv: rows 3, 4')
    """
    found = [str(number) for number in dict.fromkeys(numbers)]
    return f"{name}: {noun}{'s' if len(found) > 1 else ''} {listed(found)}"


def read_sheet(path: Path, source: Source) -> Table:
    """The rows that are not blank, below the header; CorpusError where there is no table."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}.") from None
    return (
        _read_xlsx(data, path, source) if source.kind == "xlsx" else _read_csv(data, path, source)
    )


def visible_sheets(path: Path) -> list[str]:
    """The names of an Excel file's sheets that are not hidden."""
    return [sheet.title for sheet in _visible(_workbook(path.read_bytes(), path, data_only=True))]


def _read_csv(data: bytes, path: Path, source: Source) -> Table:
    csv.field_size_limit(sys.maxsize)
    lines = io.StringIO(_decoded(data, path, source.encoding), newline="")
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    grid: dict[int, list[str]] = {}
    try:
        for number, cells in enumerate(reader, start=1):
            grid[number] = cells
    except csv.Error as error:
        message = f"not CSV: {error}. Is a quotation mark missing, or doubled?"
        raise CorpusError([Finding(f"{path}:{reader.line_num}", "E177", message)]) from None
    return _table(grid, path, source, {}, ())


def _decoded(data: bytes, path: Path, encoding: str) -> str:
    if encoding.lower() in ("utf-8", "utf8"):
        try:
            return decode_text(data, str(path))
        except CorpusError as error:
            raise CorpusError(
                f'{error} Or name the encoding in the mapping: [source] encoding = "cp1252" '
                '(Excel in Europe) or "utf-16" (Excel\'s Unicode text).'
            ) from None
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except (UnicodeError, LookupError) as error:
        message = f"not {encoding}: {error}. Correct `encoding` in [source]."
        raise CorpusError([Finding(str(path), "E177", message)]) from None


def _read_xlsx(data: bytes, path: Path, source: Source) -> Table:
    sheet = _sheet(_workbook(data, path, data_only=True), path, source.sheet)
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        message = (
            f"sheet {sheet.title!r} says that it has {sheet.max_row:,} rows and "
            f"{sheet.max_column:,} columns. Delete the empty ones, or save the sheet as CSV."
        )
        raise CorpusError([Finding(str(path), "E177", message)])
    formulas = _workbook(data, path, data_only=False)[sheet.title]
    faults: dict[tuple[int, int], str] = {}
    grid: dict[int, list[str]] = {}
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.data_type == "e":
                faults[cell.row, cell.column] = f"{cell.coordinate} holds the error {cell.value}"
        grid[cells[0].row] = [_shown(cell.value) for cell in cells]
    for cells in formulas.iter_rows():
        for cell in cells:
            # The result "" is stored as text; a result that was never stored has no type.
            stored = sheet.cell(cell.row, cell.column)
            if cell.data_type == "f" and stored.value is None and stored.data_type == "n":
                faults[cell.row, cell.column] = (
                    f"{cell.coordinate} is a formula without a stored value: open the file in "
                    "Excel or LibreOffice and save it there"
                )
    merged = [merge for merge in sheet.merged_cells.ranges if merge.max_row > source.header]
    for merge in merged:
        for row in range(merge.min_row, merge.max_row + 1):
            for column in range(merge.min_col, merge.max_col + 1):
                grid[row][column - 1] = grid[merge.min_row][merge.min_col - 1]
    return _table(grid, path, source, faults, _warnings(sheet, path, merged, source.header))


def _warnings(
    sheet: Worksheet, path: Path, merged: Sequence[Any], header: int
) -> tuple[Finding, ...]:
    """What a person may not expect to be read, or not in this way."""
    found = []
    hidden = [
        number for number, row in sheet.row_dimensions.items() if row.hidden and number > header
    ]
    if hidden:
        place = place_of(str(path), "row", sorted(hidden))
        found.append(Finding(place, "W170", "hidden in Excel (a filter?), and read all the same."))
    if merged:
        place = f"{path}: {listed(sorted(merge.coord for merge in merged))}"
        message = "merged cells: each of their rows has their value."
        found.append(Finding(place, "W173", message))
    return tuple(found)


def _workbook(data: bytes, path: Path, *, data_only: bool) -> Workbook:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ModuleNotFoundError:
        raise CorpusError(
            "Excel sheets are read with openpyxl, which is not installed. Install it with "
            "`pip install -e .[train]`, or save the sheet as CSV."
        ) from None
    import zlib
    from zipfile import BadZipFile

    broken = (
        InvalidFileException, BadZipFile, zlib.error, EOFError, SyntaxError, LookupError,
        ValueError, TypeError, AttributeError, RuntimeError, OverflowError, OSError,
    )  # fmt: skip
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions, not of cells
            return load_workbook(io.BytesIO(data), data_only=data_only)
    except broken:
        message = (
            "no Excel sheet that can be read (.xlsx; an old .xls or one with a password cannot). "
            "Open it and save it as .xlsx or CSV."
        )
        raise CorpusError([Finding(str(path), "E177", message)]) from None


def _visible(workbook: Workbook) -> list[Worksheet]:
    return [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]


def _sheet(workbook: Workbook, path: Path, name: str) -> Worksheet:
    """The sheet of that name, hidden or not, or else the only visible one."""
    visible = _visible(workbook)
    found = [sheet for sheet in workbook.worksheets if sheet.title == name] if name else visible
    if len(found) != 1:
        shown = ", ".join(repr(sheet.title) for sheet in visible)
        what = f"there is no sheet {name!r}" if name else f"{len(found)} sheets are visible"
        message = f"{what}. Name one in [source]: sheet = ...; visible: {shown}."
        raise CorpusError([Finding(str(path), "E177", message)])
    return found[0]


def _shown(value: object) -> str:
    """A cell as a person reads it: 1.0 is "1", a day is ISO 8601.

    >>> _shown(1.0), _shown(0.1), _shown(None), _shown(datetime(2024, 3, 1)), _shown(True)
    ('1', '0.1', '', '2024-03-01', 'TRUE')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        has_time = value.time() != time()
        return value.isoformat(sep=" ") if has_time else value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _table(
    grid: Mapping[int, Sequence[str]],
    path: Path,
    source: Source,
    faults: Mapping[tuple[int, int], str],
    found: Sequence[Finding],
) -> Table:
    """faults: (row, column from 1) -> why there is no text."""
    names = [" ".join(clean_text(cell).split()) for cell in grid.get(source.header, ())]
    if not any(names):
        message = (
            f"row {source.header} has no names of columns. Which row has? [source] header = ..."
        )
        raise CorpusError([Finding(str(path), "E177", message)])
    columns = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    file = clean_text(path.name)
    rows, ragged = [], []
    for number, cells in grid.items():
        if number <= source.header or not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            ragged.append(number)
            continue
        texts = dict(zip(columns, cells, strict=True))
        rows.append(Row(number, texts, f"sheet/{file}#{number}"))
    if ragged:
        message = (
            f"not as many cells as the header has ({len(columns)}). Quote the texts, or is the "
            "`delimiter` in [source] another one?"
        )
        raise CorpusError([Finding(place_of(str(path), "row", ragged), "E177", message)])
    unreadable = {
        (row, columns[column - 1]): why
        for (row, column), why in faults.items()
        if row > source.header
    }
    repeated = frozenset(name for name, times in Counter(columns).items() if times > 1)
    return Table(
        str(path),
        "row",
        tuple(dict.fromkeys(columns)),
        tuple(rows),
        repeated,
        unreadable,
        tuple(found),
    )
