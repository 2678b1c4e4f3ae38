"""The commands a person types: start the server, sync twice, stop it with Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus.label_studio import projects, server, sync, transfer
from tests.label_studio_fixtures import ENVIRONMENT

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parents[2]


def command(name, *arguments):
    return [sys.executable, "-P", ROOT / "scripts" / f"{name}.py", *map(str, arguments)]


def sync_script(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if "LABEL_STUDIO" not in name}
    return subprocess.run(
        command("sync_label_studio", *arguments),
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def server_script(corpus, data, port, sign):
    """Runs `make label-studio`'s script until it is ready; then the block; then the signal.

    Yields the list that holds, at the end, everything it said, and its exit code last.
    """
    running = subprocess.Popen(
        command(
            "run_label_studio",
            *("--corpus", corpus.path, "--data", data, "--port", port),
            *("--environment", ENVIRONMENT),
        ),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(120, running.kill)
    watchdog.start()
    said = []
    try:
        for line in running.stdout:
            said.append(line)
            if "ready" in line:
                break
        yield said
    finally:
        running.send_signal(sign)
        said.extend(running.communicate(timeout=60))
        said.append(running.returncode)
        watchdog.cancel()


def test_server_is_prepared_synced_twice_and_stopped(copy_of_template, make_corpus):
    corpus, data, port = make_corpus(), copy_of_template(), server.free_port()
    secrets, url = server.read_credentials(data), f"http://127.0.0.1:{port}"
    with server_script(corpus, data, port, signal.SIGINT) as said:
        first = sync_script("--corpus", corpus.path, "--data", data)
        again = sync_script(
            "--corpus",
            corpus.path,
            LABEL_STUDIO_API_KEY=secrets.token,
            LABEL_STUDIO_URL=url,
        )
    *said, code = said
    everything = "".join([*said, first.stdout, first.stderr, again.stdout, again.stderr])
    assert code == 0, everything
    assert f"{url}/projects/1/data?labeling=1 (4 new tasks)" in everything
    assert secrets.user in everything
    assert str(server.credentials_path(data)) in everything
    assert secrets.password not in everything
    assert secrets.token not in everything
    for done in (first, again):
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith("2 projects, 0 tasks sent; answers: 0 new")
    following = f"make sync CORPUS={corpus.path} ARGS='--data {data}'"
    assert f"2 projects ready. Labels come back with `{following}`." in everything
    assert "Label Studio is stopped." in everything
    server.require_free(port)


def test_errors_are_counted_and_the_next_step_is_to_correct_them(label_studio, make_corpus):
    name = 'name = "errors-are-counted"'
    book = (ROOT / "seeds" / "codebook.toml").read_text().replace('name = "ceasefire"', name, 1)
    corpus = make_corpus(codebook=book, annotators=("anna",))
    [plan] = sync.plans(corpus, corpus.batches)
    project = sync.push(label_studio.connection, corpus, plan).project
    stance = {"from_name": "stance", "to_name": "sentence", "type": "choices"}
    for task in list(label_studio.task_ids(project).values())[:2]:
        label_studio.answer(task, [stance | {"value": {"choices": [f"wrong-{task}"]}}])
    data = label_studio.running.data
    done = sync_script("--corpus", corpus.path, "--data", data, "--batch", "pilot")
    assert done.returncode == 1
    assert done.stdout.endswith(
        "; 2 errors. Next: correct them in Label Studio, then "
        f"make sync CORPUS={corpus.path} BATCH=pilot ARGS='--data {data}'\n"
    )


def test_project_of_another_corpus_is_said_and_the_others_are_ready(copy_of_template, make_corpus):
    theirs = make_corpus(annotators=("anna",))
    ours = make_corpus(annotators=("anna", "bo"), text="The talks went on.\n")
    data = copy_of_template()
    with server_script(theirs, data, server.free_port(), signal.SIGINT):
        pass
    with server_script(ours, data, server.free_port(), signal.SIGINT) as said:
        pass
    everything = "".join(map(str, said))
    assert "give one corpus another `name` in its codebook.toml" in everything
    assert "1 project ready" in everything


def test_two_syncs_at_once_double_nothing(label_studio, make_corpus, codebook):
    text = "".join(f"The envoys met on day {number}.\n" for number in range(300))
    corpus = make_corpus(codebook=codebook, annotators=("anna",), text=text)
    script = command(
        "sync_label_studio", "--corpus", corpus.path, "--data", label_studio.running.data
    )
    both = [subprocess.Popen(script, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 1]), said  # one after the other, or one refused
    assert ("another command is syncing" in "".join(said)) == (codes == [0, 1])
    [plan] = sync.plans(corpus, corpus.batches)
    project = projects.find_project(label_studio.connection, plan)
    tasks = transfer.read_tasks(label_studio.connection, project)
    assert sorted(task.sentence_id for task in tasks) == sorted(corpus.sentences)


def test_sigterm_stops_the_server_as_well(copy_of_template, make_corpus):
    port = server.free_port()
    with server_script(make_corpus(), copy_of_template(), port, signal.SIGTERM) as said:
        pass
    assert said[-1] == 0
    server.require_free(port)


def test_unknown_batch_is_named(make_corpus, tmp_path):
    done = sync_script("--corpus", make_corpus().path, "--batch", "b9", "--data", tmp_path)
    assert done.returncode == 1
    assert "no such batch" in done.stderr


def test_sync_without_a_server_says_what_to_do(make_corpus, tmp_path):
    done = sync_script("--corpus", make_corpus().path, "--data", tmp_path)
    assert done.returncode == 1
    assert "`make label-studio` starts one" in done.stderr
    url = f"http://127.0.0.1:{server.free_port()}"
    done = sync_script("--corpus", make_corpus().path, LABEL_STUDIO_URL=url)
    assert done.returncode == 1
    assert "set LABEL_STUDIO_API_KEY" in done.stderr
    done = sync_script(
        "--corpus", make_corpus().path, LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY="a" * 40
    )
    assert done.returncode == 1
    assert f"{url} cannot be reached" in done.stderr
    done = sync_script(
        "--corpus", make_corpus().path, LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY="not a token"
    )
    assert done.returncode == 1
    assert "no Label Studio token (11 characters)" in done.stderr
    assert "not a token" not in done.stderr


def test_server_environment_that_is_missing_is_named(make_corpus, tmp_path):
    done = subprocess.run(
        command(
            "run_label_studio",
            *("--corpus", make_corpus().path, "--data", tmp_path, "--environment", tmp_path),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "bin/label-studio: not found" in done.stderr
