"""Push, diff and pull on a real Label Studio server, beside the plain SDK calls of the same run.

    python tests/bench/bench_label_studio.py --sizes 1000 5000 20000 --runs 3

Two annotators, so a size of 20,000 is 40,000 tasks and annotations in two projects. Every figure is
taken in a process of its own; seconds are medians over the runs, memory the highest peak. Growth:
how many times the seconds of the size before; as many times as the size is as it should be. Not
part of `make test`: it takes half an hour at full size, on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from corpus.articles import add_article, clean_text, read_articles  # noqa: E402
from corpus.batches import BatchItem, write_batch  # noqa: E402
from corpus.folder import read_corpus  # noqa: E402
from corpus.label_studio import client, projects, server, sync, transfer  # noqa: E402
from corpus.label_studio.results import choices  # noqa: E402
from corpus.label_studio.tasks import tasks_for  # noqa: E402
from corpus.records import Article  # noqa: E402
from corpus.sentences import freeze_sentences, read_sentences  # noqa: E402

ANNOTATORS = ("anna", "bo")
STEPS = ("raw_import", "push", "diff", "answer", "pull", "as_json")
PREPARES = "answer"  # a process of its own, or its memory would count for the pull


def main() -> None:
    options = parse()
    if options.step:
        print(json.dumps(measured(options)))
        return
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as url_and_token:
        print(
            f"{'size':>7} {'step':<11} {'seconds':>8} {'growth':>7} {'requests':>9} {'peak MB':>8}"
        )
        before: dict[str, float] = {}
        for size in options.sizes:
            table = {step: [] for step in STEPS}
            for run in range(options.runs):
                corpus = make_corpus(Path(folder) / f"c{size}-{run}", size, f"b{size}-{run}")
                for step in STEPS:
                    table[step].append(in_a_process(step, corpus, *url_and_token))
            for step in STEPS:
                if step != PREPARES:
                    before[step] = print_row(size, step, table, before.get(step))
            print(f"        load of the machine: {os.getloadavg()[0]:.1f}", flush=True)


def print_row(size: int, step: str, table: Any, before: float | None) -> float:
    """Prints one step's figures; its median seconds. before: those of the size before."""

    def seconds(name: str) -> float:
        return statistics.median(figure["seconds"] for figure in table[name])

    peer = {"push": "raw_import", "pull": "as_json"}.get(step)
    ratio = f"  {seconds(step) / seconds(peer):.2f} of {peer}" if peer else ""
    growth = f"{seconds(step) / before:.1f}" if before else ""
    requests = statistics.median(figure["requests"] for figure in table[step])
    peak = max(figure["peak_mb"] for figure in table[step])
    print(
        f"{size:>7} {step:<11} {seconds(step):>8.1f} {growth:>7} {requests:>9.0f} {peak:>8.0f}"
        f"{ratio}",
        flush=True,
    )
    return seconds(step)


def in_a_process(step: str, corpus: Path, url: str, token: str) -> dict[str, float]:
    command = [sys.executable, "-P", __file__, "--step", step, "--corpus", str(corpus)]
    done = subprocess.run(
        [*command, "--url", url],
        env={**os.environ, "LABEL_STUDIO_API_KEY": token},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def measured(options: argparse.Namespace) -> dict[str, float]:
    """One step, with the corpus read beforehand."""
    corpus = read_corpus(options.corpus)
    plans = sync.plans(corpus, corpus.batches)
    n_requests = 0

    def count(_: object) -> None:
        nonlocal n_requests
        n_requests += 1

    with client.connect(options.url, os.environ["LABEL_STUDIO_API_KEY"]) as connection:
        connection.http.event_hooks["request"].append(count)
        step = STEP[options.step](connection, corpus, plans)
        started = time.perf_counter()
        n_requests = 0
        step()
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "requests": n_requests, "peak_mb": peak}


def raw_import(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """The SDK's own call, a thousand tasks a request, into empty projects."""
    tasks = [tasks_for(corpus, plan.batch, plan.annotator) for plan in plans]
    made = [
        connection.sdk.projects.create(title=f"raw {plan.batch}", label_config=plan.label_config)
        for plan in plans
    ]

    def step() -> None:
        for project, some in zip(made, tasks, strict=True):
            for start in range(0, len(some), transfer.CHUNK):
                chunk = some[start : start + transfer.CHUNK]
                connection.sdk.projects.import_tasks(id=project.id, request=chunk)

    return step


def push(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """`make sync` into empty projects, without the pull."""
    for plan in plans:
        projects.prepare_project(connection, plan)
    return lambda: [sync.push(connection, corpus, plan) for plan in plans] and None


def diff(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """The same when nothing has changed."""
    return lambda: [sync.push(connection, corpus, plan) for plan in plans] and None


def pull(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """Every answer as a record, all of them new."""

    def pull_one(plan: projects.ProjectPlan) -> None:
        project = projects.find_project(connection, plan)
        pulled = sync.pull(connection, corpus, project, plan)
        assert sync.store(corpus, pulled, "").new == len(corpus.sentences)

    return lambda: [pull_one(plan) for plan in plans] and None


def answer(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """What the annotators do in between."""
    found = [projects.find_project(connection, plan) for plan in plans]
    return lambda: [answer_all(connection, project) for project in found] and None


def answer_all(connection: client.Connection, project: projects.Project) -> None:
    """An answer to each task: the tasks are sent anew with it, as the web page cannot be hurried."""
    tasks = transfer.read_tasks(connection, project)
    result = [choices("stance", ["no_stance"]), choices("topics", ["other"])]
    action = {"all": True, "excluded": []}
    connection.sdk.actions.create(project=project.id, id="delete_tasks", selected_items=action)
    for start in range(0, len(tasks), transfer.CHUNK):
        chunk = [
            {"data": task.data, "annotations": [{"result": result, "lead_time": 4.0}]}
            for task in tasks[start : start + transfer.CHUNK]
        ]
        connection.sdk.projects.import_tasks(id=project.id, request=chunk)


def as_json(connection: client.Connection, corpus: Any, plans: Any) -> Callable[[], None]:
    """The SDK's own export of the same projects."""
    found = [projects.find_project(connection, plan) for plan in plans]
    return lambda: [connection.sdk.projects.exports.as_json(one.id) for one in found] and None


STEP = {
    "raw_import": raw_import,
    "push": push,
    "diff": diff,
    "answer": answer,
    "pull": pull,
    "as_json": as_json,
}


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str]]:
    """A server on a fresh database."""
    environment = Path(os.environ.get("LABEL_STUDIO_VENV") or ROOT / ".venv-label-studio")
    with server.running_server(
        environment / "bin/label-studio", folder / "data", port=server.free_port()
    ) as one:
        yield one.url, one.credentials.token


def make_corpus(path: Path, size: int, name: str) -> Path:
    """A corpus of so many sentences in articles of a hundred, with one batch."""
    path.mkdir()
    book = (ROOT / "seeds/codebook.toml").read_text(encoding="utf-8")
    (path / "codebook.toml").write_text(
        book.replace('name = "ceasefire"', f'name = "{name}"', 1), encoding="utf-8"
    )
    for number in range(0, size, 100):
        text = "\n".join(
            f"The delegation of district {number + line} accepted the draft that mediators had "
            "put forward in the last round of talks, two officials said on Tuesday evening."
            for line in range(min(100, size - number))
        )
        article = Article(f"a{number}", clean_text(text), one_sentence_per_line=True)
        add_article(path, article)
    articles = read_articles(path)
    freeze_sentences(path, articles)
    items = [BatchItem(name, ANNOTATORS) for name in read_sentences(path, articles)]
    write_batch(path, "bench", items)
    return path


def parse() -> argparse.Namespace:
    command = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = command.add_argument
    add("--sizes", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    add("--runs", type=int, default=3)
    add("--step", choices=STEPS, help=argparse.SUPPRESS)
    add("--corpus", type=Path, help=argparse.SUPPRESS)
    add("--url", help=argparse.SUPPRESS)
    return command.parse_args()


if __name__ == "__main__":
    main()
