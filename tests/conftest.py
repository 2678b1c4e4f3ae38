"""What the circles share: where skipping is a failure, and how a script is run.

``script`` runs one in this process, which has imported scikit-learn and datasets long ago; what is
about processes (signals, full disks, closed pipes, the environment) takes ``start`` and ``finish``.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import runpy
import subprocess
import sys
import warnings
from collections.abc import Generator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("PARLEY_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = (
            f"skipped, but PARLEY_NO_SKIPS is set: {call.excinfo and call.excinfo.value}"
        )
    return report


@dataclass(frozen=True)
class Done:
    """How a script ended."""

    code: int
    out: str
    said: str


def done(code, out, said):
    """The end of a script, which never shows a traceback, whatever it was given."""
    said = said.decode()
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    return Done(code, out.decode(), said)


@pytest.fixture(scope="session")
def script():
    """Run a script to its end in this process, its file as it stands, and leave nothing behind.

    An error that nobody expected is no exit code here: it fails the test by itself.
    """

    def make(name, *arguments, stdin=b""):
        # A terminal of another century: results must be UTF-8 on any.
        streams = {
            "stdin": io.TextIOWrapper(io.BytesIO(stdin)),
            "stdout": io.TextIOWrapper(io.BytesIO(), "ascii"),
            "stderr": io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace"),
        }
        command = [f"scripts/{name}.py", *map(str, arguments)]
        longest_field = csv.field_size_limit()
        with pytest.MonkeyPatch.context() as patch, chdir(ROOT):
            patch.setattr(sys, "argv", command)
            patch.setattr(sys, "excepthook", sys.excepthook)
            for stream, file in streams.items():
                patch.setattr(sys, stream, file)
            with pytest.raises(SystemExit) as end:
                runpy.run_path(command[0], run_name="__main__")
        # What a script switches for its whole process.
        csv.field_size_limit(longest_field)
        if "datasets" in sys.modules:
            with warnings.catch_warnings(action="ignore"):
                sys.modules["datasets"].enable_progress_bars()
        for stream in streams.values():
            stream.flush()
        out, said = (streams[stream].buffer.getvalue() for stream in ("stdout", "stderr"))
        return done(end.value.code, out, said)

    return make


@pytest.fixture(scope="session")
def start():
    """Start a script as a process and leave it running; stdin, stdout and stderr are pipes.

    ``environment``: variables to change; ``largest_file``: the disk is full after so many bytes of
    a file.
    """
    started = []

    def make(name, *arguments, environment=None, largest_file=None, **options):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

        command = [sys.executable, "-P", f"scripts/{name}.py", *map(str, arguments)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | (environment or {}),
                preexec_fn=None if largest_file is None else limit,
                **{**pipes, **options},
            )
        )
        return started[-1]

    yield make
    for process in started:
        with process:  # a test that failed may have left it running
            process.kill()


@pytest.fixture(scope="session")
def finish():
    """Wait for a started script."""

    def make(process, stdin=None):
        out, said = process.communicate(stdin)
        return done(process.returncode, out or b"", said)

    return make
