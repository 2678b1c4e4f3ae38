"""A mapping file is valid as a whole, or every fault of it is listed with its place."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codings import read_codings
from corpus.findings import CorpusError
from corpus.mapping import MappingFile, Source, read_mapping
from corpus.mapping_draft import draft_mapping, guess_source
from corpus.sheets import Row, Table, read_sheet

DATA = Path(__file__).parents[2] / "data"
CODINGS, FAULTS = DATA / "codings", DATA / "mappings"


def faults_of(path, book):
    """What is wrong with a mapping of tram-long.csv, the file's name left out."""
    try:
        mapping = read_mapping(path)
        table = read_sheet(CODINGS / "tram-long.csv", mapping.source)
        findings = read_codings(table, mapping, book, str(path)).findings
    except CorpusError as error:
        findings = error.findings
    return [
        (found.code, found.place.removeprefix(f"{path}").removeprefix(": "), found.message)
        for found in findings
    ]


@pytest.mark.parametrize("name", ["tram-long", "talks-wide", "truce-export"])
def test_the_examples_are_valid(name):
    assert read_mapping(CODINGS / f"{name}.toml").format == 1


def test_the_mapping_of_the_docs_is_that_of_the_long_sheet():
    page = (DATA.parents[1] / "docs/bring-your-own.md").read_text("utf-8")
    shown = tomllib.loads(page.split("```toml\n")[1].split("```")[0])
    assert shown == tomllib.loads((CODINGS / "tram-long.toml").read_text("utf-8"))


# One file per defect, named after its code; each is tram-long.toml with that one fault.
@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("E170", "", "not valid TOML: "),
        ("E171", "article.order", "Input should be a valid string; found 3."),
        ("E172", "annotator", "expected one of `column`, `each` and `constant`."),
        ("E173", "stance", "'Contra' becomes 'opose', which is not in codebook 1.0 (support, "),
        ("E174", "stance.column", "the file has no column 'Haltng'; it has 'Artikel', 'Zeitung'"),
    ],
)
def test_each_fault_has_its_code_and_place(tram_codebook, code, place, words):
    ((found, where, message),) = faults_of(FAULTS / f"{code}.toml", tram_codebook)
    assert (found, where) == (code, place)
    assert words in message


@pytest.mark.parametrize(
    ("code", "hint"), [("E173", " Is it 'oppose'?"), ("E174", " Is it 'Haltung'?")]
)
def test_a_word_spelled_nearly_right_is_named(tram_codebook, code, hint):
    ((_, _, message),) = faults_of(FAULTS / f"{code}.toml", tram_codebook)
    assert message.endswith(hint)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('delimiter = ";"', 'encoding = "latin-99"', "source", "there is no encoding 'latin-99'"),
        (
            'outlet = "Zeitung"',
            'licence = "Zeitung"',
            "article",
            "licence: a column and a constant",
        ),
        ('column = "Artikel"\n', "", "article", "`order` needs `column`"),
        ("ann-b", "Jo K.", "annotator", "Jo K.: a pseudonym is lower-case letters"),
        ('column = "am"', "", "when", "expected one of `column` and `constant`"),
        ('column = "am"', 'column = "am"\nconstant = 2031-01-01', "when", "expected one of"),
        (
            "[note]",
            '[topics]\ncolumn = "Text"\n[note]',
            "topics",
            "expected `column` with `values`",
        ),
        (
            "[note]",
            '[topics]\ncolumns = { a = "aid" }\nyes = ["1"]\nno = ["1"]\n[note]',
            "topics",
            "'1': yes and no",
        ),
        (
            'column = "Haltung"\nvalues = { Pro',
            'column = "{annotator}"\nvalues = { Pro',
            "the file",
            "a wide sheet has [annotator] `each`",
        ),
    ],
)
def test_sections_that_contradict_themselves(tmp_path, tram_codebook, old, new, place, words):
    text = (CODINGS / "tram-long.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mapping.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    ((code, where, message),) = faults_of(path, tram_codebook)
    assert (code, where) == ("E172", place)
    assert words in message


def test_all_faults_are_listed_at_once(tmp_path, tram_codebook):
    # Four faults of four sections: a kind, a missing key, a key that is none, a contradiction.
    text = (CODINGS / "tram-long.toml").read_text("utf-8")
    text = text.replace('"csv"', '"xls"').replace('column = "Text"', 'colum = "Text"')
    path = tmp_path / "mapping.toml"
    path.write_text(text.replace('column = "am"', ""), "utf-8")
    assert [found[:2] for found in faults_of(path, tram_codebook)] == [
        ("E171", "source.kind"),
        ("E171", "text.column"),
        ("E171", "text.colum"),
        ("E172", "when"),
    ]


def test_no_time_or_two_are_refused(tmp_path, tram_codebook):
    text = (CODINGS / "tram-long.toml").read_text("utf-8")
    path = tmp_path / "mapping.toml"
    path.write_text(text.replace('[when]\ncolumn = "am"\nformat = "%d.%m.%Y %H:%M"', ""), "utf-8")
    ((code, place, message),) = faults_of(path, tram_codebook)
    assert (code, place) == ("E172", "when")
    assert "when were the codes given?" in message


cells = st.text(max_size=30)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True), st.data())
def test_a_draft_is_a_mapping_whatever_the_table_holds(small, columns, data):
    """It may name a label "?", which is refused later, but it is always of the right shape."""
    rows = [
        Row(number, {column: data.draw(cells) for column in columns}, "sheet/x.csv#1")
        for number in range(2, 5)
    ]
    table = Table("x.csv", "row", tuple(columns), tuple(rows))
    draft = draft_mapping(table, Source(kind="csv"), small)
    filled = draft.replace('constant = "?"  # a', 'constant = "ann-a"  # a')
    filled = filled.replace('constant = "?"  # the', "constant = 2031-01-31  # the")
    MappingFile.model_validate(tomllib.loads(filled))


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16")]
)
def test_the_encoding_of_a_sheet_is_guessed(tmp_path, encoding, named):
    path = tmp_path / "codes.csv"
    path.write_bytes("sentence;label\nWaffenruhe für Gaza;pro\n".encode(encoding))
    assert guess_source(path) == Source(kind="csv", delimiter=";", encoding=named)


def test_a_draft_guesses_what_is_spelled_alike(tram_codebook):
    names = ("Article", "sentence", "coder", "date", "label", "comment")
    rows = [
        Row(2, dict(zip(names, ("a", "Long text.", "Jo", "2031-01-01", "Support", ""), strict=True)), ""),
        Row(3, dict(zip(names, ("a", "Other text.", "Bo", "2031-01-01", "opposes", "x"), strict=True)), ""),
    ]  # fmt: skip
    table = Table("codes.csv", "row", names, tuple(rows))
    draft = tomllib.loads(draft_mapping(table, Source(kind="csv"), tram_codebook))
    assert draft == {
        "format": 1,
        "source": {"kind": "csv", "delimiter": ","},
        "text": {"column": "sentence"},
        "article": {"column": "Article"},
        "annotator": {"column": "coder", "names": {"Bo": "ann-a", "Jo": "ann-b"}},
        "when": {"column": "date"},
        "stance": {"column": "label", "values": {"Support": "support", "opposes": "oppose"}},
        "note": {"column": "comment"},
    }
