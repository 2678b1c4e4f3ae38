"""Answer Label Studio live: the current model's labels are preselected in the task being opened.

Only where the batch may show predictions, in open tasks with the corpus's own text. A model that is
trained meanwhile is taken up by itself; after a change in the corpus start this again.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from corpus.batches import read_batch
from corpus.cli import corpus_parser, count, make_command, run, say
from corpus.findings import CorpusError, raise_errors
from corpus.folder import Corpus, read_corpus
from corpus.label_studio import client, server, sync
from corpus.label_studio.backend import USER, backend, listen, running
from corpus.label_studio.live import LiveModel, page_findings
from corpus.label_studio.live_projects import connect_backend
from corpus.label_studio.predictions import propose, require_codebook, require_showing
from corpus.label_studio.projects import Project, find_project
from corpus.label_studio.secret import read_secret
from corpus.sentences import neighbours
from model.bundle import load
from model.errors import ModelError
from model.manifest import FILE_NAME
from model.prediction import predict_between

PORT = 9090
EXAMPLES = """\
  python scripts/serve_backend.py
  python scripts/serve_backend.py --connect b002 --port 9090
  python scripts/serve_backend.py --host 0.0.0.0 --address http://models.example.org:9090

Label Studio 1.23 refuses to call its own machine unless it was started for that: `make label-studio
ARGS=--allow-backend`. Another host than this machine needs no more than the password, which is
always asked for; over a network that others read, put a proxy with HTTPS before it."""


class CurrentModel:
    """The model in a folder; another one there is loaded when it is next asked for."""

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self._folder, self._corpus = folder, corpus
        self._near = neighbours(corpus.sentences)
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self._model = self._load()

    def __call__(self) -> LiveModel:
        """The model of this moment; the last good one while the folder holds no other good one."""
        with self._lock:
            seen = self._stamp()
            if seen is not None and seen != self._seen:
                self._seen = seen
                try:
                    self._model = self._load()
                    say(f"Now answering with model {self._model.version[:12]}.")
                except (ModelError, CorpusError) as error:
                    say(f"{error}\nStill answering with model {self._model.version[:12]}.")
            return self._model

    def _stamp(self) -> tuple[int, int] | None:
        """Which file it is; None while training swaps the folders."""
        try:
            found = (self._folder / FILE_NAME).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _load(self) -> LiveModel:
        bundle = load(self._folder)
        labels = bundle.manifest.labels
        require_codebook(
            self._corpus, labels.codebook, {"stance": labels.stance, "topics": labels.topics}
        )
        predict = partial(predict_between, bundle)
        return LiveModel(bundle.digest, partial(propose, near=self._near, predict=predict))


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    corpus = read_corpus(options.corpus)
    current = CurrentModel(options.model, corpus)
    projects = [] if options.connect is None else projects_of(options, corpus)
    secret, place = read_secret()
    app = backend(corpus, current, secret=secret, say=say)
    listener = listen(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = options.address or f"http://{host}:{listener.getsockname()[1]}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops like Ctrl-C
    try:
        with running(app, listener) as thread:
            print(f"Backend: {url}, model {current().version[:12]}")
            print("  to connect by hand: Settings, Model, Connect Model, Basic Authentication")
            print(f"  user      {USER}")
            print(f"  password  {place}")
            if projects:
                connect_all(options, projects, url, secret)
            print(f"Ready: {showing(corpus)}.", flush=True)
            say("Ctrl-C stops the backend.")
            while thread.is_alive():
                thread.join(1)
        say("The backend stopped by itself.")
        return 1
    except KeyboardInterrupt:
        say("The backend is stopped.")
        return 0


def projects_of(options: argparse.Namespace, corpus: Corpus) -> list[Project]:
    """The projects of the batch to connect, each with today's page."""
    read_batch(options.corpus, options.connect)
    require_showing(corpus, options.connect)
    found = []
    with client.connect(*server.address(options.url, options.data)) as connection:
        for plan in sync.plans(corpus, [options.connect]):
            project = find_project(connection, plan)
            if project is None:
                first = make_command("sync", corpus.path, BATCH=options.connect)
                raise CorpusError(
                    f"{plan.title}: no such project on {connection.url}. First: {first}"
                )
            raise_errors(page_findings(project.label_config, corpus.codebook, plan.title))
            found.append(project)
    return found


def connect_all(
    options: argparse.Namespace, projects: Sequence[Project], url: str, secret: str
) -> None:
    """Each project asks this backend from now on."""
    with client.connect(*server.address(options.url, options.data)) as connection:
        for project in projects:
            done = connect_backend(connection, project, url, secret)
            print(f"  {project.title}: {done}", flush=True)


def showing(corpus: Corpus) -> str:
    """How much there is to answer for."""
    names = [
        name
        for name, items in corpus.batches.items()
        if any(item.show_predictions for item in items)
    ]
    if not names:
        return "but no batch shows predictions; `make batch` with ARGS=--show-predictions makes one"
    return f"{count(len(names), 'batch', 'batches')} may show predictions ({', '.join(names)})"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    command = corpus_parser(__doc__, EXAMPLES)
    add = command.add_argument
    add("--model", type=Path, default=Path("build/model"), help="default: build/model")
    add("--host", default=server.HOST, help="where to listen (default: this machine only)")
    add("--port", type=int, default=PORT, help=f"default: {PORT}; 0 takes a free one")
    address = "how Label Studio reaches this backend, where that is another address"
    add("--address", metavar="URL", help=address)
    add("--connect", metavar="BATCH", help="make the projects of this batch ask this backend")
    server.add_options(command)
    options = command.parse_args(arguments)
    if not 0 <= options.port < 2**16:
        command.error(f"--port {options.port} is no port: 0 to 65535")
    if options.host in ("0.0.0.0", "::") and not options.address:
        command.error(f"--host {options.host} is no address to call: give --address URL as well")
    return options


if __name__ == "__main__":
    run(main, ModelError)
