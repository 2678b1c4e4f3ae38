"""A new corpus folder is whole and empty, or it is not there."""

from pathlib import Path

import pytest

from corpus.checks import check_corpus
from corpus.codebook import read_codebook
from corpus.findings import CorpusError
from corpus.folder import make_corpus, read_corpus

TEMPLATE = Path(__file__).parents[3] / "seeds"


def test_a_new_corpus_is_empty_and_sound(tmp_path):
    make_corpus(tmp_path / "new", TEMPLATE)
    corpus = read_corpus(tmp_path / "new")
    assert check_corpus(corpus) == []
    assert (corpus.articles, corpus.sentences, corpus.batches, corpus.parts) == ({}, {}, {}, {})
    # A name of its own, or Label Studio would take two corpora for one; and nothing was piloted.
    own = {"name": "new", "version": "0.1"}
    assert corpus.codebook == read_codebook(TEMPLATE).model_copy(update=own)


@pytest.mark.parametrize(
    ("folder", "name"), [("Strikes 2026", "strikes-2026"), ("7a", "corpus-7a")]
)
def test_a_new_codebook_is_named_after_its_folder(tmp_path, folder, name):
    make_corpus(tmp_path / folder, TEMPLATE)
    assert read_codebook(tmp_path / folder).name == name


def test_an_empty_folder_may_become_a_corpus(tmp_path):
    (tmp_path / "new").mkdir()
    make_corpus(tmp_path / "new", TEMPLATE)
    assert (tmp_path / "new/codebook.toml").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CorpusError, match=r"is not empty. Choose another folder"):
        make_corpus(tmp_path, TEMPLATE)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_template_that_is_none_leaves_nothing_behind(tmp_path):
    with pytest.raises(CorpusError, match=r"codebook.toml: cannot be read"):
        make_corpus(tmp_path / "new", tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
