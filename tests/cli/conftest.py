"""The scripts as people run them: real processes on copies of the second corpus."""

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRAM = ROOT / "tests/data/tram"


@dataclass(frozen=True)
class Done:
    """How a script ended."""

    code: int
    out: str
    said: str


def command_of(name, *arguments):
    return [sys.executable, "-P", f"scripts/{name}.py", *map(str, arguments)]


def clean(process, out, said):
    """The end of a process, which never shows a traceback, whatever it was given."""
    said = said.decode()
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    return Done(process.returncode, (out or b"").decode(), said)


@pytest.fixture(scope="session")
def start():
    """Start a script and leave it running; its stdin, stdout and stderr are pipes.

    ``largest_file``: the disk is full after so many bytes of a file.
    """
    started = []

    def make(name, *arguments, largest_file=None, **options):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

        if largest_file is not None:
            options["preexec_fn"] = limit
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        options = {"cwd": ROOT, **pipes, **options}
        started.append(subprocess.Popen(command_of(name, *arguments), **options))
        return started[-1]

    yield make
    for process in started:
        with process:  # a test that failed may have left it running
            process.kill()


@pytest.fixture(scope="session")
def finish():
    """Wait for a started script."""
    return lambda process, stdin=None: clean(process, *process.communicate(stdin))


@pytest.fixture(scope="session")
def script(start, finish):
    """Run a script to its end."""

    def make(name, *arguments, stdin=b"", environment=None, **options):
        process = start(name, *arguments, env=os.environ | (environment or {}), **options)
        return finish(process, stdin)

    return make


@dataclass(frozen=True)
class Built:
    """What the whole path made of the tram corpus, twice, in processes that hash differently."""

    corpus: Path
    dataset: Path
    model: Path
    again: Path
    said: str


@pytest.fixture(scope="session")
def built(tmp_path_factory, start, finish):
    """The tram corpus, its dataset and its model; made once, read by many tests."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    said = ""
    for folder in (first, second):
        shutil.copytree(TRAM, folder / "tram")
    for step, options in [
        ("build_dataset", ("--corpus", "tram", "--out", "dataset")),
        ("train_model", ("--dataset", "dataset", "--out", "model")),
    ]:
        running = [
            start(
                step,
                *(folder / option if not option.startswith("--") else option for option in options),
                env=os.environ | {"PYTHONHASHSEED": seed},
            )
            for folder, seed in ((first, "1"), (second, "2"))
        ]
        ends = [finish(process) for process in running]
        assert [end.code for end in ends] == [0, 0], ends
        said += ends[0].out + ends[0].said
    return Built(first / "tram", first / "dataset", first / "model", second, said)


@pytest.fixture
def tram(tmp_path):
    """A copy of the second corpus that a test may change."""
    return Path(shutil.copytree(TRAM, tmp_path / "tram"))


@pytest.fixture(scope="session")
def classify(script, built):
    """Classify with the tram model."""

    def make(*arguments, **options):
        return script("classify", "--model", built.model, *arguments, **options)

    return make
