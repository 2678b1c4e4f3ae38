"""Small records and folders that several tests build on."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from corpus.articles import add_article
from corpus.batches import BatchItem
from corpus.codebook import parse_codebook, read_codebook
from corpus.folder import Corpus
from corpus.records import Adjudication, Annotation, Article, Sentence

# Nothing here is a promise about time, and the machine is shared.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

ROOT = Path(__file__).parents[3]
TRAM = ROOT / "tests/data/tram"

# Every layer, with two or three values each; written for these tests.
SMALL_CODEBOOK = """\
format = 1
name = "small"
title = "A small codebook with every layer"
version = "1.0"
language = "en"
target = "the deal"
introduction = "Does somebody support the deal?"

[stance]
question = "Stance"
values = [
  { name = "favor", meaning = "Yes.", hotkey = "1", three_way = "favor", asks_act = true },
  { name = "against", meaning = "No.", hotkey = "2", three_way = "against", asks_act = true },
  { name = "none", meaning = "Neither.", hotkey = "3", three_way = "none", neutral = true },
]

[act]
question = "Act"
values = [
  { name = "offer", meaning = "Offers.", hotkey = "shift+1" },
  { name = "refuse", meaning = "Refuses.", hotkey = "shift+2" },
  { name = "comply", meaning = "Complies.", hotkey = "shift+3" },
]

[topics]
question = "Topics"
values = [
  { name = "talks", meaning = "Talks.", hotkey = "k" },
  { name = "aid", meaning = "Aid.", hotkey = "d" },
]

[flags]
question = "Flags"
values = [{ name = "unsure", meaning = "Wavered.", hotkey = "q", uncertain = true }]

[[rules]]
id = "R1"
name = "Target first"
text = "A position on anything else is none."
"""


@pytest.fixture(scope="session")
def small_text():
    return SMALL_CODEBOOK


@pytest.fixture(scope="session")
def small():
    """A codebook with every layer."""
    return parse_codebook(SMALL_CODEBOOK, "codebook.toml")


@pytest.fixture(scope="session")
def tram_codebook():
    return read_codebook(TRAM)


@pytest.fixture
def tram(tmp_path):
    """A copy of the second corpus that a test may break."""
    return Path(shutil.copytree(TRAM, tmp_path / "tram"))


@pytest.fixture(scope="session")
def vote():
    """Make an annotation; by default a done one of sentence a.001."""

    def make(annotator="ann-a", stance="favor", **changes) -> Annotation:
        fields = {
            "sentence_id": "a.001",
            "codebook": "1.0",
            "act": None,
            "topics": None,
            "flags": (),
            "note": "",
            "holders": (),
            "status": "done",
            "created_at": "2026-11-22T10:00:00Z",
            "seconds": 4.5,
            "prediction_shown": False,
            "source": "written by hand",
        }
        return Annotation(annotator=annotator, stance=stance, **{**fields, **changes})

    return make


@pytest.fixture(scope="session")
def decision():
    """Make an adjudication of sentence a.001."""

    def make(layer, value, sentence_id="a.001") -> Adjudication:
        return Adjudication(sentence_id, layer, value, "adj-a", "R1", "a reason", "1.0")

    return make


@pytest.fixture
def folder_with(tmp_path):
    """A corpus folder with the given articles (id -> text) stored in it."""

    def make(**texts) -> Path:
        folder = tmp_path / "corpus"
        for name, text in texts.items():
            add_article(folder, Article(name, text))
        return folder

    return make


@pytest.fixture
def forty(tmp_path, small):
    """Four articles of ten sentences; nobody was asked about anything yet."""
    articles, sentences = {}, {}
    for article in ("a", "b", "c", "d"):
        text = " ".join(f"Talks went on for day {n}." for n in range(10))
        articles[article] = Article(id=article, text=text)
        for n in range(10):
            name = f"{article}.{n:03}"
            sentences[name] = Sentence(name, article, n, n + 1, "x")
    return Corpus(tmp_path, small, articles, sentences, {}, {}, [], {}, {})


@pytest.fixture
def asked(vote):
    """A corpus after the annotators labelled the sentences alike."""

    def make(corpus, names, *annotators, batch="b001", answer=None, **more):
        items = tuple(BatchItem(name, annotators, **more) for name in names)
        fields = {"act": "offer", "topics": ()} | (answer or {})
        votes = [vote(who, sentence_id=name, **fields) for name in names for who in annotators]
        return dataclasses.replace(
            corpus,
            batches={**corpus.batches, batch: items},
            annotations={**corpus.annotations, batch: votes},
        )

    return make
