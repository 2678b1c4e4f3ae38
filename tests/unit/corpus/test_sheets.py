"""CSV files and Excel sheets as people see them; what is no table is refused with a way out."""

import csv
import io
import random
import zipfile
from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from corpus.findings import CorpusError
from corpus.mapping import Source
from corpus.sheets import read_sheet, visible_sheets

CSV, XLSX = Source(kind="csv"), Source(kind="xlsx")


@pytest.fixture
def sheet(tmp_path):
    """Write an Excel file of one sheet; ``change`` edits it before it is saved."""

    def make(*rows, change=lambda _book: None, name="codes.xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        change(book)
        book.save(tmp_path / name)
        return tmp_path / name

    return make


def written(tmp_path, content):
    path = tmp_path / "codes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells_of(table):
    return {row.number: row.cells for row in table.rows}


def refusal_of(path, source):
    with pytest.raises(CorpusError) as refusal:
        read_sheet(path, source)
    return str(refusal.value).replace(f"{path}", path.name)


def test_a_csv_is_read_row_by_row_as_a_spreadsheet_counts(tmp_path):
    """A byte-order mark, another delimiter, quotes, a line break in a cell, an empty row."""
    text = '\ufeffText;Code\n"The mayor said ""no""; twice.";1\n;\n"two\nlines"; x \n'
    table = read_sheet(written(tmp_path, text), Source(kind="csv", delimiter=";"))
    assert table.columns == ("Text", "Code")
    assert cells_of(table) == {
        2: {"Text": 'The mayor said "no"; twice.', "Code": "1"},
        4: {"Text": "two\nlines", "Code": " x "},
    }
    assert [row.source for row in table.rows] == ["sheet/codes.csv#2", "sheet/codes.csv#4"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Text\nfür\n".encode("latin-1"), 'not UTF-8: byte 0xfc at offset 6. If it is Latin-1: '),
        ("Text\nfür\n".encode("latin-1"), '[source] encoding = "cp1252"'),
        ("Text\nfür\n".encode("utf-16"), '"utf-16" (Excel\'s Unicode text)'),
        ('a,b\n"open,1\n', "codes.csv:2: E177 not CSV: "),
        ("a,b\nx,y\nx\nx,y,z\n", "codes.csv: rows 3, 4: E177 not as many cells as the header has (2)"),
        ("", "row 1 has no names of columns"),
        (",\nx,y\n", "row 1 has no names of columns"),
    ],
    ids=["latin-1", "encoding", "utf-16", "quote", "ragged", "empty", "no header"],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_way_out(tmp_path, content, words):
    assert words in refusal_of(written(tmp_path, content), CSV)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_an_encoding_that_is_named_is_used(tmp_path, encoding):
    path = written(tmp_path, "Text\nfür\n".encode(encoding))
    assert cells_of(read_sheet(path, Source(kind="csv", encoding=encoding))) == {2: {"Text": "für"}}
    assert "not ascii: " in refusal_of(path, Source(kind="csv", encoding="ascii"))


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read: No such file" in refusal_of(tmp_path / "none.csv", CSV)


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
@example([['=1+1', "a,b"], ['"', "\r\n"], ["\u2028", "'"]])  # fmt: skip
def test_csv_cells_come_back_as_they_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "codes.csv"
    text = io.StringIO()
    clean = [[cell.replace("\0", "").replace("\ufeff", "") for cell in row] for row in rows]
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *clean])
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    kept = [row for row in clean if any(cell.strip() for cell in row)]
    expected = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in kept]
    assert [list(row.cells.values()) for row in read_sheet(path, CSV).rows] == expected


excel_cells = st.one_of(
    st.text().map(lambda text: ILLEGAL_CHARACTERS_RE.sub("", text)),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.dates(date(1901, 1, 1), date(2999, 1, 1)),
)


def shown(value):
    """Excel's own words for a cell."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.isoformat() if isinstance(value, date) else str(value)


@given(st.lists(st.lists(excel_cells, min_size=2, max_size=2), max_size=4))
def test_excel_cells_come_back_as_a_person_sees_them(tmp_path_factory, rows):
    """Texts, whole numbers, days; a text that begins with = is a formula nobody calculated."""
    path = tmp_path_factory.mktemp("xlsx") / "codes.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    for row in rows:
        for column, value in enumerate(row, start=1):
            # XML has one sort of line end, and no half characters.
            if isinstance(value, str):
                value = value.replace("\r", "").encode("utf-8", "replace").decode()
            book.active.cell(book.active.max_row + (column == 1), column, value)
        row[:] = [cell.value for cell in book.active[book.active.max_row]]
    book.save(path)
    table = read_sheet(path, XLSX)
    formulas = {
        (cell.row, table.columns[cell.column - 1])
        for row in book.active.iter_rows(min_row=2)
        for cell in row
        if cell.data_type == "f"
    }
    found = [cell for row in table.rows for cell in row.cells.values()]
    assert set(table.unreadable) == formulas
    expected = [
        ["" if cell.data_type in "fe" or cell.value is None else shown(cell.value) for cell in row]
        for row in book.active.iter_rows(min_row=2)
    ]
    assert found == [cell for row in expected if any(map(str.strip, row)) for cell in row]


def test_numbers_days_and_times_are_shown_plainly(sheet):
    path = sheet(
        ["a", "b", "c", "d"],
        [1.0, 0.5, datetime(2031, 3, 4), datetime(2031, 3, 4, 9, 30)],
    )
    assert list(cells_of(read_sheet(path, XLSX))[2].values()) == [
        "1", "0.5", "2031-03-04", "2031-03-04 09:30:00",
    ]  # fmt: skip


def test_merged_cells_hold_for_each_of_their_rows_and_are_named(sheet):
    path = sheet(
        ["Text", "Coder"],
        ["One sentence.", "MH"],
        [None, "JK"],
        change=lambda book: book.active.merge_cells("A2:A3"),
    )
    table = read_sheet(path, XLSX)
    assert cells_of(table) == {
        2: {"Text": "One sentence.", "Coder": "MH"},
        3: {"Text": "One sentence.", "Coder": "JK"},
    }
    ((code, place),) = [(found.code, found.place) for found in table.findings]
    assert (code, place) == ("W173", f"{path}: A2:A3")


def test_hidden_rows_are_read_and_named(sheet):
    def hide(book):
        book.active.row_dimensions[3].hidden = True

    table = read_sheet(sheet(["Text"], ["one"], ["two"], change=hide), XLSX)
    assert [row.number for row in table.rows] == [2, 3]
    ((code, place),) = [(found.code, found.place) for found in table.findings]
    assert (code, place.endswith("codes.xlsx: row 3")) == ("W170", True)


def test_a_hidden_sheet_is_read_only_when_it_is_named(sheet):
    def more(book):
        book.create_sheet("Lists").sheet_state = "hidden"
        book["Lists"].append(["Word"])
        book["Lists"].append(["pro"])

    path = sheet(["Text"], ["one"], change=more)
    assert visible_sheets(path) == ["Sheet"]
    assert read_sheet(path, XLSX).columns == ("Text",)
    assert read_sheet(path, Source(kind="xlsx", sheet="Lists")).columns == ("Word",)
    assert "there is no sheet 'Codes'" in refusal_of(path, Source(kind="xlsx", sheet="Codes"))


def test_two_visible_sheets_are_not_chosen_between(sheet):
    path = sheet(["Text"], change=lambda book: book.create_sheet("B"))
    words = refusal_of(path, XLSX)
    assert (
        "2 sheets are visible. Name one in [source]: sheet = ...; visible: 'Sheet', 'B'." in words
    )


def test_a_formula_has_its_stored_value_or_a_finding(sheet, tmp_path):
    """The library stores none; LibreOffice and Excel do, as in the second file."""
    path = sheet(["Text", "Code"], ["one", "=1+1"])
    assert read_sheet(path, XLSX).unreadable == {
        (2, "Code"): "B2 is a formula without a stored value: open the file in Excel or "
        "LibreOffice and save it there"
    }
    stored = tmp_path / "stored.xlsx"
    rewritten(path, stored, b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    assert cells_of(read_sheet(stored, XLSX)) == {2: {"Text": "one", "Code": "2"}}
    assert read_sheet(stored, XLSX).unreadable == {}


def test_an_error_in_a_cell_is_named(sheet):
    path = sheet(["Text", "Code"], ["one", "#N/A"])
    assert read_sheet(path, XLSX).unreadable == {(2, "Code"): "B2 holds the error #N/A"}


def test_columns_of_one_name_and_without_one(tmp_path):
    table = read_sheet(written(tmp_path, "a,a,\n1,2,3\n"), CSV)
    assert (table.columns, table.repeated) == (("a", "column 3"), frozenset({"a"}))


def test_a_header_further_down_is_named(tmp_path):
    path = written(tmp_path, "Codes of 2031,\nText,Code\nx,1\n")
    table = read_sheet(path, Source(kind="csv", header=2))
    assert cells_of(table) == {3: {"Text": "x", "Code": "1"}}


def test_a_damaged_excel_file_is_refused_in_words(sheet, tmp_path):
    """A hundred files with a few bytes changed, and an old .xls: never another error."""
    content = sheet(["Text", "Code"], ["one", 1], ["two", date(2031, 1, 1)]).read_bytes()
    broken = tmp_path / "broken.xlsx"
    chance = random.Random(1)
    for _ in range(100):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 5)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        broken.write_bytes(damaged)
        with suppress(CorpusError):
            read_sheet(broken, XLSX)
    broken.write_bytes(b"\xd0\xcf\x11\xe0 an old .xls")
    assert "an old .xls or one with a password cannot" in refusal_of(broken, XLSX)


def rewritten(path, target, old, new):
    """A copy of an Excel file with a piece of a sheet's XML replaced."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/worksheets/"):
                assert old in content
                content = content.replace(old, new)
            copy.writestr(name, content)
