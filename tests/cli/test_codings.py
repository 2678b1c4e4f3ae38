"""Codings from elsewhere, as people bring them: draft, preview, import, agreement, dataset."""

import json
import shutil
import time
from pathlib import Path

import pytest

from corpus.folder import read_corpus

TRAM = Path(__file__).parents[1] / "data/tram"
CODINGS = Path(__file__).parents[1] / "data/codings"
WORDS = {"pro": "support", "contra": "oppose", "-": "none"}


@pytest.fixture
def corpus(script, tmp_path):
    """A new corpus with the second codebook, and nothing else."""
    folder = tmp_path / "strikes"
    assert script("new_corpus", folder).code == 0
    (folder / "codebook.toml").write_bytes((TRAM / "codebook.toml").read_bytes())
    return folder


@pytest.fixture
def sheet(tmp_path):
    """Sixty rows: five articles of six sentences, two coders, who differ on two of the thirty.

    Each word stands in 20 rows, but Bo takes one "pro" and one "contra" for "-": 19, 19, 22.
    """
    lines = ["doc,text,coder,code"]
    for article in range(5):
        for number in range(6):
            word = list(WORDS)[(article + number) % 3]
            text = f'"The council said ""{word}"" on day {number}, in report {article}."'
            for who in ("Anna Berg", "Bo Lind"):
                differs = who == "Bo Lind" and number == 3 and article < 2
                lines.append(f"report {article},{text},{who},{'-' if differs else word}")
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "mapping.toml"
    path.write_text(
        """\
format = 1
[source]
kind = "csv"
[text]
column = "text"
[article]
column = "doc"
[annotator]
column = "coder"
names = { "Anna Berg" = "ann-a", "Bo Lind" = "ann-b" }
[when]
constant = 2031-06-01
[stance]
column = "code"
values = { pro = "support", contra = "oppose", "-" = "none" }
""",
        "utf-8",
    )
    return path


@pytest.fixture
def bring(script, corpus, mapping):
    def make(file, *options, **more):
        fixed = ("--corpus", corpus, "--mapping", mapping, "--batch", "old1")
        return script("import_codings", file, *fixed, *options, **more)

    return make


def test_a_corpus_of_codings_alone_is_measured_built_and_trained(
    script, bring, corpus, sheet, tmp_path
):
    # 60 answers; 30 sentences; two of them disputed.
    end = bring(sheet)
    assert (end.code, end.said) == (0, "")
    assert "articles: 5 (5 new); sentences: 30 (30 new)" in end.out
    assert end.out.splitlines()[-1].startswith(
        "5 new articles; answers: 60 new, 0 changed, 0 unchanged. Next: make corpus-check"
    )
    checked = script("check_corpus", "--corpus", corpus)
    assert checked.code == 0
    assert "30 sentences, 1 batch, 60 annotations: 0 errors" in checked.out + checked.said
    agreement = script("measure_agreement", "--corpus", corpus, "--format", "json")
    assert agreement.code == 0
    assert len(json.loads(agreement.out)["disputes"]) == 2
    dataset, model = tmp_path / "dataset", tmp_path / "model"
    built = script("build_dataset", "--corpus", corpus, "--out", dataset)
    assert built.code == 0
    assert "28 sentences" in built.said
    assert script("train_model", "--dataset", dataset, "--out", model).code == 0


def test_a_preview_writes_nothing_and_shows_what_would_be_stored(bring, corpus, sheet):
    before = contents(corpus)
    end = bring(sheet, "--dry-run")
    assert (end.code, end.said) == (0, "")
    assert contents(corpus) == before
    for words in (
        "codes.csv: 60 rows, 4 columns\n",
        "coder   annotator  'Anna Berg'\n",
        "annotator  'Anna Berg'  'ann-a'    30\n",
        "stance     'contra'     'oppose'   19\n",
        "annotators: ann-a, ann-b; answers: 60\n",
        '  report-0.001: The council said "pro" on day 0, in report 0.\n'
        '  {"format": 1, "sentence_id": "report-0.001", "annotator": "ann-a", "codebook": "1.0", '
        '"stance": "support", ',
        "answers: 60 new, 0 changed, 0 unchanged. Nothing was stored.",
    ):
        assert words in end.out


def test_twice_changes_nothing_and_a_corrected_cell_supersedes(bring, corpus, sheet):
    bring(sheet)
    before = contents(corpus)
    again = bring(sheet)
    assert "0 new articles; answers: 0 new, 0 changed, 60 unchanged." in again.out
    assert contents(corpus) == before
    text = sheet.read_text("utf-8")
    sheet.write_text(text.replace("Anna Berg,pro", "Anna Berg,contra", 1), "utf-8")
    end = bring(sheet)
    assert (end.code, end.said) == (0, "")
    assert "answers: 0 new, 1 changed, 59 unchanged." in end.out
    lines = read_corpus(corpus).annotations["old1"]
    assert (lines[0].stance, lines[-1].stance) == ("support", "oppose")
    assert lines[0].sentence_id == lines[-1].sentence_id == "report-0.001"


def test_no_name_gets_into_the_corpus(bring, corpus, sheet):
    bring(sheet)
    everything = b"".join(contents(corpus).values())
    assert b"ann-a" in everything
    assert b"Anna" not in everything
    assert b"Berg" not in everything


def test_an_error_stores_nothing_and_every_one_is_listed(bring, corpus, sheet):
    before = contents(corpus)
    text = sheet.read_text("utf-8").replace(",contra\n", ",contrra\n", 2)
    sheet.write_text(text + "report 9,New.,Cy Dahl,pro\n", "utf-8")
    end = bring(sheet)
    assert end.code == 1
    assert contents(corpus) == before
    assert end.said.replace(f"{sheet.parent}/", "") == (
        "codes.csv: rows 4, 5: E175 column 'code': 'contrra' is not in `values` of [stance]. Is it "
        "'contra'? Add it there, or correct the cells; \"\" as the meaning is no answer. (2 rows)\n"
        "codes.csv: row 62: E176 coder 'Cy Dahl' has no pseudonym in [annotator] names, and names "
        "are never stored. Add 'Cy Dahl' = \"ann-a\" there.\n"
    )
    assert end.out.endswith("2 errors; nothing was stored. Correct the file or "
                            f"{sheet.parent}/mapping.toml.\n")  # fmt: skip


def test_a_draft_is_edited_and_imported(script, corpus, sheet, tmp_path):
    end = script("import_codings", sheet, "--draft-mapping", "--corpus", corpus)
    assert (end.code, end.said) == (0, "")
    mapping = tmp_path / "drafted.toml"
    mapping.write_text(end.out, "utf-8")
    options = ("--mapping", mapping, "--batch", "old1", "--corpus", corpus)
    undated = script("import_codings", sheet, *options)
    assert undated.code == 1
    assert "when.constant" in undated.said
    dated = end.out.replace('constant = "?"  # the', "constant = 2031-01-31  # the")
    mapping.write_text(dated, "utf-8")
    refused = script("import_codings", sheet, *options)
    assert refused.code == 1
    assert "stance: E173 'contra' becomes '?', which is not in codebook 1.0" in refused.said
    meanings = '{ "-" = "none", "contra" = "oppose", "pro" = "support" }'
    edited = dated.replace('{ "-" = "?", "contra" = "?", "pro" = "?" }', meanings)
    mapping.write_text(edited, "utf-8")
    end = script("import_codings", sheet, *options)
    assert (end.code, end.said) == (0, "")
    assert "60 new" in end.out


@pytest.mark.parametrize("moment", ["..import.part/articles/*", ".import", "articles/*.t*"])
def test_a_killed_import_ends_as_an_undisturbed_one(
    start, finish, script, corpus, mapping, sheet, tmp_path, moment
):
    """A real SIGKILL while it writes aside, or moves in; the same command again goes on."""
    text = "".join(f"doc {number},Day {number}.,Bo Lind,pro\n" for number in range(60))
    sheet.write_text("doc,text,coder,code\n" + text, "utf-8")
    options = ("--mapping", mapping, "--batch", "old1", "--corpus")
    whole = shutil.copytree(corpus, tmp_path / "whole")
    assert script("import_codings", sheet, *options, whole).code == 0

    process = start("import_codings", sheet, *options, corpus)
    while not list(corpus.glob(moment)) and process.poll() is None:
        time.sleep(0.0005)
    process.kill()
    finish(process)
    again = script("import_codings", sheet, *options, corpus)
    assert again.code == 0
    assert contents(corpus) == contents(whole)


def test_a_preview_says_that_an_import_was_stopped(bring, corpus, sheet):
    (corpus / ".import/articles").mkdir(parents=True)
    end = bring(sheet, "--dry-run")
    assert (end.code, end.out) == (1, "")
    assert "an import was stopped before its end. Run one without --dry-run" in end.said
    end = bring(sheet)
    assert (end.code, end.said) == (0, "An import that was stopped is finished now.\n")
    assert not (corpus / ".import").exists()


def test_a_mapping_inside_the_corpus_is_warned_of(bring, corpus, sheet, mapping, script):
    inside = corpus / "mapping.toml"
    inside.write_bytes(mapping.read_bytes())
    end = bring(sheet, "--mapping", inside)
    assert (end.code, end.said) == (
        0,
        f"{inside}: W174 lies in the corpus folder: whoever gets the corpus gets the names in it. "
        "Move it.\n",
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, "none.csv: cannot be read: No such file"),
        (
            "latin.csv",
            "text,who,code,doc\nfür,Bo,pro,a\n".encode("latin-1"),
            "not UTF-8: byte 0xfc",
        ),
        ("book.xlsx", b"PK\x03\x04" + bytes(40), "not text: a NUL byte"),
        ("quotes.csv", b'doc,text,who,code\na,"b" c",x,y\n', "E177 not CSV"),
        (
            "semicolons.csv",
            b"doc;text;who;code\n",
            "A single column: is the delimiter another one?",
        ),
        ("empty.csv", b"", "row 1 has no names of columns"),
        ("header.csv", b"doc,text,coder,code\n", "header.csv: E178 there are no rows to read."),
    ],
)
def test_files_that_cannot_be_read_are_said(bring, corpus, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = contents(corpus)
    end = bring(tmp_path / name)
    assert end.code == 1
    assert words in end.said
    assert contents(corpus) == before


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.csv",),
        ("a.csv", "--project", "3", "--draft-mapping"),
        ("a.csv", "--mapping", "m.toml", "--batch", "Old 1"),
        ("a.csv", "--mapping", "m.toml", "--batch", "old1", "--date", "soon"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(script, arguments):
    end = script("import_codings", *arguments)
    assert (end.code, end.out) == (2, "")


def test_an_export_of_another_project_is_imported(script, corpus, tmp_path):
    """The ceasefire words of the example, in the tram's codebook."""
    text = (CODINGS / "truce-export.toml").read_text("utf-8")
    for old, new in (('"favor"', '"support"'), ('"against"', '"oppose"')):
        text = text.replace(old, new)
    topics, note = text.index("[topics]"), text.index("[note]")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(text[:topics] + text[note:], "utf-8")
    end = script(
        "import_codings", CODINGS / "truce-export.json", "--mapping", mapping, "--batch", "old1",
        "--corpus", corpus,
    )  # fmt: skip
    assert end.code == 0
    assert end.said.endswith("W172 drafts that were never submitted: not read.\n")
    found = read_corpus(corpus)
    assert [sentence.text for sentence in found.sentences.values()] == [
        "The generals accepted the truce on Friday.",
        "Lorries waited at the bridge.",
        "Nobody was asked about this one.",
    ]
    assert [(item.annotator, item.status) for item in found.annotations["old1"]] == [
        ("ann-a", "done"), ("ann-b", "skipped"), ("ann-a", "done"),
    ]  # fmt: skip


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
