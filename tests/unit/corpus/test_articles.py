"""Articles are cleaned once, stored as two files, and never change afterwards."""

import subprocess
import sys
import tempfile
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.articles import add_article, article_id, clean_text, read_articles
from corpus.findings import CorpusError
from corpus.records import Article, RecordError


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert clean == clean.strip()
    assert "\r" not in clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("“No deal,” he said – ‘not yet’…", "“No deal,” he said – ‘not yet’…"),
        ("10\u00a0000 people", "10\u00a0000 people"),
        ("re\u0301sume\u0301", "résumé"),
        ("\ufeffone\r\ntwo\rthree\u2028four\u2029five", "one\ntwo\nthree\nfour\n\nfive"),
        ("  one  \n\t two\t\n\n", "one\n\t two"),
        ("a\x00b\x1bc\ud83dd", "abcd"),
    ],
    ids=["curly quotes", "hard space", "NFC", "line ends", "edges", "control characters"],
)
def test_cleaning(raw, clean):
    assert clean_text(raw) == clean


FULL = Article(
    id="talks-day-two",
    text="Über die “Waffenruhe” wird verhandelt.\n\nZweiter Absatz.",
    title='Day "two": C:\\talks',
    outlet="Bote",
    event_date=date(2026, 1, 2),
    written_date=date(2026, 1, 3),
    url="https://example.org/a?b=c#d",
    language="de",
    process="lake-talks",
    licence="CC-BY-4.0",
    synthetic=True,
    one_sentence_per_line=True,
)


def test_an_article_comes_back_as_it_was_added(tmp_path):
    add_article(tmp_path, FULL)
    assert read_articles(tmp_path) == {FULL.id: FULL}
    assert (tmp_path / "articles/talks-day-two.txt").read_text("utf-8") == FULL.text + "\n"


@given(st.text())
@example('a control \x07, half a character \ud83d, and a \\ with a "')
def test_any_title_is_stored_so_that_it_can_be_read(title):
    with tempfile.TemporaryDirectory() as name:
        add_article(Path(name), Article("a", "A text.", title=title))
        (found,) = read_articles(Path(name)).values()
    assert found.title.split() == clean_text(title).split()


# A real full disk between the two files: metadata fits into 1,000 bytes, the text does not.
ADD_TOO_MUCH = """
import resource, sys
from pathlib import Path
from corpus.articles import add_article
from corpus.records import Article

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    add_article(Path(sys.argv[1]), Article("a", "x" * 5000))
except OSError as error:
    print(error.strerror)
"""


def test_a_full_disk_leaves_no_half_of_an_article(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-c", ADD_TOO_MUCH, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "File too large\n"
    assert list((tmp_path / "articles").iterdir()) == []


def codes_of(call, *arguments):
    with pytest.raises(CorpusError) as refusal:
        call(*arguments)
    return [finding.code for finding in refusal.value.findings]


def test_a_known_id_is_refused_and_nothing_is_overwritten(folder_with):
    folder = folder_with(a="The first text.")
    assert codes_of(add_article, folder, Article("a", "Another text.")) == ["E136"]
    assert read_articles(folder)["a"].text == "The first text."


def test_a_known_text_is_refused_under_another_id(folder_with):
    folder = folder_with(a="The first text.")
    assert codes_of(add_article, folder, Article("b", "The first text.")) == ["E137"]
    assert list(read_articles(folder)) == ["a"]


def test_an_unclean_text_is_refused(tmp_path):
    assert codes_of(add_article, tmp_path, Article("a", "re\u0301sume\u0301 ")) == ["E133"]


@pytest.mark.parametrize("name", ["", "A", "a b", "a_b", "-a", "a--b", "a/b", "../a", "é", "a\n"])
def test_an_id_has_letters_digits_and_single_hyphens(name):
    with pytest.raises(RecordError, match="must be lower-case letters"):
        Article(name, "A text.")


def test_an_article_has_text():
    with pytest.raises(RecordError, match="article a has no text"):
        Article("a", " \n ")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("000_54a3ED.old.txt", "000-54a3ed-old"), ("Résumé!.txt", "resume"), ("停戦", "article")],
)
def test_a_file_name_becomes_a_valid_id(name, expected):
    assert article_id(name) == expected


@given(st.text())
def test_any_file_name_becomes_a_valid_id(name):
    assert Article(article_id(name), "A text.").id


def damage(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("code", "file", "old", "new", "words"),
    [
        ("E132", "toml", "format = 1", "format = ", "not valid TOML"),
        ("E133", "txt", "one.\n", "one.\n\n", "`make article FILE=...` cleans it"),
        ("E134", "txt", "one", "two", "text was changed after it was added. Restore it"),
        ("E138", "toml", "format = 1", "format = 2", "format is 2, expected 1"),
        ("E139", "toml", "format = 1", "format = 1\nlicense = ''", "unknown key 'license'; known"),
        ("E139", "toml", "format = 1", "format = 1\nevent_date = '2026'", "must be a date, found"),
        ("E139", "toml", "synthetic = false", "synthetic = 0", "must be a bool, found 0"),
    ],
)
def test_a_damaged_article_is_a_finding(folder_with, code, file, old, new, words):
    folder = folder_with(a="Text one.")
    damage(folder / f"articles/a.{file}", old, new)
    with pytest.raises(CorpusError) as refusal:
        read_articles(folder)
    assert [finding.code for finding in refusal.value.findings] == [code]
    assert words in str(refusal.value)
    assert str(folder / "articles/a.") in refusal.value.findings[0].place


@pytest.mark.parametrize("missing", ["txt", "toml"])
def test_half_an_article_is_a_finding(folder_with, missing):
    folder = folder_with(a="Text one.")
    (folder / f"articles/a.{missing}").unlink()
    assert codes_of(read_articles, folder) == ["E131"]


def test_a_file_name_that_is_no_id_is_a_finding(folder_with):
    folder = folder_with(a="Text one.")
    for path in sorted((folder / "articles").iterdir()):
        path.rename(path.with_stem("A b"))
    assert codes_of(read_articles, folder) == ["E135"]


def test_all_damaged_articles_are_listed_at_once(folder_with):
    folder = folder_with(a="Text one.", b="Text two.", c="Text three.")
    damage(folder / "articles/a.txt", "one", "uno")
    damage(folder / "articles/b.toml", "format = 1", "format = 9")
    (folder / "articles/c.toml").unlink()
    assert codes_of(read_articles, folder) == ["E134", "E138", "E131"]
