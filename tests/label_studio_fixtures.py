"""A small corpus, and one real Label Studio server for the integration and the browser circle.

The first run migrates a database (a minute) and keeps it under build/test-label-studio; later runs
start on a copy of it in seconds.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.annotations import append_annotations
from corpus.articles import add_article, clean_text, read_articles
from corpus.batches import BatchItem, write_batch
from corpus.files import replaced_directory
from corpus.folder import Corpus, read_corpus
from corpus.label_studio import client, projects, pull, server
from corpus.records import Annotation, Article
from corpus.rounds import Plan
from corpus.second_pass import holder_items
from corpus.sentences import freeze_sentences, read_sentences
from model.bundle import save
from model.examples import Example
from model.labels import LabelSet
from model.report import Evaluation
from model.settings import Settings
from model.training import train

ROOT = Path(__file__).resolve().parents[1]
VERSION = "1.23.2"  # of the server: another one migrates another database
ENVIRONMENT = Path(os.environ.get("LABEL_STUDIO_VENV") or ROOT / ".venv-label-studio")

# Written for these tests.
TEXT = """\
Delegates from both sides returned to the lakeside hotel on Tuesday after a pause of ten days.
The northern council rejected the revised draft, calling its clause on the river crossings “a step \
back from what we signed in March”, but said it would stay at the table.
Mediators offered to host a third round – “whenever they are ready” – next week 🕊.
Aid convoys waited at the eastern checkpoint for a third day.
"""

SMALL_CODEBOOK = """\
format = 1
name = "tram"
title = "Stance on the tram line"
version = "1"
language = "en"
target = "building the tram line"
introduction = "What does the sentence say about the tram?"

[stance]
question = "For or against the tram?"

[[stance.values]]
name = "pro"
meaning = "Wants the tram & says \\"so\\" <clearly>."
hotkey = "1"
three_way = "favor"

[[stance.values]]
name = "contra"
meaning = "Does not want it."
hotkey = "2"
three_way = "against"

[[stance.values]]
name = "none"
meaning = "Neither."
hotkey = "3"
three_way = "none"
neutral = true
"""


@pytest.fixture
def codebook(request: pytest.FixtureRequest) -> str:
    """The seeds' codebook under the test's own name, so that tests do not share projects."""
    text = (ROOT / "seeds" / "codebook.toml").read_text(encoding="utf-8")
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return text.replace('name = "ceasefire"', f'name = "{name}"', 1)


@pytest.fixture
def make_corpus(tmp_path: Path) -> Callable[..., Corpus]:
    """A corpus folder of four sentences with a batch, each time under a name of its own."""
    numbers = itertools.count(1)

    def make(**options: Any) -> Corpus:
        return write_corpus(tmp_path / f"corpus-{next(numbers)}", **options)

    return make


@pytest.fixture
def second_pass(make_corpus: Callable[..., Corpus]) -> Callable[..., Corpus]:
    """A corpus whose sentences anna has coded, and batch h1 that asks her for the holders."""

    def make(*coded: tuple[str, str | None], actors: str = "", **more: Any) -> Corpus:
        """coded: the stance and act of the first sentences."""
        path = make_corpus(annotators=("anna",), **more).path
        if actors:
            (path / "actors.toml").write_text(actors, encoding="utf-8")
        corpus = read_corpus(path)
        labels = [
            coded_by_anna(corpus, name, stance, act)
            for name, (stance, act) in zip(corpus.sentences, coded, strict=False)
        ]
        append_annotations(path, "pilot", labels)
        write_batch(path, "h1", holder_items(read_corpus(path), Plan("production", ("anna",))))
        return read_corpus(path)

    return make


def coded_by_anna(corpus: Corpus, sentence_id: str, stance: str, act: str | None) -> Annotation:
    """An answer of the first pass."""
    return Annotation(
        sentence_id=sentence_id,
        annotator="anna",
        codebook=corpus.codebook.version,
        stance=stance,
        act=act,
        topics=("negotiation_process",),
        flags=("unsure",),
        note="R5",
        holders=(),
        status="done",
        created_at="2026-01-05T10:00:00Z",
        seconds=9.0,
        prediction_shown=True,
        source="label-studio/first",
    )


def write_corpus(
    path: Path,
    *,
    annotators: tuple[str, ...] = ("anna", "bo"),
    batch: str = "pilot",
    codebook: str | None = None,
    text: str = TEXT,
) -> Corpus:
    """A new corpus folder of one article, a sentence a line, with a batch of all of them."""
    path.mkdir()
    seeds = (ROOT / "seeds" / "codebook.toml").read_text(encoding="utf-8")
    (path / "codebook.toml").write_text(codebook or seeds, encoding="utf-8")
    article = Article(
        id="lake-talks",
        text=clean_text(text),
        title="Talks resume at the lake",
        outlet="Lakeside Courier",
        event_date=date(2031, 5, 6),
        one_sentence_per_line=True,
    )
    add_article(path, article)
    articles = read_articles(path)
    freeze_sentences(path, articles)
    write_batch(
        path, batch, [BatchItem(name, annotators) for name in read_sentences(path, articles)]
    )
    return read_corpus(path)


@dataclass(frozen=True)
class Server:
    """A running server with shortcuts for what annotators do there."""

    running: server.LocalServer
    connection: client.Connection

    @property
    def url(self) -> str:
        return self.running.url

    def answer(self, task: int, result: list[dict[str, Any]], **more: Any) -> Any:
        """An annotation as the page submits it."""
        return self.connection.sdk.annotations.create(id=task, result=result, **more)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the SDK has no call for; the reply's JSON."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=json.dumps(body or {}).encode(),
            headers={
                "Authorization": f"Token {self.running.credentials.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def task_ids(self, project: projects.Project) -> dict[str, int]:
        """Sentence id -> task id."""
        return {
            task["data"]["sentence_id"]: task["id"]
            for task in pull.pull_tasks(self.connection, project)
        }


def require_server_environment() -> Path:
    """The server's command; skips the test when it is not installed."""
    command = ENVIRONMENT / "bin" / "label-studio"
    if not command.exists():
        pytest.skip(f"no Label Studio server in {ENVIRONMENT}; `make test` installs one")
    return command


@pytest.fixture(scope="session")
def server_template() -> Path:
    """A data folder with a migrated database and its account, to be copied."""
    command = require_server_environment()
    template = ROOT / "build" / "test-label-studio" / VERSION
    if not (template / "complete").exists():
        shutil.rmtree(template, ignore_errors=True)
        with server.running_server(command, template, port=server.free_port()):
            pass
        (template / "complete").touch()
    return template


@pytest.fixture(scope="session")
def copy_of_template(
    server_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Path]:
    """Makes a fresh data folder with a migrated database."""

    def copy() -> Path:
        data = tmp_path_factory.mktemp("label-studio")
        for name in ("label_studio.sqlite3", "credentials.json"):
            shutil.copy(server_template / name, data / name)
        return data

    return copy


@contextmanager
def running_copy(data: Path, **options: Any) -> Iterator[Server]:
    """A server on a data folder while the block runs."""
    command = require_server_environment()
    with (
        server.running_server(command, data, port=server.free_port(), **options) as running,
        client.connect(running.url, running.credentials.token) as connection,
    ):
        yield Server(running, connection)


@pytest.fixture(scope="session")
def label_studio(copy_of_template: Callable[[], Path]) -> Iterator[Server]:
    """One server for the whole session; tests tell their projects apart by their corpus names."""
    with running_copy(copy_of_template()) as found:
        yield found


@pytest.fixture(scope="session")
def label_studio_with_backends(copy_of_template: Callable[[], Path]) -> Iterator[Server]:
    """Another one, which may call backends on this machine."""
    with running_copy(copy_of_template(), allow_backend=True) as found:
        yield found


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """A model that learned some sentences of a corpus by heart, each time in the same folder."""

    def make(corpus: Corpus, learned: dict[str, tuple[str, set[str]]]) -> Path:
        book = corpus.codebook
        labels = LabelSet(
            stance=book.names("stance"),
            topics=book.names("topics"),
            target=book.target,
            neutral=book.neutral,
            three_way=book.three_way,
            codebook=f"{book.name} {book.version}",
        )
        examples = [Example(corpus.sentences[name].text) for name in learned]
        stance, topics = zip(*learned.values(), strict=True)
        settings = Settings(n_columns=2**10, c=1000.0)
        trained = train(examples, stance, topics, labels=labels, settings=settings)
        with replaced_directory(tmp_path / "model", mark="bundle.json") as folder:
            save(
                folder,
                trained,
                Evaluation(len(learned), 1, 1, why_not="too few"),
                n_articles=1,
                dataset_digest="d" * 64,
                annotators="the test",
            )
        return tmp_path / "model"

    return make


@pytest.fixture
def small_codebook() -> str:
    """Another question: three stance values, no act, no topics, no flags."""
    return SMALL_CODEBOOK
