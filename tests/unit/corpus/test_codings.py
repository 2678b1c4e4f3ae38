"""Rows become sentences and answers: each word by the mapping, or a finding with its rows."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.annotations import new_lines
from corpus.articles import add_article, clean_text
from corpus.batches import BatchItem
from corpus.codings import Passage, one_line, read_codings
from corpus.folder import read_corpus
from corpus.mapping import read_mapping
from corpus.placement import place
from corpus.records import Annotation, Article
from corpus.sentences import freeze_sentences
from corpus.sheets import read_sheet
from corpus.staging import finish, is_unfinished, store

DATA = Path(__file__).parents[2] / "data/codings"
HEADER = "doc,nr,text,who,code,note,when\n"


@pytest.fixture
def corpus(tmp_path, small_text):
    """An empty corpus with the small codebook."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "codebook.toml").write_text(small_text, "utf-8")
    return folder


@pytest.fixture
def mapped(corpus, tmp_path):
    """Read a CSV file of HEADER's columns; ``changes`` are to the mapping's lines."""

    def make(rows, *, name="codes.csv", batch="old1", more="", day=None, **changes):
        lines = {
            "article": 'column = "doc"',
            "annotator": 'column = "who"\nnames = { Anna = "ann-a", Bo = "ann-b" }',
            "when": "constant = 2031-06-01",
            "stance": 'column = "code"\nvalues = { yes = "favor", no = "against", "-" = "none", "" = "" }',
            "note": 'column = "note"',
            **changes,
        }
        sections = "".join(f"[{key}]\n{text}\n" for key, text in lines.items() if text)
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(
            f'format = 1\n[source]\nkind = "csv"\n[text]\ncolumn = "text"\n{sections}{more}',
            "utf-8",
        )
        path = tmp_path / name
        path.write_text(HEADER + rows, "utf-8")
        return read(path, mapping, corpus, batch, day)

    return make


@dataclasses.dataclass(frozen=True)
class Read:
    """What a file says and where it goes, with the findings of both without their folders."""

    codings: object
    placement: object
    findings: list[str]

    @property
    def answers(self):
        """(sentence, annotator, stance, status) of what would be stored."""
        return [
            (item.sentence_id, item.annotator, item.stance, item.status)
            for lines in self.placement.annotations.values()
            for item in lines
        ]


def read(path, mapping, corpus, batch="old1", day=None):
    found = read_corpus(corpus)
    source = read_mapping(mapping).source
    table = read_sheet(path, source)
    codings = read_codings(table, read_mapping(mapping), found.codebook, str(mapping), day=day)
    placement = place(codings, found, batch, table)
    findings = [
        str(finding).replace(f"{path.parent}/", "")
        for finding in (*codings.findings, *placement.findings)
    ]
    return Read(codings, placement, findings)


def stored(corpus, found, batch="old1"):
    placed = found.placement
    store(corpus, placed.articles, placed.unsplit, (batch, placed.items), placed.annotations)


def test_a_long_sheet(tmp_path, tram_codebook):
    """tram-long.csv: two coders, sentences ordered within articles, days in German."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "codebook.toml").write_text(
        (DATA.parent / "tram/codebook.toml").read_text("utf-8"), "utf-8"
    )
    found = read(DATA / "tram-long.csv", DATA / "tram-long.toml", corpus)
    assert found.findings == []
    assert found.placement.articles[0] == Article(
        id="t01",
        text='The council voted for the tram on Monday; the mayor called it "overdue".\n'
        "Shopkeepers on Quay Street will sue.\nTrams ran here until 1962.",
        outlet="Hafenbote",
        written_date=date(2031, 3, 4),
        process="harbour-tram",
        licence="CC-BY-4.0",
        one_sentence_per_line=True,
    )
    assert found.answers == [
        ("t01.001", "ann-a", "support", "done"),
        ("t01.001", "ann-b", "support", "done"),
        ("t01.002", "ann-a", "oppose", "done"),
        ("t01.002", "ann-b", "none", "done"),
        ("t01.003", "ann-a", "none", "done"),
        ("t01.003", "ann-b", None, "skipped"),
        ("t02.001", "ann-a", "none", "done"),
    ]
    assert found.placement.items == (
        BatchItem("t01.001", ("ann-a", "ann-b")),
        BatchItem("t01.002", ("ann-a", "ann-b")),
        BatchItem("t01.003", ("ann-a", "ann-b")),
        BatchItem("t02.001", ("ann-a",)),
    )
    assert found.placement.annotations["old1"][3] == Annotation(
        sentence_id="t01.002",
        annotator="ann-b",
        codebook="1.0",
        stance="none",
        act=None,
        topics=None,
        flags=(),
        note="suing is a step against it?",
        holders=(),
        status="done",
        created_at="2031-03-12T14:01:00Z",
        seconds=None,
        prediction_shown=False,
        source="sheet/tram-long.csv#5",
    )


def test_a_wide_sheet(tmp_path, corpus):
    """talks-wide.toml: columns per coder, yes/no columns for topics; JK left a row blank."""
    book = openpyxl.Workbook()
    book.active.title = "Codes"
    heads = ("stance", "talks?", "aid?", "note")
    columns = [f"{coder} {head}" for coder in ("MH", "JK") for head in heads]
    book.active.append(["Doc", "Headline", "Day", "Sentence", *columns])
    day = date(2031, 5, 6)
    book.active.append(
        ["Lake 1", "Talks", day, "They met.", 1, "x", None, None, 0, True, True, "R1"]
    )
    book.active.append(["Lake 1", "Talks", day, "They left.", -1, None, "x", None, *[None] * 4])
    book.save(tmp_path / "wide.xlsx")
    found = read(tmp_path / "wide.xlsx", DATA / "talks-wide.toml", corpus)
    assert found.findings == []
    assert found.placement.articles == (
        Article(
            id="lake-1",
            text="They met.\nThey left.",
            title="Talks",
            outlet="Lakeside Courier",
            event_date=day,
            process="lake-talks",
            one_sentence_per_line=True,
        ),
    )
    assert found.codings.unanswered == 1
    assert [
        (item.sentence_id, item.annotator, item.stance, item.topics, item.note, item.source)
        for item in found.placement.annotations["old1"]
    ] == [
        ("lake-1.001", "ann-a", "favor", ("talks",), "", "sheet/wide.xlsx#2"),
        ("lake-1.001", "ann-b", "none", ("talks", "aid"), "R1", "sheet/wide.xlsx#2"),
        ("lake-1.002", "ann-a", "against", ("aid",), "", "sheet/wide.xlsx#3"),
    ]
    assert found.placement.items == (
        BatchItem("lake-1.001", ("ann-a", "ann-b")),
        BatchItem("lake-1.002", ("ann-a",)),
    )


ROW = "d1,1,Talks resume.,Anna,yes,,\n"


# (what is wrong, rows, changes to the mapping, the findings)
@pytest.mark.parametrize(
    ("rows", "changes", "findings"),
    [
        (
            "d,1,One.,Anna,yess,,\nd,2,Two.,Bo,yess,,\nd,3,Three.,Bo,x,,\n",
            {},
            [
                "codes.csv: rows 2, 3: E175 column 'code': 'yess' is not in `values` of [stance]. "
                "Is it 'yes'? Add it there, or correct the cells; \"\" as the meaning is no "
                "answer. (2 rows)",
                "codes.csv: row 4: E175 column 'code': 'x' is not in `values` of [stance]. Add it "
                'there, or correct the cells; "" as the meaning is no answer.',
            ],
        ),
        (
            "d,1,One.,Ana,yes,,\n",
            {},
            [
                "codes.csv: row 2: E176 coder 'Ana' has no pseudonym in [annotator] names, and "
                "names are never stored. Is it 'Anna'? Add 'Ana' = \"ann-a\" there.",
            ],
        ),
        (
            "d,1,,Anna,yes,,\n,2,Two.,Anna,yes,,\n",
            {},
            [
                "codes.csv: row 2: E178 no text in column 'text'. Delete the row, or add it.",
                "codes.csv: row 3: E178 no article in column 'doc'. Every row needs one, or none "
                "has.",
            ],
        ),
        (
            "d,a,One.,Anna,yes,,1.6.2031\n",
            {"article": 'column = "doc"\norder = "nr"', "when": 'column = "when"'},
            ["codes.csv: row 2: E179 'a' in column 'nr' is no number."],
        ),
        (
            "d,1,One.,Anna,yes,,1.6.2031\nd,2,Two.,Anna,yes,,\n",
            {"when": 'column = "when"'},
            [
                "codes.csv: row 2: E179 '1.6.2031' in column 'when' is no time; expected ISO 8601 "
                "(2024-03-01), or a `format`.",
                "codes.csv: row 3: E179 '' in column 'when' is no time; expected ISO 8601 "
                "(2024-03-01), or a `format`.",
            ],
        ),
        (
            "D 1,1,One.,Anna,yes,,\nd-1,1,Two.,Anna,yes,,\nΔ,1,Three.,Anna,yes,,\n",
            {},
            [
                "codes.csv: row 3: E180 'd-1' makes the id 'd-1', as 'D 1' does. Ids have letters "
                "a-z, digits and hyphens: give the article another name.",
                "codes.csv: row 4: E180 'Δ' makes no id. Ids have letters a-z, digits and hyphens: "
                "give the article another name.",
            ],
        ),
        (
            "d,1,One.,Anna,yes,Bote,\nd,2,Two.,Anna,yes,Blatt,\n",
            {"article": 'column = "doc"\noutlet = "note"', "note": ""},
            [
                "codes.csv: row 3: E180 article 'd' has several values of outlet (Bote, Blatt). "
                "Correct the cells.",
            ],
        ),
        (
            "d,1,One.,Anna,yes,,\nd,1,Two.,Bo,yes,,\n",
            {"article": 'column = "doc"\norder = "nr"'},
            [
                "codes.csv: rows 2, 3: E180 article 'd' has two texts at 1. Correct the order, or "
                "the texts.",
            ],
        ),
        (
            "d,1,One.,Anna,yes,,\ne,1,One.,Anna,yes,,\n",
            {},
            ["codes.csv: row 3: E181 the text of 'e' is the article d already. Call it 'd'."],
        ),
        (
            "d,1,One.,Anna,yes,,\nd,1,One.,Anna,no,,\n",
            {},
            [
                "codes.csv: rows 2, 3: E182 ann-a says different things of sentence d.001. Delete "
                "one row, or map [when] to a column with times (the later one counts), or [article] "
                "order (two sentences of the same words).",
            ],
        ),
        (
            "d,1,One.,Anna,-,offer,\n",
            {"act": 'column = "note"\nvalues = { offer = "offer" }', "note": ""},
            [
                "codes.csv: row 2: E183 act 'offer' was given, but the act is asked only when the "
                "stance is favor or against; the stance is none. Correct one of them.",
            ],
        ),
        (
            "d,1,One.,Anna,yes,ask Anna,\nd,2,Two.,Bo,yes,mail bo@example.org,\n",
            {},
            [
                "codes.csv: row 2: E185 the note names a person (Anna). Write the pseudonym, or "
                "leave [note] out.",
                "codes.csv: row 3: E185 the note names a person (bo@example.org). Write the "
                "pseudonym, or leave [note] out.",
            ],
        ),
        (
            "d,1,One.,Anna,yes,skip,\nd,2,Two.,Bo,,skip,\n",
            {"status": 'column = "note"\nvalues = { skip = "skipped" }', "note": ""},
            [
                "codes.csv: row 2: E186 skipped, but the stance is favor. Correct one of the two "
                "cells.",
            ],
        ),
    ],
    ids=lambda value: value[0].split(": ")[2].split()[0] if isinstance(value, list) else "",
)  # fmt: skip
def test_each_fault_of_a_row_is_named_with_its_rows(mapped, rows, changes, findings):
    assert mapped(rows, **changes).findings == findings


def test_a_cell_without_a_value_is_named_where_it_is_mapped(tmp_path, corpus):
    """A formula that nobody calculated, in a column that is read and in one that is not."""
    book = openpyxl.Workbook()
    book.active.title = "Codes"
    columns = [
        f"{coder} {head}" for coder in ("MH", "JK") for head in ("stance", "talks?", "aid?", "note")
    ]
    book.active.append(["Doc", "Headline", "Day", "Sentence", *columns, "sum"])
    book.active.append(["a", "", "2031-05-06", "They met.", "=1", *[None] * 7, "=2"])
    book.save(tmp_path / "wide.xlsx")
    found = read(tmp_path / "wide.xlsx", DATA / "talks-wide.toml", corpus)
    assert found.findings == [
        "wide.xlsx: row 2: E177 column 'MH stance': E2 is a formula without a stored value: open "
        "the file in Excel or LibreOffice and save it there."
    ]
    assert found.answers == []


def test_a_later_answer_of_one_coder_counts_and_is_said(mapped):
    rows = "d,1,One.,Anna,yes,,2031-06-02\nd,1,One.,Anna,no,,2031-06-01T23:00:00+02:00\n"
    found = mapped(rows, when='column = "when"')
    assert found.findings == [
        "codes.csv: rows 2, 3: W171 ann-a answered d.001 2 times; the latest is taken."
    ]
    assert found.answers == [("d.001", "ann-a", "favor", "done")]
    assert found.placement.annotations["old1"][0].created_at == "2031-06-02T00:00:00Z"


def test_the_same_row_twice_is_read_once_and_said(mapped):
    found = mapped(ROW + ROW)
    assert found.findings == [
        "codes.csv: rows 2, 3: W171 ann-a answered d1.001 2 times, alike; read as one. Sentences "
        "of the same words? Map [article] order."
    ]
    assert found.answers == [("d1.001", "ann-a", "favor", "done")]


def test_sentences_of_the_same_words_are_told_apart_by_their_order(mapped):
    rows = "d,2,No.,Anna,no,,\nd,1,No.,Anna,-,,\nd,10,End.,Anna,-,,\n"
    found = mapped(rows, article='column = "doc"\norder = "nr"')
    assert found.placement.articles[0].text == "No.\nNo.\nEnd."
    assert found.findings == []
    assert found.answers == [
        ("d.002", "ann-a", "against", "done"),
        ("d.001", "ann-a", "none", "done"),
        ("d.003", "ann-a", "none", "done"),
    ]


def test_a_blank_row_of_a_coder_is_no_answer_and_a_remark_alone_is_an_empty_one(mapped):
    found = mapped("d,1,One.,Anna,,,\nd,1,One.,Bo,,R1?,\n")
    assert found.codings.unanswered == 1
    assert found.answers == [("d.001", "ann-b", None, "empty")]


def test_topics_in_one_cell(mapped):
    more = (
        '[topics]\ncolumn = "when"\nseparator = ";"\nvalues = { T = "talks", A = "aid", "" = "" }'
    )
    found = mapped("d,1,One.,Anna,yes,,A; T;\nd,2,Two.,Anna,yes,,\n", more=more)
    assert found.findings == []
    assert [item.topics for item in found.placement.annotations["old1"]] == [("talks", "aid"), ()]


def test_the_day_may_come_from_the_command_line_once(mapped):
    found = mapped(ROW, when="", day=date(2031, 7, 1))
    assert found.placement.annotations["old1"][0].created_at == "2031-07-01T00:00:00Z"
    assert mapped(ROW, day=date(2031, 7, 1)).findings == [
        "mapping.toml: when: E172 two times are given: [when] and --date. Keep one."
    ]


def test_a_file_named_after_a_coder_is_refused(mapped):
    assert mapped(ROW, name="codes of Anna.csv").findings == [
        "codes of Anna.csv: E185 the name of the file names a person (Anna), and is stored. Rename "
        "the file."
    ]


def test_without_an_article_column_every_text_is_an_article(mapped, corpus):
    rows = "d,1,One.,Anna,yes,,\nd,2,Two.,Anna,no,,\ne,3,One.,Bo,no,,\n"
    found = mapped(rows, article="")
    # printf %s One. | sha256sum, printf %s Two. | sha256sum: the first twelve digits
    one, two = "text-70277bfc409b", "text-1eb32d1ee445"
    assert [(article.id, article.text) for article in found.placement.articles] == [
        (one, "One."),
        (two, "Two."),
    ]
    assert found.answers == [
        (f"{one}.001", "ann-a", "favor", "done"),
        (f"{two}.001", "ann-a", "against", "done"),
        (f"{one}.001", "ann-b", "against", "done"),
    ]
    stored(corpus, found)
    # In another order, in another file, it is the same.
    again = mapped("x,2,Two.,Anna,no,,\nx,1,One.,Anna,yes,,\n", name="other.csv", article="")
    assert again.placement.articles == ()
    assert {name for name, *_ in again.answers} == {f"{one}.001", f"{two}.001"}


def test_the_same_file_again_says_nothing_new(mapped, corpus):
    rows = ROW + "d1,2,They end.,Bo,no,,\n"
    found = mapped(rows)
    stored(corpus, found)
    again = mapped(rows)
    assert (again.placement.articles, again.placement.items) == ((), ())
    assert (again.answers, again.findings) == (found.answers, [])
    before, changed = contents(corpus), corpus.stat().st_mtime_ns
    lines = {
        name: new_lines(found.placement.annotations[name], lines)
        for name, lines in again.placement.annotations.items()
    }
    store(corpus, (), (), ("old1", ()), lines)
    assert (contents(corpus), corpus.stat().st_mtime_ns) == (before, changed)


def test_corrected_cells_go_where_the_answer_stands_and_new_ones_need_a_new_batch(mapped, corpus):
    stored(corpus, mapped(ROW))
    grown = "d2,1,New talks.,Bo,-,,\n" + ROW.replace("yes", "no")
    assert mapped(grown).findings == [
        "codes.csv: E184 batch old1 is frozen and does not ask for 1 of these answers (d2.001 by "
        "ann-b). Import the file under another batch name: what is stored already stays where it is."
    ]
    found = mapped(grown, batch="old2")
    assert found.findings == []
    stored(corpus, found, "old2")
    lines = read_corpus(corpus).annotations
    assert [(item.stance, item.source) for item in lines["old1"]] == [
        ("favor", "sheet/codes.csv#2"),
        ("against", "sheet/codes.csv#3"),
    ]
    assert [item.sentence_id for item in lines["old2"]] == ["d2.001"]


def test_a_skipped_row_supersedes_what_the_same_sheet_said_even_from_another_row(mapped, corpus):
    """A row was inserted above, so its number moved."""
    status = {"status": 'column = "note"\nvalues = { x = "skipped", "" = "done" }', "note": ""}
    rows = "d1,2,They end.,Bo,no,,\n"
    stored(corpus, mapped(ROW + rows, **status))
    stored(corpus, mapped(rows + ROW.replace("yes,", ",x"), **status))
    assert [
        (item.annotator, item.status, item.source)
        for item in read_corpus(corpus).annotations["old1"]
    ] == [
        ("ann-a", "done", "sheet/codes.csv#2"),
        ("ann-b", "done", "sheet/codes.csv#3"),
        ("ann-a", "skipped", "sheet/codes.csv#3"),
    ]


def test_rows_attach_to_the_sentences_of_a_known_article(mapped, corpus):
    """The second article was added without its sentences; they are frozen now."""
    for name, text in [("d1", "They met. They left.\nThey met."), ("d2", "It rained.")]:
        add_article(corpus, Article(name, text))
        if name == "d1":
            freeze_sentences(corpus, read_corpus(corpus).articles)
    rows = "d1,1,They left.,Anna,no,,\nd2,1,It rained.,Anna,-,,\n"
    found = mapped(rows)
    assert (found.findings, found.placement.articles) == ([], ())
    assert [name for name, *_ in found.answers] == ["d1.002", "d2.001"]
    stored(corpus, found)
    assert list(read_corpus(corpus).sentences) == ["d1.001", "d1.002", "d1.003", "d2.001"]
    assert mapped("d1,1,They laughed.,Anna,no,,\n").findings == [
        "codes.csv: row 2: E181 article d1 is in the corpus and has no such sentence: 'They "
        "laughed.'. Its sentences are frozen. Correct the texts, or give the article another name."
    ]


def test_of_equal_sentences_the_first_row_is_the_first(mapped, corpus):
    add_article(corpus, Article("d", "No.\nYes.\nNo.", one_sentence_per_line=True))
    freeze_sentences(corpus, read_corpus(corpus).articles)
    rows = "d,1,No.,Anna,no,,\nd,3,No.,Anna,-,,\n"
    found = mapped(rows, article='column = "doc"\norder = "nr"')
    assert [name for name, *_ in found.answers] == ["d.001", "d.003"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6))
def test_every_text_is_one_sentence_as_it_was_cleaned(small, texts):
    """Any Unicode, line breaks in cells too: a row is a sentence, and its text is clean."""
    from collections import Counter

    from corpus.codings import Codings
    from corpus.folder import Corpus
    from corpus.sheets import Table

    kept = [one_line(text) for text in texts]
    passages = [
        Passage(number, "doc", float(number), text, {}) for number, text in enumerate(kept) if text
    ]
    corpus = Corpus(Path("c"), small, {}, {}, {}, {}, [], {}, {})
    codings = Codings(tuple(passages), (), Counter(), 0, ())
    found = place(codings, corpus, "old1", Table("x", "row", (), ()))
    assert [item.text for item in found.sentences.values()] == [text for text in kept if text]
    for article in found.articles:
        assert article.text == clean_text(article.text)
    assert found.findings == ()


def test_an_import_that_was_stopped_is_finished(mapped, corpus, tmp_path, monkeypatch):
    """Stopped after each of its moves in turn, it ends as if nothing had happened."""
    found = mapped(ROW + "d2,1,They end.,Bo,no,,\n")
    placed = found.placement
    arguments = (placed.articles, placed.unsplit, ("old1", placed.items), placed.annotations)
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "codebook.toml").write_bytes((corpus / "codebook.toml").read_bytes())
    store(whole, *arguments)
    rename, moves = Path.rename, []

    def stopping(path, target):
        if ".import/" in str(path):
            moves.append(path)
            if len(moves) > 1:
                moves.clear()
                raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stopping)
    stops = 0
    with pytest.raises(KeyboardInterrupt):
        store(corpus, *arguments)
    while is_unfinished(corpus):
        try:
            finish(corpus)
        except KeyboardInterrupt:
            stops += 1
    assert stops >= 5  # two articles of two files, two of sentences, a batch: seven moves
    assert contents(corpus) == contents(whole)


def test_what_came_meanwhile_is_never_overwritten(mapped, corpus, monkeypatch):
    placed = mapped(ROW).placement
    monkeypatch.setattr("corpus.staging.finish", lambda _corpus: None)
    store(corpus, placed.articles, placed.unsplit, ("old1", placed.items), placed.annotations)
    add_article(corpus, Article("d1", "Another text."))
    before = contents(corpus)
    with pytest.raises(Exception, match=r"d1\.toml: made by something else while an import"):
        finish(corpus)
    assert contents(corpus) == before


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
